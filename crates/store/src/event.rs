//! Events: what happened. Written in the transaction in which it happened, numbered afterwards in
//! the order in which a reader may see them.

use roomkey_core::Instant;
use roomkey_core::id::{BookingId, EventId};
use uuid::Uuid;

use crate::error::StoreError;
use crate::sql::{run, statements};
use crate::tenant::Tenant;
use crate::tx::Tx;

statements! {
    INSERT = "INSERT INTO events (tenant_id, id, booking_id, type, seq, at, actor, data) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    OF_BOOKING = "SELECT id, booking_id, type, seq, at, actor, data, number FROM events
        WHERE tenant_id = $1 AND booking_id = $2 AND (CAST($3 AS BIGINT) IS NULL OR (seq, id) < ($3, $4))
        ORDER BY seq DESC, id DESC LIMIT $5";
    FEED = "SELECT id, booking_id, type, seq, at, actor, data, number FROM events
        WHERE tenant_id = $1 AND number > $2 ORDER BY number LIMIT $3";
    UNNUMBERED = "SELECT tenant_id, id FROM events WHERE number IS NULL ORDER BY id LIMIT $1";
    ANY_UNNUMBERED = "SELECT count(*) FROM (SELECT id FROM events WHERE number IS NULL LIMIT 1) AS unnumbered";
    TAKE_NUMBERS = "UPDATE tenants SET next_number = next_number + $2 WHERE tenant_id = $1 RETURNING next_number - $2";
    NUMBER = "UPDATE events SET number = $3 WHERE tenant_id = $1 AND id = $2 AND number IS NULL";
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its id.
    pub id: EventId,
    /// To which booking.
    pub booking: Option<BookingId>,
    /// What: `booking.created`.
    pub kind: String,
    /// Where in the booking's order.
    pub seq: i64,
    /// When.
    pub at: Instant,
    /// By whom: `roomkey`, `host`, `guest`, `operator`, `api`, `vendor`.
    pub actor: String,
    /// The particulars, as JSON.
    pub data: String,
    /// Where in the tenant's feed, once numbered.
    pub number: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    booking_id: Option<Uuid>,
    #[sqlx(rename = "type")]
    kind: String,
    seq: i64,
    at: i64,
    actor: String,
    data: String,
    number: Option<i64>,
}

impl Row {
    fn read(self) -> Event {
        Event {
            id: EventId::from_uuid(self.id),
            booking: self.booking_id.map(BookingId::from_uuid),
            kind: self.kind,
            seq: self.seq,
            at: Instant::from_micros(self.at),
            actor: self.actor,
            data: self.data,
            number: self.number,
        }
    }
}

/// Writes down an event.
///
/// # Errors
/// The database's.
pub async fn insert(tx: &mut Tx<'_>, tenant: Tenant, event: &Event) -> Result<(), StoreError> {
    run!(
        tx,
        INSERT,
        [
            tenant.uuid(),
            event.id.uuid(),
            event.booking.map(BookingId::uuid),
            &event.kind,
            event.seq,
            event.at.as_micros(),
            &event.actor,
            &event.data,
        ],
        execute
    )?;
    Ok(())
}

/// A booking's events, the latest first, after the one of this `seq` and id.
///
/// # Errors
/// The database's.
pub async fn of_booking(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    booking: BookingId,
    after: Option<(i64, EventId)>,
    limit: u32,
) -> Result<Vec<Event>, StoreError> {
    let rows = run!(
        tx,
        OF_BOOKING,
        [
            tenant.uuid(),
            booking.uuid(),
            after.map(|(seq, _)| seq),
            after.map(|(_, id)| id.uuid()),
            i64::from(limit),
        ],
        Row,
        fetch_all
    )?;
    Ok(rows.into_iter().map(Row::read).collect())
}

/// A tenant's numbered events after a number, in order.
///
/// # Errors
/// The database's.
pub async fn feed(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    after: i64,
    limit: u32,
) -> Result<Vec<Event>, StoreError> {
    let rows = run!(tx, FEED, [tenant.uuid(), after, i64::from(limit)], Row, fetch_all)?;
    Ok(rows.into_iter().map(Row::read).collect())
}

/// Whether there is an event without a number.
///
/// # Errors
/// The database's.
pub async fn any_unnumbered(tx: &mut Tx<'_>) -> Result<bool, StoreError> {
    let (some,) = run!(tx, ANY_UNNUMBERED, [], (i64,), fetch_one)?;
    Ok(some > 0)
}

/// Numbers events that are committed, in the order of their ids: the sequencer's work, for all
/// tenants, under its lease. Answers how many there were.
///
/// # Errors
/// The database's.
pub async fn number(tx: &mut Tx<'_>, limit: u32) -> Result<usize, StoreError> {
    let rows = run!(tx, UNNUMBERED, [i64::from(limit)], (Uuid, Uuid), fetch_all)?;
    let count = rows.len();
    let mut by_tenant: std::collections::BTreeMap<Uuid, Vec<Uuid>> =
        std::collections::BTreeMap::new();
    for (tenant, id) in rows {
        by_tenant.entry(tenant).or_default().push(id);
    }
    for (tenant, ids) in by_tenant {
        let taken = i64::try_from(ids.len()).unwrap_or(0);
        let (first,) = run!(tx, TAKE_NUMBERS, [tenant, taken], (i64,), fetch_one)?;
        for (number, id) in (first..).zip(ids) {
            run!(tx, NUMBER, [tenant, id, number], execute)?;
        }
    }
    Ok(count)
}
