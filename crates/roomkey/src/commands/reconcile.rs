//! `roomkey reconcile`: what is otherwise at the vendors than it should be, as a diff.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

use roomkey_engine::{Action, Engine, Finding, Kind, Survey};
use roomkey_store::Clock;
use serde_json::{Value, json};

use crate::arguments::{Global, Reconcile};
use crate::configuration::Need;
use crate::failure::Failure;
use crate::out;
use crate::server::Parts;

pub(super) async fn run(reconcile: Reconcile, global: &Global) -> Result<(), Failure> {
    let configuration = super::configuration(&super::sources(global), Need::Serve)?;
    let store = super::open(&configuration, Clock::system(), false).await?;
    let engine = Engine::new(Parts::new(&configuration, store.clone())?.for_engine()?).await?;
    let done = match reconcile {
        Reconcile::Plan { json } => plan(&engine, json.json).await,
        Reconcile::Apply { yes, json } => apply(&engine, yes, json.json).await,
    };
    drop(engine);
    store.close().await;
    done
}

async fn plan(engine: &Engine, as_json: bool) -> Result<(), Failure> {
    let survey = engine.survey().await?;
    if as_json {
        out::json(&whole(&survey, &[]));
    } else {
        show(&survey);
        let by_hand = by_hand(&survey);
        match (by_hand, survey.findings.len() - by_hand) {
            (0, 0) => {}
            (0, _) => out::data("`roomkey reconcile apply` has the server mend these."),
            (_, 0) => out::data("`roomkey reconcile apply` removes these."),
            (_, _) => out::data(
                "`roomkey reconcile apply` removes what is marked -, and has the server mend the rest.",
            ),
        }
        if let Some(since) = survey.sweeps_off_since {
            out::data(format_args!(
                "Sweeps are off since {since}. When all is as it should be: `roomkey sweeps on`."
            ));
        }
    }
    all_read(&survey)
}

async fn apply(engine: &Engine, yes: bool, as_json: bool) -> Result<(), Failure> {
    let survey = engine.survey().await?;
    let by_hand = by_hand(&survey);
    if !as_json {
        show(&survey);
    }
    if by_hand > 0 && !yes && !confirmed(by_hand)? {
        return Err(Failure::Refused("nothing was done".to_owned()));
    }
    let mut done = Vec::new();
    engine
        .reconcile(&survey, |finding, action| {
            if !as_json {
                out::data(said(finding, action));
            }
            done.push(action.clone());
        })
        .await?;
    if as_json {
        out::json(&whole(&survey, &done));
    }
    let failed = done.iter().filter(|it| matches!(it, Action::Failed(_))).count();
    if failed > 0 {
        return Err(Failure::Refused(format!(
            "{failed} could not be done; see above, and run it again"
        )));
    }
    all_read(&survey)
}

/// Asks the person at the terminal, and nobody else: a program would wait for ever, or its next
/// line would be taken for the answer. Programs say `--yes`.
fn confirmed(count: usize) -> Result<bool, Failure> {
    if !io::stdin().is_terminal() {
        return Err(Failure::Misused(format!(
            "{count} room(s) would be removed at the vendor for good, and nobody can be asked here: \
             nothing was done. Read `roomkey reconcile plan`, then add --yes"
        )));
    }
    let _ = write!(io::stderr(), "Remove {count} room(s) at the vendor for good? [y/N] ");
    let mut answer = String::new();
    io::stdin()
        .lock()
        .read_line(&mut answer)
        .map_err(|source| Failure::System { what: "cannot read the answer", source })?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

fn by_hand(survey: &Survey) -> usize {
    survey.findings.iter().filter(|it| it.kind.is_removed_by_hand()).count()
}

fn all_read(survey: &Survey) -> Result<(), Failure> {
    match survey.unread.len() {
        0 => Ok(()),
        1 => Err(Failure::Refused("one vendor user could not be looked at; see above".to_owned())),
        count => {
            Err(Failure::Refused(format!("{count} vendor users could not be looked at; see above")))
        }
    }
}

fn show(survey: &Survey) {
    let mut before = None;
    for finding in &survey.findings {
        let place = &finding.place;
        let heading = if place.user.is_empty() {
            format!("{} · no room", finding.practice)
        } else {
            format!(
                "{} · {} {} · {}",
                finding.practice,
                place.provider.label(),
                place.account,
                place.user
            )
        };
        if before.as_ref() != Some(&heading) {
            out::data(&heading);
            before = Some(heading);
        }
        out::data(format_args!("  {} {}", sign(&finding.kind), what(finding)));
        for line in why(&finding.kind) {
            out::data(format_args!("      {line}"));
        }
    }
    for unread in &survey.unread {
        out::data(format_args!(
            "{} · {} {}{}: not looked at. {}",
            unread.practice,
            unread.provider.label(),
            unread.account,
            unread.user.as_ref().map(|user| format!(" · {user}")).unwrap_or_default(),
            unread.reason
        ));
    }
    let differ = survey.findings.len();
    out::data(format_args!(
        "Looked at {} vendor user(s): {} room(s) in order, {differ} difference(s).",
        survey.users, survey.in_order
    ));
}

/// As in a diff: what goes, what comes, what changes.
const fn sign(kind: &Kind) -> char {
    match kind {
        Kind::Unknown | Kind::Duplicate => '-',
        Kind::ShouldBeGone { .. } => '×',
        Kind::Missing { .. } => '+',
        Kind::Drift(_) => '~',
    }
}

fn what(finding: &Finding) -> String {
    let mut words = Vec::new();
    words.extend(finding.vendor_id.clone());
    words.extend(finding.topic.as_ref().map(|it| format!("“{it}”")));
    words.extend(finding.start.map(|it| it.to_string()));
    words.extend(finding.booking.map(|it| it.to_string()));
    words.join(" · ")
}

fn why(kind: &Kind) -> Vec<String> {
    match kind {
        Kind::Unknown => vec!["is there with our mark, and no booking knows it".to_owned()],
        Kind::Duplicate => {
            vec!["is there beside the room of the same booking, with its mark".to_owned()]
        }
        Kind::ShouldBeGone { state } => {
            vec![format!("is there and should be gone (here it is {state}); the server retires it")]
        }
        Kind::Missing { reason } => vec![format!("should be there and is not: {reason}")],
        Kind::Drift(differences) => differences
            .iter()
            .map(|it| format!("{}: is {}, should be {}", it.what, it.is, it.should_be))
            .collect(),
    }
}

fn said(finding: &Finding, action: &Action) -> String {
    let action = match action {
        Action::Removed => "removed".to_owned(),
        Action::Woken => "the server mends it".to_owned(),
        Action::Known => "settled meanwhile".to_owned(),
        Action::Failed(reason) => format!("not done. {reason}"),
    };
    format!("{}: {action}", what(finding))
}

fn whole(survey: &Survey, done: &[Action]) -> Value {
    let findings: Vec<Value> = survey
        .findings
        .iter()
        .enumerate()
        .map(|(index, finding)| {
            let mut shown = one(finding);
            if let Some(action) = done.get(index) {
                shown["action"] = json!(match action {
                    Action::Removed => "removed",
                    Action::Woken => "woken",
                    Action::Known => "known",
                    Action::Failed(_) => "failed",
                });
                if let Action::Failed(reason) = action {
                    shown["reason"] = json!(reason);
                }
            }
            shown
        })
        .collect();
    let unread: Vec<Value> = survey
        .unread
        .iter()
        .map(|it| {
            json!({
                "practice": it.practice,
                "provider": it.provider.as_str(),
                "account": it.account,
                "user": it.user,
                "reason": it.reason,
            })
        })
        .collect();
    json!({
        "users": survey.users,
        "in_order": survey.in_order,
        "sweeps_off_since": survey.sweeps_off_since.map(|it| it.to_string()),
        "findings": findings,
        "unread": unread,
    })
}

fn one(finding: &Finding) -> Value {
    let (differences, reason) = match &finding.kind {
        Kind::Drift(differences) => (
            differences
                .iter()
                .map(|it| json!({"what": it.what, "is": it.is, "should_be": it.should_be}))
                .collect(),
            None,
        ),
        Kind::Missing { reason } => (Vec::new(), Some(reason.clone())),
        Kind::Unknown | Kind::Duplicate | Kind::ShouldBeGone { .. } => (Vec::new(), None),
    };
    json!({
        "kind": finding.kind.as_str(),
        "tenant": finding.tenant.id(),
        "practice": finding.practice,
        "provider": finding.place.provider.as_str(),
        "account": finding.place.account,
        "user": finding.place.user,
        "vendor_id": finding.vendor_id,
        "marker": finding.marker,
        "booking": finding.booking,
        "topic": finding.topic,
        "start": finding.start,
        "differences": differences,
        "reason": reason,
    })
}
