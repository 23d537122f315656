//! A booking as it is answered.

use std::collections::HashMap;

use roomkey_core::Instant;
use roomkey_core::failure::Reason;
use roomkey_core::id::{BookingId, MeetingId};
use roomkey_core::payment::Payment;
use roomkey_core::room::State;
use roomkey_store::booking::Record;
use roomkey_store::person::{self, Person, Role};
use roomkey_store::{StoreError, Tenant, Tx, room};
use roomkey_vault::Place;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::caller::Caller;
use super::dial_in_json::{DialInJson, SipJson};
use super::scope::Scope;
use crate::app::App;
use crate::door_secrets::DoorSecrets;

/// One session.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Booking)]
pub(crate) struct BookingJson {
    #[schema(example = "bkg_01hq3v8x5cj6tq2x9m4w7r5n1d")]
    id: String,
    /// The platform's own id; unique for ever.
    external_id: Option<String>,
    /// `pending`, `confirmed`, `in_progress`, `completed`, `cancelled` or `no_show`.
    #[schema(example = "confirmed")]
    status: &'static str,
    /// What a pending booking waits for: `approval` or `payment`.
    awaiting: Option<&'static str>,
    /// Counts changes of what was asked; the `ETag`.
    pub(crate) version: i64,
    /// Counts everything about the booking and orders its events.
    seq: i64,
    service: String,
    host: String,
    /// `online`, `phone` or `in_person`.
    #[schema(example = "online")]
    mode: &'static str,
    title: String,
    /// What people read about the session in its room's invitation, from the service's template.
    agenda: Option<String>,
    /// Whether others read neutral words about it; from its service, when it was confirmed or its
    /// host changed.
    private: bool,
    notes: Option<String>,
    #[schema(format = DateTime, example = "2026-12-01T15:00:00Z")]
    start: String,
    #[schema(format = DateTime, example = "2026-12-01T16:00:00Z")]
    end: String,
    /// The zone that it was booked in.
    #[schema(example = "Europe/Lisbon")]
    time_zone: String,
    guests: Vec<GuestJson>,
    /// The host's own link; only for keys with the scope `host_links`.
    #[serde(skip_serializing_if = "Option::is_none")]
    host_link: Option<String>,
    meeting: MeetingJson,
    calendar: CalendarJson,
    /// What has come to pay for it; null while nothing has, and where your platform confirms.
    payment: Option<PaymentJson>,
    /// Rooms to try instead of the service's.
    #[schema(value_type = Option<Vec<super::schemas::RouteOption>>)]
    route: Value,
    /// Settings instead of the service's.
    #[schema(value_type = Option<super::schemas::Settings>)]
    settings: Value,
    /// The platform's own.
    #[schema(value_type = Object)]
    metadata: Value,
    /// Why it was cancelled, in the canceller's words.
    cancel_reason: Option<String>,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    updated_at: String,
}

/// Who booked.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Guest)]
pub(crate) struct GuestJson {
    #[schema(example = "gst_01hq3v8x5cj6tq2x9m4w7r5n1d")]
    pub(crate) id: String,
    external_id: Option<String>,
    name: String,
    email: Option<String>,
    phone: Option<String>,
    time_zone: Option<String>,
    locale: Option<String>,
    /// Roomkey's own link for this guest: it stays right whatever happens to the room.
    link: Option<String>,
}

/// A booking's view of its rooms.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Meeting)]
pub(crate) struct MeetingJson {
    #[schema(example = "mtg_01hq3v8x5cj6tq2x9m4w7r5n1d")]
    id: String,
    /// `pending`, `creating`, `active`, `failed`, `cancelling`, `cancelled` or `not_needed`.
    status: &'static str,
    /// Whether what was asked last is done, or waits for a person.
    settled: bool,
    /// Where the room is: `zoom` or `link`.
    provider: Option<&'static str>,
    /// Who it belongs to there.
    owner: Option<String>,
    number: Option<String>,
    passcode: Option<String>,
    /// Numbers to dial in with: those of the account that has the room.
    dial_in: Vec<DialInJson>,
    /// What is keyed in on a telephone, where one can call and it differs from `passcode`.
    phone_passcode: Option<String>,
    /// Where conference devices call.
    sip: Option<SipJson>,
    /// The how-manieth room of this booking it is that worked.
    room: Option<usize>,
    /// Failures in a row.
    failures: u32,
    #[schema(format = DateTime)]
    next_attempt_at: Option<String>,
    #[schema(format = DateTime)]
    ready_at: Option<String>,
    /// When the vendor last said that the room is there.
    #[schema(format = DateTime)]
    verified_at: Option<String>,
    /// Which option of the route it is, counted from zero.
    route_position: Option<u32>,
    /// What is wrong, and what to click.
    reason: Option<ReasonJson>,
    /// What is otherwise than was asked, or may become trouble, though the door works.
    warnings: Vec<ReasonJson>,
    /// Rooms that are not gone yet, and why.
    leftovers: Vec<LeftoverJson>,
    /// The vendor's own address; with `?expand=vendor` and the scope `vendor_links`.
    #[serde(skip_serializing_if = "Option::is_none")]
    vendor: Option<VendorJson>,
}

/// What is wrong, in words a host understands, and what to click.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Reason)]
pub(crate) struct ReasonJson {
    code: String,
    message: String,
    action: Option<String>,
    /// Where the button leads: a whole address.
    #[schema(example = "https://rooms.example/operator/connections")]
    action_url: Option<String>,
}

impl ReasonJson {
    /// A reason as callers read it, who may be anywhere.
    pub(crate) fn of(app: &App, reason: &Reason) -> Self {
        let address = |path: &String| app.url(path.trim_start_matches('/'));
        Self {
            code: reason.code.clone(),
            message: reason.message.clone(),
            action: reason.action.clone(),
            action_url: reason.action_url.as_ref().map(address),
        }
    }

    /// Whether it says the same as another.
    pub(crate) fn says(&self, other: &Self) -> bool {
        (&self.code, &self.message) == (&other.code, &other.message)
    }
}

/// A room that is not gone yet.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Leftover)]
pub(crate) struct LeftoverJson {
    room: String,
    provider: &'static str,
    state: &'static str,
    message: String,
}

/// The vendor's own address of a room.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = VendorRoom)]
pub(crate) struct VendorJson {
    join_url: Option<String>,
    id: Option<String>,
}

/// The entry in the host's calendar.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Calendar)]
pub(crate) struct CalendarJson {
    /// `not_connected` while no calendar is connected; `pending`, `synced`, `failed`, `removing`,
    /// `stuck` or `gone`.
    status: &'static str,
    event_link: Option<String>,
    #[schema(format = DateTime)]
    synced_at: Option<String>,
    reason: Option<ReasonJson>,
    leftovers: Vec<LeftoverJson>,
}

/// What has come to pay for a booking.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Payment)]
pub(crate) struct PaymentJson {
    /// `paid`, or `mismatch`: a person is to say whether it will do.
    #[schema(example = "paid")]
    status: &'static str,
    #[schema(format = DateTime)]
    at: String,
    /// In the currency's smallest unit.
    #[schema(example = 5000)]
    amount: Option<u64>,
    #[schema(example = "eur")]
    currency: Option<String>,
    /// What it is called where it was paid.
    #[schema(example = "pi_3MtwBwLkdIwHu7ix28a3tqPa")]
    reference: String,
    /// Why it did not confirm the booking.
    reason: Option<ReasonJson>,
}

impl PaymentJson {
    fn of(app: &App, payment: &Payment) -> Self {
        Self {
            status: payment.status.as_str(),
            at: text(payment.at),
            amount: payment.money.map(|it| it.amount),
            currency: payment.money.map(|it| it.currency.into()),
            reference: payment.reference.clone(),
            reason: payment.reason.as_ref().map(|it| ReasonJson::of(app, it)),
        }
    }
}

/// Bookings with what is around them.
pub(crate) struct Loaded {
    pub(crate) record: Record,
    pub(crate) people: Vec<Person>,
    pub(crate) rooms: Vec<room::Record>,
    /// Another session of the same host's account at the same time.
    pub(crate) overlap: Option<Reason>,
}

/// Loads people and rooms of bookings, in three statements for all of them.
pub(crate) async fn load(tx: &mut Tx<'_>, records: Vec<Record>) -> Result<Vec<Loaded>, StoreError> {
    let of: Vec<(Tenant, BookingId)> =
        records.iter().map(|it| (it.tenant, it.booking.id)).collect();
    if of.is_empty() {
        return Ok(Vec::new());
    }
    let mut people: HashMap<BookingId, Vec<Person>> = HashMap::new();
    for person in person::of_many(tx, &of).await? {
        people.entry(person.booking).or_default().push(person);
    }
    let mut rooms: HashMap<BookingId, Vec<room::Record>> = HashMap::new();
    for room in room::of_many(tx, &of).await? {
        rooms.entry(room.booking).or_default().push(room);
    }
    let overlaps = roomkey_store::booking::overlaps(tx, &of).await?;
    Ok(records
        .into_iter()
        .map(|record| Loaded {
            overlap: overlaps.get(&record.booking.id).map(|others| Reason::host_overlap(*others)),
            people: people.remove(&record.booking.id).unwrap_or_default(),
            rooms: rooms.remove(&record.booking.id).unwrap_or_default(),
            record,
        })
        .collect())
}

/// A booking as this caller may see it.
pub(crate) fn booking(app: &App, caller: &Caller, of: &Loaded) -> BookingJson {
    let (record, booking) = (&of.record, &of.record.booking);
    let host_link = of
        .people
        .iter()
        .find(|it| it.role == Role::Host && it.removed_at.is_none())
        .filter(|_| caller.may(Scope::HostLinks))
        .and_then(|host| link(app, host));
    BookingJson {
        id: booking.id.to_string(),
        external_id: record.external_id.clone(),
        status: booking.status.as_str(),
        awaiting: booking.status.awaiting().map(|awaiting| match awaiting {
            roomkey_core::booking::Awaiting::Approval => "approval",
            roomkey_core::booking::Awaiting::Payment => "payment",
        }),
        version: booking.version,
        seq: record.seq,
        service: record.service.to_string(),
        host: booking.host.to_string(),
        mode: booking.mode.as_str(),
        title: booking.title.clone(),
        agenda: booking.agenda.clone().filter(|it| !it.is_empty()),
        private: booking.private,
        notes: record.notes.clone(),
        start: booking.start.to_string(),
        end: booking.end.to_string(),
        time_zone: booking.time_zone.to_string(),
        guests: of
            .people
            .iter()
            .filter(|it| it.role == Role::Guest && it.removed_at.is_none())
            .map(|it| guest(app, it))
            .collect(),
        host_link,
        meeting: meeting(app, of, false),
        calendar: CalendarJson {
            status: "not_connected",
            event_link: None,
            synced_at: None,
            reason: None,
            leftovers: Vec::new(),
        },
        payment: record.payment.as_ref().map(|it| PaymentJson::of(app, it)),
        route: json!(record.own.route),
        settings: json!(record.own.settings),
        metadata: serde_json::from_str(&record.metadata).unwrap_or_else(|_| json!({})),
        cancel_reason: record.cancel_reason.clone(),
        created_at: record.created_at.to_string(),
        updated_at: record.updated_at.to_string(),
    }
}

/// A guest, with their link.
pub(crate) fn guest(app: &App, person: &Person) -> GuestJson {
    GuestJson {
        id: person.id.to_string(),
        external_id: person.external_id.clone(),
        name: person.name.clone(),
        email: person.email.clone(),
        phone: person.phone.clone(),
        time_zone: person.time_zone.clone(),
        locale: person.locale.clone(),
        link: link(app, person),
    }
}

/// A person's own link. `None` only if the ring lacks the sealing key.
pub(crate) fn link(app: &App, person: &Person) -> Option<String> {
    let place = Place { table: "people", row: person.id.uuid(), field: "link" };
    let token = app.desk.ring.open_text(place, &person.link_sealed);
    match token {
        Ok(token) => Some(app.url(&format!("j/{}", token.expose_secret()))),
        Err(error) => {
            tracing::error!(error.message = %error, person.id = %person.id, "a link does not open");
            None
        }
    }
}

/// A meeting; with the vendor's own address if `vendor`.
pub(crate) fn meeting(app: &App, of: &Loaded, vendor: bool) -> MeetingJson {
    let (record, booking) = (&of.record, &of.record.booking);
    let current = of.rooms.iter().find(|it| Some(it.room.id) == booking.current);
    let door = current.and_then(|room| open_door(app, room));
    let door = door.as_ref();
    MeetingJson {
        id: MeetingId::from_uuid(booking.id.uuid()).to_string(),
        status: record.meeting.as_str(),
        settled: record.is_settled(),
        provider: current.map(|it| it.room.place.provider.as_str()),
        owner: current.and_then(|it| it.door.owner.clone()),
        number: current.and_then(|it| it.door.number.clone()),
        passcode: door.and_then(|it| it.passcode.clone()),
        dial_in: door.map(|it| it.dial_in.iter().map(Into::into).collect()).unwrap_or_default(),
        phone_passcode: door.and_then(DoorSecrets::phone_passcode),
        sip: door.and_then(|it| it.sip.as_ref()).map(Into::into),
        room: current.map(|current| {
            let until = (current.room.opened_at, current.room.id);
            let worked = |it: &&room::Record| {
                it.room.vendor_id.is_some() && (it.room.opened_at, it.room.id) <= until
            };
            of.rooms.iter().filter(worked).count().max(1)
        }),
        failures: record.failures,
        next_attempt_at: record.next_attempt_at.map(text),
        ready_at: record.ready_at.map(text),
        verified_at: current.and_then(|it| it.room.seen.as_ref()).map(|seen| text(seen.at)),
        route_position: current.map(|it| it.room.position),
        reason: record.meeting_reason.as_ref().map(|it| ReasonJson::of(app, it)),
        warnings: record
            .meeting_warnings
            .iter()
            .chain(&of.overlap)
            .map(|it| ReasonJson::of(app, it))
            .collect(),
        leftovers: of.rooms.iter().filter_map(|it| leftover(record, it)).collect(),
        vendor: current.filter(|_| vendor).map(|it| VendorJson {
            join_url: door.map(|it| it.join_url.clone()),
            id: it.room.vendor_id.clone(),
        }),
    }
}

/// What a room's doors need, unsealed.
fn open_door(app: &App, room: &room::Record) -> Option<DoorSecrets> {
    let place = Place { table: "rooms", row: room.room.id.uuid(), field: "door" };
    let sealed = room.door.sealed.as_deref()?;
    match app.desk.ring.open_text(place, sealed) {
        Ok(secrets) => read_secrets(&secrets),
        Err(error) => {
            tracing::error!(error.message = %error, room.id = %room.room.id, "a door does not open");
            None
        }
    }
}

fn read_secrets(secrets: &SecretString) -> Option<DoorSecrets> {
    serde_json::from_str(secrets.expose_secret()).ok()
}

/// A room that is not gone and that nobody is sent to any longer, with why.
fn leftover(record: &Record, it: &room::Record) -> Option<LeftoverJson> {
    let (room, booking) = (&it.room, &record.booking);
    if Some(room.id) == booking.current {
        return None;
    }
    let wanted =
        booking.wants_room() && room.generation == booking.generation && room.host == booking.host;
    let words = match room.state {
        State::Intended | State::Unknown { .. } if wanted => return None,
        State::Gone(_) | State::Lost { .. } => return None,
        State::Intended | State::Unknown { .. } => {
            "It was being made when it was no longer wanted; it is removed as soon as it is found."
        }
        State::Live | State::Doubtful { .. } => "It is replaced, and is removed next.",
        State::Retiring => "It is being removed.",
        State::Stuck => "The account that made it is not there to remove it.",
    };
    let message = room.reason.as_ref().map_or_else(|| words.to_owned(), |it| it.message.clone());
    Some(LeftoverJson {
        room: room.id.to_string(),
        provider: room.place.provider.as_str(),
        state: room.state.as_str(),
        message,
    })
}

fn text(at: Instant) -> String {
    at.to_string()
}
