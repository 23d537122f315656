//! The mailbox for people.

use mail_parser::MimeHeaders as _;

use super::json::content_type;
use super::{Mail, Mailbox, attachments};
use crate::clock::for_people;
use crate::message::Answer;
use crate::pages::{self, AttachmentRow, MailPage, MailRow, MailsPage};

pub(crate) fn list(mailbox: &Mailbox) -> Answer {
    let mails = mailbox.all().iter().rev().map(row).collect();
    pages::render(200, &MailsPage { mails })
}

pub(crate) fn one(mail: &Mail) -> Answer {
    let message = mail.message();
    let message = message.as_ref();
    let headers = message
        .into_iter()
        .flat_map(|message| message.headers_raw())
        .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
        .collect();
    let attachments = message
        .into_iter()
        .flat_map(attachments)
        .map(|part| AttachmentRow {
            name: part.attachment_name().unwrap_or("without a name").to_owned(),
            content_type: content_type(part),
            text: part.text_contents().unwrap_or_default().to_owned(),
        })
        .collect();
    pages::render(
        200,
        &MailPage {
            mail: row(mail),
            headers,
            has_html: mail.html().is_some(),
            text: mail.text().unwrap_or_default(),
            attachments,
        },
    )
}

/// The HTML part alone, for the frame that shows it: no scripts, nothing from elsewhere.
pub(crate) fn html(mail: &Mail) -> Answer {
    let html = with_links_outside(&mail.html().unwrap_or_default());
    Answer::html(200, html).with(
        "content-security-policy",
        "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; \
         style-src 'unsafe-inline'; img-src data:",
    )
}

/// A door that is clicked in a mail opens beside it: in the frame it would have no forms.
fn with_links_outside(html: &str) -> String {
    const BASE: &str = "<base target=\"_blank\">";
    let head = html.to_ascii_lowercase().find("<head").and_then(|at| {
        let end = html[at..].find('>')?;
        Some(at + end + 1)
    });
    match head {
        Some(at) => format!("{}{BASE}{}", &html[..at], &html[at..]),
        None => format!("{BASE}{html}"),
    }
}

/// As it came.
pub(crate) fn raw(mail: &Mail) -> Answer {
    Answer::bytes(200, "text/plain; charset=utf-8", mail.envelope.raw.clone())
}

fn row(mail: &Mail) -> MailRow {
    MailRow {
        id: mail.id,
        from: mail.envelope.from.clone(),
        to: mail.envelope.to.join(", "),
        subject: mail.subject(),
        received: for_people(mail.received_at),
    }
}
