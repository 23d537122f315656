//! The list of bookings, with its filters as words in a sentence.

use askama::Template;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};

use super::row::Day;
use super::shell::{Section, Shell};
use crate::pages::form::Choice;
use crate::pages::icon::Icon;

/// What is wanted, as the address keeps it. Empty means any.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Filter {
    /// One of [`Filter::STATUSES`].
    pub status: String,
    /// One of [`Filter::SIDES`].
    pub side: String,
    /// A host's id.
    pub host: String,
    /// From this date on: `2026-03-03`.
    pub from: String,
    /// Until this date, itself included.
    pub to: String,
    /// In a name, an address or a title.
    pub q: String,
    /// The code of what is wrong; a card on another page leads here with it.
    pub why: String,
    /// Where the page begins.
    pub cursor: String,
}

impl Filter {
    /// What `status` may be, and the words for it.
    pub const STATUSES: [(&'static str, &'static str); 9] = [
        ("", "all bookings"),
        ("trouble", "bookings that need you"),
        ("pending_approval", "bookings to approve"),
        ("pending", "pending bookings"),
        ("confirmed", "confirmed bookings"),
        ("in_progress", "bookings in progress"),
        ("completed", "completed bookings"),
        ("cancelled", "cancelled bookings"),
        ("no_show", "no-shows"),
    ];

    /// What `side` may be, and the words for it.
    pub const SIDES: [(&'static str, &'static str); 3] =
        [("", "ahead"), ("past", "past"), ("any", "past or ahead")];

    /// The same, put right: what has taken place is not looked for ahead, and what is unknown is
    /// not wanted.
    #[must_use]
    pub fn put_right(mut self) -> Self {
        if matches!(self.status.as_str(), "completed" | "no_show") && self.side.is_empty() {
            "past".clone_into(&mut self.side);
        }
        if !Self::SIDES.iter().any(|(side, _)| *side == self.side) {
            self.side.clear();
        }
        if !self.why.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'_')
        {
            self.why.clear();
        }
        self
    }

    /// Whether anything is left out.
    #[must_use]
    pub fn is_set(&self) -> bool {
        *self != Self { cursor: self.cursor.clone(), ..Self::default() }
    }

    /// The same, looking at other sides.
    #[must_use]
    pub fn on(&self, side: &str) -> Self {
        Self { side: side.to_owned(), cursor: String::new(), ..self.clone() }
    }

    /// The list's address with this filter, from this cursor on.
    #[must_use]
    pub fn href(&self, cursor: &str) -> String {
        let parts: Vec<_> = [
            ("status", self.status.as_str()),
            ("side", &self.side),
            ("host", &self.host),
            ("from", &self.from),
            ("to", &self.to),
            ("q", &self.q),
            ("why", &self.why),
            ("cursor", cursor),
        ]
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC)))
        .collect();
        if parts.is_empty() {
            "/operator/bookings".to_owned()
        } else {
            format!("/operator/bookings?{}", parts.join("&"))
        }
    }
}

/// The list of bookings.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "operator/bookings.html")]
pub struct BookingsPage {
    /// What surrounds it.
    pub shell: Shell,
    /// What is wanted.
    pub filter: Filter,
    /// Every host.
    pub hosts: Vec<Choice>,
    /// The bookings of this page, by day.
    pub days: Vec<Day>,
    /// Where the next page begins.
    pub next_cursor: Option<String>,
}

impl BookingsPage {
    /// In which order they are.
    #[must_use]
    pub fn order(&self) -> &'static str {
        match self.filter.side.as_str() {
            "past" => "The latest first",
            "any" => "The earliest first",
            _ => "The soonest first",
        }
    }

    /// The words for the way to the next page.
    #[must_use]
    pub fn onwards(&self) -> &'static str {
        if self.filter.side == "past" { "Earlier ones" } else { "Later ones" }
    }

    /// Where the same is looked for on both sides of now.
    #[must_use]
    pub fn anywhere(&self) -> Option<String> {
        (self.filter.side != "any").then(|| self.filter.on("any").href(""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_keeps_the_filter() {
        let filter =
            Filter { q: "Ana & co".to_owned(), status: "trouble".to_owned(), ..Filter::default() };
        assert!(filter.is_set());
        assert_eq!(filter.href(""), "/operator/bookings?status=trouble&q=Ana%20%26%20co");
        assert_eq!(filter.href("x"), "/operator/bookings?status=trouble&q=Ana%20%26%20co&cursor=x");
        assert_eq!(
            filter.on("past").href(""),
            "/operator/bookings?status=trouble&side=past&q=Ana%20%26%20co"
        );
        assert_eq!(Filter::default().href(""), "/operator/bookings");
        assert!(!Filter { cursor: "x".to_owned(), ..Filter::default() }.is_set());
    }

    #[test]
    fn what_makes_no_sense_is_put_right() {
        let filter = |status: &str, side: &str, why: &str| {
            let filter = Filter {
                status: status.to_owned(),
                side: side.to_owned(),
                why: why.to_owned(),
                ..Filter::default()
            };
            let Filter { side, why, .. } = filter.put_right();
            (side, why)
        };
        let (none, past) = (String::new(), "past".to_owned());
        assert_eq!(filter("completed", "", ""), (past.clone(), none.clone()));
        assert_eq!(filter("completed", "any", ""), ("any".to_owned(), none.clone()));
        assert_eq!(filter("confirmed", "up", "%"), (none.clone(), none));
        assert_eq!(filter("", "past", "no_seats"), (past, "no_seats".to_owned()));
    }
}
