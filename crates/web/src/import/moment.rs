//! The forms in which a file writes a time.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::AmbiguousOffset;
use roomkey_core::{Instant, Zone};

use super::shown;

const FORMS: &str = "write 2027-03-02T15:00:00Z, 2027-03-02T16:00:00+01:00, or 2027-03-02T16:00:00 with a time_zone";

/// Reads a time: with an offset, in UTC, or local in `zone`. A local time that occurs twice is the
/// first.
///
/// # Errors
/// What is wrong, and what to do.
pub(crate) fn moment(text: &str, zone: Option<&Zone>) -> Result<Instant, String> {
    if text.is_empty() {
        return Err(format!("is empty; {FORMS}"));
    }
    let no_time = || format!("is no date and time that exists: {}; {FORMS}", shown(text));
    let (_, time) = text.split_once(['T', 't', ' ']).ok_or_else(no_time)?;
    if time.contains(['Z', 'z', '+', '-']) {
        return text.parse::<Timestamp>().map(Instant::from).map_err(|_| no_time());
    }
    let local = text.parse::<DateTime>().map_err(|_| no_time())?;
    let Some(zone) = zone else {
        return Err("is a local time without a time_zone; write the zone there, or an offset here"
            .to_owned());
    };
    let offset = match zone.time_zone().to_ambiguous_timestamp(local).offset() {
        AmbiguousOffset::Unambiguous { offset } => offset,
        AmbiguousOffset::Fold { before, .. } => before,
        AmbiguousOffset::Gap { .. } => {
            return Err(format!(
                "does not exist in {zone}: clocks go forward then; write the time that clocks show"
            ));
        }
    };
    offset.to_timestamp(local).map(Instant::from).map_err(|_| no_time())
}

/// Whether a time is local.
pub(crate) fn is_local(text: &str) -> bool {
    text.split_once(['T', 't', ' ']).is_some_and(|(_, time)| !time.contains(['Z', 'z', '+', '-']))
}

/// A time with an offset, as if it were local in `zone`: a zone's rules change, and a file may have
/// been written by older ones. UTC is meant as such.
pub(crate) fn by_the_clock(text: &str, zone: &Zone) -> Option<Instant> {
    let (date, time) = text.split_once(['T', 't', ' '])?;
    let (time, _) = time.split_once(['+', '-'])?;
    moment(&format!("{date}T{time}"), Some(zone)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, zone: &str) -> Result<String, String> {
        let zone = (!zone.is_empty()).then(|| zone.parse().expect("a zone"));
        moment(text, zone.as_ref()).map(|it| it.to_string())
    }

    #[test]
    fn three_forms_are_one_instant() {
        let is = Ok("2027-03-02T15:00:00Z".to_owned());
        for text in ["2027-03-02T15:00:00Z", "2027-03-02T20:45:00+05:45", "2027-03-02 16:00"] {
            assert_eq!(read(text, "Europe/Berlin"), is, "{text}");
        }
    }

    #[test]
    fn when_clocks_change() {
        // Twice: the first. Never: refused, wherever clocks jump and however far.
        assert_eq!(
            read("2027-10-31T02:30:00", "Europe/Berlin"),
            Ok("2027-10-31T00:30:00Z".to_owned())
        );
        assert_eq!(
            read("2027-04-04T01:45:00", "Australia/Lord_Howe"),
            Ok("2027-04-03T14:45:00Z".to_owned())
        );
        for (text, zone) in [
            ("2027-03-28T02:30:00", "Europe/Berlin"),
            ("2027-03-14T02:15:00", "America/New_York"),
            ("2027-10-03T02:10:00", "Australia/Lord_Howe"),
        ] {
            let refused = read(text, zone).expect_err("no such time");
            assert!(refused.contains("does not exist"), "{text}: {refused}");
        }
    }

    #[test]
    fn a_clock_without_its_offset() {
        let zone = "Africa/Casablanca".parse().expect("a zone");
        let local = moment("2028-08-19T06:55:00", Some(&zone)).ok();
        assert_eq!(by_the_clock("2028-08-19T06:55:00+01:00", &zone), local);
        assert_eq!(by_the_clock("2028-08-19T06:55:00Z", &zone), None);
        assert!(is_local("2028-08-19T06:55") && !is_local("2028-08-19T06:55-01:00"));
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "tomorrow at five",
            "2027-13-45T10:00:00Z",
            "2027-06-01T10:00:00+99:00",
            "0000-00-00T00:00:00Z",
            "99999-01-01T00:00:00Z",
            "2027-06-01",
            "2027-06-01T",
            "2027-02-29T10:00:00",
            "1798794000",
            "2027-06-01T10:00:00+",
            "=NOW()",
        ] {
            assert!(read(text, "Europe/Berlin").is_err(), "{text}");
        }
        assert!(read("2027-06-01T10:00:00", "").is_err());
    }
}
