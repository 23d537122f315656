//! Rooms that are otherwise than was asked, and rooms that are less private.

use roomkey_core::plan::Step;
use roomkey_core::room::{Fact, Seen, Unmet};
use roomkey_core::route::{Provider, RouteOption};
use roomkey_core::settings::{Recording, Settings};

use crate::luck::Luck;
use crate::world::World;

#[test]
fn a_room_less_private_than_demanded_is_not_used_and_not_made_again() {
    let mut world = World::new(72);
    world.situation.booking.settings.waiting_room = Some(true);
    let opening = world.look();
    let Step::Open(_) = &opening.steps[0].step else { panic!("no room is opened") };
    world.step(&opening.steps[0].step, Luck::Killed);
    let id = world.situation.rooms[0].id;
    let open = |world: &World| Seen {
        settings: Settings { waiting_room: Some(false), ..Settings::default() },
        topic: Some(world.situation.booking.title.clone()),
        ..Seen::at(world.now)
    };
    world.learn(id, Fact::Made { vendor_id: "1".to_owned(), seen: open(&world) });
    let plan = world.look();
    assert_eq!(plan.current, None, "nobody is sent there");
    assert_eq!(plan.view.reason.as_ref().map(|it| it.code.as_str()), Some("settings_refused"));
    assert!(plan.view.settled, "a person is needed");
    assert!(matches!(plan.steps[0].step, Step::Retire(it) if it == id), "{:?}", plan.steps);
    world.learn(id, Fact::RetireBegun);
    world.learn(id, Fact::Retired);
    let plan = world.look();
    assert!(plan.steps.iter().all(|due| matches!(due.step, Step::Say(_))), "{:?}", plan.steps);
    // Asked for anew, or for less, it is tried again.
    world.situation.booking.settings.waiting_room = None;
    assert!(matches!(world.look().steps[0].step, Step::Open(_)));
}

#[test]
fn the_next_option_of_the_route_is_taken_where_one_is_less_private() {
    let mut world = World::new(72);
    world.situation.booking.settings.recording = Some(Recording::None);
    world.situation.booking.route.push(RouteOption::link("https://rooms.example/1".into(), None));
    let opening = world.look();
    world.step(&opening.steps[0].step, Luck::Killed);
    let id = world.situation.rooms[0].id;
    let settings = Settings { recording: Some(Recording::Cloud), ..Settings::default() };
    let seen = Seen { settings, ..Seen::at(world.now) };
    world.learn(id, Fact::Made { vendor_id: "1".to_owned(), seen });
    let plan = world.look();
    let opened = plan.steps.iter().find_map(|due| match &due.step {
        Step::Open(opening) => Some(opening.place.provider),
        _ => None,
    });
    assert_eq!(opened, Some(Provider::Link));
}

#[test]
fn what_is_merely_otherwise_is_a_warning_and_asked_for_once() {
    let mut world = World::new(72);
    world.situation.booking.settings.mute_on_entry = Some(true);
    let opening = world.look();
    world.step(&opening.steps[0].step, Luck::Killed);
    let id = world.situation.rooms[0].id;
    let loud = |world: &World| Seen {
        settings: Settings { mute_on_entry: Some(false), ..Settings::default() },
        ..Seen::at(world.now)
    };
    world.learn(id, Fact::Made { vendor_id: "1".to_owned(), seen: loud(&world) });
    let plan = world.look();
    assert_eq!(plan.current, Some(id));
    assert_eq!(plan.view.warnings[0].code, "settings_kept");
    assert!(plan.steps.iter().all(|due| !matches!(due.step, Step::Update(..))), "{:?}", plan.steps);
    // What somebody changed by hand is another matter: it is put right.
    world.situation.booking.settings.mute_on_entry = None;
    world.situation.rooms[0].unmet = Unmet::default();
    world.situation.booking.settings.waiting_room = Some(true);
    world.situation.rooms[0].request.settings = world.situation.booking.settings.clone();
    world.learn(
        id,
        Fact::Read(Seen {
            settings: Settings { waiting_room: Some(false), ..Settings::default() },
            ..Seen::at(world.now)
        }),
    );
    let plan = world.look();
    assert!(plan.steps.iter().any(|due| matches!(due.step, Step::Update(..))), "{:?}", plan.steps);
}
