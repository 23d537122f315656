//! Bookings as rows of a list.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use roomkey_core::failure::Reason;
use roomkey_core::id::{BookingId, HostId, ServiceId};
use roomkey_store::booking::Record;
use roomkey_store::person::{self, Person, guest_names};
use roomkey_store::{StoreError, Tenant, Tx, host, service};

use crate::pages::operator::row::BookingRow;
use crate::pages::when::Span;

/// The rows of these bookings, in their order.
pub(super) async fn rows(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    records: Vec<Record>,
) -> Result<Vec<BookingRow>, StoreError> {
    let ids: Vec<_> = records.iter().map(|it| (tenant, it.booking.id)).collect();
    let mut people: HashMap<BookingId, Vec<Person>> = HashMap::new();
    if !ids.is_empty() {
        for person in person::of_many(tx, &ids).await? {
            people.entry(person.booking).or_default().push(person);
        }
    }
    let mut hosts: HashMap<HostId, String> = HashMap::new();
    let mut services: HashMap<ServiceId, String> = HashMap::new();
    for record in &records {
        let (host, service) = (record.booking.host, record.service);
        if let Entry::Vacant(unknown) = hosts.entry(host) {
            let name = host::get(tx, tenant, host).await?.map(|it| it.name);
            unknown.insert(name.unwrap_or_default());
        }
        if let Entry::Vacant(unknown) = services.entry(service) {
            let name = service::get(tx, tenant, service).await?.map(|it| it.name);
            unknown.insert(name.unwrap_or_default());
        }
    }
    Ok(records
        .into_iter()
        .map(|record| BookingRow {
            host: hosts.get(&record.booking.host).cloned().unwrap_or_default(),
            service: services.get(&record.service).cloned().unwrap_or_default(),
            guests: people.get(&record.booking.id).map(|it| guest_names(it)).unwrap_or_default(),
            id: record.booking.id,
            status: record.booking.status,
            meeting: record.meeting,
            reason: waits_for(&record).or(record.meeting_reason),
            span: Span {
                start: record.booking.start,
                end: record.booking.end,
                zone: record.booking.time_zone,
            },
            mode: record.booking.mode,
        })
        .collect())
}

/// Why a booking that something was paid for still waits.
fn waits_for(record: &Record) -> Option<Reason> {
    record.booking.status.awaiting()?;
    record.payment.as_ref()?.reason.clone()
}
