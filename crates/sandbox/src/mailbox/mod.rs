//! The post office: what came in by SMTP, kept as it came.

pub(crate) mod json;
pub(crate) mod page;
pub(crate) mod smtp;

use jiff::Timestamp;
use mail_parser::{Message, MessageParser};

/// A mail as it is handed over.
#[derive(Debug, Clone, Default)]
pub(crate) struct Envelope {
    pub(crate) from: String,
    pub(crate) to: Vec<String>,
    pub(crate) raw: Vec<u8>,
}

/// A mail that lies in the mailbox.
#[derive(Debug)]
pub(crate) struct Mail {
    pub(crate) id: u64,
    pub(crate) received_at: Timestamp,
    pub(crate) envelope: Envelope,
}

impl Mail {
    /// Taken apart; `None` if it is no mail at all.
    pub(crate) fn message(&self) -> Option<Message<'_>> {
        MessageParser::default().parse(&self.envelope.raw)
    }

    pub(crate) fn subject(&self) -> String {
        self.message().and_then(|message| message.subject().map(str::to_owned)).unwrap_or_default()
    }
}

/// All mail, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Mailbox {
    last_id: u64,
    mails: Vec<Mail>,
}

impl Mailbox {
    pub(crate) fn store(&mut self, received_at: Timestamp, envelope: Envelope) {
        self.last_id += 1;
        self.mails.push(Mail { id: self.last_id, received_at, envelope });
    }

    pub(crate) fn all(&self) -> &[Mail] {
        &self.mails
    }

    pub(crate) fn get(&self, id: u64) -> Option<&Mail> {
        self.mails.iter().find(|mail| mail.id == id)
    }

    pub(crate) fn len(&self) -> usize {
        self.mails.len()
    }

    pub(crate) fn clear(&mut self) {
        self.mails.clear();
    }
}
