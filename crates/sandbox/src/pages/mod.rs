//! What people see. Every page says that none of it is real.

mod controls;
mod index;

use askama::Template;

use crate::clock::for_people;
use crate::mailbox;
use crate::message::{Answer, Asked};
use crate::server::Shared;
use crate::world::World;
use crate::zoom::view::{StartLink, join_url, start_url};

const STYLESHEET: &str = include_str!("sandbox.css");

/// One mail in a list.
pub(crate) struct MailRow {
    pub(crate) id: u64,
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) subject: String,
    pub(crate) received: String,
}

#[derive(Template)]
#[template(path = "mails.html")]
pub(crate) struct MailsPage {
    pub(crate) mails: Vec<MailRow>,
}

pub(crate) struct AttachmentRow {
    pub(crate) name: String,
    pub(crate) content_type: String,
    pub(crate) text: String,
}

#[derive(Template)]
#[template(path = "mail.html")]
pub(crate) struct MailPage {
    pub(crate) mail: MailRow,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) has_html: bool,
    pub(crate) text: String,
    pub(crate) attachments: Vec<AttachmentRow>,
}

/// Somebody in or before a room.
pub(crate) struct Person {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) place: &'static str,
    pub(crate) is_host: bool,
}

/// A room, seen through one of its doors.
#[derive(Template)]
#[template(path = "room.html")]
pub(crate) struct Room {
    pub(crate) id: i64,
    pub(crate) number: String,
    pub(crate) topic: String,
    pub(crate) host: String,
    pub(crate) when: String,
    pub(crate) minutes: i64,
    pub(crate) is_host: bool,
    pub(crate) started: bool,
    pub(crate) waiting_room: bool,
    pub(crate) join_before_host: bool,
    pub(crate) people: Vec<Person>,
    pub(crate) asks_passcode: bool,
    pub(crate) passcode_was_wrong: bool,
    pub(crate) pwd: String,
    pub(crate) zak: String,
    /// Which of the people looks at the page, and where that one is; empty for newcomers.
    pub(crate) me: String,
    pub(crate) my_place: &'static str,
}

/// A page with nothing but a sentence.
#[derive(Template)]
#[template(path = "said.html")]
pub(crate) struct Said<'a> {
    pub(crate) title: &'a str,
    pub(crate) text: &'a str,
    pub(crate) vendor: &'a str,
}

struct MeetingRow {
    id: i64,
    status: &'static str,
    topic: String,
    when: String,
    minutes: i64,
    agenda: String,
    inside: usize,
    join_url: String,
    start_url: String,
}

struct UserRow {
    email: String,
    licensed: bool,
    meetings: Vec<MeetingRow>,
}

struct AccountRow {
    id: String,
    users: Vec<UserRow>,
}

#[derive(Template)]
#[template(path = "zoom.html")]
struct ZoomPage {
    now: String,
    accounts: Vec<AccountRow>,
}

pub(crate) fn said(status: u16, page: &Said<'_>) -> Answer {
    render(status, page)
}

pub(crate) fn room(status: u16, page: &Room) -> Answer {
    render(status, page)
}

pub(crate) fn render(status: u16, page: &impl Template) -> Answer {
    match page.render() {
        Ok(html) => Answer::html(status, html)
            .with("cache-control", "no-store")
            .with("referrer-policy", "no-referrer"),
        Err(error) => {
            tracing::error!(%error, "sandbox page could not be rendered");
            Answer::bytes(500, "text/plain", "This page could not be rendered.\n")
        }
    }
}

/// Everything that is neither a vendor's, nor a room, nor a control.
pub(crate) fn answer(shared: &Shared, world: &mut World, asked: &Asked) -> Answer {
    let segments = asked.segments();
    let parts: Vec<&str> = segments.iter().map(String::as_str).collect();
    match (asked.method.as_str(), parts.as_slice()) {
        ("GET", [""]) => index::index(world),
        ("GET", ["sandbox.css"]) => Answer::bytes(200, "text/css; charset=utf-8", STYLESHEET),
        ("GET", ["zoom"]) => zoom(world),
        ("GET", ["calls"]) => index::calls(world),
        ("POST", ["faults"]) => index::switch_on(world, asked),
        ("POST", ["faults", "clear"]) => {
            world.faults.clear();
            shared.release();
            Answer::see_other("/")
        }
        ("GET", ["mail"]) => mailbox::page::list(&world.mailbox),
        ("GET", ["mail", id]) => mail(world, id, mailbox::page::one),
        ("GET", ["mail", id, "html"]) => mail(world, id, mailbox::page::html),
        ("GET", ["mail", id, "raw"]) => mail(world, id, mailbox::page::raw),
        _ => nothing_here(),
    }
}

fn mail(world: &World, id: &str, show: fn(&mailbox::Mail) -> Answer) -> Answer {
    id.parse().ok().and_then(|id| world.mailbox.get(id)).map_or_else(nothing_here, show)
}

fn nothing_here() -> Answer {
    said(
        404,
        &Said {
            title: "There is nothing here",
            text: "The sandbox has no such page.",
            vendor: "vendors",
        },
    )
}

fn zoom(world: &mut World) -> Answer {
    let now = world.clock.now();
    let ids: Vec<i64> = world
        .zoom
        .meetings
        .values()
        .filter(|meeting| meeting.exists(now))
        .map(|meeting| meeting.id)
        .collect();
    let mut rows: Vec<(String, MeetingRow)> = Vec::new();
    for id in ids {
        let start_url = start_url(world, id, StartLink::Last).unwrap_or_default();
        let Some(meeting) = world.zoom.meetings.get(&id) else {
            continue;
        };
        let row = MeetingRow {
            id,
            status: meeting.status.word(),
            topic: meeting.topic.clone(),
            when: meeting.start_time.map(for_people).unwrap_or_default(),
            minutes: meeting.duration,
            agenda: meeting.agenda.clone(),
            inside: meeting.participants.len(),
            join_url: join_url(world, meeting),
            start_url,
        };
        rows.push((meeting.host_id.clone(), row));
    }
    let accounts = world
        .zoom
        .accounts
        .iter()
        .map(|account| AccountRow {
            id: account.id.clone(),
            users: account
                .users
                .iter()
                .map(|user| UserRow {
                    email: user.email.clone(),
                    licensed: user.licensed,
                    meetings: rows
                        .extract_if(.., |(host, _)| *host == user.id)
                        .map(|(_, row)| row)
                        .collect(),
                })
                .collect(),
        })
        .collect();
    render(200, &ZoomPage { now: for_people(now), accounts })
}
