//! A tenant with a host, a service and a booking, for the store's own tests.

use std::collections::BTreeMap;
use std::time::Duration;

use roomkey_core::booking::{Booking, Mode, Status};
use roomkey_core::id::{BookingId, HostId, ServiceId, TenantId};
use roomkey_core::meeting;
use roomkey_core::settings::Settings;
use roomkey_core::{Instant, Zone};
use roomkey_store::host::Host;
use roomkey_store::service::Service;
use roomkey_store::tenant::{Policies, TenantRow};
use roomkey_store::{
    Clock, Options, Priority, Store, StoreError, Tenant, booking, host, service, tenant,
};

pub(crate) const NOW: Instant = Instant::from_micros(1_800_000_000_000_000);

pub(crate) fn bits(n: u32) -> [u8; 10] {
    let mut bytes = [0; 10];
    bytes[6..].copy_from_slice(&n.to_be_bytes());
    bytes
}

pub(crate) async fn open(url: &str) -> Store {
    let clock = Clock::manual(NOW);
    let options = Options { url: url.to_owned(), clock, serves: true, connections: 8 };
    Store::open(options).await.expect("the database opens")
}

/// A tenant with a host and a service of the same number.
pub(crate) async fn furnish(store: &Store, number: u32) -> Tenant {
    store
        .write(Priority::Interactive, move |tx| {
            Box::pin(async move {
                let row = TenantRow {
                    id: TenantId::new(NOW, bits(number)),
                    name: format!("Practice {number}"),
                    contact: None,
                    default_route: None,
                    policies: Policies::default(),
                    version: 1,
                    created_at: NOW,
                };
                let tenant = tenant::insert(tx, &row).await?;
                let host = Host {
                    id: HostId::new(NOW, bits(number)),
                    external_id: Some("host".to_owned()),
                    name: "Ana".to_owned(),
                    email: "ana@practice.example".to_owned(),
                    time_zone: Zone::utc(),
                    locale: "en".to_owned(),
                    phone: None,
                    accounts: BTreeMap::new(),
                    route: None,
                    version: 1,
                    created_at: NOW,
                    deleted_at: None,
                };
                host::insert(tx, tenant, &host).await?;
                let service = Service {
                    id: ServiceId::new(NOW, bits(number)),
                    external_id: None,
                    name: "Algebra".to_owned(),
                    duration_minutes: 60,
                    mode: Mode::Online,
                    title_template: None,
                    agenda_template: None,
                    private: false,
                    requires_approval: false,
                    requires_payment: false,
                    price: None,
                    reminders: vec![],
                    door_opens: Duration::from_secs(600),
                    route: None,
                    settings: Settings::default(),
                    version: 1,
                    created_at: NOW,
                    deleted_at: None,
                };
                service::insert(tx, tenant, &service).await?;
                Ok::<_, StoreError>(tenant)
            })
        })
        .await
        .expect("furnished")
}

/// A booking of the tenant with this number.
pub(crate) fn record(tenant: Tenant, tenant_number: u32, number: u32) -> booking::Record {
    let start = NOW.plus(Duration::from_secs(u64::from(number) * 60 + 86_400));
    booking::Record {
        tenant,
        booking: Booking {
            id: BookingId::new(NOW, bits(number)),
            status: Status::Confirmed,
            mode: Mode::Online,
            start,
            end: start.plus(Duration::from_secs(3600)),
            time_zone: Zone::utc(),
            title: format!("Session {number}"),
            agenda: None,
            private: false,
            host: HostId::new(NOW, bits(tenant_number)),
            route: vec![],
            settings: Settings::default(),
            generation: 0,
            version: 1,
            seat: None,
            current: None,
            confirmed_at: Some(NOW),
        },
        external_id: Some(format!("ord-{number}")),
        service: ServiceId::new(NOW, bits(tenant_number)),
        notes: None,
        own: booking::Own::default(),
        following: booking::Following::default(),
        metadata: "{}".to_owned(),
        seq: 1,
        cancel_reason: None,
        payment: None,
        meeting: meeting::Status::Creating,
        meeting_reason: None,
        meeting_warnings: Vec::new(),
        failures: 0,
        next_attempt_at: None,
        settled_version: 0,
        ready_at: None,
        last_put: None,
        created_at: NOW,
        updated_at: NOW,
    }
}

pub(crate) async fn book(store: &Store, record: booking::Record) -> Result<(), StoreError> {
    store
        .write(Priority::Interactive, move |tx| {
            let record = record.clone();
            Box::pin(async move { booking::insert(tx, &record).await })
        })
        .await
}
