//! Reading again what one has: `If-None-Match` on a `GET`.

use axum::body::Body;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http::{Method, StatusCode, header};

use super::headers::Tags;

/// Marks an answer that can differ while the version is the same: a booking's meeting comes and
/// goes without anybody asking for it. Its tag is for changing it, not for reading it again: that is
/// always answered in full.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Living;

/// Answers a `GET` with 304 if the caller has what is there.
pub(crate) async fn unchanged(request: Request, next: Next) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return next.run(request).await;
    }
    let known = match Tags::read(request.headers(), &header::IF_NONE_MATCH) {
        Ok(known) => known,
        Err(problem) => return problem.into_response(),
    };
    let mut response = next.run(request).await;
    if response.status() != StatusCode::OK {
        return response;
    }
    if response.extensions().get::<Living>().is_some() {
        return response;
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
