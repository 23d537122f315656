//! Bookings: each as it should now be, and what people see of its rooms.

use std::collections::BTreeMap;
use std::time::Duration;

use roomkey_core::Instant;
use roomkey_core::booking::{Booking, Mode, Status};
use roomkey_core::failure::Reason;
use roomkey_core::id::{BookingId, ConnectionId, HostId, RoomId, ServiceId};
use roomkey_core::meeting;
use roomkey_core::payment::Payment;
use roomkey_core::route::RouteOption;
use roomkey_core::settings::Settings;
use uuid::Uuid;

use crate::error::StoreError;
use crate::json;
use crate::reference::Reference;
use crate::sql::{ids, keys, run, statements};
use crate::tenant::Tenant;
use crate::tx::Tx;

macro_rules! columns {
    () => {
        "b.tenant_id, b.id, b.external_id, b.service_id, b.host_id, b.status, b.mode, b.title, b.notes, b.start_at, b.end_at, b.time_zone, \
         b.own_title, b.own_mode, b.own_route, b.own_settings, b.route, b.settings, b.metadata, b.generation, b.version, b.seq, b.current_room, \
         b.confirmed_at, b.cancel_reason, b.meeting_status, b.meeting_reason, b.failures, b.next_attempt_at, b.settled_version, b.ready_at, \
         b.last_put, b.created_at, b.updated_at, b.seat, b.meeting_warnings, \
         b.agenda, b.title_template, b.agenda_template, b.private, b.payment"
    };
}

// Somebody's word is waited for, money came that did not settle it, or there is no room and a
// person can do something about it.
macro_rules! needs_a_person {
    () => {
        "(b.status = 'pending_approval' OR (b.status = 'pending_payment' AND b.payment IS NOT NULL) OR (b.status IN ('confirmed', 'in_progress') AND (b.meeting_status = 'failed' OR (b.meeting_status = 'pending' AND b.meeting_reason IS NOT NULL))))"
    };
}

pub(crate) use {columns, needs_a_person};

statements! {
    INSERT = "INSERT INTO bookings (tenant_id, id, external_id, service_id, host_id, status, mode, title, notes, start_at, end_at, time_zone,
            own_title, own_mode, own_route, own_settings, route, settings, metadata, generation, version, seq, current_room, confirmed_at, cancel_reason,
            meeting_status, meeting_reason, failures, next_attempt_at, settled_version, ready_at, last_put, created_at, updated_at, seats, agenda, title_template, agenda_template, private, payment)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25,
            $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40)";
    UPDATE_ASKED = "UPDATE bookings SET external_id = $3, service_id = $4, host_id = $5, status = $6, mode = $7, title = $8, notes = $9,
            start_at = $10, end_at = $11, time_zone = $12, own_title = $13, own_mode = $14, own_route = $15, own_settings = $16,
            route = $17, settings = $18, metadata = $19, generation = $20, version = $21, seq = $22, confirmed_at = $23,
            cancel_reason = $24, last_put = $25, updated_at = $26, meeting_status = $27, seats = $28,
            agenda = $29, title_template = $30, agenda_template = $31, private = $32, payment = $33
        WHERE tenant_id = $1 AND id = $2";
    UPDATE_SEEN = "UPDATE bookings SET status = $3, seq = $4, current_room = $5, meeting_status = $6, meeting_reason = $7, failures = $8,
            next_attempt_at = $9, settled_version = $10, ready_at = $11, updated_at = $12, seat = $13, meeting_warnings = $14
        WHERE tenant_id = $1 AND id = $2";
    GET = concat!("SELECT ", columns!(), " FROM bookings b WHERE b.tenant_id = $1 AND b.id = $2");
    LOCK = concat!("SELECT ", columns!(), " FROM bookings b WHERE b.tenant_id = $1 AND b.id = $2 {lock}");
    BY_EXTERNAL_ID = concat!("SELECT ", columns!(), " FROM bookings b WHERE b.tenant_id = $1 AND b.external_id = $2");
    LOCK_MANY = concat!("SELECT ", columns!(), " FROM bookings b WHERE (b.tenant_id, b.id) IN ({keys}) ORDER BY b.id {lock}");
    LOCK_FREE = concat!("SELECT ", columns!(), " FROM bookings b WHERE (b.tenant_id, b.id) IN ({keys}) {skip}");
    LIST = concat!("SELECT ", columns!(), " FROM bookings b WHERE b.tenant_id = $1
        AND (CAST($2 AS BIGINT) IS NULL OR (b.created_at, b.id) < ($2, $3))
        AND (b.status = $4 OR ($4 = 'pending' AND b.status LIKE 'pending%') OR $4 IS NULL)
        AND (b.host_id = $5 OR $5 IS NULL)
        AND (b.service_id = $6 OR $6 IS NULL)
        AND (b.start_at >= $7 OR $7 IS NULL)
        AND (b.start_at < $8 OR $8 IS NULL)
        AND (CAST($9 AS TEXT) IS NULL OR EXISTS (SELECT 1 FROM people p WHERE p.tenant_id = b.tenant_id AND p.booking_id = b.id
            AND p.role = 'guest' AND p.removed_at IS NULL AND lower(p.email) = $9))
        AND (CAST($10 AS TEXT) IS NULL OR lower(b.title) LIKE $10 ESCAPE '!' OR EXISTS (SELECT 1 FROM people p WHERE p.tenant_id = b.tenant_id
            AND p.booking_id = b.id AND p.removed_at IS NULL AND lower(p.name) LIKE $10 ESCAPE '!'))
        AND (CAST($11 AS TEXT) IS NULL OR EXISTS (SELECT 1 FROM rooms r WHERE r.tenant_id = b.tenant_id AND r.id = b.current_room AND r.provider = $11))
        AND (CAST($12 AS BIGINT) IS NULL OR EXISTS (SELECT 1 FROM events e WHERE e.tenant_id = b.tenant_id AND e.booking_id = b.id AND e.number > $12))
        AND (CAST($13 AS BIGINT) IS NULL OR (b.end_at > $13 AND ", needs_a_person!(), "))
        ORDER BY b.created_at DESC, b.id DESC LIMIT $14");
    AGENDA = concat!("SELECT ", columns!(), " FROM bookings b WHERE b.tenant_id = $1 AND b.start_at >= $2 AND b.start_at < $3
        AND (b.host_id = $4 OR $4 IS NULL) ORDER BY b.start_at, b.id LIMIT $5");
    VERSIONS = "SELECT b.tenant_id, b.id, b.seq, b.updated_at FROM bookings b WHERE (b.tenant_id, b.id) IN ({keys})";
    UNSETTLED = "SELECT id, start_at FROM bookings WHERE tenant_id = $1 AND end_at > $2 AND settled_version < version";
    HOUSED = "SELECT DISTINCT booking_id FROM rooms
        WHERE tenant_id = $1 AND connection_id = $2 AND state IN ('intended', 'unknown', 'live', 'doubtful', 'retiring')";
    WAITING = "SELECT id, start_at FROM bookings WHERE tenant_id = $1 AND end_at > $2
        AND meeting_status IN ('pending', 'creating', 'failed', 'cancelling')";
    UNSETTLE_WAITING = "UPDATE bookings SET settled_version = version - 1 WHERE id IN ({ids}) AND tenant_id = $2 AND end_at > $3
        AND meeting_status IN ('pending', 'creating', 'failed', 'cancelling') AND settled_version >= version";
    LEFT_BEHIND = "SELECT DISTINCT b.id, b.start_at FROM rooms r JOIN bookings b ON b.tenant_id = r.tenant_id AND b.id = r.booking_id
        WHERE r.tenant_id = $1 AND (r.state IN ('unknown', 'retiring', 'stuck') OR (r.state = 'lost' AND r.next_at < $2))";
    // No session is longer than a day, so nothing that began earlier can reach into this one.
    OVERLAPS = "SELECT b.id, count(*) FROM bookings b JOIN bookings o ON o.tenant_id = b.tenant_id AND o.host_id = b.host_id AND o.id <> b.id
            AND o.start_at < b.end_at AND o.start_at > b.start_at - 86400000000 AND o.end_at > b.start_at
        WHERE (b.tenant_id, b.id) IN ({keys}) AND b.seats IS NULL AND o.seats IS NULL AND b.mode = 'online' AND o.mode = 'online'
            AND b.status IN ('confirmed', 'in_progress') AND o.status IN ('confirmed', 'in_progress')
        GROUP BY b.id";
    // No session is longer than a day, and what is cut off is rarer than what is kept.
    WAITING_FOR = "SELECT meeting_reason, count(*) FROM bookings WHERE tenant_id = $1 AND start_at > $2 AND end_at > $3
        AND status IN ('confirmed', 'in_progress') AND meeting_status IN ('pending', 'creating', 'failed') AND meeting_reason IS NOT NULL
        GROUP BY meeting_reason ORDER BY count(*) DESC, meeting_reason LIMIT 20";
    COUNTS = "SELECT meeting_status, count(*) FROM bookings WHERE tenant_id = $1 AND end_at > $2 AND status IN ('confirmed', 'in_progress')
        GROUP BY meeting_status";
}

/// What a booking says instead of its service.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Own {
    /// A title instead of the template's.
    pub title: Option<String>,
    /// Held in another way.
    pub mode: Option<Mode>,
    /// Other rooms to try.
    pub route: Option<Vec<RouteOption>>,
    /// What its room must be like.
    pub settings: Option<Settings>,
}

/// The service's templates as they were pinned, where their words follow the session: those that
/// name a time, or how it is held.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Following {
    /// Of the title.
    pub title: Option<String>,
    /// Of the agenda.
    pub agenda: Option<String>,
}

/// A booking with everything the database knows of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Whose it is.
    pub tenant: Tenant,
    /// The booking as the rules see it.
    pub booking: Booking,
    /// The platform's id.
    pub external_id: Option<String>,
    /// What is booked.
    pub service: ServiceId,
    /// For the host's eyes.
    pub notes: Option<String>,
    /// What it says instead of its service.
    pub own: Own,
    /// What its title and agenda are made from anew when it is moved.
    pub following: Following,
    /// The platform's own, as JSON.
    pub metadata: String,
    /// Counts everything about the booking and orders its events.
    pub seq: i64,
    /// Why it was cancelled.
    pub cancel_reason: Option<String>,
    /// What is known of its payment.
    pub payment: Option<Payment>,
    /// Where its meeting stands.
    pub meeting: meeting::Status,
    /// What is wrong with it.
    pub meeting_reason: Option<Reason>,
    /// What its room has otherwise than was asked.
    pub meeting_warnings: Vec<Reason>,
    /// Failures in a row.
    pub failures: u32,
    /// When a room is next tried for.
    pub next_attempt_at: Option<Instant>,
    /// The version for which nothing was left to do, or a person was needed.
    pub settled_version: i64,
    /// Since when its present room works.
    pub ready_at: Option<Instant>,
    /// The last whole booking that its source sent, as JSON.
    pub last_put: Option<String>,
    /// Since when it is here.
    pub created_at: Instant,
    /// When anything about it last changed.
    pub updated_at: Instant,
}

impl Record {
    /// Whether what was asked last is done, or waits for a person.
    #[must_use]
    pub const fn is_settled(&self) -> bool {
        self.settled_version >= self.booking.version
    }
}

#[derive(sqlx::FromRow)]
pub(crate) struct Row {
    tenant_id: Uuid,
    id: Uuid,
    external_id: Option<String>,
    service_id: Uuid,
    host_id: Uuid,
    status: String,
    mode: String,
    title: String,
    notes: Option<String>,
    start_at: i64,
    end_at: i64,
    time_zone: String,
    own_title: Option<String>,
    own_mode: Option<String>,
    own_route: Option<String>,
    own_settings: Option<String>,
    route: String,
    settings: String,
    metadata: String,
    generation: i64,
    version: i64,
    seq: i64,
    current_room: Option<Uuid>,
    confirmed_at: Option<i64>,
    cancel_reason: Option<String>,
    meeting_status: String,
    meeting_reason: Option<String>,
    failures: i64,
    next_attempt_at: Option<i64>,
    settled_version: i64,
    ready_at: Option<i64>,
    last_put: Option<String>,
    created_at: i64,
    updated_at: i64,
    seat: Option<String>,
    meeting_warnings: Option<String>,
    agenda: Option<String>,
    title_template: Option<String>,
    agenda_template: Option<String>,
    private: bool,
    payment: Option<String>,
}

const TABLE: &str = "bookings";

pub(crate) fn mode(table: &'static str, text: &str) -> Result<Mode, StoreError> {
    [Mode::Online, Mode::Phone, Mode::InPerson]
        .into_iter()
        .find(|mode| mode.as_str() == text)
        .ok_or_else(|| StoreError::corrupt(table, format!("the mode {text}")))
}

impl Row {
    pub(crate) fn read(self) -> Result<Record, StoreError> {
        Ok(Record {
            tenant: Tenant::from_row(self.tenant_id),
            booking: Booking {
                id: BookingId::from_uuid(self.id),
                status: Status::from_code(&self.status)
                    .ok_or_else(|| StoreError::corrupt(TABLE, &self.status))?,
                mode: mode(TABLE, &self.mode)?,
                start: Instant::from_micros(self.start_at),
                end: Instant::from_micros(self.end_at),
                time_zone: self.time_zone.parse().map_err(|e| StoreError::corrupt(TABLE, e))?,
                title: self.title,
                agenda: self.agenda,
                private: self.private,
                host: HostId::from_uuid(self.host_id),
                route: json::read(TABLE, &self.route)?,
                settings: json::read(TABLE, &self.settings)?,
                generation: i32::try_from(self.generation).unwrap_or(i32::MAX),
                version: self.version,
                seat: self.seat,
                current: self.current_room.map(RoomId::from_uuid),
                confirmed_at: self.confirmed_at.map(Instant::from_micros),
            },
            external_id: self.external_id,
            service: ServiceId::from_uuid(self.service_id),
            notes: self.notes,
            own: Own {
                title: self.own_title,
                mode: self.own_mode.as_deref().map(|text| mode(TABLE, text)).transpose()?,
                route: json::read_option(TABLE, self.own_route.as_deref())?,
                settings: json::read_option(TABLE, self.own_settings.as_deref())?,
            },
            following: Following { title: self.title_template, agenda: self.agenda_template },
            metadata: self.metadata,
            seq: self.seq,
            cancel_reason: self.cancel_reason,
            payment: json::read_option(TABLE, self.payment.as_deref())?,
            meeting: meeting::Status::from_code(&self.meeting_status)
                .ok_or_else(|| StoreError::corrupt(TABLE, &self.meeting_status))?,
            meeting_reason: json::read_option(TABLE, self.meeting_reason.as_deref())?,
            meeting_warnings: json::read_option(TABLE, self.meeting_warnings.as_deref())?
                .unwrap_or_default(),
            failures: u32::try_from(self.failures).unwrap_or(u32::MAX),
            next_attempt_at: self.next_attempt_at.map(Instant::from_micros),
            settled_version: self.settled_version,
            ready_at: self.ready_at.map(Instant::from_micros),
            last_put: self.last_put,
            created_at: Instant::from_micros(self.created_at),
            updated_at: Instant::from_micros(self.updated_at),
        })
    }
}

/// Makes a booking.
///
/// # Errors
/// The database's; [`StoreError::is_taken`] for a used external id.
pub async fn insert(tx: &mut Tx<'_>, record: &Record) -> Result<(), StoreError> {
    let booking = &record.booking;
    run!(
        tx,
        INSERT,
        [
            record.tenant.uuid(),
            booking.id.uuid(),
            record.external_id.as_deref(),
            record.service.uuid(),
            booking.host.uuid(),
            booking.status.code(),
            booking.mode.as_str(),
            &booking.title,
            record.notes.as_deref(),
            booking.start.as_micros(),
            booking.end.as_micros(),
            booking.time_zone.name(),
            record.own.title.as_deref(),
            record.own.mode.map(Mode::as_str),
            json::write_option(record.own.route.as_ref()),
            json::write_option(record.own.settings.as_ref()),
            json::write(&booking.route),
            json::write(&booking.settings),
            &record.metadata,
            i64::from(booking.generation),
            booking.version,
            record.seq,
            booking.current.map(RoomId::uuid),
            booking.confirmed_at.map(Instant::as_micros),
            record.cancel_reason.as_deref(),
            record.meeting.as_str(),
            json::write_option(record.meeting_reason.as_ref()),
            i64::from(record.failures),
            record.next_attempt_at.map(Instant::as_micros),
            record.settled_version,
            record.ready_at.map(Instant::as_micros),
            record.last_put.as_deref(),
            record.created_at.as_micros(),
            record.updated_at.as_micros(),
            booking.seats().map(ConnectionId::uuid),
            booking.agenda.as_deref(),
            record.following.title.as_deref(),
            record.following.agenda.as_deref(),
            booking.private,
            json::write_option(record.payment.as_ref()),
        ],
        execute
    )?;
    Ok(())
}

/// Writes down what people asked of a booking. The booking must be locked.
///
/// # Errors
/// The database's; [`StoreError::is_taken`] for a used external id.
pub async fn update_asked(tx: &mut Tx<'_>, record: &Record) -> Result<(), StoreError> {
    let booking = &record.booking;
    run!(
        tx,
        UPDATE_ASKED,
        [
            record.tenant.uuid(),
            booking.id.uuid(),
            record.external_id.as_deref(),
            record.service.uuid(),
            booking.host.uuid(),
            booking.status.code(),
            booking.mode.as_str(),
            &booking.title,
            record.notes.as_deref(),
            booking.start.as_micros(),
            booking.end.as_micros(),
            booking.time_zone.name(),
            record.own.title.as_deref(),
            record.own.mode.map(Mode::as_str),
            json::write_option(record.own.route.as_ref()),
            json::write_option(record.own.settings.as_ref()),
            json::write(&booking.route),
            json::write(&booking.settings),
            &record.metadata,
            i64::from(booking.generation),
            booking.version,
            record.seq,
            booking.confirmed_at.map(Instant::as_micros),
            record.cancel_reason.as_deref(),
            record.last_put.as_deref(),
            record.updated_at.as_micros(),
            record.meeting.as_str(),
            booking.seats().map(ConnectionId::uuid),
            booking.agenda.as_deref(),
            record.following.title.as_deref(),
            record.following.agenda.as_deref(),
            booking.private,
            json::write_option(record.payment.as_ref()),
        ],
        execute
    )?;
    Ok(())
}

/// Writes down what people see of a booking's rooms. The booking must be locked.
///
/// # Errors
/// The database's.
pub async fn update_seen(tx: &mut Tx<'_>, record: &Record) -> Result<(), StoreError> {
    run!(
        tx,
        UPDATE_SEEN,
        [
            record.tenant.uuid(),
            record.booking.id.uuid(),
            record.booking.status.code(),
            record.seq,
            record.booking.current.map(RoomId::uuid),
            record.meeting.as_str(),
            json::write_option(record.meeting_reason.as_ref()),
            i64::from(record.failures),
            record.next_attempt_at.map(Instant::as_micros),
            record.settled_version,
            record.ready_at.map(Instant::as_micros),
            record.updated_at.as_micros(),
            record.booking.seat.as_deref(),
            (!record.meeting_warnings.is_empty()).then(|| json::write(&record.meeting_warnings)),
        ],
        execute
    )?;
    Ok(())
}

/// Reads a booking.
///
/// # Errors
/// The database's.
pub async fn get(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    id: BookingId,
) -> Result<Option<Record>, StoreError> {
    run!(tx, GET, [tenant.uuid(), id.uuid()], Row, fetch_optional)?.map(Row::read).transpose()
}

/// Reads a booking that nobody else may change until the transaction ends.
///
/// # Errors
/// The database's.
pub async fn lock(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    id: BookingId,
) -> Result<Option<Record>, StoreError> {
    run!(tx, LOCK, [tenant.uuid(), id.uuid()], Row, fetch_optional)?.map(Row::read).transpose()
}

/// Finds a booking by id or by the platform's id.
///
/// # Errors
/// The database's.
pub async fn find(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    reference: &Reference<BookingId>,
) -> Result<Option<Record>, StoreError> {
    match reference {
        Reference::Id(id) => get(tx, tenant, *id).await,
        Reference::External(external_id) => {
            run!(tx, BY_EXTERNAL_ID, [tenant.uuid(), external_id], Row, fetch_optional)?
                .map(Row::read)
                .transpose()
        }
    }
}

/// How many other online sessions of the same host there are at the same time, where there are any
/// and no route begins with seats: all of them would be on the host's own account.
///
/// # Errors
/// The database's.
pub async fn overlaps(
    tx: &mut Tx<'_>,
    of: &[(Tenant, BookingId)],
) -> Result<BTreeMap<BookingId, u64>, StoreError> {
    let ids: Vec<_> = of.iter().map(|(tenant, id)| (tenant.id(), *id)).collect();
    let keys = keys(ids.iter().map(|(tenant, id)| (tenant, id)));
    let rows = run!(tx, OVERLAPS, [keys], (Uuid, i64), fetch_all)?;
    Ok(rows
        .into_iter()
        .map(|(id, others)| (BookingId::from_uuid(id), u64::try_from(others).unwrap_or(0)))
        .collect())
}

/// Locks bookings, whosoever they are: the engine's by claimed work, with tenants that its claims
/// proved, or many of one tenant. With `wait`, in a fixed order, so that two of these never wait for each
/// other; without it, those that somebody else holds are left out.
///
/// # Errors
/// The database's.
pub async fn lock_many(
    tx: &mut Tx<'_>,
    of: &[(Tenant, BookingId)],
    wait: bool,
) -> Result<Vec<Record>, StoreError> {
    let ids: Vec<_> = of.iter().map(|(tenant, id)| (tenant.id(), *id)).collect();
    let keys = keys(ids.iter().map(|(tenant, id)| (tenant, id)));
    let rows = if wait {
        run!(tx, LOCK_MANY, [keys], Row, fetch_all)?
    } else {
        run!(tx, LOCK_FREE, [keys], Row, fetch_all)?
    };
    rows.into_iter().map(Row::read).collect()
}

/// What a list of bookings is narrowed by.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// The status, as the API writes it.
    pub status: Option<String>,
    /// The host.
    pub host: Option<HostId>,
    /// The service.
    pub service: Option<ServiceId>,
    /// Starting then or later.
    pub from: Option<Instant>,
    /// Starting before.
    pub to: Option<Instant>,
    /// With a guest of this address.
    pub guest_email: Option<String>,
    /// With these words in the title or in somebody's name.
    pub words: Option<String>,
    /// With a current room at this provider.
    pub provider: Option<String>,
    /// With an event after this number.
    pub changed_since: Option<i64>,
    /// Not over at that time, and waiting for a person.
    pub needing: Option<Instant>,
}

/// A page of bookings, newest first, after the given one.
///
/// # Errors
/// The database's.
pub async fn list(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    filter: &Filter,
    after: Option<(Instant, BookingId)>,
    limit: u32,
) -> Result<Vec<Record>, StoreError> {
    let words = filter.words.as_deref().map(containing);
    run!(
        tx,
        LIST,
        [
            tenant.uuid(),
            after.map(|(at, _)| at.as_micros()),
            after.map(|(_, id)| id.uuid()),
            filter.status.as_deref(),
            filter.host.map(HostId::uuid),
            filter.service.map(ServiceId::uuid),
            filter.from.map(Instant::as_micros),
            filter.to.map(Instant::as_micros),
            filter.guest_email.as_ref().map(|email| email.to_lowercase()),
            words,
            filter.provider.as_deref(),
            filter.changed_since,
            filter.needing.map(Instant::as_micros),
            i64::from(limit),
        ],
        Row,
        fetch_all
    )?
    .into_iter()
    .map(Row::read)
    .collect()
}

/// The sessions that start in a stretch of time, in order.
///
/// # Errors
/// The database's.
pub async fn agenda(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    from: Instant,
    to: Instant,
    host: Option<HostId>,
    limit: u32,
) -> Result<Vec<Record>, StoreError> {
    run!(
        tx,
        AGENDA,
        [
            tenant.uuid(),
            from.as_micros(),
            to.as_micros(),
            host.map(HostId::uuid),
            i64::from(limit),
        ],
        Row,
        fetch_all
    )?
    .into_iter()
    .map(Row::read)
    .collect()
}

/// The pattern of what contains these words, in any case of letters.
pub(crate) fn containing(words: &str) -> String {
    // What the database takes for a pattern is meant as it stands.
    let mut plain = String::new();
    for character in words.to_lowercase().chars() {
        if matches!(character, '%' | '_' | '!') {
            plain.push('!');
        }
        plain.push(character);
    }
    format!("%{plain}%")
}

/// How far bookings have come, by `seq` and time of the last change: what the watcher polls.
///
/// # Errors
/// The database's.
pub async fn versions(
    tx: &mut Tx<'_>,
    of: &[(Tenant, BookingId)],
) -> Result<Vec<(Tenant, BookingId, i64, Instant)>, StoreError> {
    let ids: Vec<_> = of.iter().map(|(tenant, id)| (tenant.id(), *id)).collect();
    let keys = keys(ids.iter().map(|(tenant, id)| (tenant, id)));
    let rows = run!(tx, VERSIONS, [keys], (Uuid, Uuid, i64, i64), fetch_all)?;
    Ok(rows
        .into_iter()
        .map(|(tenant, id, seq, at)| {
            (Tenant::from_row(tenant), BookingId::from_uuid(id), seq, Instant::from_micros(at))
        })
        .collect())
}

/// Bookings ahead whose rooms are not as they should be: looked at when a connection comes back.
///
/// # Errors
/// The database's.
pub async fn waiting(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    now: Instant,
) -> Result<Vec<(BookingId, Instant)>, StoreError> {
    let mut rows = run!(tx, WAITING, [tenant.uuid(), now.as_micros()], (Uuid, i64), fetch_all)?;
    rows.extend(run!(tx, UNSETTLED, [tenant.uuid(), now.as_micros()], (Uuid, i64), fetch_all)?);
    // A room that could not be removed waits for its account, however long the session is over.
    let never = Instant::NEVER.as_micros();
    rows.extend(run!(tx, LEFT_BEHIND, [tenant.uuid(), never], (Uuid, i64), fetch_all)?);
    rows.sort_unstable();
    rows.dedup();
    Ok(rows
        .into_iter()
        .map(|(id, start)| (BookingId::from_uuid(id), Instant::from_micros(start)))
        .collect())
}

/// The bookings that have rooms at a connection, or may have.
///
/// # Errors
/// The database's.
pub async fn housed(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    connection: ConnectionId,
) -> Result<Vec<BookingId>, StoreError> {
    let rows = run!(tx, HOUSED, [tenant.uuid(), connection.uuid()], (Uuid,), fetch_all)?;
    let mut ids: Vec<_> = rows.into_iter().map(|(id,)| BookingId::from_uuid(id)).collect();
    ids.sort();
    Ok(ids)
}

/// Writes down that those of these bookings which wait for a person wait no longer: whoever waits
/// for the outcome waits until they were looked at. They are locked already.
///
/// # Errors
/// The database's.
pub async fn unsettle_waiting(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    of: &[BookingId],
    now: Instant,
) -> Result<(), StoreError> {
    let ids = ids(of.iter().map(|id| id.uuid()));
    run!(tx, UNSETTLE_WAITING, [ids, tenant.uuid(), now.as_micros()], execute)?;
    Ok(())
}

/// How many sessions ahead have their meeting where.
///
/// # Errors
/// The database's.
pub async fn counts(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    now: Instant,
) -> Result<Vec<(meeting::Status, i64)>, StoreError> {
    run!(tx, COUNTS, [tenant.uuid(), now.as_micros()], (String, i64), fetch_all)?
        .into_iter()
        .map(|(status, count)| {
            meeting::Status::from_code(&status)
                .map(|status| (status, count))
                .ok_or_else(|| StoreError::corrupt(TABLE, status))
        })
        .collect()
}

/// What sessions ahead without a room wait for, most of them first.
///
/// # Errors
/// The database's.
pub async fn waiting_for(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    now: Instant,
) -> Result<Vec<Reason>, StoreError> {
    let began = now.minus(Duration::from_secs(24 * 60 * 60));
    let rows = run!(
        tx,
        WAITING_FOR,
        [tenant.uuid(), began.as_micros(), now.as_micros()],
        (String, i64),
        fetch_all
    )?;
    rows.iter().map(|(reason, _)| json::read(TABLE, reason)).collect()
}
