//! `roomkey sweeps`: whether the vendors are swept.

use roomkey_core::Instant;
use roomkey_store::{Priority, Store, StoreError, installation};
use serde_json::json;

use crate::arguments::{Global, Sweeps, Switch};
use crate::failure::Failure;
use crate::out;

pub(super) async fn run(sweeps: Sweeps, global: &Global) -> Result<(), Failure> {
    let (_, store) = super::beside(global).await?;
    let done = switch(&store, &sweeps).await;
    store.close().await;
    let since = done?;
    if sweeps.json.json {
        let on = since.is_none();
        out::json(&json!({"on": on, "off_since": since.map(|at| at.to_string())}));
    } else {
        match since {
            None => out::data("Sweeps are on."),
            Some(since) => out::data(format_args!("Sweeps are off since {since}.")),
        }
    }
    Ok(())
}

async fn switch(store: &Store, sweeps: &Sweeps) -> Result<Option<Instant>, Failure> {
    let now = store.now().floor_second();
    let Some(switch) = sweeps.switch else { return Ok(off_since(store).await?) };
    let served = store
        .write(Priority::Interactive, move |tx| {
            Box::pin(async move {
                let off = match switch {
                    Switch::On => None,
                    // Off is off since the first time.
                    Switch::Off => Some(installation::sweeps_off_since(tx).await?.unwrap_or(now)),
                };
                installation::set_sweeps(tx, off).await
            })
        })
        .await?;
    if !served {
        return Err(Failure::Refused(
            "no server has worked on this database yet, so there is nothing to sweep".to_owned(),
        ));
    }
    Ok(off_since(store).await?)
}

/// Since when sweeps are off, if they are.
pub(crate) async fn off_since(store: &Store) -> Result<Option<Instant>, StoreError> {
    store.read(|tx| Box::pin(installation::sweeps_off_since(tx))).await
}
