//! Lists: stretches, filters, and the feed.

use roomkey_store::both_databases;
use serde_json::{Value, json};

use crate::server::{Server, path_of};

both_databases! {
    a_list_is_read_in_stretches = stretches;
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
    server.stop().await;
}
