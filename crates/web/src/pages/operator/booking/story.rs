//! The story of a booking's rooms: who did what when, and what the vendor answered.

use std::time::Duration;

use roomkey_core::route::Provider;
use roomkey_core::{Instant, Zone, room};

use crate::pages::icon::Glyph;
use crate::pages::pill::{Pill, Tone};
use crate::pages::when;
use crate::pages::words;

/// Who did it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// A person, by name.
    Person(String),
    /// Roomkey itself.
    Roomkey,
    /// A vendor.
    Vendor(Provider),
    /// A program with an API key, by the key's name.
    Program(String),
}

impl Actor {
    /// In a word or two.
    #[must_use]
    pub fn words(&self) -> &str {
        match self {
            Self::Person(name) | Self::Program(name) => name,
            Self::Roomkey => "Roomkey",
            Self::Vendor(provider) => provider.label(),
        }
    }
}

/// One call to a vendor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// When it was made.
    pub at: Instant,
    /// What was asked: "Make the room".
    pub asked: String,
    /// What came of it, in words.
    pub outcome: String,
    /// What that means.
    pub tone: Tone,
    /// The answer's HTTP status.
    pub status: Option<u16>,
    /// How long it took.
    pub took: Option<Duration>,
    /// The vendor's id of the call.
    pub request_id: Option<String>,
}

impl Attempt {
    /// "15:00:07"
    #[must_use]
    pub fn clock(&self, zone: &Zone) -> String {
        self.at.timestamp().to_zoned(zone.time_zone()).strftime("%H:%M:%S").to_string()
    }

    /// How long it took.
    #[must_use]
    pub fn duration(&self) -> String {
        self.took.map(when::took).unwrap_or_default()
    }
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoryEntry {
    /// When.
    pub at: Instant,
    /// Who did it.
    pub actor: Actor,
    /// What happened, in a sentence.
    pub sentence: String,
    /// What it means.
    pub tone: Tone,
    /// The calls behind it, oldest first.
    pub attempts: Vec<Attempt>,
    /// Whether it is one try of several, so that many of them are told as one.
    pub is_try: bool,
}

/// So many tries in a row are told one by one.
const FEW: usize = 2;

/// Tells tries that follow upon one another as one entry, which says how many there were and from
/// when to when; what else happened stays between them. Newest first, as they came.
#[must_use]
pub fn folded(story: Vec<StoryEntry>, zone: &Zone, now: Instant) -> Vec<StoryEntry> {
    let mut told: Vec<StoryEntry> = Vec::new();
    let mut run: Vec<StoryEntry> = Vec::new();
    for entry in story {
        if entry.is_try {
            run.push(entry);
        } else {
            told.extend(fold(std::mem::take(&mut run), zone, now));
            told.push(entry);
        }
    }
    told.extend(fold(run, zone, now));
    told
}

/// One run of tries, newest first.
fn fold(run: Vec<StoryEntry>, zone: &Zone, now: Instant) -> Vec<StoryEntry> {
    let tries = run.iter().filter(|it| !it.attempts.is_empty()).count();
    if tries <= FEW {
        return run;
    }
    let Some(latest) = run.iter().find(|it| !it.attempts.is_empty()).cloned() else { return run };
    let mut attempts: Vec<Attempt> = run.into_iter().flat_map(|it| it.attempts).collect();
    attempts.sort_by_key(|it| it.at);
    let (Some(first), Some(last)) = (attempts.first(), attempts.last()) else {
        return vec![latest];
    };
    let stretch = when::stretch(first.at, last.at, zone, now);
    let sentence =
        format!("Tried {} times without success, {stretch}. {}", attempts.len(), latest.sentence);
    vec![StoryEntry { sentence, attempts, ..latest }]
}

impl StoryEntry {
    /// When, with the zone.
    #[must_use]
    pub fn moment(&self, zone: &Zone, now: &Instant) -> String {
        when::moment(self.at, zone, *now)
    }

    /// What unfolds the calls behind it.
    #[must_use]
    pub fn attempts_words(&self) -> String {
        match self.attempts.len() {
            1 => "Show the call".to_owned(),
            many => format!("Show the {many} calls"),
        }
    }
}

/// One room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomRow {
    /// Counts the booking's rooms from 1.
    pub number: u32,
    /// Who makes it.
    pub provider: Provider,
    /// Where it stands.
    pub state: room::State,
    /// The account that holds it.
    pub account: Option<String>,
    /// The vendor's id of it.
    pub vendor_id: Option<String>,
    /// When it was first written down.
    pub made_at: Instant,
    /// Whether the door leads to it.
    pub current: bool,
    /// What is wrong with it.
    pub reason: Option<String>,
}

impl RoomRow {
    /// Its pill.
    #[must_use]
    pub fn pill(&self) -> Pill {
        words::room(self.state)
    }

    /// Whether it is gone, or never was.
    #[must_use]
    pub const fn is_past(&self) -> bool {
        match self.state {
            room::State::Gone(_) | room::State::Lost { .. } => true,
            room::State::Intended
            | room::State::Unknown { .. }
            | room::State::Live
            | room::State::Doubtful { .. }
            | room::State::Retiring
            | room::State::Stuck => false,
        }
    }

    /// What its state means, or what is wrong with it.
    #[must_use]
    pub fn sentence(&self) -> &str {
        self.reason.as_deref().unwrap_or_else(|| words::room_sentence(self.state))
    }

    /// Its provider's mark.
    #[must_use]
    pub const fn glyph(&self) -> Glyph {
        Glyph(self.provider)
    }

    /// When it was first written down.
    #[must_use]
    pub fn made(&self, zone: &Zone, now: &Instant) -> String {
        when::moment(self.made_at, zone, *now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: u64) -> Instant {
        let noon: Instant = "2026-03-03T14:00:00Z".parse().expect("an instant");
        noon.plus(Duration::from_secs(minute * 60))
    }

    fn entry(minute: u64, sentence: &str, calls: usize, is_try: bool) -> StoryEntry {
        let attempt = Attempt {
            at: at(minute),
            asked: "Make room 1".to_owned(),
            outcome: "No answer".to_owned(),
            tone: Tone::Brass,
            status: None,
            took: None,
            request_id: None,
        };
        StoryEntry {
            at: at(minute),
            actor: Actor::Vendor(Provider::Zoom),
            sentence: sentence.to_owned(),
            tone: Tone::Brass,
            attempts: vec![attempt; calls],
            is_try,
        }
    }

    fn told(story: Vec<StoryEntry>) -> Vec<String> {
        let folded = folded(story, &Zone::utc(), at(60));
        folded.into_iter().map(|it| format!("{} ({})", it.sentence, it.attempts.len())).collect()
    }

    #[test]
    fn tries_that_follow_upon_one_another_are_told_once() {
        let mut story = vec![entry(40, "The door works.", 0, false)];
        for minute in (7..=22).rev().step_by(5) {
            story.push(entry(minute, &format!("Failed at {minute}."), 1, true));
            story.push(entry(minute, "Asked Zoom for a room.", 0, true));
        }
        story.push(entry(1, "Made the booking.", 0, false));
        assert_eq!(
            told(story),
            [
                "The door works. (0)",
                "Tried 4 times without success, 14:07 – 14:22. Failed at 22. (4)",
                "Made the booking. (0)",
            ]
        );
    }

    #[test]
    fn few_tries_and_what_is_between_them_are_told_as_they_are() {
        let story = vec![
            entry(9, "Failed again.", 1, true),
            entry(8, "Failed.", 1, true),
            entry(7, "Moved the session.", 0, false),
            entry(6, "Failed first.", 1, true),
        ];
        let as_they_are: Vec<String> =
            story.iter().map(|it| format!("{} ({})", it.sentence, it.attempts.len())).collect();
        assert_eq!(told(story), as_they_are);
    }
}
