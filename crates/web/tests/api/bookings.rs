//! Making, reading and changing bookings.

use reqwest::Method;
use roomkey_store::{Priority, StoreError, booking, both_databases};
use serde_json::json;

use crate::server::{Server, booking as whole, path_of};

both_databases! {
    a_booking_is_made_and_read = made;
    commands_that_repeat_change_nothing = repeated;
    a_host_who_comes_back_has_the_same_link = reassigned;
    versions_are_compared = versions;
    external_ids_are_unique_for_ever = external_ids;
    what_a_service_asks_for_is_waited_for = approval;
    a_wait_ends_when_its_time_is_over = waiting;
    a_wait_ends_when_the_booking_is_settled = settled;
    many_who_confirm_at_once_confirm_once = crowd;
    what_another_tenant_has_is_not_found = strangers;
}

async fn made(url: String) {
    let server = Server::start(&url).await;
    let made = server.post("/v1/bookings", whole(json!({"external_id": "ord-778"}))).await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!(made.headers["etag"], "\"1\"");
    let shown = made.body.clone();
    assert_eq!(made.headers["location"].to_str().unwrap(), path_of(&shown));
    assert_eq!(shown["status"], "confirmed");
    assert_eq!(shown["title"], "Algebra with Rui Costa");
    assert_eq!(shown["start"], "2027-03-01T15:00:00Z");
    assert_eq!(shown["end"], "2027-03-01T16:00:00Z");
    assert_eq!(shown["time_zone"], "Europe/Lisbon");
    assert_eq!(shown["meeting"]["status"], "creating");
    assert_eq!(shown["calendar"]["status"], "not_connected");
    assert_eq!(shown["metadata"], json!({}));
    let guest = &shown["guests"][0];
    assert!(guest["link"].as_str().unwrap().starts_with(&format!("{}/j/", server.url)));
    assert_ne!(guest["link"], shown["host_link"]);
    assert_eq!(server.get(&path_of(&shown)).await.ok(), shown);
    assert_eq!(server.get("/v1/bookings/ext:ord-778").await.ok(), shown);
    assert_eq!(server.events(&shown).await, ["booking.created"]);

    // Who may not see the host's link does not.
    let key = server.key_for(&["bookings:read"]).await;
    let seen = server.ask(Method::GET, &path_of(&shown)).key(&key).send().await;
    assert_eq!(seen.body.get("host_link"), None);
    let refused = server.ask(Method::POST, "/v1/bookings").key(&key).send().await;
    assert_eq!(refused.problem(403), "missing_scope");

    // Read, modify, write: what only the server writes is no obstacle.
    let mut sent = shown.clone();
    sent["notes"] = json!("Bring the book.\nAnd a pen.");
    let written = server.put(&path_of(&shown), sent).await.ok();
    assert_eq!(written["notes"], "Bring the book.\nAnd a pen.");
    assert_eq!(written["version"], 2);
    assert_eq!(written["guests"], shown["guests"]);
    assert_eq!(server.events(&shown).await, ["booking.created", "booking.updated"]);
    server.stop().await;
}

async fn repeated(url: String) {
    let server = Server::start(&url).await;
    let made = server.book(json!({"status": "pending"})).await;
    let path = path_of(&made);
    assert_eq!((&made["status"], &made["awaiting"]), (&json!("pending"), &json!("approval")));
    assert_eq!(made["meeting"]["status"], "pending");
    for _ in 0..3 {
        let confirmed = server.post(&format!("{path}/confirm"), json!({})).await.ok();
        assert_eq!((&confirmed["status"], &confirmed["version"]), (&json!("confirmed"), &json!(2)));
        assert_eq!(confirmed["meeting"]["status"], "creating");
    }
    let refused = server.post(&format!("{path}/decline"), json!({})).await;
    assert_eq!(refused.problem(409), "booking_confirmed");
    let times = json!({"start": "2027-03-02T10:00:00+01:00"});
    for _ in 0..2 {
        let moved = server.post(&format!("{path}/reschedule"), times.clone()).await.ok();
        assert_eq!(moved["start"], "2027-03-02T09:00:00Z");
        assert_eq!(moved["end"], "2027-03-02T10:00:00Z");
        assert_eq!(moved["version"], 3);
    }
    for reason in ["Ana is ill.", "Something else."] {
        let cancelled =
            server.post(&format!("{path}/cancel"), json!({"reason": reason})).await.ok();
        assert_eq!(cancelled["cancel_reason"], "Ana is ill.");
        assert_eq!(
            (&cancelled["version"], &cancelled["meeting"]["status"]),
            (&json!(4), &json!("cancelled"))
        );
    }
    let refused = server.post(&format!("{path}/reschedule"), times).await;
    assert_eq!(refused.problem(409), "booking_cancelled");
    let reopened = server.post(&format!("{path}/reopen"), json!({})).await.ok();
    assert_eq!(
        (&reopened["status"], &reopened["cancel_reason"]),
        (&json!("confirmed"), &json!(null))
    );
    for verb in ["complete", "no-show"] {
        let early = server.post(&format!("{path}/{verb}"), json!({})).await;
        assert_eq!(early.problem(409), "booking_ahead");
        assert!(early.body["detail"].as_str().unwrap().contains("not begun"), "{}", early.text);
    }
    server.clock.advance_to(reopened["start"].as_str().unwrap().parse().unwrap());
    for (verb, status) in [("no-show", "no_show"), ("complete", "completed")] {
        if verb == "complete" {
            server.post(&format!("{path}/reopen"), json!({})).await.ok();
        }
        let ended = server.post(&format!("{path}/{verb}"), json!({})).await.ok();
        assert_eq!(ended["status"], status);
    }
    let happened = server.events(&made).await;
    let expected = [
        "booking.created",
        "booking.confirmed",
        "booking.rescheduled",
        "booking.cancelled",
        "booking.confirmed",
        "booking.no_show",
        "booking.confirmed",
        "booking.completed",
    ];
    assert_eq!(happened, expected);
    server.stop().await;
}

async fn reassigned(url: String) {
    let server = Server::start(&url).await;
    let made = server.book(json!({})).await;
    let path = format!("{}/reassign", path_of(&made));
    let other = server.post(&path, json!({"host": "ext:eva"})).await.ok();
    assert_eq!(other["title"], "Algebra with Eva Lima");
    assert_ne!(other["host_link"], made["host_link"]);
    assert_eq!(other["guests"], made["guests"]);
    let same = server.post(&path, json!({"host": "ext:eva"})).await.ok();
    assert_eq!(same["version"], 2);
    let back = server.post(&path, json!({"host": "ext:rui"})).await.ok();
    assert_eq!(back["host_link"], made["host_link"]);
    assert_eq!((&back["version"], &back["host"]), (&json!(3), &made["host"]));
    let nobody = server.post(&path, json!({"host": "ext:nobody"})).await;
    assert_eq!(nobody.problem(422), "invalid_request");
    assert_eq!(nobody.pointers(), ["/host"]);
    let busy = server.delete("/v1/hosts/ext:rui").await;
    assert_eq!(busy.problem(409), "host_has_sessions");
    assert_eq!(server.delete("/v1/hosts/ext:eva").await.status, 204);
    server.stop().await;
}

async fn versions(url: String) {
    let server = Server::start(&url).await;
    let made = server.book(json!({})).await;
    let path = path_of(&made);
    let change = |tag: &'static str, notes: &'static str| {
        let ask = server.ask(Method::PATCH, &path).header("If-Match", tag);
        ask.body(json!({"notes": notes})).send()
    };
    assert_eq!(change("\"1\"", "one").await.ok()["version"], 2);
    let late = change("\"1\"", "two").await;
    assert_eq!(late.problem(412), "version_mismatch");
    assert_eq!(late.body["version"], 2);
    assert_eq!(change("\"7\", \"2\"", "three").await.headers["etag"], "\"3\"");
    assert_eq!(change("three", "four").await.problem(400), "invalid_header");
    let host = server.get("/v1/hosts/ext:rui").await;
    assert_eq!(host.headers["etag"], "\"1\"");
    let late = server.ask(Method::PATCH, "/v1/hosts/ext:rui").header("If-Match", "\"9\"");
    let late = late.body(json!({"name": "Rui"})).send().await;
    assert_eq!(late.problem(412), "version_mismatch");
    server.stop().await;
}

async fn external_ids(url: String) {
    let server = Server::start(&url).await;
    let made = server.book(json!({"external_id": "ord/1 ü"})).await;
    server.post(&format!("{}/cancel", path_of(&made)), json!({})).await.ok();
    let again = server.post("/v1/bookings", whole(json!({"external_id": "ord/1 ü"}))).await;
    assert_eq!(again.problem(409), "external_id_taken");
    let found = server.get("/v1/bookings/ext:ord%2F1%20%C3%BC").await.ok();
    assert_eq!(found["id"], made["id"]);
    let other = server.book(json!({"external_id": "ord-2"})).await;
    let taken = server.patch(&path_of(&other), json!({"external_id": "ord/1 ü"})).await;
    assert_eq!(taken.problem(409), "external_id_taken");
    server.stop().await;
}

async fn approval(url: String) {
    let server = Server::start(&url).await;
    for (name, awaiting) in [("requires_approval", "approval"), ("requires_payment", "payment")] {
        let service =
            json!({"external_id": name, "name": "Asked", "duration_minutes": 30, name: true});
        server.post("/v1/services", service).await.ok();
        let made = server.book(json!({"service": format!("ext:{name}")})).await;
        assert_eq!((&made["status"], &made["awaiting"]), (&json!("pending"), &json!(awaiting)));
    }
    let gone = server.book(json!({"status": "cancelled"})).await;
    assert_eq!(gone["meeting"]["status"], "cancelled");
    server.stop().await;
}

async fn waiting(url: String) {
    let server = Server::start(&url).await;
    let ask = server.ask(Method::POST, "/v1/bookings").header("Prefer", "wait=0");
    let made = ask.body(whole(json!({}))).send().await;
    assert_eq!(made.headers["preference-applied"], "wait=0");
    assert_eq!(made.ok()["meeting"]["settled"], false);
    server.stop().await;
}

async fn settled(url: String) {
    let server = Server::start(&url).await;
    let made = server.book(json!({})).await;
    let path = path_of(&made);
    let (tenant, id) = (server.tenant, made["id"].as_str().unwrap().parse().unwrap());
    // What an engine in another process would write.
    let engine = server.app.store().write(Priority::Background, move |tx| {
        Box::pin(async move {
            let mut record = booking::lock(tx, tenant, id).await?.expect("it is there");
            record.settled_version = record.booking.version;
            record.seq += 1;
            booking::update_seen(tx, &record).await
        })
    });
    let waits = server.ask(Method::GET, &path).header("Prefer", "wait=30").send();
    let (waited, engine): (_, Result<(), StoreError>) = futures::future::join(waits, engine).await;
    engine.unwrap();
    assert_eq!(waited.headers["preference-applied"], "wait=30");
    assert_eq!(waited.ok()["meeting"]["settled"], true);
    server.stop().await;
}

async fn crowd(url: String) {
    let server = Server::start(&url).await;
    let made = server.book(json!({"status": "pending"})).await;
    let path = format!("{}/confirm", path_of(&made));
    let all = (0..8).map(|_| server.post(&path, json!({})));
    for said in futures::future::join_all(all).await {
        assert_eq!(said.ok()["version"], 2);
    }
    assert_eq!(server.events(&made).await, ["booking.created", "booking.confirmed"]);
    server.stop().await;
}

async fn strangers(url: String) {
    let server = Server::start(&url).await;
    let made = server.book(json!({"external_id": "ord-1"})).await;
    let guest = made["guests"][0]["id"].as_str().unwrap();
    let stranger = server.stranger().await;
    let path = path_of(&made);
    for path in [
        path.clone(),
        "/v1/bookings/ext:ord-1".to_owned(),
        format!("{path}/guests/{guest}"),
        format!("{path}/meeting"),
        format!("{path}/events"),
        format!("{path}/attempts"),
        format!("{path}/messages"),
        format!("{path}/calendar.ics"),
        format!("/v1/hosts/{}", made["host"].as_str().unwrap()),
        format!("/v1/services/{}", made["service"].as_str().unwrap()),
        "/v1/bookings/nonsense".to_owned(),
    ] {
        let seen = server.ask(Method::GET, &path).key(&stranger).send().await;
        assert_eq!(seen.problem(404), "not_found", "{path}");
    }
    let cancel = format!("{path}/cancel");
    let cancelled = server.ask(Method::POST, &cancel).key(&stranger).body(json!({})).send().await;
    assert_eq!(cancelled.problem(404), "not_found");
    let theirs = server.ask(Method::POST, "/v1/bookings").key(&stranger);
    let stolen = theirs.body(whole(json!({"host": made["host"], "service": made["service"]})));
    assert_eq!(stolen.send().await.pointers(), ["/host", "/service"]);
    let list = server.ask(Method::GET, "/v1/bookings").key(&stranger).send().await;
    assert_eq!(list.ok()["data"], json!([]));
    server.stop().await;
}
