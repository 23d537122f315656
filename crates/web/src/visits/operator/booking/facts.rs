//! Everything that a booking's page depends on, read at once.

use std::collections::HashMap;

use roomkey_core::attendance::Run;
use roomkey_core::failure::Reason;
use roomkey_core::id::{BookingId, HostId};
use roomkey_store::attempt::{self, Attempt};
use roomkey_store::attendance::{self, Noted};
use roomkey_store::event::{self, Event};
use roomkey_store::host::Host;
use roomkey_store::message::{self, Message};
use roomkey_store::person::{self, Person};
use roomkey_store::{StoreError, Tenant, Tx, booking, host, room, service};

use super::super::super::session::Operator;
use super::super::choices;
use super::super::frame::Frame;
use crate::app::App;
use crate::recorded::{MOST, Recorded, recorded};

/// The latest events, attempts and messages that the story goes back to.
const STORY: u32 = 200;

/// Everything that a booking's page depends on.
pub(super) struct Facts {
    pub(super) frame: Frame,
    pub(super) record: booking::Record,
    /// The service's name.
    pub(super) service: String,
    pub(super) people: Vec<Person>,
    /// Who came and went.
    pub(super) noted: Vec<Noted>,
    /// From when to when rooms were open.
    pub(super) runs: Vec<Run>,
    /// What was recorded, the first first.
    pub(super) recorded: Vec<Recorded>,
    /// Oldest first.
    pub(super) rooms: Vec<room::Record>,
    /// Another session of the same host's account at the same time.
    pub(super) overlap: Option<Reason>,
    /// The latest first.
    pub(super) attempts: Vec<Attempt>,
    /// The latest first.
    pub(super) events: Vec<Event>,
    /// The latest first.
    pub(super) messages: Vec<Message>,
    /// Every host who can be chosen.
    pub(super) hosts: Vec<Host>,
    /// The names of hosts who give it or once did.
    pub(super) names: HashMap<HostId, String>,
}

/// The facts of a booking; `None` if there is no such booking of this tenant.
pub(super) async fn facts(
    app: &App,
    operator: &Operator,
    id: BookingId,
) -> Result<Option<Facts>, StoreError> {
    let (tenant, given, now) = (operator.tenant, operator.clone(), app.now());
    app.store()
        .read(move |tx| {
            Box::pin(async move {
                let Some(record) = booking::get(tx, tenant, id).await? else { return Ok(None) };
                let people = person::of_booking(tx, tenant, id).await?;
                let hosts = choices::hosts(tx, tenant).await?;
                let service = service::get(tx, tenant, record.service).await?;
                Ok(Some(Facts {
                    frame: Frame::load(tx, &given, now).await?,
                    names: names(tx, tenant, &record, &people, &hosts).await?,
                    service: service.map(|it| it.name).unwrap_or_default(),
                    noted: attendance::of_booking(tx, tenant, id).await?,
                    runs: attendance::runs(tx, tenant, id).await?,
                    recorded: recorded(tx, tenant, id, None, MOST).await?,
                    rooms: room::of_booking(tx, tenant, id).await?,
                    overlap: booking::overlaps(tx, &[(tenant, id)])
                        .await?
                        .get(&id)
                        .map(|others| Reason::host_overlap(*others)),
                    attempts: attempt::of_booking(tx, tenant, id, None, STORY).await?,
                    events: event::of_booking(tx, tenant, id, None, STORY).await?,
                    messages: message::of_booking(tx, tenant, id, None, STORY).await?,
                    record,
                    people,
                    hosts,
                }))
            })
        })
        .await
}

/// Hosts who gave it once may have been removed since; their names stay.
async fn names(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    record: &booking::Record,
    people: &[Person],
    hosts: &[Host],
) -> Result<HashMap<HostId, String>, StoreError> {
    let mut names: HashMap<HostId, String> =
        hosts.iter().map(|host| (host.id, host.name.clone())).collect();
    let named = people.iter().filter_map(|it| it.host).chain([record.booking.host]);
    for id in named.collect::<Vec<_>>() {
        if !names.contains_key(&id)
            && let Some(host) = host::get(tx, tenant, id).await?
        {
            names.insert(id, host.name);
        }
    }
    Ok(names)
}
