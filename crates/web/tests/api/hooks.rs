//! Vendors' events, signed and sent by the sandbox over HTTP: what is believed, what is kept, and
//! what is refused.

use std::time::Duration;

use reqwest::Method;
use roomkey_sandbox::Sandbox;
use roomkey_store::inbound::{self, Inbound};
use roomkey_store::{Priority, StoreError, both_databases};
use serde_json::{Value, json};
use tokio::sync::{Notify, oneshot};
use tokio_util::task::TaskTracker;

use crate::server::{NOW, Server};

both_databases! {
    an_event_is_kept_once_however_often_it_comes = kept_once;
    what_is_not_signed_in_time_by_the_right_secret_is_refused = refused;
    an_address_is_validated_while_the_writer_is_busy = validated;
    a_new_secret_leaves_the_one_before_until_it_is_forgotten = rotated;
    an_app_has_an_address_of_its_own = apps;
}

/// A sandbox that signs and sends.
struct Zoom(Sandbox);

impl Zoom {
    async fn start() -> Self {
        let started = roomkey_sandbox::start(roomkey_sandbox::Settings {
            listen: "127.0.0.1:0".parse().unwrap(),
            smtp_listen: "127.0.0.1:0".parse().unwrap(),
            public_url: None,
            zoom_event_url: None,
            zoom_secret: None,
        });
        Self(started.await.unwrap())
    }

    /// Sends an event now, and answers what came back.
    async fn send(&self, server: &Server, address: &str, other: Value) -> Value {
        let mut order = json!({
            "event": "meeting.ended", "secret": "token-1", "payload": ended("acc-1"),
            "url": format!("{}/hooks/zoom/{address}", server.url),
            "timestamp": NOW.as_micros() / 1_000_000,
        });
        for (member, value) in other.as_object().unwrap() {
            order[member] = value.clone();
        }
        let url = self.0.url().join("/_sandbox/webhooks").unwrap();
        let sent = server.client().post(url).json(&order).send().await.unwrap();
        let status = sent.status();
        let text = sent.text().await.unwrap();
        assert!(status.is_success(), "{text}");
        let said: Value = serde_json::from_str(&text).unwrap();
        said["answers"].clone()
    }

    /// The status of the one answer.
    async fn status(&self, server: &Server, address: &str, other: Value) -> u64 {
        self.send(server, address, other).await[0]["status"].as_u64().unwrap()
    }
}

fn ended(account: &str) -> Value {
    json!({"account_id": account, "object": {"id": "81234567890", "uuid": "a/b==", "topic": "Álgebra · 数学"}})
}

/// A connection whose events are signed with this.
async fn connect(server: &Server, secret: Option<&str>) -> String {
    let zoom = json!({
        "provider": "zoom", "kind": "server_to_server", "account_id": "acc-1",
        "client_id": "client-1", "client_secret": "secret-1", "webhook_secret": secret,
    });
    let made = server.post("/v1/connections", zoom).await.ok();
    let id = made["id"].as_str().unwrap().to_owned();
    assert_eq!(made["webhook_url"], format!("{}/hooks/zoom/{id}", server.url));
    assert_eq!(made["last_event_at"], Value::Null);
    id
}

/// What waits to be seen to.
async fn waiting(server: &Server) -> Vec<Inbound> {
    let now = server.app.now();
    let due: Result<_, StoreError> = server
        .app
        .store()
        .write(Priority::Background, move |tx| {
            Box::pin(async move { inbound::due(tx, inbound::Vendor::Zoom, now, 100).await })
        })
        .await;
    due.unwrap()
}

async fn kept_once(url: String) {
    let (server, zoom) = (Server::start(&url).await, Zoom::start().await);
    let id = connect(&server, Some("token-1")).await;
    // The very same bytes, which is what a repeat is; the topic is not ASCII.
    let answers = zoom.send(&server, &id, json!({"times": 3})).await;
    assert!(answers.as_array().unwrap().iter().all(|it| it["status"] == 200), "{answers}");
    let kept = waiting(&server).await;
    assert_eq!(kept.len(), 1);
    assert_eq!((kept[0].address.as_str(), kept[0].event.as_str()), (id.as_str(), "meeting.ended"));
    let sealed = String::from_utf8_lossy(&kept[0].sealed).into_owned();
    assert!(!sealed.contains("81234567890"), "it rests sealed");
    // The same event of another moment is another one; what nobody waits for is not kept.
    let other = json!({"event": "meeting.started"});
    assert_eq!(zoom.status(&server, &id, other).await, 200);
    let odd = json!({"event": "meeting.sharing_started"});
    assert_eq!(zoom.status(&server, &id, odd).await, 200);
    let stranger = json!({"payload": ended("acc-2")});
    assert_eq!(zoom.status(&server, &id, stranger).await, 200);
    assert_eq!(waiting(&server).await.len(), 2);
    // Seen to, it is still known; forgotten, it could be said again.
    let seen = waiting(&server).await;
    let done: Result<(), StoreError> = server
        .app
        .store()
        .write(Priority::Background, move |tx| {
            let seen = seen.clone();
            Box::pin(async move {
                for event in &seen {
                    inbound::done(tx, event).await?;
                }
                Ok(())
            })
        })
        .await;
    done.unwrap();
    assert!(waiting(&server).await.is_empty());
    zoom.0.stop().await;
    server.stop().await;
}

async fn refused(url: String) {
    let (server, zoom) = (Server::start(&url).await, Zoom::start().await);
    let id = connect(&server, Some("token-1")).await;
    let now = NOW.as_micros() / 1_000_000;
    for (other, status) in [
        (json!({"secret": "token-2"}), 401),
        (json!({"signed": false}), 401),
        (json!({"timestamp": now - 3 * 60 * 60 - 1}), 401),
        (json!({"timestamp": now + 5 * 60 + 1}), 401),
        (json!({"raw": "not json"}), 400),
        (json!({"raw": r#"{"event":5}"#}), 400),
        (json!({"raw": r#"{"event":"","payload":{}}"#}), 400),
        (json!({"raw": r#"{"event":["meeting.ended"]}"#}), 400),
        (json!({"raw": r#"["meeting.ended"]"#}), 400),
        (json!({"timestamp": now - 3 * 60 * 60}), 200),
        (json!({"timestamp": now + 5 * 60}), 200),
    ] {
        assert_eq!(zoom.status(&server, &id, other.clone()).await, status, "{other}");
    }
    for nobodys in ["con_01hq3v8x5cj6tq2x9m4w7r5n1d", "app_01hq3v8x5cj6tq2x9m4w7r5n1d", "acc-1"] {
        assert_eq!(zoom.status(&server, nobodys, json!({})).await, 404, "{nobodys}");
    }
    // An installation has a secret of its own; a connection without one believes nobody.
    assert_eq!(zoom.status(&server, "default", json!({})).await, 401);
    let own = json!({"secret": "installation"});
    assert_eq!(zoom.status(&server, "default", own).await, 200);
    let deaf = json!({"webhook_secret": null});
    server.patch(&format!("/v1/connections/{id}"), deaf).await.ok();
    for secret in ["token-1", ""] {
        assert_eq!(zoom.status(&server, &id, json!({"secret": secret})).await, 401);
    }
    let heard = json!({"webhook_secret": "token-1"});
    server.patch(&format!("/v1/connections/{id}"), heard).await.ok();
    let large = json!({"raw": "x".repeat(300 * 1024)});
    let answer = zoom.send(&server, &id, large).await[0].clone();
    assert_eq!(answer["status"], 413);
    let said: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
    assert_eq!((&said["code"], &said["detail"]), (&json!("too_large"), &json!(TOO_LARGE)));
    let said = server.ask(Method::POST, &format!("/hooks/zoom/{id}")).body(json!({})).send().await;
    assert_eq!(said.problem(401), "signature_invalid");
    zoom.0.stop().await;
    server.stop().await;
}

async fn validated(url: String) {
    let (server, zoom) = (Server::start(&url).await, Zoom::start().await);
    let id = connect(&server, Some("token-1")).await;
    // A change that does not end: whoever writes waits for it.
    let (began, has_begun) = oneshot::channel();
    let (began, end) = (std::sync::Mutex::new(Some(began)), std::sync::Arc::new(Notify::new()));
    let (store, held) = (server.app.store().clone(), std::sync::Arc::clone(&end));
    let busy = TaskTracker::new().spawn(async move {
        let began = std::sync::Arc::new(began);
        let changed: Result<(), StoreError> = store
            .write(Priority::Interactive, move |_| {
                let (held, began) = (std::sync::Arc::clone(&held), std::sync::Arc::clone(&began));
                Box::pin(async move {
                    if let Some(began) = began.lock().unwrap().take() {
                        began.send(()).unwrap();
                    }
                    held.notified().await;
                    Ok(())
                })
            })
            .await;
        changed.unwrap();
    });
    has_begun.await.unwrap();
    let order = json!({"event": "endpoint.url_validation", "payload": {"plainToken": "qgg8vlvZRS6UYooatFL8Aw"}});
    let answers = tokio::time::timeout(Duration::from_secs(3), zoom.send(&server, &id, order));
    let answers = answers.await.expect("Zoom gives up after three seconds");
    assert_eq!(answers[0]["status"], 200);
    let said: Value = serde_json::from_str(answers[0]["body"].as_str().unwrap()).unwrap();
    assert_eq!(said["plainToken"], "qgg8vlvZRS6UYooatFL8Aw");
    // Computed once with another implementation of HMAC-SHA256.
    assert_eq!(said["encryptedToken"], ENCRYPTED);
    end.notify_one();
    busy.await.unwrap();
    zoom.0.stop().await;
    server.stop().await;
}

const TOO_LARGE: &str = "The body is larger than 256 KiB.";
const ENCRYPTED: &str = "3e76d2163ea3621f17b469559f9385b12db6ac522005a58ba18457a34d7ab17d";

async fn rotated(url: String) {
    let (server, zoom) = (Server::start(&url).await, Zoom::start().await);
    let id = connect(&server, Some("token-1")).await;
    let path = format!("/v1/connections/{id}");
    let changed = server.patch(&path, json!({"webhook_secret": "token-2"})).await;
    assert!(!changed.text.contains("token-"), "{}", changed.text);
    // An empty one is a form that was not filled in.
    for member in ["webhook_secret", "previous_webhook_secret"] {
        for empty in ["", " \t"] {
            let said = server.patch(&path, json!({member: empty})).await;
            assert_eq!(said.problem(422), "invalid_request");
            assert_eq!(said.pointers(), [format!("/{member}")]);
            let words = said.body["errors"][0]["message"].as_str().unwrap();
            assert!(words.contains("send null to remove it"), "{words}");
        }
    }
    for secret in ["token-1", "token-2"] {
        assert_eq!(zoom.status(&server, &id, json!({"secret": secret})).await, 200, "{secret}");
    }
    server.patch(&path, json!({"previous_webhook_secret": null})).await.ok();
    assert_eq!(zoom.status(&server, &id, json!({"secret": "token-1"})).await, 401);
    assert_eq!(zoom.status(&server, &id, json!({"secret": "token-2"})).await, 200);
    server.patch(&path, json!({"webhook_secret": null})).await.ok();
    assert_eq!(zoom.status(&server, &id, json!({"secret": "token-2"})).await, 401);
    zoom.0.stop().await;
    server.stop().await;
}

async fn apps(url: String) {
    let (server, zoom) = (Server::start(&url).await, Zoom::start().await);
    let wrong = server.post("/v1/apps", json!({"provider": "telepathy"})).await;
    assert_eq!(wrong.pointers(), ["/client_id", "/client_secret", "/provider"]);
    let asked = json!({
        "provider": "zoom", "client_id": "client-1", "client_secret": "very-secret",
        "webhook_secret": "token-1",
    });
    let made = server.post("/v1/apps", asked.clone()).await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert!(!made.text.contains("secret\":\"") && !made.text.contains("token-1"), "{}", made.text);
    let id = made.body["id"].as_str().unwrap().to_owned();
    assert!(id.starts_with("app_"));
    assert_eq!(made.body["webhook_url"], format!("{}/hooks/zoom/{id}", server.url));
    assert_eq!(server.post("/v1/apps", asked).await.pointers(), ["/client_id"]);
    let empty = json!({"client_id": "", "client_secret": " ", "webhook_secret": ""});
    let empty = server.patch(&format!("/v1/apps/{id}"), empty).await;
    assert_eq!(empty.pointers(), ["/client_id", "/client_secret", "/webhook_secret"]);
    assert_eq!(zoom.status(&server, &id, json!({})).await, 200);
    assert_eq!(waiting(&server).await[0].address, id);
    // Another tenant has no such app, and may not have it either.
    let path = format!("/v1/apps/{id}");
    let stranger = server.stranger().await;
    let said = server.ask(Method::GET, &path).key(&stranger).send().await;
    assert_eq!(said.problem(404), "not_found");
    let reader = server.key_for(&["apps:read"]).await;
    let said = server.ask(Method::PATCH, &path).key(&reader).body(json!({})).send().await;
    assert_eq!(said.problem(403), "missing_scope");
    server.patch(&path, json!({"webhook_secret": "token-2"})).await.ok();
    assert_eq!(zoom.status(&server, &id, json!({"secret": "token-2"})).await, 200);
    // What depends on it is said first.
    connect(&server, None).await;
    let said = server.delete(&path).await;
    assert_eq!((said.problem(409), &said.body["stranded"]), ("app_in_use", &json!(1)));
    assert_eq!(server.delete(&format!("{path}?force=true")).await.status, 204);
    assert_eq!(server.get("/v1/apps").await.ok(), json!({"data": [], "next_cursor": null}));
    assert_eq!(zoom.status(&server, &id, json!({"secret": "token-2"})).await, 404);
    zoom.0.stop().await;
    server.stop().await;
}
