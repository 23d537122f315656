//! Payments, told by a stand-in for Stripe over HTTP, signed as Stripe signs: what confirms a
//! booking, what is left for a person, and what is none of this tenant's business.

use std::time::Duration;

use reqwest::Method;
use roomkey_sandbox::Sandbox;
use roomkey_store::both_databases;
use serde_json::{Value, json};

use crate::server::{NOW, Server, booking, path_of};

both_databases! {
    a_payment_confirms_once_however_often_it_is_told = once;
    what_is_not_the_price_is_left_for_a_person = mismatch;
    what_a_buyer_may_have_chosen_needs_a_price = chosen_by_anybody;
    what_was_cancelled_stays_so_whatever_is_said_again = cancelled;
    who_is_paid_for_and_not_let_in_is_shown = full;
    money_does_not_stand_for_the_hosts_word = approval;
    what_came_to_nothing_is_told_and_changes_nothing = nothing;
    what_comes_when_the_time_has_passed_confirms_nothing = late;
    one_tenants_secret_pays_for_no_other = apart;
    the_installations_secret_serves_who_has_none = shared;
    what_is_not_signed_in_time_by_the_right_secret_is_refused = refused;
    a_new_secret_leaves_the_one_before_until_it_is_forgotten = rotated;
    a_price_is_read_member_by_member = prices;
    what_names_no_booking_is_not_kept = dropped;
}

const SECRET: &str = "whsec_practice";

/// A sandbox that says who paid.
struct Stripe(Sandbox);

impl Stripe {
    async fn start() -> Self {
        let started = roomkey_sandbox::start(roomkey_sandbox::Settings {
            listen: "127.0.0.1:0".parse().unwrap(),
            smtp_listen: "127.0.0.1:0".parse().unwrap(),
            public_url: None,
            zoom_event_url: None,
            zoom_secret: None,
        });
        Self(started.await.unwrap())
    }

    /// Sends an event to an address, and answers the statuses that came back.
    async fn send(&self, server: &Server, address: &str, other: Value) -> Vec<u64> {
        let mut order = json!({
            "vendor": "stripe", "event": "checkout.session.completed", "secret": SECRET,
            "url": format!("{}/hooks/stripe/{address}", server.url),
            "timestamp": NOW.as_micros() / 1_000_000,
        });
        for (member, value) in other.as_object().unwrap() {
            order[member] = value.clone();
        }
        let url = self.0.url().join("/_sandbox/webhooks").unwrap();
        let sent = server.client().post(url).json(&order).send().await.unwrap();
        let status = sent.status();
        let text = sent.text().await.unwrap();
        assert!(status.is_success(), "{text}");
        let said: Value = serde_json::from_str(&text).unwrap();
        let answers = said["answers"].as_array().unwrap();
        answers.iter().map(|it| it["status"].as_u64().unwrap()).collect()
    }

    /// Tells this tenant of a payment, and has it seen to.
    async fn pay(&self, server: &Server, other: Value) {
        let said = self.send(server, &server.tenant.id().to_string(), other).await;
        assert!(said.iter().all(|it| *it == 200), "{said:?}");
        server.app.see_to_payments().await.unwrap();
    }
}

/// A tenant that is paid for its algebra; with members of the service instead.
async fn open(url: &str, other: Value) -> (Server, Stripe) {
    let (server, stripe) = (Server::start(url).await, Stripe::start().await);
    let secret = json!({"stripe_webhook_secret": SECRET});
    server.patch("/v1/tenant", secret).await.ok();
    let mut service = json!({"requires_payment": true});
    for (member, value) in other.as_object().unwrap() {
        service[member] = value.clone();
    }
    server.patch("/v1/services/ext:algebra", service).await.ok();
    (server, stripe)
}

async fn close(server: Server, stripe: Stripe) {
    stripe.0.stop().await;
    server.stop().await;
}

async fn once(url: String) {
    let (server, stripe) = open(&url, json!({})).await;
    let made = server.book(json!({"external_id": "ord-1"})).await;
    assert_eq!((&made["status"], &made["awaiting"]), (&json!("pending"), &json!("payment")));
    assert_eq!(made["payment"], Value::Null);
    let told = json!({"booking": made["id"], "id": "evt_1", "times": 3, "payload": {"payment_intent": "pi_1"}});
    stripe.pay(&server, told).await;
    let paid = server.get(&path_of(&made)).await.ok();
    assert_eq!((&paid["status"], &paid["version"]), (&json!("confirmed"), &json!(2)));
    assert_eq!(
        paid["payment"],
        json!({
            "status": "paid", "at": NOW.to_string(), "amount": 5000, "currency": "eur",
            "reference": "pi_1", "reason": null,
        })
    );
    // The same payment, told in another way and by the platform's own id; and by another event.
    let intent = json!({
        "event": "payment_intent.succeeded", "booking": "ext:ord-1", "payload": {"id": "pi_1"},
    });
    stripe.pay(&server, intent).await;
    stripe
        .pay(&server, json!({"booking": made["id"], "payload": {"payment_intent": "pi_1"}}))
        .await;
    let events = ["booking.created", "payment.received", "booking.confirmed"];
    assert_eq!(server.events(&made).await, events);
    let actors = server.get(&format!("{}/events", path_of(&made))).await.ok();
    assert_eq!(
        (&actors["data"][0]["actor"], &actors["data"][1]["actor"]),
        (&json!("payment"), &json!("payment"))
    );
    assert_eq!(actors["data"][1]["data"]["reference"], "pi_1");
    assert_eq!(server.get(&path_of(&made)).await.ok()["seq"], paid["seq"], "nothing more happened");
    // Another payment for what is paid is told, and shown as what it is.
    stripe
        .pay(&server, json!({"booking": made["id"], "payload": {"payment_intent": "pi_2"}}))
        .await;
    let twice = server.get(&path_of(&made)).await.ok();
    assert_eq!((&twice["payment"], &twice["version"]), (&paid["payment"], &json!(2)));
    let told = server.get(&format!("{}/events", path_of(&made))).await.ok();
    assert_eq!(told["data"][0]["type"], "payment.received");
    assert_eq!(told["data"][0]["data"]["reason"]["code"], "paid_before");
    // What the server writes is accepted and ignored.
    let same = server.patch(&path_of(&made), json!({"payment": null})).await.ok();
    assert_eq!(same["payment"], paid["payment"]);
    close(server, stripe).await;
}

async fn mismatch(url: String) {
    let price = json!({"price": {"amount": 5000, "currency": "EUR"}});
    let (server, stripe) = open(&url, price).await;
    let service = server.get("/v1/services/ext:algebra").await.ok();
    assert_eq!(service["price"], json!({"amount": 5000, "currency": "eur"}));
    let made = server.book(json!({})).await;
    for (payload, words) in [
        (json!({"payment_intent": "pi_1", "amount_total": 4999}), "49.99 EUR"),
        (json!({"payment_intent": "pi_2", "currency": "usd"}), "50.00 USD"),
        (
            json!({"payment_intent": "pi_3", "amount_total": 0, "payment_status": "no_payment_required"}),
            "0.00 EUR",
        ),
        (json!({"payment_intent": "pi_4", "amount_total": null}), "nothing"),
    ] {
        stripe.pay(&server, json!({"booking": made["id"], "payload": payload})).await;
        let shown = server.get(&path_of(&made)).await.ok();
        assert_eq!((&shown["status"], &shown["awaiting"]), (&json!("pending"), &json!("payment")));
        assert_eq!(
            (&shown["payment"]["status"], &shown["version"]),
            (&json!("mismatch"), &json!(1))
        );
        let reason = &shown["payment"]["reason"];
        assert_eq!(reason["code"], "payment_differs");
        assert!(reason["message"].as_str().unwrap().contains(words), "{reason}");
    }
    let events = server.events(&made).await;
    assert_eq!(events[0], "booking.created");
    assert_eq!(events[1..], ["payment.mismatch"; 4]);
    // The right amount settles it, and what came before is known.
    let right = json!({"booking": made["id"], "payload": {"payment_intent": "pi_5"}});
    stripe.pay(&server, right).await;
    let paid = server.get(&path_of(&made)).await.ok();
    assert_eq!(
        (&paid["status"], &paid["payment"]["reference"]),
        (&json!("confirmed"), &json!("pi_5"))
    );
    stripe
        .pay(&server, json!({"booking": made["id"], "payload": {"payment_intent": "pi_2"}}))
        .await;
    assert_eq!(server.events(&made).await.len(), 7);

    // Or a person takes it as it is.
    let made = server.book(json!({})).await;
    let little = json!({"booking": made["id"], "payload": {"amount_total": 100}});
    stripe.pay(&server, little).await;
    let done = server.post(&format!("{}/confirm", path_of(&made)), json!({})).await.ok();
    assert_eq!(
        (&done["status"], &done["payment"]["status"]),
        (&json!("confirmed"), &json!("mismatch"))
    );
    assert_eq!(done["payment"]["reason"], Value::Null, "nothing is left to decide");
    close(server, stripe).await;
}

async fn chosen_by_anybody(url: String) {
    let (server, stripe) = open(&url, json!({})).await;
    let made = server.book(json!({})).await;
    let on_a_link = |amount: u64| json!({"payload": {"client_reference_id": made["id"], "payment_intent": "pi_1", "amount_total": amount}});
    stripe.pay(&server, on_a_link(100)).await;
    let shown = server.get(&path_of(&made)).await.ok();
    assert_eq!(
        (&shown["status"], &shown["payment"]["status"]),
        (&json!("pending"), &json!("mismatch"))
    );
    assert_eq!(shown["payment"]["reason"]["code"], "payment_unproven");
    // The same payment, told with what the seller wrote: that is believed.
    let intent = json!({
        "event": "payment_intent.succeeded", "booking": made["id"],
        "payload": {"id": "pi_1", "amount_received": 100},
    });
    stripe.pay(&server, intent).await;
    assert_eq!(server.get(&path_of(&made)).await.ok()["status"], "confirmed");

    // With a price, whoever pays it has paid for the booking.
    let price = json!({"price": {"amount": 5000, "currency": "eur"}});
    server.patch("/v1/services/ext:algebra", price).await.ok();
    let made = server.book(json!({"external_id": "ord-2"})).await;
    let told = |amount: u64, intent: &str| json!({"payload": {"client_reference_id": made["id"], "payment_intent": intent, "amount_total": amount}});
    stripe.pay(&server, told(100, "pi_2")).await;
    let shown = server.get(&path_of(&made)).await.ok();
    assert_eq!(shown["payment"]["reason"]["code"], "payment_differs");
    stripe.pay(&server, told(5000, "pi_3")).await;
    assert_eq!(server.get(&path_of(&made)).await.ok()["status"], "confirmed");
    // What the seller says goes before what the buyer says.
    let other = server.book(json!({})).await;
    let both = json!({"booking": "ext:nobody", "payload": {"client_reference_id": other["id"]}});
    stripe.pay(&server, both).await;
    assert_eq!(server.get(&path_of(&other)).await.ok()["payment"], Value::Null);
    close(server, stripe).await;
}

async fn cancelled(url: String) {
    let (server, stripe) = open(&url, json!({})).await;
    let made = server.book(json!({})).await;
    let told = json!({"booking": made["id"], "id": "evt_1", "payload": {"payment_intent": "pi_1"}});
    stripe.pay(&server, told.clone()).await;
    server.post(&format!("{}/cancel", path_of(&made)), json!({})).await.ok();
    let before = server.get(&path_of(&made)).await.ok();
    stripe.pay(&server, told).await;
    // The same payment under another event's id, as when somebody sends it again by hand much later.
    stripe
        .pay(&server, json!({"booking": made["id"], "payload": {"payment_intent": "pi_1"}}))
        .await;
    let after = server.get(&path_of(&made)).await.ok();
    assert_eq!((&after["status"], &after["seq"]), (&json!("cancelled"), &before["seq"]));

    // Money for what was cancelled before it came is written down, and brings nothing back.
    let made = server.book(json!({})).await;
    server.post(&format!("{}/cancel", path_of(&made)), json!({})).await.ok();
    stripe.pay(&server, json!({"booking": made["id"]})).await;
    let shown = server.get(&path_of(&made)).await.ok();
    assert_eq!(
        (&shown["status"], &shown["payment"]["status"]),
        (&json!("cancelled"), &json!("paid"))
    );
    assert_eq!(shown["payment"]["reason"]["code"], "booking_cancelled");
    let back = server.post(&format!("{}/reopen", path_of(&made)), json!({})).await.ok();
    assert_eq!((&back["status"], &back["payment"]["reason"]), (&json!("confirmed"), &Value::Null));
    close(server, stripe).await;
}

async fn full(url: String) {
    let (server, stripe) = open(&url, json!({})).await;
    let zoom = json!({
        "provider": "zoom", "kind": "server_to_server", "account_id": "acc-1",
        "client_id": "client-1", "client_secret": "secret-1", "seats": ["seat1@practice.example"],
    });
    let connection = server.post("/v1/connections", zoom).await.ok();
    let uses = format!("seats:{}", connection["id"].as_str().unwrap());
    let route = json!([{"use": uses, "provider": "zoom"}]);
    server.patch("/v1/services/ext:algebra", json!({"route": route})).await.ok();
    let (first, second) = (server.book(json!({})).await, server.book(json!({})).await);
    for made in [&first, &second] {
        stripe.pay(&server, json!({"booking": made["id"]})).await;
    }
    assert_eq!(server.get(&path_of(&first)).await.ok()["status"], "confirmed");
    let shown = server.get(&path_of(&second)).await.ok();
    assert_eq!(
        (&shown["status"], &shown["payment"]["status"]),
        (&json!("pending"), &json!("paid"))
    );
    assert_eq!(shown["payment"]["reason"]["code"], "seats_full");
    let words = shown["payment"]["reason"]["message"].as_str().unwrap();
    assert!(words.starts_with("It was paid, and could not be confirmed."), "{words}");
    assert_eq!(server.events(&second).await, ["booking.created", "payment.received"]);
    // Once there is a seat, a person confirms it.
    server.post(&format!("{}/cancel", path_of(&first)), json!({})).await.ok();
    let done = server.post(&format!("{}/confirm", path_of(&second)), json!({})).await.ok();
    assert_eq!((&done["status"], &done["payment"]["reason"]), (&json!("confirmed"), &Value::Null));
    close(server, stripe).await;
}

async fn approval(url: String) {
    let (server, stripe) = open(&url, json!({"requires_approval": true})).await;
    let made = server.book(json!({})).await;
    assert_eq!(made["awaiting"], "payment");
    stripe.pay(&server, json!({"booking": made["id"]})).await;
    let paid = server.get(&path_of(&made)).await.ok();
    assert_eq!((&paid["status"], &paid["awaiting"]), (&json!("pending"), &json!("approval")));
    assert_eq!(
        (&paid["payment"]["status"], &paid["payment"]["reason"]),
        (&json!("paid"), &Value::Null)
    );
    let done = server.post(&format!("{}/confirm", path_of(&made)), json!({})).await.ok();
    assert_eq!(done["status"], "confirmed");
    close(server, stripe).await;
}

async fn nothing(url: String) {
    let (server, stripe) = open(&url, json!({})).await;
    let made = server.book(json!({})).await;
    for event in ["checkout.session.expired", "checkout.session.async_payment_failed"] {
        stripe.pay(&server, json!({"booking": made["id"], "event": event})).await;
    }
    // Done, and by a method that takes its time.
    let unpaid = json!({"booking": made["id"], "payload": {"payment_status": "unpaid", "payment_intent": "pi_9"}});
    stripe.pay(&server, unpaid).await;
    let shown = server.get(&path_of(&made)).await.ok();
    assert_eq!((&shown["status"], &shown["payment"]), (&json!("pending"), &Value::Null));
    let told = ["booking.created", "payment.expired", "payment.failed"];
    assert_eq!(server.events(&made).await, told);
    let late = json!({
        "booking": made["id"], "event": "checkout.session.async_payment_succeeded",
        "payload": {"payment_intent": "pi_9"},
    });
    stripe.pay(&server, late).await;
    assert_eq!(server.get(&path_of(&made)).await.ok()["status"], "confirmed");
    // What runs out afterwards is of no interest.
    stripe.pay(&server, json!({"booking": made["id"], "event": "checkout.session.expired"})).await;
    assert_eq!(server.events(&made).await.len(), 5);
    close(server, stripe).await;
}

async fn late(url: String) {
    let (server, stripe) = open(&url, json!({})).await;
    let start = NOW.plus(Duration::from_secs(3_600));
    let made = server.book(json!({"start": start.to_string()})).await;
    server.clock.advance_to(start.plus(Duration::from_secs(3_600)));
    let now = server.app.now().as_micros() / 1_000_000;
    stripe.pay(&server, json!({"booking": made["id"], "timestamp": now})).await;
    let shown = server.get(&path_of(&made)).await.ok();
    assert_eq!(
        (&shown["status"], &shown["payment"]["status"]),
        (&json!("pending"), &json!("paid"))
    );
    assert_eq!(shown["payment"]["reason"]["code"], "booking_over");
    close(server, stripe).await;
}

/// Another tenant's key, and its tenant's id, with a booking like ours that waits for money.
async fn neighbour(server: &Server) -> (String, String, Value) {
    let key = server.stranger().await;
    let ask = |method, path: &str, body| server.ask(method, path).key(&key).body(body);
    let host = json!({
        "external_id": "rui", "name": "Rui", "email": "rui@elsewhere.example",
        "time_zone": "Europe/Lisbon",
    });
    ask(Method::POST, "/v1/hosts", host).send().await.ok();
    let service = json!({
        "external_id": "algebra", "name": "Algebra", "duration_minutes": 60, "requires_payment": true,
    });
    ask(Method::POST, "/v1/services", service).send().await.ok();
    let theirs = booking(json!({"external_id": "ord-1"}));
    let made = ask(Method::POST, "/v1/bookings", theirs).send().await.ok();
    let tenant = ask(Method::GET, "/v1/tenant", json!({})).send().await.ok();
    (key, tenant["id"].as_str().unwrap().to_owned(), made)
}

async fn apart(url: String) {
    let (server, stripe) = open(&url, json!({})).await;
    let ours = server.book(json!({"external_id": "ord-1"})).await;
    let (key, id, theirs) = neighbour(&server).await;
    let status = || async {
        server.ask(Method::GET, &path_of(&theirs)).key(&key).send().await.ok()["status"].clone()
    };
    // At our address their booking is nobody's, whoever it says it is for.
    stripe.pay(&server, json!({"booking": theirs["id"]})).await;
    let named = json!({"payload": {"metadata": {"roomkey_booking_id": theirs["id"], "roomkey_tenant_id": id}}});
    stripe.pay(&server, named).await;
    assert_eq!(status().await, "pending");
    // The same id of the platform's is ours here.
    stripe.pay(&server, json!({"booking": "ext:ord-1"})).await;
    assert_eq!(status().await, "pending");
    assert_eq!(server.get(&path_of(&ours)).await.ok()["status"], "confirmed");
    // At their address our secret signs nothing.
    let order = json!({"booking": theirs["id"]});
    assert_eq!(stripe.send(&server, &id, order).await, [401]);
    // Nor does it at the installation's, for them or for us.
    let order = json!({"payload": {"metadata": {"roomkey_booking_id": theirs["id"], "roomkey_tenant_id": id}}});
    assert_eq!(stripe.send(&server, "default", order).await, [401]);
    server.app.see_to_payments().await.unwrap();
    assert_eq!(status().await, "pending");
    close(server, stripe).await;
}

async fn shared(url: String) {
    let (server, stripe) = open(&url, json!({})).await;
    let ours = server.book(json!({"external_id": "ord-1"})).await;
    let (key, id, theirs) = neighbour(&server).await;
    let status = || async {
        server.ask(Method::GET, &path_of(&theirs)).key(&key).send().await.ok()["status"].clone()
    };
    let tell = |booking: &Value, tenant: Option<&str>| {
        json!({
            "secret": "whsec_installation",
            "payload": {"metadata": {"roomkey_booking_id": booking, "roomkey_tenant_id": tenant}},
        })
    };
    // Everybody's address does not know whose it is unless it is said; and who has a secret of
    // their own is paid by nobody else's.
    let our_id = server.tenant.id().to_string();
    for order in [
        tell(&theirs["id"], None),
        tell(&ours["id"], Some(our_id.as_str())),
        tell(&ours["id"], Some(id.as_str())),
    ] {
        assert_eq!(stripe.send(&server, "default", order).await, [200]);
        server.app.see_to_payments().await.unwrap();
    }
    assert_eq!(stripe.send(&server, &our_id, tell(&ours["id"], None)).await, [401]);
    assert_eq!(status().await, "pending");
    assert_eq!(server.get(&path_of(&ours)).await.ok()["status"], "pending");
    assert_eq!(
        stripe.send(&server, "default", tell(&json!("ext:ord-1"), Some(id.as_str()))).await,
        [200]
    );
    server.app.see_to_payments().await.unwrap();
    assert_eq!(status().await, "confirmed");
    assert_eq!(server.get(&path_of(&ours)).await.ok()["status"], "pending");
    // Their own address takes the installation's secret too, as long as they have none.
    let again = booking(json!({}));
    let made = server.ask(Method::POST, "/v1/bookings").key(&key).body(again).send().await.ok();
    assert_eq!(stripe.send(&server, &id, tell(&made["id"], None)).await, [200]);
    server.app.see_to_payments().await.unwrap();
    let paid = server.ask(Method::GET, &path_of(&made)).key(&key).send().await.ok();
    assert_eq!(paid["status"], "confirmed");
    close(server, stripe).await;
}

async fn refused(url: String) {
    let (server, stripe) = open(&url, json!({})).await;
    let made = server.book(json!({})).await;
    let (id, now) = (server.tenant.id().to_string(), NOW.as_micros() / 1_000_000);
    let thin =
        json!({"id": "evt_1", "object": "v2.core.event", "type": "v1.checkout.session.completed"});
    for (mut order, status) in [
        (json!({"secret": "whsec_other"}), 401),
        (json!({"secret": "practice"}), 401),
        (json!({"signed": false}), 401),
        (json!({"timestamp": now - 301}), 401),
        (json!({"timestamp": now + 61}), 401),
        (json!({"raw": "not json"}), 400),
        (json!({"raw": thin.to_string()}), 400),
        (json!({"raw": "x".repeat(300 * 1024)}), 413),
        (json!({"timestamp": now - 300}), 200),
        (json!({"timestamp": now + 60}), 200),
    ] {
        order["booking"] = made["id"].clone();
        let mut shown = order.to_string();
        shown.truncate(100);
        assert_eq!(stripe.send(&server, &id, order).await, [status], "{shown}");
    }
    for nobodys in [
        "ten_01hq3v8x5cj6tq2x9m4w7r5n1d",
        "ten_00000000000000000000000000",
        "acct_1",
        "con_01hq3v8x5cj6tq2x9m4w7r5n1d",
    ] {
        assert_eq!(stripe.send(&server, nobodys, json!({})).await, [404], "{nobodys}");
    }
    // One vendor's address is no other's.
    let said = server.ask(Method::POST, &format!("/hooks/zoom/{id}")).body(json!({})).send().await;
    assert_eq!(said.problem(404), "not_found");
    let said =
        server.ask(Method::POST, &format!("/hooks/stripe/{id}")).body(json!({})).send().await;
    assert_eq!(said.problem(401), "signature_invalid");
    close(server, stripe).await;
}

async fn rotated(url: String) {
    let (server, stripe) = open(&url, json!({})).await;
    let id = server.tenant.id().to_string();
    let shown = server.get("/v1/tenant").await;
    assert_eq!(shown.body["stripe_webhook_url"], format!("{}/hooks/stripe/{id}", server.url));
    let version = shown.body["version"].as_i64().unwrap();
    assert!(!shown.text.contains("whsec"), "{}", shown.text);
    let wrong = server.patch("/v1/tenant", json!({"stripe_webhook_secret": "sk_live_1"})).await;
    assert_eq!(wrong.pointers(), ["/stripe_webhook_secret"]);
    let changed = server.patch("/v1/tenant", json!({"stripe_webhook_secret": "whsec_new"})).await;
    assert!(!changed.text.contains("whsec"), "{}", changed.text);
    assert_eq!(changed.ok()["version"], version + 1);
    let same = server.patch("/v1/tenant", json!({"stripe_webhook_secret": "whsec_new"})).await.ok();
    assert_eq!(same["version"], version + 1, "what is so already changes nothing");
    let said = |secret: &'static str| {
        let (server, stripe, id) = (&server, &stripe, &id);
        async move { stripe.send(server, id, json!({"secret": secret})).await[0] }
    };
    assert_eq!((said(SECRET).await, said("whsec_new").await), (200, 200));
    server.patch("/v1/tenant", json!({"previous_stripe_webhook_secret": null})).await.ok();
    assert_eq!((said(SECRET).await, said("whsec_new").await), (401, 200));
    assert_eq!(said("whsec_installation").await, 401);
    server.patch("/v1/tenant", json!({"stripe_webhook_secret": null})).await.ok();
    assert_eq!((said("whsec_new").await, said("whsec_installation").await), (401, 200));
    // It takes the right to change the tenant.
    let reader = server.key_for(&["tenant:read"]).await;
    let secret = json!({"stripe_webhook_secret": "whsec_mine"});
    let said = server.ask(Method::PATCH, "/v1/tenant").key(&reader).body(secret).send().await;
    assert_eq!(said.problem(403), "missing_scope");
    close(server, stripe).await;
}

async fn prices(url: String) {
    let server = Server::start(&url).await;
    for (price, pointers) in [
        (json!({}), vec!["/price/amount", "/price/currency"]),
        (json!({"amount": 0, "currency": "eur"}), vec!["/price/amount"]),
        (json!({"amount": 50.5, "currency": "euro"}), vec!["/price/amount", "/price/currency"]),
        (json!({"amount": 5000, "currency": "eur", "vat": 23}), vec!["/price/vat"]),
        (json!("50 EUR"), vec!["/price"]),
    ] {
        let said = server.patch("/v1/services/ext:algebra", json!({ "price": price })).await;
        assert_eq!(said.pointers(), pointers, "{price}");
    }
    let price = json!({"amount": 5000, "currency": "jpy"});
    let set = server.patch("/v1/services/ext:algebra", json!({ "price": price })).await.ok();
    assert_eq!(set["price"], price);
    let kept = server.patch("/v1/services/ext:algebra", json!({"name": "Geometry"})).await.ok();
    assert_eq!(kept["price"], price, "what is left out stays");
    let gone = server.patch("/v1/services/ext:algebra", json!({"price": null})).await.ok();
    assert_eq!(gone["price"], Value::Null);
    server.stop().await;
}

async fn dropped(url: String) {
    use roomkey_store::inbound::{self, Vendor};
    let (server, stripe) = open(&url, json!({})).await;
    let (id, now) = (server.tenant.id().to_string(), server.app.now());
    for order in [
        json!({}),
        json!({"event": "charge.refunded", "payload": {"metadata": {"roomkey_booking_id": "ext:ord-1"}}}),
        json!({"booking": "ext:"}),
        json!({"payload": {"client_reference_id": "ext:ord-1"}}),
        json!({"payload": {"client_reference_id": "cart-7"}}),
        json!({"payload": {"metadata": null}}),
    ] {
        assert_eq!(stripe.send(&server, &id, order.clone()).await, [200], "{order}");
    }
    let waiting = server.app.store().read(move |tx| {
        Box::pin(async move { inbound::waiting(tx, Vendor::Stripe, now, 10).await })
    });
    assert!(waiting.await.unwrap().is_empty());
    // A booking that is not there is seen to and forgotten.
    stripe.pay(&server, json!({"booking": "ext:nobody"})).await;
    assert_eq!(server.app.see_to_payments().await.unwrap(), 0);
    close(server, stripe).await;
}
