//! Recordings and transcripts: what there is at vendors, and where people see it. The files
//! themselves stay there, but for the texts of transcripts.

use roomkey_core::Instant;
use roomkey_core::id::{BookingId, ConnectionId, RecordingId, RoomId};
use uuid::Uuid;

use crate::error::StoreError;
use crate::sql::{run, statements};
use crate::tenant::Tenant;
use crate::tx::Tx;

/// How Zoom calls a transcript.
const TRANSCRIPT: &str = "TRANSCRIPT";

statements! {
    KEEP = "INSERT INTO recordings (tenant_id, id, booking_id, room_id, instance, vendor_id, kind, view, started_at, ended_at, size, sealed, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT DO NOTHING";
    OF_BOOKING = "SELECT id, room_id, instance, vendor_id, kind, view, started_at, ended_at, size, sealed, created_at FROM recordings
        WHERE tenant_id = $1 AND booking_id = $2
            AND (CAST($3 AS BIGINT) IS NULL OR (COALESCE(started_at, created_at), id) < ($3, $4))
        ORDER BY COALESCE(started_at, created_at) DESC, id DESC LIMIT $5";
    FORGET = "UPDATE recordings SET sealed = NULL
        WHERE tenant_id = $1 AND created_at <= $3 AND room_id IN (SELECT id FROM rooms WHERE tenant_id = $1 AND connection_id = $2)";
}

/// One file of a recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recording {
    /// Its id.
    pub id: RecordingId,
    /// Of which room.
    pub room: RoomId,
    /// Of which instance of it.
    pub instance: String,
    /// The vendor's id of the file.
    pub vendor_id: String,
    /// As the vendor calls it: `MP4`, `TRANSCRIPT`.
    pub kind: String,
    /// What is to be seen, as the vendor calls it.
    pub view: Option<String>,
    /// From when.
    pub started_at: Option<Instant>,
    /// Until when.
    pub ended_at: Option<Instant>,
    /// In bytes.
    pub size: Option<i64>,
    /// Links and passcode, sealed; nothing once they are forgotten.
    pub sealed: Option<Vec<u8>>,
    /// Since when it is known.
    pub created_at: Instant,
}

impl Recording {
    /// Whether it is the text of what was said.
    #[must_use]
    pub fn is_transcript(&self) -> bool {
        self.kind == TRANSCRIPT
    }

    /// What recordings are ordered by: from when they are, or else since when they are known.
    #[must_use]
    pub fn begins(&self) -> Instant {
        self.started_at.unwrap_or(self.created_at)
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    room_id: Uuid,
    instance: String,
    vendor_id: String,
    kind: String,
    view: Option<String>,
    started_at: Option<i64>,
    ended_at: Option<i64>,
    size: Option<i64>,
    sealed: Option<Vec<u8>>,
    created_at: i64,
}

/// Keeps what is known of a file; whether it was not known.
///
/// # Errors
/// The database's.
pub async fn keep(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    booking: BookingId,
    recording: &Recording,
) -> Result<bool, StoreError> {
    let inserted = run!(
        tx,
        KEEP,
        [
            tenant.uuid(),
            recording.id.uuid(),
            booking.uuid(),
            recording.room.uuid(),
            &recording.instance,
            &recording.vendor_id,
            &recording.kind,
            recording.view.as_deref(),
            recording.started_at.map(Instant::as_micros),
            recording.ended_at.map(Instant::as_micros),
            recording.size,
            recording.sealed.as_deref(),
            recording.created_at.as_micros(),
        ],
        execute
    )?;
    Ok(inserted == 1)
}

/// The recordings of a booking, the latest first, after this one.
///
/// # Errors
/// The database's.
pub async fn of_booking(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    booking: BookingId,
    after: Option<(Instant, RecordingId)>,
    limit: u32,
) -> Result<Vec<Recording>, StoreError> {
    let rows = run!(
        tx,
        OF_BOOKING,
        [
            tenant.uuid(),
            booking.uuid(),
            after.map(|(at, _)| at.as_micros()),
            after.map(|(_, id)| id.uuid()),
            i64::from(limit),
        ],
        Row,
        fetch_all
    )?;
    Ok(rows
        .into_iter()
        .map(|row| Recording {
            id: RecordingId::from_uuid(row.id),
            room: RoomId::from_uuid(row.room_id),
            instance: row.instance,
            vendor_id: row.vendor_id,
            kind: row.kind,
            view: row.view,
            started_at: row.started_at.map(Instant::from_micros),
            ended_at: row.ended_at.map(Instant::from_micros),
            size: row.size,
            sealed: row.sealed,
            created_at: Instant::from_micros(row.created_at),
        })
        .collect())
}

/// Forgets where the recordings of rooms that a connection made are seen, as far as they were known
/// then; that they were made stays.
///
/// # Errors
/// The database's.
pub async fn forget_links(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    connection: ConnectionId,
    until: Instant,
) -> Result<(), StoreError> {
    run!(tx, FORGET, [tenant.uuid(), connection.uuid(), until.as_micros()], execute)?;
    Ok(())
}
