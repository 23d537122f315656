//! The live part of a booking's page: sent whenever the booking changes, or asked for.

use std::convert::Infallible;
use std::time::Duration;

use askama::Template as _;
use axum::extract::{Path, Query, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{Html, IntoResponse as _, Response};
use axum_extra::extract::cookie::CookieJar;
use futures::Stream;
use roomkey_core::id::BookingId;
use roomkey_store::StoreError;
use serde::Deserialize;

use super::super::super::page;
use super::super::super::session::Operator;
use super::super::signed_in::is_signed_in;
use super::{facts, view};
use crate::app::App;
use crate::watch::Watcher;

/// How often an idle stream says that it is alive, so that nothing in between closes it.
const ALIVE: Duration = Duration::from_secs(15);

#[derive(Deserialize)]
pub(super) struct Asked {
    poll: Option<String>,
}

/// The live part, once (`?poll=1`) or for as long as the page is open and its operator signed in.
pub(super) async fn live(
    State(app): State<App>,
    operator: Operator,
    jar: CookieJar,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Response {
    let Ok(id) = id.parse::<BookingId>() else { return page::not_found() };
    // Watched first and read then: what changes in between is told.
    let watcher = app.watch.booking(operator.tenant, id);
    match part(&app, &operator, id).await {
        Ok(Some(html)) if asked.poll.is_some() => page::guarded(Html(html).into_response()),
        Ok(Some(_)) => {
            let stream = Sse::new(parts(app, operator, jar, id, watcher));
            page::guarded(stream.keep_alive(KeepAlive::new().interval(ALIVE)).into_response())
        }
        Ok(None) => page::not_found(),
        Err(error) => page::fault(&error),
    }
}

/// The live part as it is now.
async fn part(app: &App, operator: &Operator, id: BookingId) -> Result<Option<String>, StoreError> {
    let facts = facts::facts(app, operator, id).await?;
    Ok(facts.and_then(|facts| view::page(app, facts).as_live().render().ok()))
}

fn parts(
    app: App,
    operator: Operator,
    jar: CookieJar,
    id: BookingId,
    watcher: Watcher,
) -> impl Stream<Item = Result<Event, Infallible>> {
    let start = (app, operator, jar, watcher, true);
    futures::stream::unfold(start, move |(app, operator, jar, mut watcher, first)| async move {
        let goes_on =
            first || (watcher.changed().await && is_signed_in(&app, &jar, &operator).await);
        if !goes_on {
            return None;
        }
        let event = match part(&app, &operator, id).await {
            Ok(Some(html)) => Event::default().event("state").data(html.replace('\r', "")),
            Ok(None) => return None,
            // The page shows what it has; the next change is told again.
            Err(_) => Event::default().comment("not now"),
        };
        Some((Ok(event), (app, operator, jar, watcher, false)))
    })
}
