//! Status: which sessions have no room and why, how every connection is doing, and what is
//! waiting to be done.

use std::time::Duration;

use askama::Template;
use roomkey_core::Instant;
use roomkey_core::failure::Reason;
use roomkey_core::route::Provider;

use super::cause::Cause;
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
        match (&self.health, self.provider) {
            (Health::Untried, None) => "No mail has been sent yet.".to_owned(),
            (health, _) => health.words(*now),
        }
    }

    /// "all of 48", "45 of 48"; nothing where nothing was asked.
    #[must_use]
    pub fn done(&self) -> String {
        match (self.calls, self.succeeded) {
            (0, _) => "nothing was asked".to_owned(),
            (1, 1) => "the one".to_owned(),
            (calls, succeeded) if succeeded >= calls => format!("all {calls}"),
            (calls, 0) => format!("none of {calls}"),
            (calls, succeeded) => format!("{succeeded} of {calls}"),
        }
    }

    /// How soon it usually answers.
    #[must_use]
    pub fn pace(&self) -> Option<String> {
        self.median.map(when::usually)
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
    /// Which sessions have no room, by cause.
    pub causes: Vec<Cause>,
    /// What is waiting.
    pub backlog: Backlog,
    /// Why nothing is happening, where nothing is.
    pub stalls: Vec<Reason>,
    /// Each connection, then the mail relay.
    pub rows: Vec<HealthRow>,
}

impl StatusPage {
    /// What Roomkey has before it, and since when or from when on.
    #[must_use]
    pub fn backlog_sentence(&self) -> String {
        let now = self.shell.now;
        let Backlog { due, later, oldest_due, next_due } = &self.backlog;
        let next = next_due.map(|at| when::within(at, now));
        match (due, later, oldest_due, next) {
            (0, 0, ..) => "Roomkey has nothing to do, and nothing is planned.".to_owned(),
            (0, _, _, None) => {
                format!("Nothing waits. {} planned.", looks(*later))
            }
            (0, 1, _, Some(next)) => {
                format!("Nothing waits. One look at a session is planned, in {next}.")
            }
            (0, _, _, Some(next)) => {
                format!("Nothing waits. {} planned, the next in {next}.", looks(*later))
            }
            (_, _, Some(at), _) => format!(
                "{} to be done now, the oldest for {}. {} planned.",
                waits(*due),
                when::long(now.since(*at)),
                looks(*later)
            ),
            (_, _, None, _) => {
                format!("{} to be done now. {} planned.", waits(*due), looks(*later))
            }
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

fn waits(many: u64) -> String {
    if many == 1 { "1 thing waits".to_owned() } else { format!("{many} things wait") }
}

fn looks(many: u64) -> String {
    if many == 1 {
        "1 look at a session is".to_owned()
    } else {
        format!("{many} looks at sessions are")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::samples;

    #[test]
    fn what_was_done_is_never_flattered() {
        let row = |calls, succeeded| HealthRow {
            provider: None,
            name: String::new(),
            health: Health::Untried,
            calls,
            succeeded,
            median: None,
        };
        assert_eq!(row(0, 0).done(), "nothing was asked");
        assert_eq!(row(1000, 1000).done(), "all 1000");
        assert_eq!(row(10_000, 9_999).done(), "9999 of 10000");
        assert_eq!(row(797, 0).done(), "none of 797");
    }

    #[test]
    fn what_waits_is_told_in_words() {
        let (_, mut page) = samples::statuses().remove(0);
        let now = page.shell.now;
        let mut told = |due, later, oldest_due, next_due| {
            page.backlog = Backlog { due, later, oldest_due, next_due };
            page.backlog_sentence()
        };
        let soon = Some(now.plus(Duration::from_secs(600)));
        assert_eq!(
            told(0, 916, None, soon),
            "Nothing waits. 916 looks at sessions are planned, the next in 10 minutes."
        );
        let long_ago = Some(now.minus(Duration::from_secs(120)));
        assert_eq!(
            told(1, 1, long_ago, None),
            "1 thing waits to be done now, the oldest for 2 minutes. 1 look at a session is planned."
        );
        assert_eq!(told(0, 0, None, None), "Roomkey has nothing to do, and nothing is planned.");
    }
}
