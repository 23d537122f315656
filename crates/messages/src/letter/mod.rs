//! A letter: what one person is told about one session on one occasion.
//!
//! `content.rs` decides what is said, once for text and HTML; `text.rs` and `html.rs` lay it out;
//! `invitation.rs` makes the calendar file; `compose.rs` puts the mail together.

mod compose;
mod content;
mod html;
mod invitation;
mod text;
mod when;

use std::fmt;

use roomkey_core::{Instant, Zone};
use secrecy::SecretString;
use url::Url;

pub use compose::{ComposeError, compose};
pub use invitation::{Invitation, invitation};

use crate::mail::Mailbox;

/// Why somebody is written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Occasion {
    /// The session is confirmed: the first that this person hears of it.
    Confirmation,
    /// Something that was said before is different now.
    Change,
    /// The session does not take place.
    Cancellation,
}

/// In which part somebody is at a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Gives it.
    Host,
    /// Booked it.
    Guest,
}

/// Who reads the letter.
#[derive(Clone, PartialEq, Eq)]
pub struct Reader {
    /// Host or guest.
    pub role: Role,
    /// As they are called; may be empty.
    pub name: String,
    /// Where it goes.
    pub email: String,
    /// In which zone they are told times.
    pub zone: Zone,
    /// Their language, `pt-PT`; English where there is none of theirs.
    pub locale: String,
}

/// In whose name it is written.
#[derive(Clone, PartialEq, Eq)]
pub struct Practice {
    /// As guests know it.
    pub name: String,
    /// Whom to ask and how, in words: a phone number, an address.
    pub contact: Option<String>,
}

/// What was last said, where it differs.
#[derive(Clone, PartialEq, Eq)]
pub struct Before {
    /// The start that was told.
    pub start: Instant,
    /// The end that was told.
    pub end: Instant,
    /// The host that was told, if it was another.
    pub host_name: Option<String>,
    /// Whether the link that was told was another, and opens nothing any more.
    pub other_link: bool,
}

/// Where a session takes place.
#[derive(Clone)]
pub enum Place {
    /// In a video room.
    Online(RoomWords),
    /// By phone.
    Phone,
    /// In one place.
    InPerson,
}

/// What can be said of a video room.
#[derive(Clone)]
pub enum RoomWords {
    /// It is there.
    Ready {
        /// As people call the provider.
        provider: String,
        /// The number to type where no link works.
        number: Option<String>,
        /// The passcode to type with it.
        passcode: Option<SecretString>,
    },
    /// It is not there yet; the link is, and works.
    SettingUp,
    /// It is not there, and nothing makes it until a person has done something. The link is there,
    /// and stays.
    Stalled {
        /// What is wrong and what to do, for the host; no guest is told.
        reason: String,
        /// What to click: the words and the address.
        action: Option<(String, Url)>,
    },
}

/// A letter. Debug shows no people and no link.
#[derive(Clone)]
pub struct Letter {
    /// Why.
    pub occasion: Occasion,
    /// To whom.
    pub reader: Reader,
    /// From whom.
    pub practice: Practice,
    /// Who gives the session.
    pub host_name: String,
    /// Who booked it. Told to the host; a guest is told no other guest's name.
    pub guest_names: Vec<String>,
    /// What is booked.
    pub service: String,
    /// What this session is called.
    pub title: String,
    /// When it starts.
    pub start: Instant,
    /// When it ends.
    pub end: Instant,
    /// What was last said, for a change.
    pub before: Option<Before>,
    /// Where.
    pub place: Place,
    /// Roomkey's own link for this reader.
    pub link: Url,
    /// Until when the reader may change or cancel it; nothing if not at all.
    pub change_until: Option<Instant>,
    /// Of a cancellation, in the canceller's words.
    pub reason: Option<String>,
    /// Of the calendar entry, for life.
    pub uid: String,
    /// Of the calendar entry, higher each time.
    pub sequence: u32,
    /// `<msg_…@example.org>`, with or without angle brackets.
    pub message_id: String,
    /// The Message-ID of the first letter to this reader about this session, so that they stay
    /// together.
    pub thread: Option<String>,
    /// What time it is.
    pub written_at: Instant,
    /// The sender.
    pub from: Mailbox,
    /// Who gets an answer to this mail, if not the sender.
    pub reply_to: Option<Mailbox>,
    /// The calendar entry's organizer.
    pub organizer: Mailbox,
    /// Whether to attach a calendar file: not for a host whose calendar holds the entry.
    pub calendar: bool,
}

impl fmt::Debug for Letter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Letter")
            .field("occasion", &self.occasion)
            .field("role", &self.reader.role)
            .field("uid", &self.uid)
            .field("sequence", &self.sequence)
            .field("message_id", &self.message_id)
            .finish_non_exhaustive()
    }
}
