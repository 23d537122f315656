//! What a letter says, before it has a form.

use secrecy::ExposeSecret;

use super::when::{Teller, When};
use super::{Letter, Occasion, Place, Role, RoomWords};
use crate::ics::one_line;
use crate::words::{self, Changed, How, News, Words};

/// How the pill looks, beside its word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tone {
    pub(super) class: &'static str,
    pub(super) icon: &'static str,
    pub(super) ink: &'static str,
    pub(super) ground: &'static str,
}

/// Something with its name, and what it was before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) label: &'static str,
    pub(super) value: String,
    pub(super) was: Option<String>,
}

/// Where the one button leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Button {
    pub(super) words: &'static str,
    pub(super) link: String,
}

/// All that a letter says, in reading order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Content {
    pub(super) language: &'static str,
    pub(super) subject: String,
    /// What a list of mails shows after the subject.
    pub(super) preview: String,
    pub(super) practice: String,
    pub(super) greeting: Option<String>,
    pub(super) heading: String,
    pub(super) tone: Tone,
    pub(super) state: &'static str,
    pub(super) title: String,
    pub(super) when_label: &'static str,
    pub(super) when: When,
    pub(super) before_label: &'static str,
    pub(super) was: Option<String>,
    pub(super) rows: Vec<Row>,
    pub(super) note: Option<String>,
    pub(super) button: Option<Button>,
    pub(super) details: Vec<Row>,
    pub(super) lines: Vec<String>,
    pub(super) footer: String,
}

pub(super) fn content(letter: &Letter) -> Content {
    let words = words::of(&letter.reader.locale);
    let teller = Teller { words, zone: &letter.reader.zone, now: letter.written_at };
    let title = title(
        letter.reader.role,
        &letter.reader.name,
        &letter.guest_names,
        &letter.title,
        &letter.service,
    );
    let people = people(words, letter);
    let news = news(letter);
    let cancelled = letter.occasion == Occasion::Cancellation;
    let when = teller.span(letter.start, letter.end);
    let name = one_line(&letter.reader.name);
    let practice = one_line(&letter.practice.name);
    Content {
        language: words.language,
        subject: (words.subject)(letter.occasion, &title, &teller.moment(letter.start)),
        preview: when.line(),
        greeting: (!name.is_empty()).then(|| (words.greeting)(&name)),
        heading: (words.heading)(news, people.as_deref()),
        tone: tone(letter.occasion),
        state: (words.state)(letter.occasion),
        when_label: words.when,
        before_label: words.before,
        was: old_time(letter).map(|(start, end)| teller.span(start, end).line()),
        rows: rows(words, letter, people, &title),
        note: note(words, letter),
        button: (!cancelled).then(|| Button {
            words: (words.button)(how(&letter.place)),
            link: letter.link.as_str().to_owned(),
        }),
        details: if cancelled { Vec::new() } else { details(words, &letter.place) },
        lines: lines(words, &teller, letter),
        footer: (words.footer)(&practice),
        title,
        when,
        practice,
    }
}

pub(super) fn how(place: &Place) -> How {
    match place {
        Place::Online(_) => How::Online,
        Place::Phone => How::Phone,
        Place::InPerson => How::InPerson,
    }
}

/// A title may have been made of names. A guest of several is shown the service instead, if it
/// holds another guest's.
pub(super) fn title(
    role: Role,
    reader: &str,
    guests: &[String],
    title: &str,
    service: &str,
) -> String {
    let told = title.to_lowercase();
    let own = one_line(reader).to_lowercase();
    let tells_another = role == Role::Guest
        && guests
            .iter()
            .map(|it| one_line(it).to_lowercase())
            .filter(|it| !it.is_empty() && *it != own)
            .any(|it| told.contains(&it));
    let title = one_line(title);
    if tells_another || title.is_empty() { one_line(service) } else { title }
}

/// With whom the session is, as this reader may know it: a guest is told the host alone.
fn people(words: &Words, letter: &Letter) -> Option<String> {
    const SHOWN: usize = 3;
    let names: Vec<String> = match letter.reader.role {
        Role::Guest => vec![one_line(&letter.host_name)],
        Role::Host => letter.guest_names.iter().map(|it| one_line(it)).collect(),
    };
    let names: Vec<&str> = names.iter().map(String::as_str).filter(|it| !it.is_empty()).collect();
    let shown = names.get(..SHOWN).filter(|_| names.len() > SHOWN + 1).unwrap_or(&names);
    let told = (words.people)(shown, names.len() - shown.len());
    (!told.is_empty()).then_some(told)
}

fn old_time(letter: &Letter) -> Option<(roomkey_core::Instant, roomkey_core::Instant)> {
    let before = changed_from(letter)?;
    let moved = (before.start, before.end) != (letter.start, letter.end);
    moved.then_some((before.start, before.end))
}

/// The old host, for a guest; the host who reads this is the new one.
fn old_host(letter: &Letter) -> Option<String> {
    let old = changed_from(letter)?.host_name.as_deref().map(one_line)?;
    let other =
        letter.reader.role == Role::Guest && !old.is_empty() && old != one_line(&letter.host_name);
    other.then_some(old)
}

fn other_link(letter: &Letter) -> bool {
    changed_from(letter).is_some_and(|before| before.other_link)
}

fn changed_from(letter: &Letter) -> Option<&super::Before> {
    letter.before.as_ref().filter(|_| letter.occasion == Occasion::Change)
}

fn news(letter: &Letter) -> News {
    match letter.occasion {
        Occasion::Confirmation => News::Confirmed,
        Occasion::Cancellation => News::Cancelled,
        Occasion::Change => {
            News::Changed(match (old_time(letter).is_some(), old_host(letter).is_some()) {
                (true, true) => Changed::TimeAndHost,
                (true, false) => Changed::Time,
                (false, true) => Changed::Host,
                (false, false) if other_link(letter) => Changed::Link,
                (false, false) => Changed::Other,
            })
        }
    }
}

fn tone(occasion: Occasion) -> Tone {
    match occasion {
        Occasion::Confirmation => {
            Tone { class: "fine", icon: "✓", ink: "#2A6B2F", ground: "#E6F0E6" }
        }
        Occasion::Change => Tone { class: "brass", icon: "→", ink: "#7A550F", ground: "#F6EEDD" },
        Occasion::Cancellation => {
            Tone { class: "stop", icon: "×", ink: "#A32A2A", ground: "#F8E6E6" }
        }
    }
}

fn rows(words: &Words, letter: &Letter, people: Option<String>, title: &str) -> Vec<Row> {
    let mut rows = Vec::new();
    let service = one_line(&letter.service);
    if !service.is_empty() && !title.to_lowercase().contains(&service.to_lowercase()) {
        rows.push(Row { label: words.service, value: service, was: None });
    }
    if let Some(value) = people {
        rows.push(Row { label: words.with, value, was: old_host(letter) });
    }
    let place = match &letter.place {
        Place::Online(RoomWords::Ready { provider, .. }) => {
            let provider = one_line(provider);
            (words.online)(Some(provider.as_str()).filter(|it| !it.is_empty()))
        }
        Place::Online(RoomWords::SettingUp | RoomWords::Stalled { .. }) => (words.online)(None),
        Place::Phone => words.phone.to_owned(),
        Place::InPerson => words.in_person.to_owned(),
    };
    if letter.occasion != Occasion::Cancellation {
        rows.push(Row { label: words.place, value: place, was: None });
    } else if let Some(reason) = letter.reason.as_deref().map(one_line).filter(|it| !it.is_empty())
    {
        rows.push(Row { label: words.reason, value: reason, was: None });
    }
    rows
}

/// What there is to say of a room that is not there. Why it is not is the host's to know, who can do
/// something about it.
fn note(words: &Words, letter: &Letter) -> Option<String> {
    if letter.occasion == Occasion::Cancellation {
        return None;
    }
    let Place::Online(room) = &letter.place else { return None };
    match (room, letter.reader.role) {
        (RoomWords::Ready { .. }, _) => None,
        (RoomWords::SettingUp, _) => Some(words.setting_up.to_owned()),
        (RoomWords::Stalled { .. }, Role::Guest) => Some(words.being_arranged.to_owned()),
        (RoomWords::Stalled { reason, action }, Role::Host) => {
            // Never cut: the remedy stands at the end.
            let words_only = |text: &str| {
                let is_between = |it: char| it.is_whitespace() || it.is_control();
                let words: Vec<_> = text.split(is_between).filter(|it| !it.is_empty()).collect();
                words.join(" ")
            };
            let click = action.as_ref().map(|(words, link)| (words_only(words), link.as_str()));
            let click = click.as_ref().map(|(words, link)| (words.as_str(), *link));
            Some((words.no_room)(&words_only(reason), click))
        }
    }
}

fn details(words: &Words, place: &Place) -> Vec<Row> {
    let Place::Online(RoomWords::Ready { number, passcode, .. }) = place else {
        return Vec::new();
    };
    let number = number.as_deref().map(one_line);
    let passcode = passcode.as_ref().map(|it| one_line(it.expose_secret()));
    [(words.number, number), (words.passcode, passcode)]
        .into_iter()
        .filter_map(|(label, value)| {
            let value = value.filter(|it| !it.is_empty())?;
            Some(Row { label, value, was: None })
        })
        .collect()
}

fn lines(words: &Words, teller: &Teller<'_>, letter: &Letter) -> Vec<String> {
    let how = how(&letter.place);
    let mut lines = Vec::new();
    if letter.occasion == Occasion::Cancellation {
        lines.push(words.nothing_to_do.to_owned());
    } else {
        if other_link(letter) {
            lines.push(words.new_link.to_owned());
        }
        lines.push((words.early)(how).to_owned());
        if let Some(until) = letter.change_until.filter(|&it| it > letter.written_at) {
            lines.push((words.change_until)(&teller.moment(until)));
        }
        if how == How::Online {
            lines.push(words.yours_alone.to_owned());
        }
    }
    if letter.calendar {
        lines.push((words.calendar)(letter.occasion).to_owned());
    }
    let practice = one_line(&letter.practice.name);
    match letter.practice.contact.as_deref().map(one_line).filter(|it| !it.is_empty()) {
        Some(contact) => lines.push((words.ask)(&practice, &contact)),
        None if letter.reply_to.is_some() => lines.push((words.answer_this)(&practice)),
        None => {}
    }
    lines
}
