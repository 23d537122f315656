//! Calendar files, as strict readers and another library read them.

use std::time::Duration;

use crate::support::{Line, read};
use calcard::icalendar::{ICalendar, ICalendarComponentType, ICalendarProperty};
use jiff::civil::DateTime;
use jiff::tz::Offset;
use proptest::prelude::*;
use roomkey_core::{Instant, Zone};
use roomkey_messages::ics::{Attendee, Calendar, Event, Mailto, Method, Status};

const ZONES: [&str; 5] = [
    "Europe/Lisbon",
    "America/New_York",
    "Asia/Kolkata",
    "Pacific/Honolulu",
    "Australia/Lord_Howe",
];

fn calendar(name: &str, title: &str) -> Calendar {
    let link: url::Url = "https://rooms.example/j/abc?a=b,c;d".parse().expect("a link");
    Calendar {
        method: Method::Request,
        event: Event {
            uid: "bkg_1@rooms.example".to_owned(),
            sequence: 3,
            written_at: "2026-02-20T09:30:00.25Z".parse().expect("an instant"),
            start: "2026-03-03T15:00:00Z".parse().expect("an instant"),
            end: "2026-03-03T15:50:00Z".parse().expect("an instant"),
            zone: Some("Europe/Lisbon".parse().expect("a zone")),
            summary: title.to_owned(),
            description: format!("{title}\nsecond line"),
            location: Some(title.to_owned()),
            url: Some(link.clone()),
            conference: Some((link, title.to_owned())),
            organizer: Some(Mailto {
                name: name.to_owned(),
                address: "o@rooms.example".to_owned(),
            }),
            attendees: vec![Attendee::Participant(Mailto {
                name: name.to_owned(),
                address: "ana@example.org".to_owned(),
            })],
            status: Status::Confirmed,
            alarms: vec![Duration::from_secs(600), Duration::from_secs(86_400)],
        },
    }
}

/// What a file is made of, without what data may change.
fn shape(lines: &[Line]) -> Vec<(String, Vec<String>)> {
    lines
        .iter()
        .map(|it| (it.name.clone(), it.params.iter().map(|it| it.0.clone()).collect()))
        .collect()
}

fn the<'a>(lines: &'a [Line], name: &str) -> &'a Line {
    let mut found = lines.iter().filter(|it| it.name == name);
    let line = found.next().unwrap_or_else(|| panic!("{name}"));
    assert!(found.next().is_none(), "a second {name}");
    line
}

/// Within VEVENT, before any alarm.
fn event_lines(lines: &[Line]) -> Vec<Line> {
    lines
        .iter()
        .skip_while(|it| it.value != "VEVENT")
        .take_while(|it| it.value != "VALARM")
        .cloned()
        .collect()
}

/// What a name may become on its way: one line without control characters.
fn plain(text: &str) -> String {
    let spaced: String = text
        .chars()
        .map(|it| if "\r\n\t\u{85}\u{2028}\u{2029}".contains(it) { ' ' } else { it })
        .filter(|it| !it.is_control())
        .collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn withstands(name: &str, title: &str) {
    let file = calendar(name, title).render();
    let lines = read(&file);
    assert_eq!(shape(&lines), shape(&read(&calendar("Ana", "Talk").render())));

    let event = event_lines(&lines);
    let attendee = the(&event, "ATTENDEE");
    let shown = if plain(name).is_empty() { "ana@example.org".to_owned() } else { plain(name) };
    assert_eq!(attendee.param("CN"), Some(shown.as_str()));
    assert_eq!(attendee.param("ROLE"), Some("REQ-PARTICIPANT"));
    assert_eq!(attendee.param("RSVP"), Some("FALSE"));
    assert_eq!(attendee.value, "mailto:ana@example.org");
    assert_eq!(the(&event, "SUMMARY").text(), plain(title));
    assert_eq!(the(&event, "LOCATION").text(), plain(title));

    // Another library sees the same.
    let read = ICalendar::parse(&file).expect("calcard reads it");
    let events: Vec<_> = read
        .components
        .iter()
        .filter(|it| it.component_type == ICalendarComponentType::VEvent)
        .collect();
    assert_eq!(events.len(), 1);
    let named =
        |name: &ICalendarProperty| events[0].entries.iter().filter(|it| it.name == *name).count();
    assert_eq!(named(&ICalendarProperty::Attendee), 1);
    assert_eq!(named(&ICalendarProperty::Organizer), 1);
    assert_eq!(events[0].entries.len(), event.len() - 1);
    let summary = events[0]
        .entries
        .iter()
        .find(|it| it.name == ICalendarProperty::Summary)
        .and_then(|it| it.values.first())
        .and_then(|it| it.as_text())
        .unwrap_or_default();
    assert_eq!(summary.trim(), plain(title));
}

#[test]
fn names_that_forged_properties_elsewhere_do_not_here() {
    for name in [
        r#"Doe, Jane; "JD""#,
        "X\nATTENDEE:mailto:evil@example.org",
        "X\r\nATTENDEE:mailto:evil@example.org",
        "X\rATTENDEE:mailto:evil@example.org",
        "X\u{2028}ATTENDEE:mailto:evil@example.org",
        "X\u{85}ATTENDEE:mailto:evil@example.org",
        r#"X";ROLE=CHAIR;X-Y="z"#,
        r#"X\";ROLE=CHAIR;X-Y="z\"#,
        "^n^'^^",
        "\r\n END:VEVENT\r\nBEGIN:VEVENT",
        "\0\u{7f}",
        "",
    ] {
        withstands(name, name);
    }
}

proptest! {
    #[test]
    fn no_name_and_no_title_forges_anything(
        name in "[a-zé😀 \"^;:,=\\\\\r\n\t\u{0}\u{85}\u{2028}]{0,60}",
        title in "(\\PC|[\r\n;:,\"\\\\^]){0,60}",
    ) {
        withstands(&name, &title);
    }

    #[test]
    fn a_zone_says_when_the_event_is(
        zone in prop::sample::select(&ZONES[..]),
        // 2020 to 2045, by the minute.
        start in 1_577_836_800_i64 / 60..2_366_841_600 / 60,
        minutes in 1_i64..600,
    ) {
        tells_the_time(zone, start * 60, (start + minutes) * 60);
    }
}

/// Reads the file as RFC 5545 says, by the offsets that are in it, and expects the right instants.
fn tells_the_time(zone: &str, start: i64, end: i64) {
    let mut calendar = calendar("Ana", "Talk");
    let instant = |seconds: i64| Instant::from_micros(seconds * 1_000_000);
    calendar.event.start = instant(start);
    calendar.event.end = instant(end);
    calendar.event.zone = Some(zone.parse::<Zone>().expect("a zone"));
    let lines = read(&calendar.render());
    let event = event_lines(&lines);
    for (name, expected) in [("DTSTART", start), ("DTEND", end)] {
        let line = the(&event, name);
        let told = match line.param("TZID") {
            Some(id) => {
                assert_eq!((id, the(&lines, "TZID").value.as_str()), (zone, zone));
                let local: DateTime = line.value.parse().expect("a local time");
                let at = offset_at(&lines, local).to_timestamp(local).expect("an instant");
                at.as_second()
            }
            None => line.value.parse::<jiff::Timestamp>().expect("an instant").as_second(),
        };
        assert_eq!(told, expected, "{name} in {zone}");
    }
}

fn offset_at(lines: &[Line], local: DateTime) -> Offset {
    let mut observances: Vec<(DateTime, Offset)> = Vec::new();
    let zone = lines.iter().take_while(|it| it.value != "VEVENT");
    let mut onset = None;
    for line in zone {
        match line.name.as_str() {
            "DTSTART" => onset = Some(line.value.parse().expect("a local time")),
            "TZOFFSETTO" => {
                let (sign, digits) = line.value.split_at(1);
                let (hours, minutes) = digits.split_at(2);
                let seconds = hours.parse::<i32>().expect("hours") * 3600
                    + minutes.parse::<i32>().expect("minutes") * 60;
                let signed = if sign == "-" { -seconds } else { seconds };
                let offset = Offset::from_seconds(signed).expect("an offset");
                observances.push((onset.take().expect("an onset"), offset));
            }
            _ => {}
        }
    }
    assert!(observances.is_sorted_by_key(|it| it.0));
    assert!(observances.iter().any(|it| it.0 <= local), "one before the event");
    observances.iter().rev().find(|it| it.0 <= local).expect("one before the event").1
}

#[test]
fn the_hours_around_each_change_of_the_clocks_are_right() {
    for (zone, change) in [
        ("Europe/Lisbon", "2026-03-29T01:00:00Z"),
        ("Europe/Lisbon", "2026-10-25T01:00:00Z"),
        ("America/New_York", "2026-03-08T07:00:00Z"),
        ("America/New_York", "2026-11-01T06:00:00Z"),
        // Half an hour.
        ("Australia/Lord_Howe", "2026-04-04T15:00:00Z"),
        ("Australia/Lord_Howe", "2026-10-03T15:30:00Z"),
        // None at all.
        ("Asia/Kolkata", "2026-03-29T01:00:00Z"),
        ("Pacific/Honolulu", "2026-03-29T01:00:00Z"),
    ] {
        let change = change.parse::<jiff::Timestamp>().expect("an instant").as_second();
        for minutes in -180..180 {
            let start = change + minutes * 60;
            tells_the_time(zone, start, start + 3_000);
        }
    }
}

#[test]
fn a_zone_brings_the_change_before_the_event_and_the_ones_after() {
    let lines = read(&calendar("Ana", "Talk").render());
    let onsets: Vec<&str> = lines
        .iter()
        .take_while(|it| it.value != "VEVENT")
        .filter(|it| it.name == "DTSTART")
        .map(|it| it.value.as_str())
        .collect();
    assert_eq!(
        onsets,
        ["20250330T010000", "20251026T020000", "20260329T010000", "20261025T020000"]
    );
}

#[test]
fn utc_needs_no_zone() {
    for zone in [None, Some(Zone::utc())] {
        let mut calendar = calendar("Ana", "Talk");
        calendar.event.zone = zone;
        let lines = read(&calendar.render());
        assert!(lines.iter().all(|it| it.value != "VTIMEZONE"));
        let event = event_lines(&lines);
        assert_eq!(the(&event, "DTSTART").value, "20260303T150000Z");
        assert_eq!(the(&event, "DTSTAMP").value, "20260220T093000Z");
    }
}

#[test]
fn alarms_ring_before_and_not_for_what_is_cancelled() {
    let mut calendar = calendar("Ana", "Talk");
    let triggers = |calendar: &Calendar| -> Vec<String> {
        read(&calendar.render())
            .into_iter()
            .filter(|it| it.name == "TRIGGER")
            .map(|it| it.value)
            .collect()
    };
    assert_eq!(triggers(&calendar), ["-PT10M", "-P1D"]);
    calendar.method = Method::Cancel;
    calendar.event.status = Status::Cancelled;
    assert!(triggers(&calendar).is_empty());
    let lines = read(&calendar.render());
    assert_eq!(the(&lines, "METHOD").value, "CANCEL");
    assert_eq!(the(&lines, "STATUS").value, "CANCELLED");
    assert_eq!(the(&lines, "SEQUENCE").value, "3");
    assert_eq!(the(&lines, "UID").value, "bkg_1@rooms.example");
}

#[test]
fn the_way_in_is_a_conference_that_readers_find() {
    let lines = read(&calendar("Ana", "Talk").render());
    let conference = the(&lines, "CONFERENCE");
    assert_eq!(conference.param("FEATURE"), Some("AUDIO,VIDEO"));
    assert_eq!(conference.param("LABEL"), Some("Talk"));
    assert_eq!(conference.value, "https://rooms.example/j/abc?a=b,c;d");
    assert_eq!(the(&lines, "URL").value, conference.value);
}
