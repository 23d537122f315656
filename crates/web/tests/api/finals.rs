//! What is cancelled or over: it comes back on purpose only, and still takes what its source knows.

use std::time::Duration;

use reqwest::Method;
use roomkey_store::both_databases;
use serde_json::{Value, json};

use crate::server::{Said, Server, booking, path_of};

both_databases! {
    what_ended_comes_back_on_purpose_only = back;
    the_same_again_revives_nothing_whoever_asks = same;
    what_is_cancelled_takes_its_sources_changes = cancelled;
    what_is_over_takes_all_but_a_time_ahead = over;
    a_session_that_was_over_when_it_came_needs_no_room = past;
}

/// When a session of the tests has begun.
const BEGUN: &str = "2027-03-01T15:05:00Z";
const PATH: &str = "/v1/bookings/ext:ord-1";
const ENDINGS: [(&str, &str); 3] =
    [("cancel", "cancelled"), ("complete", "completed"), ("no-show", "no_show")];

async fn with(server: &Server, method: Method, path: &str, tag: &str, body: &Value) -> Said {
    let ask = server.ask(method, path).header("If-Match", tag);
    ask.body(body.clone()).send().await
}

async fn back(url: String) {
    let server = Server::start(&url).await;
    let on = booking(json!({"status": "confirmed"}));
    for (verb, status) in ENDINGS {
        // By PUT, where the source never said so before; and by PATCH.
        let made = server.book(json!({})).await;
        let path = path_of(&made);
        server.clock.advance_to(BEGUN.parse().unwrap());
        server.post(&format!("{path}/{verb}"), json!({})).await.ok();
        for (method, body) in [(Method::PUT, &on), (Method::PATCH, &json!({"status": "confirmed"}))]
        {
            let said = server.ask(method.clone(), &path).body(body.clone()).send().await;
            assert_eq!(said.problem(428), "if_match_required", "{method} {verb}");
            assert_eq!(server.get(&path).await.ok()["status"], status);
            let wrong = with(&server, method.clone(), &path, "\"1\"", body).await;
            assert_eq!(wrong.problem(412), "version_mismatch", "{method} {verb}");
            for tag in ["*", "present"] {
                // A source that said it before means nothing by it: it says something else between.
                let off = json!({"status": status});
                if method == Method::PUT {
                    server.put(&path, booking(off)).await.ok();
                }
                let version = server.get(&path).await.ok()["version"].clone();
                let tag = if tag == "*" { tag.to_owned() } else { format!("\"{version}\"") };
                let back = with(&server, method.clone(), &path, &tag, body).await.ok();
                assert_eq!(back["status"], "confirmed", "{method} {verb} {tag}");
                server.post(&format!("{path}/{verb}"), json!({})).await.ok();
            }
        }
        // What stays as it is needs no such word.
        let noted = server.patch(&path, json!({"status": status, "notes": "seen"})).await.ok();
        assert_eq!((&noted["status"], &noted["notes"]), (&json!(status), &json!("seen")));
    }
    server.stop().await;
}

async fn same(url: String) {
    let server = Server::start(&url).await;
    let on = booking(json!({"status": "confirmed"}));
    for (place, (verb, status)) in ENDINGS.into_iter().enumerate() {
        let path = format!("/v1/bookings/ext:same-{place}");
        server.put(&path, on.clone()).await.ok();
        server.clock.advance_to(BEGUN.parse().unwrap());
        let ended = server.post(&format!("{path}/{verb}"), json!({})).await.ok();
        let tag = format!("\"{}\"", ended["version"]);
        for tag in [None, Some("*"), Some(tag.as_str())] {
            let again = match tag {
                Some(tag) => with(&server, Method::PUT, &path, tag, &on).await.ok(),
                None => server.put(&path, on.clone()).await.ok(),
            };
            assert_eq!((&again["status"], &again["version"]), (&json!(status), &ended["version"]));
        }
    }
    server.stop().await;
}

async fn cancelled(url: String) {
    let server = Server::start(&url).await;
    let made = server.put(PATH, booking(json!({}))).await.ok();
    server.post(&format!("{PATH}/cancel"), json!({})).await.ok();
    let moved = json!({"start": "2027-05-01T15:00:00Z", "host": "ext:eva", "notes": "late"});
    let taken = server.put(PATH, booking(moved)).await.ok();
    assert_eq!(taken["status"], "cancelled");
    assert_eq!(
        (&taken["start"], &taken["notes"]),
        (&json!("2027-05-01T15:00:00Z"), &json!("late"))
    );
    assert_ne!(taken["host"], made["host"]);
    assert_eq!(taken["meeting"]["status"], "cancelled");
    let off = json!({"start": "2027-06-01T15:00:00Z", "status": "cancelled"});
    let off = server.put(PATH, booking(off)).await.ok();
    assert_eq!(
        (&off["status"], &off["start"]),
        (&json!("cancelled"), &json!("2027-06-01T15:00:00Z"))
    );
    // An order is another thing: nobody moves what does not take place.
    let order = json!({"start": "2027-07-01T15:00:00Z"});
    for said in [
        server.post(&format!("{PATH}/reschedule"), order.clone()).await,
        server.patch(PATH, order).await,
    ] {
        assert_eq!(said.problem(409), "booking_cancelled");
    }
    server.stop().await;
}

async fn over(url: String) {
    let server = Server::start(&url).await;
    for verb in ["complete", "no-show"] {
        let path = format!("/v1/bookings/ext:over-{verb}");
        let first = json!({"start": "2027-01-20T15:00:00Z"});
        server.put(&path, booking(first)).await.ok();
        server.clock.advance_to("2027-01-22T12:00:00Z".parse().unwrap());
        let ended = server.post(&format!("{path}/{verb}"), json!({})).await.ok();
        // It was at another time, as its source now knows.
        let corrected = json!({"start": "2027-01-20T17:00:00Z", "notes": "late"});
        let corrected = server.put(&path, booking(corrected)).await.ok();
        assert_eq!(corrected["status"], ended["status"]);
        assert_eq!(
            (&corrected["start"], &corrected["notes"]),
            (&json!("2027-01-20T17:00:00Z"), &json!("late"))
        );
        // It cannot lie ahead: nobody would make a room for it.
        let ahead = json!({"start": "2027-02-20T17:00:00Z", "notes": "later"});
        let refused = server.put(&path, booking(ahead.clone())).await;
        assert_eq!(refused.problem(409), "booking_over");
        assert_eq!(refused.pointers(), ["/end", "/start"]);
        assert_eq!(server.get(&path).await.ok()["notes"], "late", "nothing of it was taken");
        // On purpose it comes back, and is moved in the same call.
        let mut on = booking(ahead);
        on["status"] = json!("confirmed");
        let back = with(&server, Method::PUT, &path, "*", &on).await.ok();
        assert_eq!(
            (&back["status"], &back["start"]),
            (&json!("confirmed"), &json!("2027-02-20T17:00:00Z"))
        );
        server.clock.advance_to("2027-01-22T12:00:00Z".parse().unwrap());
    }
    server.stop().await;
}

async fn past(url: String) {
    let server = Server::start(&url).await;
    server.clock.advance(Duration::from_secs(60));
    for status in ["completed", "no_show"] {
        let made = json!({"start": "2026-12-01T15:00:00Z", "status": status});
        let made = server.book(made).await;
        assert_eq!(
            (&made["status"], &made["meeting"]["status"]),
            (&json!(status), &json!("not_needed"))
        );
    }
    server.stop().await;
}
