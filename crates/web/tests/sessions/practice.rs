//! A practice whose Zoom is the sandbox, which tells the server what happens.

use std::sync::Arc;
use std::time::Duration;

use reqwest::{Client, Method};
use roomkey_core::Instant;
use roomkey_core::id::{ApiKeyId, TenantId};
use roomkey_core::plan::Policy;
use roomkey_engine::Engine;
use roomkey_messages::{Mailbox, Relay, RelaySettings};
use roomkey_providers::zoom::ZoomAddresses;
use roomkey_providers::{Addresses, Http, Providers};
use roomkey_sandbox::Sandbox;
use roomkey_store::tenant::{Policies, TenantRow};
use roomkey_store::{Clock, Options, Priority, Store, StoreError, api_key, tenant, work};
use roomkey_vault::{ApiKeyToken, Entropy, Ring};
use roomkey_web::proxies::TrustedProxies;
use roomkey_web::{App, Parts};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

const TIMEOUT: Duration = Duration::from_secs(10);
const SETTLE: Duration = Duration::from_secs(30);

pub(crate) struct Practice {
    pub(crate) app: App,
    pub(crate) clock: Clock,
    pub(crate) engine: Engine,
    pub(crate) connection: String,
    url: String,
    database: String,
    key: String,
    ring: Arc<Ring>,
    providers: Arc<Providers>,
    sandbox: Sandbox,
    client: Client,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl Practice {
    /// With a host (`ext:rui`), a service (`ext:algebra`) and a connection.
    pub(crate) async fn open(database: &str) -> Self {
        Self::with(database, false).await
    }

    /// The same, whose mails go to the sandbox's mailbox.
    pub(crate) async fn that_mails(database: &str) -> Self {
        Self::with(database, true).await
    }

    async fn with(database: &str, mails: bool) -> Self {
        // Zoom's lists are by real days: the test's clock begins on a real one.
        let clock = Clock::manual(Clock::system().now());
        let store = store(database, &clock).await;
        let entropy = Entropy::system();
        let ring = Arc::new(Ring::generate(&entropy, "test").unwrap());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let sandbox = roomkey_sandbox::start(roomkey_sandbox::Settings {
            listen: "127.0.0.1:0".parse().unwrap(),
            smtp_listen: "127.0.0.1:0".parse().unwrap(),
            public_url: None,
            zoom_event_url: Some(format!("{url}/hooks/zoom/default").parse().unwrap()),
            zoom_secret: Some("installation".to_owned()),
        })
        .await
        .unwrap();
        let providers = Arc::new(Providers::new(Http::new(TIMEOUT).unwrap(), addresses(&sandbox)));
        let relay = mails.then(|| {
            let url = format!("smtp://{}?tls=none", sandbox.smtp_addr()).into();
            Relay::new(&RelaySettings { url, timeout: TIMEOUT }).unwrap()
        });
        let engine = engine(&store, &ring, &providers, relay).await;
        let app = App::new(Parts {
            store: store.clone(),
            ring: Arc::clone(&ring),
            entropy: entropy.clone(),
            providers: Arc::clone(&providers),
            wake: Arc::default(),
            public_url: url.parse().unwrap(),
            mail_from: sender(),
            trusted_proxies: TrustedProxies::default(),
            rate_limits: false,
            user_daily_limit: Some(100),
            zoom_webhook_secrets: vec!["installation".into()],
            stripe_webhook_secrets: vec!["whsec_installation".into()],
        });
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        let router = roomkey_web::router(&app);
        tasks.spawn(roomkey_web::serve(listener, router, stop.clone()));
        let key = a_key(&store, &entropy).await;
        let mut practice = Self {
            app,
            clock,
            engine,
            connection: String::new(),
            url,
            database: database.to_owned(),
            key,
            ring,
            providers,
            sandbox,
            client: client(),
            stop,
            tasks,
        };
        practice.furnish().await;
        practice
    }

    async fn furnish(&mut self) {
        let host = json!({
            "external_id": "rui", "name": "Rui Costa", "email": "host@practice.example",
            "time_zone": "Europe/Lisbon",
        });
        self.post("/v1/hosts", host).await;
        let service = json!({"external_id": "algebra", "name": "Algebra", "duration_minutes": 60});
        self.post("/v1/services", service).await;
        let zoom = json!({
            "provider": "zoom", "kind": "server_to_server", "account_id": "acc-1",
            "client_id": "client-1", "client_secret": "secret-1", "webhook_secret": "own",
        });
        let made = self.post("/v1/connections", zoom).await;
        self.connection = made["id"].as_str().unwrap().to_owned();
    }

    /// Another engine process on the same database.
    pub(crate) async fn another_engine(&self) -> Engine {
        let store = if self.app.store().is_shared() {
            store(&self.database, &self.clock).await
        } else {
            self.app.store().clone()
        };
        engine(&store, &self.ring, &self.providers, None).await
    }

    /// A session of an hour that begins so much later, with its room.
    pub(crate) async fn book(&self, ahead: Duration, other: Value) -> Session<'_> {
        let start = self.clock.now().floor_second().plus(ahead);
        let mut asked = json!({
            "service": "ext:algebra", "host": "ext:rui", "start": start.to_string(),
            "guests": [{"name": "Ana Sousa", "email": "ana@example.org"}],
        });
        for (member, value) in other.as_object().unwrap() {
            asked[member] = value.clone();
        }
        let made = self.post("/v1/bookings", asked).await;
        self.work().await;
        let id = made["id"].as_str().unwrap().to_owned();
        let session = Session { practice: self, id };
        assert_eq!(session.get().await["meeting"]["status"], "active");
        session
    }

    /// Works until nothing is ready.
    pub(crate) async fn work(&self) {
        self.engine.run_until_idle().await.unwrap();
    }

    /// Time goes on here and at Zoom, from one due look to the next.
    pub(crate) async fn pass(&self, span: Duration) {
        let advance = format!("{}s", span.as_secs());
        self.control("/clock", json!({ "advance": advance })).await;
        let until = self.clock.now().plus(span);
        loop {
            self.work().await;
            let next = self.app.store().read(|tx| Box::pin(work::next_due(tx))).await.unwrap();
            match next {
                Some(at) if at <= until => self.clock.advance_to(at),
                Some(_) | None => break,
            }
        }
        self.clock.advance_to(until);
        self.work().await;
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Value {
        let request = self.client.post(format!("{}{path}", self.url)).json(&body);
        self.answer(request).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Value {
        let request = self.client.patch(format!("{}{path}", self.url)).json(&body);
        self.answer(request).await
    }

    /// A call that may be refused: the status, and what was answered.
    pub(crate) async fn ask(&self, method: Method, path: &str, body: Value) -> (u16, Value) {
        let request = self.client.request(method, format!("{}{path}", self.url)).json(&body);
        let answer = request.bearer_auth(&self.key).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap_or(Value::Null))
    }

    /// Where people find it.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) async fn delete(&self, path: &str) -> Value {
        self.answer(self.client.delete(format!("{}{path}", self.url))).await
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        self.answer(self.client.get(format!("{}{path}", self.url))).await
    }

    /// What a browser is shown there.
    pub(crate) async fn page(&self, url: &str) -> String {
        let answer = self.client.get(url).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{url}");
        answer.text().await.unwrap()
    }

    /// A file that the API hands out, as it is.
    pub(crate) async fn file(&self, path: &str) -> String {
        let request = self.client.get(format!("{}{path}", self.url)).bearer_auth(&self.key);
        let answer = request.send().await.unwrap();
        assert!(answer.status().is_success(), "{path}");
        answer.text().await.unwrap()
    }

    async fn answer(&self, request: reqwest::RequestBuilder) -> Value {
        let answer = request.bearer_auth(&self.key).send().await.unwrap();
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        assert!(status.is_success(), "{status} {text}");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    /// Status, type and body of what is answered there.
    pub(crate) async fn answered(&self, method: Method, path: &str) -> (u16, String, String) {
        let request = self.client.request(method, format!("{}{path}", self.url));
        let answer = request.bearer_auth(&self.key).send().await.unwrap();
        let status = answer.status().as_u16();
        let kind = answer.headers().get("content-type").map(|it| it.to_str().unwrap().to_owned());
        (status, kind.unwrap_or_default(), answer.text().await.unwrap())
    }

    /// Fetches texts as often as any are due, while time goes on here and not at Zoom.
    pub(crate) async fn fetch(&self, span: Duration) -> usize {
        let until = self.clock.now().plus(span);
        let step = (span / 500).max(Duration::from_secs(60));
        let mut asked = 0;
        loop {
            asked += self.engine.fetch_transcripts().await.unwrap();
            if self.clock.now() >= until {
                return asked;
            }
            self.clock.advance(step.min(until.since(self.clock.now())));
        }
    }

    /// Tells the sandbox to do something.
    pub(crate) async fn control(&self, path: &str, body: Value) -> Value {
        let url = self.sandbox.url().join(&format!("/_sandbox{path}")).unwrap();
        let answer = self.client.post(url).json(&body).send().await.unwrap();
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        assert!(status.is_success(), "{path} {text}");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    /// Zoom tells something at a time of its own choosing, to the installation's address.
    pub(crate) async fn tell(&self, event: &str, at: Instant, payload: Value) {
        let stamp = at.as_micros() / 1_000;
        let body = json!({"event": event, "event_ts": stamp, "payload": payload}).to_string();
        self.tell_raw(&body).await;
    }

    /// Zoom tells this, byte for byte.
    pub(crate) async fn tell_raw(&self, body: &str) {
        let order = json!({
            "event": "raw", "raw": body, "secret": "installation",
            "url": format!("{}/hooks/zoom/default", self.url),
        });
        let sent = self.control("/webhooks", order).await;
        assert_eq!(sent["answers"][0]["status"], 200, "{sent}");
    }

    /// From now on Zoom tells nothing by itself.
    pub(crate) async fn deafen(&self) {
        let deaf =
            json!({"vendor": "zoom", "account": "acc-1", "event_url": "http://127.0.0.1:9/"});
        self.control("/accounts", deaf).await;
    }

    pub(crate) async fn forget_faults(&self) {
        let url = self.sandbox.url().join("/_sandbox/faults").unwrap();
        assert!(self.client.delete(url).send().await.unwrap().status().is_success());
    }

    pub(crate) async fn sandbox(&self, path: &str) -> Value {
        let url = self.sandbox.url().join(&format!("/_sandbox{path}")).unwrap();
        self.client.get(url).send().await.unwrap().json().await.unwrap()
    }

    /// Returns when the sandbox has told this so often, and the server has taken it.
    pub(crate) async fn told(&self, event: &str, times: usize) {
        loop {
            let sent = self.sandbox("/webhooks").await;
            let sent = sent.as_array().unwrap().iter().filter(|it| it["event"] == event);
            // What was not answered in time, on a busy machine, is sent again by itself.
            let answered = sent.filter(|it| !it["status"].is_null());
            if answered.inspect(|it| assert_eq!(it["status"], 200, "{it}")).count() >= times {
                return;
            }
            tokio::task::yield_now().await;
        }
    }

    pub(crate) async fn form(&self, url: &str, fields: &[(&str, &str)]) -> String {
        let answer = self.client.post(url).form(fields).send().await.unwrap();
        let location = answer.headers().get("location").and_then(|it| it.to_str().ok());
        let location = location.unwrap_or_default().to_owned();
        assert!(answer.status().is_redirection(), "{}", answer.text().await.unwrap());
        location
    }

    pub(crate) async fn close(self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
        self.sandbox.stop().await;
    }
}

/// One booking, here and at Zoom.
pub(crate) struct Session<'p> {
    pub(crate) practice: &'p Practice,
    pub(crate) id: String,
}

impl Session<'_> {
    pub(crate) async fn get(&self) -> Value {
        self.practice.get(&format!("/v1/bookings/{}", self.id)).await
    }

    pub(crate) async fn part(&self, part: &str) -> Value {
        self.practice.get(&format!("/v1/bookings/{}/{part}", self.id)).await
    }

    pub(crate) async fn status(&self) -> String {
        self.get().await["status"].as_str().unwrap().to_owned()
    }

    /// How often that happened.
    pub(crate) async fn count(&self, event: &str) -> usize {
        let events = self.part("events").await;
        events["data"].as_array().unwrap().iter().filter(|it| it["type"] == event).count()
    }

    /// The meeting as it is at Zoom.
    pub(crate) async fn meeting(&self) -> Value {
        let state = self.practice.sandbox("/state").await;
        state["zoom"]["accounts"][0]["meetings"][0].clone()
    }

    /// The host opens the room.
    pub(crate) async fn open(&self) {
        let meeting = self.meeting().await;
        self.practice.form(meeting["start_url"].as_str().unwrap(), &[("action", "start")]).await;
    }

    /// Somebody comes in; answers who they are at Zoom.
    pub(crate) async fn come(&self, name: &str) -> String {
        let meeting = self.meeting().await;
        let to = self.practice.form(meeting["join_url"].as_str().unwrap(), &[("name", name)]).await;
        to.rsplit_once("me=").unwrap().1.to_owned()
    }

    pub(crate) async fn go(&self, who: &str) {
        let meeting = self.meeting().await;
        let fields = [("action", "leave"), ("me", who)];
        self.practice.form(meeting["join_url"].as_str().unwrap(), &fields).await;
    }

    /// The host ends the meeting for everybody.
    pub(crate) async fn end(&self) {
        let meeting = self.meeting().await;
        self.practice.form(meeting["start_url"].as_str().unwrap(), &[("action", "end")]).await;
    }
}

async fn store(url: &str, clock: &Clock) -> Store {
    let options =
        Options { url: url.to_owned(), clock: clock.clone(), serves: true, connections: 8 };
    Store::open(options).await.unwrap()
}

fn addresses(sandbox: &Sandbox) -> Addresses {
    let root = |path: &str| sandbox.url().join(path).unwrap();
    Addresses {
        zoom: ZoomAddresses {
            token_url: root("zoom/oauth/token"),
            revoke_url: root("zoom/oauth/revoke"),
            authorize_url: root("zoom/oauth/authorize"),
            api_root: root("zoom/v2"),
        },
    }
}

fn sender() -> Mailbox {
    Mailbox { name: "Oak Lane".to_owned(), address: "rooms@practice.example".to_owned() }
}

async fn engine(
    store: &Store,
    ring: &Arc<Ring>,
    providers: &Arc<Providers>,
    relay: Option<Relay>,
) -> Engine {
    Engine::new(roomkey_engine::Parts {
        store: store.clone(),
        ring: Arc::clone(ring),
        entropy: Entropy::system(),
        providers: Arc::clone(providers),
        relay,
        mail_from: sender(),
        public_url: "https://rooms.practice.example".parse().unwrap(),
        wake: Arc::default(),
        policy: Policy { settle: SETTLE, ..Policy::default() },
        http_timeout: TIMEOUT,
        budgets: false,
        user_daily_limit: Some(100),
    })
    .await
    .unwrap()
}

#[expect(clippy::disallowed_methods, reason = "a test is its own client")]
fn client() -> Client {
    Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

async fn a_key(store: &Store, entropy: &Entropy) -> String {
    let now = store.now();
    let row = TenantRow {
        id: TenantId::new(now, entropy.id()),
        name: "Oak Lane Practice".to_owned(),
        contact: None,
        default_route: None,
        policies: Policies::default(),
        version: 1,
        created_at: now,
    };
    let token = ApiKeyToken::generate(entropy);
    let (id, hash) = (ApiKeyId::new(now, entropy.id()), token.digest());
    let added: Result<_, StoreError> = store
        .write(Priority::Interactive, move |tx| {
            let row = row.clone();
            Box::pin(async move {
                let tenant = tenant::insert(tx, &row).await?;
                api_key::insert(tx, tenant, id, "test", &["*".to_owned()], &hash, now).await
            })
        })
        .await;
    added.unwrap();
    token.expose().to_owned()
}
