//! What is done to meetings, as requests.

use std::collections::BTreeSet;
use std::time::Duration;

use roomkey_core::Instant;
use roomkey_core::failure::Failure;
use roomkey_core::room::Spec;
use serde_json::Value;
use url::Url;

use crate::contract::{Call, HostLink, VendorRoom};

use super::errors::{self, Operation};
use super::hosts::Without;
use super::insist::{Wish, insist};
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
    let user = session.call.place.user.as_str();
    let path = |root: &Url| paths::meetings_of(root, user);
    let body = |wish: &Wish| Some(wire::creation(marker, &wish.spec, wish.passcode.as_ref()));
    let demanded = spec.settings.passcode == Some(true);
    let passcode = session.call.passcode.clone().filter(|_| demanded);
    let wish = Wish { spec: spec.clone(), passcode };
    let outcome = insist(session, Operation::Create, path, wish, body).await?;
    let made = outcome.answer.as_ref().and_then(wire::read);
    let made = made.ok_or_else(|| errors::unreadable(Operation::Create))?;
    let mut room = room_with(made, outcome.hosts, session.call, spec);
    // Some accounts keep passcodes out of their answers, even one that they were given.
    if room.passcode.is_none() && room.seen.settings.passcode != Some(false) {
        room.passcode = outcome.passcode;
    }
    Ok(room)
}

pub(super) async fn find(
    session: &mut Session<'_>,
    marker: &str,
    spec: &Spec,
) -> Result<Vec<VendorRoom>, Failure> {
    let mut meetings = Vec::new();
    for id in marked(session, marker, spec).await? {
        match read_any(session, &id).await {
            // Somebody took the marker away between the two looks: it is no longer ours to touch.
            Ok(meeting) if lost_marker(&meeting, marker) => {}
            Ok(meeting) => meetings.push(meeting),
            Err(Failure::Gone) => {}
            Err(failure) => return Err(failure),
        }
    }
    meetings.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
    // Whoever is missing in a room that we asked for was left out before its answer was lost.
    let asked = spec.settings.alternative_hosts.as_deref().unwrap_or_default();
    let rooms = meetings.into_iter().map(|it| {
        let left_out = if it.shows_hosts() { asked.to_vec() } else { Vec::new() };
        room_with(it, Without { left_out, ..Without::default() }, session.call, spec)
    });
    Ok(rooms.collect())
}

pub(super) async fn update(
    session: &mut Session<'_>,
    id: &str,
    marker: &str,
    spec: &Spec,
) -> Result<VendorRoom, Failure> {
    let before = read(session, id).await?;
    let call = session.call;
    let path = |root: &Url| paths::meeting(root, id);
    let body = |wish: &Wish| wire::changes(call, marker, &wish.spec, &before);
    let wish = Wish { spec: spec.clone(), passcode: None };
    let outcome = insist(session, Operation::Update, path, wish, body).await?;
    let after = match outcome.answer {
        None => before,
        Some(_) => read(session, id).await.map_err(|failure| errors::unseen(&failure))?,
    };
    Ok(room_with(after, outcome.hosts, call, spec))
}

pub(super) async fn retire(session: &mut Session<'_>, id: &str) -> Result<(), Failure> {
    // Roomkey writes the mails; Zoom is told to keep silent.
    let path = |root: &Url| {
        paths::meeting(root, id).map(|url| with_query(url, &[("schedule_for_reminder", "false")]))
    };
    match session.ask(Operation::Delete, path, None).await {
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
    let user = session.call.place.user.as_str();
    let path = |root: &Url| {
        let query = [("type", "scheduled"), ("page_size", "1")];
        paths::meetings_of(root, user).map(|url| with_query(url, &query))
    };
    session.ask(Operation::List, path, None).await.map(drop)
}

/// The room, and who could not be its alternative hosts; whoever it has all the same is one.
fn room_with(meeting: Meeting, hosts: Without, call: &Call, spec: &Spec) -> VendorRoom {
    let missing = |all: Vec<String>| -> Vec<String> {
        all.into_iter().filter(|it| !meeting.has_host(it)).collect()
    };
    let (dropped, left_out) = (missing(hosts.refused), missing(hosts.left_out));
    let mut room = meeting.room(call, Some(spec));
    room.seen.dropped = dropped;
    room.seen.left_out = left_out;
    room
}

/// Reads a meeting. One that somebody has made the user's personal room is no longer ours: people of
/// other sessions meet there. It is as good as gone, and neither changed nor removed.
async fn read(session: &mut Session<'_>, id: &str) -> Result<Meeting, Failure> {
    let meeting = read_any(session, id).await?;
    if meeting.is_personal { Err(Failure::Gone) } else { Ok(meeting) }
}

/// Reads a meeting, whatever has become of it.
async fn read_any(session: &mut Session<'_>, id: &str) -> Result<Meeting, Failure> {
    let answer = session.ask(Operation::Read, |root: &Url| paths::meeting(root, id), None).await?;
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
        let user = session.call.place.user.as_str();
        let path = |root: &Url| paths::meetings_of(root, user).map(|url| with_query(url, &query));
        let answer = match session.ask(Operation::List, path, None).await {
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

pub(super) fn with_query(mut url: Url, query: &[(&str, &str)]) -> Url {
    url.query_pairs_mut().extend_pairs(query);
    url
}
