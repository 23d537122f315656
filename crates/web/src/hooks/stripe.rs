//! `POST /hooks/stripe/{address}`: verified by its bytes, kept, answered. What it means for a
//! booking is seen to later, from the kept event.

use axum::body::Bytes;
use axum::extract::{Path, State};
use http::{HeaderMap, StatusCode};
use roomkey_providers::signed::Refused;
use roomkey_providers::stripe::events;
use roomkey_store::inbound::Vendor;

use super::ways::Way;
use super::{kept, payments};
use crate::app::App;
use crate::error::{Code, Problem};

/// Takes an event.
pub(super) async fn told(
    State(app): State<App>,
    Path(address): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Problem> {
    let way = app.ways.find(&app, Vendor::Stripe, &address).await?;
    let way = way.ok_or_else(|| Problem::not_found("address for events"))?;
    let header = headers.get("stripe-signature").and_then(|it| it.to_str().ok());
    events::verify(&way.secrets, header, &body, app.now())
        .map_err(|refused| not_believed(&way, refused))?;
    let event = events::read(&body)
        .map_err(|unread| Problem::with(Code::MalformedBody, unread.to_string()))?;
    count(&event.name);
    // An account is paid for much else: what names no booking is not even kept.
    if payments::about(&event, way.tenant).is_some()
        && kept::keep(&app, &way, Vendor::Stripe, &event.name, &event.id, &body).await?
    {
        app.told.notify_one();
    }
    Ok(StatusCode::OK)
}

/// Somebody may be trying, or a secret is wrong: who runs Roomkey is told which address it was.
fn not_believed(way: &Way, refused: Refused) -> Problem {
    tracing::warn!(hook.address = way.address, reason = %refused, "an event was not believed");
    metrics::counter!("roomkey_hooks_refused_total", "provider" => "stripe").increment(1);
    let words = match refused {
        Refused::NoSecret => {
            "No signing secret is known for this address. Give Roomkey the one of this destination at Stripe first."
        }
        Refused::Unsigned => "The event is not signed.",
        Refused::Forged => {
            "The event is signed with another signing secret, or was altered on the way."
        }
        Refused::Untimely => {
            "The event was signed more than five minutes ago, or more than one ahead."
        }
    };
    Problem::with(Code::SignatureInvalid, words)
}

/// Events are counted by the names that we know; others could be anything.
fn count(name: &str) {
    let known = name.starts_with("checkout.session.") || name.starts_with("payment_intent.");
    let plain = |it: u8| it.is_ascii_lowercase() || matches!(it, b'.' | b'_');
    let name = if known && name.len() <= 64 && name.bytes().all(plain) { name } else { "other" };
    metrics::counter!("roomkey_hooks_total", "provider" => "stripe", "event" => name.to_owned())
        .increment(1);
}
