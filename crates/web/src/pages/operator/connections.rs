//! Connections: the accounts at vendors, how they are doing, and the form for a new one.

use std::fmt;

use askama::Template;
use roomkey_core::Instant;
use roomkey_core::id::ConnectionId;
use roomkey_core::route::Provider;
use serde::Deserialize;

use super::filled::Filled;
use super::health::Health;
use super::shell::{Section, Shell};
use crate::pages::form::{Control, Errors, Field, Form};
use crate::pages::icon::{Glyph, Icon};
use crate::pages::when;

/// One connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionCard {
    /// Its id.
    pub id: ConnectionId,
    /// At whom.
    pub provider: Provider,
    /// How it was authorised: "Server-to-server".
    pub kind: String,
    /// The vendor's account.
    pub account: String,
    /// The app's client id.
    pub client_id: String,
    /// A host's name, if it is not the practice's.
    pub host: Option<String>,
    /// How it is doing.
    pub health: Health,
    /// The seats it lends.
    pub seats: Vec<String>,
    /// Sessions that wait for it.
    pub waiting: u64,
    /// Sessions ahead whose rooms it holds.
    pub holds: u64,
    /// Where the provider is to send its events.
    pub webhook_url: String,
    /// When the last one came.
    pub heard: Option<Instant>,
}

impl ConnectionCard {
    /// Where its forms go.
    #[must_use]
    pub fn path(&self) -> String {
        format!("/operator/connections/{}", self.id)
    }

    /// Its provider's mark.
    #[must_use]
    pub const fn glyph(&self) -> Glyph {
        Glyph(self.provider)
    }

    /// How it is doing, in words.
    #[must_use]
    pub fn words(&self, now: &Instant) -> String {
        self.health.words(*now)
    }

    /// Whether it is switched off.
    #[must_use]
    pub fn is_disabled(&self) -> bool {
        self.health == Health::Disabled
    }

    /// Whether *Test* makes sense.
    #[must_use]
    pub fn can_test(&self) -> bool {
        !matches!(self.health, Health::Testing | Health::Disabled)
    }

    /// Its forms' part of ids.
    #[must_use]
    pub fn form_id(&self) -> String {
        format!("{}-credentials", self.id)
    }

    /// Whether new credentials would mend it.
    #[must_use]
    pub fn needs_credentials(&self) -> bool {
        matches!(self.health, Health::NeedsReconnect(_))
    }

    /// What removing it does.
    #[must_use]
    pub fn consequence(&self) -> String {
        match self.holds {
            0 => "No session would lose its room. Its secrets are forgotten.".to_owned(),
            1 => "1 session would lose its room. Its secrets are forgotten.".to_owned(),
            many => format!(
                "{} would lose their rooms. Its secrets are forgotten.",
                when::count(many, "session")
            ),
        }
    }

    /// When the provider last told something.
    #[must_use]
    pub fn heard_words(&self, now: &Instant) -> String {
        match self.heard {
            Some(at) => format!("The last event came {}.", when::ago(at, *now)),
            None => "No event has come yet.".to_owned(),
        }
    }

    /// Who waits for it.
    #[must_use]
    pub fn waiting_words(&self) -> Option<String> {
        (self.waiting > 0).then(|| {
            let verb = if self.waiting == 1 { "waits" } else { "wait" };
            format!("{} {verb} for it.", when::count(self.waiting, "session"))
        })
    }
}

/// A new server-to-server connection at Zoom.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct ZoomValues {
    /// The account's id.
    pub account_id: String,
    /// The app's client id.
    pub client_id: String,
    /// The app's client secret.
    pub client_secret: String,
    /// The app's secret token for events.
    pub webhook_secret: String,
    /// Seats: e-mail addresses, one a line.
    pub seats: String,
}

impl ZoomValues {
    /// The fields in the order in which they are read.
    pub const FIELDS: &'static [&'static str] =
        &["account_id", "client_id", "client_secret", "webhook_secret", "seats"];
}

impl fmt::Debug for ZoomValues {
    /// Without the secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ZoomValues")
            .field("account_id", &self.account_id)
            .field("client_id", &self.client_id)
            .field("seats", &self.seats)
            .finish_non_exhaustive()
    }
}

/// Other credentials for a connection.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct CredentialValues {
    /// The app's client id; empty: as it was.
    pub client_id: String,
    /// The app's client secret; empty: as it was.
    pub client_secret: String,
    /// The app's secret token for events; empty: as it was.
    pub webhook_secret: String,
}

impl CredentialValues {
    /// The fields in the order in which they are read.
    pub const FIELDS: &'static [&'static str] = &["client_id", "client_secret", "webhook_secret"];
}

impl fmt::Debug for CredentialValues {
    /// Without the secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CredentialValues")
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

/// The connections.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "operator/connections.html")]
pub struct ConnectionsPage {
    /// What surrounds it.
    pub shell: Shell,
    /// Every connection; what needs a person first.
    pub cards: Vec<ConnectionCard>,
    /// A new one: `POST /operator/connections`.
    pub zoom: Filled<ZoomValues>,
    /// Whose credentials were to be changed, and what was wrong with them.
    pub changing: Option<(ConnectionId, Filled<CredentialValues>)>,
}

impl ConnectionsPage {
    /// Whether a card's form for credentials has something to say.
    #[must_use]
    pub fn is_changing(&self, card: &ConnectionCard) -> bool {
        self.changing.as_ref().is_some_and(|(id, _)| *id == card.id)
    }

    /// What is wrong with a card's form for credentials.
    #[must_use]
    pub fn faults(&self, card: &ConnectionCard) -> Errors {
        let of_card = self.changing.as_ref().filter(|(id, _)| *id == card.id);
        of_card.map(|(_, form)| form.errors.clone()).unwrap_or_default()
    }

    /// The fields of a card's form for credentials. Secrets are never shown, not even those that
    /// were typed just now.
    #[must_use]
    pub fn credentials(&self, card: &ConnectionCard) -> Vec<Field> {
        let errors = self.faults(card);
        let id = card.form_id();
        let form = Form { id: &id, order: CredentialValues::FIELDS, errors: &errors };
        let typed = self.changing.as_ref().filter(|(id, _)| *id == card.id);
        let client_id = typed.map_or(&card.client_id, |(_, form)| &form.values.client_id);
        let secret = form.field("client_secret", "Client secret", "").line("password");
        vec![
            form.field("client_id", "Client ID", client_id),
            if card.needs_credentials() {
                secret
            } else {
                secret.optional().help("Empty: as it was.")
            },
            form.field("webhook_secret", "Secret token for events", "")
                .line("password")
                .optional()
                .help("Empty: as it was."),
        ]
    }

    /// The fields for a new one.
    #[must_use]
    pub fn fields(&self) -> Vec<Field> {
        let values = &self.zoom.values;
        let form = Form { id: "zoom", order: ZoomValues::FIELDS, errors: &self.zoom.errors };
        vec![
            form.field("account_id", "Account ID", &values.account_id)
                .help("In the Zoom App Marketplace, under your app’s credentials."),
            form.field("client_id", "Client ID", &values.client_id),
            // What is secret is not sent back: it is typed again.
            form.field("client_secret", "Client secret", "").line("password"),
            form.field("webhook_secret", "Secret token for events", "")
                .line("password")
                .optional()
                .help("From the app’s event subscription. With it, Roomkey hears when people come and go."),
            form.field("seats", "Seats", &values.seats)
                .control(Control::Lines)
                .optional()
                .help("Licensed users who lend rooms to others’ sessions: one e-mail a line."),
        ]
    }
}
