//! Private mode: nothing of a session's own words gets out, and nothing that is asked weakens it.

use std::time::Duration;

use proptest::prelude::*;
use roomkey_core::Instant;
use roomkey_core::booking::{Booking, Mode, Status};
use roomkey_core::id::{BookingId, HostId};
use roomkey_core::plan::wanted_spec;
use roomkey_core::private::TITLE;
use roomkey_core::settings::{Audio, Breach, BreakoutRoom, Preset, Recording, Settings};
use roomkey_core::told::wanted;

const NOW: Instant = Instant::from_micros(1_800_000_000_000_000);

fn booking(title: &str, agenda: Option<&str>) -> Booking {
    Booking {
        id: BookingId::new(NOW, [3; 10]),
        status: Status::Confirmed,
        mode: Mode::Online,
        start: NOW,
        end: NOW.plus(Duration::from_secs(3600)),
        time_zone: roomkey_core::Zone::utc(),
        title: title.to_owned(),
        agenda: agenda.map(str::to_owned),
        private: true,
        host: HostId::new(NOW, [1; 10]),
        route: Vec::new(),
        settings: Settings::default(),
        generation: 0,
        version: 1,
        seat: None,
        current: None,
        confirmed_at: None,
    }
}

fn flag() -> impl Strategy<Value = Option<bool>> {
    prop::option::of(any::<bool>())
}

fn settings() -> impl Strategy<Value = Settings> {
    let recording =
        prop_oneof![Just(Recording::None), Just(Recording::Local), Just(Recording::Cloud)];
    let audio = prop_oneof![Just(Audio::Both), Just(Audio::Telephony), Just(Audio::Voip)];
    let rooms = prop::collection::vec("[a-z]{1,5}", 0..3).prop_map(|names| {
        names.into_iter().map(|name| BreakoutRoom { name, ..<_>::default() }).collect::<Vec<_>>()
    });
    let hosts = prop::collection::vec("[a-z]{1,5}@x\\.example", 0..3);
    let flags = (flag(), flag(), flag(), flag(), flag(), flag(), flag());
    let others = (
        prop::option::of(audio),
        prop::option::of(recording),
        prop::option::of(hosts),
        prop::option::of(rooms),
    );
    (flags, others).prop_map(|(flags, (audio, recording, alternative_hosts, breakout_rooms))| {
        let (
            waiting_room,
            passcode,
            join_before_host,
            mute_on_entry,
            host_video,
            guest_video,
            e2ee,
        ) = flags;
        Settings {
            waiting_room,
            passcode,
            join_before_host,
            mute_on_entry,
            host_video,
            guest_video,
            audio,
            recording,
            e2ee,
            alternative_hosts,
            breakout_rooms,
        }
    })
}

/// What private mode leaves to the service and the booking.
fn rest(settings: &Settings) -> Settings {
    Settings {
        waiting_room: None,
        passcode: None,
        join_before_host: None,
        recording: None,
        breakout_rooms: None,
        ..settings.clone()
    }
}

proptest! {
    #[test]
    fn nothing_that_is_asked_weakens_a_private_room(own in settings(), service in settings()) {
        let asked = own.or(&service);
        let pinned = Settings::private().or(&asked);
        prop_assert_eq!(Settings::private().contradicted_by(&pinned), Settings::default());
        prop_assert_eq!(pinned.private_conflicts(), []);
        prop_assert_eq!(pinned.conflicts(), []);
        prop_assert_eq!(rest(&pinned), rest(&asked));
    }

    #[test]
    fn what_is_refused_is_what_would_have_to_give_way(asked in settings()) {
        let gives_way = Settings::private().contradicted_by(&asked).named().len();
        prop_assert_eq!(asked.private_conflicts().len(), gives_way);
    }

    #[test]
    fn no_words_of_its_own_get_out(title in "\\PC{1,40}", agenda in prop::option::of("\\PC{0,40}")) {
        let booking = booking(&title, agenda.as_deref());
        let spec = wanted_spec(&booking);
        prop_assert_eq!(spec.topic, TITLE);
        prop_assert_eq!(spec.agenda, agenda.as_ref().map(|_| String::new()));
        prop_assert_eq!(wanted(&booking, "Ana", true, 0).map(|it| it.title), Some(TITLE.to_owned()));
        prop_assert_eq!(booking.public_service(&title), TITLE);
        prop_assert_eq!(booking.public_reason(Some(&title)), None);

        let public = Booking { private: false, ..booking };
        let spec = wanted_spec(&public);
        prop_assert_eq!((&spec.topic, &spec.agenda), (&title, &agenda));
        prop_assert_eq!(public.public_service(&title), title.as_str());
        prop_assert_eq!(public.public_reason(Some(&title)), Some(title.as_str()));
    }
}

#[test]
fn each_member_that_a_private_session_cannot_have_is_named() {
    let asked = Settings {
        waiting_room: Some(false),
        passcode: Some(false),
        join_before_host: Some(true),
        recording: Some(Recording::Local),
        breakout_rooms: Some(vec![BreakoutRoom::default()]),
        ..Settings::default()
    };
    let conflicts = asked.private_conflicts();
    let members: Vec<&str> = conflicts.iter().map(|it| it.member()).collect();
    assert_eq!(
        members,
        ["waiting_room", "passcode", "join_before_host", "recording", "breakout_rooms"]
    );
    for conflict in conflicts {
        let words = conflict.to_string();
        assert!(words.starts_with("a private session "), "{words}");
        assert!(words.ends_with("switch the private mode of the service off"), "{words}");
    }
    assert_eq!(Settings::default().private_conflicts(), []);
    assert_eq!(Preset::Therapy.settings().private_conflicts(), []);
    assert_eq!(Preset::Minors.settings().private_conflicts(), []);
}

#[test]
fn breakout_rooms_where_there_must_be_none_are_a_breach() {
    let with =
        |rooms: Option<Vec<BreakoutRoom>>| Settings { breakout_rooms: rooms, ..<_>::default() };
    let some = || Some(vec![BreakoutRoom::default()]);
    assert_eq!(with(Some(Vec::new())).breaches(&with(some())), [Breach::BreakoutRooms]);
    for (asked, kept) in [
        (Some(Vec::new()), None),
        (Some(Vec::new()), Some(Vec::new())),
        (None, some()),
        (some(), some()),
    ] {
        assert_eq!(with(asked).breaches(&with(kept)), []);
    }
}
