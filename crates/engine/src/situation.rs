//! Everything about bookings that the plan depends on, loaded fresh.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use roomkey_core::Instant;
use roomkey_core::failure::Reason;
use roomkey_core::id::{BookingId, ConnectionId, HostId, PersonId, RoomId, ServiceId};
use roomkey_core::plan::Situation;
use roomkey_core::route::Lane;
use roomkey_core::seats::Occupancy;
use roomkey_core::told::{Listener, Statement};
use roomkey_store::host::Host;
use roomkey_store::message::{Message, Told};
use roomkey_store::person::Person;
use roomkey_store::service::Service;
use roomkey_store::tenant::TenantRow;
use roomkey_store::vendor_user::{Parked, Silent};
use roomkey_store::{
    StoreError, Tenant, Tx, booking, connection, host, lane, message, person, room, seat, service,
    tenant, vendor_user,
};

use crate::parts::Shared;

/// A pause that is over sooner is nothing to tell anybody.
pub(crate) const LONG: Duration = Duration::from_secs(60);

/// One booking, locked, with everything around it.
pub(crate) struct Loaded {
    pub(crate) record: booking::Record,
    pub(crate) situation: Situation,
    pub(crate) rooms: Vec<room::Record>,
    pub(crate) people: Vec<Person>,
    pub(crate) told: HashMap<PersonId, Told>,
    pub(crate) queued: HashMap<PersonId, Message>,
    pub(crate) heard: HashMap<PersonId, Statement>,
    pub(crate) connections: Arc<Vec<connection::Record>>,
    pub(crate) tenant: Arc<TenantRow>,
    pub(crate) service: Arc<Service>,
    pub(crate) host: Arc<Host>,
}

impl Loaded {
    pub(crate) fn tenant(&self) -> Tenant {
        self.record.tenant
    }

    pub(crate) fn id(&self) -> BookingId {
        self.record.booking.id
    }

    pub(crate) fn room(&self, id: RoomId) -> Option<&room::Record> {
        self.rooms.iter().find(|record| record.room.id == id)
    }

    /// The situation after rooms have changed.
    pub(crate) fn refresh(&mut self) {
        self.situation.booking = self.record.booking.clone();
        self.situation.rooms = self.rooms.iter().map(|record| record.room.clone()).collect();
        self.situation.listeners = listeners(&self.people, &self.told, &self.queued, &self.heard);
    }
}

/// Reads anew who sits where, for a booking that is to be given a seat. Nobody else may give seats
/// away meanwhile.
pub(crate) async fn see_seats(
    tx: &mut Tx<'_>,
    loaded: &mut Loaded,
    now: Instant,
) -> Result<(), StoreError> {
    loaded.situation.occupancy = occupancy(tx, loaded.tenant(), &loaded.situation, now).await?;
    Ok(())
}

async fn occupancy(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    situation: &Situation,
    now: Instant,
) -> Result<Vec<Occupancy>, StoreError> {
    let mut known = Vec::new();
    for connection in situation.seats_to_know(now) {
        let (id, booking) = (connection.id, situation.booking.id);
        let sittings = seat::sittings(tx, tenant, connection, booking, now).await?;
        let calls = vendor_user::calls(tx, tenant, id, now).await?;
        known.push(Occupancy { connection: id, sittings, calls });
    }
    Ok(known)
}

/// Locks bookings and loads what is around them. With `wait`, those that somebody else holds are
/// waited for; without it they are left out.
pub(crate) async fn load(
    tx: &mut Tx<'_>,
    of: &[(Tenant, BookingId)],
    wait: bool,
    shared: &Shared,
    now: Instant,
) -> Result<HashMap<BookingId, Loaded>, StoreError> {
    let records = booking::lock_many(tx, of, wait).await?;
    let held: Vec<_> = records.iter().map(|it| (it.tenant, it.booking.id)).collect();
    if held.is_empty() {
        return Ok(HashMap::new());
    }
    let mut people: HashMap<BookingId, Vec<Person>> = HashMap::new();
    for person in person::of_many(tx, &held).await? {
        people.entry(person.booking).or_default().push(person);
    }
    let mut rooms: HashMap<BookingId, Vec<room::Record>> = HashMap::new();
    for room in room::of_many(tx, &held).await? {
        rooms.entry(room.booking).or_default().push(room);
    }
    let told: HashMap<PersonId, Told> =
        message::told(tx, &held).await?.into_iter().map(|it| (it.person, it)).collect();
    let queued: HashMap<PersonId, Message> =
        message::queued(tx, &held).await?.into_iter().map(|it| (it.person, it)).collect();
    let waiting: Vec<_> = held
        .iter()
        .filter(|(_, id)| queued.values().any(|message| message.booking == *id))
        .copied()
        .collect();
    // Only while something is on its way does it matter what has arrived.
    let heard =
        if waiting.is_empty() { HashMap::new() } else { message::heard(tx, &waiting).await? };

    let mut around = Around::default();
    let mut loaded = HashMap::new();
    for record in records {
        let (tenant, id) = (record.tenant, record.booking.id);
        let people = people.remove(&id).unwrap_or_default();
        let rooms = rooms.remove(&id).unwrap_or_default();
        let host = around.host(tx, tenant, record.booking.host).await?;
        let connections = around.connections(tx, tenant).await?;
        let theirs = |person: &&Person| person.booking == id;
        let told: HashMap<_, _> = people
            .iter()
            .filter(theirs)
            .filter_map(|person| told.get(&person.id).map(|it| (person.id, it.clone())))
            .collect();
        let queued: HashMap<_, _> = people
            .iter()
            .filter_map(|person| queued.get(&person.id).map(|it| (person.id, it.clone())))
            .collect();
        let heard: HashMap<_, _> = people
            .iter()
            .filter_map(|person| heard.get(&person.id).map(|it| (person.id, it.clone())))
            .collect();
        let parked = around.parked(tx, tenant, shared.user_daily_limit, now).await?;
        let silent = around.silent(tx, tenant, now).await?;
        let mut situation = Situation {
            booking: record.booking.clone(),
            host_name: host.name.clone(),
            accounts: host.at_vendors(),
            connections: connections.iter().map(|it| it.connection.clone()).collect(),
            rooms: rooms.iter().map(|it| it.room.clone()).collect(),
            listeners: listeners(&people, &told, &queued, &heard),
            occupancy: Vec::new(),
            parked: parked.as_ref().clone(),
            silent: silent.as_ref().clone(),
            paused: around.paused(tx, now).await?.as_ref().clone(),
        };
        situation.occupancy = occupancy(tx, tenant, &situation, now).await?;
        let service = around.service(tx, tenant, record.service).await?;
        let row = around.tenant(tx, tenant).await?;
        loaded.insert(
            id,
            Loaded {
                record,
                situation,
                rooms,
                people,
                told,
                queued,
                heard,
                connections,
                tenant: row,
                service,
                host,
            },
        );
    }
    Ok(loaded)
}

fn listeners(
    people: &[Person],
    told: &HashMap<PersonId, Told>,
    queued: &HashMap<PersonId, Message>,
    heard: &HashMap<PersonId, Statement>,
) -> Vec<Listener> {
    people
        .iter()
        .map(|person| Listener {
            person: person.id,
            reachable: person.email.is_some(),
            present: person.removed_at.is_none(),
            link: person.link_number,
            said: told.get(&person.id).and_then(|it| it.said.clone()),
            heard: heard.get(&person.id).cloned(),
            queued: queued.get(&person.id).map(Message::queued),
        })
        .collect()
}

/// What several bookings have in common is read once.
#[derive(Default)]
struct Around {
    hosts: HashMap<(Tenant, HostId), Arc<Host>>,
    services: HashMap<(Tenant, ServiceId), Arc<Service>>,
    connections: HashMap<Tenant, Arc<Vec<connection::Record>>>,
    tenants: HashMap<Tenant, Arc<TenantRow>>,
    parked: HashMap<Tenant, Arc<Parked>>,
    silent: HashMap<Tenant, Arc<Silent>>,
    paused: Option<Arc<Paused>>,
}

/// Vendor accounts of which nothing is asked for a while, until when, and why.
type Paused = BTreeMap<ConnectionId, (Instant, Reason)>;

impl Around {
    async fn host(
        &mut self,
        tx: &mut Tx<'_>,
        tenant: Tenant,
        id: HostId,
    ) -> Result<Arc<Host>, StoreError> {
        if let Some(known) = self.hosts.get(&(tenant, id)) {
            return Ok(Arc::clone(known));
        }
        let read = host::get(tx, tenant, id).await?.ok_or_else(|| missing("hosts", id))?;
        let read = Arc::new(read);
        self.hosts.insert((tenant, id), Arc::clone(&read));
        Ok(read)
    }

    async fn service(
        &mut self,
        tx: &mut Tx<'_>,
        tenant: Tenant,
        id: ServiceId,
    ) -> Result<Arc<Service>, StoreError> {
        if let Some(known) = self.services.get(&(tenant, id)) {
            return Ok(Arc::clone(known));
        }
        let read = service::get(tx, tenant, id).await?.ok_or_else(|| missing("services", id))?;
        let read = Arc::new(read);
        self.services.insert((tenant, id), Arc::clone(&read));
        Ok(read)
    }

    async fn connections(
        &mut self,
        tx: &mut Tx<'_>,
        tenant: Tenant,
    ) -> Result<Arc<Vec<connection::Record>>, StoreError> {
        if let Some(known) = self.connections.get(&tenant) {
            return Ok(Arc::clone(known));
        }
        let read = Arc::new(connection::of_tenant(tx, tenant).await?);
        self.connections.insert(tenant, Arc::clone(&read));
        Ok(read)
    }

    async fn parked(
        &mut self,
        tx: &mut Tx<'_>,
        tenant: Tenant,
        limit: Option<u32>,
        now: Instant,
    ) -> Result<Arc<Parked>, StoreError> {
        if let Some(known) = self.parked.get(&tenant) {
            return Ok(Arc::clone(known));
        }
        let limit = limit.unwrap_or(u32::MAX);
        let read = Arc::new(vendor_user::parked(tx, tenant, limit, now).await?);
        self.parked.insert(tenant, Arc::clone(&read));
        Ok(read)
    }

    async fn silent(
        &mut self,
        tx: &mut Tx<'_>,
        tenant: Tenant,
        now: Instant,
    ) -> Result<Arc<Silent>, StoreError> {
        if let Some(known) = self.silent.get(&tenant) {
            return Ok(Arc::clone(known));
        }
        let read = Arc::new(vendor_user::silent(tx, tenant, now).await?);
        self.silent.insert(tenant, Arc::clone(&read));
        Ok(read)
    }

    async fn paused(&mut self, tx: &mut Tx<'_>, now: Instant) -> Result<Arc<Paused>, StoreError> {
        if let Some(known) = &self.paused {
            return Ok(Arc::clone(known));
        }
        let long = lane::all(tx).await?.into_iter().filter(|it| it.paused_until > now.plus(LONG));
        let read = long.filter_map(|state| match state.lane {
            Lane::Connection(id) => Some((id, (state.paused_until, state.reason?))),
            Lane::Plan | Lane::Fixed | Lane::Mail => None,
        });
        let read = Arc::new(read.collect());
        self.paused = Some(Arc::clone(&read));
        Ok(read)
    }

    async fn tenant(
        &mut self,
        tx: &mut Tx<'_>,
        tenant: Tenant,
    ) -> Result<Arc<TenantRow>, StoreError> {
        if let Some(known) = self.tenants.get(&tenant) {
            return Ok(Arc::clone(known));
        }
        let read = Arc::new(tenant::get(tx, tenant).await?);
        self.tenants.insert(tenant, Arc::clone(&read));
        Ok(read)
    }
}

fn missing(table: &'static str, id: impl std::fmt::Display) -> StoreError {
    StoreError::Corrupt { table, what: format!("{id} is named and not there") }
}
