//! An account that no longer wants us: nothing is called with it any more, and what it let us know
//! of people is forgotten.

use roomkey_core::Instant;
use roomkey_core::failure::Reason;
use roomkey_core::id::{ConnectionId, EventId};
use roomkey_providers::zoom::events::News;
use roomkey_store::event::Event;
use roomkey_store::{StoreError, Tenant, Tx, attendance, connection, event, recording, transcript};
use roomkey_vault::Place;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use super::read::Understood;
use crate::parts::Shared;

/// What of a connection's secrets came from the account's consent and not from the app.
const TOKENS: [&str; 3] = ["access_token", "refresh_token", "expires_at"];

/// Takes in an event about an account.
pub(super) async fn apply(
    tx: &mut Tx<'_>,
    shared: &Shared,
    told: &Understood,
    now: Instant,
) -> Result<(), StoreError> {
    let News::Deauthorised { client_id } = &told.event.news else { return Ok(()) };
    for (tenant, id) in &told.connections {
        let Some(mut record) = connection::lock(tx, *tenant, *id).await? else { continue };
        // Another app of the same account is still wanted.
        if client_id.as_ref().is_some_and(|it| *it != record.client_id) {
            continue;
        }
        // What was known until then is forgotten, whatever has become of the connection since.
        let came_back = record.connection.credentials_at > told.at;
        let until = if came_back { told.at } else { now };
        forget(tx, *tenant, *id, until).await?;
        let known = record.connection.needs_reconnect.as_ref();
        if came_back || known.is_some_and(|it| it.code == DEAUTHORISED) {
            continue;
        }
        let was_well = known.is_none();
        drop_tokens(shared, &mut record);
        let reason = deauthorised();
        record.connection.needs_reconnect = Some(reason.clone());
        connection::update(tx, &record).await?;
        if !was_well {
            // That it needs a person has been said.
            continue;
        }
        let event = Event {
            id: EventId::new(now, shared.entropy.id()),
            booking: None,
            kind: "connection.needs_reconnect".to_owned(),
            seq: 0,
            at: now,
            actor: "vendor".to_owned(),
            data: json!({ "connection": id, "reason": reason }).to_string(),
            number: None,
        };
        event::insert(tx, *tenant, &event).await?;
    }
    Ok(())
}

/// Forgets what an account let us know of people, up to a time.
async fn forget(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    id: ConnectionId,
    until: Instant,
) -> Result<(), StoreError> {
    attendance::forget_people(tx, tenant, id, until).await?;
    recording::forget_links(tx, tenant, id, until).await?;
    transcript::forget_of(tx, tenant, id, &no_longer_ours(), until).await
}

const DEAUTHORISED: &str = "zoom_deauthorised";

fn deauthorised() -> Reason {
    Reason::new(
        DEAUTHORISED,
        "The app was removed at Zoom, so no room can be made or moved with this account. Add the app again, then reconnect.",
    )
    .with_action("Reconnect", "/operator/connections")
}

/// Why a text that came by this account is not here any more.
fn no_longer_ours() -> Reason {
    Reason::new(
        "zoom_deauthorised",
        "The app was removed at Zoom, and with it the text was deleted here.",
    )
}

/// A new revision, so that no process uses a token that it still has in memory.
fn drop_tokens(shared: &Shared, record: &mut connection::Record) {
    let place = Place { table: "connections", row: record.connection.id.uuid(), field: "secrets" };
    let opened = shared.ring.open_text(place, &record.secrets).ok();
    let secrets = opened.and_then(|it| serde_json::from_str::<Value>(it.expose_secret()).ok());
    let Some(Value::Object(mut secrets)) = secrets else { return };
    let before = secrets.len();
    secrets.retain(|name, _| !TOKENS.contains(&name.as_str()));
    if secrets.len() != before {
        let text = Value::Object(secrets).to_string();
        record.secrets = shared.ring.seal(&shared.entropy, place, text.as_bytes());
    }
}
