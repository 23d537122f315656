//! What names, addresses and texts may be. One sentence for each fault, which goes on from the
//! member's name.

use std::ops::{Range, RangeInclusive};

use roomkey_core::route::{Provider, RouteOption, Use};
use roomkey_core::settings::{Conflict, Settings};
use roomkey_core::{Instant, private};
use url::{Host, Url};

use crate::error::Fault;

/// The longest name or title.
pub(crate) const NAME: usize = 200;
/// The longest notes.
pub(crate) const NOTES: usize = 5000;
/// The most guests.
pub(crate) const GUESTS: usize = 100;
/// The most bytes of metadata.
pub(crate) const METADATA: usize = 16 * 1024;
/// How many minutes a session lasts.
pub(crate) const MINUTES: RangeInclusive<u32> = 5..=24 * 60;
/// When sessions begin: in the years 1970 to 2199.
pub(crate) const YEARS: Range<Instant> =
    Instant::from_micros(0)..Instant::from_micros(7_258_118_400_000_000);
/// The longest telephone number, with words such as "ext.".
const PHONE: usize = 50;
/// The longest name of a language.
const LOCALE: usize = 35;
/// The most options of a route.
const OPTIONS: usize = 10;
/// The longest address of a web page.
const URL: usize = 2000;
/// Alternative hosts of a room, breakout rooms, their names and who is sent there: as many as the
/// smallest vendor takes.
const STAND_INS: usize = 10;
const BREAKOUT_ROOMS: usize = 50;
const BREAKOUT_NAME: usize = 32;
const PARTICIPANTS: usize = 100;

/// One line of text that people read: not empty, not too long, no control characters.
///
/// # Errors
/// The fault's code and words.
pub fn name(text: &str, most: usize) -> Result<(), (&'static str, String)> {
    if text.trim().is_empty() {
        return Err(("required", "must not be empty".to_owned()));
    }
    words(text, most)
}

/// One line of text that may be empty.
///
/// # Errors
/// The fault's code and words.
pub fn words(text: &str, most: usize) -> Result<(), (&'static str, String)> {
    if text.chars().count() > most {
        return Err(("too_long", format!("must not be longer than {most} characters")));
    }
    if text.chars().any(char::is_control) {
        return Err(("invalid", "must not contain line breaks or control characters".to_owned()));
    }
    Ok(())
}

/// Text of several lines.
///
/// # Errors
/// The fault's code and words.
pub fn text(text: &str, most: usize) -> Result<(), (&'static str, String)> {
    if text.chars().count() > most {
        return Err(("too_long", format!("must not be longer than {most} characters")));
    }
    if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        return Err(("invalid", "must not contain control characters".to_owned()));
    }
    Ok(())
}

/// An e-mail address as mail servers take it: one `@`, a dotted domain, nothing that could end a
/// header.
///
/// # Errors
/// The fault's code and words.
pub fn email(text: &str) -> Result<(), (&'static str, String)> {
    let fits = text.len() <= 254
        && text.split_once('@').is_some_and(|(local, domain)| {
            let label = |it: &str| {
                !it.is_empty()
                    && it.chars().all(|c| c.is_alphanumeric() || c == '-')
                    && !it.starts_with('-')
                    && !it.ends_with('-')
            };
            (1..=64).contains(&local.len())
                && !local.starts_with('.')
                && !local.ends_with('.')
                && !local.contains("..")
                && local
                    .chars()
                    .all(|c| !c.is_control() && !c.is_whitespace() && !"\"(),:;<>@[\\]".contains(c))
                && domain.split('.').all(label)
        });
    if fits {
        Ok(())
    } else {
        Err(("invalid", "is not an e-mail address such as ana@example.org".to_owned()))
    }
}

/// A telephone number as people write it: digits, what stands between them, and an extension.
///
/// # Errors
/// The fault's code and words.
pub fn phone(text: &str) -> Result<(), (&'static str, String)> {
    words(text, PHONE)?;
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let (number, extension) = text.split_once(['e', 'x', 'E', 'X', '#']).unwrap_or((text, ""));
    let extension = extension.trim_start_matches(['x', 't', 'X', 'T', '.', ' ']);
    let number_fits = number.chars().all(|c| c.is_ascii_digit() || " +-()./\u{a0}".contains(c))
        && number.trim_start().rfind('+').is_none_or(|at| at == 0);
    if number_fits && (3..=25).contains(&digits) && extension.chars().all(|c| c.is_ascii_digit()) {
        Ok(())
    } else {
        Err(("invalid", "is not a telephone number such as +351 21 000 0000".to_owned()))
    }
}

/// A language, and how it is written where: `pt`, `pt-BR`, `zh-Hant-TW`.
///
/// # Errors
/// The fault's code and words.
pub fn locale(text: &str) -> Result<(), (&'static str, String)> {
    let (language, rest) = text.split_once('-').map_or((text, None), |(a, b)| (a, Some(b)));
    let fits = text.len() <= LOCALE
        && (2..=3).contains(&language.len())
        && language.bytes().all(|it| it.is_ascii_alphabetic())
        && rest.is_none_or(|rest| {
            rest.split('-').all(|part| {
                (1..=8).contains(&part.len()) && part.bytes().all(|it| it.is_ascii_alphanumeric())
            })
        });
    if fits { Ok(()) } else { Err(("invalid", "is not a language such as pt or pt-BR".to_owned())) }
}

/// The address of a room that people are sent to: https, or http on this machine.
///
/// # Errors
/// The fault's code and words.
pub fn address(text: &str) -> Result<(), (&'static str, String)> {
    let bad = || ("invalid", "is not an address that begins with https://".to_owned());
    if text.chars().count() > URL || text.chars().any(char::is_control) {
        return Err(bad());
    }
    let url = Url::parse(text).map_err(|_| bad())?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(("invalid", "must not contain a user name or a password".to_owned()));
    }
    let here = match url.host() {
        Some(Host::Domain(domain)) => domain == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => return Err(bad()),
    };
    match url.scheme() {
        "https" => Ok(()),
        "http" if here => Ok(()),
        _ => Err(bad()),
    }
}

/// What is wrong with a route, but for connections that are not there.
#[must_use]
pub fn route(route: &[RouteOption], pointer: &str) -> Vec<Fault> {
    let mut faults = route_length(route.len(), pointer);
    faults.extend(
        route.iter().enumerate().flat_map(|(place, option)| self::option(option, pointer, place)),
    );
    faults
}

/// Whether a route has too few options, or too many.
pub(crate) fn route_length(length: usize, pointer: &str) -> Vec<Fault> {
    let mut faults = Vec::new();
    if length == 0 {
        faults.push(Fault::new(pointer, "invalid", "needs at least one option; use null for none"));
    }
    if length > OPTIONS {
        let words = format!("must not have more than {OPTIONS} options");
        faults.push(Fault::new(pointer, "too_long", words));
    }
    faults
}

/// What is wrong with the option at this place of a route.
pub(crate) fn option(option: &RouteOption, route: &str, place: usize) -> Vec<Fault> {
    let mut faults = Vec::new();
    let at = |member: &str| format!("{route}/{place}/{member}");
    match (option.uses, option.provider) {
        (Use::Link, Provider::Link) => match option.url.as_deref() {
            Some(url) => {
                if let Err((code, words)) = address(url) {
                    faults.push(Fault::new(at("url"), code, words));
                }
            }
            None => {
                faults.push(Fault::new(at("url"), "required", "is needed for a fixed link"));
            }
        },
        (Use::Link, Provider::Zoom) => {
            let words = "must be `link` for a fixed link";
            faults.push(Fault::new(at("provider"), "conflict", words));
        }
        (Use::Host | Use::Connection(_) | Use::Seats(_), Provider::Link) => {
            faults.push(Fault::new(at("use"), "conflict", "must be `link` for a fixed link"));
        }
        (Use::Host | Use::Connection(_) | Use::Seats(_), Provider::Zoom) => {
            if option.url.is_some() {
                let words = "belongs to a fixed link only";
                faults.push(Fault::new(at("url"), "conflict", words));
            }
        }
    }
    if let Some(Err((code, words))) = option.passcode.as_deref().map(|it| name(it, 100)) {
        faults.push(Fault::new(at("passcode"), code, words));
    }
    faults
}

/// A title of its own, for a private session.
pub(crate) fn private_title(title: &str) -> Option<Fault> {
    let words = format!(
        "cannot be chosen, because a private session is called \u{201c}{0}\u{201d}; leave it out, and \
         write what the host should know into the notes",
        private::TITLE
    );
    (title != private::TITLE).then(|| Fault::new("/title", "conflict", words))
}

/// Settings that a private session cannot have.
pub(crate) fn private_settings(settings: &Settings, pointer: &str) -> Vec<Fault> {
    conflicts(settings.private_conflicts(), pointer)
}

fn conflicts(conflicts: Vec<Conflict>, pointer: &str) -> Vec<Fault> {
    conflicts
        .into_iter()
        .map(|it| Fault::new(format!("{pointer}/{}", it.member()), "conflict", it.to_string()))
        .collect()
}

/// Settings that exclude each other, and people and rooms in them that cannot be.
#[must_use]
pub fn settings(settings: &Settings, pointer: &str) -> Vec<Fault> {
    let mut faults = conflicts(settings.conflicts(), pointer);
    let stand_ins = settings.alternative_hosts.as_deref().unwrap_or_default();
    faults.extend(people(stand_ins, &format!("{pointer}/alternative_hosts"), STAND_INS));
    let rooms = settings.breakout_rooms.as_deref().unwrap_or_default();
    let at = format!("{pointer}/breakout_rooms");
    if rooms.len() > BREAKOUT_ROOMS {
        let words = format!("must not have more than {BREAKOUT_ROOMS} rooms");
        faults.push(Fault::new(at.clone(), "too_long", words));
    }
    for (place, room) in rooms.iter().enumerate() {
        let at = format!("{at}/{place}");
        let twice = rooms.iter().take(place).any(|it| it.name == room.name);
        if let Err((code, words)) = name(&room.name, BREAKOUT_NAME) {
            faults.push(Fault::new(format!("{at}/name"), code, words));
        } else if twice {
            faults.push(Fault::new(format!("{at}/name"), "conflict", "is another room's name"));
        }
        faults.extend(people(&room.participants, &format!("{at}/participants"), PARTICIPANTS));
    }
    faults
}

/// E-mail addresses in a list.
fn people(addresses: &[String], pointer: &str, most: usize) -> Vec<Fault> {
    let mut faults = Vec::new();
    if addresses.len() > most {
        let words = format!("must not have more than {most} addresses");
        faults.push(Fault::new(pointer, "too_long", words));
    }
    for (place, address) in addresses.iter().enumerate() {
        if let Err((code, words)) = email(address) {
            faults.push(Fault::new(format!("{pointer}/{place}"), code, words));
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_mail_servers_take_and_others() {
        for good in
            ["ana@example.org", "a.b+c@sub.example.co", "o'neil@example.org", "josé@exämple.org"]
        {
            assert_eq!(email(good), Ok(()), "{good}");
        }
        for bad in [
            "ana",
            "ana@",
            "@example.org",
            "ana@example..org",
            "ana@exa mple.org",
            "ana@example.org\nbcc: x@example.org",
            "a..b@example.org",
            "a,b@example.org",
            "<ana@example.org>",
            "ana@-example.org",
        ] {
            assert!(email(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn telephones_and_languages() {
        for good in
            ["+4915112345678", "+351 21 000 0000", "(020) 7946-0123", "112", "030/123 ext. 45"]
        {
            assert_eq!(phone(good), Ok(()), "{good}");
        }
        for bad in
            ["", "call me", "12", "12+345", "+1 23\n45", "tel 12345", "12345678901234567890123456"]
        {
            assert!(phone(bad).is_err(), "{bad}");
        }
        for good in ["pt", "pt-BR", "zh-Hant-TW", "fil", "de-CH-1996"] {
            assert_eq!(locale(good), Ok(()), "{good}");
        }
        for bad in ["", "klingon-??", "x", "english", "pt-", "pt_BR", "p\u{e9}"] {
            assert!(locale(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_private_session_has_its_title_and_no_other() {
        assert_eq!(private_title(private::TITLE), None);
        for other in ["Our hour", "appointment", " Appointment", ""] {
            let fault = private_title(other).expect("a fault");
            assert_eq!((fault.pointer.as_str(), fault.code), ("/title", "conflict"));
            assert!(fault.message.contains("leave it out"), "{}", fault.message);
        }
    }

    #[test]
    fn people_are_sent_to_https_or_to_this_machine() {
        assert_eq!(address("https://meet.example/ana"), Ok(()));
        assert_eq!(address("http://127.0.0.1:9/x"), Ok(()));
        for bad in ["http://meet.example", "javascript:alert(1)", "//x", "https://a:b@meet.example"]
        {
            assert!(address(bad).is_err(), "{bad}");
        }
    }
}
