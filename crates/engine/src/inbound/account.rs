//! An account that no longer wants us: nothing is called with it any more, and what it let us know
//! of people is forgotten.

use roomkey_core::Instant;
use roomkey_core::failure::Reason;
use roomkey_core::id::EventId;
use roomkey_providers::zoom::events::News;
use roomkey_store::event::Event;
use roomkey_store::{StoreError, Tx, attendance, connection, event, recording, transcript};
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
        // Another app of the same account is still wanted; and so is one that came back since.
        let other = client_id.as_ref().is_some_and(|it| *it != record.client_id);
        let came_back = record.created_at > told.at;
        if other || came_back || record.connection.needs_reconnect.is_some() {
            continue;
        }
        drop_tokens(shared, &mut record);
        let reason = deauthorised();
        record.connection.needs_reconnect = Some(reason.clone());
        connection::update(tx, &record).await?;
        attendance::forget_people(tx, *tenant, *id).await?;
        recording::forget_links(tx, *tenant, *id).await?;
        transcript::forget_of(tx, *tenant, *id, &no_longer_ours(), now).await?;
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

fn deauthorised() -> Reason {
    Reason::new(
        "zoom_deauthorised",
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
