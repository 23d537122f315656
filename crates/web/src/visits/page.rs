//! Pages as answers: rendered, with the headers that every page has.

use askama::Template;
use axum::response::{IntoResponse, Redirect, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};
use roomkey_store::StoreError;

use crate::pages::error::ErrorPage;

/// Nothing foreign, no frames. Where a form may lead is not restricted: the door leads to vendors.
const POLICY: &str = "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; object-src 'none'";

const HEADERS: [(HeaderName, &str); 6] = [
    (header::CACHE_CONTROL, "no-store"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("x-robots-tag"), "noindex, nofollow"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::CONTENT_SECURITY_POLICY, POLICY),
];

/// A page.
pub(crate) fn shown(page: &impl Template) -> Response {
    with_status(StatusCode::OK, page)
}

/// A page with a status of its own.
pub(crate) fn with_status(status: StatusCode, page: &impl Template) -> Response {
    match page.render() {
        Ok(html) => {
            let kind = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
            guarded((status, kind, html).into_response())
        }
        Err(error) => {
            tracing::error!(error.message = %error, "a page was not rendered");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// There is no such page.
pub(crate) fn not_found() -> Response {
    with_status(StatusCode::NOT_FOUND, &ErrorPage::not_found())
}

/// Something of ours failed: the page reveals nothing, the log has it all.
pub(crate) fn fault(error: &StoreError) -> Response {
    let mut chain = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        chain.push_str(": ");
        chain.push_str(&cause.to_string());
        source = cause.source();
    }
    tracing::error!(error.message = chain, "a page could not be shown");
    let words = "Roomkey cannot reach its records just now. Try again in a moment.";
    let page = ErrorPage::problem(500, "This page cannot be shown", words);
    with_status(StatusCode::INTERNAL_SERVER_ERROR, &page)
}

/// Somewhere else, by a `GET`.
pub(crate) fn see_other(address: &str) -> Response {
    guarded(Redirect::to(address).into_response())
}

/// An answer with the headers that every page has.
pub(crate) fn guarded(mut answer: Response) -> Response {
    for (name, value) in HEADERS {
        answer.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    answer
}
