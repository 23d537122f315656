//! Lists: stretches, filters, and the feed.

use std::time::Duration;

use roomkey_core::booking::Mode;
use roomkey_core::id::{BookingId, HostId, MessageId, PersonId};
use roomkey_core::told::{Occasion, Statement};
use roomkey_store::message::{self, Message, State};
use roomkey_store::{Priority, StoreError, both_databases};
use serde_json::{Value, json};

use crate::server::{NOW, Server, path_of};

both_databases! {
    a_list_is_read_in_stretches = stretches;
    what_belongs_to_a_booking_or_a_tenant_is_read_in_stretches = parts;
    a_list_is_narrowed = filters;
    parameters_are_read_strictly = strict;
}

fn ids(list: &Value) -> Vec<String> {
    let data = list["data"].as_array().unwrap();
    data.iter().map(|it| it["id"].as_str().unwrap().to_owned()).collect()
}

async fn stretches(url: String) {
    let server = Server::start(&url).await;
    let mut made = Vec::new();
    for _ in 0..5 {
        made.push(server.book(json!({})).await["id"].as_str().unwrap().to_owned());
    }
    let (mut seen, mut path) = (Vec::new(), "/v1/bookings?limit=2".to_owned());
    loop {
        let list = server.get(&path).await.ok();
        seen.extend(ids(&list));
        // What is made meanwhile does not move the stretches.
        server.book(json!({})).await;
        match list["next_cursor"].as_str() {
            Some(cursor) => path = format!("/v1/bookings?limit=2&cursor={cursor}"),
            None => break,
        }
    }
    for id in &made {
        assert_eq!(seen.iter().filter(|it| *it == id).count(), 1);
    }
    let hosts = server.get("/v1/hosts?limit=1").await.ok();
    assert_eq!(hosts["data"].as_array().unwrap().len(), 1);
    assert!(hosts["next_cursor"].is_string());
    server.stop().await;
}

/// A list, read one by one.
async fn one_by_one(server: &Server, path: &str) -> Vec<Value> {
    let (mut seen, mut next) = (Vec::new(), format!("{path}?limit=1"));
    loop {
        let list = server.get(&next).await.ok();
        let data = list["data"].as_array().unwrap();
        assert!(data.len() <= 1, "{next} {list}");
        seen.extend_from_slice(data);
        match list["next_cursor"].as_str() {
            Some(cursor) => next = format!("{path}?limit=1&cursor={cursor}"),
            None => return seen,
        }
    }
}

/// A message to each guest, two at each moment. No engine runs that would write one.
async fn write_to_guests(server: &Server, made: &Value) {
    let id = |value: &Value| value.as_str().unwrap().to_owned();
    let booking: BookingId = id(&made["id"]).parse().unwrap();
    let host: HostId = id(&made["host"]).parse().unwrap();
    let guests = made["guests"].as_array().unwrap().iter();
    let guests: Vec<PersonId> = guests.map(|it| id(&it["id"]).parse().unwrap()).collect();
    let tenant = server.tenant;
    let written: Result<(), StoreError> = server
        .app
        .store()
        .write(Priority::Interactive, move |tx| {
            let guests = guests.clone();
            Box::pin(async move {
                for (number, person) in (0_u8..).zip(guests) {
                    let at = NOW.plus(Duration::from_secs(u64::from(number / 2)));
                    let statement = Statement {
                        on: true,
                        start: NOW,
                        end: NOW.plus(Duration::from_secs(3600)),
                        title: "Algebra".to_owned(),
                        mode: Mode::Online,
                        host,
                        host_name: "Rui Costa".to_owned(),
                        link: 0,
                    };
                    let message = Message {
                        id: MessageId::new(at, [number; 10]),
                        booking,
                        person,
                        occasion: Occasion::Confirmation,
                        statement,
                        sequence: 0,
                        message_id: format!("{number}@practice.example"),
                        sealed: Vec::new(),
                        state: State::Queued,
                        created_at: at,
                        next_at: at,
                        sending_until: None,
                        attempts: 1,
                        settled_at: None,
                        trouble: None,
                    };
                    message::insert(tx, tenant, &message).await?;
                }
                Ok(())
            })
        })
        .await;
    written.unwrap();
}

async fn parts(url: String) {
    let server = Server::start(&url).await;
    let guests: Vec<_> = (0..4).map(|it| json!({"name": format!("Guest {it}")})).collect();
    let made = server.book(json!({"guests": guests})).await;
    let path = path_of(&made);
    for notes in ["one", "two", "three"] {
        server.patch(&path, json!({"notes": notes})).await.ok();
    }
    for number in 0..3 {
        let zoom = json!({
            "provider": "zoom", "kind": "server_to_server", "account_id": format!("acc-{number}"),
            "client_id": "client", "client_secret": "secret",
        });
        server.post("/v1/connections", zoom).await.ok();
        let app = json!({
            "provider": "zoom", "client_id": format!("client-{number}"), "client_secret": "secret",
        });
        server.post("/v1/apps", app).await.ok();
        server.clock.advance(Duration::from_secs(1));
    }
    write_to_guests(&server, &made).await;
    let (events, guests) = (format!("{path}/events"), format!("{path}/guests"));
    let messages = format!("{path}/messages");
    for (path, least) in
        [(&*events, 4), (&*guests, 4), (&*messages, 4), ("/v1/connections", 3), ("/v1/apps", 3)]
    {
        let whole = server.get(path).await.ok();
        assert_eq!(whole["next_cursor"], Value::Null, "{path}");
        let whole = whole["data"].as_array().unwrap().clone();
        assert!(whole.len() >= least, "{path} {}", whole.len());
        assert_eq!(one_by_one(&server, path).await, whole, "{path}");
    }
    let listed = server.get(&guests).await.ok();
    assert_eq!(listed["data"], made["guests"], "in the booking's order");
    let seqs: Vec<_> = one_by_one(&server, &events).await;
    assert!(seqs.windows(2).all(|it| it[0]["seq"].as_i64() >= it[1]["seq"].as_i64()));
    let apps = server.get("/v1/apps").await.ok();
    assert_eq!(apps["data"][0]["client_id"], "client-2", "newest first");
    server.stop().await;
}

async fn filters(url: String) {
    let server = Server::start(&url).await;
    let first = server.book(json!({"title": "Fractions"})).await;
    let guest = json!([{"name": "Bea Lopes", "email": "Bea@Example.org"}]);
    let second = json!({"host": "ext:eva", "start": "2027-04-01T10:00:00Z", "guests": guest});
    let second = server.book(second).await;
    server.post(&format!("{}/cancel", path_of(&first)), json!({})).await.ok();
    let (first, second) = (first["id"].as_str().unwrap(), second["id"].as_str().unwrap());
    for (query, found) in [
        ("status=cancelled", vec![first]),
        ("status=pending", vec![]),
        ("host=ext:eva", vec![second]),
        ("host=ext:nobody", vec![]),
        ("from=2027-03-15T00:00:00Z", vec![second]),
        ("to=2027-03-15T00:00:00%2B01:00", vec![first]),
        ("guest_email=bea@example.org", vec![second]),
        ("q=fract", vec![first]),
        ("q=lopes", vec![second]),
        ("provider=zoom", vec![]),
        ("changed_since=1000", vec![]),
    ] {
        let list = server.get(&format!("/v1/bookings?{query}")).await.ok();
        assert_eq!(ids(&list), found, "{query}");
    }
    // What a database takes for a pattern is a character like any other.
    let percent = server.book(json!({"title": "Sale! 50% off_season \\o/"})).await;
    let percent = percent["id"].as_str().unwrap();
    for (query, found) in [
        ("q=%25", vec![percent]),
        ("q=_", vec![percent]),
        ("q=!", vec![percent]),
        ("q=%5C", vec![percent]),
        ("q=50%25%20OFF_", vec![percent]),
        ("q=5%25off", vec![]),
        ("q=fr_ctions", vec![]),
        ("q=!!", vec![]),
    ] {
        let list = server.get(&format!("/v1/bookings?{query}")).await.ok();
        assert_eq!(ids(&list), found, "{query}");
    }
    server.post(&format!("/v1/bookings/{percent}/cancel"), json!({})).await.ok();
    let both = server.get("/v1/bookings?status=confirmed&service=ext:algebra").await.ok();
    assert_eq!(ids(&both), [second]);
    let feed = server.get("/v1/events?after=0").await.ok();
    assert_eq!(feed, json!({"data": [], "next_after": 0}));
    server.stop().await;
}

async fn strict(url: String) {
    let server = Server::start(&url).await;
    let query = "limit=0&cursor=x&status=gone&from=today&colour=red&host=ten_1";
    let refused = server.get(&format!("/v1/bookings?{query}")).await;
    assert_eq!(refused.problem(400), "invalid_query");
    assert_eq!(refused.pointers(), ["colour", "cursor", "from", "host", "limit", "status"]);
    let path = path_of(&server.book(json!({})).await);
    for list in ["events", "attempts", "messages", "recordings", "guests"]
        .map(|it| format!("{path}/{it}"))
        .into_iter()
        .chain(["/v1/connections".to_owned(), "/v1/apps".to_owned()])
    {
        let refused = server.get(&format!("{list}?limit=201&cursor=bm8&colour=red")).await;
        assert_eq!(refused.problem(400), "invalid_query", "{list}");
        assert_eq!(refused.pointers(), ["colour", "cursor", "limit"], "{list}");
    }
    let refused = server.get(&format!("{path}/attendance?limit=1")).await;
    assert_eq!(refused.problem(400), "invalid_query");
    assert_eq!(refused.pointers(), ["limit"]);
    server.stop().await;
}
