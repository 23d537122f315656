//! Meetings: what one is, and what calls do to it.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::Zoom;
use super::accounts::Account;
use super::errors::{FieldError, problem, validation};
use super::recordings;
use super::token::Bearer;
use super::validation::{Call, check, start_time, time_zone};
use super::view::{self, StartLink};
use super::{events, past};
use crate::clock::after;
use crate::message::{Answer, Asked};
use crate::world::World;

pub(crate) const INSTANT: i64 = 1;
pub(crate) const SCHEDULED: i64 = 2;
const RECURRING: i64 = 3;
const RECURRING_FIXED: i64 = 8;

/// How long a meeting's number works after its date, or after it was last started.
const ID_LIFETIME: SignedDuration = SignedDuration::from_hours(30 * 24);
const RECURRING_ID_LIFETIME: SignedDuration = SignedDuration::from_hours(365 * 24);

/// How long a deleted meeting can be brought back.
const RECOVERABLE: SignedDuration = SignedDuration::from_hours(7 * 24);

#[derive(Debug, Clone)]
pub(crate) struct Meeting {
    pub(crate) id: i64,
    /// Of this instance; another one from the second start on.
    pub(crate) uuid: String,
    pub(crate) account: String,
    pub(crate) host_id: String,
    pub(crate) topic: String,
    pub(crate) kind: i64,
    pub(crate) start_time: Option<Timestamp>,
    pub(crate) timezone: String,
    pub(crate) duration: i64,
    pub(crate) agenda: String,
    pub(crate) password: String,
    /// What stands for the passcode in addresses.
    pub(crate) password_hash: String,
    pub(crate) created_at: Timestamp,
    /// `open_api`, or `web_portal` for what people made by hand.
    pub(crate) source: &'static str,
    pub(crate) recurrence: Option<Value>,
    pub(crate) pre_schedule: bool,
    pub(crate) tracking_fields: Vec<Value>,
    pub(crate) settings: Map<String, Value>,
    pub(crate) status: Status,
    pub(crate) starts: u32,
    pub(crate) last_started: Option<Timestamp>,
    pub(crate) participants: Vec<Participant>,
    pub(crate) deleted_at: Option<Timestamp>,
    /// When lists begin to show it.
    pub(crate) listed_from: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Waiting,
    Started,
}

/// Somebody at the door or in the room.
#[derive(Debug, Clone)]
pub(crate) struct Participant {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) is_host: bool,
    pub(crate) place: Place,
    pub(crate) since: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// Before the host has come.
    AtTheDoor,
    WaitingRoom,
    Inside,
}

impl Status {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Started => "started",
        }
    }
}

impl Place {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::AtTheDoor => "waiting_for_host",
            Self::WaitingRoom => "waiting_room",
            Self::Inside => "in_meeting",
        }
    }
}

impl Meeting {
    pub(crate) fn has(&self, setting: &str) -> bool {
        self.settings.get(setting).and_then(Value::as_bool).unwrap_or(false)
    }

    /// When the number stops working.
    pub(crate) fn expires_at(&self) -> Timestamp {
        let lifetime = if matches!(self.kind, RECURRING | RECURRING_FIXED) {
            RECURRING_ID_LIFETIME
        } else {
            ID_LIFETIME
        };
        let from = self.last_started.max(self.start_time).unwrap_or(self.created_at);
        after(from, lifetime)
    }

    /// Neither deleted nor expired.
    pub(crate) fn exists(&self, now: Timestamp) -> bool {
        self.deleted_at.is_none() && (self.status == Status::Started || now < self.expires_at())
    }

    pub(crate) fn end_time(&self) -> Option<Timestamp> {
        let start = self.start_time?;
        Some(after(start, SignedDuration::from_mins(self.duration)))
    }
}

/// The meeting of that number in the caller's account.
pub(crate) fn find<'a>(world: &'a World, bearer: &Bearer, id: &str) -> Result<&'a Meeting, Answer> {
    let number: i64 = id.parse().map_err(|_| problem(400, 300, "Invalid meeting id."))?;
    let now = world.clock.now();
    world
        .zoom
        .meetings
        .get(&number)
        .filter(|meeting| meeting.account == bearer.account && meeting.exists(now))
        .ok_or_else(|| not_found(id))
}

fn not_found(id: &str) -> Answer {
    problem(404, 3001, &format!("Meeting does not exist: {id}."))
}

/// `POST /users/{userId}/meetings`.
pub(crate) fn create(
    world: &mut World,
    bearer: &Bearer,
    host_id: &str,
    asked: &Asked,
    lag: Option<SignedDuration>,
) -> Answer {
    let body = match object(asked) {
        Ok(body) => body,
        Err(refusal) => return refusal,
    };
    let errors = check(Call::Create, &body);
    if !errors.is_empty() {
        return validation(&errors);
    }
    let Some(account) = world.zoom.account(&bearer.account) else {
        return problem(404, 1001, &format!("User does not exist: {host_id}."));
    };
    let host_id = match scheduled_for(account, host_id, &body) {
        Ok(host_id) => host_id,
        Err(refusal) => return refusal,
    };
    let Some(host) = account.user(&host_id) else {
        return problem(404, 1001, &format!("User does not exist: {host_id}."));
    };
    if !host.may_host {
        return problem(
            400,
            3161,
            "Your user account is not allowed meeting hosting and scheduling capabilities.",
        );
    }
    if let Some(refusal) = refuse_settings(account, &host_id, &body) {
        return refusal;
    }

    let now = world.clock.now();
    let (account_id, timezone) = (account.id.clone(), account.timezone.clone());
    let settings = account.policy.defaults.clone();
    let wants_passcode = account.policy.require_passcode
        && body.get("default_password").and_then(Value::as_bool) != Some(false);
    let asked_for = body.get("password").and_then(Value::as_str).unwrap_or_default();
    let must_have_passcode = account.policy.locked.contains("passcode");
    let needs_one = asked_for.is_empty()
        && (wants_passcode || (must_have_passcode && account.policy.require_passcode));
    let password = if needs_one { world.chance.word(6) } else { asked_for.to_owned() };

    let mut meeting = Meeting {
        id: unused_number(world),
        uuid: world.chance.base64_id(),
        account: account_id,
        host_id,
        topic: "Zoom Meeting".to_owned(),
        kind: SCHEDULED,
        start_time: None,
        timezone,
        duration: 60,
        agenda: String::new(),
        password,
        password_hash: format!("{}.1", world.chance.word(31)),
        created_at: now,
        source: "open_api",
        recurrence: None,
        pre_schedule: false,
        tracking_fields: Vec::new(),
        settings,
        status: Status::Waiting,
        starts: 0,
        last_started: None,
        participants: Vec::new(),
        deleted_at: None,
        listed_from: after(now, lag.unwrap_or_default()),
    };
    fill_in(&mut meeting, &body);
    if let Some(start) = requested_start(&meeting, &body) {
        meeting.start_time = Some(start);
    } else if matches!(meeting.kind, INSTANT | SCHEDULED) {
        // Without a time there is nothing to schedule: it is a meeting that happens now.
        meeting.kind = INSTANT;
        meeting.start_time = Some(now);
    }
    settle_settings(world.zoom.account(&meeting.account), &mut meeting, &body);

    let id = meeting.id;
    events::created(world, &meeting);
    world.zoom.meetings.insert(id, meeting);
    match view::meeting(world, id, StartLink::Fresh) {
        Some(body) => Answer::json(201, &body),
        None => not_found(&id.to_string()),
    }
}

/// `GET /meetings/{meetingId}`.
pub(crate) fn get(world: &mut World, bearer: &Bearer, id: &str) -> Answer {
    let number = match find(world, bearer, id) {
        Ok(meeting) => meeting.id,
        Err(refusal) => return refusal,
    };
    match view::meeting(world, number, StartLink::Fresh) {
        Some(body) => Answer::json(200, &body),
        None => not_found(id),
    }
}

/// `PATCH /meetings/{meetingId}`.
pub(crate) fn update(world: &mut World, bearer: &Bearer, id: &str, asked: &Asked) -> Answer {
    let mut meeting = match find(world, bearer, id) {
        Ok(meeting) => meeting.clone(),
        Err(refusal) => return refusal,
    };
    let body = match object(asked) {
        Ok(body) => body,
        Err(refusal) => return refusal,
    };
    let errors = check(Call::Update, &body);
    if !errors.is_empty() {
        return validation(&errors);
    }
    let Some(account) = world.zoom.account(&bearer.account) else {
        return not_found(id);
    };
    match scheduled_for(account, &meeting.host_id, &body) {
        Ok(host_id) => meeting.host_id = host_id,
        Err(refusal) => return refusal,
    }
    if account.user(&meeting.host_id).is_some_and(|host| !host.may_host) {
        return problem(
            400,
            3161,
            "Your user account is not allowed meeting hosting and scheduling capabilities.",
        );
    }
    if let Some(refusal) = refuse_settings(account, &meeting.host_id, &body) {
        return refusal;
    }
    change(world, meeting, &body);
    Answer::empty(204)
}

/// Changes a meeting as a checked body says, whoever asks for it.
pub(crate) fn change(world: &mut World, mut meeting: Meeting, body: &Map<String, Value>) {
    let now = world.clock.now();
    let before = meeting.clone();
    let locked_passcode = world
        .zoom
        .account(&meeting.account)
        .is_some_and(|account| account.policy.locked.contains("passcode"));
    fill_in(&mut meeting, body);
    if let Some(start) = requested_start(&meeting, body)
        && start > now
    {
        // A time that has passed is ignored without a word.
        meeting.start_time = Some(start);
    }
    if let Some(password) = body.get("password").and_then(Value::as_str)
        && password != meeting.password
        && !(password.is_empty() && locked_passcode)
    {
        meeting.password = password.to_owned();
        meeting.password_hash = format!("{}.1", world.chance.word(31));
    }
    settle_settings(world.zoom.account(&meeting.account), &mut meeting, body);
    events::updated(world, &before, &meeting);
    world.zoom.meetings.insert(meeting.id, meeting);
}

/// `DELETE /meetings/{meetingId}`.
pub(crate) fn delete(world: &mut World, bearer: &Bearer, id: &str) -> Answer {
    let meeting = match find(world, bearer, id) {
        Ok(meeting) => meeting,
        Err(refusal) => return refusal,
    };
    if meeting.status == Status::Started {
        return problem(400, 3002, "Sorry, you cannot delete this meeting since it's in progress.");
    }
    if meeting.has("use_pmi") {
        return problem(400, 3018, "Not allowed to delete PMI.");
    }
    let number = meeting.id;
    remove(world, number);
    Answer::empty(204)
}

/// Deletes it, whoever asks for it.
pub(crate) fn remove(world: &mut World, id: i64) {
    let now = world.clock.now();
    let Some(meeting) = world.zoom.meetings.get_mut(&id) else {
        return;
    };
    meeting.deleted_at = Some(now);
    let meeting = meeting.clone();
    events::deleted(world, &meeting);
}

/// `PUT /meetings/{meetingId}/status`.
pub(crate) fn set_status(world: &mut World, bearer: &Bearer, id: &str, asked: &Asked) -> Answer {
    let body = match object(asked) {
        Ok(body) => body,
        Err(refusal) => return refusal,
    };
    let only_action = body.keys().all(|name| name == "action");
    match body.get("action").and_then(Value::as_str).filter(|_| only_action) {
        Some("end") => {
            let (number, status) = match find(world, bearer, id) {
                Ok(meeting) => (meeting.id, meeting.status),
                Err(refusal) => return refusal,
            };
            if status == Status::Waiting {
                return problem(400, 3000, "The meeting is not in progress.");
            }
            end(world, number);
            Answer::empty(204)
        }
        Some("recover") => recover(world, bearer, id),
        _ => validation(&[FieldError {
            field: "action".to_owned(),
            message: "Invalid field.".to_owned(),
        }]),
    }
}

fn recover(world: &mut World, bearer: &Bearer, id: &str) -> Answer {
    let now = world.clock.now();
    let Some(meeting) = id
        .parse::<i64>()
        .ok()
        .and_then(|number| world.zoom.meetings.get_mut(&number))
        .filter(|meeting| meeting.account == bearer.account)
        .filter(|meeting| {
            meeting.deleted_at.is_some_and(|deleted| now < after(deleted, RECOVERABLE))
        })
    else {
        return not_found(id);
    };
    meeting.deleted_at = None;
    let meeting = meeting.clone();
    events::recovered(world, &meeting);
    Answer::empty(204)
}

/// `GET /meetings/{meetingId}/invitation`.
pub(crate) fn invitation(world: &World, bearer: &Bearer, id: &str) -> Answer {
    match find(world, bearer, id) {
        Ok(meeting) => Answer::json(200, &json!({"invitation": view::invitation(world, meeting)})),
        Err(refusal) => refusal,
    }
}

/// Begins the meeting. From the second start on it is another instance with another uuid.
pub(crate) fn start(world: &mut World, id: i64) {
    let now = world.clock.now();
    let uuid = world.chance.base64_id();
    let Some(meeting) = world.zoom.meetings.get_mut(&id) else {
        return;
    };
    if meeting.status == Status::Started {
        return;
    }
    if meeting.starts > 0 {
        meeting.uuid = uuid;
    }
    meeting.starts += 1;
    meeting.status = Status::Started;
    meeting.last_started = Some(now);
    let meeting = meeting.clone();
    past::began(world, &meeting);
    events::started(world, &meeting);
}

/// Ends the meeting; everybody leaves.
pub(crate) fn end(world: &mut World, id: i64) {
    let Some(meeting) = world.zoom.meetings.get_mut(&id) else {
        return;
    };
    if meeting.status == Status::Waiting {
        return;
    }
    let leaving: Vec<Participant> = meeting
        .participants
        .drain(..)
        .filter(|participant| participant.place == Place::Inside)
        .collect();
    meeting.status = Status::Waiting;
    let meeting = meeting.clone();
    past::ended(world, &meeting);
    for participant in &leaving {
        events::left(world, &meeting, participant);
    }
    events::ended(world, &meeting);
    recordings::made(world, &meeting);
}

/// How many meetings a host is running now, apart from one.
pub(crate) fn running(zoom: &Zoom, host_id: &str, apart_from: i64) -> usize {
    zoom.meetings
        .values()
        .filter(|meeting| meeting.host_id == host_id && meeting.id != apart_from)
        .filter(|meeting| meeting.status == Status::Started && meeting.deleted_at.is_none())
        .count()
}

fn object(asked: &Asked) -> Result<Map<String, Value>, Answer> {
    let value = asked.json().ok();
    match value.as_ref().and_then(Value::as_object) {
        Some(object) => Ok(object.clone()),
        None => Err(problem(400, 300, "Request Body should be a valid JSON object.")),
    }
}

fn unused_number(world: &mut World) -> i64 {
    loop {
        let number = world.chance.between(80_000_000_000, 89_999_999_999);
        if !world.zoom.meetings.contains_key(&number) {
            return number;
        }
    }
}

/// Whose meeting it is to be, if the request names somebody else.
fn scheduled_for(
    account: &Account,
    host_id: &str,
    body: &Map<String, Value>,
) -> Result<String, Answer> {
    let Some(other) =
        body.get("schedule_for").and_then(Value::as_str).filter(|name| !name.is_empty())
    else {
        return Ok(host_id.to_owned());
    };
    if body.get("type").and_then(Value::as_i64) == Some(INSTANT) {
        return Err(problem(
            400,
            3000,
            "Instant meetings do not support the `schedule_for` parameter, and you can't schedule an \
             instant meeting for another user.",
        ));
    }
    account.user(other).map(|user| user.id.clone()).ok_or_else(|| {
        problem(
            400,
            300,
            "The value that you entered in the `schedule_for` field is invalid. Enter a valid value \
             and try again.",
        )
    })
}

/// Settings that are well written and still not to be had.
fn refuse_settings(account: &Account, host_id: &str, body: &Map<String, Value>) -> Option<Answer> {
    let settings = body.get("settings").and_then(Value::as_object);
    let text = |name: &str| settings.and_then(|all| all.get(name)).and_then(Value::as_str);
    let alternatives = text("alternative_hosts").unwrap_or_default();
    for email in alternatives.split(';').map(str::trim).filter(|email| !email.is_empty()) {
        if !account.user(email).is_some_and(|user| user.licensed) {
            let message = if account.hides_refused_hosts {
                "One or more of the alternative hosts cannot be selected.".to_owned()
            } else {
                format!("{email} cannot be selected as an alternative host.")
            };
            let field = "settings.alternative_hosts".to_owned();
            return Some(validation(&[FieldError { field, message }]));
        }
    }
    let wants_none = body.get("default_password").and_then(Value::as_bool) == Some(false)
        && text_of(body, "password").is_none_or(str::is_empty);
    let takes_away = text_of(body, "password") == Some("");
    if account.refuses_open_meetings && (wants_none || takes_away) {
        return Some(validation(&[FieldError {
            field: "password".to_owned(),
            message: "A passcode is required.".to_owned(),
        }]));
    }
    if account.refuses_passcodes && text_of(body, "password").is_some_and(|it| !it.is_empty()) {
        return Some(validation(&[FieldError {
            field: "password".to_owned(),
            message: "The passcode does not meet the account's requirements.".to_owned(),
        }]));
    }
    let zone = text_of(body, "timezone").unwrap_or_default();
    if account.unknown_time_zones.iter().any(|unknown| unknown == zone) {
        return Some(validation(&[FieldError {
            field: "timezone".to_owned(),
            message: "Invalid field.".to_owned(),
        }]));
    }
    let approval = settings.and_then(|all| all.get("approval_type")).and_then(Value::as_i64);
    let licensed = account.user(host_id).is_some_and(|host| host.licensed);
    if matches!(approval, Some(0 | 1)) && !licensed {
        return Some(problem(
            400,
            200,
            "Registration has not been enabled for this user: a paid plan is required.",
        ));
    }
    let tracking = body.get("tracking_fields").and_then(Value::as_array);
    for field in tracking.into_iter().flatten() {
        let name = field.get("field").and_then(Value::as_str).unwrap_or_default();
        if !account.tracking_fields.iter().any(|known| known == name) {
            return Some(validation(&[FieldError {
                field: "tracking_fields".to_owned(),
                message: format!("The tracking field {name} does not exist."),
            }]));
        }
    }
    None
}

fn text_of<'a>(body: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    body.get(name).and_then(Value::as_str)
}

/// The members that are simply taken over.
fn fill_in(meeting: &mut Meeting, body: &Map<String, Value>) {
    let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
    let number = |name: &str| body.get(name).and_then(Value::as_i64);
    if let Some(topic) = text("topic").filter(|topic| !topic.is_empty()) {
        meeting.topic = topic;
    }
    if let Some(kind) = number("type") {
        meeting.kind = kind;
    }
    if let Some(timezone) = text("timezone").filter(|name| !name.is_empty()) {
        meeting.timezone = timezone;
    }
    if let Some(duration) = number("duration") {
        meeting.duration = duration;
    }
    if let Some(agenda) = text("agenda") {
        meeting.agenda = agenda;
    }
    if let Some(pre_schedule) = body.get("pre_schedule").and_then(Value::as_bool) {
        meeting.pre_schedule = pre_schedule;
    }
    if let Some(recurrence) = body.get("recurrence") {
        meeting.recurrence = Some(recurrence.clone());
    }
    if let Some(fields) = body.get("tracking_fields").and_then(Value::as_array) {
        meeting.tracking_fields = fields
            .iter()
            .map(|field| {
                let mut field = field.clone();
                field["visible"] = json!(true);
                field
            })
            .collect();
    }
    if let Some(settings) = body.get("settings").and_then(Value::as_object) {
        for (name, value) in settings {
            meeting.settings.insert(name.clone(), value.clone());
        }
    }
}

fn requested_start(meeting: &Meeting, body: &Map<String, Value>) -> Option<Timestamp> {
    let text = body.get("start_time").and_then(Value::as_str)?;
    start_time(text, &time_zone(&meeting.timezone)?)
}

/// What Zoom makes of the settings that were asked for: locks win, and some exclude each other.
fn settle_settings(account: Option<&Account>, meeting: &mut Meeting, body: &Map<String, Value>) {
    if let Some(account) = account {
        for name in &account.policy.locked {
            if let Some(value) = account.policy.defaults.get(name) {
                meeting.settings.insert(name.clone(), value.clone());
            }
        }
    }
    let settings = &mut meeting.settings;
    let is_on = |settings: &Map<String, Value>, name: &str| {
        settings.get(name).and_then(Value::as_bool).unwrap_or(false)
    };
    if settings.get("encryption_type").and_then(Value::as_str) == Some("e2ee") {
        settings.insert("join_before_host".to_owned(), json!(false));
        settings.insert("audio".to_owned(), json!("voip"));
        if settings.get("auto_recording").and_then(Value::as_str) == Some("cloud") {
            settings.insert("auto_recording".to_owned(), json!("none"));
        }
        settings.insert("breakout_room".to_owned(), json!({"enable": false}));
    }
    let protected = !meeting.password.is_empty()
        || is_on(settings, "waiting_room")
        || is_on(settings, "meeting_authentication");
    if !protected {
        settings.insert("waiting_room".to_owned(), json!(true));
    }
    if is_on(settings, "waiting_room") {
        settings.insert("join_before_host".to_owned(), json!(false));
    }
    let changes_invitees =
        body.get("settings").and_then(|all| all.get("meeting_invitees")).is_some();
    if changes_invitees
        && let Some(invitees) = settings.get_mut("meeting_invitees").and_then(Value::as_array_mut)
    {
        for invitee in invitees {
            invitee["internal_user"] = json!(false);
        }
    }
}
