//! Writes mails to files, so that they can be looked at:
//! `cargo run -p roomkey-messages --example show_mail -- out_dir`.

use std::error::Error;
use std::path::PathBuf;
use std::{env, fs};

use mail_parser::{MessageParser, MimeHeaders};
use roomkey_messages::{
    Before, Letter, Mailbox, Occasion, Place, Practice, Reader, Role, RoomWords, compose,
};

fn main() -> Result<(), Box<dyn Error>> {
    let out = PathBuf::from(env::args().nth(1).ok_or("where to? show_mail OUT_DIR")?);
    fs::create_dir_all(&out)?;
    let confirmation = confirmation()?;
    let host = Reader {
        role: Role::Host,
        name: "Inês Prata".to_owned(),
        email: "ines@practice.example".to_owned(),
        ..confirmation.reader.clone()
    };
    let letters = [
        ("confirmation", confirmation.clone()),
        (
            "setting_up",
            Letter { place: Place::Online(RoomWords::SettingUp), ..confirmation.clone() },
        ),
        (
            "in_person",
            Letter { place: Place::InPerson, change_until: None, ..confirmation.clone() },
        ),
        (
            "host",
            Letter {
                reader: host,
                guest_names: vec!["Ana Sousa".to_owned(), "Bo Lindqvist".to_owned()],
                calendar: false,
                ..confirmation.clone()
            },
        ),
        (
            "change",
            Letter {
                occasion: Occasion::Change,
                before: Some(Before {
                    other_link: false,
                    start: "2026-03-02T10:00:00Z".parse()?,
                    end: "2026-03-02T10:50:00Z".parse()?,
                    host_name: Some("Rui Tavares".to_owned()),
                }),
                sequence: 1,
                ..confirmation.clone()
            },
        ),
        (
            "cancellation",
            Letter {
                occasion: Occasion::Cancellation,
                reason: Some("I am ill today. I will call you for another time.".to_owned()),
                sequence: 2,
                ..confirmation
            },
        ),
    ];
    for (name, letter) in letters {
        let mail = compose(&letter)?;
        let parsed = MessageParser::default().parse(&mail.raw).ok_or("no mail")?;
        fs::write(out.join(format!("{name}.eml")), &mail.raw)?;
        fs::write(
            out.join(format!("{name}.html")),
            parsed.body_html(0).ok_or("no HTML")?.as_ref(),
        )?;
        fs::write(out.join(format!("{name}.txt")), parsed.body_text(0).ok_or("no text")?.as_ref())?;
        for part in parsed.attachments() {
            if part.attachment_name() == Some("invite.ics") {
                fs::write(out.join(format!("{name}.ics")), part.contents())?;
            }
        }
    }
    Ok(())
}

fn confirmation() -> Result<Letter, Box<dyn Error>> {
    let sender =
        Mailbox { name: "Prata Coaching".to_owned(), address: "bookings@rooms.example".to_owned() };
    Ok(Letter {
        occasion: Occasion::Confirmation,
        reader: Reader {
            role: Role::Guest,
            name: "Ana Sousa".to_owned(),
            email: "ana@example.org".to_owned(),
            zone: "Europe/Lisbon".parse()?,
            locale: "en".to_owned(),
        },
        practice: Practice {
            name: "Prata Coaching".to_owned(),
            contact: Some("+351 21 000 0000".to_owned()),
        },
        host_name: "Inês Prata".to_owned(),
        guest_names: vec!["Ana Sousa".to_owned()],
        service: "Coaching".to_owned(),
        title: "Coaching, second session".to_owned(),
        start: "2026-03-03T15:00:00Z".parse()?,
        end: "2026-03-03T15:50:00Z".parse()?,
        before: None,
        place: Place::Online(RoomWords::Ready {
            provider: "Video Example".to_owned(),
            number: Some("812 3456 7890".to_owned()),
            passcode: Some("morning7".into()),
        }),
        link: "https://rooms.example/j/01jq3x8n5c7v9b2m4k6h8g0f1d".parse()?,
        change_until: Some("2026-03-02T15:00:00Z".parse()?),
        reason: None,
        uid: "bkg_01jq3x8n5c7v9b2m4k6h8g0f1d@rooms.example".to_owned(),
        sequence: 0,
        message_id: "<msg_01jq3x8n5c7v9b2m4k6h8g0f1d@rooms.example>".to_owned(),
        thread: None,
        written_at: "2026-02-20T09:30:00Z".parse()?,
        from: sender.clone(),
        reply_to: Some(Mailbox {
            name: "Inês Prata".to_owned(),
            address: "ines@practice.example".to_owned(),
        }),
        organizer: sender,
        calendar: true,
    })
}
