//! Connections, sign-in links and the overall status.

use roomkey_store::both_databases;
use serde_json::json;

use crate::server::{Server, path_of};

both_databases! {
    the_first_connection_is_the_route_of_those_who_waited = first;
    a_sign_in_link_is_made = portal;
    an_app_of_an_account_is_connected_once = once;
}

async fn first(url: String) {
    let server = Server::start(&url).await;
    let made = server.book(json!({})).await;
    let zoom = json!({
        "provider": "zoom", "kind": "server_to_server", "account_id": "acc-1",
        "client_id": "client-1", "client_secret": "secret-1", "seats": ["seat1@practice.example"],
    });
    let wrong = json!({"provider": "zoom", "kind": "telepathy", "seats": [1]});
    let wrong = server.post("/v1/connections", wrong).await;
    let pointers = ["/account_id", "/client_id", "/client_secret", "/kind", "/seats/0"];
    assert_eq!(wrong.pointers(), pointers);
    let added = server.post("/v1/connections", zoom).await;
    assert_eq!(added.status, 201, "{}", added.text);
    assert!(!added.text.contains("secret"), "{}", added.text);
    assert_eq!(added.body["status"], "connected");
    let tenant = server.get("/v1/tenant").await.ok();
    assert_eq!(tenant["default_route"], json!([{"use": "host", "provider": "zoom"}]));
    // Nothing was pinned for want of a route; now there is one, and what was asked is the same.
    let id = made["id"].as_str().unwrap().parse().unwrap();
    let proof = server.tenant;
    let record = server
        .app
        .store()
        .read(|tx| Box::pin(async move { roomkey_store::booking::get(tx, proof, id).await }))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(record.booking.route.len(), 1);
    assert_eq!(server.get(&path_of(&made)).await.ok()["version"], made["version"]);

    let path = format!("/v1/connections/{}", added.body["id"].as_str().unwrap());
    let changed = server.patch(&path, json!({"client_secret": "secret-2", "disabled": true})).await;
    assert!(!changed.text.contains("secret"), "{}", changed.text);
    assert_eq!(
        (&changed.body["status"], &changed.body["version"]),
        (&json!("disabled"), &json!(2))
    );
    let moved = server.patch(&path, json!({"account_id": "acc-2"})).await;
    assert_eq!(moved.pointers(), ["/account_id"]);
    let status = server.get("/v1/status").await.ok();
    assert_eq!(status["connections"][0]["status"], "disabled");
    assert_eq!(status["connections"][0]["reason"]["code"], "connection_disabled");
    let none = json!({"count": 0, "success_rate": null, "latency_ms": null});
    assert_eq!((&status["calls"], &status["connections"][0]["calls"]), (&none, &none));
    assert_eq!(status["meetings"]["creating"], 1);
    assert_eq!(status["backlog"][0]["lane"], "plan");
    assert_eq!(server.delete(&path).await.status, 204);
    assert_eq!(server.get(&path).await.problem(404), "not_found");
    server.stop().await;
}

async fn once(url: String) {
    let server = Server::start(&url).await;
    let zoom = |account: &str, client: &str| {
        json!({
            "provider": "zoom", "kind": "server_to_server", "account_id": account,
            "client_id": client, "client_secret": "secret-1",
        })
    };
    let first = server.post("/v1/connections", zoom("acc-1", "client-1")).await;
    assert_eq!(first.status, 201, "{}", first.text);
    let again = server.post("/v1/connections", zoom("acc-1", "client-1")).await;
    assert_eq!(again.problem(409), "connection_exists");
    assert_eq!(again.body["connection"], first.body["id"], "which one to change");
    // Another account, another app, or a host's own are others.
    for (account, client) in [("acc-2", "client-1"), ("acc-1", "client-2")] {
        let made = server.post("/v1/connections", zoom(account, client)).await;
        assert_eq!(made.status, 201, "{}", made.text);
    }
    let mut own = zoom("acc-1", "client-1");
    own["host"] = json!("ext:rui");
    assert_eq!(server.post("/v1/connections", own).await.status, 201);
    let path = format!("/v1/connections/{}", first.body["id"].as_str().unwrap());
    let same = server.patch(&path, json!({"client_id": "client-2"})).await;
    assert_eq!(same.problem(409), "connection_exists");
    assert_eq!(server.patch(&path, json!({"client_secret": "secret-2"})).await.status, 200);
    assert_eq!(server.delete(&path).await.status, 204);
    let anew = server.post("/v1/connections", zoom("acc-1", "client-1")).await;
    assert_eq!(anew.status, 201, "what was removed stands in nobody's way");
    server.stop().await;
}

async fn portal(url: String) {
    let server = Server::start(&url).await;
    for body in [json!({"role": "operator"}), json!({"host": "ext:rui"})] {
        let made = server.post("/v1/portal-sessions", body).await;
        assert_eq!(made.status, 201, "{}", made.text);
        let link = made.body["url"].as_str().unwrap();
        assert!(link.starts_with(&format!("{}/in/sgn_", server.url)));
    }
    // What is null is not said: nobody becomes an operator by it.
    for nobody in [
        json!({}),
        json!({"host": null}),
        json!({"role": null}),
        json!({"host": null, "role": null}),
    ] {
        let said = server.post("/v1/portal-sessions", nobody.clone()).await;
        assert_eq!(said.problem(422), "invalid_request", "{nobody}");
        assert_eq!(said.pointers(), ["/host"]);
    }
    for one in [json!({"host": "ext:rui", "role": null}), json!({"host": null, "role": "operator"})]
    {
        assert_eq!(server.post("/v1/portal-sessions", one.clone()).await.status, 201, "{one}");
    }
    let both =
        server.post("/v1/portal-sessions", json!({"host": "ext:rui", "role": "operator"})).await;
    assert_eq!(both.pointers(), ["/role"]);
    server.stop().await;
}
