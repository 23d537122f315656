//! What is sealed of a room's doors, as JSON: the vendor's address, the passcode, and the ways in
//! without a computer. Rows of older releases lack members, and newer ones may have more: whoever
//! reads them takes a missing member for nothing.

use roomkey_providers::contract::VendorRoom;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

/// The secrets of a room as it was just seen. Vendors do not always say everything: what is known
/// from `before` is kept, as long as it can still be true.
pub(crate) fn secrets(seen: &VendorRoom, before: &Value) -> Value {
    let known = |name: &str| before.get(name).and_then(Value::as_str).map(str::to_owned);
    let told =
        |secret: &Option<SecretString>| secret.as_ref().map(|it| it.expose_secret().to_owned());
    let settings = &seen.seen.settings;
    // An answer that shows that there is none is not one that keeps it back.
    let has_none = settings.passcode == Some(false);
    let passcode = told(&seen.passcode).or_else(|| known("passcode").filter(|_| !has_none));
    // The other forms of a passcode change and go with it.
    let is_the_same = passcode == known("passcode") && !has_none;
    let phone_passcode =
        told(&seen.phone_passcode).or_else(|| known("phone_passcode").filter(|_| is_the_same));
    let dial_in = match &seen.dial_in {
        Some(numbers) => json!(numbers),
        None => before.get("dial_in").cloned().unwrap_or_else(|| json!([])),
    };
    let sip = match &seen.sip {
        Some(sip) => json!({"address": sip.address, "passcode": sip.passcode.expose_secret()}),
        // Encryption from end to end keeps conference devices out.
        None if is_the_same && settings.e2ee != Some(true) => {
            before.get("sip").cloned().unwrap_or_default()
        }
        None => Value::Null,
    };
    json!({
        "join_url": seen.join_url.expose_secret(),
        "passcode": passcode,
        "dial_in": dial_in,
        "phone_passcode": phone_passcode,
        "sip": sip,
    })
}

#[cfg(test)]
mod tests {
    use roomkey_core::room::Seen;
    use roomkey_providers::dial_in::{DialIn, Sip};

    use super::*;

    /// An answer that says nothing but where the door is.
    fn silent() -> VendorRoom {
        VendorRoom {
            vendor_id: "81234567890".to_owned(),
            instance: None,
            join_url: "https://vendor.example/j/81234567890".to_owned().into(),
            passcode: None,
            number: None,
            dial_in: None,
            phone_passcode: None,
            sip: None,
            owner: None,
            seen: Seen::at("2026-12-01T15:00:00Z".parse().expect("an instant")),
        }
    }

    fn full() -> VendorRoom {
        let number = DialIn {
            number: "+351 211 000 000".to_owned(),
            country: Some("PT".to_owned()),
            label: None,
            toll_free: Some(false),
        };
        VendorRoom {
            passcode: Some("K7mp2Q".to_owned().into()),
            dial_in: Some(vec![number]),
            phone_passcode: Some("004217".to_owned().into()),
            sip: Some(Sip {
                address: "81234567890@vendor.example".to_owned(),
                passcode: "004217".to_owned().into(),
            }),
            ..silent()
        }
    }

    #[test]
    fn what_an_answer_does_not_say_is_kept() {
        let known = secrets(&full(), &Value::Null);
        assert_eq!(known["sip"]["passcode"], "004217");
        assert_eq!(secrets(&silent(), &known), known);
        let nothing = secrets(&silent(), &json!({"join_url": "https://vendor.example/old"}));
        assert_eq!(
            nothing,
            json!({
                "join_url": "https://vendor.example/j/81234567890",
                "passcode": null, "dial_in": [], "phone_passcode": null, "sip": null,
            })
        );
    }

    #[test]
    fn what_can_no_longer_be_true_is_forgotten() {
        let known = secrets(&full(), &Value::Null);
        let other = VendorRoom { passcode: Some("other".to_owned().into()), ..silent() };
        let mut open = silent();
        open.seen.settings.passcode = Some(false);
        for changed in [other, open] {
            let now = secrets(&changed, &known);
            assert_ne!(now["passcode"], known["passcode"]);
            assert_eq!((&now["phone_passcode"], &now["sip"]), (&Value::Null, &Value::Null));
            assert_eq!(now["dial_in"], known["dial_in"]);
        }
        let mut encrypted = VendorRoom { dial_in: Some(Vec::new()), ..silent() };
        encrypted.seen.settings.e2ee = Some(true);
        let now = secrets(&encrypted, &known);
        assert_eq!((&now["dial_in"], &now["sip"]), (&json!([]), &Value::Null));
    }
}
