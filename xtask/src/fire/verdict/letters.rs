//! What people were told: for each person and change one message, and the last one is true.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::Value;

use super::super::vendor::Vendor;
use super::super::when;
use super::super::wish::{Status, Wish};
use super::{Found, Wrong};
use crate::failure::Result;

/// A mail, as far as it makes a difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Letter {
    message_id: String,
    sequence: i64,
    /// `REQUEST` or `CANCEL`.
    method: String,
    start: Option<Timestamp>,
    end: Option<Timestamp>,
    summary: String,
    /// Of all its bytes.
    bytes: u64,
}

/// A person and a booking: address and the calendar's UID.
type Thread = (String, String);

/// Everything that was delivered.
#[derive(Default)]
pub(crate) struct Mailbox {
    last: u64,
    threads: BTreeMap<Thread, Vec<Letter>>,
    links: BTreeMap<Thread, BTreeSet<String>>,
    unreadable: Vec<String>,
    pub(crate) delivered: usize,
}

impl Mailbox {
    /// Takes what has come since.
    pub(crate) fn empty(&mut self, vendor: &Vendor) -> Result {
        for mail in vendor.mails_after(self.last)? {
            self.last = mail["id"].as_u64().unwrap_or(self.last);
            self.delivered += 1;
            self.take(&mail);
        }
        Ok(())
    }

    fn take(&mut self, mail: &Value) {
        let to = mail["to"][0].as_str().unwrap_or_default().to_owned();
        let Some((uid, letter)) = letter(mail) else {
            self.unreadable.push(format!("{}: {}", to, mail["subject"]));
            return;
        };
        let thread = (to, uid);
        let text = mail["text"].as_str().unwrap_or_default();
        let links = self.links.entry(thread.clone()).or_default();
        links
            .extend(text.split_whitespace().filter(|word| word.contains("/j/")).map(str::to_owned));
        self.threads.entry(thread).or_default().push(letter);
    }

    /// How many different messages there were.
    pub(crate) fn messages(&self) -> usize {
        let ids = self.threads.values().flatten().map(|letter| &letter.message_id);
        ids.collect::<BTreeSet<_>>().len()
    }

    /// The last thing that a person was told of a booking: the highest SEQUENCE counts, as it does
    /// for calendars.
    pub(crate) fn last(&self, to: &str, booking: &Value) -> Option<&Letter> {
        self.thread(to, booking).iter().max_by_key(|letter| letter.sequence)
    }

    fn thread(&self, to: &str, booking: &Value) -> &[Letter] {
        let id = booking["id"].as_str().unwrap_or_default();
        let mut found = self
            .threads
            .range((to.to_owned(), id.to_owned())..)
            .take_while(|((person, uid), _)| person == to && uid.starts_with(id));
        found.next().map_or(&[], |(_, letters)| letters)
    }

    pub(super) fn judge(&self, wishes: &[Wish], found: &Found) -> Vec<Wrong> {
        let mut wrong: Vec<Wrong> = self
            .unreadable
            .iter()
            .map(|words| Wrong::somewhere(format!("a mail without a calendar: {words}")))
            .collect();
        let mut ids: BTreeMap<&str, (&Thread, i64)> = BTreeMap::new();
        for (thread, letters) in &self.threads {
            for words in twofold(thread, letters, &mut ids) {
                wrong.push(Wrong::for_ever(words));
            }
        }
        let mut known: BTreeSet<Thread> = BTreeSet::new();
        for (place, wish) in wishes.iter().enumerate() {
            let booking = found.booking(place);
            wrong.extend(self.heard(wish, booking));
            wrong.extend(self.linked(wish, booking));
            let id = booking["id"].as_str().unwrap_or_default();
            for person in people(wish) {
                known.insert((person.to_owned(), id.to_owned()));
            }
        }
        for (to, uid) in self.threads.keys() {
            let id = uid.split('@').next().unwrap_or_default().to_owned();
            if !known.contains(&(to.clone(), id)) {
                wrong.push(Wrong::somewhere(format!("{to} heard of {uid}, which is not theirs")));
            }
        }
        wrong
    }

    /// Whether everybody knows what is.
    fn heard(&self, wish: &Wish, booking: &Value) -> Vec<Wrong> {
        let mut wrong = Vec::new();
        for person in people(wish) {
            let comes = person == wish.guest_email || person == wish.host.email;
            let should_come = comes && wish.status == Status::Confirmed;
            match self.last(person, booking) {
                None if should_come => {
                    wrong.push(Wrong::of(wish, format!("{person} was told nothing")));
                }
                None => {}
                Some(_) if !wish.was_confirmed => {
                    let words = format!("{person} was told of what was never confirmed");
                    wrong.push(Wrong::of(wish, words));
                }
                Some(last) if should_come => {
                    let true_ = last.method == "REQUEST"
                        && last.start == Some(wish.start)
                        && last.end == Some(wish.end)
                        && last.summary.contains(&wish.service);
                    if !true_ {
                        wrong.push(Wrong::of(
                            wish,
                            format!("{person} was last told {}", words(last)),
                        ));
                    }
                }
                Some(last) if last.method != "CANCEL" => {
                    let words = format!("{person} does not know that it is off: {}", words(last));
                    wrong.push(Wrong::of(wish, words));
                }
                Some(_) => {}
            }
        }
        wrong
    }

    /// Every mail to a guest carries the guest's own link, the same one for ever.
    fn linked(&self, wish: &Wish, booking: &Value) -> Vec<Wrong> {
        let id = booking["id"].as_str().unwrap_or_default();
        let theirs = [
            (&wish.guest_email, &booking["guests"][0]["link"]),
            (&wish.host.email, &booking["host_link"]),
        ];
        let mut wrong = Vec::new();
        for (person, link) in theirs {
            let links: BTreeSet<&str> = self
                .links
                .iter()
                .filter(|((to, uid), _)| to == person && uid.starts_with(id))
                .flat_map(|(_, links)| links.iter().map(String::as_str))
                .collect();
            if links.iter().any(|it| Some(*it) != link.as_str()) {
                wrong.push(Wrong::of(
                    wish,
                    format!("{person} was sent {links:?}; the link is {link}"),
                ));
            }
        }
        wrong
    }
}

/// Two messages for one change, one message for two, or the same said twice in a row.
fn twofold<'a>(
    thread: &'a Thread,
    letters: &'a [Letter],
    ids: &mut BTreeMap<&'a str, (&'a Thread, i64)>,
) -> Vec<String> {
    let (to, uid) = thread;
    let mut wrong = Vec::new();
    let mut by_sequence: BTreeMap<i64, &Letter> = BTreeMap::new();
    for letter in letters {
        let sequence = letter.sequence;
        let first = by_sequence.entry(sequence).or_insert(letter);
        if first.message_id != letter.message_id {
            wrong.push(format!("{to}, {uid}: SEQUENCE {sequence} has two Message-IDs"));
        } else if first.bytes != letter.bytes {
            wrong.push(format!("{to}, {uid}: SEQUENCE {sequence} came again with other bytes"));
        }
        let meant = (thread, sequence);
        if *ids.entry(&letter.message_id).or_insert(meant) != meant {
            wrong.push(format!("{to}, {uid}: the Message-ID {} was used twice", letter.message_id));
        }
    }
    let said =
        |letter: &Letter| (letter.method.clone(), letter.start, letter.end, letter.summary.clone());
    for (sequence, letter) in &by_sequence {
        if let Some(next) = by_sequence.get(&(sequence + 1))
            && said(letter) == said(next)
        {
            wrong.push(format!(
                "{to}, {uid}: {} was said twice, as {sequence} and the next",
                words(next)
            ));
        }
    }
    wrong
}

/// Everybody who may have heard of a booking.
fn people(wish: &Wish) -> BTreeSet<&str> {
    let hosts = wish.former_hosts.iter().chain([&wish.host]).map(|host| host.email.as_str());
    hosts.chain([wish.guest_email.as_str()]).collect()
}

fn words(letter: &Letter) -> String {
    let at = letter.start.map(when::written).unwrap_or_default();
    format!("{} {at} {}, SEQUENCE {}", letter.method, letter.summary, letter.sequence)
}

impl Letter {
    pub(super) fn says_it_is_on(&self) -> bool {
        self.method == "REQUEST"
    }
}

/// The UID, and the rest.
fn letter(mail: &Value) -> Option<(String, Letter)> {
    let attachments = mail["attachments"].as_array()?;
    let calendar = attachments.iter().find(|it| {
        it["content_type"].as_str().is_some_and(|kind| kind.starts_with("text/calendar"))
    })?;
    let text = calendar["text"].as_str()?.replace("\r\n", "\n").replace("\n ", "");
    let (head, event) = text.split_once("BEGIN:VEVENT")?;
    let line = |text: &str, name: &str| -> Option<(String, String)> {
        text.lines().find_map(|line| {
            let rest = line.strip_prefix(name).filter(|rest| rest.starts_with([';', ':']))?;
            let (parameters, value) = rest.split_once(':')?;
            Some((parameters.to_owned(), value.to_owned()))
        })
    };
    let value = |text: &str, name: &str| line(text, name).map(|(_, value)| value);
    let at = |name: &str| line(event, name).and_then(|(zone, value)| instant(&zone, &value));
    let mut hasher = DefaultHasher::new();
    mail["raw"].as_str().unwrap_or_default().hash(&mut hasher);
    let letter = Letter {
        message_id: mail["message_id"].as_str()?.to_owned(),
        sequence: value(event, "SEQUENCE")?.parse().ok()?,
        method: value(head, "METHOD")?,
        start: at("DTSTART"),
        end: at("DTEND"),
        summary: value(event, "SUMMARY")?.replace("\\,", ",").replace("\\;", ";"),
        bytes: hasher.finish(),
    };
    Some((value(event, "UID")?, letter))
}

/// `20310601T121500Z`, or without the Z in the zone that the parameters name.
fn instant(parameters: &str, value: &str) -> Option<Timestamp> {
    let local = DateTime::strptime("%Y%m%dT%H%M%S", value.trim_end_matches('Z')).ok()?;
    let zone = match parameters.split("TZID=").nth(1) {
        Some(name) => TimeZone::get(name.split(';').next()?.trim_matches('"')).ok()?,
        None => TimeZone::UTC,
    };
    Some(zone.to_ambiguous_zoned(local).compatible().ok()?.timestamp())
}
