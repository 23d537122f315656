//! Our own limits: guessing comes to an end, and locks nobody out who has a link or an API key.

use std::time::Duration;

use reqwest::Method;
use roomkey_store::both_databases;
use serde_json::json;

use crate::server::{Said, Server};

both_databases! {
    guessing_links_comes_to_an_end_and_locks_nobody_out = guessing;
    what_proves_no_link_is_a_guess = unasked;
    guessing_api_keys_comes_to_an_end_and_locks_nobody_out = api_keys;
    one_link_and_one_api_key_have_their_limits = worn;
    switched_off_nothing_is_limited = off;
}

const GUESSES: usize = 60;

async fn from(server: &Server, path: &str, address: &str) -> Said {
    server.ask(Method::GET, path).header("x-forwarded-for", address).send().await
}

/// A token that looks like one and is nobody's.
fn guess(number: usize) -> String {
    format!("/j/{number:026}")
}

fn wait(said: &Said) -> u64 {
    assert_eq!(said.status, 429, "{}", said.text);
    said.headers["retry-after"].to_str().unwrap().parse().unwrap()
}

async fn guessing(url: String) {
    let server = Server::start_limited(&url).await;
    let made = server.book(json!({})).await;
    let path = |link: &serde_json::Value| {
        let link: url::Url = link.as_str().unwrap().parse().unwrap();
        link.path().to_owned()
    };
    let (used, unused) = (path(&made["guests"][0]["link"]), path(&made["host_link"]));
    let (office, elsewhere) = ("203.0.113.9", "198.51.100.7");
    // However often good links are opened, nothing is counted against the office.
    for _ in 0..GUESSES + 10 {
        assert_eq!(from(&server, &used, office).await.status, 200);
    }
    for number in 0..GUESSES / 2 {
        assert_eq!(from(&server, &guess(number), office).await.status, 404);
        let sign_in = format!("/in/sgn_{number:026}");
        assert_eq!(from(&server, &sign_in, office).await.status, 410);
    }
    let refused = from(&server, &guess(99), office).await;
    assert_eq!(wait(&refused), 1);
    assert!(refused.text.contains("That was too often."), "{}", refused.text);
    assert_eq!(refused.headers["cache-control"], "no-store");
    assert_eq!(from(&server, "/j/short", office).await.status, 429);
    assert_eq!(from(&server, "/in/sgn_x", office).await.status, 429);
    // Who has a link is let in all the same, at the first visit and after it: all people may be
    // one address to us. And others are not concerned.
    assert_eq!(from(&server, &unused, office).await.status, 200);
    assert_eq!(from(&server, &used, office).await.status, 200);
    assert_eq!(from(&server, &guess(99), elsewhere).await.status, 404);
    assert_eq!(from(&server, "/livez", office).await.status, 200);
    server.clock.advance(Duration::from_secs(1));
    assert_eq!(from(&server, &guess(99), office).await.status, 404);
    assert_eq!(from(&server, &guess(99), office).await.status, 429);
    server.stop().await;
}

/// What a link answers before it is looked up proves nothing, and counts as a guess.
async fn unasked(url: String) {
    let server = Server::start_limited(&url).await;
    let office = "203.0.113.9";
    for number in 0..GUESSES / 2 {
        let ask = server.ask(Method::DELETE, &guess(number)).header("x-forwarded-for", office);
        assert_eq!(ask.send().await.status, 405);
        let go = format!("{}/go", guess(number));
        let ask = server.ask(Method::POST, &go).header("x-forwarded-for", office);
        assert_eq!(ask.header("sec-fetch-site", "cross-site").send().await.status, 403);
    }
    for number in [0, 99] {
        assert_eq!(wait(&from(&server, &guess(number), office).await), 1);
    }
    server.stop().await;
}

async fn api_keys(url: String) {
    let server = Server::start_limited(&url).await;
    let other = server.key_for(&["*"]).await;
    for number in 0..GUESSES {
        let key = format!("rk_{number:052}");
        assert_eq!(server.ask(Method::GET, "/v1/tenant").key(&key).send().await.status, 401);
    }
    let key = format!("rk_{:052}", 99);
    let refused = server.ask(Method::GET, "/v1/tenant").key(&key).send().await;
    assert_eq!(wait(&refused), 1);
    assert_eq!(refused.problem(429), "too_many_requests");
    // Whoever has a key is let in, whether it was used a moment ago or never.
    server.get("/v1/tenant").await.ok();
    server.ask(Method::GET, "/v1/tenant").key(&other).send().await.ok();
    assert_eq!(wait(&server.ask(Method::GET, "/v1/tenant").key(&key).send().await), 1);
    server.clock.advance(Duration::from_secs(1));
    assert_eq!(server.ask(Method::GET, "/v1/tenant").key(&key).send().await.status, 401);
    server.stop().await;
}

async fn worn(url: String) {
    let server = Server::start_limited(&url).await;
    let made = server.book(json!({})).await;
    let link: url::Url = made["guests"][0]["link"].as_str().unwrap().parse().unwrap();
    let mut opened = 0;
    let refused = loop {
        let said = from(&server, link.path(), "203.0.113.9").await;
        if said.status != 200 {
            break said;
        }
        opened += 1;
    };
    assert_eq!((opened, wait(&refused)), (600, 1));
    // Whoever holds the link, from wherever; the host has one of their own.
    assert_eq!(from(&server, link.path(), "198.51.100.7").await.status, 429);
    let host: url::Url = made["host_link"].as_str().unwrap().parse().unwrap();
    assert_eq!(from(&server, host.path(), "203.0.113.9").await.status, 200);

    let mut called = 0;
    let refused = loop {
        let said = server.get("/v1/tenant").await;
        if said.status != 200 {
            break said;
        }
        called += 1;
        assert!(called <= 500, "the limit is never reached");
    };
    assert_eq!((refused.problem(429), wait(&refused)), ("too_many_requests", 1));
    let stranger = server.stranger().await;
    server.ask(Method::GET, "/v1/tenant").key(&stranger).send().await.ok();
    server.clock.advance(Duration::from_secs(1));
    for _ in 0..100 {
        server.get("/v1/tenant").await.ok();
    }
    assert_eq!(server.get("/v1/tenant").await.status, 429);
    server.stop().await;
}

async fn off(url: String) {
    let server = Server::start(&url).await;
    for number in 0..GUESSES + 10 {
        assert_eq!(server.get(&guess(number)).await.status, 404);
    }
    server.stop().await;
}
