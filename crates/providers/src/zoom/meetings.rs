//! What is done to meetings, as requests.

use std::collections::BTreeSet;
use std::time::Duration;

use roomkey_core::Instant;
use roomkey_core::failure::Failure;
use roomkey_core::room::Spec;
use serde_json::Value;
use url::Url;

use crate::contract::{HostLink, VendorRoom};

use super::errors::{self, Operation};
use super::session::Session;
use super::wire::{self, Meeting};
use super::{agenda, paths};

/// Lists are read by pages of so many, which is as many as Zoom gives.
const PAGE_SIZE: &str = "300";

/// A list with more pages than this does not end.
const MOST_PAGES: usize = 100;

/// Days are compared as dates, and a date is not the same everywhere: a day more on both sides.
const AROUND: Duration = Duration::from_secs(24 * 60 * 60);

/// Zoom's start links live two hours; less a margin for whoever reads the page first.
const START_LINK_LIFETIME: Duration = Duration::from_secs(110 * 60);

pub(super) async fn create(
    session: &mut Session<'_>,
    marker: &str,
    spec: &Spec,
) -> Result<VendorRoom, Failure> {
    let url = paths::meetings_of(session.root(), &session.call.place.user);
    let body = wire::creation(marker, spec);
    let answer = session.ask(Operation::Create, url, Some(body)).await?;
    let made = wire::read(&answer).ok_or_else(|| errors::unreadable(Operation::Create))?;
    Ok(made.room(session.call, Some(spec)))
}

pub(super) async fn find(
    session: &mut Session<'_>,
    marker: &str,
    spec: &Spec,
) -> Result<Vec<VendorRoom>, Failure> {
    let mut meetings = Vec::new();
    for id in marked(session, marker, spec).await? {
        match read(session, &id).await {
            // Somebody took the marker away between the two looks: it is no longer ours to touch.
            Ok(meeting) if lost_marker(&meeting, marker) => {}
            Ok(meeting) => meetings.push(meeting),
            Err(Failure::Gone) => {}
            Err(failure) => return Err(failure),
        }
    }
    meetings.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
    Ok(meetings.into_iter().map(|it| it.room(session.call, Some(spec))).collect())
}

pub(super) async fn update(
    session: &mut Session<'_>,
    id: &str,
    marker: &str,
    spec: &Spec,
) -> Result<VendorRoom, Failure> {
    let before = read(session, id).await?;
    let Some(changes) = wire::changes(session.call, marker, spec, &before) else {
        return Ok(before.room(session.call, Some(spec)));
    };
    let url = paths::meeting(session.root(), id);
    session.ask(Operation::Update, url, Some(changes)).await?;
    let after = read(session, id).await.map_err(|failure| errors::unseen(&failure))?;
    Ok(after.room(session.call, Some(spec)))
}

pub(super) async fn retire(session: &mut Session<'_>, id: &str) -> Result<(), Failure> {
    // Roomkey writes the mails; Zoom is told to keep silent.
    let url = paths::meeting(session.root(), id)
        .map(|url| with_query(url, &[("schedule_for_reminder", "false")]));
    match session.ask(Operation::Delete, url, None).await {
        Ok(_) | Err(Failure::Gone) => Ok(()),
        Err(failure) => Err(failure),
    }
}

pub(super) async fn inspect(session: &mut Session<'_>, id: &str) -> Result<VendorRoom, Failure> {
    Ok(read(session, id).await?.room(session.call, None))
}

pub(super) async fn host_link(session: &mut Session<'_>, id: &str) -> Result<HostLink, Failure> {
    let url = read(session, id).await?.start_url.ok_or_else(errors::no_start_link)?;
    Ok(HostLink { url, expires: session.call.now.plus(START_LINK_LIFETIME) })
}

/// A new token proves account, client and secret, and says what it may do; a list of one proves
/// the user, and that the API takes the token. Nothing is asked for that a room does not need:
/// reading `users/me` is not for server-to-server apps, and listing users takes a scope more.
pub(super) async fn check(session: &mut Session<'_>) -> Result<(), Failure> {
    let token = session.new_token().await?;
    let lacking = token.lacks();
    if !lacking.is_empty() {
        return Err(errors::lacks(&lacking.iter().map(String::as_str).collect::<Vec<_>>()));
    }
    if session.call.place.user.is_empty() {
        return Ok(());
    }
    let url = paths::meetings_of(session.root(), &session.call.place.user)
        .map(|url| with_query(url, &[("type", "scheduled"), ("page_size", "1")]));
    session.ask(Operation::List, url, None).await.map(drop)
}

async fn read(session: &mut Session<'_>, id: &str) -> Result<Meeting, Failure> {
    let url = paths::meeting(session.root(), id);
    let answer = session.ask(Operation::Read, url, None).await?;
    wire::read(&answer).ok_or_else(|| errors::unreadable(Operation::Read))
}

/// The numbers of the user's meetings around the start whose agendas show the marker.
async fn marked(
    session: &mut Session<'_>,
    marker: &str,
    spec: &Spec,
) -> Result<BTreeSet<String>, Failure> {
    let mut found = BTreeSet::new();
    for item in list(session, spec.start.minus(AROUND), spec.start.plus(AROUND)).await? {
        if agenda::has_marker(shown_agenda(&item), marker) {
            found.insert(wire::id(&item).ok_or_else(|| errors::unreadable(Operation::List))?);
        }
    }
    Ok(found)
}

/// What a list shows of an agenda.
pub(super) fn shown_agenda(item: &Value) -> &str {
    item.get("agenda").and_then(Value::as_str).unwrap_or_default()
}

/// The user's meetings whose start is in a span of days, both included; all pages.
pub(super) async fn list(
    session: &mut Session<'_>,
    from: Instant,
    to: Instant,
) -> Result<Vec<Value>, Failure> {
    let (from, to) = (wire::day(from), wire::day(to));
    let mut found = Vec::new();
    let mut page = String::new();
    for _ in 0..MOST_PAGES {
        let mut query = vec![
            ("type", "scheduled"),
            ("from", from.as_str()),
            ("to", to.as_str()),
            ("page_size", PAGE_SIZE),
        ];
        if !page.is_empty() {
            query.push(("next_page_token", page.as_str()));
        }
        let url = paths::meetings_of(session.root(), &session.call.place.user)
            .map(|url| with_query(url, &query));
        let answer = match session.ask(Operation::List, url, None).await {
            // Who is not there has no meetings.
            Err(Failure::UnknownUser(_)) => return Ok(found),
            answer => answer?,
        };
        let items = answer.get("meetings").and_then(Value::as_array);
        found.extend_from_slice(items.ok_or_else(|| errors::unreadable(Operation::List))?);
        match answer.get("next_page_token").and_then(Value::as_str) {
            Some(next) if !next.is_empty() && next != page => page = next.to_owned(),
            Some(_) | None => return Ok(found),
        }
    }
    Err(errors::unreadable(Operation::List))
}

fn lost_marker(meeting: &Meeting, marker: &str) -> bool {
    meeting.agenda.as_deref().is_some_and(|agenda| !agenda::has_marker(agenda, marker))
}

fn with_query(mut url: Url, query: &[(&str, &str)]) -> Url {
    url.query_pairs_mut().extend_pairs(query);
    url
}
