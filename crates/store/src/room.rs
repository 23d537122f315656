//! Rooms: every one that was ever opened for a booking, with the call about it that is under way.

use roomkey_core::Instant;
use roomkey_core::id::{BookingId, ConnectionId, EffectId, HostId, RoomId};
use roomkey_core::presence::Presence;
use roomkey_core::room::{Effect, EffectKind, Ending, Room, Seen, State, Unmet};
use roomkey_core::route::{Place, Provider};
use uuid::Uuid;

use crate::error::StoreError;
use crate::json;
use crate::sql::{ids, keys, run, statements};
use crate::tenant::Tenant;
use crate::tx::Tx;

macro_rules! columns {
    () => {
        "tenant_id, id, booking_id, provider, connection_id, account, vendor_user, marker, host_id, position, generation, opened_at, deadline, request, \
         state, ending, looks, first_gone, changed_at, vendor_id, instance, seen, read_due, next_at, failures, reason, effect_id, effect_kind, \
         effect_request, effect_deadline, door, number, owner, unmet, presence"
    };
}

statements! {
    INSERT = "INSERT INTO rooms (tenant_id, id, booking_id, provider, connection_id, account, vendor_user, marker, host_id, position, generation, opened_at,
            deadline, request, state, looks, changed_at, next_at, failures)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 'intended', 0, $12, $12, 0)
        ON CONFLICT DO NOTHING";
    UPDATE = "UPDATE rooms SET request = $3, state = $4, ending = $5, looks = $6, first_gone = $7, changed_at = $8, vendor_id = $9, seen = $10, read_due = $11,
            next_at = $12, failures = $13, reason = $14, effect_id = $15, effect_kind = $16, effect_request = $17, effect_deadline = $18, unmet = $19, occupied = $20, presence = $21
        WHERE tenant_id = $1 AND id = $2";
    SET_DOOR = "UPDATE rooms SET door = $3, instance = $4, number = $5, owner = $6 WHERE tenant_id = $1 AND id = $2";
    OF_BOOKING = concat!("SELECT ", columns!(), " FROM rooms WHERE tenant_id = $1 AND booking_id = $2 ORDER BY opened_at, id");
    OF_MANY = concat!("SELECT ", columns!(), " FROM rooms WHERE (tenant_id, booking_id) IN ({keys}) ORDER BY opened_at, id");
    OF_IDS = concat!("SELECT ", columns!(), " FROM rooms WHERE tenant_id = $2 AND id IN ({ids}) ORDER BY opened_at, id");
    OF_VENDOR_IDS = concat!("SELECT ", columns!(), " FROM rooms WHERE tenant_id = $2 AND connection_id = $3 AND vendor_id IN ({texts}) ORDER BY opened_at, id");
    ANYWHERE = "SELECT r.id FROM tenants t JOIN rooms r ON r.tenant_id = t.tenant_id WHERE r.id IN ({ids})";
    BY_ID = concat!("SELECT ", columns!(), " FROM rooms WHERE tenant_id = $1 AND id = $2");
}

/// A room with everything the database knows of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Whose it is.
    pub tenant: Tenant,
    /// For which booking.
    pub booking: BookingId,
    /// The room as the rules see it.
    pub room: Room,
    /// What it is found by at the vendor: names installation and room, opaquely.
    pub marker: String,
    /// What the doors need, where the room has any.
    pub door: Door,
}

/// What the doors of a room need. The address and the passcode are sealed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Door {
    /// The sealed address and passcode.
    pub sealed: Option<Vec<u8>>,
    /// The vendor's id of the instance.
    pub instance: Option<String>,
    /// The number for people.
    pub number: Option<String>,
    /// Who it belongs to at the vendor, for people.
    pub owner: Option<String>,
}

#[derive(sqlx::FromRow)]
struct Row {
    tenant_id: Uuid,
    id: Uuid,
    booking_id: Uuid,
    provider: String,
    connection_id: Option<Uuid>,
    account: String,
    vendor_user: String,
    marker: String,
    host_id: Uuid,
    position: i64,
    generation: i64,
    opened_at: i64,
    deadline: i64,
    request: String,
    state: String,
    ending: Option<String>,
    looks: i64,
    first_gone: Option<i64>,
    changed_at: i64,
    vendor_id: Option<String>,
    instance: Option<String>,
    seen: Option<String>,
    read_due: Option<i64>,
    next_at: i64,
    failures: i64,
    reason: Option<String>,
    effect_id: Option<Uuid>,
    effect_kind: Option<String>,
    effect_request: Option<String>,
    effect_deadline: Option<i64>,
    door: Option<Vec<u8>>,
    number: Option<String>,
    owner: Option<String>,
    unmet: Option<String>,
    presence: Option<String>,
}

const TABLE: &str = "rooms";

const ENDINGS: [(Ending, &str); 6] = [
    (Ending::Refused, "refused"),
    (Ending::Rejected, "rejected"),
    (Ending::PutOff, "put_off"),
    (Ending::UserUnknown, "user_unknown"),
    (Ending::Removed, "removed"),
    (Ending::Vanished, "vanished"),
];

/// In the place of an ending: no outcome of the create was recorded.
const UNRECORDED: &str = "unrecorded";

impl Row {
    fn read(self) -> Result<Record, StoreError> {
        let corrupt = |what: &str| StoreError::corrupt(TABLE, what);
        let looks = u8::try_from(self.looks).unwrap_or(u8::MAX);
        let recorded = self.ending.as_deref() != Some(UNRECORDED);
        let state = match self.state.as_str() {
            "intended" => State::Intended,
            "unknown" => State::Unknown { finds: looks, recorded },
            "live" => State::Live,
            "doubtful" => State::Doubtful { first_gone: self.first_gone.map(Instant::from_micros) },
            "retiring" => State::Retiring,
            "lost" => State::Lost { checks: looks, recorded },
            "stuck" => State::Stuck,
            "gone" => State::Gone(
                ENDINGS
                    .iter()
                    .find(|(_, word)| Some(*word) == self.ending.as_deref())
                    .map(|(ending, _)| *ending)
                    .ok_or_else(|| corrupt("an ending of no kind"))?,
            ),
            other => return Err(corrupt(other)),
        };
        let effect = match (self.effect_id, self.effect_kind.as_deref(), self.effect_deadline) {
            (Some(id), Some(kind), Some(deadline)) => Some(Effect {
                id: EffectId::from_uuid(id),
                kind: match (kind, self.effect_request.as_deref()) {
                    ("update", Some(spec)) => EffectKind::Update(json::read(TABLE, spec)?),
                    ("retire", _) => EffectKind::Retire,
                    ("read", _) => EffectKind::Read,
                    ("find", _) => EffectKind::Find,
                    (other, _) => return Err(corrupt(other)),
                },
                deadline: Instant::from_micros(deadline),
            }),
            _ => None,
        };
        let seen: Option<Seen> = json::read_option(TABLE, self.seen.as_deref())?;
        let presence = match self.presence.as_deref() {
            Some(presence) => json::read(TABLE, presence)?,
            None => {
                let mut presence = Presence::default();
                seen.iter().for_each(|seen| presence.read(seen));
                presence
            }
        };
        Ok(Record {
            tenant: Tenant::from_row(self.tenant_id),
            booking: BookingId::from_uuid(self.booking_id),
            marker: self.marker,
            door: Door {
                sealed: self.door,
                instance: self.instance,
                number: self.number,
                owner: self.owner,
            },
            room: Room {
                id: RoomId::from_uuid(self.id),
                place: Place {
                    provider: Provider::from_code(&self.provider)
                        .ok_or_else(|| corrupt(&self.provider))?,
                    connection: self.connection_id.map(ConnectionId::from_uuid),
                    account: self.account,
                    user: self.vendor_user,
                },
                host: HostId::from_uuid(self.host_id),
                position: u32::try_from(self.position).unwrap_or(0),
                generation: i32::try_from(self.generation).unwrap_or(0),
                opened_at: Instant::from_micros(self.opened_at),
                deadline: Instant::from_micros(self.deadline),
                request: json::read(TABLE, &self.request)?,
                state,
                changed_at: Instant::from_micros(self.changed_at),
                vendor_id: self.vendor_id,
                seen,
                presence,
                unmet: json::read_option(TABLE, self.unmet.as_deref())?.unwrap_or_default(),
                read_due: self.read_due.map(Instant::from_micros),
                next_at: Instant::from_micros(self.next_at),
                failures: u32::try_from(self.failures).unwrap_or(u32::MAX),
                reason: json::read_option(TABLE, self.reason.as_deref())?,
                effect,
            },
        })
    }
}

/// Writes down the intent of a create; whether it is the booking's only open one. If it is not,
/// somebody else was first, and nothing was written.
///
/// # Errors
/// The database's.
pub async fn open(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    booking: BookingId,
    room: &Room,
    marker: &str,
) -> Result<bool, StoreError> {
    let inserted = run!(
        tx,
        INSERT,
        [
            tenant.uuid(),
            room.id.uuid(),
            booking.uuid(),
            room.place.provider.as_str(),
            room.place.connection.map(ConnectionId::uuid),
            &room.place.account,
            &room.place.user,
            marker,
            room.host.uuid(),
            i64::from(room.position),
            i64::from(room.generation),
            room.opened_at.as_micros(),
            room.deadline.as_micros(),
            json::write(&room.request),
        ],
        execute
    )?;
    Ok(inserted == 1)
}

/// Writes down what has been learnt of a room. Its booking must be locked.
///
/// # Errors
/// The database's; [`StoreError::is_taken`] if it would be a second open create.
pub async fn update(tx: &mut Tx<'_>, tenant: Tenant, room: &Room) -> Result<(), StoreError> {
    let (looks, first_gone, ending) = match room.state {
        State::Unknown { finds: looks, recorded } | State::Lost { checks: looks, recorded } => {
            (looks, None, (!recorded).then_some(UNRECORDED))
        }
        State::Doubtful { first_gone } => (0, first_gone, None),
        State::Gone(ending) => {
            (0, None, ENDINGS.iter().find(|(known, _)| *known == ending).map(|(_, word)| *word))
        }
        State::Intended | State::Live | State::Retiring | State::Stuck => (0, None, None),
    };
    let effect = room.effect.as_ref();
    let effect_request = effect.and_then(|effect| match &effect.kind {
        EffectKind::Update(spec) => Some(json::write(spec)),
        EffectKind::Retire | EffectKind::Read | EffectKind::Find => None,
    });
    run!(
        tx,
        UPDATE,
        [
            tenant.uuid(),
            room.id.uuid(),
            json::write(&room.request),
            room.state.as_str(),
            ending,
            i64::from(looks),
            first_gone.map(Instant::as_micros),
            room.changed_at.as_micros(),
            room.vendor_id.as_deref(),
            json::write_option(room.seen.as_ref()),
            room.read_due.map(Instant::as_micros),
            room.next_at.as_micros(),
            i64::from(room.failures),
            json::write_option(room.reason.as_ref()),
            effect.map(|effect| effect.id.uuid()),
            effect.map(|effect| effect.kind.as_str()),
            effect_request,
            effect.map(|effect| effect.deadline.as_micros()),
            (room.unmet != Unmet::default()).then(|| json::write(&room.unmet)),
            room.is_occupied(),
            json::write(&room.presence),
        ],
        execute
    )?;
    Ok(())
}

/// Writes down what the doors of a room need.
///
/// # Errors
/// The database's.
pub async fn set_door(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    id: RoomId,
    door: &Door,
) -> Result<(), StoreError> {
    run!(
        tx,
        SET_DOOR,
        [
            tenant.uuid(),
            id.uuid(),
            door.sealed.as_deref(),
            door.instance.as_deref(),
            door.number.as_deref(),
            door.owner.as_deref(),
        ],
        execute
    )?;
    Ok(())
}

/// Every room that was ever opened for a booking, oldest first.
///
/// # Errors
/// The database's.
pub async fn of_booking(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    booking: BookingId,
) -> Result<Vec<Record>, StoreError> {
    run!(tx, OF_BOOKING, [tenant.uuid(), booking.uuid()], Row, fetch_all)?
        .into_iter()
        .map(Row::read)
        .collect()
}

/// Every room of bookings that the caller holds, oldest first.
///
/// # Errors
/// The database's.
pub async fn of_many(
    tx: &mut Tx<'_>,
    of: &[(Tenant, BookingId)],
) -> Result<Vec<Record>, StoreError> {
    let ids: Vec<_> = of.iter().map(|(tenant, id)| (tenant.id(), *id)).collect();
    let keys = keys(ids.iter().map(|(tenant, id)| (tenant, id)));
    run!(tx, OF_MANY, [keys], Row, fetch_all)?.into_iter().map(Row::read).collect()
}

/// One room.
///
/// # Errors
/// The database's.
pub async fn get(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    id: RoomId,
) -> Result<Option<Record>, StoreError> {
    run!(tx, BY_ID, [tenant.uuid(), id.uuid()], Row, fetch_optional)?.map(Row::read).transpose()
}

/// Those of a tenant's rooms that have one of these ids.
///
/// # Errors
/// The database's.
pub async fn of_ids(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    rooms: &[RoomId],
) -> Result<Vec<Record>, StoreError> {
    let ids = ids(rooms.iter().map(|it| it.uuid()));
    run!(tx, OF_IDS, [ids, tenant.uuid()], Row, fetch_all)?.into_iter().map(Row::read).collect()
}

/// Those of a tenant's rooms that a connection made under one of these ids of the vendor's.
///
/// # Errors
/// The database's.
pub async fn of_vendor_ids(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    connection: ConnectionId,
    vendor_ids: &[String],
) -> Result<Vec<Record>, StoreError> {
    let texts = json::write(&vendor_ids);
    run!(tx, OF_VENDOR_IDS, [texts, tenant.uuid(), connection.uuid()], Row, fetch_all)?
        .into_iter()
        .map(Row::read)
        .collect()
}

/// Which of these rooms there are, of whatever tenant: a marker names a room and no tenant, and
/// nothing but its being there leaves this function.
///
/// # Errors
/// The database's.
pub async fn anywhere(tx: &mut Tx<'_>, rooms: &[RoomId]) -> Result<Vec<RoomId>, StoreError> {
    let ids = ids(rooms.iter().map(|it| it.uuid()));
    let found = run!(tx, ANYWHERE, [ids], (Uuid,), fetch_all)?;
    Ok(found.into_iter().map(|(id,)| RoomId::from_uuid(id)).collect())
}
