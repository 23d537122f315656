//! The mails of a private session, word for word. `ROOMKEY_UPDATE=1` writes them down anew.

use mail_parser::{MessageParser, MimeHeaders};
use roomkey_core::private::TITLE;
use roomkey_messages::{Letter, Occasion, compose};

use crate::support::letter;

/// As the engine writes it: the neutral words, and nobody's own.
fn private() -> Letter {
    let mut letter = letter();
    letter.practice.name = "Oak Lane".to_owned();
    letter.organizer.name = "Oak Lane".to_owned();
    letter.from.name = "Oak Lane".to_owned();
    Letter { service: TITLE.to_owned(), title: TITLE.to_owned(), reason: None, ..letter }
}

/// Subject, text and calendar file.
fn shown(letter: &Letter) -> String {
    let mail = compose(letter).expect("a mail");
    let message = MessageParser::default().parse(&mail.raw).expect("a mail");
    let text = message.body_text(0).expect("a text");
    let file = message
        .attachments()
        .find(|it| it.attachment_name() == Some("invite.ics"))
        .and_then(|it| it.text_contents())
        .expect("a calendar file");
    format!("{}\n\n{text}\n{file}", mail.subject).replace("\r\n", "\n")
}

#[test]
fn a_private_mail_has_neutral_words_and_nothing_else() {
    let confirmation = shown(&private());
    let cancellation =
        shown(&Letter { occasion: Occasion::Cancellation, sequence: 1, ..private() });
    let now = format!("{confirmation}\n{cancellation}");
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/messages/private.txt");
    if std::env::var_os("ROOMKEY_UPDATE").is_some() {
        std::fs::write(path, &now).expect("writable");
    }
    let written = std::fs::read_to_string(path).unwrap_or_default();
    assert_eq!(now, written, "ROOMKEY_UPDATE=1 writes the new words down");
}
