//! The form for a new booking.

use askama::Template;
use serde::{Deserialize, Serialize};

use super::filled::Filled;
use super::shell::{Section, Shell};
use crate::pages::form::{Choice, Control, Field, Form, ZoneList};

/// What is typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NewBookingValues {
    /// The host's id.
    pub host: String,
    /// The service's id.
    pub service: String,
    /// `2026-03-03`
    pub date: String,
    /// `15:00`
    pub time: String,
    /// An IANA name.
    pub time_zone: String,
    /// Empty: the service's.
    pub duration_minutes: String,
    /// `online`, `phone`, `in_person`; empty: the service's.
    pub mode: String,
    /// The guest's name.
    pub guest_name: String,
    /// The guest's e-mail.
    pub guest_email: String,
    /// Empty: the booking's.
    pub guest_time_zone: String,
    /// Empty: made from the service's template.
    pub title: String,
    /// `on` once a person has said that a time in the past is meant.
    pub past: String,
}

impl NewBookingValues {
    /// The fields in the order in which they are read.
    pub const FIELDS: &'static [&'static str] = &[
        "service",
        "host",
        "date",
        "time",
        "time_zone",
        "duration_minutes",
        "mode",
        "guest_name",
        "guest_email",
        "guest_time_zone",
        "title",
        "past",
    ];
}

/// The page with the form.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "operator/new_booking.html")]
pub struct NewBookingPage {
    /// What surrounds it.
    pub shell: Shell,
    /// The form: `POST /operator/bookings`.
    pub form: Filled<NewBookingValues>,
    /// Every host.
    pub hosts: Vec<Choice>,
    /// Every service.
    pub services: Vec<Choice>,
}

impl NewBookingPage {
    fn form(&self) -> Form<'_> {
        Form { id: "booking", order: NewBookingValues::FIELDS, errors: &self.form.errors }
    }

    /// The fields that say what and with whom.
    #[must_use]
    pub fn what(&self) -> Vec<Field> {
        let (form, values) = (self.form(), &self.form.values);
        vec![
            form.field("service", "Service", &values.service)
                .control(Control::Choice(with_none("Choose a service", &self.services))),
            form.field("host", "Host", &values.host)
                .control(Control::Choice(with_none("Choose a host", &self.hosts))),
        ]
    }

    /// The fields that say when.
    #[must_use]
    pub fn when(&self) -> Vec<Field> {
        let (form, values) = (self.form(), &self.form.values);
        vec![
            form.field("date", "Date", &values.date).line("date"),
            form.field("time", "Start", &values.time).line("time"),
            form.field("time_zone", "Zone", &values.time_zone).zone(),
            form.field("duration_minutes", "Minutes", &values.duration_minutes)
                .line("number")
                .optional()
                .help("Empty: as long as the service."),
        ]
    }

    /// The fields that say who comes.
    #[must_use]
    pub fn who(&self) -> Vec<Field> {
        let (form, values) = (self.form(), &self.form.values);
        vec![
            form.field("guest_name", "Guest’s name", &values.guest_name),
            form.field("guest_email", "Guest’s e-mail", &values.guest_email)
                .line("email")
                .help("The confirmation and the link go there."),
            form.field("guest_time_zone", "Guest’s zone", &values.guest_time_zone)
                .zone()
                .optional()
                .help("Mails tell the time in it."),
        ]
    }

    /// What has to be said of a time in the past; nothing while none was typed.
    #[must_use]
    pub fn past(&self) -> Option<Field> {
        let (form, values) = (self.form(), &self.form.values);
        let asks = values.past == "on" || self.form.errors.of("past").is_some();
        asks.then(|| {
            form.field("past", "Book it all the same", &values.past)
                .control(Control::Tick)
                .optional()
        })
    }

    /// The fields that may be left alone.
    #[must_use]
    pub fn more(&self) -> Vec<Field> {
        let (form, values) = (self.form(), &self.form.values);
        vec![
            form.field("mode", "How", &values.mode).optional().control(Control::Choice(modes())),
            form.field("title", "Title", &values.title)
                .optional()
                .help("Empty: made from the service’s template."),
        ]
    }
}

pub(super) fn with_none(words: &str, choices: &[Choice]) -> Vec<Choice> {
    let mut all = vec![Choice::new("", words)];
    all.extend_from_slice(choices);
    all
}

fn modes() -> Vec<Choice> {
    let mut all = vec![Choice::new("", "As the service says")];
    all.extend(super::services::modes());
    all
}
