//! The mailbox for programs.

use mail_parser::{MessagePart, MimeHeaders as _};
use serde_json::{Value, json};

use super::{Mail, attachments};
use crate::clock::seconds;

pub(crate) fn all<'a>(mails: impl Iterator<Item = &'a Mail>) -> Value {
    Value::Array(mails.map(mail).collect())
}

fn mail(mail: &Mail) -> Value {
    let message = mail.message();
    let message = message.as_ref();
    let attachments: Vec<Value> =
        message.into_iter().flat_map(attachments).map(attachment).collect();
    json!({
        "id": mail.id,
        "from": mail.envelope.from,
        "to": mail.envelope.to,
        "subject": mail.subject(),
        "message_id": message.and_then(|message| message.message_id()),
        "received_at": seconds(mail.received_at),
        "text": mail.text(),
        "html": mail.html(),
        "attachments": attachments,
        "raw": String::from_utf8_lossy(&mail.envelope.raw),
    })
}

fn attachment(part: &MessagePart<'_>) -> Value {
    json!({
        "name": part.attachment_name(),
        "content_type": content_type(part),
        "text": part.text_contents(),
    })
}

/// `text/calendar; method=REQUEST`, as far as it is said.
pub(crate) fn content_type(part: &MessagePart<'_>) -> String {
    let Some(kind) = part.content_type() else {
        return "application/octet-stream".to_owned();
    };
    let mut text = kind.ctype().to_owned();
    if let Some(subtype) = kind.subtype() {
        text.push('/');
        text.push_str(subtype);
    }
    for parameter in kind.attributes().unwrap_or_default() {
        if parameter.name != "name" {
            text.push_str(&format!("; {}={}", parameter.name, parameter.value));
        }
    }
    text
}
