use proptest::prelude::*;

use super::*;

fn at(seconds: u64) -> Instant {
    Instant::from_micros(1_800_000_000_000_000).plus(Duration::from_secs(seconds))
}

/// One word of the vendor's.
#[derive(Debug, Clone)]
enum Word {
    Inside(Option<&'static str>, u64),
    Over(Option<&'static str>, u64),
    Reading(Option<&'static str>, u64, bool),
}

use Word::{Inside, Over, Reading};

fn after(words: &[Word]) -> Presence {
    let mut presence = Presence::default();
    for word in words {
        match word {
            Inside(instance, seconds) => presence.inside(*instance, at(*seconds)),
            Over(instance, seconds) => presence.over(*instance, at(*seconds)),
            Reading(instance, seconds, occupied) => presence.read(&Seen {
                occupied: Some(*occupied),
                instance: instance.map(str::to_owned),
                ..Seen::at(at(*seconds))
            }),
        }
    }
    presence
}

fn word() -> impl Strategy<Value = Word> {
    let instance = prop_oneof![Just(None), Just(Some("u1")), Just(Some("u2")), Just(Some("u3"))];
    (instance, 0u64..60, 0u8..4).prop_map(|(instance, seconds, kind)| match kind {
        0 => Inside(instance, seconds),
        1 => Over(instance, seconds),
        2 => Reading(instance, seconds, true),
        _ => Reading(instance, seconds, false),
    })
}

/// What really happened: a room that was opened and left again and again, and perhaps is open.
fn history() -> impl Strategy<Value = (Vec<(u64, u64)>, bool)> {
    let spans = prop::collection::vec((6u64..600, 6u64..600), 1..=5);
    (spans, any::<bool>()).prop_map(|(spans, runs)| {
        let mut now = 0;
        let spans = spans.into_iter().map(|(empty, open)| {
            let from = now + empty;
            now = from + open;
            (from, now)
        });
        (spans.collect(), runs)
    })
}

const NAMES: [&str; 5] = ["u5", "u4", "u3", "u2", "u1"];

/// Everything that the vendor says of it; of the last instance, no end if it still runs.
fn all_said(spans: &[(u64, u64)], runs: bool) -> Vec<Word> {
    let mut words = Vec::new();
    for (index, (from, to)) in spans.iter().enumerate() {
        let name = Some(NAMES[index]);
        words.extend([Inside(name, *from), Inside(name, *from + 1)]);
        if index + 1 < spans.len() || !runs {
            words.push(Over(name, *to));
        }
    }
    words
}

proptest! {
    #[test]
    fn the_same_words_come_to_the_same_in_any_order_and_however_often(
        words in prop::collection::vec(word(), 0..12)
            .prop_flat_map(|words| {
                let twice: Vec<Word> = words.iter().chain(&words).cloned().collect();
                (Just(words.clone()), Just(words).prop_shuffle(), Just(twice).prop_shuffle())
            }),
    ) {
        let (words, shuffled, twice) = words;
        prop_assert_eq!(after(&words), after(&shuffled));
        prop_assert_eq!(after(&words), after(&twice));
    }

    #[test]
    fn what_is_known_in_the_end_is_true_in_whatever_order_it_came(
        (spans, runs, words) in history().prop_flat_map(|(spans, runs)| {
            let words = all_said(&spans, runs);
            (Just(spans), Just(runs), Just(words).prop_shuffle())
        }),
    ) {
        let presence = after(&words);
        prop_assert_eq!(presence.is_occupied(), runs, "{:?}", words);
        let last = spans.last().map(|(_, to)| at(*to));
        prop_assert_eq!(presence.left_at(), last.filter(|_| !runs));
    }

    #[test]
    fn a_room_that_runs_is_never_taken_to_be_empty_once_that_was_said(
        (spans, words, kept) in history().prop_flat_map(|(spans, _)| {
            let words = all_said(&spans, true);
            let kept = prop::collection::vec(any::<bool>(), words.len());
            (Just(spans), Just(words).prop_shuffle(), kept)
        }),
    ) {
        // Any of it may be lost or still be on its way, but that the last instance was opened.
        let opened = spans.last().map_or(0, |(from, _)| *from);
        let came: Vec<Word> = words
            .into_iter()
            .zip(kept)
            .filter(|(word, kept)| *kept || matches!(word, Inside(_, from) if *from == opened))
            .map(|(word, _)| word)
            .collect();
        prop_assert!(after(&came).is_occupied(), "{:?}", came);
    }
}

#[test]
fn that_an_instance_is_over_says_nothing_of_a_later_one() {
    let words = [Inside(Some("u1"), 0), Inside(Some("u2"), 20), Over(Some("u1"), 10)];
    assert!(after(&words).is_occupied());
    // Told so late that it bears the later stamp.
    let words = [Inside(Some("u1"), 0), Inside(Some("u2"), 20), Over(Some("u1"), 30)];
    assert!(after(&words).is_occupied());
    let words = [Inside(Some("u1"), 0), Inside(Some("u2"), 20), Over(Some("u2"), 30)];
    assert!(
        !after(&words).is_occupied(),
        "the end of the first was lost, and it is over all the same"
    );
    assert_eq!(after(&words).left_at(), Some(at(30)));
    assert!(!after(&[Inside(Some("u1"), 0), Over(Some("u1"), 0)]).is_occupied());
}

#[test]
fn readings_and_events_hold_by_when_they_were_true() {
    assert!(!after(&[Reading(None, 0, false)]).is_occupied());
    assert_eq!(after(&[Reading(None, 0, false)]).met_at(), None, "nobody was ever there");
    assert!(after(&[Inside(Some("u1"), 60), Reading(None, 30, false)]).is_occupied());
    assert!(
        after(&[Inside(Some("u1"), 60), Reading(None, 64, false)]).is_occupied(),
        "clocks differ"
    );
    let empty = after(&[Inside(Some("u1"), 60), Reading(None, 90, false)]);
    assert_eq!((empty.is_occupied(), empty.left_at()), (false, Some(at(90))));
    // What is told after a reading of an earlier time is known all the same.
    let told = after(&[Reading(None, 90, false), Inside(Some("u1"), 60), Over(Some("u1"), 70)]);
    assert_eq!((told.met_at(), told.left_at()), (Some(at(70)), Some(at(70))));
    assert!(after(&[Over(Some("u1"), 70), Reading(Some("u2"), 80, true)]).is_occupied());
    assert!(after(&[Over(Some("u1"), 70), Reading(None, 80, true)]).is_occupied());
    assert!(!after(&[Reading(None, 80, true), Over(Some("u1"), 90)]).is_occupied());
}

#[test]
fn a_hundred_instances_are_no_more_than_the_last_few() {
    let names: Vec<String> = (0..100).map(|n| format!("u{n}")).collect();
    let mut presence = Presence::default();
    for (seconds, name) in names.iter().enumerate() {
        presence.inside(Some(name.as_str()), at(u64::try_from(seconds).unwrap_or(0) * 10));
    }
    assert_eq!(presence.spells.len(), INSTANCES);
    assert!(presence.is_occupied());
    presence.over(Some("u99"), at(2_000));
    assert!(!presence.is_occupied());
}

#[test]
fn a_door_closes_an_hour_after_the_end_or_when_they_have_left_or_after_a_day() {
    let end = at(0);
    assert_eq!(DoorTimes::closes(end, None), at(3_600));
    let inside = after(&[Inside(Some("u1"), 0)]);
    assert_eq!(DoorTimes::closes(end, Some(&inside)), at(86_400));
    let left = |seconds| after(&[Inside(Some("u1"), 0), Over(Some("u1"), seconds)]);
    assert_eq!(DoorTimes::closes(end, Some(&left(100))), at(3_600));
    assert_eq!(DoorTimes::closes(end, Some(&left(3_500))), at(4_100));
    assert_eq!(DoorTimes::closes(end, Some(&left(86_300))), at(86_400));
}
