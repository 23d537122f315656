//! *Add to calendar*: addresses that open a filled-in entry at the calendar's own site.
//!
//! Times go over in UTC, so that no calendar has to know our zone; every value is
//! percent-encoded, a space too, because one of them shows a plus as it is.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use roomkey_core::Instant;

const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What the entry says.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a> {
    /// Its title.
    pub title: &'a str,
    /// When it begins.
    pub start: Instant,
    /// When it is to end.
    pub end: Instant,
    /// Roomkey's link, the entry's place. Never the vendor's.
    pub link: &'a str,
    /// Who to ask, or whatever else is worth saying.
    pub words: &'a str,
}

/// One calendar's address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddTo {
    /// The calendar's name.
    pub calendar: &'static str,
    /// Where its filled-in entry is.
    pub href: String,
    /// Whether it leads to another site.
    pub elsewhere: bool,
}

/// Every calendar's address; Apple and all others take the file.
#[must_use]
pub fn all(entry: &Entry<'_>, file: &str) -> Vec<AddTo> {
    let elsewhere = |calendar, href| AddTo { calendar, href, elsewhere: true };
    vec![
        elsewhere("Google", google(entry)),
        elsewhere("Outlook", outlook(entry)),
        elsewhere("Microsoft 365", microsoft_365(entry)),
        elsewhere("Yahoo", yahoo(entry)),
        AddTo { calendar: "Apple and others", href: file.to_owned(), elsewhere: false },
    ]
}

/// Google Calendar.
#[must_use]
pub fn google(entry: &Entry<'_>) -> String {
    let dates = format!("{}/{}", basic(entry.start), basic(entry.end));
    address(
        "https://calendar.google.com/calendar/render",
        &[
            ("action", "TEMPLATE"),
            ("text", entry.title),
            ("dates", &dates),
            ("location", entry.link),
            ("details", entry.words),
        ],
    )
}

/// Outlook for private accounts.
#[must_use]
pub fn outlook(entry: &Entry<'_>) -> String {
    compose("https://outlook.live.com/calendar/0/deeplink/compose", entry)
}

/// Outlook for accounts at work and school.
#[must_use]
pub fn microsoft_365(entry: &Entry<'_>) -> String {
    compose("https://outlook.office.com/calendar/0/deeplink/compose", entry)
}

/// Yahoo Calendar.
#[must_use]
pub fn yahoo(entry: &Entry<'_>) -> String {
    address(
        "https://calendar.yahoo.com/",
        &[
            ("v", "60"),
            ("title", entry.title),
            ("st", &basic(entry.start)),
            ("et", &basic(entry.end)),
            ("in_loc", entry.link),
            ("desc", entry.words),
        ],
    )
}

fn compose(base: &str, entry: &Entry<'_>) -> String {
    address(
        base,
        &[
            ("path", "/calendar/action/compose"),
            ("rru", "addevent"),
            ("subject", entry.title),
            ("startdt", &extended(entry.start)),
            ("enddt", &extended(entry.end)),
            ("location", entry.link),
            ("body", entry.words),
        ],
    )
}

fn address(base: &str, parts: &[(&str, &str)]) -> String {
    let parts: Vec<_> = parts
        .iter()
        .map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, PLAIN)))
        .collect();
    format!("{base}?{}", parts.join("&"))
}

/// `20260303T150000Z`
fn basic(at: Instant) -> String {
    at.timestamp().strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// `2026-03-03T15:00:00Z`
fn extended(at: Instant) -> String {
    at.timestamp().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::local;

    /// The value of one part of an address, decoded by another hand than ours.
    fn part(address: &str, name: &str) -> String {
        let address = url::Url::parse(address).expect("an address");
        let (_, value) = address.query_pairs().find(|(it, _)| it == name).expect("the part");
        value.into_owned()
    }

    #[test]
    fn instants_are_right_whatever_the_zone() {
        for (zone, date, time, utc) in [
            ("Europe/Lisbon", "2026-03-03", "15:00", "20260303T150000Z"),
            ("Europe/Lisbon", "2026-07-03", "15:00", "20260703T140000Z"),
            ("America/New_York", "2026-03-09", "15:00", "20260309T190000Z"),
            ("Asia/Kolkata", "2026-03-03", "01:15", "20260302T194500Z"),
            ("Pacific/Kiritimati", "2026-01-01", "09:00", "20251231T190000Z"),
        ] {
            let zone = zone.parse().expect("a zone");
            let start = local::instant(date, time, &zone).expect("a time");
            let end = start.plus(std::time::Duration::from_secs(50 * 60));
            let entry = Entry {
                title: "Session & more, 50 % “quiet”",
                start,
                end,
                link: "https://book.example/j/abc",
                words: "Ask\nus",
            };
            let dashed: Instant = part(&outlook(&entry), "startdt").parse().expect("an instant");
            assert_eq!(dashed, start);
            let dashed: Instant =
                part(&microsoft_365(&entry), "enddt").parse().expect("an instant");
            assert_eq!(dashed, end);
            assert_eq!(part(&yahoo(&entry), "st"), utc);
            assert!(part(&google(&entry), "dates").starts_with(&format!("{utc}/")));
            for address in all(&entry, "/j/abc/calendar.ics").iter().filter(|it| it.elsewhere) {
                assert!(!address.href.contains('+') && !address.href.contains(' '));
            }
            assert_eq!(part(&google(&entry), "text"), entry.title);
            assert_eq!(part(&yahoo(&entry), "in_loc"), entry.link);
        }
    }
}
