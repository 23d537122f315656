//! Today: what needs a person, the next session, and the rest by day; kept as it is now.

use std::convert::Infallible;
use std::time::Duration;

use askama::Template as _;
use axum::extract::{Query, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{Html, IntoResponse as _, Response};
use axum_extra::extract::cookie::CookieJar;
use futures::Stream;
use roomkey_store::person::{self, Role};
use roomkey_store::{StoreError, schedule};
use serde::Deserialize;

use super::super::page;
use super::super::session::Operator;
use super::causes::Causes;
use super::done::After;
use super::frame::Frame;
use super::link;
use super::rows::rows;
use super::signed_in::is_signed_in;
use crate::app::App;
use crate::pages::operator::row::Day;
use crate::pages::operator::today::{NextSession, TodayPage};
use crate::pages::operator::{HeadNumber, Section};
use crate::pages::pill::Tone;
use crate::watch::Watcher;

/// So many sessions are shown at the most; the rest is in the list.
const MOST: u32 = 25;
/// How often an idle stream says that it is alive, so that nothing in between closes it.
const ALIVE: Duration = Duration::from_secs(15);
/// While much happens, the page is made anew no more often than this.
const CALM: Duration = Duration::from_secs(1);
/// What a room's look brings is not always an event; so often the page is made anew all the same.
const AGAIN: Duration = Duration::from_secs(15);

pub(super) async fn show(
    State(app): State<App>,
    operator: Operator,
    Query(after): Query<After>,
) -> Response {
    match load(&app, &operator).await {
        Ok(mut today) => {
            today.shell.notice = after.notice();
            page::shown(&today)
        }
        Err(error) => page::fault(&error),
    }
}

#[derive(Deserialize)]
pub(super) struct Asked {
    poll: Option<String>,
}

/// The live part, once (`?poll=1`) or for as long as the page is open and its operator signed in.
pub(super) async fn live(
    State(app): State<App>,
    operator: Operator,
    jar: CookieJar,
    Query(asked): Query<Asked>,
) -> Response {
    if asked.poll.is_some() {
        return match load(&app, &operator).await {
            Ok(today) => match today.as_live().render() {
                Ok(html) => page::guarded(Html(html).into_response()),
                Err(_) => page::not_found(),
            },
            Err(error) => page::fault(&error),
        };
    }
    // Watched first and read then: what changes in between is told.
    let watcher = app.watch.tenant(operator.tenant);
    let stream = Sse::new(parts(app, operator, jar, watcher));
    page::guarded(stream.keep_alive(KeepAlive::new().interval(ALIVE)).into_response())
}

fn parts(
    app: App,
    operator: Operator,
    jar: CookieJar,
    watcher: Watcher,
) -> impl Stream<Item = Result<Event, Infallible>> {
    let start = (app, operator, jar, watcher, (true, None::<TodayPage>));
    futures::stream::unfold(
        start,
        |(app, operator, jar, mut watcher, (first, before))| async move {
            if !first {
                tokio::time::sleep(CALM).await;
                // Whether there was a change, or it is time to look anyway; none comes any more when
                // the program stops.
                let goes_on = tokio::time::timeout(AGAIN, watcher.changed()).await.unwrap_or(true);
                if !goes_on || !is_signed_in(&app, &jar, &operator).await {
                    return None;
                }
            }
            let (event, known) = match load(&app, &operator).await {
                Ok(today) if before.as_ref().is_some_and(|before| is_same(before, &today)) => {
                    (Event::default().comment("as before"), Some(today))
                }
                Ok(today) => {
                    let html = today.as_live().render().ok()?;
                    (Event::default().event("state").data(html.replace('\r', "")), Some(today))
                }
                // The page shows what it has; the next change is told again.
                Err(_) => (Event::default().comment("not now"), before),
            };
            Some((Ok(event), (app, operator, jar, watcher, (false, known))))
        },
    )
}

/// Whether nothing has changed but the time.
fn is_same(before: &TodayPage, now: &TodayPage) -> bool {
    let mut before = before.clone();
    before.shell.now = now.shell.now;
    before.shell.number.clone_from(&now.shell.number);
    before == *now
}

async fn load(app: &App, operator: &Operator) -> Result<TodayPage, StoreError> {
    let now = app.now();
    let (tenant, given) = (operator.tenant, operator.clone());
    let (frame, causes, ahead, shown, people) = app
        .store()
        .read::<_, StoreError, _>(move |tx| {
            Box::pin(async move {
                let frame = Frame::load(tx, &given, now).await?;
                let causes = Causes::load(tx, tenant, &frame.zone, now).await?;
                let ahead = schedule::count_ahead(tx, tenant, now).await?;
                let records = schedule::ahead(tx, tenant, now, MOST).await?;
                let people = match records.first() {
                    Some(next) => person::of_booking(tx, tenant, next.booking.id).await?,
                    None => Vec::new(),
                };
                let shown = rows(tx, tenant, records).await?;
                Ok((frame, causes, ahead, shown, people))
            })
        })
        .await?;
    let mut shown = shown.into_iter();
    let next = shown.next();
    let number = match causes.need_you() {
        0 => next.as_ref().filter(|next| next.span.start > now).map(|next| {
            HeadNumber::until(next.span.start, now, "until the next session", Tone::Plain)
        }),
        1 => Some(HeadNumber::new(1, "session needs you", tone(&causes))),
        many => Some(HeadNumber::new(many, "sessions need you", tone(&causes))),
    };
    let host = people.iter().find(|it| it.role == Role::Host && it.removed_at.is_none());
    let lobby = host.and_then(|it| link::of(app, it));
    let days = Day::group(shown.collect(), &frame.zone, now);
    Ok(TodayPage {
        causes: causes.for_a_person(),
        shell: frame.shell(Section::Today, number, None),
        next: next.map(|row| NextSession {
            // A session that is not held online has no door.
            lobby: lobby.filter(|_| !row.is_elsewhere()),
            row,
        }),
        days,
        ahead,
    })
}

/// A word that is waited for is no fault.
fn tone(causes: &Causes) -> Tone {
    let is_stop = causes.for_a_person().iter().any(|it| it.tone == Tone::Stop);
    if is_stop { Tone::Stop } else { Tone::Brass }
}
