//! A link is replaced: the new one opens the session, and the old one says so for 30 days.

use std::time::Duration;

use reqwest::Method;
use roomkey_store::{Priority, StoreError, both_databases, retired_link};
use serde_json::{Value, json};

use crate::server::{Said, Server, path_of};

both_databases! {
    the_old_link_says_so_and_the_new_one_opens = replaced;
    who_may_replace_whose_link = allowed;
    a_repeat_makes_no_third_link = repeated;
    after_thirty_days_the_old_link_is_unknown = forgotten;
}

/// The path of a link on the server.
fn local(link: &Value) -> String {
    let link: url::Url = link.as_str().unwrap().parse().unwrap();
    link.path().to_owned()
}

fn says_that_it_was_replaced(said: &Said, new: &str) {
    assert_eq!(said.status, 410, "{}", said.text);
    assert!(said.text.contains("This link was replaced."), "{}", said.text);
    assert!(said.text.contains("hello@oaklane.example"), "{}", said.text);
    let token = new.trim_start_matches("/j/");
    assert!(!said.text.contains(token), "the new link is on the old one's page");
    assert!(said.headers.get("location").is_none());
    assert_eq!(said.headers["cache-control"], "no-store");
    assert_eq!(said.headers["referrer-policy"], "no-referrer");
}

async fn replaced(url: String) {
    let server = Server::start(&url).await;
    server.patch("/v1/tenant", json!({"contact": "hello@oaklane.example"})).await.ok();
    let other = json!({"guests": [
        {"name": "Ana Sousa", "email": "ana@example.org"},
        {"name": "Bea Lopes", "email": "bea@example.org", "external_id": "u/2"},
    ]});
    let made = server.book(other).await;
    let (path, ana) = (path_of(&made), made["guests"][0]["id"].as_str().unwrap());
    let old = local(&made["guests"][0]["link"]);
    let after = server.post(&format!("{path}/people/{ana}/replace-link"), json!({})).await.ok();
    let new = local(&after["guests"][0]["link"]);
    assert_ne!(old, new);
    assert_eq!(after["guests"][0]["id"], ana);
    assert_eq!(after["guests"][1], made["guests"][1]);
    assert_eq!(after["host_link"], made["host_link"]);
    assert_eq!(after["version"].as_i64(), made["version"].as_i64().map(|it| it + 1));

    assert_eq!(server.get(&new).await.status, 200);
    says_that_it_was_replaced(&server.get(&old).await, &new);
    says_that_it_was_replaced(&server.get(&format!("{old}/go")).await, &new);
    says_that_it_was_replaced(&server.post(&format!("{old}/go"), json!({})).await, &new);
    says_that_it_was_replaced(&server.get(&format!("{old}/live")).await, &new);
    says_that_it_was_replaced(&server.get(&format!("{old}/calendar.ics")).await, &new);
    // A lobby that was open meanwhile asks, and shows what it is told.
    let asked = server.get(&format!("{old}/live?poll=1")).await;
    assert!(asked.status == 200 && asked.text.contains("This link was replaced."));
    assert!(!asked.text.contains(new.trim_start_matches("/j/")) && !asked.text.contains("/go"));

    assert_eq!(server.events(&made).await, ["booking.created", "link.replaced"]);
    let events = server.get(&format!("{path}/events")).await;
    assert!(!events.text.contains("/j/"), "{}", events.text);
    assert_eq!(events.body["data"][0]["data"]["person"], ana);

    // A corrected address keeps the link, and so does who is named by the platform's id.
    let bea = server.post(&format!("{path}/people/ext:u%2F2/replace-link"), json!({})).await.ok();
    assert_ne!(bea["guests"][1]["link"], made["guests"][1]["link"]);
    let guest = format!("{path}/guests/{ana}");
    let corrected = server.patch(&guest, json!({"email": "ana@example.net"})).await.ok();
    assert_eq!(local(&corrected["link"]), new);
    server.stop().await;
}

async fn allowed(url: String) {
    let server = Server::start(&url).await;
    let made = server.book(json!({})).await;
    let path = path_of(&made);
    let hosts = format!("{path}/people/host/replace-link");
    let guests =
        format!("{path}/people/{}/replace-link", made["guests"][0]["id"].as_str().unwrap());
    let narrow = server.key_for(&["bookings:read", "bookings:write"]).await;
    let refused = server.ask(Method::POST, &hosts).key(&narrow).send().await;
    assert_eq!(refused.problem(403), "missing_scope");
    server.ask(Method::POST, &guests).key(&narrow).send().await.ok();
    let reader = server.key_for(&["bookings:read", "host_links"]).await;
    let refused = server.ask(Method::POST, &guests).key(&reader).send().await;
    assert_eq!(refused.problem(403), "missing_scope");
    let stranger = server.stranger().await;
    let refused = server.ask(Method::POST, &guests).key(&stranger).send().await;
    assert_eq!(refused.problem(404), "not_found");
    for nobody in ["gst_01hq3v8x5cj6tq2x9m4w7r5n1d", "ext:nobody", "somebody"] {
        let said = server.post(&format!("{path}/people/{nobody}/replace-link"), json!({})).await;
        assert_eq!(said.problem(404), "not_found");
    }
    let stale = server.ask(Method::POST, &hosts).header("if-match", "\"1\"").send().await;
    assert_eq!(stale.problem(412), "version_mismatch");
    let odd = server.post(&hosts, json!({"link": "https://example.org/mine"})).await;
    assert_eq!(odd.problem(422), "unknown_field");
    let after = server.post(&hosts, json!({"notify": "none"})).await.ok();
    assert_ne!(after["host_link"], made["host_link"]);
    assert_eq!(server.get(&local(&after["host_link"])).await.status, 200);
    assert_eq!(server.get(&local(&made["host_link"])).await.status, 410);
    server.stop().await;
}

async fn repeated(url: String) {
    let server = Server::start(&url).await;
    let made = server.book(json!({})).await;
    let guests = format!(
        "{}/people/{}/replace-link",
        path_of(&made),
        made["guests"][0]["id"].as_str().unwrap()
    );
    let mut links = Vec::new();
    for _ in 0..2 {
        let said =
            server.ask(Method::POST, &guests).header("idempotency-key", "leak-7").body(json!({}));
        links.push(said.send().await.ok()["guests"][0]["link"].clone());
    }
    assert_eq!(links[0], links[1]);
    let third = server.post(&guests, json!({})).await.ok();
    let third = local(&third["guests"][0]["link"]);
    // Both that were given out before say so.
    for old in [&made["guests"][0]["link"], &links[0]] {
        let said = server.get(&local(old)).await;
        assert_eq!(said.status, 410);
        assert!(!said.text.contains(third.trim_start_matches("/j/")));
    }
    assert_eq!(server.get(&third).await.status, 200);
    server.stop().await;
}

async fn forgotten(url: String) {
    let server = Server::start(&url).await;
    let made = server.book(json!({})).await;
    let old = local(&made["guests"][0]["link"]);
    let guest = made["guests"][0]["id"].as_str().unwrap();
    let path = format!("{}/people/{guest}/replace-link", path_of(&made));
    let new = local(&server.post(&path, json!({})).await.ok()["guests"][0]["link"]);
    let day = Duration::from_secs(24 * 60 * 60);
    server.clock.advance(day * 30 - Duration::from_secs(1));
    assert_eq!(server.get(&old).await.status, 410);
    server.clock.advance(Duration::from_secs(1));
    assert_eq!(server.get(&old).await.status, 404);
    assert_eq!(server.get(&new).await.status, 200);
    let now = server.clock.now();
    let swept = server
        .app
        .store()
        .write::<_, StoreError, _>(Priority::Background, move |tx| {
            Box::pin(retired_link::sweep(tx, now))
        })
        .await;
    assert_eq!(swept.unwrap(), 1);
    server.stop().await;
}
