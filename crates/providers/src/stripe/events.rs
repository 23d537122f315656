//! What Stripe tells us: how its events are signed, and what they say of payments. Read leniently:
//! an event of a kind that we do not know says nothing, and is no fault.

use std::time::Duration;

use hmac::Mac as _;
use roomkey_core::Instant;
use secrecy::SecretString;
use serde_json::Value;

use crate::signed::{Refused, bytes, mac};

/// How old a signature may be. Stripe signs every repeat anew.
const OLDEST: Duration = Duration::from_secs(5 * 60);
/// How far ahead of ours Stripe's clock may be.
const AHEAD: Duration = Duration::from_secs(60);

/// The part of a signature's header that counts: others are for Stripe's own tests.
const SCHEME: &str = "v1";

/// Believes an event, by its bytes as they came, or says why not. Any of the secrets may have made
/// any of the signatures: there are several of both while a secret is replaced. A secret is its
/// whole text, `whsec_` and all.
///
/// # Errors
/// [`Refused`].
pub fn verify(
    secrets: &[SecretString],
    header: Option<&str>,
    body: &[u8],
    now: Instant,
) -> Result<(), Refused> {
    if secrets.is_empty() {
        return Err(Refused::NoSecret);
    }
    let parts: Vec<(&str, &str)> =
        header.ok_or(Refused::Unsigned)?.split(',').filter_map(|it| it.split_once('=')).collect();
    let of = |name: &'static str| {
        parts.iter().filter(move |(it, _)| it.trim() == name).map(|(_, value)| value.trim())
    };
    let (timestamp, mut others) = (of("t").next(), of("t").skip(1));
    let timestamp = timestamp.filter(|_| others.next().is_none()).ok_or(Refused::Unsigned)?;
    if of(SCHEME).next().is_none() {
        return Err(Refused::Unsigned);
    }
    let claimed: Vec<Vec<u8>> = of(SCHEME).filter_map(bytes).collect();
    let signed = |secret: &SecretString| {
        mac(secret, &[timestamp.as_bytes(), b".", body]).is_some_and(|mac| {
            claimed.iter().any(|claimed| mac.clone().verify_slice(claimed).is_ok())
        })
    };
    if !secrets.iter().any(signed) {
        return Err(Refused::Forged);
    }
    let seconds: i64 = timestamp.parse().map_err(|_| Refused::Untimely)?;
    let sent = Instant::from_micros(seconds.saturating_mul(1_000_000));
    let timely = sent >= now.minus(OLDEST) && sent <= now.plus(AHEAD);
    if timely { Ok(()) } else { Err(Refused::Untimely) }
}

/// An event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its id: the same if it is said again.
    pub id: String,
    /// Its name: `checkout.session.completed`.
    pub name: String,
    /// When it happened, by Stripe's clock.
    pub at: Option<Instant>,
    /// What it says.
    pub news: News,
}

/// What an event says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// A payment has come.
    Paid(Payment),
    /// A payment that takes its time has come to nothing.
    Failed(Payment),
    /// Nobody has paid while there was time to.
    Expired(Payment),
    /// Nothing that we want to know.
    Other,
}

/// A payment, or what was to become one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// What all events about it have in common: `pi_…`, or `cs_…` where there is no intent.
    pub reference: String,
    /// Which booking it is for, as whoever asked for the money said.
    pub booking: Option<String>,
    /// Whose booking, as whoever asked for the money said.
    pub tenant: Option<String>,
    /// What it is for, as somebody said: the buyer can choose it on a payment link.
    pub client_reference: Option<String>,
    /// How many of the currency's smallest unit.
    pub amount: Option<u64>,
    /// Of which currency.
    pub currency: Option<String>,
}

/// Why an event cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unread {
    /// It is of another shape, without what it is about.
    #[error(
        "This is a thin event. Choose the payload style `snapshot` for this destination at Stripe."
    )]
    Thin,
    /// It is none.
    #[error("This is no event.")]
    Malformed,
}

/// What the bytes of an event say.
///
/// # Errors
/// [`Unread`].
pub fn read(body: &[u8]) -> Result<Event, Unread> {
    let value: Value = serde_json::from_slice(body).map_err(|_| Unread::Malformed)?;
    match text(&value, "object").as_deref() {
        Some("event") => {}
        Some("v2.core.event") => return Err(Unread::Thin),
        Some(_) | None => return Err(Unread::Malformed),
    }
    let (Some(id), Some(name)) = (text(&value, "id"), text(&value, "type")) else {
        return Err(Unread::Malformed);
    };
    let created = value.get("created").and_then(Value::as_i64);
    let at = created.map(|it| Instant::from_micros(it.saturating_mul(1_000_000)));
    let object = value.pointer("/data/object").unwrap_or(&Value::Null);
    Ok(Event { news: news(&name, object).unwrap_or(News::Other), id, name, at })
}

fn news(name: &str, object: &Value) -> Option<News> {
    Some(match name {
        // A method that takes its time is not paid yet when the checkout is done.
        "checkout.session.completed" => match text(object, "payment_status")?.as_str() {
            "paid" | "no_payment_required" => News::Paid(checkout(object)?),
            _ => News::Other,
        },
        "checkout.session.async_payment_succeeded" => News::Paid(checkout(object)?),
        "checkout.session.async_payment_failed" => News::Failed(checkout(object)?),
        "checkout.session.expired" => News::Expired(checkout(object)?),
        "payment_intent.succeeded" => {
            let id = text(object, "id")?;
            News::Paid(payment(object, id, "amount_received"))
        }
        _ => News::Other,
    })
}

fn checkout(object: &Value) -> Option<Payment> {
    let intent = object.get("payment_intent");
    // It may be written out instead of named.
    let intent = intent.and_then(|it| it.as_str().map(str::to_owned).or_else(|| text(it, "id")));
    let reference = intent.or_else(|| text(object, "id"))?;
    Some(payment(object, reference, "amount_total"))
}

fn payment(object: &Value, reference: String, amount: &str) -> Payment {
    let metadata = object.get("metadata").unwrap_or(&Value::Null);
    Payment {
        reference,
        booking: text(metadata, "roomkey_booking_id"),
        tenant: text(metadata, "roomkey_tenant_id"),
        client_reference: text(object, "client_reference_id"),
        amount: object.get(amount).and_then(Value::as_u64),
        currency: text(object, "currency"),
    }
}

/// A text; nothing if it is empty.
fn text(value: &Value, name: &str) -> Option<String> {
    value.get(name)?.as_str().filter(|it| !it.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests;
