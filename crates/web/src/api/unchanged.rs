//! Reading again what one has: `If-None-Match` on a `GET`.

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http::{HeaderValue, Method, StatusCode, header};
use sha2::{Digest as _, Sha256};

use super::headers::Tags;
use crate::error::Problem;

/// Marks an answer that can differ while the version is the same: a booking's meeting comes and
/// goes without anybody asking for it. What is read then has a tag that also says what is shown.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Living;

/// Answers a `GET` with 304 if the caller has what is there.
pub(crate) async fn unchanged(request: Request, next: Next) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return next.run(request).await;
    }
    let bodiless = *request.method() == Method::HEAD;
    let known = match Tags::read(request.headers(), &header::IF_NONE_MATCH) {
        Ok(known) => known,
        Err(problem) => return problem.into_response(),
    };
    let mut response = next.run(request).await;
    if response.status() != StatusCode::OK {
        return response;
    }
    if response.extensions().get::<Living>().is_some() {
        if bodiless {
            // What would be shown is not here to be told apart.
            response.headers_mut().remove(header::ETAG);
            return response;
        }
        response = match say_what_is_shown(response).await {
            Ok(response) => response,
            Err(problem) => return problem.into_response(),
        };
    }
    let Some(tag) = response.headers().get(header::ETAG).cloned() else { return response };
    let same = known.is_some_and(|known| tag.to_str().is_ok_and(|tag| known.names(tag)));
    if same {
        *response.body_mut() = Body::empty();
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        response.headers_mut().remove(header::CONTENT_TYPE);
        response.headers_mut().remove(header::CONTENT_LENGTH);
    }
    response
}

/// Adds to the version in a tag what the answer holds: `"3.9f86d081884c7d65"`.
async fn say_what_is_shown(response: Response) -> Result<Response, Problem> {
    let (mut parts, body) = response.into_parts();
    // It lies in memory already.
    let bytes = to_bytes(body, usize::MAX).await.map_err(Problem::fault)?;
    if let Some(version) = parts.headers.get(header::ETAG).and_then(|it| it.to_str().ok()) {
        let digest = Sha256::digest(&bytes);
        let short: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        let tag = format!("\"{}.{short}\"", version.trim_matches('"'));
        if let Ok(tag) = HeaderValue::from_str(&tag) {
            parts.headers.insert(header::ETAG, tag);
        }
    }
    Ok(Response::from_parts(parts, Body::from(bytes)))
}
