//! The request's body: a JSON object, or nothing.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, Request};
use axum::response::IntoResponse as _;
use http::{HeaderMap, StatusCode, header};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::query::Query;
use super::strict_json;
use crate::error::{Code, Problem};

/// The largest body of a call.
pub(crate) const LARGEST: usize = 1024 * 1024;

/// A JSON object. No body is an empty one.
pub(crate) struct Body {
    pub(crate) members: Map<String, Value>,
    /// For telling whether a repeat is one.
    pub(crate) hash: [u8; 32],
}

impl<S: Send + Sync> FromRequest<S> for Body {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        // What is asked stands in the body: a call with one has no parameters.
        Query::read(request.uri()).done()?;
        let media_fits = is_json(request.headers());
        let bytes = Bytes::from_request(request, state).await;
        let bytes = bytes.map_err(|rejection| unread(rejection, LARGEST))?;
        let hash = Sha256::digest(&bytes).into();
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Ok(Self { members: Map::new(), hash });
        }
        if !media_fits {
            return Err(Problem::new(Code::UnsupportedMedia));
        }
        match strict_json::read(&bytes) {
            Ok((Value::Object(members), faults)) if faults.is_empty() => Ok(Self { members, hash }),
            Ok((Value::Object(_), faults)) => Err(Problem::invalid(faults)),
            Ok((other, _)) => Err(Problem::with(
                Code::MalformedBody,
                format!("The body is {}; it must be a JSON object.", kind(&other)),
            )),
            Err(error) => Err(Problem::with(
                Code::MalformedBody,
                format!(
                    "The body is not JSON: reading stopped at line {}, column {}.",
                    error.line(),
                    error.column()
                ),
            )),
        }
    }
}

/// What something is that is no object.
fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// Why a body was not read, of which no more than so much would be.
pub(crate) fn unread(rejection: BytesRejection, most: usize) -> Problem {
    if rejection.into_response().status() == StatusCode::PAYLOAD_TOO_LARGE {
        Problem::too_large(most)
    } else {
        Problem::with(Code::MalformedBody, "The body did not arrive whole.")
    }
}

/// Who says nothing of the body's kind means JSON: there is no other.
fn is_json(headers: &HeaderMap) -> bool {
    let Some(media) = headers.get(header::CONTENT_TYPE) else { return true };
    let Ok(media) = media.to_str() else { return false };
    let essence = media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json"
        || (essence.starts_with("application/") && essence.ends_with("+json"))
}
