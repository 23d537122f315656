//! The post office: what came in by SMTP, kept as it came.

pub(crate) mod json;
pub(crate) mod page;
pub(crate) mod smtp;

use jiff::Timestamp;
use mail_parser::{Message, MessageParser, MessagePart, MimeHeaders as _};

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

    /// The text that the sender wrote, if one was; never one made of the HTML.
    pub(crate) fn text(&self) -> Option<String> {
        let message = self.message()?;
        let part = message.text_bodies().find(|part| is_written(part, "plain"))?;
        part.text_contents().map(str::to_owned)
    }

    /// The HTML that the sender wrote, if any.
    pub(crate) fn html(&self) -> Option<String> {
        let message = self.message()?;
        let part = message.html_bodies().find(|part| is_written(part, "html"))?;
        part.text_contents().map(str::to_owned)
    }

    pub(crate) fn subject(&self) -> String {
        self.message().and_then(|message| message.subject().map(str::to_owned)).unwrap_or_default()
    }
}

/// Everything in a mail but what people read as its text: files, and calendars wherever they are put.
pub(crate) fn attachments<'a>(
    message: &'a Message<'a>,
) -> impl Iterator<Item = &'a MessagePart<'a>> {
    message.parts.iter().filter(|part| {
        let is_body = is_written(part, "plain") || is_written(part, "html");
        !part.is_multipart() && !is_body
    })
}

/// A text of that kind which is not a file.
fn is_written(part: &MessagePart<'_>, subtype: &str) -> bool {
    let is_file = part.content_disposition().is_some_and(|kind| kind.is_attachment());
    let is_kind = match part.content_type() {
        Some(kind) => {
            kind.ctype().eq_ignore_ascii_case("text")
                && kind.subtype().is_some_and(|name| name.eq_ignore_ascii_case(subtype))
        }
        None => subtype == "plain" && !part.is_multipart(),
    };
    is_kind && !is_file
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

    /// What came after the mail with this id.
    pub(crate) fn after(&self, id: u64) -> &[Mail] {
        let place = self.mails.partition_point(|mail| mail.id <= id);
        self.mails.get(place..).unwrap_or_default()
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
