//! The mailbox for people.

use mail_parser::MimeHeaders as _;

use super::json::content_type;
use super::{Mail, Mailbox};
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
        .flat_map(|message| message.attachments())
        .map(|part| AttachmentRow {
            name: part.attachment_name().unwrap_or("without a name").to_owned(),
            content_type: content_type(part),
            text: part.text_contents().unwrap_or_default().to_owned(),
        })
        .collect();
    let has_html = message.is_some_and(|message| message.html_body_count() > 0);
    let text = message.and_then(|message| message.body_text(0));
    pages::render(
        200,
        &MailPage {
            mail: row(mail),
            headers,
            has_html,
            text: text.map(|text| text.into_owned()).unwrap_or_default(),
            attachments,
        },
    )
}

/// The HTML part alone, for the frame that shows it: no scripts, nothing from elsewhere.
pub(crate) fn html(mail: &Mail) -> Answer {
    let html = mail
        .message()
        .and_then(|message| message.body_html(0).map(|html| html.into_owned()))
        .unwrap_or_default();
    Answer::html(200, html).with(
        "content-security-policy",
        "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; \
         style-src 'unsafe-inline'; img-src data:",
    )
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
