//! What can be asked of a booking from its page, and the forms for it.

use roomkey_core::booking::{Command, Mode, Status};
use roomkey_core::meeting;
use serde::{Deserialize, Serialize};

use crate::pages::form::{Choice, Control, Field, Form};
use crate::pages::operator::filled::Filled;

/// Something that the page offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offer {
    /// `POST …/confirm`
    Confirm,
    /// `POST …/decline`
    Decline,
    /// `POST …/reschedule`
    Reschedule,
    /// `POST …/reassign`
    Reassign,
    /// `POST …/cancel`
    Cancel,
    /// `POST …/reopen`
    Reopen,
    /// `POST …/complete`
    Complete,
    /// `POST …/no-show`
    NoShow,
    /// `POST …/meeting/regenerate`
    NewRoom,
    /// `POST …/meeting/retry`
    TryAgain,
    /// `POST …/meeting/link`
    TypeLink,
}

/// What may be asked now: what core allows and what would change something.
pub(super) fn offers(
    status: Status,
    mode: Mode,
    meeting: meeting::Status,
    has_begun: bool,
) -> Vec<Offer> {
    let changes = |command| status.after(command).is_ok_and(|next| next != status);
    let allows = |command| status.after(command).is_ok();
    let room = mode == Mode::Online && status.is_on();
    let pending = status.awaiting().is_some();
    [
        (Offer::Confirm, changes(Command::Confirm)),
        (Offer::Decline, pending),
        (Offer::Reschedule, allows(Command::Move)),
        (Offer::Reassign, allows(Command::Reassign)),
        (Offer::Cancel, changes(Command::Cancel)),
        (Offer::Reopen, changes(Command::Reopen)),
        (Offer::Complete, status.is_on() && has_begun),
        (Offer::NoShow, status.is_on() && has_begun),
        (Offer::NewRoom, room && meeting == meeting::Status::Active),
        (Offer::TryAgain, room && meeting != meeting::Status::Active),
        (Offer::TypeLink, room),
    ]
    .into_iter()
    .filter_map(|(offer, may)| may.then_some(offer))
    .collect()
}

/// Another time.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RescheduleValues {
    /// `2026-03-03`
    pub date: String,
    /// `15:00`
    pub time: String,
    /// An IANA name.
    pub time_zone: String,
    /// How long.
    pub duration_minutes: String,
}

/// Another host.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReassignValues {
    /// The host's id.
    pub host: String,
}

/// Not at all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CancelValues {
    /// Why: for its people, unless it is private.
    pub reason: String,
}

/// A link that a person types.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LinkValues {
    /// The address.
    pub url: String,
    /// Its passcode.
    pub passcode: String,
}

/// The forms, as they were filled in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Actions {
    /// Another time.
    pub reschedule: Filled<RescheduleValues>,
    /// Another host.
    pub reassign: Filled<ReassignValues>,
    /// Not at all.
    pub cancel: Filled<CancelValues>,
    /// A link that a person types.
    pub link: Filled<LinkValues>,
    /// Every host.
    pub hosts: Vec<Choice>,
}

impl Actions {
    /// The fields for another time.
    #[must_use]
    pub fn reschedule_fields(&self) -> Vec<Field> {
        let values = &self.reschedule.values;
        let form = Form {
            id: "reschedule",
            order: &["date", "time", "time_zone", "duration_minutes"],
            errors: &self.reschedule.errors,
        };
        vec![
            form.field("date", "Date", &values.date).line("date"),
            form.field("time", "Start", &values.time).line("time"),
            form.field("time_zone", "Zone", &values.time_zone).zone(),
            form.field("duration_minutes", "Minutes", &values.duration_minutes).line("number"),
        ]
    }

    /// The field for another host.
    #[must_use]
    pub fn reassign_field(&self) -> Field {
        let form = Form { id: "reassign", order: &["host"], errors: &self.reassign.errors };
        form.field("host", "Host", &self.reassign.values.host)
            .control(Control::Choice(self.hosts.clone()))
            .help("The new room is made with this host’s account, then the old one is removed.")
    }

    /// The field for the reason.
    #[must_use]
    pub fn cancel_field(&self, private: bool) -> Field {
        let form = Form { id: "cancel", order: &["reason"], errors: &self.cancel.errors };
        form.field("reason", "Reason", &self.cancel.values.reason).optional().help(if private {
            "Kept here. Its people are not told it, because the session is private."
        } else {
            "Its people read it in the mail and in the lobby."
        })
    }

    /// The fields for a link that a person types.
    #[must_use]
    pub fn link_fields(&self) -> Vec<Field> {
        let values = &self.link.values;
        let form = Form { id: "link", order: &["url", "passcode"], errors: &self.link.errors };
        vec![
            form.field("url", "Link", &values.url)
                .line("url")
                .help("Begins with https. The door leads there from now on."),
            form.field("passcode", "Passcode", &values.passcode).optional(),
        ]
    }
}
