//! A mail, ready to go.

use std::fmt;

/// A name and an address.
#[derive(Clone, PartialEq, Eq)]
pub struct Mailbox {
    /// As people call them; may be empty.
    pub name: String,
    /// `ana@example.org`.
    pub address: String,
}

impl fmt::Debug for Mailbox {
    /// Without the person.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mailbox(…)")
    }
}

/// A mail: to one person, with all of its bytes. The same bytes go again if they have to.
#[derive(Clone, PartialEq, Eq)]
pub struct Mail {
    /// As its header has it, with angle brackets.
    pub message_id: String,
    /// Who sends it.
    pub from: Mailbox,
    /// The one person whom it is for.
    pub to: Mailbox,
    /// As people read it.
    pub subject: String,
    /// The whole message of RFC 5322, in ASCII, with CRLF.
    pub raw: Vec<u8>,
}

impl fmt::Debug for Mail {
    /// Without people, links and words.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mail")
            .field("message_id", &self.message_id)
            .field("bytes", &self.raw.len())
            .finish_non_exhaustive()
    }
}
