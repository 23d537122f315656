//! `roomkey import`: bookings from a CSV file.

use std::fs::File;
use std::io::{self, IsTerminal as _, Read, Write as _};
use std::path::Path;
use std::sync::Arc;

use roomkey_store::Store;
use roomkey_vault::Entropy;
use roomkey_web::desk::{Actor, By, Desk, Notify};
use roomkey_web::import::{Bad, Import, ImportError, Summary, Told};
use serde_json::{Value, json};

use crate::arguments::{self, Global, Told as Who};
use crate::configuration::Configuration;
use crate::failure::{Chain, Failure};
use crate::out;

pub(super) async fn run(command: arguments::Import, global: &Global) -> Result<(), Failure> {
    let source = match open(&command.file) {
        Ok(source) => source,
        Err(failure) => {
            if command.json.json {
                let errors =
                    vec![json!({"line": 1, "column": "file", "reason": failure.to_string()})];
                out::json(&whole(&Summary::default(), false, Vec::new(), errors));
            }
            return Err(failure);
        }
    };
    let (configuration, store) = super::beside(global).await?;
    let done = bring_in(&store, &configuration, command, source).await;
    store.close().await;
    done
}

fn open(file: &Path) -> Result<Box<dyn Read>, Failure> {
    if file == Path::new("-") {
        return Ok(Box::new(io::stdin()));
    }
    let unread =
        |error: io::Error| Failure::Refused(format!("{} cannot be read: {error}", file.display()));
    let source = File::open(file).map_err(unread)?;
    if source.metadata().map_err(unread)?.is_dir() {
        return Err(Failure::Refused(format!("{} is a folder; name a CSV file", file.display())));
    }
    Ok(Box::new(source))
}

async fn bring_in(
    store: &Store,
    configuration: &Configuration,
    command: arguments::Import,
    source: Box<dyn Read>,
) -> Result<(), Failure> {
    let tenant = super::tenant(store, &command.tenant).await?;
    let ring = configuration.ring.clone().ok_or_else(|| {
        Failure::Refused(
            "ROOMKEY_KEYS is not set; people's links are sealed with it, so it must be the server's"
                .to_owned(),
        )
    })?;
    super::check::ring_has_all(store, &ring).await?;
    let import = Import {
        desk: Desk {
            store: store.clone(),
            ring,
            entropy: Entropy::system(),
            wake: Arc::new(tokio::sync::Notify::new()),
            rehearsal: None,
        },
        by: By { tenant, actor: Actor::Operator },
        notify: match command.notify {
            Who::All => Notify::All,
            Who::None => Notify::None,
        },
        apply: command.apply,
    };
    let json = command.json.json;
    let (mut data, mut errors, mut progress) = (Vec::new(), Vec::new(), Progress::default());
    let (summary, ended) = import
        .run(source, &mut |told| match told {
            Told::Row { line, external_id, outcome, booking } => {
                if json {
                    data.push(json!({"line": line, "external_id": external_id,
                        "outcome": outcome.as_str(), "booking": booking}));
                }
            }
            Told::Bad(bad) => {
                if json {
                    errors.push(fault(&bad));
                } else {
                    progress.clear();
                    out::data(bad);
                }
            }
            Told::Rows(rows) => progress.show(rows),
        })
        .await;
    progress.clear();
    let is_begun = summary.rows > 0 || ended.is_ok();
    if let Err(error) = &ended {
        errors.extend(faults(error));
    }
    if json {
        out::json(&whole(&summary, command.apply && is_begun, data, errors));
    } else if is_begun {
        out::data(words(&summary, command.apply));
    }
    ended.map_err(failure)?;
    if !command.apply {
        out::talk("Nothing has been written; add --apply to do it.");
    }
    match summary.bad {
        0 => Ok(()),
        1 => Err(Failure::Refused("1 row is bad; correct it and import the file again".to_owned())),
        bad => Err(Failure::Refused(format!(
            "{bad} rows are bad; correct them and import the file again"
        ))),
    }
}

fn failure(error: ImportError) -> Failure {
    match error {
        ImportError::File { words, .. } => Failure::Refused(words),
        ImportError::Read(source) => Failure::System { what: "the file cannot be read", source },
        ImportError::Store(error) => Failure::Store(error),
    }
}

/// Why it went no further, as programs read it.
fn faults(error: &ImportError) -> Vec<Value> {
    match error {
        ImportError::File { bad, .. } => bad.iter().map(fault).collect(),
        // Where that was is not known: the rows that are told were seen to.
        ImportError::Read(_) | ImportError::Store(_) => {
            vec![json!({"line": null, "column": "file", "reason": Chain(error).to_string()})]
        }
    }
}

fn fault(bad: &Bad) -> Value {
    json!({"line": bad.line, "column": bad.column, "reason": bad.reason})
}

fn whole(summary: &Summary, applied: bool, data: Vec<Value>, errors: Vec<Value>) -> Value {
    json!({
        "applied": applied,
        "rows": summary.rows,
        "created": summary.created,
        "completed": summary.completed,
        "changed": summary.changed,
        "unchanged": summary.unchanged,
        "bad": summary.bad,
        "hosts": summary.hosts,
        "services": summary.services,
        "data": data,
        "errors": errors,
    })
}

fn words(summary: &Summary, applied: bool) -> String {
    let Summary { rows, created, completed, changed, unchanged, bad, hosts, services } = summary;
    let made = if applied { "made" } else { "to be made" };
    let named = |noun: &str, names: Vec<&str>| match names.len() {
        0 => String::new(),
        few @ 1..=20 => format!("\n{few} {noun} {made}: {}", names.join(", ")),
        many => format!("\n{many} {noun} {made}"),
    };
    let hosts = named("host(s)", hosts.iter().map(String::as_str).collect());
    let services = named("service(s)", services.iter().map(String::as_str).collect());
    format!(
        "{rows} rows: {created} created, {completed} completed, {changed} changed, {unchanged} unchanged, \
         {bad} bad{hosts}{services}"
    )
}

/// How far it is: on a terminal one line that is written over, elsewhere a line now and then.
#[derive(Default)]
struct Progress {
    shown: bool,
}

impl Progress {
    fn show(&mut self, rows: u64) {
        let mut talk = io::stderr();
        if talk.is_terminal() {
            self.shown = true;
            // Whoever does not listen is not told.
            let _ = write!(talk, "\r{rows} rows …");
            let _ = talk.flush();
        } else if rows <= 1000 || rows.is_multiple_of(10_000) {
            out::talk(format_args!("{rows} rows …"));
        }
    }

    fn clear(&mut self) {
        if std::mem::take(&mut self.shown) {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}
