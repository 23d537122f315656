//! Reading what is asked of a booking from a request's body.

use roomkey_core::booking::Mode;
use roomkey_core::route::{Provider, RouteOption};
use roomkey_core::settings::{Audio, BreakoutRoom, Recording, Settings};
use serde_json::{Map, Value};

use super::members::Members;
use crate::desk::{Asked, GuestAsked, Notify, Standing, check};

/// Members that only the server writes: accepted and ignored, so that what was read can be sent.
const WRITTEN: &[&str] = &[
    "id",
    "awaiting",
    "agenda",
    "private",
    "version",
    "seq",
    "host_link",
    "meeting",
    "calendar",
    "payment",
    "cancel_reason",
    "created_at",
    "updated_at",
];
const PROVIDERS: &[(&str, Provider)] = &[("zoom", Provider::Zoom), ("link", Provider::Link)];
const AUDIO: &[(&str, Audio)] =
    &[("both", Audio::Both), ("telephony", Audio::Telephony), ("voip", Audio::Voip)];
const RECORDING: &[(&str, Recording)] =
    &[("none", Recording::None), ("local", Recording::Local), ("cloud", Recording::Cloud)];
/// `zoom` and `link` are the providers that there are, and neither has more than one kind of room.
const NO_MODES: &str = "is for providers with more than one kind of room: `google` (`event` or `space`), which is not there yet; leave it out for `zoom` and `link`";
pub(crate) const MODES: &[(&str, Mode)] =
    &[("online", Mode::Online), ("phone", Mode::Phone), ("in_person", Mode::InPerson)];

/// What a body asks for, and who is to be told.
pub(crate) type Wanted = (Asked, Option<Notify>);

/// A whole booking: what is left out is as if it were null. What cannot be read is noted in it, so
/// that it is told together with what makes no sense.
pub(crate) fn whole(body: &Map<String, Value>) -> Wanted {
    let (mut asked, notify) = read(body, true);
    asked.external_id.get_or_insert(None);
    asked.end.get_or_insert(None);
    asked.time_zone.get_or_insert(None);
    asked.title.get_or_insert(None);
    asked.mode.get_or_insert(None);
    asked.notes.get_or_insert(None);
    asked.route.get_or_insert(None);
    asked.settings.get_or_insert(None);
    asked.metadata.get_or_insert_default();
    (asked, notify)
}

/// Parts of a booking: what is left out stays.
pub(crate) fn part(body: &Map<String, Value>) -> Wanted {
    read(body, false)
}

fn read(body: &Map<String, Value>, is_whole: bool) -> Wanted {
    let mut members = Members::new(body, "");
    for name in ["service", "host", "start", "guests"] {
        members.needed(name, is_whole);
    }
    let mut asked = Asked {
        external_id: members.text("external_id"),
        service: members.parsed("service").flatten(),
        host: members.parsed("host").flatten(),
        status: members.word("status", &standings()).flatten(),
        start: members.parsed("start").flatten(),
        end: members.parsed("end"),
        time_zone: members.parsed("time_zone"),
        title: members.text("title"),
        mode: members.word("mode", MODES),
        notes: members.text("notes"),
        route: route(&mut members),
        settings: settings(&mut members),
        metadata: members.object("metadata").map(|it| it.cloned().unwrap_or_default()),
        guests: guests(&mut members),
        unread: Vec::new(),
    };
    let notify = notify(&mut members);
    asked.unread = members.end(WRITTEN);
    (asked, notify)
}

fn standings() -> Vec<(&'static str, Standing)> {
    ["pending", "confirmed", "in_progress", "completed", "cancelled", "no_show"]
        .into_iter()
        .filter_map(|word| Standing::from_code(word).map(|it| (word, it)))
        .collect()
}

/// `notify`, which every changing call takes.
pub(crate) fn notify(members: &mut Members<'_>) -> Option<Notify> {
    let words: Vec<_> = Notify::ALL.into_iter().map(|it| (it.as_str(), it)).collect();
    members.word("notify", &words).flatten()
}

/// `route`, wherever it stands.
pub(crate) fn route(members: &mut Members<'_>) -> Option<Option<Vec<RouteOption>>> {
    route_at(members, "route")
}

/// A route under any name.
pub(crate) fn route_at(
    members: &mut Members<'_>,
    name: &'static str,
) -> Option<Option<Vec<RouteOption>>> {
    let Some(options) = members.each(name, &[], option)? else { return Some(None) };
    let at = members.pointer(name);
    let whole: Option<Vec<RouteOption>> = options.iter().cloned().collect();
    if whole.is_none() {
        // Nobody checks a route that has holes: what can be read of it is checked here.
        for (place, option) in options.iter().enumerate() {
            members.also(option.iter().flat_map(|it| check::option(it, &at, place)).collect());
        }
        members.also(check::route_length(options.len(), &at));
    }
    whole.map(Some)
}

/// One option of a route; nothing if it is not known whose room it is.
fn option(members: &mut Members<'_>) -> Option<RouteOption> {
    members.needed("use", true);
    members.needed("provider", true);
    let uses = members.parsed("use").flatten();
    let provider = members.word("provider", PROVIDERS).flatten();
    let url = members.text("url").flatten();
    let passcode = members.text("passcode").flatten();
    let on_not_connected = members.flag_or_null("on_not_connected").flatten();
    let on_reconnect_needed = members.flag_or_null("on_reconnect_needed").flatten();
    let after_failures = members.number_or_null("after_failures", 0, u32::MAX.into()).flatten();
    let before_start = members.duration("before_start").flatten();
    if members.value("mode").is_some_and(|it| !it.is_null()) {
        members.fault("mode", "conflict", NO_MODES);
    }
    Some(RouteOption {
        uses: uses?,
        provider: provider?,
        url,
        passcode,
        on_not_connected: on_not_connected.unwrap_or_default(),
        on_reconnect_needed: on_reconnect_needed.unwrap_or_default(),
        after_failures: after_failures.and_then(|it| it.try_into().ok()),
        before_start,
    })
}

/// `settings`, wherever they stand. A member that is null is left to the account.
pub(crate) fn settings(members: &mut Members<'_>) -> Option<Option<Settings>> {
    let Some(map) = members.object("settings")? else { return Some(None) };
    let mut one = Members::new(map, members.pointer("settings"));
    let settings = Settings {
        waiting_room: one.flag_or_null("waiting_room").flatten(),
        passcode: one.flag_or_null("passcode").flatten(),
        join_before_host: one.flag_or_null("join_before_host").flatten(),
        mute_on_entry: one.flag_or_null("mute_on_entry").flatten(),
        host_video: one.flag_or_null("host_video").flatten(),
        guest_video: one.flag_or_null("guest_video").flatten(),
        audio: one.word("audio", AUDIO).flatten(),
        recording: one.word("recording", RECORDING).flatten(),
        e2ee: one.flag_or_null("e2ee").flatten(),
        alternative_hosts: one.texts("alternative_hosts").flatten(),
        breakout_rooms: one.each("breakout_rooms", &[], breakout_room).flatten(),
    };
    members.extend(one.end(&[]));
    Some(Some(settings))
}

fn breakout_room(members: &mut Members<'_>) -> BreakoutRoom {
    BreakoutRoom {
        name: members.text("name").flatten().unwrap_or_default(),
        participants: members.texts("participants").flatten().unwrap_or_default(),
    }
}

fn guests(members: &mut Members<'_>) -> Option<Vec<GuestAsked>> {
    members.each("guests", &["link"], |one| guest(one, true)).flatten()
}

/// One guest's members.
pub(crate) fn guest(members: &mut Members<'_>, is_whole: bool) -> GuestAsked {
    members.needed("name", is_whole);
    GuestAsked {
        id: members.parsed("id").flatten(),
        external_id: members.text("external_id").flatten(),
        name: members.text("name").flatten().unwrap_or_default(),
        email: members.text("email").flatten().map(|it| it.trim().to_owned()),
        phone: members.text("phone").flatten(),
        time_zone: members.parsed("time_zone").flatten(),
        locale: members.text("locale").flatten(),
    }
}
