//! A practice with one host at the sandbox's Zoom, one engine or several, and a clock that is
//! moved by hand.

use std::sync::Arc;
use std::time::Duration;

use roomkey_core::booking::{Booking, Mode, Status};
use roomkey_core::id::{BookingId, ConnectionId, HostId, PersonId, ServiceId, TenantId};
use roomkey_core::meeting::View;
use roomkey_core::plan::Policy;
use roomkey_core::route::{Connection, Lane, Provider, RouteOption, Use};
use roomkey_core::seats::Rules;
use roomkey_core::settings::Settings;
use roomkey_core::{Instant, Zone};
use roomkey_engine::{Engine, Parts, SharedTokens, Swept};
use roomkey_messages::{Mailbox, Relay, RelaySettings};
use roomkey_providers::zoom::ZoomAddresses;
use roomkey_providers::{Addresses, Http, Providers};
use roomkey_sandbox::Sandbox;
use roomkey_store::host::Host;
use roomkey_store::person::{Person, Role};
use roomkey_store::service::Service;
use roomkey_store::tenant::{Policies, TenantRow};
use roomkey_store::{
    Clock, Options, Priority, Store, StoreError, Tenant, booking, connection, host, person, room,
    service, tenant, work,
};
use roomkey_vault::{Entropy, LinkToken, Place, Ring};
use serde_json::{Value, json};

pub(crate) const SETTLE: Duration = Duration::from_secs(30);
pub(crate) const TIMEOUT: Duration = Duration::from_secs(10);

/// A host with an account at the sandbox.
#[derive(Clone)]
pub(crate) struct Party {
    pub(crate) id: HostId,
    pub(crate) email: String,
}

pub(crate) struct World {
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    pub(crate) sandbox: Sandbox,
    pub(crate) engine: Engine,
    pub(crate) tenant: Tenant,
    pub(crate) first: Party,
    pub(crate) second: Party,
    pub(crate) connection: ConnectionId,
    service: ServiceId,
    pub(crate) ring: Arc<Ring>,
    pub(crate) entropy: Entropy,
    http: reqwest::Client,
    url: String,
}

impl World {
    pub(crate) async fn new(url: String) -> Self {
        // Zoom's lists are by real days: the test's clock begins on a real one.
        Self::by_clock(url, Clock::manual(Clock::system().now())).await
    }

    /// The same by another clock.
    pub(crate) async fn by_clock(url: String, clock: Clock) -> Self {
        let sandbox = roomkey_sandbox::start(roomkey_sandbox::Settings {
            listen: "127.0.0.1:0".parse().expect("an address"),
            smtp_listen: "127.0.0.1:0".parse().expect("an address"),
            public_url: None,
            zoom_event_url: None,
            zoom_secret: None,
        })
        .await
        .expect("the sandbox starts");
        let entropy = Entropy::seeded(7);
        let store = open(&url, &clock).await;
        let ring = Arc::new(Ring::generate(&entropy, "test").expect("a ring"));
        let now = store.now();
        let first =
            Party { id: HostId::new(now, entropy.id()), email: "host@practice.example".to_owned() };
        let second = Party {
            id: HostId::new(now, entropy.id()),
            email: "seat1@practice.example".to_owned(),
        };
        let (tenant, service, connection) =
            furnish(&store, &ring, &entropy, [&first, &second]).await;
        #[expect(clippy::disallowed_methods, reason = "the test looks at the sandbox by itself")]
        let http = reqwest::Client::new();
        let engine = engine(&store, &ring, Entropy::seeded(8), &sandbox).await;
        Self {
            store,
            clock,
            sandbox,
            engine,
            tenant,
            first,
            second,
            connection,
            service,
            ring,
            entropy,
            http,
            url,
        }
    }

    /// Another engine process on the same database, which shares nothing with the first but that.
    pub(crate) async fn another_engine(&self) -> Engine {
        let store = open_shared(&self.url, &self.clock, &self.store).await;
        engine(&store, &self.ring, Entropy::seeded(9), &self.sandbox).await
    }

    /// The same, with a ring that lacks the sealing key.
    pub(crate) async fn engine_without_the_sealing_key(&self) -> Engine {
        let store = open_shared(&self.url, &self.clock, &self.store).await;
        let ring = Arc::new(Ring::generate(&self.entropy, "other").expect("a ring"));
        engine(&store, &ring, Entropy::seeded(10), &self.sandbox).await
    }

    /// Books a session of an hour and asks for a look.
    pub(crate) async fn book(&self, host: &Party, ahead: Duration) -> BookingId {
        self.book_for((self.tenant, self.service), host, ahead).await
    }

    /// Another practice with these hosts, on the same database and at the same sandbox.
    pub(crate) async fn another_practice(&self, parties: [&Party; 2]) -> (Tenant, ServiceId) {
        let (tenant, service, _) = furnish(&self.store, &self.ring, &self.entropy, parties).await;
        (tenant, service)
    }

    /// Somebody who may host at the sandbox.
    pub(crate) fn party(&self, email: &str) -> Party {
        Party { id: HostId::new(self.store.now(), self.entropy.id()), email: email.to_owned() }
    }

    /// Books a session of an hour with a practice, and asks for a look.
    pub(crate) async fn book_for(
        &self,
        (tenant, service): (Tenant, ServiceId),
        host: &Party,
        ahead: Duration,
    ) -> BookingId {
        let now = self.store.now();
        let id = BookingId::new(now, self.entropy.id());
        let start = now.floor_second().plus(ahead);
        let booking = Booking {
            id,
            status: Status::Confirmed,
            mode: Mode::Online,
            start,
            end: start.plus(Duration::from_secs(3600)),
            time_zone: "Europe/Lisbon".parse().expect("a zone"),
            title: "Algebra".to_owned(),
            agenda: None,
            private: false,
            host: host.id,
            route: vec![RouteOption::host(Provider::Zoom)],
            settings: Settings::default(),
            generation: 0,
            version: 1,
            seat: None,
            current: None,
            confirmed_at: Some(now),
        };
        let record = booking::Record {
            tenant,
            meeting: View::at_first(&booking),
            booking,
            external_id: None,
            service,
            notes: None,
            own: booking::Own::default(),
            following: booking::Following::default(),
            metadata: "{}".to_owned(),
            seq: 1,
            cancel_reason: None,
            payment: None,
            meeting_reason: None,
            meeting_warnings: Vec::new(),
            failures: 0,
            next_attempt_at: None,
            settled_version: 0,
            ready_at: None,
            last_put: None,
            created_at: now,
            updated_at: now,
        };
        let people = [
            self.person((tenant, id), Role::Host, Some(host.id), &host.email, 0),
            self.person((tenant, id), Role::Guest, None, "ana@example.org", 1),
        ];
        self.store
            .write(Priority::Interactive, move |tx| {
                let (record, people) = (record.clone(), people.clone());
                Box::pin(async move {
                    booking::insert(tx, &record).await?;
                    for person in &people {
                        person::insert(tx, person).await?;
                    }
                    let tenant = record.tenant;
                    work::enqueue(tx, tenant, id, Lane::Plan, record.booking.start, now, now).await
                })
            })
            .await
            .expect("booked");
        id
    }

    fn person(
        &self,
        (tenant, booking): (Tenant, BookingId),
        role: Role,
        host: Option<HostId>,
        email: &str,
        ordinal: i64,
    ) -> Person {
        let id = PersonId::new(self.store.now(), self.entropy.id());
        let token = LinkToken::generate(&self.entropy);
        let place = Place { table: "people", row: id.uuid(), field: "link" };
        Person {
            tenant,
            id,
            booking,
            role,
            host,
            external_id: None,
            name: email.split('@').next().unwrap_or_default().to_owned(),
            email: Some(email.to_owned()),
            phone: None,
            time_zone: None,
            locale: None,
            ordinal,
            removed_at: None,
            link_hash: token.digest(),
            link_number: 0,
            link_sealed: self.ring.seal(&self.entropy, place, token.expose().as_bytes()),
        }
    }

    /// Lets the connection lend these seats.
    pub(crate) async fn lend(&self, seats: &[&str], rules: Rules) {
        let (tenant, id) = (self.tenant, self.connection);
        let seats: Vec<String> = seats.iter().map(|it| (*it).to_owned()).collect();
        self.store
            .write(Priority::Interactive, move |tx| {
                let seats = seats.clone();
                Box::pin(async move {
                    let all = connection::of_tenant(tx, tenant).await?;
                    let mut record =
                        all.into_iter().find(|it| it.connection.id == id).expect("there");
                    record.connection.seats = seats;
                    record.connection.seat_rules = rules;
                    connection::update(tx, &record).await
                })
            })
            .await
            .expect("changed");
    }

    /// Connects another account.
    pub(crate) async fn connect(&self, account: &str, client: &str, secret: &str) -> ConnectionId {
        let now = self.store.now();
        let id = ConnectionId::new(now, self.entropy.id());
        let place = Place { table: "connections", row: id.uuid(), field: "secrets" };
        let secrets = json!({ "client_secret": secret }).to_string();
        let record = connection::Record {
            tenant: self.tenant,
            connection: Connection {
                id,
                provider: Provider::Zoom,
                host: None,
                account: account.to_owned(),
                seats: vec![],
                disabled: false,
                seat_rules: Rules::default(),
                needs_reconnect: None,
                credentials_at: now,
            },
            kind: "server_to_server".to_owned(),
            client_id: client.to_owned(),
            secrets: self.ring.seal(&self.entropy, place, secrets.as_bytes()),
            revision: 1,
            created_at: now,
            checked_at: None,
        };
        self.store
            .write(Priority::Interactive, move |tx| {
                let record = record.clone();
                Box::pin(async move { connection::insert(tx, &record).await })
            })
            .await
            .expect("connected");
        id
    }

    /// Removes a connection with its secrets, whatever it still has at the vendor.
    pub(crate) async fn disconnect(&self, id: ConnectionId) {
        let (tenant, now) = (self.tenant, self.store.now());
        self.store
            .write(Priority::Interactive, move |tx| {
                Box::pin(async move { connection::delete(tx, tenant, id, now).await })
            })
            .await
            .expect("removed");
    }

    /// Books a session of an hour whose room is on a seat, and asks for a look.
    pub(crate) async fn book_on_a_seat(&self, ahead: Duration) -> BookingId {
        let id = self.book(&self.first, ahead).await;
        let connection = self.connection;
        self.change(id, move |booking, _| {
            booking.route = vec![RouteOption {
                uses: Use::Seats(connection),
                ..RouteOption::host(Provider::Zoom)
            }];
        })
        .await;
        id
    }

    /// Changes what is asked of a booking, as a person would, and asks for a look.
    pub(crate) async fn change(
        &self,
        id: BookingId,
        change: impl Fn(&mut Booking, &[Party; 2]) + Clone + Send + Sync + 'static,
    ) {
        let tenant = self.tenant;
        let now = self.store.now();
        let parties = [self.first.clone(), self.second.clone()];
        self.store
            .write(Priority::Interactive, move |tx| {
                let (parties, change) = (parties.clone(), change.clone());
                Box::pin(async move {
                    let mut record = booking::lock(tx, tenant, id).await?.expect("booked");
                    change(&mut record.booking, &parties);
                    record.booking.version += 1;
                    record.seq += 1;
                    booking::update_asked(tx, &record).await?;
                    let start = record.booking.start;
                    work::enqueue(tx, tenant, id, Lane::Plan, start, now, now).await?;
                    Ok::<_, StoreError>(())
                })
            })
            .await
            .expect("changed");
    }

    pub(crate) async fn record(&self, id: BookingId) -> booking::Record {
        let tenant = self.tenant;
        self.store
            .read(move |tx| Box::pin(async move { booking::get(tx, tenant, id).await }))
            .await
            .expect("readable")
            .expect("booked")
    }

    pub(crate) async fn rooms(&self, id: BookingId) -> Vec<room::Record> {
        let tenant = self.tenant;
        self.store
            .read(move |tx| Box::pin(async move { room::of_booking(tx, tenant, id).await }))
            .await
            .expect("readable")
    }

    /// Goes on until nothing is left to do for so long: from one due look to the next.
    pub(crate) async fn settle(&self, span: Duration) {
        settle(&[&self.engine], &self.store, &self.clock, span).await;
    }

    /// The sandbox's time goes on, so that what is late there happens.
    pub(crate) async fn advance_sandbox(&self, by: &str) {
        self.post("_sandbox/clock", &json!({ "advance": by })).await;
    }

    pub(crate) async fn fault(&self, fault: Value) {
        self.post("_sandbox/faults", &fault).await;
    }

    pub(crate) async fn forget_faults(&self) {
        let url = self.sandbox.url().join("_sandbox/faults").expect("a URL");
        self.http.delete(url).send().await.expect("the sandbox answers");
    }

    /// The mailbox is empty again.
    pub(crate) async fn forget_mails(&self) {
        let url = self.sandbox.url().join("_sandbox/mail").expect("a URL");
        self.http.delete(url).send().await.expect("the sandbox answers");
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) {
        let url = self.sandbox.url().join(path).expect("a URL");
        let answer = self.http.post(url).json(body).send().await.expect("the sandbox answers");
        assert!(answer.status().is_success(), "{path} {body}: {:?}", answer.text().await);
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let url = self.sandbox.url().join(path).expect("a URL");
        self.http.get(url).send().await.expect("answers").json().await.expect("JSON")
    }

    /// Something asked of Zoom's own API, as by another program.
    pub(crate) async fn ask_zoom(
        &self,
        method: reqwest::Method,
        path: &str,
        body: &Value,
    ) -> Value {
        let url = |path: &str| self.sandbox.url().join(path).expect("a URL");
        let token: Value = self
            .http
            .post(url("zoom/oauth/token?grant_type=account_credentials&account_id=acc-1"))
            .basic_auth("client-1", Some("secret-1"))
            .send()
            .await
            .expect("the sandbox answers")
            .json()
            .await
            .expect("JSON");
        let answer = self
            .http
            .request(method, url(&format!("zoom/v2/{path}")))
            .bearer_auth(token["access_token"].as_str().expect("a token"))
            .json(body)
            .send()
            .await
            .expect("the sandbox answers");
        assert!(answer.status().is_success(), "{path}: {:?}", answer.text().await);
        answer.json().await.unwrap_or_default()
    }

    /// Time goes by, and each vendor user has a turn of the sweep.
    pub(crate) async fn sweep(&self) -> Vec<Swept> {
        let mut turns = Vec::new();
        for _ in 0..2 {
            self.engine.run_until_idle().await.expect("the engine works");
            while let Some(swept) = self.engine.sweep().await.expect("swept") {
                turns.push(swept);
                self.engine.run_until_idle().await.expect("the engine works");
            }
            self.clock.advance(Duration::from_secs(7 * 3600 + 1));
        }
        turns
    }

    /// What exists at Zoom now.
    pub(crate) async fn at_zoom(&self) -> Vec<Value> {
        let state = self.get("_sandbox/state").await;
        state["zoom"]["accounts"]
            .as_array()
            .expect("accounts")
            .iter()
            .flat_map(|account| account["meetings"].as_array().cloned().unwrap_or_default())
            .collect()
    }

    /// There is exactly one meeting at Zoom, at the booking's time, under its host, and the
    /// booking knows it.
    pub(crate) async fn assert_one_room(&self, id: BookingId, host: &Party) {
        let record = self.record(id).await;
        let meetings = self.at_zoom().await;
        assert_eq!(meetings.len(), 1, "{meetings:#?}");
        let meeting = &meetings[0];
        assert_eq!(meeting["host_email"], host.email.as_str());
        let start: Instant = meeting["start_time"].as_str().expect("a start").parse().expect("UTC");
        assert_eq!(start, record.booking.start);
        let current = record.booking.current.expect("a current room");
        let rooms = self.rooms(id).await;
        let room = rooms.iter().find(|it| it.room.id == current).expect("the room is known");
        assert_eq!(room.room.vendor_id, Some(meeting["id"].to_string()));
        assert!(record.is_settled(), "{:#?}", record.meeting);
    }

    pub(crate) async fn assert_no_room(&self) {
        let meetings = self.at_zoom().await;
        assert!(meetings.is_empty(), "{meetings:#?}");
    }
}

/// Works with these engines in turn until nothing is ready, then lets the clock go on to the next
/// due look, for `span`.
pub(crate) async fn settle(engines: &[&Engine], store: &Store, clock: &Clock, span: Duration) {
    let until = clock.now().plus(span);
    loop {
        for engine in engines {
            engine.run_until_idle().await.expect("the engine works");
        }
        let next = store.read(|tx| Box::pin(work::next_due(tx))).await.expect("readable");
        match next {
            Some(at) if at <= until => clock.advance_to(at),
            Some(_) | None => break,
        }
    }
    clock.advance_to(until);
    for engine in engines {
        engine.run_until_idle().await.expect("the engine works");
    }
}

async fn open(url: &str, clock: &Clock) -> Store {
    let options =
        Options { url: url.to_owned(), clock: clock.clone(), serves: true, connections: 8 };
    Store::open(options).await.expect("the database opens")
}

/// On PostgreSQL a second process has connections of its own; on SQLite there is one process.
async fn open_shared(url: &str, clock: &Clock, store: &Store) -> Store {
    if store.is_shared() { open(url, clock).await } else { store.clone() }
}

async fn engine(store: &Store, ring: &Arc<Ring>, entropy: Entropy, sandbox: &Sandbox) -> Engine {
    let root = |path: &str| sandbox.url().join(path).expect("a URL");
    let zoom = ZoomAddresses {
        token_url: root("zoom/oauth/token"),
        revoke_url: root("zoom/oauth/revoke"),
        authorize_url: root("zoom/oauth/authorize"),
        api_root: root("zoom/v2"),
    };
    let relay = RelaySettings {
        url: format!("smtp://{}?tls=none", sandbox.smtp_addr()).into(),
        timeout: TIMEOUT,
    };
    let tokens = SharedTokens::new(store.clone(), Arc::clone(ring), entropy.clone());
    let providers = Providers::new(Http::new(TIMEOUT).expect("a client"), Addresses { zoom });
    Engine::new(Parts {
        store: store.clone(),
        ring: Arc::clone(ring),
        entropy,
        providers: Arc::new(providers.sharing(Arc::new(tokens))),
        relay: Some(Relay::new(&relay).expect("a relay")),
        mail_from: Mailbox {
            name: "Harbour Practice".to_owned(),
            address: "rooms@practice.example".to_owned(),
        },
        public_url: "https://rooms.practice.example".parse().expect("a URL"),
        wake: Arc::default(),
        policy: Policy { settle: SETTLE, ..Policy::default() },
        http_timeout: TIMEOUT,
        budgets: false,
        user_daily_limit: Some(100),
    })
    .await
    .expect("an engine")
}

async fn furnish(
    store: &Store,
    ring: &Arc<Ring>,
    entropy: &Entropy,
    parties: [&Party; 2],
) -> (Tenant, ServiceId, ConnectionId) {
    let now = store.now();
    let row = TenantRow {
        id: TenantId::new(now, entropy.id()),
        name: "Harbour Practice".to_owned(),
        contact: Some("Call 555 0100".to_owned()),
        default_route: None,
        policies: Policies::default(),
        version: 1,
        created_at: now,
    };
    let service = Service {
        id: ServiceId::new(now, entropy.id()),
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
        created_at: now,
        deleted_at: None,
    };
    let hosts = parties.map(|party| Host {
        id: party.id,
        external_id: None,
        name: party.email.split('@').next().unwrap_or_default().to_owned(),
        email: party.email.clone(),
        time_zone: Zone::utc(),
        locale: "en".to_owned(),
        phone: None,
        accounts: std::collections::BTreeMap::new(),
        route: None,
        version: 1,
        created_at: now,
        deleted_at: None,
    });
    let connection_id = ConnectionId::new(now, entropy.id());
    let place = Place { table: "connections", row: connection_id.uuid(), field: "secrets" };
    let secrets = ring.seal(entropy, place, br#"{"client_secret":"secret-1"}"#);
    let service_id = service.id;
    let tenant = store
        .write(Priority::Interactive, move |tx| {
            let (row, service, hosts, secrets) =
                (row.clone(), service.clone(), hosts.clone(), secrets.clone());
            Box::pin(async move {
                let tenant = tenant::insert(tx, &row).await?;
                for host in &hosts {
                    host::insert(tx, tenant, host).await?;
                }
                service::insert(tx, tenant, &service).await?;
                let record = connection::Record {
                    tenant,
                    connection: Connection {
                        id: connection_id,
                        provider: Provider::Zoom,
                        host: None,
                        account: "acc-1".to_owned(),
                        seats: vec![],
                        disabled: false,
                        seat_rules: Rules::default(),
                        needs_reconnect: None,
                        credentials_at: now,
                    },
                    kind: "server_to_server".to_owned(),
                    client_id: "client-1".to_owned(),
                    secrets,
                    revision: 1,
                    created_at: now,
                    checked_at: None,
                };
                connection::insert(tx, &record).await?;
                Ok::<_, StoreError>(tenant)
            })
        })
        .await
        .expect("furnished");
    (tenant, service_id, connection_id)
}
