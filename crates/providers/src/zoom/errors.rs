//! One table from what Zoom says to what it means. Nothing else in this crate judges an answer.

pub(super) mod transcripts;

use std::time::Duration;

use crate::http::{Reply, TransportError};
use roomkey_core::Instant;
use roomkey_core::failure::{Failure, Reason, ThrottleScope};

use super::refusal::{FieldError, Heard, Refusal, hear, number};

/// What was asked; the same answer means different things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    Create,
    List,
    Read,
    Update,
    Delete,
}

impl Operation {
    /// Whether an answer that was lost may hide an effect.
    const fn changes(self) -> bool {
        match self {
            Self::Create | Self::Update | Self::Delete => true,
            Self::List | Self::Read => false,
        }
    }
}

/// For whom and when, which throttles and words depend on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asking<'a> {
    pub(super) operation: Operation,
    pub(super) user: &'a str,
    pub(super) now: Instant,
}

/// Whether the token was not accepted, so that a new one may help.
pub(super) fn token_was_refused(refusal: &Refusal) -> bool {
    refusal.status == 401 || refusal.code == Some(124)
}

/// The table.
pub(super) fn judge(asking: Asking<'_>, refusal: &Refusal) -> Failure {
    let Refusal { status, code, .. } = *refusal;
    if status == 429 || code == Some(429) {
        return throttled(asking, refusal);
    }
    if matches!(code, Some(4700 | 4711)) {
        return scopes_missing(&refusal.message);
    }
    if token_was_refused(refusal) {
        return needs_reconnect(
            "zoom_token_refused",
            "Zoom takes back the access it has just given. Look whether the app is still active in Zoom, then test the connection.",
        );
    }
    let is_trouble =
        status >= 500 || status == 408 || code.is_some_and(|code| (500..600).contains(&code));
    if (200..300).contains(&status) && !refusal.spoken {
        return unreadable(asking.operation);
    }
    if is_trouble || !refusal.spoken {
        return ambiguous(
            asking.operation,
            "Zoom is in trouble just now, which passes.",
            "zoom_trouble",
        );
    }
    match (asking.operation, code) {
        (Operation::Read | Operation::Update | Operation::Delete, Some(3001)) => Failure::Gone,
        (Operation::Delete, Some(3002)) => Failure::Occupied,
        (_, Some(1001 | 1010)) => user_unknown(asking.user),
        (_, code) => rejected(asking.user, code, refusal),
    }
}

/// No answer at all.
pub(super) fn unanswered(operation: Operation, error: &TransportError) -> Failure {
    if !error.may_have_been_received() {
        return unreachable_now();
    }
    let what = if error.is_timeout() {
        "Zoom did not answer in time."
    } else {
        "The connection to Zoom broke before the answer came."
    };
    ambiguous(operation, what, "zoom_no_answer")
}

/// An answer of success that says nothing we can use.
pub(super) fn unreadable(operation: Operation) -> Failure {
    ambiguous(operation, "Zoom's answer could not be read.", "zoom_unreadable")
}

/// A change that was accepted, and then could not be seen.
pub(super) fn unseen(after: &Failure) -> Failure {
    match after {
        Failure::Gone => Failure::Gone,
        Failure::Transient(reason)
        | Failure::Throttled { reason, .. }
        | Failure::NeedsReconnect(reason)
        | Failure::Rejected(reason)
        | Failure::UnknownUser(reason)
        | Failure::Unknown(reason) => Failure::Unknown(Reason::new(
            &reason.code,
            format!("Zoom took the change and could not show it. {}", reason.message),
        )),
        Failure::Occupied => Failure::Unknown(Failure::Occupied.reason()),
    }
}

/// An id that no path can hold.
pub(super) fn bad_id() -> Failure {
    Failure::Rejected(Reason::new(
        "zoom_bad_login",
        "The host's login at Zoom is empty or cannot be one. Correct it, and the room is made.",
    ))
}

/// Nothing was sent, and it can be sent later.
pub(super) fn unreachable_now() -> Failure {
    Failure::Transient(Reason::new(
        "zoom_unreachable",
        "Zoom cannot be reached from this server. It is tried again by itself.",
    ))
}

/// The call's time was used up before this request was sent.
pub(super) fn no_time() -> Failure {
    Failure::Transient(Reason::new(
        "zoom_slow",
        "Zoom answers too slowly. It is tried again by itself.",
    ))
}

/// A meeting without what makes one the host.
pub(super) fn no_start_link() -> Failure {
    Failure::Rejected(Reason::new(
        "zoom_no_start_link",
        "Zoom gives no start link for this meeting. Sign in to Zoom and open the meeting as its host.",
    ))
}

/// The token endpoint's answer, if it gave no token.
pub(super) fn judge_token(now: Instant, user: &str, reply: &Reply) -> Failure {
    if reply.status == 429 {
        let Heard::No(refusal) = hear(reply) else { return token_trouble() };
        return throttled(Asking { operation: Operation::Read, user, now }, &refusal);
    }
    let value = reply.json();
    let word = |name: &str| {
        value.as_ref().and_then(|it| it.get(name)?.as_str()).unwrap_or_default().to_lowercase()
    };
    let (error, reason) = (word("error"), word("reason"));
    let code = value.as_ref().and_then(|it| number(it.get("code")?));
    if reply.status >= 500 || reply.status == 408 || (error.is_empty() && code.is_none()) {
        return token_trouble();
    }
    match (error.as_str(), code) {
        _ if reason.contains("disabled") || matches!(code, Some(4717 | 4738)) => needs_reconnect(
            "zoom_app_disabled",
            "The Zoom app of this connection is switched off. Activate it in Zoom, then test the connection.",
        ),
        ("invalid_client" | "unauthorized_client", _) | (_, Some(4702 | 4704)) => needs_reconnect(
            "zoom_secret_refused",
            "Zoom no longer accepts the client secret of this connection. Paste the new one.",
        ),
        ("unsupported_grant_type", _) | (_, Some(4705)) => needs_reconnect(
            "zoom_wrong_app",
            "The Zoom app of this connection is not a Server-to-Server OAuth app. Make one of that kind and paste its client id and secret.",
        ),
        ("invalid_request", _) => needs_reconnect(
            "zoom_account_refused",
            "Zoom does not know this account id for this app. Copy the account id from the app's page in Zoom.",
        ),
        _ => needs_reconnect(
            "zoom_grant_refused",
            "Zoom no longer lets this connection in. Look whether the app is active in Zoom, and paste its credentials again.",
        ),
    }
}

/// No answer from the token endpoint: whatever happened there, no room was touched.
pub(super) fn token_unanswered(error: &TransportError) -> Failure {
    unanswered(Operation::Read, error)
}

/// The app may do less than a room needs.
pub(super) fn lacks(scopes: &[&str]) -> Failure {
    needs_reconnect(
        "zoom_scopes_missing",
        &format!(
            "The Zoom app of this connection lacks permissions (scopes): {}. Add them to the app in Zoom, then test the connection.",
            scopes.join(", ")
        ),
    )
}

fn scopes_missing(message: &str) -> Failure {
    let named = named_scopes(message);
    if named.is_empty() {
        needs_reconnect(
            "zoom_scopes_missing",
            "The Zoom app of this connection lacks a permission (scope). Add the scopes that the guide lists, then test the connection.",
        )
    } else {
        lacks(&named)
    }
}

/// The scopes that a refusal names. Zoom names every spelling that would do; the one for a whole
/// account is the one to add.
fn named_scopes(message: &str) -> Vec<&str> {
    let named: Vec<&str> = message
        .split_once('[')
        .and_then(|(_, rest)| rest.split_once(']'))
        .map(|(inside, _)| inside.split(',').map(str::trim).filter(|it| is_scope(it)).collect())
        .unwrap_or_default();
    let wide: Vec<&str> = named.iter().copied().filter(|it| it.ends_with(":admin")).collect();
    if wide.is_empty() { named } else { wide }
}

fn is_scope(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 80
        && text.bytes().all(|it| it.is_ascii_alphanumeric() || matches!(it, b':' | b'_' | b'-'))
}

fn token_trouble() -> Failure {
    Failure::Transient(Reason::new(
        "zoom_sign_in_trouble",
        "Zoom's sign-in is in trouble just now. It is tried again by itself.",
    ))
}

fn needs_reconnect(code: &str, message: &str) -> Failure {
    Failure::NeedsReconnect(
        Reason::new(code, message).with_action("Open connections", "/operator/connections"),
    )
}

fn user_unknown(user: &str) -> Failure {
    Failure::UnknownUser(Reason::new(
        "zoom_user_unknown",
        format!(
            "This Zoom account has no user {user}. Correct the host's Zoom login, or add the user in Zoom."
        ),
    ))
}

fn ambiguous(operation: Operation, what: &str, code: &str) -> Failure {
    let rest = match operation {
        Operation::Create => {
            "The room may have been made; it is looked for before another is made."
        }
        Operation::Update => "The room may have been changed; it is looked at.",
        Operation::Delete => "The room may have been removed; it is tried again.",
        Operation::List | Operation::Read => "It is tried again by itself.",
    };
    let reason = Reason::new(code, format!("{what} {rest}"));
    if operation.changes() { Failure::Unknown(reason) } else { Failure::Transient(reason) }
}

fn rejected(user: &str, code: Option<i64>, refusal: &Refusal) -> Failure {
    let said = said(refusal);
    let (name, message) = match code {
        Some(200) => (
            "zoom_plan",
            "The plan or the role of this Zoom account does not allow it. Change the plan or the role in Zoom, or ask for less in the service's settings.".to_owned(),
        ),
        Some(300) if refusal.is_about("password") => (
            "zoom_passcode_refused",
            format!("The passcode rules of this Zoom account do not allow what the service asks for{said}. Leave the passcode to Zoom in the service's settings, or change the rules in Zoom."),
        ),
        Some(300) => (
            "zoom_details_refused",
            format!("Zoom does not accept the details of this session{said}. Change them, and it is tried again."),
        ),
        Some(3000) => (
            "zoom_refused",
            format!("Zoom will not do this for {user}{said}. Mend it in Zoom, or choose another room."),
        ),
        Some(3161) => (
            "zoom_user_may_not_host",
            format!("{user} may not host meetings in this Zoom account. Give that user the right in Zoom, or choose another room."),
        ),
        Some(3003 | 3007 | 3018 | 3037 | 3063) => (
            "zoom_cannot_remove",
            format!("Zoom will not remove this meeting{said}. Remove it in Zoom by hand."),
        ),
        Some(_) if refusal.status == 403 => (
            "zoom_not_permitted",
            format!("Zoom does not permit this connection to do it{said}. Ask the Zoom account's administrator."),
        ),
        _ => ("zoom_refused", format!("Zoom refuses{said}.")),
    };
    Failure::Rejected(Reason::new(name, message))
}

/// Zoom's own words, for where ours do not know better.
fn said(refusal: &Refusal) -> String {
    let words = if refusal.fields.is_empty() { refusal.message.clone() } else { fields(refusal) };
    let words: String = words.chars().filter(|it| !it.is_control()).take(200).collect();
    let words = words.trim().trim_end_matches('.');
    if words.is_empty() { String::new() } else { format!(" (\u{201c}{words}\u{201d})") }
}

fn fields(refusal: &Refusal) -> String {
    let fields: Vec<String> = refusal
        .fields
        .iter()
        .map(|FieldError { field, message }| format!("{field}: {message}"))
        .collect();
    fields.join("; ")
}

fn throttled(asking: Asking<'_>, refusal: &Refusal) -> Failure {
    const SECOND: u64 = 1_000;
    const MINUTE: u64 = 60 * SECOND;
    let Asking { user, now, .. } = asking;
    let said = refusal.message.to_lowercase();
    let later = |least: u64, most: u64| Duration::from_millis(least + spread(user, most - least));
    let (until, scope, code, message) = if said.contains("daily rate limit (")
        || said.contains("particular user")
    {
        (
            now.next_utc_day().plus(later(SECOND, 5 * MINUTE)),
            ThrottleScope::User,
            "zoom_user_daily_limit",
            format!(
                "Zoom lets a user make or change only so many meetings a day, and {user} has used them up. It goes on after midnight UTC."
            ),
        )
    } else if said.contains("concurrent") {
        (
            retry_after(refusal, now).unwrap_or_else(|| now.plus(later(SECOND, 2 * SECOND))),
            ThrottleScope::User,
            "zoom_busy",
            format!("Zoom is still busy with another change for {user}. It goes on in a moment."),
        )
    } else if let Some(until) = retry_after(refusal, now) {
        (
            until,
            ThrottleScope::Account,
            "zoom_daily_limit",
            "This Zoom account has used up its calls for now. It goes on when Zoom says so."
                .to_owned(),
        )
    } else if said.contains("daily")
        || refusal.limit_type.as_deref().is_some_and(|it| it.eq_ignore_ascii_case("daily-limit"))
    {
        (
            now.next_utc_day().plus(later(SECOND, MINUTE)),
            ThrottleScope::Account,
            "zoom_daily_limit",
            "This Zoom account has used up its calls for today. It goes on after midnight UTC."
                .to_owned(),
        )
    } else {
        (
            now.plus(later(SECOND, 2 * SECOND)),
            ThrottleScope::Account,
            "zoom_too_fast",
            "Zoom asks for fewer calls a second. It goes on in a moment.".to_owned(),
        )
    };
    Failure::Throttled { until, scope, reason: Reason::new(code, message) }
}

/// A date and time, as Zoom writes it, or seconds, as everybody else does. Never in the past, and
/// never further away than the longest quota.
fn retry_after(refusal: &Refusal, now: Instant) -> Option<Instant> {
    const LONGEST: Duration = Duration::from_secs(25 * 60 * 60);
    let text = refusal.retry_after.as_deref()?.trim();
    let until = match text.parse::<u64>() {
        Ok(seconds) => now.plus(Duration::from_secs(seconds)),
        Err(_) => text.parse::<Instant>().ok()?,
    };
    Some(until.clamp(now.plus(Duration::from_secs(1)), now.plus(LONGEST)))
}

/// A number below `most` that is this user's own, so that users spread without a die.
fn spread(user: &str, most: u64) -> u64 {
    let hash = user.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    // The low bits of this hash are its worst.
    (hash >> 16) % most.max(1)
}

#[cfg(test)]
mod tests;
