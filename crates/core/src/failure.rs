//! What can go wrong at a vendor, sorted once, in words a host understands.

use serde::{Deserialize, Serialize};

use crate::route::Provider;
use crate::settings::Breach;
use crate::time::Instant;

/// What is wrong, in words, and what to click.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Reason {
    /// Stable, for programs: `not_connected`.
    pub code: String,
    /// What is, then what to do.
    pub message: String,
    /// The button's words, if a person can mend it.
    pub action: Option<String>,
    /// Where the button leads: a path below the public address.
    pub action_url: Option<String>,
}

impl Reason {
    /// A reason that needs no person.
    #[must_use]
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        Self { code: code.to_owned(), message: message.into(), action: None, action_url: None }
    }

    /// The same reason with a button.
    #[must_use]
    pub fn with_action(mut self, words: &str, url: &str) -> Self {
        self.action = Some(words.to_owned());
        self.action_url = Some(url.to_owned());
        self
    }

    /// There is no connection that the route could use.
    #[must_use]
    pub fn not_connected(provider: Provider) -> Self {
        let name = provider.label();
        Self::new(
            "not_connected",
            format!("No {name} account is connected. Connect one, and the room is made."),
        )
        .with_action(&format!("Connect {name}"), "/operator/connections")
    }

    /// The connection that the route would use is switched off.
    #[must_use]
    pub fn connection_disabled(provider: Provider) -> Self {
        let name = provider.label();
        Self::new(
            "connection_disabled",
            format!("The {name} account is switched off. Switch it on, and the room is made."),
        )
        .with_action("Switch on", "/operator/connections")
    }

    /// A route through seats, and no seats.
    #[must_use]
    pub fn no_seats() -> Self {
        Self::new("no_seats", "The connection lends no seats. Add one to it, and the room is made.")
            .with_action("Open connections", "/operator/connections")
    }

    /// A vendor user has made and changed as much today as the vendor allows.
    #[must_use]
    pub fn day_is_used_up(user: &str) -> Self {
        Self::new(
            "user_daily_limit",
            format!(
                "{user} has made and changed as many meetings today as the vendor allows. It goes on after midnight UTC."
            ),
        )
    }

    /// Other sessions of the same host's own account at the same time.
    #[must_use]
    pub fn host_overlap(others: u64) -> Self {
        let sessions = if others == 1 {
            "another online session".to_owned()
        } else {
            format!("{others} other online sessions")
        };
        Self::new(
            "host_overlap",
            format!(
                "This host has {sessions} at the same time. A vendor account usually runs one meeting at a time, so one of them may not begin. Move one, or use seats."
            ),
        )
    }

    /// Every seat is taken while the session lasts.
    #[must_use]
    pub fn no_free_seat() -> Self {
        Self::new(
            "no_free_seat",
            "Every seat is taken by other sessions at this time. Add a seat to the connection, or move a session.",
        )
        .with_action("Open connections", "/operator/connections")
    }

    /// A vendor's account keeps settings otherwise than the service demands, and the session would
    /// be less private for it.
    #[must_use]
    pub fn not_private(provider: Provider, breaches: &[Breach]) -> Self {
        let name = provider.label();
        let what: Vec<&str> = breaches.iter().map(|it| it.words()).collect();
        Self::new(
            "settings_refused",
            format!(
                "The {name} account {}, and the service demands otherwise, so its room is not used. Unlock the setting in {name}, then try again; or ask for less in the service.",
                what.join(" and ")
            ),
        )
        .with_action("Open services", "/operator/services")
    }

    /// A vendor puts every meeting of a user into one room.
    #[must_use]
    pub fn personal_room(provider: Provider, user: &str) -> Self {
        let name = provider.label();
        Self::new(
            "personal_room",
            format!(
                "{name} puts every meeting of {user} into the same personal room, where sessions would meet each other. Switch the Personal Meeting ID for scheduled meetings off in {name}, then try again; or choose another room."
            ),
        )
    }

    /// A vendor's account keeps settings otherwise than was asked; the room is used all the same.
    #[must_use]
    pub fn settings_kept(provider: Provider, settings: &[&str]) -> Self {
        let name = provider.label();
        Self::new(
            "settings_kept",
            format!(
                "The {name} account has its own mind about: {}. An administrator has locked it in {name}, or it follows from another setting.",
                settings.join(", ")
            ),
        )
    }

    /// Alternative hosts whom the vendor would not have.
    #[must_use]
    pub fn hosts_dropped(provider: Provider, who: &[String]) -> Self {
        let name = provider.label();
        Self::new(
            "alternative_hosts_dropped",
            format!(
                "{name} does not accept as alternative hosts: {}. They need a licence in the same {name} account.",
                who.join(", ")
            ),
        )
    }

    /// Alternative hosts who were left out because the vendor would not say whom it will not have.
    #[must_use]
    pub fn hosts_left_out(provider: Provider, who: &[String]) -> Self {
        let name = provider.label();
        Self::new(
            "alternative_hosts_left_out",
            format!(
                "{name} does not accept all of the alternative hosts, and does not say whom it refuses. Left out for that: {}. Each needs a licence in the same {name} account.",
                who.join(", ")
            ),
        )
    }

    /// A fixed link without an address.
    #[must_use]
    pub fn link_missing() -> Self {
        Self::new(
            "link_missing",
            "The route ends in a fixed link that has no address. Type one in.",
        )
    }

    /// The route has no option at all.
    #[must_use]
    pub fn no_route() -> Self {
        Self::new(
            "no_route",
            "Nothing says where this session's room is to be made. Give the service, the host or the practice a route, or type a link in.",
        )
        .with_action("Open connections", "/operator/connections")
    }

    /// The account that made a room is not there to remove it.
    #[must_use]
    pub fn account_missing() -> Self {
        Self::new(
            "account_missing",
            "The account that made this room is no longer connected, so the room cannot be removed. Connect it again.",
        )
        .with_action("Open connections", "/operator/connections")
    }
}

/// How wide a throttle reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ThrottleScope {
    /// One vendor user.
    User,
    /// The whole vendor account, so the whole lane.
    Account,
}

/// A vendor's answer that was no success, classified in the adapter and nowhere else.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Failure {
    /// Nothing was done and the same call may go through later.
    Transient(Reason),
    /// Too many calls; nothing was done.
    Throttled {
        /// From when on calls are answered again.
        until: Instant,
        /// For whom.
        scope: ThrottleScope,
        /// In words.
        reason: Reason,
    },
    /// The credentials are no good; a person must connect again.
    NeedsReconnect(Reason),
    /// The vendor understood and will not; the same call will never go through.
    Rejected(Reason),
    /// The vendor's account does not know the user who should hold the room.
    UnknownUser(Reason),
    /// What the call was about is not there.
    Gone,
    /// There are people in the room; it is not to be touched.
    Occupied,
    /// Nobody knows whether it took effect.
    Unknown(Reason),
}

impl Failure {
    /// The class, for records and metrics.
    #[must_use]
    pub const fn class(&self) -> &'static str {
        match self {
            Self::Transient(_) => "transient",
            Self::Throttled { .. } => "throttled",
            Self::NeedsReconnect(_) => "needs_reconnect",
            Self::Rejected(_) => "rejected",
            Self::UnknownUser(_) => "unknown_user",
            Self::Gone => "gone",
            Self::Occupied => "occupied",
            Self::Unknown(_) => "unknown",
        }
    }

    /// Whether it counts towards giving up. Waiting for a budget, for people to leave or for a
    /// person's consent does not.
    #[must_use]
    pub const fn counts(&self) -> bool {
        match self {
            Self::Transient(_) | Self::Rejected(_) | Self::Unknown(_) => true,
            Self::Throttled { .. }
            | Self::NeedsReconnect(_)
            | Self::UnknownUser(_)
            | Self::Gone
            | Self::Occupied => false,
        }
    }

    /// The words, where there are any.
    #[must_use]
    pub fn reason(&self) -> Reason {
        match self {
            Self::Transient(reason)
            | Self::Throttled { reason, .. }
            | Self::NeedsReconnect(reason)
            | Self::Rejected(reason)
            | Self::UnknownUser(reason)
            | Self::Unknown(reason) => reason.clone(),
            Self::Gone => Reason::new("room_gone", "The room is no longer there."),
            Self::Occupied => Reason::new("room_occupied", "There are people in the room."),
        }
    }
}
