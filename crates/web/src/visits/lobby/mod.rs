//! The lobby behind a link, and the step through its door.
//!
//! `GET` and `HEAD` change nothing and tell nobody. Everything under a link is loaded by the
//! token's hash, and nothing of it is ever logged.

mod calendar;
mod go;
mod live;
mod view;
mod visit;

use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, post};
use axum_extra::extract::cookie::CookieJar;

use self::visit::Visit;
use super::page;
use crate::app::App;
use crate::pages::lobby::LobbyPage;
use crate::pages::pill::Notice;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/j/{token}", get(lobby))
        .route("/j/{token}/go", get(lobby).post(go::go))
        .route("/j/{token}/live", get(live::live))
        .route("/j/{token}/calendar.ics", get(calendar::file))
        .route("/j/{token}/sign-in", post(sign_in))
}

async fn lobby(State(app): State<App>, Path(token): Path<String>, jar: CookieJar) -> Response {
    show(&app, &token, &jar, None).await
}

/// The lobby, with what came of something the person just did.
async fn show(app: &App, token: &str, jar: &CookieJar, notice: Option<Notice>) -> Response {
    match visit::visit(app, token, jar).await {
        Ok(visit) => with_notice(app, &visit, notice),
        Err(turned) => turned.page(),
    }
}

fn with_notice(app: &App, visit: &Visit, notice: Option<Notice>) -> Response {
    let mut lobby = view::lobby(app, visit);
    lobby.notice = notice;
    page::shown(&LobbyPage { lobby })
}

/// A host without a session says that they are the host. The practice gives out sign-in links.
async fn sign_in(State(app): State<App>, Path(token): Path<String>, jar: CookieJar) -> Response {
    let words = "Ask your practice for a sign-in link and open it on this device. Then this page lets you start the session.";
    show(&app, &token, &jar, Some(Notice::brass(words))).await
}
