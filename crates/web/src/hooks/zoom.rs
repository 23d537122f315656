//! `POST /hooks/zoom/{address}`: verified by its bytes, kept, answered. What it means is read
//! later, from the kept event; here only what it takes to know a repeat.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, StatusCode, header};
use roomkey_providers::signed::Refused;
use roomkey_providers::zoom::events::{self, News};
use roomkey_store::inbound::Vendor;

use super::kept;
use super::ways::Way;
use crate::api::body::unread;
use crate::app::App;
use crate::error::{Code, Problem};

/// Takes an event.
pub(super) async fn told(
    State(app): State<App>,
    Path(address): Path<String>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let body = body.map_err(|rejection| unread(rejection, super::LARGEST))?;
    let way = app.ways.find(&app, Vendor::Zoom, &address).await?;
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
        return Err(Problem::with(
            Code::MalformedBody,
            "This is no event: it must be a JSON object whose `event` is a text.",
        ));
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
    if kept::keep(&app, &way, Vendor::Zoom, &event.name, &event.said, &body).await? {
        app.desk.wake.notify_one();
    }
    Ok(StatusCode::OK.into_response())
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
