//! Putting a mail together: the same letter always has the same bytes.

use std::time::{Duration, SystemTime};

use lettre::Message;
use lettre::message::header::{
    ContentDisposition, ContentTransferEncoding, ContentType, HeaderName, HeaderValue,
};
use lettre::message::{MultiPart, SinglePart};

use super::Letter;
use super::content::content;
use super::html::html;
use super::invitation::invitation;
use super::text::text;
use crate::ics::{Calendar, one_line};
use crate::mail::{Mail, Mailbox};

/// Parts end where a line begins with this. `=_` never comes out of quoted-printable or base 64,
/// and there is nothing else in a part.
const MIXED: &str = "=_roomkey_mixed";
const ALTERNATIVE: &str = "=_roomkey_alternative";

/// Why a letter cannot become a mail. Does not say whom it was for.
#[derive(Debug, thiserror::Error)]
pub enum ComposeError {
    /// An address that no mail can go to.
    #[error("the {whose} address is no e-mail address")]
    Address {
        /// Whose: "reader's", "sender's", "organizer's", "reply".
        whose: &'static str,
        /// What is wrong with it.
        source: lettre::address::AddressError,
    },
    /// An id that cannot stand in a header.
    #[error("a Message-ID must be `left@right` without spaces, in ASCII")]
    MessageId,
    /// An end that is not after its start.
    #[error("the session ends before it starts")]
    EndsBeforeStart,
    /// The template failed.
    #[error("the letter's template failed")]
    Template(#[source] askama::Error),
    /// A part's type could not be written.
    #[error("a part of the mail has no type")]
    Part(#[source] lettre::message::header::ContentTypeErr),
    /// The mail could not be put together.
    #[error("the mail could not be put together")]
    Message(#[source] lettre::error::Error),
}

/// Makes the mail.
///
/// # Errors
/// [`ComposeError`], for addresses and ids that a header cannot hold.
pub fn compose(letter: &Letter) -> Result<Mail, ComposeError> {
    if letter.end <= letter.start {
        return Err(ComposeError::EndsBeforeStart);
    }
    let message_id = message_id(&letter.message_id)?;
    let to = Mailbox { name: one_line(&letter.reader.name), address: letter.reader.email.clone() };
    // Checked although it stands in the calendar file alone.
    mailbox(&letter.organizer, "organizer's")?;
    let content = content(letter);

    let mut message = Message::builder()
        .message_id(Some(message_id.clone()))
        .from(mailbox(&letter.from, "sender's")?)
        .to(mailbox(&to, "reader's")?)
        .subject(content.subject.clone())
        .date(
            SystemTime::UNIX_EPOCH
                + Duration::from_micros(u64::try_from(letter.written_at.as_micros()).unwrap_or(0)),
        )
        // RFC 3834: nobody's holiday notice is wanted.
        .raw_header(header("Auto-Submitted", "auto-generated"))
        .raw_header(header("X-Auto-Response-Suppress", "All"))
        .raw_header(header("Content-Language", content.language));
    if let Some(reply_to) = &letter.reply_to {
        message = message.reply_to(mailbox(reply_to, "reply")?);
    }
    if let Some(first) = &letter.thread {
        let first = self::message_id(first)?;
        if first != message_id {
            message = message.in_reply_to(first.clone()).references(first);
        }
    }

    let mut alternative = MultiPart::alternative()
        .boundary(ALTERNATIVE)
        .singlepart(part(ContentType::TEXT_PLAIN, text(&content)))
        .singlepart(part(ContentType::TEXT_HTML, html(&content).map_err(ComposeError::Template)?));
    let multipart = if letter.calendar {
        let calendar = invitation(&letter.invitation());
        let file = calendar.render();
        alternative = alternative.singlepart(calendar_part(&calendar, &file)?);
        MultiPart::mixed().boundary(MIXED).multipart(alternative).singlepart(attachment(&file)?)
    } else {
        alternative
    };
    let message = message.multipart(multipart).map_err(ComposeError::Message)?;
    Ok(Mail {
        message_id,
        from: letter.from.clone(),
        to,
        subject: content.subject,
        raw: message.formatted(),
    })
}

fn part(kind: ContentType, body: String) -> SinglePart {
    SinglePart::builder().header(kind).header(ContentTransferEncoding::QuotedPrintable).body(body)
}

/// What readers that know invitations show; the `method` must be the file's own.
fn calendar_part(calendar: &Calendar, file: &str) -> Result<SinglePart, ComposeError> {
    let kind = format!("text/calendar; charset=utf-8; method={}", calendar.method.word());
    Ok(SinglePart::builder()
        .header(ContentType::parse(&kind).map_err(ComposeError::Part)?)
        .header(ContentTransferEncoding::Base64)
        .body(file.to_owned()))
}

/// The same for all others. Not `text/calendar`: some readers would show the session twice.
fn attachment(file: &str) -> Result<SinglePart, ComposeError> {
    let kind = "application/ics; name=\"invite.ics\"";
    Ok(SinglePart::builder()
        .header(ContentType::parse(kind).map_err(ComposeError::Part)?)
        .header(ContentDisposition::attachment("invite.ics"))
        .header(ContentTransferEncoding::Base64)
        .body(file.to_owned()))
}

/// A header whose name and value the code chose.
fn header(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

fn mailbox(of: &Mailbox, whose: &'static str) -> Result<lettre::message::Mailbox, ComposeError> {
    let address = of.address.parse().map_err(|source| ComposeError::Address { whose, source })?;
    let name = one_line(&of.name);
    Ok(lettre::message::Mailbox::new(Some(name).filter(|it| !it.is_empty()), address))
}

fn message_id(id: &str) -> Result<String, ComposeError> {
    let bare = id.strip_prefix('<').and_then(|it| it.strip_suffix('>')).unwrap_or(id);
    let (left, right) = bare.split_once('@').ok_or(ComposeError::MessageId)?;
    let fits = |it: &str| {
        !it.is_empty()
            && it
                .bytes()
                .all(|it| it.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&it))
    };
    // With its brackets it has to fit into one line of a header.
    if fits(left) && fits(right) && bare.len() <= 250 {
        Ok(format!("<{bare}>"))
    } else {
        Err(ComposeError::MessageId)
    }
}
