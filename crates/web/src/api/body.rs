//! The request's body: a JSON object, or nothing.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, Request};
use axum::response::IntoResponse as _;
use http::{HeaderMap, StatusCode, header};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::query::Query;
use crate::error::{Code, Problem};

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
        let bytes = Bytes::from_request(request, state).await.map_err(unread)?;
        let hash = Sha256::digest(&bytes).into();
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Ok(Self { members: Map::new(), hash });
        }
        if !media_fits {
            return Err(Problem::new(Code::UnsupportedMedia));
        }
        match serde_json::from_slice(&bytes) {
            Ok(Value::Object(members)) => Ok(Self { members, hash }),
            Ok(_) => Err(Problem::new(Code::MalformedBody)),
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

fn unread(rejection: BytesRejection) -> Problem {
    if rejection.into_response().status() == StatusCode::PAYLOAD_TOO_LARGE {
        Problem::new(Code::TooLarge)
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
