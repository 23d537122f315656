//! Everything wrong is said at once: what cannot be read, and what makes no sense.

use reqwest::Method;
use roomkey_store::both_databases;
use serde_json::{Value, json};

use crate::server::{Server, booking, path_of};

both_databases! {
    form_and_meaning_are_told_together = together;
    who_is_not_there_is_not_there_whatever_is_sent = missing;
    calls_without_parameters_take_none = parameters;
}

async fn together(url: String) {
    let server = Server::start(&url).await;
    let made = server.book(json!({})).await;
    let path = path_of(&made);
    let wrong = json!({
        "service": "ext:nothing", "host": "ext:nobody", "start": "soon", "colour": "red",
        "route": [{"use": "con_01hq3v8x5cj6tq2x9m4w7r5n1d", "provider": "zoom"}],
        "guests": [7, {"name": ""}], "status": "in_progress",
    });
    let pointers = [
        "/colour",
        "/guests/0",
        "/guests/1/name",
        "/host",
        "/route/0/use",
        "/service",
        "/start",
        "/status",
    ];
    for (method, path) in [
        (Method::POST, "/v1/bookings"),
        (Method::PUT, "/v1/bookings/ext:new"),
        (Method::PUT, path.as_str()),
        (Method::PATCH, path.as_str()),
    ] {
        let said = server.ask(method.clone(), path).body(wrong.clone()).send().await;
        assert_eq!(said.problem(422), "invalid_request");
        assert_eq!(said.pointers(), pointers, "{method} {path}");
    }
    let stranger = json!({"id": "gst_01hq3v8x5cj6tq2x9m4w7r5n1d", "name": "X"});
    for (method, part, body, pointers) in [
        (
            Method::POST,
            "/cancel",
            json!({"reason": "r".repeat(5001), "x": 1}),
            vec!["/reason", "/x"],
        ),
        (Method::POST, "/reassign", json!({"host": "ext:nobody", "x": 1}), vec!["/host", "/x"]),
        (Method::POST, "/reschedule", json!({"end": "soon", "x": 1}), vec!["/end", "/start", "/x"]),
        (
            Method::PUT,
            "/meeting/link",
            json!({"url": "ftp://x", "passcode": "p".repeat(101), "x": 1}),
            vec!["/passcode", "/url", "/x"],
        ),
        (Method::PUT, "/meeting/link", json!({"passcode": ""}), vec!["/passcode", "/url"]),
        (
            Method::POST,
            "/guests",
            json!({"name": "", "email": "ana@example.org", "x": 1}),
            vec!["/email", "/name", "/x"],
        ),
        (
            Method::PATCH,
            "",
            json!({"guests": [stranger], "external_id": "", "status": "pending", "x": 1}),
            vec!["/external_id", "/guests/0/id", "/status", "/x"],
        ),
    ] {
        let said = server.ask(method, &format!("{path}{part}")).body(body).send().await;
        assert_eq!(said.problem(422), "invalid_request", "{part}");
        assert_eq!(said.pointers(), pointers, "{part}");
    }
    assert_eq!(server.get(&path).await.ok(), made, "nothing of it was done");
    // Empty is not there.
    let empty = json!({
        "provider": "zoom", "kind": "server_to_server", "account_id": "", "client_id": " ",
        "client_secret": "",
    });
    let said = server.post("/v1/connections", empty).await;
    assert_eq!(said.problem(422), "invalid_request");
    assert_eq!(said.pointers(), ["/account_id", "/client_id", "/client_secret"]);
    assert!(all(&said.body, "required"), "{}", said.text);
    let said = server
        .post("/v1/apps", json!({"provider": "zoom", "client_id": "", "client_secret": ""}))
        .await;
    assert_eq!(said.pointers(), ["/client_id", "/client_secret"]);
    assert!(all(&said.body, "required"), "{}", said.text);
    server.stop().await;
}

fn all(problem: &Value, code: &str) -> bool {
    problem["errors"].as_array().unwrap().iter().all(|it| it["code"] == code)
}

async fn missing(url: String) {
    let server = Server::start(&url).await;
    let bad = json!({"x": 1, "url": "", "reason": 7});
    for (method, path) in [
        (Method::PATCH, "/v1/bookings/ext:no"),
        (Method::PUT, "/v1/bookings/bkg_01hq3v8x5cj6tq2x9m4w7r5n1d"),
        (Method::POST, "/v1/bookings/ext:no/cancel"),
        (Method::POST, "/v1/bookings/ext:no/reschedule"),
        (Method::PUT, "/v1/bookings/ext:no/meeting/link"),
        (Method::POST, "/v1/bookings/ext:no/guests"),
        (Method::POST, "/v1/bookings/ext:no/messages"),
        (Method::PATCH, "/v1/hosts/ext:no"),
        (Method::PUT, "/v1/hosts/hst_01hq3v8x5cj6tq2x9m4w7r5n1d"),
        (Method::PATCH, "/v1/services/ext:no"),
    ] {
        let said = server.ask(method.clone(), path).body(bad.clone()).send().await;
        assert_eq!(said.problem(404), "not_found", "{method} {path}");
    }
    server.stop().await;
}

async fn parameters(url: String) {
    let server = Server::start(&url).await;
    let made = server.book(json!({})).await;
    let path = path_of(&made);
    for (method, path) in [
        (Method::POST, "/v1/bookings".to_owned()),
        (Method::PATCH, path.clone()),
        (Method::POST, format!("{path}/cancel")),
        (Method::POST, format!("{path}/meeting/start")),
        (Method::DELETE, format!("{path}/meeting/link")),
        (Method::DELETE, "/v1/hosts/ext:eva".to_owned()),
        (Method::DELETE, "/v1/services/ext:algebra".to_owned()),
    ] {
        let said = server.ask(method.clone(), &format!("{path}?dry_run=true")).send().await;
        assert_eq!(said.problem(400), "invalid_query", "{method} {path}");
        assert_eq!(said.body["errors"][0]["parameter"], "dry_run");
        assert_eq!(said.body["errors"][0].get("pointer"), None);
    }
    assert_eq!(server.get(&path).await.ok(), made);
    let modes = json!({"route": [{"use": "host", "provider": "zoom", "mode": "space"}]});
    let said = server.post("/v1/bookings", booking(modes)).await;
    assert_eq!(said.pointers(), ["/route/0/mode"]);
    assert!(said.text.contains("google"), "{}", said.text);
    let none = json!({"route": [{"use": "host", "provider": "zoom", "mode": null}]});
    server.post("/v1/bookings", booking(none)).await.ok();
    server.stop().await;
}
