//! Bookings for whoever has no file of them: twelve hosts around the world, names in many scripts,
//! the three forms of time, and what else people type.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

use super::dice::Dice;
use super::rows::Row;

/// Name, e-mail, zone.
const HOSTS: [(&str, &str, &str); 12] = [
    ("Marta Conceição", "marta@tutor.example", "Europe/Lisbon"),
    ("Ólafur Þórsson", "olafur@coach.example", "Atlantic/Reykjavik"),
    ("Agnieszka Wójcik", "agnieszka@voice.example", "Europe/Warsaw"),
    ("Δήμητρα Νικολάου", "dimitra@yoga.example", "Europe/Athens"),
    ("أمل منصور", "amal@therapy.example", "Africa/Cairo"),
    ("रोहन मेहता", "rohan@chess.example", "Asia/Kolkata"),
    ("陈晓明", "xiaoming@piano.example", "Asia/Shanghai"),
    ("鈴木 さくら", "sakura@language.example", "Asia/Tokyo"),
    ("Jack O'Rourke-Smith", "jack@surf.example", "Australia/Lord_Howe"),
    ("Hinemoa Parata", "hinemoa@weaving.example", "Pacific/Auckland"),
    ("Lupe Hernández Núñez", "lupe@cooking.example", "America/Mexico_City"),
    ("Денис Ковальчук", "denys@maths.example", "Europe/Kyiv"),
];
const GUESTS: [&str; 10] = [
    "Ana Sousa",
    "Łukasz Żak",
    "Renée d'Aubigné",
    "Ελένη Παππά",
    "ياسمين الحداد",
    "अनन्या राव",
    "王小龙",
    "高橋 健",
    "Ngozi Ọlá",
    "Zoë \"Zed\" Quinn, jr.",
];
/// Name, minutes, mode.
const SERVICES: [(&str, i64, &str); 5] = [
    ("Trial lesson", 30, "online"),
    ("Coaching, one to one", 50, "online"),
    ("Evening class; advanced", 90, "online"),
    ("Supervision & review", 45, "online"),
    ("Visit at the studio", 60, "in_person"),
];
const ZONES: [&str; 6] = [
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kathmandu",
    "Pacific/Chatham",
    "America/Sao_Paulo",
    "Africa/Nairobi",
];
const NOTES: [&str; 4] =
    ["", "Brings own material", "First line\nsecond line, with a comma", "=1+1 & <b>\"bold\"</b>"];
const LOCALES: [&str; 4] = ["", "en", "pt", "de"];

/// So many rows of the same shape, the same ones for the same seed and day.
pub(crate) fn rows(many: usize, seed: u64) -> Vec<Row> {
    let mut dice = Dice::of("rows", seed);
    (1..=many).map(|number| row(number, &mut dice)).collect()
}

fn row(number: usize, dice: &mut Dice) -> Row {
    let (host_name, host_email, host_zone) = *dice.pick(&HOSTS);
    // One in eight is held in person.
    let (service, minutes, mode) =
        if dice.one_in(8) { SERVICES[4] } else { *dice.pick(&SERVICES[..4]) };
    let status = match dice.below(20) {
        0 => "pending",
        1 => "cancelled",
        _ => "confirmed",
    };
    let zone = *dice.pick(&ZONES);
    let (start, end) = times(minutes, zone, dice);
    let has_end = dice.one_in(4);
    Row {
        external_id: format!("fire-{number:04}"),
        host_name: host_name.to_owned(),
        host_email: host_email.to_owned(),
        host_time_zone: host_zone.to_owned(),
        service: service.to_owned(),
        mode: mode.to_owned(),
        start,
        end: if has_end { end } else { String::new() },
        duration_minutes: if has_end { String::new() } else { minutes.to_string() },
        time_zone: zone.to_owned(),
        guest_name: (*dice.pick(&GUESTS)).to_owned(),
        guest_email: format!("guest{number}@mail.example"),
        guest_phone: String::new(),
        guest_locale: (*dice.pick(&LOCALES)).to_owned(),
        status: status.to_owned(),
        notes: (*dice.pick(&NOTES)).to_owned(),
    }
}

/// Start and end in one of the three forms: in UTC, with an offset, and local in the zone.
fn times(minutes: i64, zone: &str, dice: &mut Dice) -> (String, String) {
    let days = 30 + i64::try_from(dice.below(600)).unwrap_or(0);
    let steps = i64::try_from(dice.below(96)).unwrap_or(0);
    let begin = DateTime::constant(2031, 1, 1, 0, 0, 0, 0);
    let civil = begin.saturating_add(days.days()).saturating_add((steps * 15).minutes());
    let time_zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    let start = time_zone
        .to_ambiguous_zoned(civil)
        .compatible()
        .map_or(Timestamp::UNIX_EPOCH, |zoned| zoned.timestamp());
    let end = start + minutes.minutes();
    let form = dice.below(3);
    let written = |at: Timestamp| match form {
        0 => at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        1 => at.to_zoned(time_zone.clone()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(),
        _ => at.to_zoned(time_zone.clone()).strftime("%Y-%m-%dT%H:%M:%S").to_string(),
    };
    (written(start), written(end))
}

#[cfg(test)]
mod tests {
    use super::super::when;
    use super::*;

    #[test]
    fn a_seed_is_a_file_and_every_kind_is_in_it() {
        let rows = rows(400, 1);
        assert_eq!(rows, super::rows(400, 1));
        let hosts: std::collections::BTreeSet<&str> =
            rows.iter().map(|row| row.host_email.as_str()).collect();
        assert_eq!(hosts.len(), 12);
        for status in ["confirmed", "pending", "cancelled"] {
            assert!(rows.iter().any(|row| row.status == status), "{status}");
        }
        for mode in ["online", "in_person"] {
            assert!(rows.iter().any(|row| row.mode == mode), "{mode}");
        }
        for row in &rows {
            let (start, end) = when::span(row).unwrap();
            let minutes = (end - start).total(jiff::Unit::Minute).unwrap();
            assert!([30.0, 45.0, 50.0, 60.0, 90.0].contains(&minutes), "{row:?}");
        }
    }
}
