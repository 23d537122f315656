//! The ways into a meeting without a computer, as Zoom's answers have them. Everything is read
//! leniently: what is missing or odd is left out, and never costs a room.

use roomkey_core::settings::{Audio, Settings};
use secrecy::SecretString;
use serde_json::{Map, Value};

use crate::dial_in::{DialIn, Sip};

use super::settings;

/// Accounts that offer every country have some dozens of numbers.
const MOST_NUMBERS: usize = 50;

/// In characters; names of towns and countries are shorter.
const LONGEST: usize = 80;

/// Where conference devices call.
///
/// Commonly known and not verified: Zoom's documentation says nothing of it beside the answers, and
/// accounts outside the commercial cloud may have another. So it is shown only where the answer has
/// a passcode for such devices.
const SIP_DOMAIN: &str = "zoomcrc.com";

/// The numbers that the account offers for a meeting, in Zoom's order; none for a meeting that has
/// no telephone, and `None` if the answer says nothing of them.
pub(super) fn numbers(settings: &Map<String, Value>) -> Option<Vec<DialIn>> {
    if !has_telephone(settings) {
        return Some(Vec::new());
    }
    let listed = settings.get("global_dial_in_numbers")?.as_array()?;
    Some(listed.iter().filter_map(number).take(MOST_NUMBERS).collect())
}

/// What is keyed in on a telephone: the passcode in digits.
pub(super) fn phone_passcode(answer: &Value) -> Option<SecretString> {
    text(answer, "pstn_password").map(Into::into)
}

/// Where conference devices call; nothing for a meeting whose encryption keeps them out.
pub(super) fn sip(answer: &Value, id: &str, settings: &Map<String, Value>) -> Option<Sip> {
    let is_number = id.bytes().all(|it| it.is_ascii_digit());
    if !is_number || shown(settings).e2ee == Some(true) {
        return None;
    }
    let passcode = text(answer, "h323_password")?.into();
    Some(Sip { address: format!("{id}@{SIP_DOMAIN}"), passcode })
}

/// Zoom lists the account's numbers beside meetings that cannot be reached by them: by computers
/// only, by somebody else's telephone service, or encrypted from end to end.
fn has_telephone(settings: &Map<String, Value>) -> bool {
    let elsewhere = settings.get("audio").and_then(Value::as_str) == Some("thirdParty");
    let shown = shown(settings);
    !elsewhere && shown.audio != Some(Audio::Voip) && shown.e2ee != Some(true)
}

fn shown(settings: &Map<String, Value>) -> Settings {
    settings::seen(settings, None)
}

fn number(item: &Value) -> Option<DialIn> {
    let number = text(item, "number").filter(|it| can_be_dialled(it))?;
    let country = text(item, "country")
        .filter(|it| it.len() == 2 && it.bytes().all(|letter| letter.is_ascii_alphabetic()))
        .map(|it| it.to_ascii_uppercase());
    let land = text(item, "country_name").or_else(|| country.clone());
    let label = match (text(item, "city"), land) {
        (Some(city), Some(land)) => Some(format!("{city}, {land}")),
        (city, land) => city.or(land),
    };
    let toll_free = match item.get("type").and_then(Value::as_str) {
        Some("tollfree") => Some(true),
        Some("toll") => Some(false),
        Some(_) | None => None,
    };
    Some(DialIn { number, country, label, toll_free })
}

/// A telephone number has at most fifteen digits, wherever it is.
fn can_be_dialled(number: &str) -> bool {
    let digits = number.chars().filter(char::is_ascii_digit).count();
    let rest = number.strip_prefix('+').unwrap_or(number);
    (5..=15).contains(&digits)
        && rest.chars().all(|it| it.is_ascii_digit() || " ()-./".contains(it))
}

fn text(of: &Value, name: &str) -> Option<String> {
    let text = of.get(name)?.as_str()?.trim();
    let is_sane =
        !text.is_empty() && text.chars().count() <= LONGEST && !text.chars().any(char::is_control);
    is_sane.then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;
    use serde_json::json;

    use super::*;

    fn numbers_in(settings: &Value) -> Option<Vec<DialIn>> {
        numbers(settings.as_object().expect("settings"))
    }

    #[test]
    fn what_is_missing_or_odd_is_left_out() {
        for silent in [
            json!({}),
            json!({"global_dial_in_numbers": null}),
            json!({"global_dial_in_numbers": "+1"}),
        ] {
            assert_eq!(numbers_in(&silent), None, "{silent}");
        }
        let listed = numbers_in(&json!({"global_dial_in_numbers": [
            {"number": " +351 211 000 000 ", "country": "pt", "country_name": "Portugal", "city": "Lisbon", "type": "toll"},
            {"number": "+1 (800) 000-0000", "country": "US", "type": "tollfree"},
            {"number": "0800 000 000", "country": "Portugal", "city": "\u{7}", "type": "premium"},
            {"number": "call me"}, {"number": "javascript:12345"}, {"number": "12+345"}, {"number": "123"},
            {"number": "1234567890123456"}, {"number": 351_211_000_000_u64}, {"country": "PT"}, null, "+351 211 000 000",
        ]}));
        let said: Vec<_> = listed
            .expect("numbers")
            .into_iter()
            .map(|it| (it.number, it.country, it.label, it.toll_free))
            .collect();
        let text = |it: &str| Some(it.to_owned());
        assert_eq!(
            said,
            [
                ("+351 211 000 000".to_owned(), text("PT"), text("Lisbon, Portugal"), Some(false)),
                ("+1 (800) 000-0000".to_owned(), text("US"), text("US"), Some(true)),
                ("0800 000 000".to_owned(), None, None, None),
            ]
        );
    }

    #[test]
    fn fifty_numbers_are_enough() {
        let many: Vec<_> =
            (0..200).map(|it| json!({"number": format!("+351 211 000 {it:03}")})).collect();
        let numbers = numbers_in(&json!({"global_dial_in_numbers": many})).expect("numbers");
        assert_eq!(numbers.len(), MOST_NUMBERS);
        assert_eq!(numbers[0].number, "+351 211 000 000");
    }

    #[test]
    fn a_meeting_without_a_telephone_has_no_numbers() {
        for (member, value, there) in [
            ("audio", "both", true),
            ("audio", "telephony", true),
            ("audio", "something new", true),
            ("audio", "voip", false),
            ("audio", "thirdParty", false),
            ("encryption_type", "enhanced_encryption", true),
            ("encryption_type", "e2ee", false),
        ] {
            let mut settings = json!({"global_dial_in_numbers": [{"number": "+351 211 000 000"}]});
            settings[member] = json!(value);
            let numbers = numbers_in(&settings).expect("it is said");
            assert_eq!(!numbers.is_empty(), there, "{value}");
        }
    }

    #[test]
    fn conference_devices_are_told_where_to_call_only_with_their_passcode() {
        let settings = Map::new();
        let answer = json!({"h323_password": "004217", "pstn_password": "004218"});
        let found = sip(&answer, "81234567890", &settings).expect("an address");
        assert_eq!(found.address, "81234567890@zoomcrc.com");
        assert_eq!(found.passcode.expose_secret(), "004217");
        assert_eq!(phone_passcode(&answer).expect("digits").expose_secret(), "004218");
        for silent in [json!({}), json!({"h323_password": ""}), json!({"h323_password": 4217})] {
            assert!(sip(&silent, "81234567890", &settings).is_none(), "{silent}");
        }
        assert!(sip(&answer, "not-a-number", &settings).is_none());
        let closed = json!({"encryption_type": "e2ee"});
        assert!(sip(&answer, "81234567890", closed.as_object().expect("settings")).is_none());
    }
}
