//! Signatures against one computed elsewhere, and events as Stripe documents them.

use serde_json::json;

use super::*;

const BODY: &[u8] = b"{\"id\":\"evt_1\",\"object\":\"event\"}";
/// Computed once with another implementation of HMAC-SHA256, over `1700000000.` and the body, with
/// the secret below as it stands.
const SIGNATURE: &str = "a907b31be48509b2ddf983902568bec65a2317c4cc69ab8b1d4e414828161e41";
const SECRET: &str = "whsec_roomkey_test_secret";
/// The same with the secret before.
const SIGNATURE_BEFORE: &str = "b4ba40dae26cf14e5ce81ce04648ae733320d878b2f5797e3847f6fd8c64f441";
const SECRET_BEFORE: &str = "whsec_before";
/// The same with what stands behind `whsec_`: a key that is not Stripe's.
const SIGNATURE_CUT: &str = "096761edb3373e5c2074695522de09bd4597dc237043200cb74111b930c486d5";

fn at(seconds: i64) -> Instant {
    Instant::from_micros((1_700_000_000 + seconds) * 1_000_000)
}

fn refused(secrets: &[&str], header: &str, now: Instant) -> Option<Refused> {
    let secrets: Vec<SecretString> = secrets.iter().map(|it| SecretString::from(*it)).collect();
    verify(&secrets, Some(header), BODY, now).err()
}

fn header(signature: &str) -> String {
    format!(
        "t=1700000000,v1={signature},v0=6ffbb59b2300aae63f272406069a9788598b792a944a07aba816edb039989a39"
    )
}

#[test]
fn what_is_signed_in_time_is_believed_and_nothing_else() {
    let good = header(SIGNATURE);
    assert_eq!(refused(&[SECRET], &good, at(0)), None);
    assert_eq!(refused(&["whsec_new", SECRET], &good, at(0)), None, "the one before counts");
    assert_eq!(refused(&[], &good, at(0)), Some(Refused::NoSecret));
    assert_eq!(refused(&["whsec_other"], &good, at(0)), Some(Refused::Forged));
    assert_eq!(refused(&[""], &good, at(0)), Some(Refused::Forged), "empty signs nothing");
    assert_eq!(refused(&[SECRET], &header(SIGNATURE_CUT), at(0)), Some(Refused::Forged));
    let secrets = [SecretString::from(SECRET)];
    assert_eq!(verify(&secrets, None, BODY, at(0)), Err(Refused::Unsigned));
    assert_eq!(verify(&secrets, Some(&good), b"{}", at(0)), Err(Refused::Forged));
    assert_eq!(refused(&[SECRET], &good, at(300)), None);
    assert_eq!(refused(&[SECRET], &good, at(301)), Some(Refused::Untimely));
    assert_eq!(refused(&[SECRET], &good, at(-60)), None);
    assert_eq!(refused(&[SECRET], &good, at(-61)), Some(Refused::Untimely));
}

#[test]
fn any_of_several_signatures_may_be_by_any_of_several_secrets() {
    let both = format!("t=1700000000,v1={SIGNATURE_BEFORE},v1={SIGNATURE}");
    for secrets in [&[SECRET][..], &[SECRET_BEFORE], &["whsec_new", SECRET_BEFORE]] {
        assert_eq!(refused(secrets, &both, at(0)), None, "{secrets:?}");
    }
    assert_eq!(refused(&["whsec_new"], &both, at(0)), Some(Refused::Forged));
    let spaced = format!("t=1700000000, v1={SIGNATURE}");
    assert_eq!(refused(&[SECRET], &spaced, at(0)), None);
}

#[test]
fn a_header_that_lacks_something_signs_nothing() {
    for lacking in [
        String::new(),
        "t=1700000000".to_owned(),
        format!("v1={SIGNATURE}"),
        format!("t=1700000000,v0={SIGNATURE}"),
        format!("t=1700000000,t=1700000001,v1={SIGNATURE}"),
        SIGNATURE.to_owned(),
    ] {
        assert_eq!(refused(&[SECRET], &lacking, at(0)), Some(Refused::Unsigned), "{lacking}");
    }
    for broken in ["", "zz", "a90", "é", &SIGNATURE[..62]] {
        assert_eq!(refused(&[SECRET], &header(broken), at(0)), Some(Refused::Forged), "{broken}");
    }
    for time in ["17e8", "99999999999999999999", ""] {
        let mac = mac(&SECRET.into(), &[time.as_bytes(), b".", BODY]).expect("a key");
        let signature = crate::signed::hex(&mac.finalize().into_bytes());
        let header = format!("t={time},v1={signature}");
        assert_eq!(refused(&[SECRET], &header, at(0)), Some(Refused::Untimely), "{time}");
    }
}

fn told(name: &str, object: Value) -> News {
    let body = json!({
        "id": "evt_1", "object": "event", "type": name, "created": 1_700_000_000,
        "api_version": "2026-01-28", "livemode": false, "data": {"object": object},
    });
    let event = read(body.to_string().as_bytes()).expect("an event");
    assert_eq!((event.id.as_str(), event.name.as_str(), event.at), ("evt_1", name, Some(at(0))));
    event.news
}

fn session(other: Value) -> Value {
    let mut session = json!({
        "id": "cs_test_1", "object": "checkout.session", "payment_intent": "pi_1",
        "payment_status": "paid", "amount_total": 5000, "currency": "eur",
        "client_reference_id": null, "metadata": {"roomkey_booking_id": "ext:ord-1"},
    });
    for (member, value) in other.as_object().expect("members") {
        session[member] = value.clone();
    }
    session
}

#[test]
fn a_checkout_counts_once_it_is_paid() {
    let done = |status: &str| {
        told("checkout.session.completed", session(json!({"payment_status": status})))
    };
    let News::Paid(payment) = done("paid") else { panic!("it is paid") };
    assert_eq!((payment.reference.as_str(), payment.amount), ("pi_1", Some(5_000)));
    assert_eq!(payment.booking.as_deref(), Some("ext:ord-1"));
    assert_eq!((payment.client_reference, payment.tenant), (None, None));
    assert!(matches!(done("no_payment_required"), News::Paid(_)));
    assert_eq!(done("unpaid"), News::Other, "a method that takes its time");
    let late = session(json!({"payment_status": "unpaid"}));
    for (name, expected) in [
        ("checkout.session.async_payment_succeeded", "paid"),
        ("checkout.session.async_payment_failed", "failed"),
        ("checkout.session.expired", "expired"),
        ("charge.refunded", "other"),
        ("checkout.session.sang", "other"),
    ] {
        let said = match told(name, late.clone()) {
            News::Paid(_) => "paid",
            News::Failed(_) => "failed",
            News::Expired(_) => "expired",
            News::Other => "other",
        };
        assert_eq!(said, expected, "{name}");
    }
}

#[test]
fn the_events_of_one_payment_have_one_reference() {
    let intent = json!({
        "id": "pi_1", "object": "payment_intent", "amount": 5000, "amount_received": 4900,
        "currency": "eur", "metadata": {"roomkey_booking_id": "bkg_1", "roomkey_tenant_id": "ten_1"},
    });
    let News::Paid(payment) = told("payment_intent.succeeded", intent.clone()) else {
        panic!("it is paid")
    };
    assert_eq!((payment.reference.as_str(), payment.amount), ("pi_1", Some(4_900)));
    assert_eq!(payment.tenant.as_deref(), Some("ten_1"));
    for (written, reference) in
        [(intent, "pi_1"), (json!("pi_1"), "pi_1"), (Value::Null, "cs_test_1")]
    {
        let News::Paid(payment) =
            told("checkout.session.completed", session(json!({"payment_intent": written})))
        else {
            panic!("it is paid")
        };
        assert_eq!(payment.reference, reference);
    }
}

#[test]
fn thin_events_and_other_bodies_are_told_apart() {
    let thin = json!({
        "id": "evt_test_1", "object": "v2.core.event", "type": "v1.billing.meter.error_report_triggered",
        "created": "2026-01-28T00:00:00.000Z",
    });
    assert_eq!(read(thin.to_string().as_bytes()), Err(Unread::Thin));
    for body in [
        "",
        "not json",
        "[]",
        "{}",
        r#"{"object":"event"}"#,
        r#"{"object":"event","id":"","type":"x"}"#,
    ] {
        assert_eq!(read(body.as_bytes()), Err(Unread::Malformed), "{body}");
    }
}
