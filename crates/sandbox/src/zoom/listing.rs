//! Lists of meetings: leaner than the meetings themselves, paged, and sometimes behind.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use serde_json::{Value, json};

use super::errors::{FieldError, problem, validation};
use super::meetings::{INSTANT, Meeting, Status};
use super::token::Bearer;
use super::users::{find, page_size};
use super::validation::time_zone;
use super::view::join_url;
use crate::clock::{after, seconds};
use crate::message::{Answer, Asked};
use crate::world::World;

/// How much of an agenda a list shows.
const AGENDA_SHOWN: usize = 250;

const TOKEN_LIFETIME: SignedDuration = SignedDuration::from_mins(15);

/// How far some lists look.
const HALF_A_YEAR: SignedDuration = SignedDuration::from_hours(183 * 24);

/// Where a list goes on.
#[derive(Debug)]
pub(crate) struct Place {
    host_id: String,
    kind: Kind,
    /// The last meeting that has been shown, by its place in the order.
    after: (Timestamp, i64),
    expires_at: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Scheduled,
    Live,
    Upcoming,
    Previous,
}

impl Kind {
    fn named(name: &str) -> Option<Self> {
        match name {
            "scheduled" => Some(Self::Scheduled),
            "live" => Some(Self::Live),
            "upcoming" | "upcoming_meetings" => Some(Self::Upcoming),
            "previous_meetings" => Some(Self::Previous),
            _ => None,
        }
    }

    fn shows(self, meeting: &Meeting, now: Timestamp) -> bool {
        let is_over = meeting.end_time().is_some_and(|end| end <= now);
        let starts = meeting.start_time.unwrap_or(now);
        match self {
            Self::Scheduled => true,
            Self::Live => meeting.status == Status::Started,
            Self::Upcoming => {
                meeting.status == Status::Started || (!is_over && starts < after(now, HALF_A_YEAR))
            }
            Self::Previous => {
                is_over && meeting.status == Status::Waiting && now < after(starts, HALF_A_YEAR)
            }
        }
    }
}

/// `GET /users/{userId}/meetings`.
pub(crate) fn list(
    world: &mut World,
    bearer: &Bearer,
    user: &str,
    asked: &Asked,
    lag: Option<SignedDuration>,
) -> Answer {
    let host_id = match find(world, bearer, user) {
        Ok(user) => user.id.clone(),
        Err(refusal) => return refusal,
    };
    let named = asked.query("type").unwrap_or_else(|| "scheduled".to_owned());
    let Some(kind) = Kind::named(&named) else {
        return invalid("type");
    };
    let (from, to) = match window(asked) {
        Ok(window) => window,
        Err(field) => return invalid(field),
    };
    let now = world.clock.now();
    let resume = match asked.query("next_page_token").filter(|token| !token.is_empty()) {
        None => None,
        Some(token) => match world.zoom.list_tokens.get(&token) {
            Some(place)
                if place.host_id == host_id && place.kind == kind && now < place.expires_at =>
            {
                Some(place.after)
            }
            _ => return problem(400, 300, "The next page token is invalid or expired."),
        },
    };

    let shown_since = lag.map(|lag| after(now, -lag));
    let mut found: Vec<&Meeting> = world
        .zoom
        .meetings
        .values()
        .filter(|meeting| meeting.host_id == host_id && meeting.account == bearer.account)
        .filter(|meeting| meeting.exists(now) && is_listed(meeting, now))
        .filter(|meeting| shown_since.is_none_or(|since| meeting.created_at <= since))
        .filter(|meeting| kind.shows(meeting, now))
        .filter(|meeting| {
            let start = meeting.start_time.unwrap_or(now);
            from.is_none_or(|from| start >= from) && to.is_none_or(|to| start < to)
        })
        .collect();
    found.sort_by_key(|meeting| place(meeting));

    let total = found.len();
    let size = page_size(asked);
    let number = asked
        .query("page_number")
        .and_then(|number| number.parse::<usize>().ok())
        .unwrap_or(1)
        .max(1);
    let skipped = match resume {
        Some(last) => found.partition_point(|meeting| place(meeting) <= last),
        None => (number - 1).saturating_mul(size).min(total),
    };
    let page: Vec<&Meeting> = found.into_iter().skip(skipped).take(size).collect();
    let more = skipped + page.len() < total;
    let meetings: Vec<Value> = page.iter().map(|meeting| item(world, meeting)).collect();
    let last = page.last().map(|meeting| place(meeting));

    let mut body = json!({
        "page_size": size,
        "total_records": total,
        "next_page_token": "",
        "meetings": meetings,
    });
    if resume.is_none() {
        body["page_count"] = json!(total.div_ceil(size));
        body["page_number"] = json!(number);
    }
    if let (true, Some(last)) = (more, last) {
        let token = world.chance.word(35);
        world.zoom.list_tokens.retain(|_, place| now < place.expires_at);
        let place = Place { host_id, kind, after: last, expires_at: after(now, TOKEN_LIFETIME) };
        body["next_page_token"] = json!(token);
        world.zoom.list_tokens.insert(token, place);
    }
    Answer::json(200, &body)
}

/// Instant meetings are never listed, and a lag hides what is new.
pub(crate) fn is_listed(meeting: &Meeting, now: Timestamp) -> bool {
    meeting.kind != INSTANT && meeting.listed_from <= now
}

fn place(meeting: &Meeting) -> (Timestamp, i64) {
    (meeting.start_time.unwrap_or(Timestamp::MIN), meeting.id)
}

fn item(world: &World, meeting: &Meeting) -> Value {
    let mut item = json!({
        "uuid": meeting.uuid,
        "id": meeting.id,
        "host_id": meeting.host_id,
        "topic": meeting.topic,
        "type": meeting.kind,
        "duration": meeting.duration,
        "timezone": meeting.timezone,
        "created_at": seconds(meeting.created_at),
        "join_url": join_url(world, meeting),
        "agenda": meeting.agenda.chars().take(AGENDA_SHOWN).collect::<String>(),
    });
    if let Some(start) = meeting.start_time {
        item["start_time"] = json!(seconds(start));
    }
    if meeting.has("use_pmi")
        && let Some(host) = world.zoom.host_of(meeting)
    {
        item["pmi"] = json!(host.pmi.to_string());
    }
    item
}

/// `from` and `to` are whole days in `timezone`, both included.
fn window(asked: &Asked) -> Result<(Option<Timestamp>, Option<Timestamp>), &'static str> {
    let zone = match asked.query("timezone").filter(|name| !name.is_empty()) {
        None => TimeZone::UTC,
        Some(name) => time_zone(&name).ok_or("timezone")?,
    };
    let day = |name: &'static str| match asked.query(name).filter(|text| !text.is_empty()) {
        None => Ok(None),
        Some(text) => match text.parse::<Date>() {
            Ok(date) if text.len() == 10 => Ok(Some(date)),
            _ => Err(name),
        },
    };
    let midnight = |date: Date| date.to_zoned(zone.clone()).ok().map(|zoned| zoned.timestamp());
    let from = day("from")?.and_then(midnight);
    let to = day("to")?.and_then(|date| date.checked_add(1.day()).ok()).and_then(midnight);
    Ok((from, to))
}

fn invalid(field: &str) -> Answer {
    validation(&[FieldError { field: field.to_owned(), message: "Invalid field.".to_owned() }])
}
