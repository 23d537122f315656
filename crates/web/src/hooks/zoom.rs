//! `POST /hooks/zoom/{address}`: verified by its bytes, kept, answered. What it means is read
//! later, from the kept event; here only what it takes to know a repeat.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, StatusCode, header};
use roomkey_core::id::EventId;
use roomkey_providers::zoom::events::{self, News, Refused};
use roomkey_store::Priority;
use roomkey_store::inbound::{self, Inbound};
use roomkey_vault::Place;
use sha2::{Digest as _, Sha256};

use super::ways::{self, Way};
use crate::app::App;
use crate::error::{Code, Problem};

/// Takes an event.
pub(super) async fn told(
    State(app): State<App>,
    Path(address): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let way = app.ways.find(&app, &address).await?;
    let way = way.ok_or_else(|| Problem::not_found("address for events"))?;
    let header = |name: &str| headers.get(name).and_then(|it| it.to_str().ok());
    let signer = events::verify(
        &way.secrets,
        header("x-zm-signature"),
        header("x-zm-request-timestamp"),
        &body,
        app.now(),
    )
    .map_err(|refused| not_believed(&way, refused))?;
    let Some(event) = events::read(&body) else {
        return Err(Problem::with(Code::MalformedBody, "The event has no name."));
    };
    count(&event.name);
    if let News::Validation { plain_token } = &event.news {
        let answer = events::validation(signer, plain_token);
        let media = (header::CONTENT_TYPE, "application/json");
        return Ok((StatusCode::OK, [media], answer.to_string()).into_response());
    }
    let strange = way.account.as_ref().is_some_and(|account| *account != event.account);
    if matches!(event.news, News::Other) || strange {
        // Nothing that anybody waits for; it is not even kept.
        return Ok(StatusCode::OK.into_response());
    }
    keep(&app, &way, event, &body).await?;
    Ok(StatusCode::OK.into_response())
}

async fn keep(app: &App, way: &Way, event: events::Event, body: &[u8]) -> Result<(), Problem> {
    let now = app.now();
    let id = EventId::new(now, app.desk.entropy.id()).uuid();
    let place = Place { table: "inbound", row: id, field: "sealed" };
    let inbound = Inbound {
        tenant: way.tenant,
        id,
        address: way.address.clone(),
        event: event.name,
        said: Sha256::digest(event.said.as_bytes()).into(),
        sealed: app.desk.ring.seal(&app.desk.entropy, place, body),
        received_at: now,
        tries: 0,
    };
    let kept = app.store().write(Priority::Interactive, move |tx| {
        let inbound = inbound.clone();
        Box::pin(async move { inbound::keep(tx, &inbound).await })
    });
    match kept.await {
        Ok(fresh) => {
            if fresh {
                app.desk.wake.notify_one();
            }
            Ok(())
        }
        Err(error) => {
            tracing::warn!(error.message = %error, "a vendor's event was not kept; it is sent again");
            Err(ways::unavailable())
        }
    }
}

/// Somebody may be trying, or a secret is wrong: who runs Roomkey is told which address it was.
fn not_believed(way: &Way, refused: Refused) -> Problem {
    tracing::warn!(hook.address = way.address, reason = %refused, "an event was not believed");
    metrics::counter!("roomkey_hooks_refused_total", "provider" => "zoom").increment(1);
    let words = match refused {
        Refused::NoSecret => {
            "No secret token is known for this address. Add the app's secret token in Roomkey first."
        }
        Refused::Unsigned => "The event is not signed.",
        Refused::Forged => {
            "The event is signed with another secret token, or was altered on the way."
        }
        Refused::Untimely => "The event is more than three hours old, or from the future.",
    };
    Problem::with(Code::SignatureInvalid, words)
}

/// Events are counted by the names that we know; others could be anything.
fn count(name: &str) {
    let name = if events::is_known(name) { name.to_owned() } else { "other".to_owned() };
    metrics::counter!("roomkey_hooks_total", "provider" => "zoom", "event" => name).increment(1);
}
