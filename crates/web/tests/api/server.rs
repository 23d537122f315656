//! A server with two tenants on it, and somebody who calls it.

use std::sync::Arc;
use std::time::Duration;

use reqwest::{Client, Method};
use roomkey_core::Instant;
use roomkey_core::id::{ApiKeyId, TenantId};
use roomkey_messages::Mailbox;
use roomkey_providers::{Addresses, Http, Providers};
use roomkey_store::tenant::{Policies, TenantRow};
use roomkey_store::{Clock, Options, Priority, Store, StoreError, Tenant, api_key, tenant};
use roomkey_vault::{ApiKeyToken, Entropy, Ring};
use roomkey_web::proxies::TrustedProxies;
use roomkey_web::{App, Parts};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub(crate) const NOW: Instant = Instant::from_micros(1_800_000_000_000_000);

/// A server with a host (`ext:rui`) and a service (`ext:algebra`).
pub(crate) struct Server {
    pub(crate) app: App,
    pub(crate) clock: Clock,
    pub(crate) tenant: Tenant,
    pub(crate) url: String,
    pub(crate) key: String,
    client: Client,
    stop: CancellationToken,
    tasks: TaskTracker,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) status: u16,
    pub(crate) headers: http::HeaderMap,
    pub(crate) text: String,
    pub(crate) body: Value,
}

impl Said {
    /// The body, of a call that was done.
    pub(crate) fn ok(self) -> Value {
        assert!((200..300).contains(&self.status), "{} {}", self.status, self.text);
        self.body
    }

    /// The problem's code, with its form checked.
    pub(crate) fn problem(&self, status: u16) -> &str {
        assert_eq!(self.status, status, "{}", self.text);
        assert_eq!(self.headers["content-type"], "application/problem+json");
        assert_eq!(self.body["status"], status);
        assert!(self.body["detail"].is_string() && self.body["errors"].is_array());
        self.body["code"].as_str().unwrap()
    }

    /// The pointers of the members that are wrong, or the names of the parameters, in order.
    pub(crate) fn pointers(&self) -> Vec<String> {
        let errors = self.body["errors"].as_array().unwrap();
        let mut found: Vec<_> = errors.iter().map(place).collect();
        found.sort();
        found
    }
}

/// Where a fault is: in the body, or in the query.
fn place(fault: &Value) -> String {
    let place = fault.get("pointer").or(fault.get("parameter")).unwrap();
    place.as_str().unwrap().to_owned()
}

/// One call to be made.
pub(crate) struct Ask<'s> {
    server: &'s Server,
    method: Method,
    path: String,
    key: String,
    headers: Vec<(&'static str, String)>,
    body: Option<Value>,
    raw: Option<String>,
}

impl Ask<'_> {
    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(crate) fn body(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }

    /// These very characters for a body.
    pub(crate) fn raw(mut self, body: &str) -> Self {
        self.raw = Some(body.to_owned());
        self
    }

    pub(crate) fn key(mut self, key: &str) -> Self {
        key.clone_into(&mut self.key);
        self
    }

    pub(crate) async fn send(self) -> Said {
        let url = format!("{}{}", self.server.url, self.path);
        let mut request = self.server.client.request(self.method, url).bearer_auth(&self.key);
        for (name, value) in self.headers {
            request = request.header(name, value);
        }
        if let Some(body) = self.body {
            request = request.json(&body);
        }
        if let Some(raw) = self.raw {
            request = request.body(raw);
        }
        let answer = request.send().await.unwrap();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let text = answer.text().await.unwrap();
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Said { status, headers, text, body }
    }
}

impl Server {
    /// A server that keeps no limits.
    pub(crate) async fn start(url: &str) -> Self {
        Self::start_with(url, false).await
    }

    /// A server that keeps its limits, behind a proxy that says who asks.
    pub(crate) async fn start_limited(url: &str) -> Self {
        Self::start_with(url, true).await
    }

    async fn start_with(url: &str, rate_limits: bool) -> Self {
        let clock = Clock::manual(NOW);
        let options =
            Options { url: url.to_owned(), clock: clock.clone(), serves: true, connections: 8 };
        let store = Store::open(options).await.unwrap();
        let entropy = Entropy::system();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let http = Http::new(Duration::from_secs(1)).unwrap();
        let app = App::new(Parts {
            store: store.clone(),
            ring: Arc::new(Ring::generate(&entropy, "test").unwrap()),
            entropy: entropy.clone(),
            providers: Arc::new(Providers::new(http, Addresses::default())),
            wake: Arc::default(),
            public_url: url.parse().unwrap(),
            mail_from: Mailbox {
                name: "Oak Lane".to_owned(),
                address: "rooms@practice.example".to_owned(),
            },
            trusted_proxies: "127.0.0.1".parse::<TrustedProxies>().unwrap(),
            rate_limits,
            user_daily_limit: Some(100),
            zoom_webhook_secrets: vec!["installation".into()],
            stripe_webhook_secrets: vec!["whsec_installation".into()],
        });
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        let router = roomkey_web::router(&app);
        tasks.spawn(roomkey_web::serve(listener, router, stop.clone()));
        app.background(&tasks, stop.clone());
        let tenant = add_tenant(&store, &entropy).await;
        let key = add_key(&store, &entropy, tenant, &["*"]).await;
        let server = Self { app, clock, tenant, url, key, client: client(), stop, tasks };
        server.furnish().await;
        server
    }

    /// A host, another host, and a service.
    async fn furnish(&self) {
        for (external_id, name) in [("rui", "Rui Costa"), ("eva", "Eva Lima")] {
            let email = format!("{external_id}@practice.example");
            let host = json!({
                "external_id": external_id, "name": name, "email": email,
                "time_zone": "Europe/Lisbon",
            });
            self.post("/v1/hosts", host).await.ok();
        }
        let service = json!({"external_id": "algebra", "name": "Algebra", "duration_minutes": 60});
        self.post("/v1/services", service).await.ok();
    }

    /// Another tenant's key.
    pub(crate) async fn stranger(&self) -> String {
        let (store, entropy) = (self.app.store(), &self.app.desk.entropy);
        let tenant = add_tenant(store, entropy).await;
        add_key(store, entropy, tenant, &["*"]).await
    }

    /// A key of this tenant with these scopes.
    pub(crate) async fn key_for(&self, scopes: &[&str]) -> String {
        add_key(self.app.store(), &self.app.desk.entropy, self.tenant, scopes).await
    }

    pub(crate) fn ask(&self, method: Method, path: &str) -> Ask<'_> {
        let (path, key) = (path.to_owned(), self.key.clone());
        Ask { server: self, method, path, key, headers: Vec::new(), body: None, raw: None }
    }

    /// The test's own client.
    pub(crate) const fn client(&self) -> &Client {
        &self.client
    }

    pub(crate) async fn get(&self, path: &str) -> Said {
        self.ask(Method::GET, path).send().await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Said {
        self.ask(Method::POST, path).body(body).send().await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Said {
        self.ask(Method::PUT, path).body(body).send().await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Said {
        self.ask(Method::PATCH, path).body(body).send().await
    }

    pub(crate) async fn delete(&self, path: &str) -> Said {
        self.ask(Method::DELETE, path).send().await
    }

    /// A booking as it was made.
    pub(crate) async fn book(&self, other: Value) -> Value {
        self.post("/v1/bookings", booking(other)).await.ok()
    }

    /// The types of a booking's events, the first first.
    pub(crate) async fn events(&self, booking: &Value) -> Vec<String> {
        let path = format!("{}/events", path_of(booking));
        let events = self.get(&path).await.ok();
        let mut types: Vec<String> = events["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["type"].as_str().unwrap().to_owned())
            .collect();
        types.reverse();
        types
    }

    pub(crate) async fn stop(self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

/// Where a booking is found.
pub(crate) fn path_of(booking: &Value) -> String {
    format!("/v1/bookings/{}", booking["id"].as_str().unwrap())
}

/// A booking to be made, with these members instead.
pub(crate) fn booking(other: Value) -> Value {
    let mut whole = json!({
        "service": "ext:algebra", "host": "ext:rui", "start": "2027-03-01T15:00:00Z",
        "guests": [{"name": "Ana Sousa", "email": "ana@example.org"}],
    });
    for (member, value) in other.as_object().unwrap() {
        whole[member] = value.clone();
    }
    whole
}

#[expect(clippy::disallowed_methods, reason = "a test is its own client")]
fn client() -> Client {
    Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

async fn add_tenant(store: &Store, entropy: &Entropy) -> Tenant {
    let row = TenantRow {
        id: TenantId::new(NOW, entropy.id()),
        name: "Oak Lane Practice".to_owned(),
        contact: None,
        default_route: None,
        policies: Policies::default(),
        version: 1,
        created_at: NOW,
    };
    let added: Result<_, StoreError> = store
        .write(Priority::Interactive, move |tx| {
            let row = row.clone();
            Box::pin(async move { tenant::insert(tx, &row).await })
        })
        .await;
    added.unwrap()
}

async fn add_key(store: &Store, entropy: &Entropy, tenant: Tenant, scopes: &[&str]) -> String {
    let token = ApiKeyToken::generate(entropy);
    let (id, hash) = (ApiKeyId::new(NOW, entropy.id()), token.digest());
    let scopes: Vec<String> = scopes.iter().map(|it| (*it).to_owned()).collect();
    let added: Result<_, StoreError> = store
        .write(Priority::Interactive, move |tx| {
            let scopes = scopes.clone();
            Box::pin(
                async move { api_key::insert(tx, tenant, id, "test", &scopes, &hash, NOW).await },
            )
        })
        .await;
    added.unwrap();
    token.expose().to_owned()
}
