//! Messages, and the record of what people were told.

use std::collections::HashMap;

use roomkey_core::Instant;
use roomkey_core::id::{BookingId, MessageId, PersonId};
use roomkey_core::told::{Occasion, Queued, Statement};
use uuid::Uuid;

use crate::error::StoreError;
use crate::json;
use crate::sql::{keys, run, statements};
use crate::tenant::Tenant;
use crate::tx::Tx;

macro_rules! columns {
    () => {
        "tenant_id, id, booking_id, person_id, occasion, statement, sequence, message_id, sealed, state, created_at, next_at, sending_until, \
         attempts, settled_at, trouble"
    };
}

statements! {
    TOLD = "SELECT person_id, said, sequence FROM told WHERE (tenant_id, booking_id) IN ({keys}) AND channel = 'email'";
    SET_TOLD = "INSERT INTO told (tenant_id, person_id, channel, booking_id, said, sequence) VALUES ($1, $2, 'email', $3, $4, $5)
        ON CONFLICT (tenant_id, person_id, channel) DO UPDATE SET said = excluded.said, sequence = excluded.sequence";
    QUEUED = concat!("SELECT ", columns!(), " FROM messages WHERE (tenant_id, booking_id) IN ({keys}) AND state = 'queued'");
    HEARD = "SELECT person_id, statement FROM messages WHERE (tenant_id, booking_id) IN ({keys}) AND state = 'sent' ORDER BY sequence";
    INSERT = "INSERT INTO messages (tenant_id, id, booking_id, person_id, channel, occasion, statement, sequence, message_id, sealed, state, created_at, next_at, sending_until, attempts)
        VALUES ($1, $2, $3, $4, 'email', $5, $6, $7, $8, $9, 'queued', $10, $10, $11, 1)";
    AGAIN = "UPDATE messages SET sending_until = $3, attempts = attempts + 1 WHERE tenant_id = $1 AND id = $2 AND state = 'queued'";
    UPDATE = "UPDATE messages SET state = $3, next_at = $4, sending_until = NULL, settled_at = $5, trouble = $6 WHERE tenant_id = $1 AND id = $2";
    SUPERSEDE = "UPDATE messages SET state = 'superseded', sending_until = NULL, settled_at = $3 WHERE tenant_id = $1 AND person_id = $2 AND state = 'queued'";
    GET = concat!("SELECT ", columns!(), " FROM messages WHERE tenant_id = $1 AND id = $2");
    TALLY = "SELECT count(CASE WHEN state = 'sent' THEN 1 END), count(CASE WHEN state = 'failed' THEN 1 END),
            max(CASE WHEN state = 'sent' THEN settled_at END)
        FROM messages WHERE tenant_id = $1 AND id >= $2";
    OF_BOOKING = concat!("SELECT ", columns!(), " FROM messages WHERE tenant_id = $1 AND booking_id = $2
        AND (CAST($3 AS BIGINT) IS NULL OR (created_at, id) < ($3, $4)) ORDER BY created_at DESC, id DESC LIMIT $5");
}

/// Where a message stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// To be sent, or being sent.
    Queued,
    /// The relay has taken it.
    Sent,
    /// Something newer is said instead.
    Superseded,
    /// The relay will not have it.
    Failed,
}

impl State {
    /// As the API and the database write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Superseded => "superseded",
            Self::Failed => "failed",
        }
    }
}

/// A message to one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// Of which booking.
    pub booking: BookingId,
    /// To whom.
    pub person: PersonId,
    /// Why.
    pub occasion: Occasion,
    /// What it says.
    pub statement: Statement,
    /// The calendar's SEQUENCE.
    pub sequence: i64,
    /// Its Message-ID.
    pub message_id: String,
    /// Its bytes, sealed: they hold the person's link.
    pub sealed: Vec<u8>,
    /// Where it stands.
    pub state: State,
    /// When it was written.
    pub created_at: Instant,
    /// Not before.
    pub next_at: Instant,
    /// While it is being sent: until when an answer can come.
    pub sending_until: Option<Instant>,
    /// How often it was tried.
    pub attempts: u32,
    /// When it was off the table.
    pub settled_at: Option<Instant>,
    /// What went wrong, in words.
    pub trouble: Option<String>,
}

impl Message {
    /// As the rules see it.
    #[must_use]
    pub fn queued(&self) -> Queued {
        Queued {
            message: self.id,
            statement: self.statement.clone(),
            occasion: self.occasion,
            next_at: self.next_at,
            sending_until: self.sending_until,
        }
    }
}

/// What one person was last told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Who.
    pub person: PersonId,
    /// What.
    pub said: Option<Statement>,
    /// The highest SEQUENCE that was written; -1 before the first.
    pub sequence: i64,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    booking_id: Uuid,
    person_id: Uuid,
    occasion: String,
    statement: String,
    sequence: i64,
    message_id: String,
    sealed: Vec<u8>,
    state: String,
    created_at: i64,
    next_at: i64,
    sending_until: Option<i64>,
    attempts: i64,
    settled_at: Option<i64>,
    trouble: Option<String>,
}

const TABLE: &str = "messages";

impl Row {
    fn read(self) -> Result<Message, StoreError> {
        Ok(Message {
            id: MessageId::from_uuid(self.id),
            booking: BookingId::from_uuid(self.booking_id),
            person: PersonId::from_uuid(self.person_id),
            occasion: Occasion::from_code(&self.occasion)
                .ok_or_else(|| StoreError::corrupt(TABLE, &self.occasion))?,
            statement: json::read(TABLE, &self.statement)?,
            sequence: self.sequence,
            message_id: self.message_id,
            sealed: self.sealed,
            state: [State::Queued, State::Sent, State::Superseded, State::Failed]
                .into_iter()
                .find(|state| state.as_str() == self.state)
                .ok_or_else(|| StoreError::corrupt(TABLE, &self.state))?,
            created_at: Instant::from_micros(self.created_at),
            next_at: Instant::from_micros(self.next_at),
            sending_until: self.sending_until.map(Instant::from_micros),
            attempts: u32::try_from(self.attempts).unwrap_or(u32::MAX),
            settled_at: self.settled_at.map(Instant::from_micros),
            trouble: self.trouble,
        })
    }
}

/// What the people of bookings were told.
///
/// # Errors
/// The database's.
pub async fn told(tx: &mut Tx<'_>, of: &[(Tenant, BookingId)]) -> Result<Vec<Told>, StoreError> {
    let ids: Vec<_> = of.iter().map(|(tenant, id)| (tenant.id(), *id)).collect();
    let keys = keys(ids.iter().map(|(tenant, id)| (tenant, id)));
    run!(tx, TOLD, [keys], (Uuid, Option<String>, i64), fetch_all)?
        .into_iter()
        .map(|(person, said, sequence)| {
            Ok(Told {
                person: PersonId::from_uuid(person),
                said: json::read_option("told", said.as_deref())?,
                sequence,
            })
        })
        .collect()
}

/// Writes down what a person was told.
///
/// # Errors
/// The database's.
pub async fn set_told(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    booking: BookingId,
    told: &Told,
) -> Result<(), StoreError> {
    run!(
        tx,
        SET_TOLD,
        [
            tenant.uuid(),
            told.person.uuid(),
            booking.uuid(),
            json::write_option(told.said.as_ref()),
            told.sequence,
        ],
        execute
    )?;
    Ok(())
}

/// The messages of bookings that are on their way.
///
/// # Errors
/// The database's.
pub async fn queued(
    tx: &mut Tx<'_>,
    of: &[(Tenant, BookingId)],
) -> Result<Vec<Message>, StoreError> {
    let ids: Vec<_> = of.iter().map(|(tenant, id)| (tenant.id(), *id)).collect();
    let keys = keys(ids.iter().map(|(tenant, id)| (tenant, id)));
    run!(tx, QUEUED, [keys], Row, fetch_all)?.into_iter().map(Row::read).collect()
}

/// What the relay has taken for each person of these bookings: the last of it.
///
/// # Errors
/// The database's.
pub async fn heard(
    tx: &mut Tx<'_>,
    of: &[(Tenant, BookingId)],
) -> Result<HashMap<PersonId, Statement>, StoreError> {
    let ids: Vec<_> = of.iter().map(|(tenant, id)| (tenant.id(), *id)).collect();
    let keys = keys(ids.iter().map(|(tenant, id)| (tenant, id)));
    run!(tx, HEARD, [keys], (Uuid, String), fetch_all)?
        .into_iter()
        .map(|(person, statement)| {
            Ok((PersonId::from_uuid(person), json::read("messages", &statement)?))
        })
        .collect()
}

/// Writes down a message that is about to be sent for the first time.
///
/// # Errors
/// The database's; [`StoreError::is_taken`] if another to that person is on its way.
pub async fn insert(tx: &mut Tx<'_>, tenant: Tenant, message: &Message) -> Result<(), StoreError> {
    run!(
        tx,
        INSERT,
        [
            tenant.uuid(),
            message.id.uuid(),
            message.booking.uuid(),
            message.person.uuid(),
            message.occasion.as_str(),
            json::write(&message.statement),
            message.sequence,
            &message.message_id,
            &message.sealed,
            message.created_at.as_micros(),
            message.sending_until.map(Instant::as_micros),
        ],
        execute
    )?;
    Ok(())
}

/// Writes down that a message is about to be sent again, with the same bytes.
///
/// # Errors
/// The database's.
pub async fn send_again(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    id: MessageId,
    sending_until: Instant,
) -> Result<(), StoreError> {
    run!(tx, AGAIN, [tenant.uuid(), id.uuid(), sending_until.as_micros()], execute)?;
    Ok(())
}

/// Writes down where a message stands.
///
/// # Errors
/// The database's.
pub async fn update(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    id: MessageId,
    state: State,
    next_at: Instant,
    settled_at: Option<Instant>,
    trouble: Option<&str>,
) -> Result<(), StoreError> {
    run!(
        tx,
        UPDATE,
        [
            tenant.uuid(),
            id.uuid(),
            state.as_str(),
            next_at.as_micros(),
            settled_at.map(Instant::as_micros),
            trouble,
        ],
        execute
    )?;
    Ok(())
}

/// Takes a person's message off the table because something newer is to be said, or nothing.
///
/// # Errors
/// The database's.
pub async fn supersede(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    person: PersonId,
    now: Instant,
) -> Result<(), StoreError> {
    run!(tx, SUPERSEDE, [tenant.uuid(), person.uuid(), now.as_micros()], execute)?;
    Ok(())
}

/// One message.
///
/// # Errors
/// The database's.
pub async fn get(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    id: MessageId,
) -> Result<Option<Message>, StoreError> {
    run!(tx, GET, [tenant.uuid(), id.uuid()], Row, fetch_optional)?.map(Row::read).transpose()
}

/// A page of a booking's messages, the latest first, after the given one.
///
/// # Errors
/// The database's.
pub async fn of_booking(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    booking: BookingId,
    after: Option<(Instant, MessageId)>,
    limit: u32,
) -> Result<Vec<Message>, StoreError> {
    run!(
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
    )?
    .into_iter()
    .map(Row::read)
    .collect()
}

/// How a tenant's messages went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    /// How many the relay took.
    pub sent: u64,
    /// How many it will not have.
    pub failed: u64,
    /// When it last took one.
    pub last_sent: Option<Instant>,
}

/// How messages went that were written since then. Ids are made of the time: nothing older is read.
///
/// # Errors
/// The database's.
pub async fn tally(tx: &mut Tx<'_>, tenant: Tenant, since: Instant) -> Result<Tally, StoreError> {
    let first = MessageId::new(since, [0; 10]);
    let (sent, failed, last) =
        run!(tx, TALLY, [tenant.uuid(), first.uuid()], (i64, i64, Option<i64>), fetch_one)?;
    Ok(Tally {
        sent: u64::try_from(sent).unwrap_or(0),
        failed: u64::try_from(failed).unwrap_or(0),
        last_sent: last.map(Instant::from_micros),
    })
}
