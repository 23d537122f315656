//! Rooms that are opened or changed later, on purpose or because a day is used up.

use std::time::Duration;

use roomkey_core::plan::Step;
use roomkey_core::route::{Provider, RouteOption, Use};
use roomkey_core::seats::Rules;

use crate::luck::oops;
use crate::world::World;

#[test]
fn a_room_on_a_seat_is_opened_days_before_and_nobody_waits_for_it() {
    let mut world = World::new(24 * 14);
    world.situation.connections[0].seats = vec!["seat1@practice.example".to_owned()];
    let connection = world.situation.connections[0].id;
    world.situation.booking.route =
        vec![RouteOption { uses: Use::Seats(connection), ..RouteOption::host(Provider::Zoom) }];
    let plan = world.look();
    assert!(plan.view.settled);
    assert_eq!(plan.view.status.as_str(), "pending");
    let opens = world.situation.booking.start.minus(Rules::default().lead);
    assert_eq!(plan.view.next_attempt_at, Some(opens));
    assert!(matches!(plan.steps[0].step, Step::Say(_)), "people are told at once");
    world.now = opens;
    assert!(world.look().steps.iter().any(|due| matches!(due.step, Step::Open(_))));
}

#[test]
fn a_user_whose_day_is_used_up_is_left_in_peace() {
    let mut world = World::new(72);
    let connection = world.situation.connections[0].id;
    let until = world.now.next_utc_day();
    let user = world.situation.accounts.email.clone();
    world.situation.parked.insert((connection, user), (until, oops()));
    let plan = world.look();
    assert!(plan.steps.iter().all(|due| matches!(due.step, Step::Say(_))), "{:?}", plan.steps);
    assert_eq!(plan.view.next_attempt_at, Some(until));
    world.now = until;
    assert!(world.look().steps.iter().any(|due| matches!(due.step, Step::Open(_))));
}

#[test]
fn who_waits_for_an_account_that_was_sent_away_says_why_and_until_when() {
    let mut world = World::new(48);
    let connection = world.situation.connections[0].id;
    let until = world.now.plus(Duration::from_secs(7_200));
    world.situation.paused.insert(connection, (until, oops()));
    let plan = world.look();
    assert!(plan.steps.iter().all(|due| matches!(due.step, Step::Say(_))), "{:?}", plan.steps);
    assert_eq!(plan.view.reason, Some(oops()));
    assert_eq!(plan.view.next_attempt_at, Some(until));
    world.now = until;
    assert!(world.look().steps.iter().any(|due| matches!(due.step, Step::Open(_))));
}
