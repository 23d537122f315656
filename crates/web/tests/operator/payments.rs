//! What was paid and did not settle it is shown to the person who decides.

use roomkey_core::booking::Status;
use roomkey_store::{Reference, both_databases};
use roomkey_web::desk::{ServiceAsked, change_service_in, hold_service_in};
use serde_json::{Value, json};

use crate::practice::{NOW, Practice};

both_databases! {
    money_that_settles_nothing_is_shown_where_it_is_decided = decided;
}

/// Says at a stand-in for Stripe that it was paid.
async fn pay(practice: &Practice, payload: Value) {
    let sandbox = roomkey_sandbox::start(roomkey_sandbox::Settings {
        listen: "127.0.0.1:0".parse().expect("an address"),
        smtp_listen: "127.0.0.1:0".parse().expect("an address"),
        public_url: None,
        zoom_event_url: None,
        zoom_secret: None,
    })
    .await
    .expect("a sandbox");
    let order = json!({
        "vendor": "stripe", "event": "checkout.session.completed", "secret": "whsec_installation",
        "url": format!("{}/hooks/stripe/{}", practice.url, practice.tenant.id()),
        "timestamp": NOW.as_micros() / 1_000_000, "payload": payload,
    });
    let url = sandbox.url().join("/_sandbox/webhooks").expect("an address");
    let sent = practice.client.post(url).json(&order).send().await.expect("an answer");
    let said: Value = sent.json().await.expect("JSON");
    assert_eq!(said["answers"][0]["status"], 200, "{said}");
    practice.app.see_to_payments().await.expect("seen to");
    sandbox.stop().await;
}

/// From now on the practice's service is paid first.
async fn paid_first(practice: &Practice) {
    let (given, tenant, service) = (practice.app.desk.clone(), practice.tenant, practice.service);
    let changed = practice.app.desk.change(move |tx| {
        let desk = given.clone();
        Box::pin(async move {
            let asked = ServiceAsked { requires_payment: Some(true), ..ServiceAsked::default() };
            let reference = Reference::Id(service);
            let held = hold_service_in(tx, &desk, tenant, &reference, &asked).await?;
            change_service_in(tx, &desk, tenant, held.expect("there"), &asked).await
        })
    });
    changed.await.expect("changed");
}

async fn decided(url: String) {
    let practice = Practice::open(&url).await;
    paid_first(&practice).await;
    let id = practice.booking().await;
    let page = format!("/operator/bookings/{id}");
    let quiet = practice.get("/operator").await;
    assert!(!quiet.html.contains("Needs you"), "what waits for money needs nobody here");
    pay(&practice, json!({"client_reference_id": id.to_string(), "payment_intent": "pi_1"})).await;
    let reason = "A payment names this booking only by its client_reference_id";
    let today = practice.get("/operator").await;
    assert!(today.html.contains("Needs you") && today.html.contains(reason), "{}", today.html);
    let shown = practice.get(&page).await;
    for words in ["50.00 EUR, to be looked at", reason, "Waiting for payment", "Stripe"] {
        assert!(shown.html.contains(words), "{words} is not in {}", shown.html);
    }
    let done = practice.send(&page, &format!("{page}/confirm"), &[]).await;
    assert_eq!(done.leads_to(), page);
    assert_eq!(practice.record(id).await.booking.status, Status::Confirmed);
    let today = practice.get("/operator").await;
    assert!(!today.html.contains(reason), "nothing is left to decide");

    // What settles it needs nobody.
    let id = practice.booking().await;
    let metadata = json!({"roomkey_booking_id": id.to_string()});
    pay(&practice, json!({"metadata": metadata, "payment_intent": "pi_2"})).await;
    assert_eq!(practice.record(id).await.booking.status, Status::Confirmed);
    let shown = practice.get(&format!("/operator/bookings/{id}")).await;
    for words in ["50.00 EUR, paid", "50.00 EUR came in.", "Confirmed the booking."] {
        assert!(shown.html.contains(words), "{words} is not in {}", shown.html);
    }
    practice.close().await;
}
