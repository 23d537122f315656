//! `roomkey backup`: a copy of the database, and which sealing keys it needs.

use std::collections::BTreeSet;

use roomkey_store::{Store, StoreError, sealed};
use roomkey_vault::{SealingKeyId, sealed_by};
use serde_json::json;

use crate::arguments::{Backup, Global};
use crate::failure::Failure;
use crate::out;

pub(super) async fn run(backup: Backup, global: &Global) -> Result<(), Failure> {
    let (_, store) = super::beside(global).await?;
    let done = copy(&store, backup).await;
    store.close().await;
    done
}

async fn copy(store: &Store, backup: Backup) -> Result<(), Failure> {
    if store.is_shared() {
        return Err(Failure::Misused(
            "PostgreSQL is backed up by its own program: pg_dump --format=custom --file=roomkey.dump DATABASE_URL"
                .to_owned(),
        ));
    }
    if backup.file.exists() {
        return Err(Failure::Refused(format!(
            "{} exists already; a backup never overwrites",
            backup.file.display()
        )));
    }
    store.backup_to(&backup.file).await?;
    let keys: Vec<String> = keys(store).await?.iter().map(ToString::to_string).collect();
    if !backup.json.json {
        out::talk("Served, the copy begins with sweeps off: see docs/operating.md on restoring.");
    }
    if backup.json.json {
        out::json(&json!({"file": backup.file, "sealing_keys": keys}));
    } else if keys.is_empty() {
        out::data(format_args!(
            "Copied to {}. Nothing in it is sealed yet.",
            backup.file.display()
        ));
    } else {
        out::data(format_args!(
            "Copied to {}. To be read it needs of the sealing keys: {}. They are not in it; keep them apart.",
            backup.file.display(),
            keys.join(", ")
        ));
    }
    Ok(())
}

/// The sealing keys that a database needs.
pub(super) async fn keys(store: &Store) -> Result<BTreeSet<SealingKeyId>, StoreError> {
    store
        .read(|tx| {
            Box::pin(async move {
                let mut found = BTreeSet::new();
                let mut walk = sealed::Walk::default();
                while let Some(values) = sealed::next(tx, &mut walk).await? {
                    found.extend(values.iter().filter_map(|value| sealed_by(value)));
                }
                Ok(found)
            })
        })
        .await
}
