//! How it ended, in a form that two runs can be compared by.

use std::fmt::Write as _;

use super::super::when;
use super::super::wish::{Kind, Status, Wish};
use super::{Found, Mailbox};

/// One line for each booking, in the order of their names.
pub(crate) struct Table(String);

impl Table {
    /// From what was found, not from what was asked.
    pub(crate) fn new(wishes: &[Wish], found: &Found, mailbox: &Mailbox) -> Self {
        let mut lines: Vec<String> = wishes
            .iter()
            .enumerate()
            .map(|(place, wish)| line(wish, found, mailbox, place))
            .collect();
        lines.sort();
        Self(lines.concat())
    }

    /// The first booking that ended otherwise elsewhere, if any.
    pub(crate) fn difference(&self, other: &Self) -> Option<String> {
        if self.0 == other.0 {
            return None;
        }
        let differs = self.0.lines().zip(other.0.lines()).find(|(here, there)| here != there);
        Some(differs.map_or_else(
            || "one has more bookings".to_owned(),
            |(here, there)| format!("`{here}`, and there `{there}`"),
        ))
    }

    /// FNV-1a: short enough to read aloud.
    pub(crate) fn digest(&self) -> String {
        let sum = self.0.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| {
            (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        format!("{sum:016x}")
    }
}

fn line(wish: &Wish, found: &Found, mailbox: &Mailbox, place: usize) -> String {
    let booking = found.booking(place);
    let number = super::digits(&booking["meeting"]["number"]);
    let room = found.meetings.get(&number);
    let start = match wish.kind {
        Kind::Far => when::read(&booking["start"]).map(when::written).unwrap_or_default(),
        // These depend on when the fire was lit.
        Kind::Tomorrow => "tomorrow".to_owned(),
        Kind::AtTheDoor => "now".to_owned(),
    };
    // Who was never told, because it was off again so soon, need not hear that it is off.
    let told = mailbox.last(&wish.guest_email, booking).is_some_and(|it| it.says_it_is_on());
    let status = if wish.status == Status::Pending { "pending" } else { "settled" };
    let mut line = String::new();
    let topic = room.map(|room| room["topic"].to_string()).unwrap_or_default();
    let host = room.map(|room| room["host_email"].to_string()).unwrap_or_default();
    // Writing into a string cannot fail.
    let _ = writeln!(
        line,
        "{} | {status} | {start} | {topic} | {host} | {} | {}",
        wish.name,
        if room.is_some() { "room" } else { "no room" },
        if told { "on" } else { "off" },
    );
    line
}
