//! What every request goes through: a name, a line in the log, a net under panics, headers.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant as Stopwatch;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use futures::FutureExt as _;
use http::{HeaderName, HeaderValue, header};
use roomkey_core::id::{ApiKeyId, TenantId, encode};
use tracing::Instrument as _;

use crate::app::App;
use crate::error::{Code, Problem};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const POLICY: &str = "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; object-src 'none'";

/// What is known of a request by the time it is logged. Whoever learns something notes it here.
#[derive(Debug, Clone, Default)]
pub(crate) struct Line(Arc<Mutex<Known>>);

#[derive(Debug, Default)]
struct Known {
    tenant: Option<TenantId>,
    api_key: Option<ApiKeyId>,
}

impl Line {
    /// Notes who calls.
    pub(crate) fn caller(&self, tenant: TenantId, api_key: Option<ApiKeyId>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        (known.tenant, known.api_key) = (Some(tenant), api_key);
    }
}

/// Names a request, lets it be answered, and logs one line about it: the route's template and
/// never the path, and nobody's name.
pub(crate) async fn log(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let began = Stopwatch::now();
    let id = format!("req_{}", encode(u128::from_be_bytes(app.desk.entropy.bytes())));
    let line = Line::default();
    request.extensions_mut().insert(line.clone());
    let method = request.method().clone();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "none".to_owned(), |path| path.as_str().to_owned());
    let span = tracing::info_span!("request", request.id = id);
    let answered = AssertUnwindSafe(next.run(request)).catch_unwind();
    let mut response = match answered.instrument(span.clone()).await {
        Ok(response) => response,
        Err(panic) => span.in_scope(|| panicked(panic.as_ref())),
    };
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    let took = began.elapsed();
    let status = response.status().as_u16().to_string();
    metrics::counter!("roomkey_http_requests_total", "route" => route.clone(), "status" => status)
        .increment(1);
    metrics::histogram!("roomkey_http_request_seconds", "route" => route.clone())
        .record(took.as_secs_f64());
    let duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    let known = line.0.lock().unwrap_or_else(PoisonError::into_inner);
    tracing::info!(
        request.id = id,
        http.method = %method,
        http.route = route,
        http.status = response.status().as_u16(),
        http.duration_ms = duration_ms,
        tenant.id = known.tenant.map(tracing::field::display),
        api_key.id = known.api_key.map(tracing::field::display),
        "request"
    );
    response
}

fn panicked(panic: &(dyn Any + Send)) -> Response {
    let words = panic
        .downcast_ref::<&str>()
        .map(|it| (*it).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_default();
    tracing::error!(error.message = words, "a request panicked");
    Problem::new(Code::Internal).into_response()
}

/// Headers that keep browsers from guessing, framing and telling. What an answer says itself
/// stays.
pub(crate) async fn guard(State(app): State<App>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let private = path.starts_with("/j/") || path.starts_with("/in/");
    let kept = path.starts_with("/v1");
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let mut say = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    say(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    say(header::X_FRAME_OPTIONS, "DENY");
    say(header::CONTENT_SECURITY_POLICY, POLICY);
    if private {
        say(header::REFERRER_POLICY, "no-referrer");
        say(HeaderName::from_static("x-robots-tag"), "noindex, nofollow");
    } else {
        say(header::REFERRER_POLICY, "same-origin");
    }
    if private || kept {
        say(header::CACHE_CONTROL, "no-store");
    }
    if app.public_url.scheme() == "https" {
        say(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    response
}
