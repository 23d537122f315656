//! A booking that is paid for gets its one room in the way of every other.

use std::time::Duration;

use roomkey_store::both_databases;
use serde_json::{Value, json};

use crate::practice::{Practice, Session};

both_databases! {
    a_payment_makes_exactly_one_room = one_room;
}

/// Says at the stand-in for Stripe that it was paid, so many times over.
async fn pay(practice: &Practice, order: Value) {
    let tenant = practice.get("/v1/tenant").await;
    let mut whole = json!({
        "vendor": "stripe", "secret": "whsec_installation", "times": 2,
        "url": tenant["stripe_webhook_url"],
        "timestamp": practice.clock.now().as_micros() / 1_000_000,
    });
    for (member, value) in order.as_object().unwrap() {
        whole[member] = value.clone();
    }
    let said = practice.control("/webhooks", whole).await;
    assert!(said["answers"].as_array().unwrap().iter().all(|it| it["status"] == 200), "{said}");
    practice.app.see_to_payments().await.unwrap();
    practice.work().await;
}

/// How many meetings there are at Zoom.
async fn meetings(practice: &Practice) -> usize {
    let state = practice.sandbox("/state").await;
    state["zoom"]["accounts"][0]["meetings"].as_array().unwrap().len()
}

async fn one_room(url: String) {
    let practice = Practice::open(&url).await;
    let service = json!({
        "external_id": "paid", "name": "Paid lesson", "duration_minutes": 60,
        "requires_payment": true, "price": {"amount": 5000, "currency": "eur"},
    });
    practice.post("/v1/services", service).await;
    let start = practice.clock.now().floor_second().plus(Duration::from_secs(24 * 60 * 60));
    let asked = json!({
        "service": "ext:paid", "host": "ext:rui", "start": start.to_string(),
        "guests": [{"name": "Ana Sousa", "email": "ana@example.org"}],
    });
    let made = practice.post("/v1/bookings", asked).await;
    practice.work().await;
    let session = Session { practice: &practice, id: made["id"].as_str().unwrap().to_owned() };
    assert_eq!((session.status().await.as_str(), meetings(&practice).await), ("pending", 0));

    let checkout = json!({
        "event": "checkout.session.completed", "booking": made["id"],
        "payload": {"payment_intent": "pi_1"},
    });
    let intent = json!({
        "event": "payment_intent.succeeded", "booking": made["id"], "payload": {"id": "pi_1"},
    });
    for order in [checkout.clone(), intent, checkout.clone()] {
        pay(&practice, order).await;
        let shown = session.get().await;
        assert_eq!(
            (&shown["status"], &shown["meeting"]["status"], &shown["payment"]["status"]),
            (&json!("confirmed"), &json!("active"), &json!("paid"))
        );
        assert_eq!(meetings(&practice).await, 1);
    }
    assert_eq!(session.count("booking.confirmed").await, 1);

    // What was cancelled loses its room and does not get it back.
    practice.post(&format!("/v1/bookings/{}/cancel", session.id), json!({})).await;
    practice.work().await;
    assert_eq!(meetings(&practice).await, 0);
    pay(&practice, checkout).await;
    assert_eq!((session.status().await.as_str(), meetings(&practice).await), ("cancelled", 0));
    practice.close().await;
}
