//! What every request meets: no key, no such address, too much, and the documentation.

use reqwest::Method;
use roomkey_store::both_databases;
use serde_json::json;

use crate::server::{Server, booking};

both_databases! {
    a_tenant_sent_back_as_it_was_read_is_unchanged = sent_back;
    the_edges_answer_with_problems = edges;
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
    assert_eq!(server.post("/v1/bookings", large).await.problem(413), "too_large");
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
