//! The texts of transcripts: due, had, or why not.
//!
//! A row says that a text is due. Whoever takes it pushes its due time to the end of a lease; what
//! comes of it is written down only while the text is still wanted, so that one that was forgotten
//! meanwhile stays forgotten, and one that two bring is kept once.

use roomkey_core::Instant;
use roomkey_core::failure::Reason;
use roomkey_core::id::{BookingId, ConnectionId, RecordingId};
use roomkey_core::route::{Place, Provider};
use uuid::Uuid;

use crate::error::StoreError;
use crate::json;
use crate::sql::{run, statements};
use crate::tenant::Tenant;
use crate::tx::Tx;

statements! {
    KNOWN = "INSERT INTO transcripts (tenant_id, recording_id, booking_id, state, reason, due_at, tries, known_at, changed_at)
        VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $7) ON CONFLICT DO NOTHING";
    DUE = "SELECT t.tenant_id, t.recording_id, t.booking_id, t.due_at, t.tries, t.known_at,
            f.instance, f.vendor_id, r.provider, r.connection_id, r.account, r.vendor_user
        FROM transcripts t
        JOIN recordings f ON f.tenant_id = t.tenant_id AND f.id = t.recording_id
        JOIN rooms r ON r.tenant_id = f.tenant_id AND r.id = f.room_id
        WHERE t.due_at <= $1 ORDER BY t.due_at, t.tenant_id, t.recording_id LIMIT $2";
    CLAIM = "UPDATE transcripts SET claim = $4, due_at = $5
        WHERE tenant_id = $1 AND recording_id = $2 AND due_at = $3";
    PUT_OFF = "UPDATE transcripts SET due_at = $4 WHERE tenant_id = $1 AND recording_id = $2 AND due_at = $3";
    LATER = "UPDATE transcripts SET claim = NULL, due_at = $4, tries = $5, reason = COALESCE($6, reason)
        WHERE tenant_id = $1 AND recording_id = $2 AND claim = $3";
    STORE = "UPDATE transcripts SET state = 'stored', reason = NULL, sealed = $3, due_at = NULL, claim = NULL, changed_at = $4
        WHERE tenant_id = $1 AND recording_id = $2 AND state = 'pending'";
    END = "UPDATE transcripts SET state = $4, reason = $5, due_at = NULL, claim = NULL, changed_at = $6
        WHERE tenant_id = $1 AND recording_id = $2 AND claim = $3";
    FORGET = "UPDATE transcripts SET state = 'forgotten', reason = $3, sealed = NULL, due_at = NULL, claim = NULL, changed_at = $4
        WHERE tenant_id = $1 AND recording_id = $2 AND state IN ('pending', 'stored')";
    FORGET_OF = "UPDATE transcripts SET state = 'forgotten', reason = $3, sealed = NULL, due_at = NULL, claim = NULL, changed_at = $4
        WHERE tenant_id = $1 AND state IN ('pending', 'stored') AND recording_id IN (
            SELECT f.id FROM recordings f JOIN rooms r ON r.tenant_id = f.tenant_id AND r.id = f.room_id
            WHERE f.tenant_id = $1 AND r.connection_id = $2)";
    OF_BOOKING = "SELECT recording_id, state, reason, changed_at FROM transcripts WHERE tenant_id = $1 AND booking_id = $2";
    TEXT = "SELECT sealed FROM transcripts WHERE tenant_id = $1 AND booking_id = $2 AND recording_id = $3 AND sealed IS NOT NULL";
}

const TABLE: &str = "transcripts";

/// Where the text of a transcript stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It is asked for until it is here.
    Pending,
    /// It is here.
    Stored,
    /// It is not to be had, for good.
    Refused,
    /// It is not wanted, and was never asked for.
    NotFetched,
    /// It was deleted, or is not to be kept when it comes.
    Forgotten,
}

impl State {
    /// As it is written down.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Stored => "stored",
            Self::Refused => "refused",
            Self::NotFetched => "not_fetched",
            Self::Forgotten => "forgotten",
        }
    }

    fn from_code(code: &str) -> Option<Self> {
        [Self::Pending, Self::Stored, Self::Refused, Self::NotFetched, Self::Forgotten]
            .into_iter()
            .find(|it| it.as_str() == code)
    }
}

/// Where the text of a transcript stands, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Where.
    pub state: State,
    /// Why it is not here, or not yet.
    pub reason: Option<Reason>,
    /// Since when.
    pub changed_at: Instant,
}

/// A text that is to be asked for now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// Whose.
    pub tenant: Tenant,
    /// Which transcript.
    pub recording: RecordingId,
    /// Of which booking.
    pub booking: BookingId,
    /// Where the room was that was recorded.
    pub place: Place,
    /// Which instance of it.
    pub instance: String,
    /// The vendor's id of the file.
    pub vendor_id: String,
    /// Since when it is due.
    pub due_at: Instant,
    /// How often it was asked for in vain.
    pub tries: u32,
    /// Since when it is known.
    pub known_at: Instant,
}

#[derive(sqlx::FromRow)]
struct DueRow {
    tenant_id: Uuid,
    recording_id: Uuid,
    booking_id: Uuid,
    due_at: i64,
    tries: i64,
    known_at: i64,
    instance: String,
    vendor_id: String,
    provider: String,
    connection_id: Option<Uuid>,
    account: String,
    vendor_user: String,
}

/// A transcript is known: its text is due, or it is not wanted, with the reason.
///
/// # Errors
/// The database's.
pub async fn known(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    booking: BookingId,
    recording: RecordingId,
    unwanted: Option<&Reason>,
    now: Instant,
) -> Result<(), StoreError> {
    let state = if unwanted.is_some() { State::NotFetched } else { State::Pending };
    let due = unwanted.is_none().then(|| now.as_micros());
    run!(
        tx,
        KNOWN,
        [
            tenant.uuid(),
            recording.uuid(),
            booking.uuid(),
            state.as_str(),
            json::write_option(unwanted),
            due,
            now.as_micros(),
        ],
        execute
    )?;
    Ok(())
}

/// Texts that are to be asked for now, the longest due first.
///
/// # Errors
/// The database's.
pub async fn due(tx: &mut Tx<'_>, now: Instant, limit: u32) -> Result<Vec<Due>, StoreError> {
    run!(tx, DUE, [now.as_micros(), i64::from(limit)], DueRow, fetch_all)?
        .into_iter()
        .map(|row| {
            Ok(Due {
                tenant: Tenant::from_row(row.tenant_id),
                recording: RecordingId::from_uuid(row.recording_id),
                booking: BookingId::from_uuid(row.booking_id),
                place: Place {
                    provider: Provider::from_code(&row.provider)
                        .ok_or_else(|| StoreError::corrupt("rooms", &row.provider))?,
                    connection: row.connection_id.map(ConnectionId::from_uuid),
                    account: row.account,
                    user: row.vendor_user,
                },
                instance: row.instance,
                vendor_id: row.vendor_id,
                due_at: Instant::from_micros(row.due_at),
                tries: u32::try_from(row.tries).unwrap_or(u32::MAX),
                known_at: Instant::from_micros(row.known_at),
            })
        })
        .collect()
}

/// Takes a text that is due, until the end of a lease; false, if somebody else has taken it or it
/// is no longer wanted.
///
/// # Errors
/// The database's.
pub async fn claim(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    due: &Due,
    claim: Uuid,
    lease_end: Instant,
) -> Result<bool, StoreError> {
    let taken = run!(
        tx,
        CLAIM,
        [tenant.uuid(), due.recording.uuid(), due.due_at.as_micros(), claim, lease_end.as_micros(),],
        execute
    )?;
    Ok(taken == 1)
}

/// Puts off a text that nobody has taken.
///
/// # Errors
/// The database's.
pub async fn put_off(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    due: &Due,
    until: Instant,
) -> Result<(), StoreError> {
    run!(
        tx,
        PUT_OFF,
        [tenant.uuid(), due.recording.uuid(), due.due_at.as_micros(), until.as_micros()],
        execute
    )?;
    Ok(())
}

/// Whoever took a text was not given it: it is asked for again `at`. Without a reason, the one that
/// is known stays.
///
/// # Errors
/// The database's.
pub async fn later(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    recording: RecordingId,
    claim: Uuid,
    at: Instant,
    tries: u32,
    reason: Option<&Reason>,
) -> Result<(), StoreError> {
    run!(
        tx,
        LATER,
        [
            tenant.uuid(),
            recording.uuid(),
            claim,
            at.as_micros(),
            i64::from(tries),
            json::write_option(reason),
        ],
        execute
    )?;
    Ok(())
}

/// Keeps a text, sealed; whether it was still wanted. Who took it when does not matter.
///
/// # Errors
/// The database's.
pub async fn store(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    recording: RecordingId,
    sealed: &[u8],
    now: Instant,
) -> Result<bool, StoreError> {
    let kept =
        run!(tx, STORE, [tenant.uuid(), recording.uuid(), sealed, now.as_micros()], execute)?;
    Ok(kept == 1)
}

/// Whoever took a text found that there is nothing more to ask for.
///
/// # Errors
/// The database's.
pub async fn end(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    recording: RecordingId,
    claim: Uuid,
    state: State,
    reason: &Reason,
    now: Instant,
) -> Result<(), StoreError> {
    run!(
        tx,
        END,
        [
            tenant.uuid(),
            recording.uuid(),
            claim,
            state.as_str(),
            json::write(reason),
            now.as_micros(),
        ],
        execute
    )?;
    Ok(())
}

/// Forgets a text for good, also one that has yet to come; whether there was anything to forget.
///
/// # Errors
/// The database's.
pub async fn forget(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    recording: RecordingId,
    reason: &Reason,
    now: Instant,
) -> Result<bool, StoreError> {
    let forgotten = run!(
        tx,
        FORGET,
        [tenant.uuid(), recording.uuid(), json::write(reason), now.as_micros()],
        execute
    )?;
    Ok(forgotten == 1)
}

/// Forgets the texts of the rooms that a connection made.
///
/// # Errors
/// The database's.
pub async fn forget_of(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    connection: ConnectionId,
    reason: &Reason,
    now: Instant,
) -> Result<(), StoreError> {
    run!(
        tx,
        FORGET_OF,
        [tenant.uuid(), connection.uuid(), json::write(reason), now.as_micros()],
        execute
    )?;
    Ok(())
}

/// Where the texts of a booking's transcripts stand.
///
/// # Errors
/// The database's.
pub async fn of_booking(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    booking: BookingId,
) -> Result<Vec<(RecordingId, Standing)>, StoreError> {
    type Row = (Uuid, String, Option<String>, i64);
    run!(tx, OF_BOOKING, [tenant.uuid(), booking.uuid()], Row, fetch_all)?
        .into_iter()
        .map(|(id, state, reason, changed_at)| {
            let standing = Standing {
                state: State::from_code(&state)
                    .ok_or_else(|| StoreError::corrupt(TABLE, &state))?,
                reason: json::read_option(TABLE, reason.as_deref())?,
                changed_at: Instant::from_micros(changed_at),
            };
            Ok((RecordingId::from_uuid(id), standing))
        })
        .collect()
}

/// The sealed text of a transcript, if it is here.
///
/// # Errors
/// The database's.
pub async fn text(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    booking: BookingId,
    recording: RecordingId,
) -> Result<Option<Vec<u8>>, StoreError> {
    let keys = (tenant.uuid(), booking.uuid(), recording.uuid());
    let row = run!(tx, TEXT, [keys.0, keys.1, keys.2], (Vec<u8>,), fetch_optional)?;
    Ok(row.map(|(sealed,)| sealed))
}
