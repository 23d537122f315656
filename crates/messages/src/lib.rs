//! What people receive: e-mail and calendar files.
//!
//! For: turning what there is to say about a session into a complete mail (words, HTML, calendar
//! file, headers), and handing its bytes to one SMTP relay with an honest word on what became of
//! them.
//!
//! Refuses: a database, a clock, randomness (ids and times are arguments, so that the same letter
//! has the same bytes), vendors' words, tracking, remote pictures and fonts, and showing one guest
//! another guest's name or address.
//!
//! Read first: [`letter::Letter`] and [`compose`]; then [`ics`]; then [`Relay`].
//!
//! To add one more occasion: a variant of [`Occasion`], its words in `words/en.rs`, and what the
//! compiler then asks for in `letter/content.rs`; the template is the same for all. To add a
//! language: a file beside `words/en.rs` with a table of all the phrases, named in
//! `words::of`.

pub mod ics;
pub mod letter;
mod mail;
pub mod relay;

mod words;

pub use letter::{
    Before, ComposeError, Invitation, Letter, Occasion, Place, Practice, Reader, Role, RoomWords,
    compose, invitation,
};
pub use mail::{Mail, Mailbox};
pub use relay::{BadRelay, Relay, RelaySettings, SendError};
