//! The people of a booking: its guests, and its host as one who has a link and receives messages.

use roomkey_core::Instant;
use roomkey_core::id::{BookingId, HostId, PersonId};
use uuid::Uuid;

use crate::error::StoreError;
use crate::host::Host;
use crate::sql::{keys, run, statements};
use crate::tenant::Tenant;
use crate::tx::Tx;

macro_rules! columns {
    () => {
        "tenant_id, id, booking_id, role, host_id, external_id, name, email, phone, time_zone, locale, ordinal, removed_at, link_hash, link_sealed, link_number"
    };
}

statements! {
    INSERT = "INSERT INTO people (tenant_id, id, booking_id, role, host_id, external_id, name, email, phone, time_zone, locale, ordinal, link_hash, link_sealed, link_number)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";
    UPDATE = "UPDATE people SET external_id = $3, name = $4, email = $5, phone = $6, time_zone = $7, locale = $8, removed_at = $9
        WHERE tenant_id = $1 AND id = $2";
    REPLACE_LINK = "UPDATE people SET link_hash = $3, link_sealed = $4, link_number = $5 WHERE tenant_id = $1 AND id = $2";
    DESCRIBE_HOST = "UPDATE people SET name = $3, email = $4, phone = $5, time_zone = $6, locale = $7
        WHERE tenant_id = $1 AND host_id = $2 AND removed_at IS NULL AND booking_id IN
            (SELECT id FROM bookings WHERE tenant_id = $1 AND host_id = $2 AND end_at > $8)";
    OF_BOOKING = concat!("SELECT ", columns!(), " FROM people WHERE tenant_id = $1 AND booking_id = $2 ORDER BY ordinal, id");
    OF_MANY = concat!("SELECT ", columns!(), " FROM people WHERE (tenant_id, booking_id) IN ({keys}) ORDER BY ordinal, id");
    BY_LINK = concat!("SELECT ", columns!(), " FROM people WHERE link_hash = $1");
}

/// Which side of the door a person is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Who gives the session.
    Host,
    /// Who booked it.
    Guest,
}

impl Role {
    /// As the database writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::Guest => "guest",
        }
    }
}

/// One person of a booking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Whose it is.
    pub tenant: Tenant,
    /// The person's id.
    pub id: PersonId,
    /// Of which booking.
    pub booking: BookingId,
    /// On which side of the door.
    pub role: Role,
    /// Which host, for a host.
    pub host: Option<HostId>,
    /// The platform's id.
    pub external_id: Option<String>,
    /// The name people read.
    pub name: String,
    /// Where they are written to.
    pub email: Option<String>,
    /// The telephone.
    pub phone: Option<String>,
    /// Where they live.
    pub time_zone: Option<String>,
    /// In which language.
    pub locale: Option<String>,
    /// In which order they were named.
    pub ordinal: i64,
    /// Since when no longer of the booking.
    pub removed_at: Option<Instant>,
    /// SHA-256 of their link token.
    pub link_hash: [u8; 32],
    /// The link token, sealed.
    pub link_sealed: Vec<u8>,
    /// Which of their links this is: how often it was replaced.
    pub link_number: u32,
}

#[derive(sqlx::FromRow)]
struct Row {
    tenant_id: Uuid,
    id: Uuid,
    booking_id: Uuid,
    role: String,
    host_id: Option<Uuid>,
    external_id: Option<String>,
    name: String,
    email: Option<String>,
    phone: Option<String>,
    time_zone: Option<String>,
    locale: Option<String>,
    ordinal: i64,
    removed_at: Option<i64>,
    link_hash: Vec<u8>,
    link_sealed: Vec<u8>,
    link_number: i64,
}

impl Row {
    fn read(self) -> Result<Person, StoreError> {
        Ok(Person {
            tenant: Tenant::from_row(self.tenant_id),
            id: PersonId::from_uuid(self.id),
            booking: BookingId::from_uuid(self.booking_id),
            role: match self.role.as_str() {
                "host" => Role::Host,
                "guest" => Role::Guest,
                other => return Err(StoreError::corrupt("people", format!("the role {other}"))),
            },
            host: self.host_id.map(HostId::from_uuid),
            external_id: self.external_id,
            name: self.name,
            email: self.email,
            phone: self.phone,
            time_zone: self.time_zone,
            locale: self.locale,
            ordinal: self.ordinal,
            removed_at: self.removed_at.map(Instant::from_micros),
            link_hash: self
                .link_hash
                .try_into()
                .map_err(|_| StoreError::corrupt("people", "a link hash of another length"))?,
            link_sealed: self.link_sealed,
            link_number: u32::try_from(self.link_number)
                .map_err(|_| StoreError::corrupt("people", "a link number out of range"))?,
        })
    }
}

/// Adds a person to a booking.
///
/// # Errors
/// The database's.
pub async fn insert(tx: &mut Tx<'_>, person: &Person) -> Result<(), StoreError> {
    run!(
        tx,
        INSERT,
        [
            person.tenant.uuid(),
            person.id.uuid(),
            person.booking.uuid(),
            person.role.as_str(),
            person.host.map(HostId::uuid),
            person.external_id.as_deref(),
            &person.name,
            person.email.as_deref(),
            person.phone.as_deref(),
            person.time_zone.as_deref(),
            person.locale.as_deref(),
            person.ordinal,
            person.link_hash.as_slice(),
            &person.link_sealed,
            i64::from(person.link_number),
        ],
        execute
    )?;
    Ok(())
}

/// Writes a person anew; the link stays.
///
/// # Errors
/// The database's.
pub async fn update(tx: &mut Tx<'_>, person: &Person) -> Result<(), StoreError> {
    run!(
        tx,
        UPDATE,
        [
            person.tenant.uuid(),
            person.id.uuid(),
            person.external_id.as_deref(),
            &person.name,
            person.email.as_deref(),
            person.phone.as_deref(),
            person.time_zone.as_deref(),
            person.locale.as_deref(),
            person.removed_at.map(Instant::as_micros),
        ],
        execute
    )?;
    Ok(())
}

/// Gives a person the link that `person` has. The one they had is kept by
/// [`crate::retired_link::retire`].
///
/// # Errors
/// The database's.
pub async fn replace_link(tx: &mut Tx<'_>, person: &Person) -> Result<(), StoreError> {
    run!(
        tx,
        REPLACE_LINK,
        [
            person.tenant.uuid(),
            person.id.uuid(),
            person.link_hash.as_slice(),
            &person.link_sealed,
            i64::from(person.link_number),
        ],
        execute
    )?;
    Ok(())
}

/// Writes a host's particulars to their sessions ahead.
///
/// # Errors
/// The database's.
pub async fn describe_host(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    host: &Host,
    now: Instant,
) -> Result<(), StoreError> {
    run!(
        tx,
        DESCRIBE_HOST,
        [
            tenant.uuid(),
            host.id.uuid(),
            &host.name,
            &host.email,
            host.phone.as_deref(),
            host.time_zone.name(),
            &host.locale,
            now.as_micros(),
        ],
        execute
    )?;
    Ok(())
}

/// Everybody who is or was of a booking.
///
/// # Errors
/// The database's.
pub async fn of_booking(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    booking: BookingId,
) -> Result<Vec<Person>, StoreError> {
    run!(tx, OF_BOOKING, [tenant.uuid(), booking.uuid()], Row, fetch_all)?
        .into_iter()
        .map(Row::read)
        .collect()
}

/// Everybody who is or was of bookings that the caller holds.
///
/// # Errors
/// The database's.
pub async fn of_many(
    tx: &mut Tx<'_>,
    of: &[(Tenant, BookingId)],
) -> Result<Vec<Person>, StoreError> {
    let ids: Vec<_> = of.iter().map(|(tenant, id)| (tenant.id(), *id)).collect();
    let keys = keys(ids.iter().map(|(tenant, id)| (tenant, id)));
    run!(tx, OF_MANY, [keys], Row, fetch_all)?.into_iter().map(Row::read).collect()
}

/// The person whose link token has this hash. Having the token is the proof.
///
/// # Errors
/// The database's.
pub async fn by_link(tx: &mut Tx<'_>, hash: &[u8; 32]) -> Result<Option<Person>, StoreError> {
    run!(tx, BY_LINK, [hash.as_slice()], Row, fetch_optional)?.map(Row::read).transpose()
}

/// The names of the guests who are still of a booking, in order.
#[must_use]
pub fn guest_names(people: &[Person]) -> Vec<String> {
    people
        .iter()
        .filter(|person| person.role == Role::Guest && person.removed_at.is_none())
        .map(|person| person.name.clone())
        .collect()
}
