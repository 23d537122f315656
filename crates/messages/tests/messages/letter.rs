//! Mails, as people and other programs read them.

use mail_parser::{Message, MessageParser, MimeHeaders, PartType};
use roomkey_messages::{
    Before, ComposeError, Letter, Mailbox, Occasion, Place, Role, RoomWords, compose,
};

use crate::support::{letter, read};

struct Read {
    raw: String,
    subject: String,
    text: String,
    html: String,
    calendar: Option<String>,
}

fn parse(raw: &[u8]) -> Message<'_> {
    MessageParser::default().parse(raw).expect("a mail")
}

fn sent(letter: &Letter) -> Read {
    let mail = compose(letter).expect("a mail");
    let message = parse(&mail.raw);
    assert_eq!(message.subject(), Some(mail.subject.as_str()));
    Read {
        raw: String::from_utf8(mail.raw.clone()).expect("ASCII"),
        subject: mail.subject,
        text: message.body_text(0).expect("text").replace("\r\n", "\n"),
        html: message.body_html(0).expect("HTML").into_owned(),
        calendar: message
            .attachments()
            .find(|it| it.attachment_name() == Some("invite.ics"))
            .map(|it| String::from_utf8(it.contents().to_vec()).expect("text")),
    }
}

fn host(letter: &Letter) -> Letter {
    let mut host = letter.clone();
    host.reader.role = Role::Host;
    host.reader.name = "Inês Prata".to_owned();
    host.reader.email = "ines@practice.example".to_owned();
    host
}

fn change(letter: &Letter) -> Letter {
    Letter {
        occasion: Occasion::Change,
        before: Some(Before {
            other_link: false,
            start: "2026-03-02T10:00:00Z".parse().expect("an instant"),
            end: "2026-03-02T10:50:00Z".parse().expect("an instant"),
            host_name: Some("Rui Tavares".to_owned()),
        }),
        sequence: 1,
        ..letter.clone()
    }
}

fn cancellation(letter: &Letter) -> Letter {
    Letter {
        occasion: Occasion::Cancellation,
        reason: Some("I am ill today.".to_owned()),
        sequence: 2,
        ..letter.clone()
    }
}

#[test]
fn a_confirmation_says_who_when_where_and_how() {
    let read = sent(&letter());
    assert_eq!(read.subject, "Confirmed: Coaching, second session, Tue 3 March, 15:00 (Lisbon)");
    for words in [
        "Hello Ana Sousa,",
        "Your session with Inês Prata is confirmed.",
        "Tue 3 March, 15:00 – 15:50 (Lisbon)",
        "Online, by Video Example",
        "Open your session:\nhttps://rooms.example/j/01jq3x8n5c7v9b2m4k6h8g0f1d",
        "812 3456 7890",
        "morning7",
        "Be there 5 minutes early",
        "until Mon 2 March, 15:00 (Lisbon)",
        "Ask Prata Coaching: +351 21 000 0000",
    ] {
        assert!(read.text.contains(words), "{words}: {}", read.text);
    }
    for words in ["15:00 – 15:50", "(Lisbon)", "Inês Prata", "812 3456 7890", "morning7"] {
        assert!(read.html.contains(words), "{words}");
    }
    assert_eq!(read.html.matches(r#"href=""#).count(), 1, "one button");
    assert!(read.html.contains(r#"href="https://rooms.example/j/01jq3x8n5c7v9b2m4k6h8g0f1d""#));
}

#[test]
fn the_parts_are_those_that_mail_programs_look_for() {
    for (letter, method) in
        [(letter(), "REQUEST"), (change(&letter()), "REQUEST"), (cancellation(&letter()), "CANCEL")]
    {
        let mail = compose(&letter).expect("a mail");
        let message = parse(&mail.raw);
        let kinds: Vec<String> = message
            .parts
            .iter()
            .map(|part| {
                let kind = part.content_type().expect("a type");
                format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or_default())
            })
            .collect();
        assert_eq!(
            kinds,
            [
                "multipart/mixed",
                "multipart/alternative",
                "text/plain",
                "text/html",
                "text/calendar",
                "application/ics"
            ]
        );
        assert!(matches!(&message.parts[0].body, PartType::Multipart(parts) if parts.len() == 2));
        assert!(matches!(&message.parts[1].body, PartType::Multipart(parts) if parts.len() == 3));
        let inline = &message.parts[4];
        let kind = inline.content_type().expect("a type");
        assert_eq!(kind.attribute("method"), Some(method));
        assert_eq!(kind.attribute("charset"), Some("utf-8"));
        // Both are the same file, and it says the same method.
        assert_eq!(inline.contents(), message.parts[5].contents());
        let lines = read(std::str::from_utf8(inline.contents()).expect("text"));
        let value = |name: &str| {
            lines.iter().rfind(|it| it.name == name).map(|it| it.value.clone()).unwrap_or_default()
        };
        assert_eq!(value("METHOD"), method);
        assert_eq!(value("UID"), letter.uid);
        assert_eq!(value("SEQUENCE"), letter.sequence.to_string());
        assert_eq!(value("ORGANIZER"), "mailto:bookings@rooms.example");
        assert_eq!(value("ATTENDEE"), "mailto:ana@example.org");
    }
}

#[test]
fn the_headers_are_the_callers() {
    let mail = compose(&Letter {
        reply_to: Some(Mailbox {
            name: "Inês".to_owned(),
            address: "ines@practice.example".to_owned(),
        }),
        thread: Some("first@rooms.example".to_owned()),
        ..letter()
    })
    .expect("a mail");
    let message = parse(&mail.raw);
    assert_eq!(message.message_id(), Some("msg_1@rooms.example"));
    assert_eq!(mail.message_id, "<msg_1@rooms.example>");
    assert_eq!(message.in_reply_to().as_text(), Some("first@rooms.example"));
    assert_eq!(message.references().as_text(), Some("first@rooms.example"));
    assert_eq!(message.header_raw("Auto-Submitted").map(str::trim), Some("auto-generated"));
    assert_eq!(message.date().map(|it| it.to_timestamp()), Some(1_771_579_800));
    let to = message.to().and_then(|it| it.first()).expect("a reader");
    assert_eq!((to.name(), to.address()), (Some("Ana Sousa"), Some("ana@example.org")));
    let reply = message.reply_to().and_then(|it| it.first()).expect("who gets an answer");
    assert_eq!((reply.name(), reply.address()), (Some("Inês"), Some("ines@practice.example")));
}

#[test]
fn the_same_letter_has_the_same_bytes() {
    assert_eq!(compose(&letter()).expect("a mail"), compose(&letter()).expect("a mail"));
}

#[test]
fn every_line_is_short_ascii_and_ends_well() {
    let mut long = letter();
    long.title = "é".repeat(400);
    long.reader.name = "x, \"y\" <z> ".repeat(40);
    for letter in [letter(), change(&letter()), cancellation(&letter()), long] {
        let raw = sent(&letter).raw;
        assert!(raw.is_ascii());
        assert!(raw.split("\r\n").all(|line| line.len() <= 998 && !line.contains(['\r', '\n'])));
    }
}

#[test]
fn a_name_adds_no_header_and_no_markup() {
    let hostile = "Eve\r\nBcc: all@example.org\r\n\r\n<script>\"'&{{ letter }}\u{0}";
    let mut letter = letter();
    letter.reader.name = hostile.to_owned();
    letter.host_name = hostile.to_owned();
    letter.title = hostile.to_owned();
    letter.service = hostile.to_owned();
    letter.practice.name = hostile.to_owned();
    letter.practice.contact = Some(hostile.to_owned());
    letter.from.name = hostile.to_owned();
    letter.organizer.name = hostile.to_owned();
    for letter in [letter.clone(), change(&letter), cancellation(&letter), host(&letter)] {
        let mail = compose(&letter).expect("a mail");
        let message = parse(&mail.raw);
        assert!(message.bcc().is_none());
        assert_eq!(message.to().map(|it| it.iter().count()), Some(1));
        assert_eq!(message.parts.len(), 6);
        let html = message.body_html(0).expect("HTML");
        assert!(!html.contains("<script"));
        assert!(html.contains("{{ letter }}"), "shown, not understood");
    }
}

#[test]
fn nothing_is_fetched_from_anywhere() {
    for letter in [letter(), change(&letter()), cancellation(&letter()), host(&letter())] {
        let html = sent(&letter).html.to_lowercase();
        for foreign in ["<img", "<link", "src=", "url(", "@import", "<script", "@font-face"] {
            assert!(!html.contains(foreign), "{foreign}");
        }
    }
}

#[test]
fn guests_of_a_group_learn_nothing_of_each_other() {
    let mut group = letter();
    group.guest_names = ["Ana Sousa", "Bo Lindqvist", "Chi Okafor"].map(str::to_owned).to_vec();
    group.title = "Coaching with Ana Sousa, Bo Lindqvist".to_owned();
    for letter in [group.clone(), change(&group), cancellation(&group)] {
        let read = sent(&letter);
        let calendar = read.calendar.expect("a file");
        for seen in [&read.subject, &read.text, &read.html, &calendar, &read.raw] {
            assert!(!seen.contains("Lindqvist") && !seen.contains("Okafor"));
        }
    }
    let to_host = sent(&host(&group));
    assert!(
        to_host.text.contains("With   Ana Sousa, Bo Lindqvist and Chi Okafor"),
        "{}",
        to_host.text
    );
    assert!(!to_host.text.contains("ana@example.org"));

    group.guest_names.extend(["Dee", "Eli", "Fay"].map(str::to_owned));
    assert!(sent(&host(&group)).text.contains("Ana Sousa, Bo Lindqvist, Chi Okafor and 3 more"));
}

#[test]
fn a_room_that_is_not_there_yet_is_not_promised() {
    let read = sent(&Letter { place: Place::Online(RoomWords::SettingUp), ..letter() });
    for seen in [&read.text, &read.html] {
        assert!(seen.contains("still being set up") && seen.contains("Your link works already"));
        assert!(!seen.contains("Video Example") && !seen.contains("Passcode"));
    }
}

#[test]
fn a_room_that_nobody_makes_is_not_promised_and_the_host_is_told_what_to_click() {
    let stalled = Place::Online(RoomWords::Stalled {
        reason: "The Zoom account keeps the waiting room off.\r\nUnlock it.".to_owned(),
        action: Some((
            "Open services".to_owned(),
            "https://rooms.example/operator/services".parse().expect("a link"),
        )),
    });
    for letter in [letter(), change(&letter())] {
        let guest = sent(&Letter { place: stalled.clone(), ..letter.clone() });
        for seen in [&guest.text, &guest.html] {
            assert!(seen.contains("The practice is arranging the room"), "{seen}");
            assert!(seen.contains("Your link stays the same"), "{seen}");
            for unsaid in ["set up", "Zoom", "Unlock", "/operator", "works already"] {
                assert!(!seen.contains(unsaid), "{unsaid}: {seen}");
            }
        }
        let host = sent(&Letter { place: stalled.clone(), ..host(&letter) });
        for seen in [&host.text, &host.html] {
            for words in [
                "There is no room for this session, and none is being made.",
                "The Zoom account keeps the waiting room off. Unlock it.",
                "Open services: https://rooms.example/operator/services",
            ] {
                assert!(seen.contains(words), "{words}: {seen}");
            }
            assert!(!seen.contains("set up"), "{seen}");
        }
    }
    let off = sent(&Letter { place: stalled, ..cancellation(&letter()) });
    assert!(!off.text.contains("arranging") && !off.text.contains("no room"));
}

#[test]
fn a_session_without_video_has_no_words_of_joining() {
    for (place, words) in [(Place::Phone, "By phone"), (Place::InPerson, "In person")] {
        for letter in [letter(), change(&letter()), host(&letter())] {
            let read = sent(&Letter { place: place.clone(), ..letter });
            let calendar = read.calendar.expect("a file");
            assert!(read.text.contains(words) && calendar.contains(words));
            assert!(read.text.contains("See your booking"));
            for seen in [&read.text, &read.html, &calendar] {
                let seen = seen.to_lowercase();
                for join in
                    ["join", "open your session", "camera", "online", "room is", "conference;"]
                {
                    assert!(!seen.contains(join), "{join}");
                }
            }
        }
    }
}

#[test]
fn a_change_says_what_was_and_what_is() {
    let read = sent(&change(&letter()));
    assert!(read.subject.starts_with("Changed: "));
    for words in [
        "Your session has moved, and has another host.",
        "Before  Mon 2 March, 10:00 – 10:50 (Lisbon)",
        "When    Tue 3 March, 15:00 – 15:50 (Lisbon)",
        "With    Inês Prata",
        "Before  Rui Tavares",
    ] {
        assert!(read.text.contains(words), "{words}: {}", read.text);
    }
    assert!(read.html.contains("Mon 2 March, 10:00 – 10:50 (Lisbon)"));

    let mut moved = change(&letter());
    moved.before.as_mut().expect("before").host_name = None;
    assert!(sent(&moved).text.contains("Your session with Inês Prata has moved."));

    let mut handed_on = change(&letter());
    handed_on.before = Some(Before {
        other_link: false,
        start: handed_on.start,
        end: handed_on.end,
        host_name: Some("Rui Tavares".to_owned()),
    });
    assert!(sent(&handed_on).text.contains("Your session has another host."));

    let renamed = Letter { before: None, ..change(&letter()) };
    assert!(sent(&renamed).text.contains("Your session with Inês Prata has changed."));
}

#[test]
fn a_cancellation_opens_nothing_and_gives_its_reason() {
    let read = sent(&cancellation(&letter()));
    assert!(read.text.contains("Your session with Inês Prata is cancelled."));
    assert!(read.text.contains("I am ill today."));
    assert!(read.text.contains("+351 21 000 0000"));
    let calendar = read.calendar.expect("a file");
    for seen in [&read.text, &read.html, &calendar] {
        assert!(!seen.contains("/j/") && !seen.contains("morning7") && !seen.contains("early"));
    }
    assert!(calendar.contains("STATUS:CANCELLED"));
}

#[test]
fn a_host_whose_calendar_has_the_entry_gets_no_file() {
    let mail = compose(&Letter { calendar: false, ..host(&letter()) }).expect("a mail");
    let message = parse(&mail.raw);
    assert_eq!(message.parts.len(), 3, "alternative, text, HTML");
    assert!(!message.body_text(0).expect("text").contains("attached"));
}

#[test]
fn the_change_is_not_offered_once_it_is_too_late() {
    let late = Letter { change_until: Some(letter().written_at), ..letter() };
    assert!(!sent(&late).text.contains("You can change"));
    assert!(!sent(&Letter { change_until: None, ..letter() }).text.contains("You can change"));
}

#[test]
fn times_are_told_in_the_readers_zone() {
    let mut far = letter();
    far.reader.zone = "Asia/Kolkata".parse().expect("a zone");
    let read = sent(&far);
    assert!(read.text.contains("Tue 3 March, 20:30 – 21:20 (Kolkata)"));
    assert!(read.calendar.expect("a file").contains("DTSTART;TZID=Asia/Kolkata:20260303T203000"));
}

#[test]
fn what_a_header_cannot_hold_is_refused() {
    let with = |change: fn(&mut Letter)| {
        let mut letter = letter();
        change(&mut letter);
        compose(&letter)
    };
    let refused = with(|it| it.reader.email = "ana@example.org\r\nBcc: x@example.org".to_owned());
    assert!(matches!(refused, Err(ComposeError::Address { whose: "reader's", .. })));
    let refused = with(|it| it.organizer.address = "nobody".to_owned());
    assert!(matches!(refused, Err(ComposeError::Address { whose: "organizer's", .. })));
    for id in ["<a@b>\r\nX: y", "no-at", "<a b@c>", "@c", "ü@c"] {
        let refused = compose(&Letter { message_id: id.to_owned(), ..letter() });
        assert!(matches!(refused, Err(ComposeError::MessageId)), "{id}");
    }
    assert!(matches!(with(|it| it.end = it.start), Err(ComposeError::EndsBeforeStart)));
}

#[test]
fn neither_people_nor_links_are_shown_by_debug() {
    let letter = letter();
    let mail = compose(&letter).expect("a mail");
    let shown = format!("{letter:?} {mail:?} {:?}", mail.to);
    for hidden in ["Ana", "ana@", "/j/", "morning7", "Coaching"] {
        assert!(!shown.contains(hidden), "{hidden}");
    }
}
