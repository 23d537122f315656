//! One booking: what, when and who; its meeting; what can be done; and the story of its rooms.

mod actions;
mod attendance;
mod messages;
mod recordings;
mod story;

use askama::Template;
use roomkey_core::booking::{Mode, Status};
use roomkey_core::failure::Reason;
use roomkey_core::id::BookingId;
use roomkey_core::payment::{Payment, Standing};
use roomkey_core::private::TITLE;
use roomkey_core::route::Provider;
use roomkey_core::{Instant, Zone, meeting};

pub use actions::{Actions, CancelValues, LinkValues, Offer, ReassignValues, RescheduleValues};
pub use attendance::AttendeeRow;
pub use messages::{MessageRow, MessageState};
pub use recordings::{RecordingRow, TranscriptLine};
pub use story::{Actor, Attempt, RoomRow, StoryEntry, folded};

use super::shell::{Section, Shell};
use crate::pages::form::{Field, ZoneList};
use crate::pages::icon::{Glyph, Icon};
use crate::pages::lobby::Role;
use crate::pages::pill::{Action, Notice, Pill, Tone};
use crate::pages::when::{self, Span};
use crate::pages::words;

/// What is booked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookingView {
    /// Its id.
    pub id: BookingId,
    /// Its title.
    pub title: String,
    /// The service's name.
    pub service: String,
    /// Where it stands.
    pub status: Status,
    /// When it is.
    pub span: Span,
    /// How it is held.
    pub mode: Mode,
    /// Whether others read neutral words about it.
    pub private: bool,
    /// What has come to pay for it.
    pub payment: Option<Payment>,
    /// What the platform or a person noted.
    pub notes: Option<String>,
}

/// One of its people, and their link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonCard {
    /// `host`, or the guest's id, as addresses name them.
    pub whose: String,
    /// Host or guest.
    pub role: Role,
    /// The name.
    pub name: String,
    /// The e-mail.
    pub email: String,
    /// The zone.
    pub zone: Option<Zone>,
    /// The link; nothing where the person who looks may not have it.
    pub link: Option<String>,
}

impl PersonCard {
    /// Host or guest, in a word.
    #[must_use]
    pub const fn role_word(&self) -> &'static str {
        match self.role {
            Role::Host => "Host",
            Role::Guest => "Guest",
        }
    }

    /// What another link does.
    #[must_use]
    pub fn replace_consequence(&self) -> String {
        let told = if self.email.is_empty() {
            format!("There is no address to write to: give {} the new link yourself.", self.name)
        } else {
            format!("{} is told the new one.", self.name)
        };
        format!("The old link opens nothing any more; for 30 days it says so. {told}")
    }
}

/// Its meeting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeetingCard {
    /// Where it stands.
    pub status: meeting::Status,
    /// Who made the room that is.
    pub provider: Option<Provider>,
    /// The vendor user who holds it.
    pub owner: Option<String>,
    /// The meeting's number.
    pub number: Option<String>,
    /// Its passcode.
    pub passcode: Option<String>,
    /// What is wrong.
    pub reason: Option<Reason>,
    /// What is otherwise than was asked, or may become trouble.
    pub warnings: Vec<Reason>,
    /// Failures in a row.
    pub failures: u32,
    /// When a room is next tried for.
    pub next_attempt_at: Option<Instant>,
    /// When it was last seen at the vendor.
    pub verified_at: Option<Instant>,
    /// The link that a person typed, if the door leads there.
    pub typed_link: Option<String>,
}

/// One booking.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "operator/booking.html", blocks = ["live"])]
pub struct BookingPage {
    /// What surrounds it.
    pub shell: Shell,
    /// What is booked.
    pub booking: BookingView,
    /// Its people: the host first.
    pub people: Vec<PersonCard>,
    /// Who was there: the first first.
    pub attendance: Vec<AttendeeRow>,
    /// How long the session really was, in words.
    pub sat: Option<String>,
    /// What was recorded: the first first.
    pub recordings: Vec<RecordingRow>,
    /// Its meeting.
    pub meeting: MeetingCard,
    /// The state of the calendar entry, in words.
    pub calendar: Option<Notice>,
    /// What can be done.
    pub actions: Actions,
    /// What happened, newest first.
    pub story: Vec<StoryEntry>,
    /// Its rooms, newest first.
    pub rooms: Vec<RoomRow>,
    /// What its people were sent, newest first.
    pub messages: Vec<MessageRow>,
}

impl BookingPage {
    /// Where it is.
    #[must_use]
    pub fn path(&self) -> String {
        format!("/operator/bookings/{}", self.booking.id)
    }

    /// Its pill.
    #[must_use]
    pub fn pill(&self) -> Pill {
        words::booking(self.booking.status)
    }

    /// Whom it is for; the title, where there is nobody.
    #[must_use]
    pub fn heading(&self) -> String {
        let names = self.guest_names();
        if names.is_empty() { self.booking.title.clone() } else { words::guests(&names) }
    }

    /// When it is, on the wall of whoever looks.
    #[must_use]
    pub fn when(&self) -> String {
        self.booking.span.told_in(&self.shell.zone).line(self.shell.now)
    }

    /// The time on the wall where it was booked, if that is another.
    #[must_use]
    pub fn there(&self) -> Option<String> {
        self.booking.span.there(&self.shell.zone, self.shell.now)
    }

    /// How it is held, and for how long.
    #[must_use]
    pub fn how(&self) -> String {
        format!("{} · {}", words::mode(self.booking.mode), self.booking.span.length())
    }

    /// The drawing for how it is held.
    #[must_use]
    pub const fn how_icon(&self) -> Icon {
        words::mode_icon(self.booking.mode)
    }

    /// What has come to pay for it, and when.
    #[must_use]
    pub fn payment(&self) -> Option<String> {
        let payment = self.booking.payment.as_ref()?;
        let what = match (payment.status, payment.money) {
            (Standing::Paid, Some(money)) => format!("{money}, paid"),
            (Standing::Paid, None) => "Paid".to_owned(),
            (Standing::Mismatch, Some(money)) => format!("{money}, to be looked at"),
            (Standing::Mismatch, None) => "To be looked at".to_owned(),
        };
        let at = when::moment(payment.at, &self.booking.span.zone, self.shell.now);
        Some(format!("{what} · {at}"))
    }

    /// Why what was paid did not confirm the booking.
    #[must_use]
    pub fn payment_notice(&self) -> Option<Notice> {
        let reason = self.booking.payment.as_ref()?.reason.as_ref()?;
        Some(Notice::brass(&reason.message))
    }

    /// The meeting's pill.
    #[must_use]
    pub fn meeting_pill(&self) -> Pill {
        words::meeting(self.meeting.status, self.is_amiss())
    }

    /// Whether a session that takes place has no room, and something keeps it from being made.
    fn is_amiss(&self) -> bool {
        self.booking.status.is_on() && self.meeting.reason.is_some()
    }

    /// The mark of who made the room.
    #[must_use]
    pub fn meeting_glyph(&self) -> Option<Glyph> {
        self.meeting.provider.map(Glyph)
    }

    /// What the meeting's state means.
    #[must_use]
    pub fn meeting_sentence(&self) -> &'static str {
        if self.opens_later() {
            "The room is opened by itself, in time for the session. Everybody’s link is right already."
        } else {
            words::meeting_sentence(self.booking.status, self.meeting.status)
        }
    }

    /// Whether nothing is amiss but the time.
    fn opens_later(&self) -> bool {
        self.meeting.status == meeting::Status::Pending
            && self.meeting.reason.is_none()
            && self.meeting.next_attempt_at.is_some()
    }

    /// What is otherwise than was asked, or may become trouble.
    #[must_use]
    pub fn meeting_warnings(&self) -> Vec<Notice> {
        self.meeting.warnings.iter().map(|reason| Notice::brass(&reason.message)).collect()
    }

    /// What is wrong with the meeting, with its button.
    #[must_use]
    pub fn meeting_notice(&self) -> Option<Notice> {
        let reason = self.meeting.reason.as_ref()?;
        let has_no_room = match self.meeting.status {
            meeting::Status::Failed => true,
            meeting::Status::Pending => self.is_amiss(),
            meeting::Status::Creating
            | meeting::Status::Active
            | meeting::Status::Cancelling
            | meeting::Status::Cancelled
            | meeting::Status::NotNeeded => false,
        };
        let notice = if has_no_room {
            Notice::stop(&reason.message)
        } else {
            Notice::brass(&reason.message)
        };
        Some(notice.with_action(Action::of(reason)))
    }

    /// Failures and the next attempt, in words.
    #[must_use]
    pub fn trying(&self) -> Option<String> {
        let failures = match self.meeting.failures {
            0 => None,
            1 => Some("Tried once without success.".to_owned()),
            2 => Some("Tried twice without success.".to_owned()),
            many => Some(format!("Tried {many} times without success.")),
        };
        let next = self.meeting.next_attempt_at.map(|at| {
            if self.opens_later() {
                format!("It is opened in {}.", when::within(at, self.shell.now))
            } else if at <= self.shell.now {
                "The next attempt is due now.".to_owned()
            } else {
                format!("The next attempt is in {}.", when::within(at, self.shell.now))
            }
        });
        match (failures, next) {
            (None, None) => None,
            (Some(one), None) | (None, Some(one)) => Some(one),
            (Some(failures), Some(next)) => Some(format!("{failures} {next}")),
        }
    }

    /// When the room was last seen at the vendor.
    #[must_use]
    pub fn verified(&self) -> Option<String> {
        let at = self.meeting.verified_at?;
        Some(format!("Seen at the vendor {}.", when::ago(at, self.shell.now)))
    }

    fn guest_names(&self) -> Vec<&str> {
        let guests = self.people.iter().filter(|it| it.role == Role::Guest);
        guests.map(|it| it.name.as_str()).collect()
    }

    /// The guests in a sentence.
    #[must_use]
    pub fn guests(&self) -> String {
        words::people(&self.guest_names())
    }

    /// The rooms that count: those that are there, may be there, or are left behind.
    #[must_use]
    pub fn present_rooms(&self) -> Vec<&RoomRow> {
        self.rooms.iter().filter(|it| !it.is_past()).collect()
    }

    /// The rooms that are gone, or never were.
    #[must_use]
    pub fn past_rooms(&self) -> Vec<&RoomRow> {
        self.rooms.iter().filter(|it| it.is_past()).collect()
    }

    /// How many rooms are gone, or never were, in words.
    #[must_use]
    pub fn past_rooms_words(&self) -> String {
        let many = u64::try_from(self.past_rooms().len()).unwrap_or(u64::MAX);
        let are =
            if many == 1 { "is gone or was never made" } else { "are gone or were never made" };
        format!("{} {are}", when::count(many, "room"))
    }

    /// What cancelling does.
    #[must_use]
    pub fn cancel_consequence(&self) -> String {
        let told = self.guests();
        let told = if told.is_empty() {
            "Its people are told.".to_owned()
        } else {
            format!("{told} will be told.")
        };
        let room =
            if self.booking.mode == Mode::Online { "The session loses its room. " } else { "" };
        format!("{room}{told}")
    }

    /// The field for the reason.
    #[must_use]
    pub fn cancel_field(&self) -> Field {
        self.actions.cancel_field(self.booking.private)
    }

    /// What others read of a private session.
    #[must_use]
    pub fn private_words(&self) -> Option<String> {
        let words = || format!("Its people and the vendor read “{TITLE}”.");
        self.booking.private.then(words)
    }

    /// What may be asked of it now.
    #[must_use]
    pub fn offers(&self) -> Vec<Offer> {
        let has_begun = self.booking.span.start <= self.shell.now;
        actions::offers(self.booking.status, self.booking.mode, self.meeting.status, has_begun)
    }

    /// Whether this may be asked of it now.
    #[must_use]
    pub fn may(&self, offer: Offer) -> bool {
        self.offers().contains(&offer)
    }
}
