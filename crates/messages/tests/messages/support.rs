//! A letter to change from, and a strict reader of calendar files.

use roomkey_messages::{Letter, Mailbox, Occasion, Place, Practice, Reader, Role, RoomWords};

pub(crate) fn letter() -> Letter {
    let sender =
        Mailbox { name: "Prata Coaching".to_owned(), address: "bookings@rooms.example".to_owned() };
    Letter {
        occasion: Occasion::Confirmation,
        reader: Reader {
            role: Role::Guest,
            name: "Ana Sousa".to_owned(),
            email: "ana@example.org".to_owned(),
            zone: "Europe/Lisbon".parse().expect("a zone"),
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
        start: "2026-03-03T15:00:00Z".parse().expect("an instant"),
        end: "2026-03-03T15:50:00Z".parse().expect("an instant"),
        before: None,
        place: Place::Online(RoomWords::Ready {
            provider: "Video Example".to_owned(),
            number: Some("812 3456 7890".to_owned()),
            passcode: Some("morning7".into()),
        }),
        link: "https://rooms.example/j/01jq3x8n5c7v9b2m4k6h8g0f1d".parse().expect("a link"),
        change_until: Some("2026-03-02T15:00:00Z".parse().expect("an instant")),
        reason: None,
        uid: "bkg_01jq3x8n5c7v9b2m4k6h8g0f1d@rooms.example".to_owned(),
        sequence: 0,
        message_id: "<msg_1@rooms.example>".to_owned(),
        thread: None,
        written_at: "2026-02-20T09:30:00Z".parse().expect("an instant"),
        from: sender.clone(),
        reply_to: None,
        organizer: sender,
        calendar: true,
    }
}

/// One content line, taken apart by the letter of RFC 5545 and 6868.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) name: String,
    pub(crate) params: Vec<(String, String)>,
    pub(crate) value: String,
}

impl Line {
    pub(crate) fn param(&self, name: &str) -> Option<&str> {
        self.params.iter().find(|it| it.0 == name).map(|it| it.1.as_str())
    }

    /// The value as TEXT.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        let mut rest = self.value.chars();
        while let Some(it) = rest.next() {
            match it {
                '\\' => match rest.next().expect("something after a backslash") {
                    'n' => text.push('\n'),
                    other => text.push(other),
                },
                ';' | ',' => panic!("bare {it} in {}", self.value),
                other => text.push(other),
            }
        }
        text
    }
}

/// Reads a file, and panics at anything that a strict reader would refuse.
pub(crate) fn read(file: &str) -> Vec<Line> {
    let lines = file.strip_suffix("\r\n").expect("ends with CRLF");
    for line in lines.split("\r\n") {
        assert!(line.len() <= 75, "{} octets: {line}", line.len());
        assert!(!line.chars().any(char::is_control), "a control character in {line:?}");
    }
    let lines: Vec<Line> = lines.replace("\r\n ", "").split("\r\n").map(read_line).collect();
    let mut open = Vec::new();
    for line in &lines {
        match line.name.as_str() {
            "BEGIN" => open.push(line.value.clone()),
            "END" => assert_eq!(open.pop().as_ref(), Some(&line.value)),
            _ => assert!(!open.is_empty()),
        }
    }
    assert!(open.is_empty());
    lines
}

fn read_line(line: &str) -> Line {
    let end = line.find([';', ':']).expect("a name");
    let (name, mut rest) = line.split_at(end);
    assert!(name.bytes().all(|it| it.is_ascii_uppercase() || it == b'-'), "{line}");
    let mut params = Vec::new();
    while let Some(after) = rest.strip_prefix(';') {
        let (name, after) = after.split_once('=').expect("a parameter");
        let (value, after) = match after.strip_prefix('"') {
            Some(after) => after.split_once('"').expect("a closing quote"),
            None => after.split_at(after.find([';', ':']).expect("an end")),
        };
        let value = value.replace("^^", "\u{1}").replace("^'", "\"").replace("^n", "\n");
        params.push((name.to_owned(), value.replace('\u{1}', "^")));
        rest = after;
    }
    let value = rest.strip_prefix(':').expect("a value");
    Line { name: name.to_owned(), params, value: value.to_owned() }
}
