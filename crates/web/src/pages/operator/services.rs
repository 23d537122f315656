//! Services: what is booked, and the form for one.

use askama::Template;
use roomkey_core::booking::Mode;
use roomkey_core::id::ServiceId;
use roomkey_core::settings::Preset;
use serde::{Deserialize, Serialize};

use super::filled::Filled;
use super::room_settings::RoomSettingsValues;
use super::shell::{Section, Shell};
use crate::pages::form::{Choice, Control, Errors, Field, Form};
use crate::pages::icon::Icon;
use crate::pages::words;

/// What private mode does, in one sentence.
const PRIVATE: &str = "The vendor, mails, calendars and the pages behind links say “Appointment” and \
                       nothing else; guests wait until the host lets them in, a passcode is needed, \
                       and there are no recordings and no breakout rooms.";

/// One service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceRow {
    /// The id.
    pub id: ServiceId,
    /// The name.
    pub name: String,
    /// How long.
    pub duration_minutes: u32,
    /// How it is held.
    pub mode: Mode,
    /// Whether others read neutral words about its sessions.
    pub private: bool,
    /// Whether the host approves each booking.
    pub requires_approval: bool,
    /// Whether it is paid first.
    pub requires_payment: bool,
    /// Sessions ahead.
    pub ahead: u64,
}

impl ServiceRow {
    /// Where the form is.
    #[must_use]
    pub fn href(&self) -> String {
        format!("/operator/services/{}", self.id)
    }

    /// How it is held.
    #[must_use]
    pub const fn how(&self) -> &'static str {
        words::mode(self.mode)
    }

    /// The drawing for how it is held.
    #[must_use]
    pub const fn how_icon(&self) -> Icon {
        words::mode_icon(self.mode)
    }

    /// What has to happen before it is confirmed.
    #[must_use]
    pub const fn first(&self) -> &'static str {
        match (self.requires_approval, self.requires_payment) {
            (false, false) => "Confirmed at once",
            (true, false) => "After approval",
            (false, true) => "After payment",
            (true, true) => "After approval and payment",
        }
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
pub struct ServiceValues {
    /// The name.
    pub name: String,
    /// How long.
    pub duration_minutes: String,
    /// `online`, `phone`, `in_person`
    pub mode: String,
    /// The words on the room's door.
    pub title_template: String,
    /// What people read in the room's invitation.
    pub agenda_template: String,
    /// `on`, or empty.
    pub private: String,
    /// `on`, or empty.
    pub requires_approval: String,
    /// `on`, or empty.
    pub requires_payment: String,
    /// `1 day, 10 minutes`
    pub reminders: String,
    /// `10 minutes`
    pub door_opens: String,
    /// What its rooms must be like.
    #[serde(flatten)]
    pub settings: RoomSettingsValues,
}

impl ServiceValues {
    /// The fields in the order in which they are read.
    pub const FIELDS: &'static [&'static str] = &[
        "name",
        "duration_minutes",
        "mode",
        "title_template",
        "agenda_template",
        "private",
        "requires_approval",
        "requires_payment",
        "reminders",
        "door_opens",
        "waiting_room",
        "passcode",
        "join_before_host",
        "mute_on_entry",
        "host_video",
        "guest_video",
        "audio",
        "recording",
        "e2ee",
    ];
}

/// The services, or the form for one.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "operator/services.html")]
pub struct ServicesPage {
    /// What surrounds it.
    pub shell: Shell,
    /// Every service, by name.
    pub services: Vec<ServiceRow>,
    /// The form: `POST /operator/services`, or `POST /operator/services/{id}`.
    pub form: Filled<ServiceValues>,
    /// Which one is edited.
    pub editing: Option<ServiceId>,
    /// Whether the form is shown, which is a page of its own, or else the list.
    pub is_form: bool,
    /// The preset that its settings were just taken from.
    pub chosen: Option<Preset>,
}

impl ServicesPage {
    /// Where the form goes.
    #[must_use]
    pub fn action(&self) -> String {
        match &self.editing {
            Some(id) => format!("/operator/services/{id}"),
            None => "/operator/services".to_owned(),
        }
    }

    /// Where the form goes to have a preset's settings filled in; what was typed stays.
    #[must_use]
    pub fn preset_action(&self, preset: &Preset) -> String {
        let form = match &self.editing {
            Some(id) => format!("/operator/services/{id}"),
            None => "/operator/services/new".to_owned(),
        };
        format!("{form}/preset/{}#settings", preset.as_str())
    }

    /// What stands above the form.
    #[must_use]
    pub fn heading(&self) -> &str {
        match &self.editing {
            Some(_) if !self.form.values.name.is_empty() => &self.form.values.name,
            Some(_) => "Service",
            None => "New service",
        }
    }

    /// What is asked of its rooms, in a line.
    #[must_use]
    pub fn settings_in_short(&self) -> String {
        let named = self.form.values.settings.read(false, &mut Errors::none()).named();
        match named.as_slice() {
            [] => "as the account has it".to_owned(),
            [one] => format!("{one} is set"),
            several => format!("{} are set", words::people(several)),
        }
    }

    /// Whether what is folded has to be seen: something in it was just filled in, or is wrong.
    #[must_use]
    pub fn opens_settings(&self) -> bool {
        self.chosen.is_some() || self.is_wrong(RoomSettingsValues::FIELDS)
    }

    /// Whether one of the texts has to be seen.
    #[must_use]
    pub fn opens_texts(&self) -> bool {
        self.is_wrong(&["title_template", "agenda_template"])
    }

    fn is_wrong(&self, fields: &[&str]) -> bool {
        fields.iter().any(|it| self.form.errors.of(it).is_some())
    }

    /// What may stand in a title or an agenda, and what it becomes.
    #[must_use]
    pub const fn filled_in(&self) -> [(&'static str, &'static str); 12] {
        [
            ("{service}", "the service’s name"),
            ("{host}", "the host’s name"),
            ("{guest}", "the guest’s name"),
            ("{guest_first_name}", "the guest’s first name"),
            ("{guest_last_initial}", "the first letter of the guest’s last name"),
            ("{mode}", "how it is held"),
            ("{start_date}", "the day on which it begins"),
            ("{start_time}", "the time at which it begins"),
            ("{end_date}", "the day on which it ends"),
            ("{end_time}", "the time at which it ends"),
            ("{duration}", "how long it is"),
            ("{time_zone}", "the zone of these times"),
        ]
    }

    /// Whether its settings were just taken from this preset.
    #[must_use]
    pub fn is_chosen(&self, preset: &Preset) -> bool {
        self.chosen.as_ref() == Some(preset)
    }

    const fn form_of(&self) -> Form<'_> {
        Form { id: "service", order: ServiceValues::FIELDS, errors: &self.form.errors }
    }

    /// The fields about its rooms.
    #[must_use]
    pub fn room_fields(&self) -> Vec<Field> {
        self.form.values.settings.fields(&self.form_of())
    }

    /// The form's fields.
    #[must_use]
    pub fn fields(&self) -> Vec<Field> {
        let values = &self.form.values;
        let form = self.form_of();
        vec![
            form.field("name", "Name", &values.name),
            form.field("duration_minutes", "Minutes", &values.duration_minutes)
                .line("number")
                .help("How long a session is, such as 50."),
            form.field("mode", "How", &values.mode).control(Control::Choice(modes())),
            form.field("private", "Private", &values.private)
                .control(Control::Tick)
                .optional()
                .help(PRIVATE),
            form.field(
                "requires_approval",
                "The host approves each booking",
                &values.requires_approval,
            )
            .control(Control::Tick)
            .optional(),
            form.field(
                "requires_payment",
                "It is paid before it is confirmed",
                &values.requires_payment,
            )
            .control(Control::Tick)
            .optional(),
            form.field("reminders", "Reminders", &values.reminders)
                .optional()
                .help("How long before the start, such as: 1 day, 10 minutes."),
            form.field("door_opens", "Door opens", &values.door_opens)
                .optional()
                .help("How long before the start guests may go in, such as: 10 minutes."),
        ]
    }

    /// The fields for what the room is called and says of itself.
    #[must_use]
    pub fn texts(&self) -> Vec<Field> {
        let values = &self.form.values;
        let form = self.form_of();
        vec![
            form.field("title_template", "Title", &values.title_template)
                .optional()
                .help("What the room is called. Empty: the service with the host."),
            form.field("agenda_template", "Agenda", &values.agenda_template)
                .control(Control::Lines)
                .optional()
                .help(
                    "What the room’s invitation says at the vendor, to everybody who is invited: \
                     leave guests’ full names out.",
                ),
        ]
    }
}

/// How a session can be held.
#[must_use]
pub fn modes() -> Vec<Choice> {
    [Mode::Online, Mode::Phone, Mode::InPerson]
        .map(|mode| Choice::new(mode.as_str(), words::mode(mode)))
        .to_vec()
}
