//! Hosts: who gives sessions, and the form for one.

use askama::Template;
use roomkey_core::Zone;
use roomkey_core::id::HostId;
use serde::{Deserialize, Serialize};

use super::filled::Filled;
use super::shell::{Section, Shell};
use crate::pages::form::{Field, Form, ZoneList};
use crate::pages::icon::Icon;
use crate::pages::pill::Pill;
use crate::pages::when;

/// One host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostRow {
    /// The id.
    pub id: HostId,
    /// The name.
    pub name: String,
    /// The e-mail.
    pub email: String,
    /// The zone.
    pub zone: Zone,
    /// The account at Zoom, if it is not the e-mail.
    pub zoom_account: Option<String>,
    /// Whether rooms can be made for this host.
    pub rooms: Pill,
    /// What keeps them from being made, where that is known.
    pub wrong: Option<String>,
    /// Sessions ahead.
    pub ahead: u64,
}

impl HostRow {
    /// Where the form is.
    #[must_use]
    pub fn href(&self) -> String {
        format!("/operator/hosts/{}", self.id)
    }

    /// Where the address at Zoom is typed.
    #[must_use]
    pub fn mend(&self) -> String {
        format!("{}#host-zoom_account", self.href())
    }

    /// Sessions ahead, in words.
    #[must_use]
    pub fn ahead_words(&self) -> String {
        if self.ahead == 0 { "none".to_owned() } else { self.ahead.to_string() }
    }
}

/// What is typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct HostValues {
    /// The name.
    pub name: String,
    /// The e-mail.
    pub email: String,
    /// An IANA name.
    pub time_zone: String,
    /// The account at Zoom; empty: the e-mail.
    pub zoom_account: String,
    /// The telephone.
    pub phone: String,
}

impl HostValues {
    /// The fields in the order in which they are read.
    pub const FIELDS: &'static [&'static str] =
        &["name", "email", "time_zone", "zoom_account", "phone"];
}

/// The hosts, or one of them with the form alone.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "operator/hosts.html")]
pub struct HostsPage {
    /// What surrounds it.
    pub shell: Shell,
    /// Every host, by name.
    pub hosts: Vec<HostRow>,
    /// What is wrong with the one who is edited.
    pub wrong: Option<String>,
    /// The form: `POST /operator/hosts`, or `POST /operator/hosts/{id}` while one is edited.
    pub form: Filled<HostValues>,
    /// Who is edited, and how many sessions are ahead.
    pub editing: Option<(HostId, u64)>,
}

impl HostsPage {
    /// Where the form goes.
    #[must_use]
    pub fn action(&self) -> String {
        match &self.editing {
            Some((id, _)) => format!("/operator/hosts/{id}"),
            None => "/operator/hosts".to_owned(),
        }
    }

    /// Why the host who is edited cannot be removed; nothing if that is possible.
    #[must_use]
    pub fn kept_because(&self) -> Option<String> {
        let ahead = self.editing.as_ref().map_or(0, |(_, ahead)| *ahead);
        (ahead > 0).then(|| {
            format!(
                "{} ahead. Reassign or cancel, then the host can be removed.",
                when::count(ahead, "session")
            )
        })
    }

    /// The form's fields.
    #[must_use]
    pub fn fields(&self) -> Vec<Field> {
        let values = &self.form.values;
        let form = Form { id: "host", order: HostValues::FIELDS, errors: &self.form.errors };
        vec![
            form.field("name", "Name", &values.name).help("As guests read it."),
            form.field("email", "E-mail", &values.email).line("email"),
            form.field("time_zone", "Zone", &values.time_zone).zone(),
            form.field("zoom_account", "Zoom account", &values.zoom_account)
                .optional()
                .help("The address with which the host signs in to Zoom, if it is another than the e-mail."),
            form.field("phone", "Telephone", &values.phone).line("tel").optional(),
        ]
    }
}
