//! Every phrase that people read, one table per language.
//!
//! A phrase with something in it is a function, so that a language may put its words in its own
//! order. The compiler asks a new language for all of them.

mod en;

use crate::letter::Occasion;

/// Where a session takes place, as far as words care.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    Online,
    Phone,
    InPerson,
}

/// What a change changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Changed {
    Time,
    Host,
    TimeAndHost,
    /// The link, and only the link.
    Link,
    Other,
}

/// What a heading speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum News {
    Confirmed,
    Changed(Changed),
    Cancelled,
}

/// The phrases of one language.
pub(crate) struct Words {
    /// Its tag, `en`.
    pub(crate) language: &'static str,
    /// From Monday.
    pub(crate) weekdays: [&'static str; 7],
    /// From January.
    pub(crate) months: [&'static str; 12],
    /// A day: weekday, day, month, and the year if it is another one.
    pub(crate) date: fn(&str, i8, &str, Option<i16>) -> String,

    pub(crate) subject: fn(Occasion, &str, &str) -> String,
    pub(crate) greeting: fn(&str) -> String,
    /// What happened to the session with these people.
    pub(crate) heading: fn(News, Option<&str>) -> String,
    /// The pill: one word.
    pub(crate) state: fn(Occasion) -> &'static str,
    /// Up to three names, and how many more.
    pub(crate) people: fn(&[&str], usize) -> String,

    pub(crate) when: &'static str,
    pub(crate) with: &'static str,
    pub(crate) place: &'static str,
    pub(crate) before: &'static str,
    pub(crate) service: &'static str,
    pub(crate) reason: &'static str,
    pub(crate) number: &'static str,
    pub(crate) passcode: &'static str,

    pub(crate) online: fn(Option<&str>) -> String,
    pub(crate) phone: &'static str,
    pub(crate) in_person: &'static str,

    pub(crate) setting_up: &'static str,
    /// To a guest, of a room that waits for somebody at the practice.
    pub(crate) being_arranged: &'static str,
    /// To the host, of the same: why, and what to click where.
    pub(crate) no_room: fn(&str, Option<(&str, &str)>) -> String,
    pub(crate) button: fn(How) -> &'static str,
    /// The reader has another link than they were told.
    pub(crate) new_link: &'static str,
    pub(crate) early: fn(How) -> &'static str,
    pub(crate) change_until: fn(&str) -> String,
    pub(crate) yours_alone: &'static str,
    pub(crate) calendar: fn(Occasion) -> &'static str,
    pub(crate) nothing_to_do: &'static str,
    /// Whom to ask: the practice, and how to reach it.
    pub(crate) ask: fn(&str, &str) -> String,
    pub(crate) answer_this: fn(&str) -> String,
    pub(crate) footer: fn(&str) -> String,

    /// What a calendar calls the way in.
    pub(crate) join: &'static str,
}

/// The phrases of the language nearest to a locale such as `pt-BR`.
pub(crate) fn of(locale: &str) -> &'static Words {
    let language = locale.split(['-', '_']).next().unwrap_or(locale);
    [&en::WORDS]
        .into_iter()
        .find(|it| it.language.eq_ignore_ascii_case(language))
        .unwrap_or(&en::WORDS)
}
