//! Every route, with what every request goes through.

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;

use crate::api::body::LARGEST;
use crate::app::App;
use crate::error::{Code, Problem};
use crate::pages::error::ErrorPage;
use crate::{api, hooks, layers, limits, probes, visits};

/// Everything that is answered.
pub fn router(app: &App) -> Router {
    let (api, specification) = api::routes();
    Router::new()
        .merge(visits::routes())
        .merge(hooks::routes())
        .merge(api)
        .merge(api::docs::routes(specification))
        .route("/livez", get(probes::live))
        .route("/readyz", get(probes::ready))
        .fallback(nothing)
        .method_not_allowed_fallback(no_such_method)
        .layer(DefaultBodyLimit::max(LARGEST))
        .layer(axum::middleware::from_fn(in_our_words))
        .layer(from_fn_with_state(app.clone(), limits::pages))
        .layer(from_fn_with_state(app.clone(), layers::guard))
        .layer(from_fn_with_state(app.clone(), layers::log))
        .with_state(app.clone())
}

/// What the framework itself refuses (a path that is no UTF-8, a body that is too large) it says
/// in plain text; we say it as we say everything.
async fn in_our_words(request: Request, next: axum::middleware::Next) -> Response {
    let path = request.uri().path();
    let people = !path.starts_with("/v1") && !path.starts_with("/hooks");
    let response = next.run(request).await;
    let kind = response.headers().get(http::header::CONTENT_TYPE);
    let plain = kind.is_some_and(|it| it.as_bytes().starts_with(b"text/plain"));
    if !plain || !response.status().is_client_error() {
        return response;
    }
    let status = response.status();
    if people {
        let words = "The address or what was sent with it cannot be read. Go back and try again.";
        let page = ErrorPage::problem(status.as_u16(), "This cannot be read", words);
        return visits::page::with_status(status, &page);
    }
    match status {
        http::StatusCode::PAYLOAD_TOO_LARGE => Problem::too_large(LARGEST).into_response(),
        _ => Problem::new(Code::NotFound).into_response(),
    }
}

async fn nothing(request: Request) -> Response {
    if is_for_people(&request) {
        return visits::page::with_status(http::StatusCode::NOT_FOUND, &ErrorPage::not_found());
    }
    Problem::new(Code::NotFound).into_response()
}

async fn no_such_method() -> Response {
    Problem::new(Code::MethodNotAllowed).into_response()
}

/// Whether a page is wanted rather than a problem's details.
fn is_for_people(request: &Request) -> bool {
    let accepts = request.headers().get(http::header::ACCEPT).and_then(|it| it.to_str().ok());
    !request.uri().path().starts_with("/v1") && accepts.is_some_and(|it| it.contains("text/html"))
}
