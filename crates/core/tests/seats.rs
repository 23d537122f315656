//! Seats: whatever comes and goes, no seat is given to more sessions than it can run, and nobody
//! is refused whom another way of seating would have served.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

use std::time::Duration;

use proptest::prelude::*;
use roomkey_core::Instant;
use roomkey_core::id::BookingId;
use roomkey_core::seats::{
    Mobility, Rules, Seating, Sitting, Span, Turn, admits, is_free, seat, turn,
};

const MINUTE: u64 = 60;

fn at(minutes: u64) -> Instant {
    Instant::from_micros(1_800_000_000_000_000).plus(Duration::from_secs(minutes * MINUTE))
}

fn id(n: u32) -> BookingId {
    let mut bytes = [0; 10];
    bytes[6..].copy_from_slice(&n.to_be_bytes());
    BookingId::new(at(0), bytes)
}

fn users(n: usize) -> Vec<String> {
    (0..n).map(|n| format!("seat{n}@practice.example")).collect()
}

fn rules(cap: u32, buffer: u64) -> Rules {
    Rules { cap, buffer: Duration::from_secs(buffer * MINUTE), ..Rules::default() }
}

/// Sessions that begin at a quarter past something and take a while.
fn spans() -> impl Strategy<Value = Vec<Span>> {
    let span = (0u64..40, 1u64..8)
        .prop_map(|(start, long)| Span { start: at(start * 15), end: at((start + long) * 15) });
    prop::collection::vec(span, 1..24)
}

/// The most sessions at one moment, by counting.
fn most(spans: &[Span], buffer: Duration) -> usize {
    spans
        .iter()
        .map(|it| {
            let now = it.start;
            spans.iter().filter(|it| it.start <= now && now < it.end.plus(buffer)).count()
        })
        .max()
        .unwrap_or(0)
}

fn waiting(n: u32, span: Span, movable: bool) -> Sitting {
    let mobility = if movable { Mobility::Movable } else { Mobility::Fixed };
    Sitting { booking: id(n), span, at: None, bound_for: None, since: None, mobility }
}

/// Counts the rooms that there are, whoever is bound for where.
fn assert_nobody_is_crowded(sittings: &[Sitting], rules: &Rules) {
    for user in users(8) {
        let there = sittings.iter().filter(|it| it.at.as_ref() == Some(&user));
        let spans: Vec<Span> = there.map(|it| it.span).collect();
        let most = most(&spans, rules.buffer);
        assert!(most <= rules.cap as usize, "{user} runs {most} at once");
    }
}

/// Everybody does what is their turn, until nobody has anything left to do.
fn move_all(sittings: &mut [Sitting], rules: &Rules) {
    loop {
        let mut moved = false;
        for index in 0..sittings.len() {
            let Some(bound_for) = sittings[index].bound_for.clone() else { continue };
            let mut others = sittings.to_vec();
            let of = others.remove(index);
            match turn(&of, &bound_for, &others, rules) {
                Turn::Go => {
                    // For a moment it has two rooms.
                    let both =
                        Sitting { at: Some(bound_for.clone()), bound_for: None, ..of.clone() };
                    assert_nobody_is_crowded(&[others.as_slice(), &[of, both]].concat(), rules);
                    sittings[index].at = Some(bound_for);
                    sittings[index].bound_for = None;
                    moved = true;
                }
                Turn::GiveUp => {
                    sittings[index].at = None;
                    moved = true;
                }
                Turn::Wait => {}
                Turn::Never => panic!("somebody was promised what nobody can have"),
            }
            assert_nobody_is_crowded(sittings, rules);
        }
        if !moved {
            break;
        }
    }
    assert!(sittings.iter().all(|it| it.bound_for.is_none()), "somebody waits for ever");
}

/// Seats one more; whether there was a seat.
fn sit(seated: &mut Vec<Sitting>, one: Sitting, users: &[String], rules: &Rules) -> bool {
    let user = match seat(&one, seated, users, rules) {
        Seating::Free(user) => user,
        Seating::Shift { seat: user, moves } => {
            for (booking, user) in moves {
                let mover = seated.iter_mut().find(|it| it.booking == booking).expect("known");
                assert_eq!(mover.mobility, Mobility::Movable, "a room that is near was moved");
                mover.bound_for = Some(user);
            }
            user
        }
        Seating::Wait | Seating::Full => return false,
    };
    seated.push(Sitting { bound_for: Some(user), ..one });
    move_all(seated, rules);
    assert!(seated.iter().all(|it| it.at.is_some()));
    true
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn nobody_is_refused_whom_another_seating_would_serve(
        spans in spans(),
        seats in 1usize..5,
        cap in 1u32..3,
        buffer in prop_oneof![Just(0u64), Just(10)],
    ) {
        let rules = rules(cap, buffer);
        let users = users(seats);
        let mut seated: Vec<Sitting> = Vec::new();
        for (n, span) in (0u32..).zip(spans) {
            let all: Vec<Span> = seated.iter().map(|it| it.span).collect();
            let together = most(&[all.as_slice(), &[span]].concat(), rules.buffer);
            let possible = together <= seats * cap as usize;
            prop_assert_eq!(admits(&span, &all, seats, &rules), possible);
            prop_assert_eq!(sit(&mut seated, waiting(n, span, true), &users, &rules), possible);
        }
    }

    #[test]
    fn rooms_that_are_near_stay_where_they_are(spans in spans(), near in 0u64..600) {
        let rules = rules(1, 10);
        let users = users(3);
        let mut seated: Vec<Sitting> = Vec::new();
        for (n, span) in (0u32..).zip(spans) {
            let movable = span.start >= at(near);
            sit(&mut seated, waiting(n, span, movable), &users, &rules);
        }
    }
}

#[test]
fn a_seat_that_one_has_is_kept() {
    let rules = rules(1, 10);
    let span = Span { start: at(0), end: at(60) };
    let own = Sitting { at: Some(users(3)[2].clone()), ..waiting(1, span, true) };
    assert_eq!(seat(&own, &[], &users(3), &rules), Seating::Free(users(3)[2].clone()));
}

#[test]
fn the_buffer_counts_on_both_sides() {
    let rules = rules(1, 10);
    let user = &users(1)[0];
    let first = Span { start: at(60), end: at(120) };
    let there = [Sitting { at: Some(user.clone()), ..waiting(1, first, false) }];
    for (start, end, free) in [(120, 180, false), (130, 190, true), (0, 60, false), (0, 50, true)] {
        let span = Span { start: at(start), end: at(end) };
        assert_eq!(is_free(user, &span, &there, &rules), free, "{start} to {end}");
    }
}

/// Whether there is any way to seat all of these, by trying every one.
fn is_possible(
    placed: &mut Vec<(String, Span)>,
    rest: &[Span],
    users: &[String],
    rules: &Rules,
) -> bool {
    let Some((span, rest)) = rest.split_first() else { return true };
    users.iter().any(|user| {
        let mut there: Vec<Span> =
            placed.iter().filter(|it| it.0 == *user).map(|it| it.1).collect();
        there.push(*span);
        if most(&there, rules.buffer) > rules.cap as usize {
            return false;
        }
        placed.push((user.clone(), *span));
        let possible = is_possible(placed, rest, users, rules);
        placed.pop();
        possible
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    /// Some may not be moved any more, others not just now: still nobody is refused without need.
    #[test]
    fn gaps_between_those_who_stay_are_found(
        spans in prop::collection::vec((0u64..12, 1u64..6, 0usize..3, 0u8..3), 1..8),
        own in (0u64..12, 1u64..6),
        cap in 1u32..3,
    ) {
        let rules = rules(cap, 10);
        let users = users(3);
        let span = |start: u64, long: u64| Span { start: at(start * 15), end: at((start + long) * 15) };
        let mut others: Vec<Sitting> = Vec::new();
        for (n, (start, long, user, kind)) in (1u32..).zip(spans) {
            let span = span(start, long);
            if !is_free(&users[user], &span, &others, &rules) {
                continue;
            }
            let mobility = [Mobility::Movable, Mobility::Soon, Mobility::Fixed][usize::from(kind)];
            let at = Some(users[user].clone());
            others.push(Sitting { at, mobility, ..waiting(n, span, false) });
        }
        let of = waiting(100, span(own.0, own.1), false);
        let possible = |stays: &dyn Fn(&Sitting) -> bool| {
            let at = |it: &Sitting| it.at.clone().expect("seated");
            let mut placed: Vec<(String, Span)> =
                others.iter().filter(|it| stays(it)).map(|it| (at(it), it.span)).collect();
            let rest: Vec<Span> =
                others.iter().filter(|it| !stays(it)).chain([&of]).map(|it| it.span).collect();
            is_possible(&mut placed, &rest, &users, &rules)
        };
        let now = possible(&|it| it.mobility != Mobility::Movable);
        let soon = possible(&|it| it.mobility == Mobility::Fixed);
        match seat(&of, &others, &users, &rules) {
            Seating::Free(_) | Seating::Shift { .. } => prop_assert!(now),
            Seating::Wait => prop_assert!(soon && !now),
            Seating::Full => prop_assert!(!soon),
        }
    }
}
