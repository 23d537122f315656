//! A stand-in for Zoom: accounts, tokens, meetings, rooms and events.
//!
//! Read `meetings` for what a meeting is and what a call does to it, `validation` for what is refused,
//! `listing` for lists, `rooms` for the pages behind the links, `past` for what took place in them,
//! `recordings` and `downloads` for what is left of it, `events` for what goes out.

pub(crate) mod accounts;
pub(crate) mod control;
pub(crate) mod downloads;
pub(crate) mod errors;
pub(crate) mod events;
pub(crate) mod listing;
pub(crate) mod meetings;
pub(crate) mod past;
pub(crate) mod recordings;
pub(crate) mod rooms;
pub(crate) mod token;
mod users;
pub(crate) mod validation;
pub(crate) mod view;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::chance::Chance;
use crate::message::{Answer, Asked};
use crate::world::World;

use accounts::{Account, User};
use errors::problem;
use meetings::Meeting;
use token::Bearer;

/// How many creates and updates Zoom lets one host make a day.
const HOST_QUOTA: u64 = 100;

/// Where the files of recordings are fetched.
pub(crate) const DOWNLOADS: &str = "/rooms/zoom/download/";

/// All that exists at Zoom.
#[derive(Debug, Default)]
pub(crate) struct Zoom {
    pub(crate) accounts: Vec<Account>,
    pub(crate) meetings: BTreeMap<i64, Meeting>,
    tokens: BTreeMap<String, token::Token>,
    zaks: view::Zaks,
    list_tokens: BTreeMap<String, listing::Place>,
    pub(crate) events: events::Events,
    pub(crate) recordings: Vec<recordings::Recording>,
    pub(crate) downloads: downloads::Downloads,
    past: past::Past,
}

impl Zoom {
    /// What is known from the start.
    pub(crate) fn at_the_beginning(chance: &mut Chance, now: Timestamp) -> Self {
        let mut account = Account::new("acc-1", "client-1", "secret-1");
        account.add_user(chance, now, "host@practice.example", true);
        for seat in 1..=5 {
            account.add_user(chance, now, &format!("seat{seat}@practice.example"), true);
        }
        account.add_user(chance, now, "basic@practice.example", false);
        Self { accounts: vec![account], ..Self::default() }
    }

    pub(crate) fn account(&self, id: &str) -> Option<&Account> {
        self.accounts.iter().find(|account| account.id == id)
    }

    pub(crate) fn account_mut(&mut self, id: &str) -> Option<&mut Account> {
        self.accounts.iter_mut().find(|account| account.id == id)
    }

    pub(crate) fn host_of(&self, meeting: &Meeting) -> Option<&User> {
        self.account(&meeting.account)?.user(&meeting.host_id)
    }
}

/// Carries out one call of the interface.
pub(crate) fn act(world: &mut World, asked: &Asked, lag: Option<SignedDuration>) -> Answer {
    let segments = asked.segments();
    let parts: Vec<&str> = segments.iter().skip(1).map(String::as_str).collect();
    let answer = match (asked.method.as_str(), parts.as_slice()) {
        _ if asked.path.starts_with(DOWNLOADS) => downloads::answer(world, asked, &parts),
        ("POST", ["oauth", "token"]) => token::issue(world, asked),
        ("POST", ["oauth", "revoke"]) => token::revoke(world, asked),
        (method, ["v2", rest @ ..]) => match token::bearer(world, asked) {
            Ok(bearer) => api(world, asked, &bearer, method, rest, lag),
            Err(refusal) => refusal,
        },
        _ => not_recognised(),
    };
    errors::with_headers(world, asked, answer)
}

fn api(
    world: &mut World,
    asked: &Asked,
    bearer: &Bearer,
    method: &str,
    rest: &[&str],
    lag: Option<SignedDuration>,
) -> Answer {
    let scope = match (method, rest) {
        ("GET", ["users"]) => "user:read:list_users",
        ("GET", ["users", _]) => "user:read:user",
        ("GET", ["users", _, "settings"]) => "user:read:settings",
        ("GET", ["users", _, "meetings"]) => "meeting:read:list_meetings",
        ("POST", ["users", _, "meetings"]) => "meeting:write:meeting",
        ("GET", ["meetings", _]) => "meeting:read:meeting",
        ("PATCH", ["meetings", _]) => "meeting:update:meeting",
        ("DELETE", ["meetings", _]) => "meeting:delete:meeting",
        ("PUT", ["meetings", _, "status"]) => "meeting:update:status",
        ("GET", ["meetings", _, "invitation"]) => "meeting:read:invitation",
        ("GET", ["meetings", _, "recordings"]) => recordings::SCOPE,
        ("GET", ["past_meetings", _]) => "meeting:read:past_meeting",
        ("GET", ["past_meetings", _, "instances"]) => "meeting:read:list_past_instances",
        ("GET", ["past_meetings", _, "participants"]) => "meeting:read:list_past_participants",
        ("GET", ["report", "meetings", _, "participants"]) => {
            "report:read:list_meeting_participants"
        }
        _ => return not_recognised(),
    };
    if let Some(refusal) = bearer.lacks(scope) {
        return refusal;
    }
    match (method, rest) {
        ("GET", ["users"]) => users::list(world, bearer, asked),
        ("GET", ["users", user]) => users::get(world, bearer, user),
        ("GET", ["users", user, "settings"]) => users::settings(world, bearer, user, asked),
        ("GET", ["users", user, "meetings"]) => listing::list(world, bearer, user, asked, lag),
        ("POST", ["users", user, "meetings"]) => {
            let host = match users::find(world, bearer, user) {
                Ok(user) => user.id.clone(),
                Err(refusal) => return refusal,
            };
            within_quota(world, asked, &host, |world| {
                meetings::create(world, bearer, &host, asked, lag)
            })
        }
        ("GET", ["meetings", id]) => meetings::get(world, bearer, id),
        ("PATCH", ["meetings", id]) => {
            let host = match meetings::find(world, bearer, id) {
                Ok(meeting) => meeting.host_id.clone(),
                Err(refusal) => return refusal,
            };
            within_quota(world, asked, &host, |world| meetings::update(world, bearer, id, asked))
        }
        ("DELETE", ["meetings", id]) => meetings::delete(world, bearer, id),
        ("PUT", ["meetings", id, "status"]) => meetings::set_status(world, bearer, id, asked),
        ("GET", ["meetings", id, "invitation"]) => meetings::invitation(world, bearer, id),
        ("GET", ["meetings", id, "recordings"]) => recordings::list(world, bearer, id, asked),
        ("GET", ["past_meetings", id]) => past::get(world, bearer, id),
        ("GET", ["past_meetings", id, "instances"]) => past::instances(world, bearer, id),
        ("GET", ["past_meetings", id, "participants"]) => {
            past::participants(world, bearer, id, asked)
        }
        ("GET", ["report", "meetings", id, "participants"]) => {
            past::report(world, bearer, id, asked)
        }
        _ => not_recognised(),
    }
}

/// Creates and updates share one daily quota per host; it is counted only while a fault asks for it.
fn within_quota(
    world: &mut World,
    asked: &Asked,
    host: &str,
    act: impl FnOnce(&mut World) -> Answer,
) -> Answer {
    let day = world.clock.now().strftime("%Y-%m-%d").to_string();
    let used_up = world.faults.quota_is_used_up(&asked.method, &asked.path, host, &day, HOST_QUOTA);
    if used_up {
        return errors::user_daily_limit();
    }
    let answer = act(world);
    if answer.is_success() {
        world.faults.count_against_quota(host, &day);
    }
    answer
}

fn not_recognised() -> Answer {
    problem(404, 2300, "This API endpoint is not recognized.")
}
