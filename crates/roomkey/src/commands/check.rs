//! `roomkey check`: what is configured, from where, and everything that is wrong with it.

use roomkey_store::{Clock, Store, sealed};
use roomkey_vault::{Entropy, Place, Ring, SealingKeyId, sealed_by};
use secrecy::ExposeSecret as _;
use serde_json::json;
use url::Url;

use crate::arguments::{Check, Global};
use crate::configuration::{Configuration, DEFAULT_FILE, KEYS, Key, Need, Origin};
use crate::failure::Failure;
use crate::out;

pub(super) async fn run(check: Check, global: &Global) -> Result<(), Failure> {
    if check.defaults {
        out::data(DEFAULT_FILE.trim_end());
        return Ok(());
    }
    if check.new_key {
        return new_key();
    }
    let configuration = super::configuration(&super::sources(global), Need::Serve)?;
    let database = database(&configuration).await?;
    if check.json.json {
        let settings: serde_json::Map<_, _> = KEYS
            .iter()
            .filter(|key| !key.later)
            .map(|key| {
                (
                    key.name.to_owned(),
                    json!({"value": shown(&configuration, key), "from": from(&configuration, key)}),
                )
            })
            .collect();
        out::json(&json!({"settings": settings, "database": database}));
    } else {
        let rows: Vec<_> = KEYS
            .iter()
            .filter(|key| !key.later)
            .map(|key| {
                let value = shown(&configuration, key).unwrap_or_default();
                vec![key.name.to_owned(), value, from(&configuration, key)]
            })
            .collect();
        out::table(&["setting", "value", "from"], &rows);
        out::talk(format_args!("The configuration is in order; {database}."));
    }
    Ok(())
}

fn new_key() -> Result<(), Failure> {
    let ring = Ring::generate(&Entropy::system(), "k1")
        .map_err(|error| Failure::Refused(format!("no sealing key could be made: {error}")))?;
    out::talk(
        "Keep it safe and apart from backups: without it nothing that is sealed can be read.",
    );
    out::data(format_args!("ROOMKEY_KEYS={}", ring.to_config_text().expose_secret()));
    Ok(())
}

/// Opens the database, if there is one, and sees whether the ring has the keys that it needs.
async fn database(configuration: &Configuration) -> Result<String, Failure> {
    let url = configuration.database_url.expose_secret();
    if let Some(path) = sqlite_file(url)
        && !std::path::Path::new(path).exists()
    {
        return Ok(format!("the database {path} does not exist yet and will be made"));
    }
    let store = super::open(configuration, Clock::system(), false).await?;
    let all = match &configuration.ring {
        Some(ring) => ring_has_all(&store, ring).await,
        None => has_all(&store, &[]).await,
    };
    let off = super::sweeps::off_since(&store).await;
    store.close().await;
    all?;
    let sweeps = off?.map_or_else(String::new, |since| {
        format!("; sweeps are off since {since} (see `roomkey help sweeps`)")
    });
    Ok(format!("the database opens, and the ring has the sealing keys that it needs{sweeps}"))
}

/// Refuses a ring that is not the database's: what would be sealed with it, the server could not
/// open.
pub(super) async fn ring_has_all(store: &Store, ring: &Ring) -> Result<(), Failure> {
    has_all(store, &ring.key_ids()).await?;
    ring_opens(store, ring).await
}

/// Refuses a ring that does not open what rests in the database: a key of the same name need not
/// be the same key.
pub(crate) async fn ring_opens(store: &Store, ring: &Ring) -> Result<(), Failure> {
    for sample in store.read(|tx| Box::pin(sealed::samples(tx))).await? {
        let place = Place { table: sample.table, row: sample.row, field: sample.field };
        if ring.open(place, &sample.sealed).is_ok() {
            continue;
        }
        let name = sealed_by(&sample.sealed).map(|id| id.to_string()).unwrap_or_default();
        return Err(Failure::Refused(format!(
            "the keys in ROOMKEY_KEYS do not open what this database has sealed with `{name}`: put the key by which it was sealed back, under that name"
        )));
    }
    Ok(())
}

async fn has_all(store: &Store, known: &[SealingKeyId]) -> Result<(), Failure> {
    let needed = super::backup::keys(store).await?;
    let missing: Vec<SealingKeyId> = needed.into_iter().filter(|id| !known.contains(id)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let names: Vec<_> = missing.iter().map(SealingKeyId::as_str).collect();
    Err(Failure::Refused(format!(
        "the database holds what is sealed with {}, which ROOMKEY_KEYS does not have; add it after the first",
        names.join(", ")
    )))
}

/// The path in a SQLite address.
fn sqlite_file(url: &str) -> Option<&str> {
    let path = url.strip_prefix("sqlite:")?;
    let path = path.strip_prefix("//").unwrap_or(path);
    Some(path.split_once('?').map_or(path, |(path, _)| path)).filter(|it| *it != ":memory:")
}

/// A value as it may be seen.
fn shown(configuration: &Configuration, key: &Key) -> Option<String> {
    let given = configuration.layers.get(key.name);
    if key.name == "public_url" {
        return Some(configuration.public_url.to_string());
    }
    let text = given.map(|given| given.text.expose_secret()).or(key.default)?;
    if key.name == "database_url" {
        return Some(without_password(text));
    }
    Some(if key.secret { "(set, not shown)".to_owned() } else { text.to_owned() })
}

fn without_password(text: &str) -> String {
    match Url::parse(text) {
        Ok(mut url) if url.password().is_some() => {
            // Addresses with a host can be without a password.
            let _ = url.set_password(None);
            url.into()
        }
        Ok(_) | Err(_) => text.to_owned(),
    }
}

fn from(configuration: &Configuration, key: &Key) -> String {
    match configuration.layers.origin(key) {
        Origin::Default(_) => "default".to_owned(),
        given @ (Origin::File { .. } | Origin::Variable(_) | Origin::Flag(_)) => given.to_string(),
    }
}
