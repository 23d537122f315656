//! Templates of services: text with names in braces, which are filled in when a booking is pinned.

use jiff::Zoned;
use roomkey_core::booking::{Booking, Mode};
use roomkey_core::{Instant, Zone};

/// Every name that can stand in braces.
const NAMES: [&str; 12] = [
    "service",
    "host",
    "guest",
    "guest_first_name",
    "guest_last_initial",
    "mode",
    "start_date",
    "start_time",
    "end_date",
    "end_time",
    "duration",
    "time_zone",
];

/// What the names in braces stand for.
pub(crate) struct Words<'a> {
    pub(crate) service: &'a str,
    pub(crate) host: &'a str,
    /// The first guest, by the order in which they were named.
    pub(crate) guest: &'a str,
    pub(crate) booking: &'a Booking,
}

/// Whether every name in braces is one that can be filled in; if not, the first that cannot, and
/// the line that it is in.
pub(crate) fn strange(template: &str) -> Option<(&str, usize)> {
    let mut line = 1;
    for piece in pieces(template) {
        match piece {
            Ok(text) => line += text.matches('\n').count(),
            Err(name) if NAMES.contains(&name) => {}
            Err(name) => return Some((name, line)),
        }
    }
    None
}

/// The names, for people: "{service}, {host} and {guest}".
pub(crate) fn names() -> String {
    let braced: Vec<String> = NAMES.iter().map(|name| format!("{{{name}}}")).collect();
    crate::pages::words::people(&braced)
}

/// Whether what is filled in changes when the session is moved, or held in another way.
pub(crate) fn follows(template: &str) -> bool {
    pieces(template).any(|piece| match piece {
        Ok(_) => false,
        Err(name) => !matches!(
            name,
            "service" | "host" | "guest" | "guest_first_name" | "guest_last_initial"
        ),
    })
}

/// Fills a template. What is filled in is not looked at again.
pub(crate) fn fill(template: &str, words: &Words<'_>) -> String {
    pieces(template)
        .map(|piece| match piece {
            Ok(text) => text.to_owned(),
            Err(name) => word(name, words),
        })
        .collect()
}

fn word(name: &str, words: &Words<'_>) -> String {
    let booking = words.booking;
    let local = |instant| local(instant, &booking.time_zone);
    match name {
        "service" => words.service.to_owned(),
        "host" => words.host.to_owned(),
        "guest" => words.guest.to_owned(),
        "guest_first_name" => first_name(words.guest).to_owned(),
        "guest_last_initial" => last_initial(words.guest),
        "mode" => mode(booking.mode).to_owned(),
        "start_date" => date(&local(booking.start)),
        "start_time" => clock(&local(booking.start)),
        "end_date" => date(&local(booking.end)),
        "end_time" => clock(&local(booking.end)),
        "duration" => format!("{} minutes", booking.minutes()),
        "time_zone" => booking.time_zone.name().to_owned(),
        other => other.to_owned(),
    }
}

fn first_name(name: &str) -> &str {
    name.split_whitespace().next().unwrap_or_default()
}

/// The first letter of the last of several names; nothing, if there is only one.
fn last_initial(name: &str) -> String {
    let last = name.split_whitespace().skip(1).last();
    let initial = last.and_then(|it| it.chars().find(|c| c.is_alphanumeric()));
    initial.map(|it| it.to_uppercase().collect()).unwrap_or_default()
}

/// In words that can stand in a sentence.
const fn mode(mode: Mode) -> &'static str {
    match mode {
        Mode::Online => "online",
        Mode::Phone => "by phone",
        Mode::InPerson => "in person",
    }
}

fn local(instant: Instant, zone: &Zone) -> Zoned {
    instant.timestamp().to_zoned(zone.time_zone())
}

/// "Tue 1 December 2026"
fn date(at: &Zoned) -> String {
    at.strftime("%a %-d %B %Y").to_string()
}

/// "15:00"; with the offset, where the clocks show it twice that night.
fn clock(at: &Zoned) -> String {
    let twice = at.time_zone().to_ambiguous_timestamp(at.datetime()).is_ambiguous();
    at.strftime(if twice { "%H:%M UTC%:z" } else { "%H:%M" }).to_string()
}

/// The template in pieces: `Ok` for text, `Err` for a name in braces. A brace that is never closed
/// is text.
fn pieces(template: &str) -> impl Iterator<Item = Result<&str, &str>> {
    let mut rest = template;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        if let Some(name) = rest.strip_prefix('{').and_then(|it| it.split_once('}')) {
            rest = name.1;
            return Some(Err(name.0));
        }
        let end =
            rest.char_indices().skip(1).find(|(_, c)| *c == '{').map_or(rest.len(), |it| it.0);
        let (text, after) = rest.split_at(end);
        rest = after;
        Some(Ok(text))
    })
}

#[cfg(test)]
pub(crate) mod tests {
    use std::time::Duration;

    use roomkey_core::booking::Status;
    use roomkey_core::id::{BookingId, HostId};
    use roomkey_core::settings::Settings;

    use super::*;

    /// An hour in Lisbon.
    pub(crate) fn booking(start: &str) -> Booking {
        let start: Instant = start.parse().expect("an instant");
        Booking {
            id: BookingId::new(start, [1; 10]),
            status: Status::Confirmed,
            mode: Mode::InPerson,
            start,
            end: start.plus(Duration::from_secs(3600)),
            time_zone: "Europe/Lisbon".parse().expect("a zone"),
            title: String::new(),
            agenda: None,
            private: false,
            host: HostId::new(start, [2; 10]),
            route: Vec::new(),
            settings: Settings::default(),
            generation: 1,
            version: 1,
            seat: None,
            current: None,
            confirmed_at: None,
        }
    }

    #[test]
    fn every_name_is_filled_in() {
        let booking = booking("2027-07-01T22:30:00Z");
        let words = Words {
            service: "Algebra",
            host: "Ana {guest}",
            guest: "Rui  Jorge da costa",
            booking: &booking,
        };
        for (name, filled) in NAMES.into_iter().zip([
            "Algebra",
            "Ana {guest}",
            "Rui  Jorge da costa",
            "Rui",
            "C",
            "in person",
            "Thu 1 July 2027",
            "23:30",
            "Fri 2 July 2027",
            "00:30",
            "60 minutes",
            "Europe/Lisbon",
        ]) {
            let template = format!("{{{name}}}");
            assert_eq!(strange(&template), None);
            assert_eq!(fill(&template, &words), filled, "{name}");
        }
        let alone = Words { guest: "Rui", ..words };
        assert_eq!(fill("{guest_first_name}{guest_last_initial}", &alone), "Rui");
        assert_eq!(fill("{ open", &alone), "{ open");
    }

    #[test]
    fn an_hour_that_comes_twice_says_which() {
        let booking = booking("2027-10-31T00:30:00Z");
        let words = Words { service: "", host: "", guest: "", booking: &booking };
        let times = fill("{start_time} / {end_time}", &words);
        assert_eq!(times, "01:30 UTC+01:00 / 01:30 UTC+00:00");
    }

    #[test]
    fn a_strange_name_has_its_place() {
        assert_eq!(strange("{host}\n\n{secret}"), Some(("secret", 3)));
        assert_eq!(strange("{Host}"), Some(("Host", 1)));
        assert!(names().contains("{guest_last_initial}"));
    }

    #[test]
    fn times_and_mode_follow_the_session() {
        assert!(!follows("{service} with {host} for {guest_first_name}"));
        assert!(follows("{start_time}") && follows("{mode}") && follows("{time_zone}"));
    }
}
