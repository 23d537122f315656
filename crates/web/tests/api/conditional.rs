//! Conditions as RFC 9110 has them: `If-Match`, `If-None-Match`, and reading what one has already.

use reqwest::Method;
use roomkey_core::id::BookingId;
use roomkey_core::meeting;
use roomkey_store::{Priority, StoreError, booking as rows, both_databases};
use serde_json::json;

use crate::server::{Said, Server, booking, path_of};

both_databases! {
    what_one_has_is_not_sent_again = unchanged;
    a_booking_that_moves_by_itself_is_sent_again = living;
    a_thing_is_made_only_if_it_is_new = only_new;
    a_thing_is_changed_only_if_it_is_there = only_there;
    a_weak_tag_matches_no_change = weak;
    a_thing_that_was_changed_meanwhile_is_not_removed = removal;
}

async fn get_if(server: &Server, path: &str, tag: &str) -> Said {
    server.ask(Method::GET, path).header("if-none-match", tag).send().await
}

fn tag_of(said: &Said) -> String {
    said.headers["etag"].to_str().unwrap().to_owned()
}

async fn unchanged(url: String) {
    let server = Server::start(&url).await;
    let made = server.book(json!({})).await;
    let booking = path_of(&made);
    let guest = format!("{booking}/guests/{}", made["guests"][0]["id"].as_str().unwrap());
    for path in [guest.as_str(), "/v1/hosts/ext:rui", "/v1/services/ext:algebra", "/v1/tenant"] {
        let first = server.get(path).await;
        let tag = tag_of(&first);
        for known in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}"), "*".to_owned()]
        {
            let again = get_if(&server, path, &known).await;
            assert_eq!((again.status, again.text.as_str()), (304, ""), "{path} {known}");
            assert_eq!(tag_of(&again), tag);
            assert_eq!(again.headers["cache-control"], "no-store");
        }
        let other = get_if(&server, path, "\"0\"").await;
        assert_eq!((other.status, other.body), (200, first.body), "{path}");
        assert_eq!(get_if(&server, path, "what").await.problem(400), "invalid_header");
    }
    // What is not there is not unchanged, and neither is what one may not read.
    assert_eq!(get_if(&server, "/v1/hosts/ext:nobody", "*").await.problem(404), "not_found");
    let key = server.key_for(&["hosts:read"]).await;
    let ask = server.ask(Method::GET, &booking).key(&key).header("if-none-match", "*");
    assert_eq!(ask.send().await.problem(403), "missing_scope");
    // And what was changed is sent.
    let tag = tag_of(&server.get("/v1/hosts/ext:rui").await);
    server.patch("/v1/hosts/ext:rui", json!({"name": "Rui Alves"})).await.ok();
    assert_eq!(get_if(&server, "/v1/hosts/ext:rui", &tag).await.ok()["name"], "Rui Alves");
    server.stop().await;
}

async fn living(url: String) {
    let server = Server::start(&url).await;
    let made = server.book(json!({})).await;
    let path = path_of(&made);
    let tag = tag_of(&server.get(&path).await);
    assert_eq!(tag, "\"1\"", "it is the version");
    // The room is ready: nobody asked for a change, so the version stays.
    let (tenant, id) = (server.tenant, made["id"].as_str().unwrap().parse::<BookingId>().unwrap());
    let ready = server
        .app
        .store()
        .write::<_, StoreError, _>(Priority::Interactive, move |tx| {
            Box::pin(async move {
                let mut record = rows::lock(tx, tenant, id).await?.unwrap();
                record.meeting = meeting::Status::Active;
                record.seq += 1;
                rows::update_seen(tx, &record).await
            })
        })
        .await;
    ready.unwrap();
    let shown = get_if(&server, &path, &tag).await;
    assert_eq!(shown.status, 200, "{}", shown.text);
    assert_eq!(shown.body["meeting"]["status"], "active");
    assert_eq!(shown.body["version"], made["version"]);
    // The tag that was read is one that a change may name.
    let ask = server.ask(Method::PATCH, &path).header("if-match", tag_of(&shown));
    assert_eq!(ask.body(json!({"notes": "seen"})).send().await.ok()["version"], 2);
    server.stop().await;
}

async fn only_new(url: String) {
    let server = Server::start(&url).await;
    let host =
        json!({"name": "Ivo", "email": "ivo@practice.example", "time_zone": "Europe/Lisbon"});
    let service = json!({"name": "Piano", "duration_minutes": 30});
    for (path, body) in [
        ("/v1/bookings/ext:ord-1", booking(json!({}))),
        ("/v1/hosts/ext:ivo", host),
        ("/v1/services/ext:piano", service),
    ] {
        let put = |tag: &'static str| {
            server.ask(Method::PUT, path).header("if-none-match", tag).body(body.clone()).send()
        };
        assert_eq!(put("*").await.status, 201, "{path}");
        let again = put("*").await;
        assert_eq!(again.problem(412), "already_exists", "{path}");
        assert_eq!(again.body["version"], 1);
        assert_eq!(put("\"4\", W/\"1\"").await.problem(412), "already_exists", "{path}");
        assert_eq!(put("\"4\"").await.status, 200, "{path}");
    }
    server.stop().await;
}

async fn only_there(url: String) {
    let server = Server::start(&url).await;
    let host =
        json!({"name": "Ivo", "email": "ivo@practice.example", "time_zone": "Europe/Lisbon"});
    let service = json!({"name": "Piano", "duration_minutes": 30});
    for (path, body) in [
        ("/v1/bookings/ext:ord-1", booking(json!({}))),
        ("/v1/hosts/ext:ivo", host),
        ("/v1/services/ext:piano", service),
    ] {
        let put = |tag: &'static str| {
            server.ask(Method::PUT, path).header("if-match", tag).body(body.clone()).send()
        };
        for tag in ["*", "\"1\""] {
            assert_eq!(put(tag).await.problem(412), "version_mismatch", "{path} {tag}");
            assert_eq!(server.get(path).await.problem(404), "not_found", "{path} {tag}");
        }
        assert_eq!(server.put(path, body.clone()).await.status, 201, "{path}");
        assert_eq!(put("*").await.status, 200, "{path}");
        assert_eq!(put("\"1\"").await.status, 200, "{path}");
        assert_eq!(put("\"2\"").await.problem(412), "version_mismatch", "{path}");
    }
    server.stop().await;
}

async fn removal(url: String) {
    let server = Server::start(&url).await;
    let made = server.book(json!({})).await;
    let bea = json!({"external_id": "bea", "name": "Bea", "email": "bea@example.org"});
    let guests = format!("{}/guests", path_of(&made));
    server.post(&guests, bea).await.ok();
    let link = json!({"url": "https://meet.example/ana"});
    server.put(&format!("{}/meeting/link", path_of(&made)), link).await.ok();
    let zoom = json!({
        "provider": "zoom", "kind": "server_to_server", "account_id": "acc-1",
        "client_id": "client-1", "client_secret": "secret-1",
    });
    let connection = server.post("/v1/connections", zoom).await.ok();
    let app = json!({"provider": "zoom", "client_id": "client-2", "client_secret": "secret-2"});
    let app = server.post("/v1/apps", app).await.ok();
    server.patch("/v1/hosts/ext:eva", json!({"name": "Eva"})).await.ok();
    // A guest and a typed link have their booking's version.
    for (path, status) in [
        (format!("{}/meeting/link", path_of(&made)), 200),
        (format!("{guests}/ext:bea"), 200),
        ("/v1/hosts/ext:eva".to_owned(), 204),
        ("/v1/services/ext:algebra".to_owned(), 204),
        (format!("/v1/connections/{}", connection["id"].as_str().unwrap()), 204),
        (format!("/v1/apps/{}", app["id"].as_str().unwrap()), 204),
    ] {
        let known = match path.rsplit_once("/link") {
            Some((meeting, _)) => server.get(meeting).await,
            None => server.get(&path).await,
        };
        let remove = |tag: String| server.ask(Method::DELETE, &path).header("if-match", tag).send();
        for stale in ["\"7\"", "\"0\", \"8\"", &format!("W/{}", tag_of(&known))] {
            let said = remove(stale.to_owned()).await;
            assert_eq!(said.problem(412), "version_mismatch", "{path} {stale}");
            assert_eq!(format!("\"{}\"", said.body["version"]), tag_of(&known), "{path}");
        }
        assert_eq!(remove("what".to_owned()).await.problem(400), "invalid_header", "{path}");
        let said = remove(tag_of(&known)).await;
        assert_eq!(said.status, status, "{path} {}", said.text);
    }
    server.stop().await;
}

async fn weak(url: String) {
    let server = Server::start(&url).await;
    let made = server.book(json!({})).await;
    let path = path_of(&made);
    let change = |tag: &'static str| {
        let ask = server.ask(Method::PATCH, &path).header("if-match", tag);
        ask.body(json!({"notes": tag})).send()
    };
    for tag in ["W/\"1\"", "\"one\"", "\"\"", "W/\"1\", \"2\""] {
        assert_eq!(change(tag).await.problem(412), "version_mismatch", "{tag}");
    }
    for tag in ["one", "W/x", "\"1"] {
        assert_eq!(change(tag).await.problem(400), "invalid_header", "{tag}");
    }
    assert_eq!(change("W/\"1\", 1").await.ok()["version"], 2, "quotes may be forgotten");
    assert_eq!(change("*").await.ok()["version"], 3);
    server.stop().await;
}
