//! An access token: what Zoom says with it, and how it is written on the shelf.

use std::time::Duration;

use roomkey_core::Instant;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use url::Url;

use crate::shelf::Shelved;

use super::addresses;

/// A token is renewed so long before its end.
const EARLY: Duration = Duration::from_secs(5 * 60);

/// What a token is taken to live if Zoom does not say.
const USUAL_LIFETIME: u64 = 60 * 60;

/// What a room needs: granular, and what older apps have for it.
const SCOPES: [(&str, &str); 5] = [
    ("meeting:write:meeting", "meeting:write"),
    ("meeting:read:meeting", "meeting:read"),
    ("meeting:read:list_meetings", "meeting:read"),
    ("meeting:update:meeting", "meeting:write"),
    ("meeting:delete:meeting", "meeting:write"),
];

/// One access token.
#[derive(Debug)]
pub(super) struct Token {
    pub(super) value: SecretString,
    /// What it may do, where Zoom says.
    scopes: Option<String>,
    pub(super) renew_at: Instant,
    /// Where Zoom would have it used.
    pub(super) api_root: Option<Url>,
    /// Which it is on the shelf, if it is there.
    pub(super) number: Option<i64>,
}

impl Token {
    /// Reads a token answer.
    pub(super) fn read(answer: &Value, now: Instant) -> Option<Self> {
        let value = answer.get("access_token")?.as_str().filter(|it| !it.is_empty())?;
        let lifetime = answer.get("expires_in").and_then(seconds).unwrap_or(USUAL_LIFETIME);
        let lifetime = Duration::from_secs(lifetime);
        let keep = lifetime.checked_sub(EARLY).unwrap_or(lifetime / 2);
        Some(Self {
            value: value.to_owned().into(),
            scopes: answer.get("scope").and_then(Value::as_str).map(str::to_owned),
            renew_at: now.plus(keep),
            api_root: answer.get("api_url").and_then(Value::as_str).and_then(addresses::api_root),
            number: None,
        })
    }

    /// As it is written on the shelf.
    pub(super) fn to_shelf(&self) -> SecretString {
        json!({
            "access_token": self.value.expose_secret(),
            "scope": self.scopes,
            "api_url": self.api_root,
        })
        .to_string()
        .into()
    }

    /// As it was written there; nothing, if another release wrote it otherwise.
    pub(super) fn from_shelf(shelved: &Shelved) -> Option<Self> {
        let text: Value = serde_json::from_str(shelved.text.expose_secret()).ok()?;
        let told = |name: &str| text.get(name).and_then(Value::as_str);
        Some(Self {
            value: told("access_token")?.to_owned().into(),
            scopes: told("scope").map(str::to_owned),
            renew_at: shelved.renew_at,
            api_root: told("api_url").and_then(addresses::api_root),
            number: Some(shelved.number),
        })
    }

    /// The scopes that a room needs and this token has in no spelling. Nothing, if Zoom did not
    /// say what it has.
    pub(super) fn lacks(&self) -> Vec<String> {
        let Some(scopes) = self.scopes.as_deref().filter(|it| !it.trim().is_empty()) else {
            return Vec::new();
        };
        let held: Vec<&str> = scopes.split([' ', ',']).collect();
        let has = |name: &str| {
            held.iter().any(|it| {
                it.strip_prefix(name).is_some_and(|rest| matches!(rest, "" | ":admin" | ":master"))
            })
        };
        SCOPES
            .iter()
            .filter(|(granular, classic)| !has(granular) && !has(classic))
            .map(|(granular, _)| format!("{granular}:admin"))
            .collect()
    }
}

fn seconds(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Instant {
        "2026-12-01T15:00:00Z".parse().expect("an instant")
    }

    fn later(seconds: u64) -> Instant {
        now().plus(Duration::from_secs(seconds))
    }

    #[test]
    fn lenient_answers() {
        let read = |answer| Token::read(&answer, now());
        assert!(read(json!({"expires_in": 3600})).is_none());
        assert!(read(json!({"access_token": ""})).is_none());
        let text = read(json!({"access_token": "x", "expires_in": "3599"})).expect("a token");
        assert_eq!(text.renew_at, later(3299));
        let silent = read(json!({"access_token": "x"})).expect("a token");
        assert_eq!(silent.renew_at, later(3300));
        assert_eq!(silent.api_root, None);
        let regional = json!({"access_token": "x", "api_url": "https://api-eu.zoom.us"});
        assert!(read(regional).expect("a token").api_root.is_some());
        let short = read(json!({"access_token": "x", "expires_in": 60})).expect("a token");
        assert_eq!(short.renew_at, later(30));
    }

    #[test]
    fn scopes_of_either_family_will_do() {
        let with = |scope: &str| {
            let answer = json!({"access_token": "x", "scope": scope});
            Token::read(&answer, now()).expect("a token").lacks()
        };
        let granular = "meeting:write:meeting:admin meeting:read:meeting:admin meeting:read:list_meetings:admin meeting:update:meeting:admin";
        assert_eq!(with(&format!("{granular} meeting:delete:meeting:admin")), Vec::<String>::new());
        assert_eq!(with("meeting:write:admin meeting:read:admin"), Vec::<String>::new());
        assert_eq!(with("meeting:write meeting:read user:read"), Vec::<String>::new());
        assert_eq!(with(""), Vec::<String>::new());
        assert_eq!(with(granular), ["meeting:delete:meeting:admin"]);
    }

    #[test]
    fn a_token_is_never_printed() {
        assert!(
            !format!("{:?}", Token::read(&json!({"access_token": "sesame"}), now()))
                .contains("sesame")
        );
    }

    #[test]
    fn on_the_shelf_it_is_what_it_was() {
        let answer = json!({
            "access_token": "sesame", "expires_in": 3600,
            "scope": "meeting:write:meeting:admin", "api_url": "https://api-eu.zoom.us",
        });
        let token = Token::read(&answer, now()).expect("a token");
        let shelved = Shelved { number: 3, text: token.to_shelf(), renew_at: token.renew_at };
        let back = Token::from_shelf(&shelved).expect("the same");
        assert_eq!(back.value.expose_secret(), "sesame");
        assert_eq!((back.renew_at, &back.api_root), (token.renew_at, &token.api_root));
        assert_eq!((back.lacks(), back.number), (token.lacks(), Some(3)));
        let strange = Shelved { text: "{}".to_owned().into(), ..shelved };
        assert!(Token::from_shelf(&strange).is_none());
    }
}
