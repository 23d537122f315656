//! A stand-in for Stripe, as far as it tells of payments: nobody pays here and nothing is asked of
//! it; it sends the events that a payment would cause, signed as Stripe signs them.

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use sha2::Sha256;
use url::Url;

use crate::message::{Answer, Asked};
use crate::server::Shared;
use crate::world::World;

/// The version of the interface that events are written in.
const API_VERSION: &str = "2026-01-28.clover";

/// All that is known of Stripe: where its events go, and what they are signed with.
#[derive(Debug, Default)]
pub(crate) struct Stripe {
    event_url: Option<Url>,
    webhook_secret: Option<String>,
}

/// What is posted to say where events go.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccountOrder {
    #[serde(rename = "vendor")]
    _vendor: String,
    #[serde(default)]
    event_url: Option<Url>,
    #[serde(default)]
    webhook_secret: Option<String>,
}

/// `POST /_sandbox/accounts` for Stripe, which has one account here.
pub(crate) fn account(world: &mut World, order: AccountOrder) -> Value {
    let stripe = &mut world.stripe;
    stripe.event_url = order.event_url.or(stripe.event_url.take());
    stripe.webhook_secret = order.webhook_secret.or(stripe.webhook_secret.take());
    json!({"vendor": "stripe", "event_url": stripe.event_url})
}

/// What is posted to have an event sent now.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Order {
    #[serde(rename = "vendor")]
    _vendor: String,
    /// `checkout.session.completed`
    event: String,
    /// The event's id, to say the same again.
    #[serde(default)]
    id: Option<String>,
    /// What stands in `metadata.roomkey_booking_id`.
    #[serde(default)]
    booking: Option<String>,
    /// Members of what the event is about, instead of what they would be.
    #[serde(default)]
    payload: Map<String, Value>,
    /// The whole body as it is to be sent, byte for byte.
    #[serde(default)]
    raw: Option<String>,
    #[serde(default)]
    url: Option<Url>,
    #[serde(default)]
    secret: Option<String>,
    /// `false` leaves the signature out.
    #[serde(default)]
    signed: Option<bool>,
    /// Unix seconds to stamp and sign instead of now.
    #[serde(default)]
    timestamp: Option<i64>,
    /// The same bytes so many times.
    #[serde(default)]
    times: Option<u32>,
}

/// `POST /_sandbox/webhooks` for Stripe.
pub(crate) async fn send_now(shared: &Shared, asked: &Asked) -> Answer {
    let order: Order = match serde_json::from_slice(&asked.body) {
        Ok(order) => order,
        Err(error) => return crate::control::refused(&error.to_string()),
    };
    let (url, secret, stamp, body) = {
        let mut world = shared.world();
        let Some(url) = order.url.clone().or_else(|| world.stripe.event_url.clone()) else {
            return crate::control::refused("url: no address for events is known");
        };
        let secret = order.secret.clone().or_else(|| world.stripe.webhook_secret.clone());
        let stamp = order.timestamp.unwrap_or_else(|| world.clock.now().as_second());
        let body = order.raw.clone().unwrap_or_else(|| body(&mut world, &order, stamp));
        (url, secret.filter(|_| order.signed != Some(false)), stamp, body)
    };
    let mut answers = Vec::new();
    for _ in 0..order.times.unwrap_or(1) {
        let mut request = shared
            .http
            .post(url.clone())
            .header("content-type", "application/json; charset=utf-8")
            .header("user-agent", "Stripe/1.0 (+https://stripe.com/docs/webhooks)");
        if let Some(secret) = &secret {
            request = request.header("stripe-signature", signature(secret, stamp, &body));
        }
        answers.push(match request.body(body.clone()).send().await {
            Ok(answer) => json!({
                "status": answer.status().as_u16(),
                "body": answer.text().await.unwrap_or_default(),
            }),
            Err(error) => json!({"status": null, "error": error.to_string()}),
        });
    }
    Answer::json(200, &json!({"url": url, "body": body, "answers": answers}))
}

/// An event of the shape `snapshot`, with the whole object that it is about.
fn body(world: &mut World, order: &Order, stamp: i64) -> String {
    let mut id = |kind: &str| format!("{kind}_{}", world.chance.word(24));
    let metadata = match &order.booking {
        Some(booking) => json!({"roomkey_booking_id": booking}),
        None => json!({}),
    };
    let mut object = if order.event.starts_with("checkout.session.") {
        let is_paid = !matches!(
            order.event.as_str(),
            "checkout.session.expired" | "checkout.session.async_payment_failed"
        );
        let is_over = order.event == "checkout.session.expired";
        let intent = id("pi");
        json!({
            "id": id("cs_test"),
            "object": "checkout.session",
            "amount_subtotal": 5000,
            "amount_total": 5000,
            "client_reference_id": null,
            "created": stamp,
            "currency": "eur",
            "livemode": false,
            "metadata": metadata,
            "mode": "payment",
            "payment_intent": (!is_over).then_some(intent),
            "payment_status": if is_paid { "paid" } else { "unpaid" },
            "status": if is_over { "expired" } else { "complete" },
            "url": null,
        })
    } else if order.event.starts_with("payment_intent.") {
        json!({
            "id": id("pi"),
            "object": "payment_intent",
            "amount": 5000,
            "amount_received": 5000,
            "created": stamp,
            "currency": "eur",
            "latest_charge": id("ch"),
            "livemode": false,
            "metadata": metadata,
            "status": "succeeded",
        })
    } else {
        json!({"metadata": metadata})
    };
    if let Some(object) = object.as_object_mut() {
        object.extend(order.payload.clone());
    }
    json!({
        "id": order.id.clone().unwrap_or_else(|| id("evt")),
        "object": "event",
        "api_version": API_VERSION,
        "created": stamp,
        "data": {"object": object},
        "livemode": false,
        "pending_webhooks": 1,
        "request": {"id": null, "idempotency_key": null},
        "type": order.event,
    })
    .to_string()
}

/// The time, the MAC over time and body with the whole secret, and one that is for tests alone.
fn signature(secret: &str, stamp: i64, body: &str) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
        return String::new();
    };
    mac.update(format!("{stamp}.{body}").as_bytes());
    let mut digits = String::new();
    for byte in mac.finalize().into_bytes() {
        digits.push_str(&format!("{byte:02x}"));
    }
    format!("t={stamp},v1={digits},v0={}", "0".repeat(64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_over_time_and_body_with_the_whole_secret() {
        let header = signature(
            "whsec_roomkey_test_secret",
            1_700_000_000,
            "{\"id\":\"evt_1\",\"object\":\"event\"}",
        );
        // Computed once with another implementation of HMAC-SHA256.
        let expected =
            "t=1700000000,v1=a907b31be48509b2ddf983902568bec65a2317c4cc69ab8b1d4e414828161e41,v0=";
        assert!(header.starts_with(expected), "{header}");
    }
}
