//! What can be configured: one row per key.

/// One thing that can be set: `smtp_url` in the file, `ROOMKEY_SMTP_URL` in the environment.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Key {
    /// As the file writes it.
    pub(crate) name: &'static str,
    /// It may be given as the path of a file, and is never shown.
    pub(crate) secret: bool,
    /// What holds if nobody says anything.
    pub(crate) default: Option<&'static str>,
    /// The published surface has it, this version does nothing with it.
    pub(crate) later: bool,
}

/// What the names of all variables begin with.
pub(crate) const PREFIX: &str = "ROOMKEY_";
/// What the names of files' keys end with.
pub(crate) const FILE: &str = "_file";

const fn plain(name: &'static str) -> Key {
    Key { name, secret: false, default: None, later: false }
}

const fn with(name: &'static str, default: &'static str) -> Key {
    Key { name, secret: false, default: Some(default), later: false }
}

const fn secret(name: &'static str) -> Key {
    Key { name, secret: true, default: None, later: false }
}

const fn later(name: &'static str) -> Key {
    Key { name, secret: false, default: None, later: true }
}

const fn later_secret(name: &'static str) -> Key {
    Key { name, secret: true, default: None, later: true }
}

/// Everything that can be configured.
pub(crate) static KEYS: &[Key] = &[
    with("listen", "127.0.0.1:8080"),
    plain("public_url"),
    Key { default: Some("sqlite://roomkey.db"), ..secret("database_url") },
    with("database_connections", "20"),
    secret("keys"),
    secret("smtp_url"),
    plain("mail_from"),
    with("log", "info"),
    with("log_format", "auto"),
    plain("metrics_listen"),
    with("trusted_proxies", ""),
    with("http_timeout", "10s"),
    with("retry_schedule", "1s,3s,10s,30s,2m,8m"),
    with("settle", "30s"),
    with("rate_limits", "on"),
    with("budgets", "on"),
    with("zoom_user_daily_limit", "100"),
    plain("zoom_authorize_url"),
    plain("zoom_token_url"),
    plain("zoom_revoke_url"),
    plain("zoom_api_root"),
    secret("zoom_webhook_secret"),
    secret("stripe_webhook_secret"),
    with("sandbox_listen", "127.0.0.1:8081"),
    with("sandbox_smtp_listen", "127.0.0.1:8025"),
    plain("sandbox_zoom_event_url"),
    secret("sandbox_zoom_secret"),
    later("allow_private_targets"),
    later("sandbox_google_event_url"),
    later("webhook_retry_schedule"),
    later("zoom_client_id"),
    later_secret("zoom_client_secret"),
    later("google_authorize_url"),
    later("google_token_url"),
    later("google_revoke_url"),
    later("google_userinfo_url"),
    later("google_calendar_root"),
    later("google_meet_root"),
    later("google_client_id"),
    later_secret("google_client_secret"),
    later("microsoft_authorize_url"),
    later("microsoft_token_url"),
    later("microsoft_graph_root"),
    later("microsoft_client_id"),
    later_secret("microsoft_client_secret"),
    later("daily_api_root"),
    later("whereby_api_root"),
    later("webex_api_root"),
    later("twilio_api_root"),
    later("stripe_api_root"),
];

impl Key {
    /// The key of this name, as the file writes it.
    pub(crate) fn named(name: &str) -> Option<&'static Self> {
        KEYS.iter().find(|key| key.name == name)
    }

    /// As the environment writes it.
    pub(crate) fn variable(&self) -> String {
        format!("{PREFIX}{}", self.name.to_ascii_uppercase())
    }

    /// The key whose name is most like this one, if any is much like it.
    pub(crate) fn like(name: &str) -> Option<&'static Self> {
        KEYS.iter()
            .map(|key| (distance(key.name, name), key))
            .min_by_key(|(distance, _)| *distance)
            .filter(|(distance, _)| *distance <= 3)
            .map(|(_, key)| key)
    }
}

/// How many letters must change for one name to become the other.
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.bytes().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (slot, b) in row.iter_mut().skip(1).zip(other.bytes()) {
            let above = *slot;
            left = (diagonal + usize::from(a != b)).min(above + 1).min(left + 1);
            diagonal = above;
            *slot = left;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_pen_is_recognised() {
        assert_eq!(Key::like("smpt_url").map(|key| key.name), Some("smtp_url"));
        assert_eq!(Key::like("publicurl").map(|key| key.name), Some("public_url"));
        assert_eq!(Key::like("colour"), None);
    }

    #[test]
    fn names_are_told_apart() {
        for key in KEYS {
            assert!(!key.name.ends_with(FILE), "{}", key.name);
            assert_eq!(KEYS.iter().filter(|it| it.name == key.name).count(), 1, "{}", key.name);
        }
    }
}
