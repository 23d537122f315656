//! Idempotency keys.

use reqwest::Method;
use roomkey_store::both_databases;
use serde_json::{Value, json};

use crate::server::{Said, Server, booking, path_of};

both_databases! {
    a_repeat_gets_the_first_answer = repeat;
    many_at_once_are_one = at_once;
    a_refusal_is_kept_too = refusals;
}

async fn send(server: &Server, key: &str, body: Value) -> Said {
    let ask = server.ask(Method::POST, "/v1/bookings").header("Idempotency-Key", key);
    ask.body(body).send().await
}

async fn repeat(url: String) {
    let server = Server::start(&url).await;
    let first = send(&server, "one", booking(json!({}))).await.ok();
    let second = send(&server, "one", booking(json!({}))).await;
    assert_eq!((second.status, &second.body), (201, &first));
    let conflict = send(&server, "one", booking(json!({"notes": "other"}))).await;
    assert_eq!(conflict.problem(409), "idempotency_conflict");
    let another = send(&server, "two", booking(json!({}))).await.ok();
    assert_ne!(another["id"], first["id"]);
    // Another caller's key is another key.
    let key = server.key_for(&["*"]).await;
    let ask = server.ask(Method::POST, "/v1/bookings").key(&key).header("Idempotency-Key", "one");
    assert_ne!(ask.body(booking(json!({}))).send().await.ok()["id"], first["id"]);
    // And so is the same key at another address.
    let cancel = format!("{}/cancel", path_of(&first));
    let ask = server.ask(Method::POST, &cancel).header("Idempotency-Key", "one");
    assert_eq!(ask.body(json!({})).send().await.ok()["status"], "cancelled");
    let long = send(&server, &"k".repeat(256), booking(json!({}))).await;
    assert_eq!(long.problem(400), "invalid_header");
    server.stop().await;
}

async fn at_once(url: String) {
    let server = Server::start(&url).await;
    let sent = (0..12).map(|_| send(&server, "once", booking(json!({}))));
    let mut made = std::collections::BTreeSet::new();
    for said in futures::future::join_all(sent).await {
        if said.status == 409 {
            assert_eq!(said.problem(409), "in_progress");
            assert!(said.headers.contains_key("retry-after"));
        } else {
            made.insert(said.ok()["id"].as_str().unwrap().to_owned());
        }
    }
    assert_eq!(made.len(), 1);
    let list = server.get("/v1/bookings").await.ok();
    assert_eq!(list["data"].as_array().unwrap().len(), 1);
    server.stop().await;
}

async fn refusals(url: String) {
    let server = Server::start(&url).await;
    let first = send(&server, "bad", booking(json!({"host": "ext:later"}))).await;
    assert_eq!(first.problem(422), "invalid_request");
    let host = json!({
        "external_id": "later", "name": "Later", "email": "later@practice.example",
        "time_zone": "UTC",
    });
    server.post("/v1/hosts", host).await.ok();
    let second = send(&server, "bad", booking(json!({"host": "ext:later"}))).await;
    assert_eq!((second.status, &second.body), (422, &first.body));
    let malformed = send(&server, "worse", json!({"a": 1})).await;
    assert_eq!(malformed.status, 422);
    assert_eq!(send(&server, "worse", json!({"a": 1})).await.body, malformed.body);
    let other = send(&server, "worse", booking(json!({}))).await;
    assert_eq!(other.problem(409), "idempotency_conflict");
    // A condition that was not met may be met the next time.
    let made = server.book(json!({})).await;
    let cancel = format!("{}/cancel", path_of(&made));
    for (version, status) in [("\"2\"", 412), ("\"1\"", 200)] {
        let ask = server.ask(Method::POST, &cancel).header("Idempotency-Key", "if");
        let said = ask.header("If-Match", version).body(json!({})).send().await;
        assert_eq!(said.status, status, "{}", said.text);
    }
    server.stop().await;
}
