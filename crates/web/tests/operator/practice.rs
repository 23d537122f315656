//! A server with one practice on it, and an operator's browser.

use std::sync::Arc;
use std::time::Duration;

use roomkey_core::Instant;
use roomkey_core::id::{BookingId, HostId, ServiceId, TenantId};
use roomkey_messages::Mailbox;
use roomkey_providers::{Addresses, Http, Providers};
use roomkey_store::session::Who;
use roomkey_store::tenant::{Policies, TenantRow};
use roomkey_store::{
    Clock, Options, Priority, Store, StoreError, Tenant, booking, event, session, tenant,
};
use roomkey_vault::{Entropy, Ring, SignInToken};
use roomkey_web::desk::{
    self, Actor, Asked, By, GuestAsked, HostAsked, ServiceAsked, add_host_in, add_service_in,
};
use roomkey_web::proxies::TrustedProxies;
use roomkey_web::{App, Parts};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub(crate) const NOW: Instant = Instant::from_micros(1_800_000_000_000_000);

/// A server with a practice on it.
pub(crate) struct Practice {
    pub(crate) app: App,
    pub(crate) tenant: Tenant,
    pub(crate) host: HostId,
    pub(crate) service: ServiceId,
    pub(crate) url: String,
    pub(crate) client: reqwest::Client,
    cookie: String,
    stop: CancellationToken,
    tasks: TaskTracker,
}

/// An answer as a browser sees it.
pub(crate) struct Seen {
    pub(crate) status: u16,
    pub(crate) location: String,
    pub(crate) html: String,
}

impl Seen {
    /// Where it sends to, without the notice.
    pub(crate) fn leads_to(&self) -> &str {
        assert_eq!(self.status, 303, "{}", self.html);
        self.location.split('?').next().unwrap_or_default()
    }

    /// The form token on the page.
    pub(crate) fn csrf(&self) -> String {
        let (_, rest) = self.html.split_once("name=\"csrf\" value=\"").expect("a form");
        rest.split('"').next().expect("a token").to_owned()
    }
}

/// What a stream has told so far.
pub(crate) struct Heard {
    answer: reqwest::Response,
    text: String,
}

impl Heard {
    /// Waits until these words were told.
    pub(crate) async fn until(&mut self, words: &str) {
        let heard = async {
            while !self.text.contains(words) {
                let chunk = self.answer.chunk().await.expect("readable").expect("it goes on");
                self.text.push_str(&String::from_utf8_lossy(&chunk));
            }
        };
        let patience = Duration::from_secs(60);
        let in_time = tokio::time::timeout(patience, heard).await.is_ok();
        assert!(in_time, "{words} was not told: {}", self.text);
    }
}

impl Practice {
    /// A practice with a host and a service, and an operator who is signed in.
    pub(crate) async fn open(url: &str) -> Self {
        let practice = Self::empty(url).await;
        let (desk, tenant) = (practice.app.desk.clone(), practice.tenant);
        let (host, service) = practice
            .app
            .desk
            .change(move |tx| {
                let desk = desk.clone();
                Box::pin(async move {
                    let host = HostAsked {
                        name: Some("Dr Miriam Adler".to_owned()),
                        email: Some("miriam@practice.example".to_owned()),
                        time_zone: Some("Europe/Lisbon".parse().expect("a zone")),
                        ..HostAsked::default()
                    };
                    let service = ServiceAsked {
                        name: Some("First consultation".to_owned()),
                        duration_minutes: Some(50),
                        ..ServiceAsked::default()
                    };
                    let host = add_host_in(tx, &desk, tenant, &host).await?;
                    Ok((host, add_service_in(tx, &desk, tenant, &service).await?))
                })
            })
            .await
            .expect("furnished");
        Self { host, service, ..practice }
    }

    /// A practice with nothing in it.
    pub(crate) async fn empty(url: &str) -> Self {
        let clock = Clock::manual(NOW);
        let options = Options { url: url.to_owned(), clock, serves: true, connections: 8 };
        let store = Store::open(options).await.expect("the database opens");
        let entropy = Entropy::system();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let app = App::new(Parts {
            store: store.clone(),
            ring: Arc::new(Ring::generate(&entropy, "test").expect("a ring")),
            entropy: entropy.clone(),
            providers: Arc::new(Providers::new(
                Http::new(Duration::from_secs(1)).expect("a client"),
                nowhere(),
            )),
            wake: Arc::default(),
            public_url: url.parse().expect("an address"),
            mail_from: Mailbox {
                name: "Oak Lane".to_owned(),
                address: "rooms@practice.example".to_owned(),
            },
            trusted_proxies: TrustedProxies::default(),
            rate_limits: false,
            user_daily_limit: Some(100),
            zoom_webhook_secrets: Vec::new(),
            stripe_webhook_secrets: vec!["whsec_installation".into()],
        });
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        let router = roomkey_web::router(&app);
        tasks.spawn(roomkey_web::serve(listener, router, stop.clone()));
        app.background(&tasks, stop.clone());
        let tenant = add_tenant(&store, &entropy, "Oak Lane Practice").await;
        let client = client();
        let cookie = sign_in(&store, &entropy, tenant, &client, &url).await;
        Self {
            app,
            tenant,
            host: HostId::new(NOW, [0; 10]),
            service: ServiceId::new(NOW, [0; 10]),
            url,
            client,
            cookie,
            stop,
            tasks,
        }
    }

    /// Another tenant on the same server, and a booking of theirs.
    pub(crate) async fn theirs(&self) -> BookingId {
        let tenant = add_tenant(self.app.store(), &self.app.desk.entropy, "Elsewhere").await;
        let desk = self.app.desk.clone();
        let (host, service) = self
            .app
            .desk
            .change(move |tx| {
                let desk = desk.clone();
                Box::pin(async move {
                    let host = HostAsked {
                        name: Some("Somebody Else".to_owned()),
                        email: Some("else@elsewhere.example".to_owned()),
                        ..HostAsked::default()
                    };
                    let service =
                        ServiceAsked { name: Some("Other".to_owned()), ..ServiceAsked::default() };
                    let host = add_host_in(tx, &desk, tenant, &host).await?;
                    Ok((host, add_service_in(tx, &desk, tenant, &service).await?))
                })
            })
            .await
            .expect("furnished");
        self.book(tenant, host, service).await
    }

    /// A booking of this practice, an hour from now.
    pub(crate) async fn booking(&self) -> BookingId {
        self.book(self.tenant, self.host, self.service).await
    }

    async fn book(&self, tenant: Tenant, host: HostId, service: ServiceId) -> BookingId {
        let asked = Asked {
            service: Some(roomkey_store::Reference::Id(service)),
            host: Some(roomkey_store::Reference::Id(host)),
            start: Some(NOW.plus(Duration::from_secs(3600))),
            guests: Some(vec![GuestAsked {
                name: "Ana Sousa".to_owned(),
                email: Some("ana@example.org".to_owned()),
                ..GuestAsked::default()
            }]),
            ..Asked::default()
        };
        let by = By { tenant, actor: Actor::Operator };
        desk::book(&self.app.desk, by, asked, None).await.expect("booked").booking
    }

    /// The booking as the database has it.
    pub(crate) async fn record(&self, id: BookingId) -> booking::Record {
        let tenant = self.tenant;
        let read: Result<_, StoreError> = self
            .app
            .store()
            .read(move |tx| Box::pin(async move { booking::get(tx, tenant, id).await }))
            .await;
        read.expect("readable").expect("there")
    }

    pub(crate) async fn get(&self, path: &str) -> Seen {
        let request = self.client.get(format!("{}{path}", self.url)).header("cookie", &self.cookie);
        seen(request).await
    }

    /// The headers of what is answered there.
    pub(crate) async fn headers(&self, path: &str) -> http::HeaderMap {
        let request = self.client.get(format!("{}{path}", self.url)).header("cookie", &self.cookie);
        request.send().await.expect("an answer").headers().clone()
    }

    /// Sends a form as the page at `from` would.
    pub(crate) async fn send(&self, from: &str, path: &str, fields: &[(&str, &str)]) -> Seen {
        let csrf = self.get(from).await.csrf();
        let mut all = vec![("csrf", csrf.as_str())];
        all.extend_from_slice(fields);
        self.send_bare(path, &all).await
    }

    /// Sends a form with nothing added.
    pub(crate) async fn send_bare(&self, path: &str, fields: &[(&str, &str)]) -> Seen {
        let request =
            self.client.post(format!("{}{path}", self.url)).header("cookie", &self.cookie);
        seen(request.form(fields)).await
    }

    /// Opens a stream of server-sent events, as a page does.
    pub(crate) async fn listen(&self, path: &str) -> Heard {
        let request = self.client.get(format!("{}{path}", self.url)).header("cookie", &self.cookie);
        Heard { answer: request.send().await.expect("an answer"), text: String::new() }
    }

    /// Numbers the events so far, as the engine's sequencer does.
    pub(crate) async fn number_events(&self) {
        let numbered: Result<_, StoreError> = self
            .app
            .store()
            .write(Priority::Background, |tx| Box::pin(async move { event::number(tx, 100).await }))
            .await;
        assert!(numbered.expect("numbered") > 0);
    }

    pub(crate) async fn close(self) {
        self.stop.cancel();
        self.tasks.close();
        drop(self.client);
        self.tasks.wait().await;
    }
}

pub(crate) async fn seen(request: reqwest::RequestBuilder) -> Seen {
    let answer = request.send().await.expect("an answer");
    let location = answer.headers().get("location").map(|it| it.to_str().expect("text").to_owned());
    Seen {
        status: answer.status().as_u16(),
        location: location.unwrap_or_default(),
        html: answer.text().await.expect("a body"),
    }
}

#[expect(clippy::disallowed_methods, reason = "a test is its own client")]
fn client() -> reqwest::Client {
    let here = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
    here.build().expect("a client")
}

/// Vendors that nobody answers for.
fn nowhere() -> Addresses {
    let mut addresses = Addresses::default();
    addresses.zoom.token_url = "http://127.0.0.1:9/token".parse().expect("an address");
    addresses.zoom.api_root = "http://127.0.0.1:9/v2".parse().expect("an address");
    addresses
}

async fn add_tenant(store: &Store, entropy: &Entropy, name: &str) -> Tenant {
    let row = TenantRow {
        id: TenantId::new(NOW, entropy.id()),
        name: name.to_owned(),
        contact: None,
        default_route: None,
        policies: Policies::default(),
        version: 1,
        created_at: NOW,
    };
    let made: Result<_, StoreError> = store
        .write(Priority::Interactive, move |tx| {
            let row = row.clone();
            Box::pin(async move { tenant::insert(tx, &row).await })
        })
        .await;
    made.expect("a tenant")
}

/// The cookie of an operator who has used a one-time link.
async fn sign_in(
    store: &Store,
    entropy: &Entropy,
    tenant: Tenant,
    client: &reqwest::Client,
    url: &str,
) -> String {
    let token = SignInToken::generate(entropy);
    let digest = token.digest();
    let until = NOW.plus(Duration::from_secs(600));
    let promised: Result<_, StoreError> = store
        .write(Priority::Interactive, move |tx| {
            Box::pin(
                async move { session::promise(tx, tenant, Who::Operator, &digest, until).await },
            )
        })
        .await;
    promised.expect("promised");
    let request = client.post(format!("{url}/in/{}", token.expose()));
    let answer = request.send().await.expect("an answer");
    let cookie = answer.headers().get("set-cookie").expect("a cookie");
    let cookie = cookie.to_str().expect("text");
    cookie.split(';').next().expect("a value").to_owned()
}
