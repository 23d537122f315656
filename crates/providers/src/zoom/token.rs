//! Access tokens: one at a time per connection, kept until shortly before they end.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use roomkey_core::Instant;
use roomkey_core::failure::Failure;
use roomkey_core::id::ConnectionId;
use secrecy::SecretString;
use serde_json::Value;
use url::Url;

use crate::contract::Account;
use crate::http::Deadline;

use super::{addresses, errors};

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
    renew_at: Instant,
    /// Where Zoom would have it used.
    pub(super) api_root: Option<Url>,
}

/// The tokens of all connections.
#[derive(Debug, Default)]
pub(super) struct Tokens(Mutex<HashMap<ConnectionId, Arc<Slot>>>);

#[derive(Debug)]
struct Slot {
    revision: i64,
    /// How often Zoom has been asked, so that whoever waited takes what came of it.
    asked: AtomicU64,
    state: tokio::sync::Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    token: Option<Arc<Token>>,
    failure: Option<Failure>,
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

impl Tokens {
    /// The connection's token, or what `ask` brings. Of many that need one at once, one asks; the
    /// others take its token, or its failure.
    pub(super) async fn get(
        &self,
        account: &Account,
        now: Instant,
        deadline: Deadline,
        ask: impl Future<Output = Result<Token, Failure>> + Send,
    ) -> Result<Arc<Token>, Failure> {
        let Some(slot) = self.slot(account, now) else { return ask.await.map(Arc::new) };
        let asked_before = slot.asked.load(Ordering::Acquire);
        let Ok(mut state) = tokio::time::timeout_at(deadline.at(), slot.state.lock()).await else {
            return Err(errors::no_time());
        };
        if let Some(token) = state.token.as_ref().filter(|it| now < it.renew_at) {
            return Ok(Arc::clone(token));
        }
        if slot.asked.load(Ordering::Acquire) != asked_before
            && let Some(failure) = &state.failure
        {
            return Err(failure.clone());
        }
        slot.keep(&mut state, ask.await)
    }

    /// A token that proves the credentials as they are now.
    pub(super) async fn renew(
        &self,
        account: &Account,
        now: Instant,
        deadline: Deadline,
        ask: impl Future<Output = Result<Token, Failure>> + Send,
    ) -> Result<Arc<Token>, Failure> {
        let Some(slot) = self.slot(account, now) else { return ask.await.map(Arc::new) };
        let Ok(mut state) = tokio::time::timeout_at(deadline.at(), slot.state.lock()).await else {
            return Err(errors::no_time());
        };
        slot.keep(&mut state, ask.await)
    }

    /// Zoom refused this token. If another has taken its place meanwhile, that one stays.
    pub(super) async fn refused(&self, account: &Account, now: Instant, token: &Arc<Token>) {
        let Some(slot) = self.slot(account, now) else { return };
        let mut state = slot.state.lock().await;
        if state.token.as_ref().is_some_and(|kept| Arc::ptr_eq(kept, token)) {
            state.token = None;
        }
    }

    /// Where the token of these credentials is kept; nowhere, if they are nobody's or outdated.
    fn slot(&self, account: &Account, now: Instant) -> Option<Arc<Slot>> {
        let connection = account.connection?;
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(slot) = slots.get(&connection) {
            if slot.revision == account.revision {
                return Some(Arc::clone(slot));
            }
            if slot.revision > account.revision {
                return None;
            }
        }
        // A new connection pays for those that are no longer used.
        slots.retain(|_, slot| slot.is_in_use(now));
        let slot = Arc::new(Slot {
            revision: account.revision,
            asked: AtomicU64::new(0),
            state: tokio::sync::Mutex::default(),
        });
        slots.insert(connection, Arc::clone(&slot));
        Some(slot)
    }
}

impl Slot {
    fn keep(
        &self,
        state: &mut State,
        asked: Result<Token, Failure>,
    ) -> Result<Arc<Token>, Failure> {
        self.asked.fetch_add(1, Ordering::Release);
        let result = asked.map(Arc::new);
        state.token = result.as_ref().ok().cloned();
        state.failure = result.as_ref().err().cloned();
        result
    }

    fn is_in_use(&self, now: Instant) -> bool {
        match self.state.try_lock() {
            Ok(state) => state.token.as_ref().is_some_and(|token| now < token.renew_at),
            Err(_) => true,
        }
    }
}

fn seconds(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.trim().parse().ok())
}

#[cfg(test)]
mod tests;
