//! What an answer is about. Answers are made afresh from it, also for repeats: links and secrets
//! are never kept in answers.

use axum::response::{IntoResponse as _, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};
use roomkey_core::id::{AppId, BookingId, ConnectionId, HostId, PersonId, ServiceId};
use roomkey_core::told::Occasion;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::caller::Caller;
use super::headers::Prefer;
use super::once::Outcome;
use super::unchanged::Living;
use super::{apps, bookings, connections, guests, hosts, meeting, messages, portal, services};
use crate::app::App;
use crate::error::{self, Problem};

/// What an answer is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "about", rename_all = "snake_case")]
pub(crate) enum About {
    /// A booking.
    Booking {
        /// Which.
        id: BookingId,
    },
    /// A guest of a booking.
    Guest {
        /// Of which.
        booking: BookingId,
        /// Who.
        id: PersonId,
    },
    /// What one person is told once more.
    Message {
        /// Of which booking.
        booking: BookingId,
        /// Whom.
        person: PersonId,
        /// Why.
        occasion: Occasion,
    },
    /// A booking's meeting.
    Meeting {
        /// Whose.
        booking: BookingId,
    },
    /// A host.
    Host {
        /// Who.
        id: HostId,
    },
    /// A service.
    Service {
        /// Which.
        id: ServiceId,
    },
    /// A connection.
    Connection {
        /// Which.
        id: ConnectionId,
    },
    /// An app.
    App {
        /// Which.
        id: AppId,
    },
    /// A sign-in link: for the host, or for an operator.
    SignIn {
        /// Who, if a host.
        host: Option<HostId>,
    },
}

impl About {
    pub(crate) fn kept(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    pub(crate) fn read(kept: &Value) -> Option<Self> {
        Self::deserialize(kept).ok()
    }

    fn booking(&self) -> Option<BookingId> {
        match self {
            Self::Booking { id } => Some(*id),
            Self::Guest { booking, .. }
            | Self::Message { booking, .. }
            | Self::Meeting { booking } => Some(*booking),
            Self::Host { .. }
            | Self::Service { .. }
            | Self::Connection { .. }
            | Self::App { .. }
            | Self::SignIn { .. } => None,
        }
    }
}

/// Answers a request that was done, now or before; waits first, if the caller wants to.
pub(crate) async fn answer(
    app: &App,
    caller: &Caller,
    outcome: Outcome,
    prefer: Prefer,
) -> Result<Response, Problem> {
    let (status, about) = match outcome {
        Outcome::Done(status, about) => (status, about),
        Outcome::Refused(status, body) => return Ok(error::render(status, &body)),
    };
    let waited = match (about.booking(), prefer.wait) {
        (Some(id), Some(wait)) => {
            app.watch.settled(caller.tenant(), id, wait).await?;
            true
        }
        _ => false,
    };
    let mut response = match about {
        About::Booking { id } => bookings::show(app, caller, status, id).await?,
        About::Guest { booking, id } => guests::show(app, caller, status, booking, id).await?,
        About::Message { person, occasion, .. } => messages::again(status, person, occasion)?,
        About::Meeting { booking } => meeting::show(app, caller, status, booking).await?,
        About::Host { id } => hosts::show(app, caller, status, id).await?,
        About::Service { id } => services::show(app, caller, status, id).await?,
        About::Connection { id } => connections::show(app, caller, status, id).await?,
        About::App { id } => apps::show(app, caller, status, id).await?,
        About::SignIn { host } => portal::show(app, caller, status, host).await?,
    };
    if let Some(wait) = prefer.wait.filter(|_| waited)
        && let Ok(value) = HeaderValue::from_str(&format!("wait={}", wait.as_secs()))
    {
        response.headers_mut().insert(HeaderName::from_static("preference-applied"), value);
    }
    Ok(response)
}

/// A JSON body, with the version as its `ETag`.
pub(crate) fn json<T: Serialize>(
    status: StatusCode,
    body: &T,
    version: Option<i64>,
) -> Result<Response, Problem> {
    let text = serde_json::to_string(body).map_err(Problem::fault)?;
    let media = (header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let mut response = (status, [media], text).into_response();
    if let Some(version) = version
        && let Ok(tag) = HeaderValue::from_str(&format!("\"{version}\""))
    {
        response.headers_mut().insert(header::ETAG, tag);
    }
    Ok(response)
}

/// As [`json`], for what can look otherwise while its version is the same.
pub(crate) fn living<T: Serialize>(
    status: StatusCode,
    body: &T,
    version: i64,
) -> Result<Response, Problem> {
    let mut response = json(status, body, Some(version))?;
    response.extensions_mut().insert(Living);
    Ok(response)
}

/// Where a thing that was made is found.
pub(crate) fn located(mut response: Response, path: &str) -> Response {
    if response.status() == StatusCode::CREATED
        && let Ok(path) = HeaderValue::from_str(path)
    {
        response.headers_mut().insert(header::LOCATION, path);
    }
    response
}
