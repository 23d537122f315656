//! Bookings in the order of their sessions: what is ahead, what is past, and what waits for a
//! person.
//!
//! Bookings are indexed by their starts, and no session is longer than a day; so what is ahead is
//! found without reading what is past.

use std::time::Duration;

use roomkey_core::Instant;
use roomkey_core::failure::Reason;
use roomkey_core::id::{BookingId, HostId};
use roomkey_core::meeting;
use uuid::Uuid;

use crate::booking::{Record, Row, columns, containing, needs_a_person};
use crate::error::StoreError;
use crate::json;
use crate::sql::{run, statements};
use crate::tenant::Tenant;
use crate::tx::Tx;

/// No session is longer: one that began so long ago may still be under way.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

macro_rules! narrowed {
    () => {
        "b.start_at >= $4 AND b.start_at < $5
        AND (b.status = $6 OR ($6 = 'pending' AND b.status LIKE 'pending%') OR $6 IS NULL)
        AND (b.host_id = $7 OR $7 IS NULL)
        AND (CAST($8 AS TEXT) IS NULL OR EXISTS (SELECT 1 FROM people p WHERE p.tenant_id = b.tenant_id AND p.booking_id = b.id
            AND p.role = 'guest' AND p.removed_at IS NULL AND lower(p.email) = $8))
        AND (CAST($9 AS TEXT) IS NULL OR lower(b.title) LIKE $9 ESCAPE '!' OR EXISTS (SELECT 1 FROM people p WHERE p.tenant_id = b.tenant_id
            AND p.booking_id = b.id AND p.removed_at IS NULL AND lower(p.name) LIKE $9 ESCAPE '!'))
        AND (CAST($10 AS TEXT) IS NULL OR b.meeting_reason LIKE $10 ESCAPE '!')
        AND (b.end_at > $11 OR $11 IS NULL)
        AND (b.end_at <= $12 OR $12 IS NULL)"
    };
}

statements! {
    UPWARDS = concat!("SELECT ", columns!(), " FROM bookings b WHERE b.tenant_id = $1 AND (b.start_at, b.id) > ($2, $3) AND ", narrowed!(), "
        AND (CAST($13 AS BIGINT) IS NULL OR ", needs_a_person!(), ")
        ORDER BY b.start_at, b.id LIMIT $14");
    DOWNWARDS = concat!("SELECT ", columns!(), " FROM bookings b WHERE b.tenant_id = $1 AND (b.start_at, b.id) < ($2, $3) AND ", narrowed!(), "
        AND (CAST($13 AS BIGINT) IS NULL OR ", needs_a_person!(), ")
        ORDER BY b.start_at DESC, b.id DESC LIMIT $14");
    AHEAD = concat!("SELECT ", columns!(), " FROM bookings b WHERE b.tenant_id = $1 AND b.start_at > $2 AND b.end_at > $3
        AND b.status IN ('pending_payment', 'confirmed', 'in_progress') ORDER BY b.start_at, b.id LIMIT $4");
    COUNT_AHEAD = "SELECT count(*) FROM bookings WHERE tenant_id = $1 AND start_at > $2 AND end_at > $3
        AND status IN ('pending_payment', 'confirmed', 'in_progress')";
    WANTING = "SELECT host_id, CASE WHEN status LIKE 'pending%' THEN status ELSE meeting_status END, meeting_reason, count(*), min(start_at)
        FROM bookings WHERE tenant_id = $1 AND start_at > $2 AND end_at > $3
        AND (status = 'pending_approval' OR (status = 'pending_payment' AND payment IS NOT NULL) OR (status IN ('confirmed', 'in_progress')
            AND (meeting_status = 'failed' OR (meeting_status IN ('pending', 'creating') AND meeting_reason IS NOT NULL))))
        GROUP BY host_id, CASE WHEN status LIKE 'pending%' THEN status ELSE meeting_status END, meeting_reason
        ORDER BY min(start_at), host_id";
}

/// What a list of sessions is narrowed by.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Whether they are over, and how they are ordered.
    pub side: Side,
    /// The status, as the API writes it.
    pub status: Option<String>,
    /// The host.
    pub host: Option<HostId>,
    /// Starting then or later.
    pub from: Option<Instant>,
    /// Starting before.
    pub to: Option<Instant>,
    /// With a guest of this address.
    pub guest_email: Option<String>,
    /// With these words in the title or in somebody's name.
    pub words: Option<String>,
    /// Waiting for a person.
    pub needing: bool,
    /// The code of what is wrong with the meeting.
    pub reason: Option<String>,
}

/// Whether sessions are over, and how they are ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Side {
    /// Not over at that time, the soonest first.
    Ahead(Instant),
    /// Over at that time, the latest first.
    Past(Instant),
    /// Both, the earliest first.
    #[default]
    Both,
}

/// A page of sessions in their order, after the given one.
///
/// # Errors
/// The database's.
pub async fn page(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    filter: &Filter,
    after: Option<(Instant, BookingId)>,
    limit: u32,
) -> Result<Vec<Record>, StoreError> {
    let (least, ahead, past) = match filter.side {
        Side::Ahead(now) => (Some(now.minus(LONGEST)), Some(now), None),
        Side::Past(now) => (None, None, Some(now)),
        Side::Both => (None, None, None),
    };
    let from = [filter.from, least].into_iter().flatten().map(Instant::as_micros).max();
    let to = filter.to.map_or(i64::MAX, Instant::as_micros);
    let reason = filter.reason.as_deref().map(|code| {
        let pattern = containing(&format!("{{\"code\":\"{code}\","));
        pattern.trim_start_matches('%').to_owned()
    });
    let words = filter.words.as_deref().map(containing);
    let email = filter.guest_email.as_ref().map(|email| email.to_lowercase());
    let after = after.map(|(at, id)| (at.as_micros(), id.uuid()));
    let rows = if past.is_some() {
        let (at, id) = after.unwrap_or((i64::MAX, Uuid::max()));
        run!(
            tx,
            DOWNWARDS,
            [
                tenant.uuid(),
                at,
                id,
                from.unwrap_or(i64::MIN),
                to,
                filter.status.as_deref(),
                filter.host.map(HostId::uuid),
                email.as_deref(),
                words.as_deref(),
                reason.as_deref(),
                ahead.map(Instant::as_micros),
                past.map(Instant::as_micros),
                filter.needing.then_some(1_i64),
                i64::from(limit),
            ],
            Row,
            fetch_all
        )?
    } else {
        let (at, id) = after.unwrap_or((i64::MIN, Uuid::nil()));
        run!(
            tx,
            UPWARDS,
            [
                tenant.uuid(),
                at,
                id,
                from.unwrap_or(i64::MIN),
                to,
                filter.status.as_deref(),
                filter.host.map(HostId::uuid),
                email.as_deref(),
                words.as_deref(),
                reason.as_deref(),
                ahead.map(Instant::as_micros),
                past.map(Instant::as_micros),
                filter.needing.then_some(1_i64),
                i64::from(limit),
            ],
            Row,
            fetch_all
        )?
    };
    rows.into_iter().map(Row::read).collect()
}

/// The sessions that are on or ahead, the soonest first. What waits for a person's word is not on
/// yet.
///
/// # Errors
/// The database's.
pub async fn ahead(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    now: Instant,
    limit: u32,
) -> Result<Vec<Record>, StoreError> {
    run!(
        tx,
        AHEAD,
        [tenant.uuid(), now.minus(LONGEST).as_micros(), now.as_micros(), i64::from(limit)],
        Row,
        fetch_all
    )?
    .into_iter()
    .map(Row::read)
    .collect()
}

/// How many sessions are on or ahead.
///
/// # Errors
/// The database's.
pub async fn count_ahead(tx: &mut Tx<'_>, tenant: Tenant, now: Instant) -> Result<u64, StoreError> {
    let (count,) = run!(
        tx,
        COUNT_AHEAD,
        [tenant.uuid(), now.minus(LONGEST).as_micros(), now.as_micros()],
        (i64,),
        fetch_one
    )?;
    Ok(u64::try_from(count).unwrap_or(0))
}

/// What sessions lack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lack {
    /// Somebody's word.
    Approval,
    /// Somebody's word on money that came and settles nothing.
    Payment,
    /// A room, and a person is told so.
    Room,
    /// A room that is still being tried for; nobody needs to do anything.
    RoomForNow,
}

/// Sessions of one host that are not over and lack the same for the same reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanting {
    /// Whose sessions.
    pub host: HostId,
    /// What they lack.
    pub lack: Lack,
    /// Why, where it is known.
    pub reason: Option<Reason>,
    /// How many there are.
    pub count: u64,
    /// When the soonest begins.
    pub soonest: Instant,
}

/// What the sessions that are not over lack, by host and reason, the soonest first.
///
/// # Errors
/// The database's.
pub async fn wanting(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    now: Instant,
) -> Result<Vec<Wanting>, StoreError> {
    let rows = run!(
        tx,
        WANTING,
        [tenant.uuid(), now.minus(LONGEST).as_micros(), now.as_micros()],
        (Uuid, String, Option<String>, i64, i64),
        fetch_all
    )?;
    rows.into_iter()
        .map(|(host, what, reason, count, soonest)| {
            Ok(Wanting {
                host: HostId::from_uuid(host),
                lack: lack(&what)?,
                reason: json::read_option("bookings", reason.as_deref())?,
                count: u64::try_from(count).unwrap_or(0),
                soonest: Instant::from_micros(soonest),
            })
        })
        .collect()
}

fn lack(what: &str) -> Result<Lack, StoreError> {
    match what {
        "pending_approval" => return Ok(Lack::Approval),
        "pending_payment" => return Ok(Lack::Payment),
        _ => {}
    }
    match meeting::Status::from_code(what) {
        Some(meeting::Status::Creating) => Ok(Lack::RoomForNow),
        Some(_) => Ok(Lack::Room),
        None => Err(StoreError::corrupt("bookings", what)),
    }
}
