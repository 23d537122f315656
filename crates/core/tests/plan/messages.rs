//! What people are told when it is doubtful what they have heard.

use std::time::Duration;

use roomkey_core::booking::{Mode, Status};
use roomkey_core::id::MessageId;
use roomkey_core::plan::Step;
use roomkey_core::told::{Occasion, Queued, Saying, Statement};

use crate::world::{World, id_bytes};

/// What is to be said to the one person of the world.
fn said(world: &mut World) -> Vec<Saying> {
    let steps = world.look().steps;
    steps
        .into_iter()
        .find_map(|due| match due.step {
            Step::Say(sayings) => Some(sayings),
            Step::Open(_) | Step::Find(_) | Step::Update(..) | Step::Read(_) | Step::Retire(_) => {
                None
            }
        })
        .unwrap_or_default()
}

/// A message that was written down and is not certain to have gone.
fn queued(world: &World, saying: &Saying) -> Queued {
    Queued {
        message: MessageId::new(world.now, id_bytes(9)),
        statement: saying.statement.clone(),
        occasion: saying.occasion,
        next_at: world.now,
        sending_until: None,
    }
}

#[test]
fn a_cancellation_of_doubtful_fate_goes_again_whatever_else_has_changed() {
    let mut world = World::new(72);
    world.situation.booking.mode = Mode::InPerson;
    let confirmed = said(&mut world).remove(0).statement;
    let listener = &mut world.situation.listeners[0];
    (listener.said, listener.heard) = (Some(confirmed.clone()), Some(confirmed));
    world.situation.booking.status = Status::Cancelled;
    let cancellation = said(&mut world).remove(0);
    assert_eq!(cancellation.occasion, Occasion::Cancellation);
    // The answer is lost: it counts as told. Then it is brought back, moved and cancelled again.
    let doubtful = queued(&world, &cancellation);
    let listener = &mut world.situation.listeners[0];
    listener.said = Some(cancellation.statement);
    listener.queued = Some(doubtful.clone());
    world.situation.booking.start = world.situation.booking.start.plus(Duration::from_secs(3600));
    world.situation.booking.end = world.situation.booking.end.plus(Duration::from_secs(3600));
    let again = said(&mut world);
    assert_eq!(again.first().and_then(|it| it.again), Some(doubtful.message));
}

#[test]
fn what_counts_as_told_is_said_once_more_if_it_was_overtaken_and_is_true_again() {
    let mut world = World::new(72);
    world.situation.booking.mode = Mode::InPerson;
    let confirmed = said(&mut world).remove(0).statement;
    let moved =
        Statement { start: confirmed.start.plus(Duration::from_secs(3600)), ..confirmed.clone() };
    // The confirmation was heard, the change is of doubtful fate, and another change that overtook
    // it has not gone: now the first change is true after all.
    let listener = &mut world.situation.listeners[0];
    (listener.said, listener.heard) = (Some(moved.clone()), Some(confirmed.clone()));
    let overtaking = Saying {
        person: listener.person,
        occasion: Occasion::Change,
        statement: Statement { title: "Other".to_owned(), ..moved.clone() },
        before: Some(moved.clone()),
        again: None,
    };
    let overtaking = queued(&world, &overtaking);
    world.situation.listeners[0].queued = Some(overtaking);
    world.situation.booking.start = moved.start;
    let due = said(&mut world);
    assert_eq!(due.first().map(|it| it.occasion), Some(Occasion::Change));
    assert_eq!(due.first().and_then(|it| it.before.clone()), Some(confirmed));
    // Had the first change been heard, there would be nothing to say.
    world.situation.listeners[0].heard = Some(moved);
    assert!(said(&mut world).is_empty());
}
