//! The demo's practice: its hosts, its services, and its connection to Zoom.

use std::collections::BTreeMap;
use std::time::Duration;

use roomkey_core::booking::Mode;
use roomkey_core::id::{ConnectionId, HostId, ServiceId};
use roomkey_core::payment::Money;
use roomkey_core::route::{Connection, Provider, RouteOption};
use roomkey_core::settings::Settings;
use roomkey_core::{Instant, Zone};
use roomkey_store::connection::{self, Record};
use roomkey_store::host::{self, Host};
use roomkey_store::service::{self, Service};
use roomkey_store::{Priority, Store, StoreError, Tenant, tenant};
use roomkey_vault::{ApiKeyToken, Entropy, Place};
use serde_json::json;

use super::people::{HOSTS, Person};
use crate::commands;
use crate::configuration::Configuration;
use crate::failure::Failure;

/// What was made.
pub(super) struct Practice {
    pub(super) tenant: Tenant,
    pub(super) name: &'static str,
    pub(super) api_key: ApiKeyToken,
    pub(super) now: Instant,
    /// Who gives the session whose door is open.
    pub(super) host: HostId,
}

const NAME: &str = "Harbour Practice";

/// A service of the demo.
struct Offer {
    external_id: &'static str,
    name: &'static str,
    minutes: u32,
    mode: Mode,
    approval: bool,
    /// In cents; who books it pays first.
    price: Option<u64>,
}

const OFFERS: [Offer; 5] = [
    Offer {
        external_id: "online-session",
        name: "Online session",
        minutes: 50,
        mode: Mode::Online,
        approval: false,
        price: None,
    },
    Offer {
        external_id: "first-talk",
        name: "First talk",
        minutes: 30,
        mode: Mode::Online,
        approval: true,
        price: None,
    },
    Offer {
        external_id: "visit",
        name: "Visit at the practice",
        minutes: 60,
        mode: Mode::InPerson,
        approval: false,
        price: None,
    },
    Offer {
        external_id: "call",
        name: "Telephone call",
        minutes: 20,
        mode: Mode::Phone,
        approval: false,
        price: None,
    },
    Offer {
        external_id: "paid-session",
        name: "Session paid beforehand",
        minutes: 50,
        mode: Mode::Online,
        approval: false,
        price: Some(5_000),
    },
];

/// Makes the practice.
pub(super) async fn make(
    store: &Store,
    configuration: &Configuration,
    entropy: &Entropy,
) -> Result<Practice, Failure> {
    let (tenant, api_key) = commands::tenant::make(store, entropy, NAME).await?;
    let now = store.now();
    let hosts: Vec<Host> = HOSTS.iter().map(|person| a_host(person, entropy, now)).collect();
    let host = hosts.first().map_or_else(|| HostId::new(now, entropy.id()), |host| host.id);
    let services: Vec<Service> =
        OFFERS.iter().map(|offer| a_service(offer, entropy, now)).collect();
    let zoom = a_connection(configuration, tenant, entropy, now);
    store
        .write(Priority::Interactive, move |tx| {
            let (hosts, services, zoom) = (hosts.clone(), services.clone(), zoom.clone());
            Box::pin(async move {
                for host in &hosts {
                    host::insert(tx, tenant, host).await?;
                }
                for service in &services {
                    service::insert(tx, tenant, service).await?;
                }
                if let Some(zoom) = &zoom {
                    connection::insert(tx, zoom).await?;
                }
                let mut row = tenant::get(tx, tenant).await?;
                row.contact = Some("front-desk@practice.example".to_owned());
                row.default_route = Some(vec![RouteOption::host(Provider::Zoom)]);
                tenant::update(tx, tenant, &row).await
            })
        })
        .await
        .map_err(|error: StoreError| error)?;
    Ok(Practice { tenant, name: NAME, api_key, now, host })
}

fn a_host(person: &Person, entropy: &Entropy, now: Instant) -> Host {
    Host {
        id: HostId::new(now, entropy.id()),
        external_id: Some(person.external_id.to_owned()),
        name: person.name.to_owned(),
        email: person.email.to_owned(),
        time_zone: person.time_zone.parse().unwrap_or_else(|_| Zone::utc()),
        locale: "en".to_owned(),
        phone: Some("+44 20 7946 0123".to_owned()),
        accounts: BTreeMap::from([(Provider::Zoom, person.email.to_owned())]),
        route: None,
        version: 1,
        created_at: now,
        deleted_at: None,
    }
}

fn a_service(offer: &Offer, entropy: &Entropy, now: Instant) -> Service {
    Service {
        id: ServiceId::new(now, entropy.id()),
        external_id: Some(offer.external_id.to_owned()),
        name: offer.name.to_owned(),
        duration_minutes: offer.minutes,
        mode: offer.mode,
        title_template: None,
        agenda_template: None,
        private: false,
        requires_approval: offer.approval,
        requires_payment: offer.price.is_some(),
        price: offer.price.and_then(|amount| Some(Money { amount, currency: "eur".parse().ok()? })),
        reminders: vec!["24h".to_owned(), "10m".to_owned()],
        door_opens: Duration::from_secs(10 * 60),
        route: None,
        settings: Settings {
            waiting_room: Some(true),
            passcode: Some(true),
            ..Settings::default()
        },
        version: 1,
        created_at: now,
        deleted_at: None,
    }
}

/// The connection to the sandbox's Zoom account, which everybody knows the secret of.
fn a_connection(
    configuration: &Configuration,
    tenant: Tenant,
    entropy: &Entropy,
    now: Instant,
) -> Option<Record> {
    let ring = configuration.ring.as_ref()?;
    let id = ConnectionId::new(now, entropy.id());
    let place = Place { table: "connections", row: id.uuid(), field: "secrets" };
    let secrets = json!({"client_secret": "secret-1"}).to_string();
    Some(Record {
        tenant,
        connection: Connection {
            id,
            provider: Provider::Zoom,
            host: None,
            account: "acc-1".to_owned(),
            seats: Vec::new(),
            disabled: false,
            seat_rules: roomkey_core::seats::Rules::default(),
            needs_reconnect: None,
            credentials_at: now,
        },
        kind: "server_to_server".to_owned(),
        client_id: "client-1".to_owned(),
        secrets: ring.seal(entropy, place, secrets.as_bytes()),
        revision: 1,
        created_at: now,
        checked_at: None,
    })
}
