//! Status: how every connection is doing, what is waiting, and why nothing is happening.

use std::time::Duration;

use askama::Template;
use roomkey_core::Instant;
use roomkey_core::failure::Reason;
use roomkey_core::route::Provider;

use super::health::Health;
use super::shell::{Section, Shell};
use crate::pages::icon::{Glyph, Icon};
use crate::pages::pill::{Action, Notice};
use crate::pages::when;

/// How one connection, or the mail relay, has been doing for a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HealthRow {
    /// At whom; nothing for the mail relay.
    pub provider: Option<Provider>,
    /// The account, or "Mail".
    pub name: String,
    /// How it is doing.
    pub health: Health,
    /// Calls in the last day.
    pub calls: u64,
    /// How many of them succeeded.
    pub succeeded: u64,
    /// How long half of them took at most.
    pub median: Option<Duration>,
}

impl HealthRow {
    /// Its provider's mark.
    #[must_use]
    pub fn glyph(&self) -> Option<Glyph> {
        self.provider.map(Glyph)
    }

    /// How it is doing, in words.
    #[must_use]
    pub fn words(&self, now: &Instant) -> String {
        self.health.words(*now)
    }

    /// "99.2 %"; rounded down, so that 100 % means all.
    #[must_use]
    pub fn rate(&self) -> String {
        if self.calls == 0 {
            return "–".to_owned();
        }
        let tenths = self.succeeded.saturating_mul(1000) / self.calls;
        if tenths.is_multiple_of(10) {
            format!("{} %", tenths / 10)
        } else {
            format!("{}.{} %", tenths / 10, tenths % 10)
        }
    }

    /// How long half of its calls took at most.
    #[must_use]
    pub fn pace(&self) -> String {
        self.median.map_or_else(|| "–".to_owned(), when::took)
    }
}

/// What is waiting to be done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Backlog {
    /// Due now.
    pub due: u64,
    /// Due later.
    pub later: u64,
    /// Since when the oldest has been due.
    pub oldest_due: Option<Instant>,
    /// When something is next due.
    pub next_due: Option<Instant>,
}

/// Status.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "operator/status.html")]
pub struct StatusPage {
    /// What surrounds it.
    pub shell: Shell,
    /// What is waiting.
    pub backlog: Backlog,
    /// Why nothing is happening, where nothing is.
    pub stalls: Vec<Reason>,
    /// Each connection, then the mail relay.
    pub rows: Vec<HealthRow>,
}

impl StatusPage {
    /// Since when the oldest due work waits, or when something is next due.
    #[must_use]
    pub fn backlog_sentence(&self) -> String {
        let now = self.shell.now;
        match (&self.backlog.oldest_due, &self.backlog.next_due) {
            (Some(at), _) => format!("The oldest has been due for {}.", when::long(now.since(*at))),
            (None, Some(at)) => {
                format!("Nothing is due. The next look is in {}.", when::within(*at, now))
            }
            (None, None) => "Nothing is due, and nothing is planned.".to_owned(),
        }
    }

    /// What stalls, as notices with buttons.
    #[must_use]
    pub fn notices(&self) -> Vec<Notice> {
        self.stalls
            .iter()
            .map(|reason| Notice::brass(&reason.message).with_action(Action::of(reason)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_never_flattered() {
        let row = |calls, succeeded| HealthRow {
            provider: None,
            name: String::new(),
            health: Health::Untried,
            calls,
            succeeded,
            median: None,
        };
        assert_eq!(row(0, 0).rate(), "–");
        assert_eq!(row(1000, 1000).rate(), "100 %");
        assert_eq!(row(10_000, 9_999).rate(), "99.9 %");
    }
}
