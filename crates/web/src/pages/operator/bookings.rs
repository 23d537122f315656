//! The list of bookings, with its filters as words in a sentence.

use askama::Template;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};

use super::row::BookingRow;
use super::shell::{Section, Shell};
use crate::pages::form::Choice;
use crate::pages::icon::Icon;

/// What is wanted, as the address keeps it. Empty means any.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Filter {
    /// One of [`Filter::STATUSES`].
    pub status: String,
    /// A host's id.
    pub host: String,
    /// From this date on: `2026-03-03`.
    pub from: String,
    /// Until this date, itself included.
    pub to: String,
    /// In a name, an address or a title.
    pub q: String,
    /// Where the page begins.
    pub cursor: String,
}

impl Filter {
    /// What `status` may be, and the words for it.
    pub const STATUSES: [(&'static str, &'static str); 8] = [
        ("", "all bookings"),
        ("trouble", "bookings that need you"),
        ("pending", "pending bookings"),
        ("confirmed", "confirmed bookings"),
        ("in_progress", "bookings in progress"),
        ("completed", "completed bookings"),
        ("cancelled", "cancelled bookings"),
        ("no_show", "no-shows"),
    ];

    /// Whether anything is left out.
    #[must_use]
    pub fn is_set(&self) -> bool {
        *self != Self { cursor: self.cursor.clone(), ..Self::default() }
    }

    /// The list's address with this filter, from this cursor on.
    #[must_use]
    pub fn href(&self, cursor: &str) -> String {
        let parts: Vec<_> = [
            ("status", self.status.as_str()),
            ("host", &self.host),
            ("from", &self.from),
            ("to", &self.to),
            ("q", &self.q),
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
    /// The bookings of this page.
    pub rows: Vec<BookingRow>,
    /// Where the next page begins.
    pub next_cursor: Option<String>,
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
        assert_eq!(Filter::default().href(""), "/operator/bookings");
        assert!(!Filter { cursor: "x".to_owned(), ..Filter::default() }.is_set());
    }
}
