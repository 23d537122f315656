//! The host's own way in: fetched from the vendor when it is used, never stored, mailed or logged.

use std::time::Duration;

use roomkey_core::failure::Reason;
use roomkey_providers::contract::Call;
use roomkey_store::room::Record;
use roomkey_store::{StoreError, Tenant, connection};
use secrecy::ExposeSecret as _;

use crate::app::App;
use crate::door_secrets::DoorSecrets;

/// A fresh address that makes whoever opens it the host of the room.
///
/// # Errors
/// Why there is none, in words.
pub(crate) async fn link(
    app: &App,
    tenant: Tenant,
    record: &Record,
    patience: Duration,
) -> Result<String, Reason> {
    let provider = app.providers.get(record.room.place.provider);
    if !provider.capabilities().host_link {
        // The host goes in where everybody does.
        return DoorSecrets::open(&app.desk.ring, record)
            .map(|secrets| secrets.join_url)
            .ok_or_else(unreadable);
    }
    let vendor_id = record.room.vendor_id.clone().ok_or_else(unreadable)?;
    let id = record.room.place.connection.ok_or_else(unreadable)?;
    let known: Result<Vec<connection::Record>, StoreError> = app
        .store()
        .read(move |tx| Box::pin(async move { connection::of_tenant(tx, tenant).await }))
        .await;
    let known = known.map_err(|_| unreadable())?;
    let used = known.into_iter().find(|it| it.connection.id == id);
    let used = used.ok_or_else(Reason::account_missing)?;
    let account = crate::desk::account(&app.desk, &used).ok_or_else(unreadable)?;
    let call = Call { account, place: record.room.place.clone(), now: app.now(), passcode: None };
    match tokio::time::timeout(patience, provider.host_link(&call, &vendor_id)).await {
        Ok(answer) => match answer.result {
            Ok(link) => Ok(link.url.expose_secret().to_owned()),
            Err(failure) => Err(failure.reason()),
        },
        Err(_) => Err(Reason::new("no_answer", "It did not answer in time.")),
    }
}

fn unreadable() -> Reason {
    Reason::new("door_unreadable", "What the door needs cannot be read.")
}
