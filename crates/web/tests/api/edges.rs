//! What every request meets: no key, no such address, too much, and the documentation.

use reqwest::Method;
use roomkey_store::both_databases;
use serde_json::json;

use crate::server::{Said, Server, booking, path_of};

both_databases! {
    a_tenant_sent_back_as_it_was_read_is_unchanged = sent_back;
    the_edges_answer_with_problems = edges;
    a_body_is_one_object_that_says_everything_once = bodies;
}

async fn edges(url: String) {
    let server = Server::start(&url).await;
    for key in ["", "rk_nonsense", &server.key.replace("rk_", "rk_0")] {
        let said = server.ask(Method::GET, "/v1/bookings").key(key).send().await;
        assert_eq!(said.problem(401), "unauthorized");
        assert_eq!(said.headers["www-authenticate"], "Bearer");
    }
    assert_eq!(server.get("/v1/nothing").await.problem(404), "not_found");
    let method = server.delete("/v1/tenant").await;
    assert_eq!(method.problem(405), "method_not_allowed");
    assert!(method.headers["allow"].to_str().unwrap().contains("PATCH"));
    let large = booking(json!({"notes": "n".repeat(1024 * 1024)}));
    let large = server.post("/v1/bookings", large).await;
    assert_eq!(large.problem(413), "too_large");
    assert_eq!(large.body["detail"], "The body is larger than 1 MiB.");
    let list = server.post("/v1/bookings", json!([1])).await;
    assert_eq!(list.problem(400), "malformed_body");
    let form = server.ask(Method::POST, "/v1/bookings").body(json!({"a": 1}));
    let form = form.header("content-type", "text/plain").send().await;
    assert!(matches!(form.status, 400 | 415 | 422), "{}", form.text);

    for path in ["/livez", "/readyz"] {
        assert_eq!(server.get(path).await.status, 200);
    }
    let specification = server.get("/openapi.json").await.ok();
    assert_eq!(specification["openapi"], "3.1.0");
    for path in ["/docs", "/docs/problems"] {
        let page = server.get(path).await;
        assert_eq!(page.status, 200);
        assert!(!page.text.contains("<script"), "{path} has a script");
        assert!(page.headers.contains_key("content-security-policy"));
    }
    let said = server.get("/v1/tenant").await;
    assert_eq!(said.headers["cache-control"], "no-store");
    assert_eq!(said.headers["x-content-type-options"], "nosniff");
    assert!(said.headers["x-request-id"].to_str().unwrap().starts_with("req_"));
    server.stop().await;
}

async fn bodies(url: String) {
    let server = Server::start(&url).await;
    let made = path_of(&server.book(json!({})).await);
    let guest = format!("{made}/guests/{}", guest_of(&server, &made).await);
    let zoom = json!({
        "provider": "zoom", "kind": "server_to_server", "account_id": "acc-1",
        "client_id": "client-1", "client_secret": "secret-1",
    });
    let connection = server.post("/v1/connections", zoom).await.ok();
    let connection = format!("/v1/connections/{}", connection["id"].as_str().unwrap());
    let link = format!("{made}/meeting/link");
    for (method, path) in [
        (Method::PATCH, made.as_str()),
        (Method::PUT, "/v1/bookings/ext:ord-1"),
        (Method::PATCH, "/v1/hosts/ext:rui"),
        (Method::PUT, "/v1/hosts/ext:rui"),
        (Method::PATCH, "/v1/services/ext:algebra"),
        (Method::PUT, "/v1/services/ext:algebra"),
        (Method::PATCH, "/v1/tenant"),
        (Method::PATCH, guest.as_str()),
        (Method::PATCH, connection.as_str()),
        (Method::PUT, link.as_str()),
    ] {
        for (body, words) in [
            ("[]", "is a list"),
            ("[{}]", "is a list"),
            ("5", "is a number"),
            ("\"{}\"", "is a text"),
            ("null", "is null"),
            ("true", "is true or false"),
            ("{", "line 1, column 1"),
            ("{} {}", "line 1, column 4"),
            ("{'name': 1}", "line 1, column 2"),
        ] {
            let said = raw(&server, method.clone(), path, body).await;
            assert_eq!(said.problem(400), "malformed_body", "{method} {path} {body}");
            let detail = said.body["detail"].as_str().unwrap();
            assert!(detail.contains(words), "{method} {path} {body}: {detail}");
        }
        let twice =
            r#"{"name": "a", "na\u006de": "b", "name": "c", "x": [{"y/z": {"a": 1, "a": 2}}]}"#;
        let said = raw(&server, method.clone(), path, twice).await;
        assert_eq!(said.problem(422), "invalid_request", "{method} {path}");
        assert_eq!(said.pointers(), ["/name", "/x/0/y~1z/a"], "{method} {path}");
        let errors = said.body["errors"].as_array().unwrap();
        assert!(errors.iter().all(|it| it["code"] == "duplicate"), "{}", said.text);
    }
    assert_eq!(server.get("/v1/hosts/ext:rui").await.ok()["version"], 1, "nothing was changed");
    server.stop().await;
}

async fn guest_of(server: &Server, booking: &str) -> String {
    let guests = server.get(&format!("{booking}/guests")).await.ok();
    guests["data"][0]["id"].as_str().unwrap().to_owned()
}

/// A call with a body that no JSON library would write.
async fn raw(server: &Server, method: Method, path: &str, body: &str) -> Said {
    server.ask(method, path).header("content-type", "application/json").raw(body).send().await
}

async fn sent_back(url: String) {
    let server = Server::start(&url).await;
    for change in [
        json!({}),
        json!({"contact": "hello@oaklane.example", "policies": {"change_until": "24h"}}),
        json!({"policies": {"notify": "guests", "host_door": "link"}}),
        json!({"policies": {"notify": null}}),
    ] {
        server.patch("/v1/tenant", change).await.ok();
        let read = server.get("/v1/tenant").await.ok();
        let again = server.patch("/v1/tenant", read.clone()).await.ok();
        assert_eq!(again, read);
    }
    assert_eq!(server.get("/v1/tenant").await.ok()["version"], 4);
    server.stop().await;
}
