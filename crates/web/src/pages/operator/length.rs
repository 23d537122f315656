//! Lengths of time as people write and read them in forms: "1 day", "10 minutes".

use std::time::Duration;

use roomkey_core::time::{duration, duration_text};

const UNITS: [(&str, &str, u64); 4] =
    [("d", "day", 24 * 60 * 60), ("h", "hour", 60 * 60), ("m", "minute", 60), ("s", "second", 1)];

/// What is stored as `24h`, in words: "1 day". What is no length stays as it is.
#[must_use]
pub fn in_words(text: &str) -> String {
    let Ok(length) = duration(text.trim()) else { return text.to_owned() };
    if length.is_zero() {
        return "0 minutes".to_owned();
    }
    let mut left = length.as_secs();
    let mut words = Vec::new();
    for (_, noun, size) in UNITS {
        let many = left / size;
        left %= size;
        if many > 0 {
            words.push(crate::pages::when::count(many, noun));
        }
    }
    words.join(" ")
}

/// What people typed, as it is stored: "1 hour 30 minutes" is `90m`, and `90m` is too. What is no
/// length stays as it is, to be refused in its own words.
#[must_use]
pub fn read(text: &str) -> String {
    let text = text.trim();
    if duration(text).is_ok() {
        return text.to_owned();
    }
    total(&text.to_lowercase()).map_or_else(|| text.to_owned(), duration_text)
}

/// Several lengths, with commas or "and" between them.
#[must_use]
pub fn split(text: &str) -> Vec<String> {
    text.replace(" and ", ",")
        .split([',', ';', '\n'])
        .map(str::trim)
        .filter(|it| !it.is_empty())
        .map(read)
        .collect()
}

/// The sum of "2 hours 30 minutes"; nothing if there is anything else in it.
fn total(mut text: &str) -> Option<Duration> {
    let mut seconds: u64 = 0;
    while !text.is_empty() {
        let digits = text.find(|it: char| !it.is_ascii_digit())?;
        let (number, rest) = text.split_at(digits);
        let rest = rest.trim_start();
        let letters = rest.find(|it: char| !it.is_ascii_alphabetic()).unwrap_or(rest.len());
        let (unit, after) = rest.split_at(letters);
        let size = size(unit)?;
        seconds = seconds.checked_add(number.parse::<u64>().ok()?.checked_mul(size)?)?;
        text = after.trim_start();
    }
    (seconds > 0).then(|| Duration::from_secs(seconds))
}

fn size(unit: &str) -> Option<u64> {
    let singular = unit.strip_suffix('s').filter(|it| !it.is_empty()).unwrap_or(unit);
    let shortened = match singular {
        "min" => "minute",
        "hr" => "hour",
        "sec" => "second",
        other => other,
    };
    UNITS
        .iter()
        .find(|(letter, noun, _)| shortened == *noun || unit == *letter)
        .map(|(_, _, size)| *size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_read_as_people_write_them() {
        let pairs = [
            ("24h", "24h"),
            ("1 day", "1d"),
            ("2 Days", "2d"),
            ("10 minutes", "10m"),
            ("10 min", "10m"),
            ("10mins", "10m"),
            ("1 hour 30 minutes", "90m"),
            ("soon", "soon"),
            ("10", "10"),
            ("", ""),
            ("3 moons", "3 moons"),
            ("99999999999999999999 days", "99999999999999999999 days"),
        ];
        for (typed, stored) in pairs {
            assert_eq!(read(typed), stored);
        }
        assert_eq!(split("1 day, 10 minutes"), ["1d", "10m"]);
        assert_eq!(split("1 day and 2 hours; 10m,"), ["1d", "2h", "10m"]);
    }

    #[test]
    fn lengths_are_told_in_words_that_read_back() {
        for (stored, words) in
            [("1d", "1 day"), ("24h", "1 day"), ("10m", "10 minutes"), ("90m", "1 hour 30 minutes")]
        {
            assert_eq!(in_words(stored), words);
            assert_eq!(duration(&read(words)), duration(stored));
        }
        assert_eq!(in_words("soon"), "soon");
    }
}
