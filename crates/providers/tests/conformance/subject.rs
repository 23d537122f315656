//! An adapter with its vendor behind it.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use roomkey_core::Instant;
use roomkey_core::failure::Failure;
use roomkey_core::id::Id;
use roomkey_core::room::Spec;
use roomkey_core::route::{self, Place};
use roomkey_core::settings::Settings;
use roomkey_providers::contract::{Account, Answer, Call, Provider, VendorRoom};
use roomkey_providers::http::{Method, Request};
use roomkey_providers::zoom::ZoomAddresses;
use roomkey_providers::{Addresses, Http, Providers};
use roomkey_sandbox::{Sandbox, Settings as SandboxSettings};
use serde_json::{Value, json};
use url::Url;

pub(crate) const HOST: &str = "host@practice.example";

const LIMIT: Duration = Duration::from_secs(30);

/// An adapter with its vendor behind it.
pub(crate) struct Subject {
    pub(crate) which: route::Provider,
    pub(crate) providers: Providers,
    pub(crate) call: Call,
    /// Nobody is behind a fixed link.
    pub(crate) vendor: Option<Vendor>,
}

/// A stand-in, and a way to look behind its counter.
pub(crate) struct Vendor {
    sandbox: Sandbox,
    http: Http,
}

impl Subject {
    pub(crate) async fn zoom() -> Self {
        Self::zoom_within(LIMIT).await
    }

    pub(crate) async fn zoom_within(limit: Duration) -> Self {
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let sandbox = roomkey_sandbox::start(SandboxSettings {
            listen: any,
            smtp_listen: any,
            public_url: None,
            zoom_event_url: None,
            zoom_secret: None,
        })
        .await
        .expect("a sandbox");
        let at = |path: &str| sandbox.url().join(path).expect("an address");
        let addresses = Addresses {
            zoom: ZoomAddresses {
                token_url: at("/zoom/oauth/token"),
                revoke_url: at("/zoom/oauth/revoke"),
                authorize_url: at("/zoom/oauth/authorize"),
                api_root: at("/zoom/v2"),
            },
        };
        let providers = Providers::new(Http::new(limit).expect("a client"), addresses);
        let vendor = Vendor { sandbox, http: Http::new(LIMIT).expect("a client") };
        let now = vendor.now().await;
        let connection = Id::new(now, [1; 10]);
        let call = Call {
            account: Account {
                connection: Some(connection),
                revision: 1,
                account: "acc-1".to_owned(),
                client_id: "client-1".to_owned(),
                client_secret: "secret-1".to_owned().into(),
            },
            place: Place {
                provider: route::Provider::Zoom,
                connection: Some(connection),
                account: "acc-1".to_owned(),
                user: HOST.to_owned(),
            },
            now,
            passcode: None,
        };
        Self { which: route::Provider::Zoom, providers, call, vendor: Some(vendor) }
    }

    pub(crate) async fn link() -> Self {
        let http = Http::new(LIMIT).expect("a client");
        let call = Call {
            account: Account {
                connection: None,
                revision: 0,
                account: String::new(),
                client_id: String::new(),
                client_secret: String::new().into(),
            },
            place: Place {
                provider: route::Provider::Link,
                connection: None,
                account: String::new(),
                user: "https://meet.practice.example/ana".to_owned(),
            },
            now: "2026-11-30T12:00:00Z".parse().expect("an instant"),
            passcode: None,
        };
        let providers = Providers::new(http, Addresses::default());
        Self { which: route::Provider::Link, providers, call, vendor: None }
    }

    pub(crate) fn provider(&self) -> &dyn Provider {
        self.providers.get(self.which)
    }

    pub(crate) fn vendor(&self) -> &Vendor {
        self.vendor.as_ref().expect("a vendor")
    }

    /// A session in three days.
    pub(crate) fn spec(&self) -> Spec {
        Spec {
            topic: "Algebra with Ana".to_owned(),
            start: self.days_ahead(3),
            minutes: 60,
            time_zone: "Europe/Lisbon".parse().expect("a zone"),
            settings: Settings::default(),
            agenda: None,
        }
    }

    pub(crate) fn days_ahead(&self, days: u64) -> Instant {
        self.call.now.plus(Duration::from_secs(days * 24 * 60 * 60)).floor_second()
    }

    pub(crate) async fn made(&self, marker: &str) -> VendorRoom {
        self.provider().create(&self.call, marker, &self.spec()).await.result.expect("a room")
    }

    pub(crate) async fn found(&self, marker: &str) -> Vec<VendorRoom> {
        self.provider().find(&self.call, marker, &self.spec()).await.result.expect("an answer")
    }

    pub(crate) async fn stop(self) {
        if let Some(vendor) = self.vendor {
            vendor.sandbox.stop().await;
        }
    }
}

impl Vendor {
    /// The meetings of the account.
    pub(crate) async fn meetings(&self) -> Vec<Value> {
        let state = self.get("/_sandbox/state").await;
        let accounts = state["zoom"]["accounts"].as_array().expect("accounts");
        let account = accounts.iter().find(|it| it["account"] == "acc-1").expect("the account");
        account["meetings"].as_array().expect("meetings").clone()
    }

    /// Every request to the vendor so far.
    pub(crate) async fn calls(&self) -> Vec<Value> {
        let calls = self.get("/_sandbox/calls").await;
        let calls = calls.as_array().expect("calls");
        calls.iter().filter(|it| it["vendor"] == "zoom").cloned().collect()
    }

    /// How many requests so far begin like this: `POST /zoom/oauth`.
    pub(crate) async fn count(&self, beginning: &str) -> usize {
        let calls = self.calls().await;
        let line = |it: &Value| format!("{} {}", word(it, "method"), word(it, "path"));
        calls.iter().filter(|it| line(it).starts_with(beginning)).count()
    }

    pub(crate) async fn fault(&self, order: Value) {
        self.post("/_sandbox/faults", order).await;
    }

    pub(crate) async fn no_faults(&self) {
        self.send(Method::DELETE, "/_sandbox/faults", None).await;
    }

    pub(crate) async fn account(&self, mut order: Value) {
        order["vendor"] = json!("zoom");
        order["account"] = json!("acc-1");
        self.post("/_sandbox/accounts", order).await;
    }

    /// Where it listens.
    pub(crate) fn port(&self) -> u16 {
        self.sandbox.url().port().expect("a port")
    }

    /// Somebody changes a meeting by hand.
    pub(crate) async fn by_hand(&self, id: &str, order: Value) {
        self.post(&format!("/_sandbox/meetings/{id}"), order).await;
    }

    pub(crate) async fn advance(&self, by: &str) {
        self.post("/_sandbox/clock", json!({"advance": by})).await;
    }

    async fn now(&self) -> Instant {
        let state = self.get("/_sandbox/state").await;
        word(&state, "now").parse().expect("an instant")
    }

    async fn get(&self, path: &str) -> Value {
        self.send(Method::GET, path, None).await
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        self.send(Method::POST, path, Some(body)).await
    }

    async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Value {
        let url: Url = self.sandbox.url().join(path).expect("an address");
        let mut request = Request::new(method, url);
        if let Some(body) = body {
            request = request.json(body);
        }
        let reply = self.http.send(request, self.http.deadline()).await.expect("an answer");
        assert!(reply.is_success(), "{path}: {}", String::from_utf8_lossy(&reply.body));
        reply.json().unwrap_or_default()
    }
}

/// A member that is a text.
pub(crate) fn word<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}

/// The class of a failure, and the code of its reason.
pub(crate) fn failed<T: std::fmt::Debug>(answer: &Answer<T>) -> (&'static str, String) {
    let failure: &Failure = answer.result.as_ref().expect_err("a failure");
    (failure.class(), failure.reason().code)
}
