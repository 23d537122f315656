//! The lobby's live part: sent whenever the booking changes, or asked for.

use std::convert::Infallible;
use std::time::Duration;

use askama::Template as _;
use axum::extract::{Path, Query, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{Html, IntoResponse, Response};
use axum_extra::extract::cookie::CookieJar;
use futures::Stream;
use serde::Deserialize;

use super::super::page;
use super::view;
use super::visit::{Turned, visit};
use crate::app::App;
use crate::pages::lobby::LobbyLive;
use crate::watch::Watcher;

/// How often an idle stream says that it is alive, so that nothing in between closes it.
const ALIVE: Duration = Duration::from_secs(15);

#[derive(Deserialize)]
pub(super) struct Asked {
    poll: Option<String>,
}

/// The live part, once (`?poll=1`) or for as long as the page is open.
pub(super) async fn live(
    State(app): State<App>,
    Path(token): Path<String>,
    Query(asked): Query<Asked>,
    jar: CookieJar,
) -> Response {
    let visit = match visit(&app, &token, &jar).await {
        Ok(visit) => visit,
        // A page that asks again and again shows what it is answered.
        Err(Turned::Replaced(replaced)) if asked.poll.is_some() => {
            return match replaced.as_live().render() {
                Ok(html) => page::guarded(Html(html).into_response()),
                Err(_) => page::not_found(),
            };
        }
        Err(turned) => return turned.page(),
    };
    if asked.poll.is_some() {
        return match (LobbyLive { lobby: view::lobby(&app, &visit) }).render() {
            Ok(html) => page::guarded(Html(html).into_response()),
            Err(_) => page::not_found(),
        };
    }
    // Watched first and read then: what changes in between is told.
    let watcher = app.watch.booking(visit.person.tenant, visit.record.booking.id);
    let stream =
        Sse::new(states(app, token, jar, watcher)).keep_alive(KeepAlive::new().interval(ALIVE));
    page::guarded(stream.into_response())
}

fn states(
    app: App,
    token: String,
    jar: CookieJar,
    watcher: Watcher,
) -> impl Stream<Item = Result<Event, Infallible>> {
    futures::stream::unfold(
        (app, token, jar, watcher, true),
        |(app, token, jar, mut watcher, first)| async move {
            if !first && !watcher.changed().await {
                return None;
            }
            let event = match visit(&app, &token, &jar).await {
                Ok(visit) => {
                    let html = LobbyLive { lobby: view::lobby(&app, &visit) }.render().ok()?;
                    Event::default().event("state").data(html.replace('\r', ""))
                }
                Err(Turned::Unknown) => return None,
                // A lobby that was open when its link was replaced says so too.
                Err(Turned::Replaced(replaced)) => {
                    let html = replaced.as_live().render().ok()?;
                    Event::default().event("state").data(html.replace('\r', ""))
                }
                // The page shows what it has; the next change is told again.
                Err(Turned::Fault(_)) => Event::default().comment("not now"),
            };
            Some((Ok(event), (app, token, jar, watcher, false)))
        },
    )
}
