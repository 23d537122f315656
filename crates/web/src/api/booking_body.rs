//! Reading what is asked of a booking from a request's body.

use roomkey_core::booking::Mode;
use roomkey_core::route::RouteOption;
use roomkey_core::settings::Settings;
use serde_json::{Map, Value};

use super::members::Members;
use crate::desk::{Asked, GuestAsked, Notify, Standing};
use crate::error::Fault;

/// Members that only the server writes: accepted and ignored, so that what was read can be sent.
const WRITTEN: &[&str] = &[
    "id",
    "awaiting",
    "agenda",
    "version",
    "seq",
    "host_link",
    "meeting",
    "calendar",
    "cancel_reason",
    "created_at",
    "updated_at",
];
const ROUTE: &[&str] = &[
    "use",
    "provider",
    "url",
    "passcode",
    "on_not_connected",
    "on_reconnect_needed",
    "after_failures",
    "before_start",
];
/// `zoom` and `link` are the providers that there are, and neither has more than one kind of room.
const NO_MODES: &str = "is for providers with more than one kind of room: `google` (`event` or `space`), which is not there yet; leave it out for `zoom` and `link`";
const SETTINGS: &[&str] = &[
    "waiting_room",
    "passcode",
    "join_before_host",
    "mute_on_entry",
    "host_video",
    "guest_video",
    "audio",
    "recording",
    "e2ee",
    "alternative_hosts",
    "breakout_rooms",
];
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
    let Some(list) = members.list(name)? else { return Some(None) };
    let at = members.pointer(name);
    for (place, option) in list.iter().enumerate() {
        if option.get("mode").is_some_and(|mode| !mode.is_null()) {
            let at = format!("{at}/{place}/mode");
            members.extend(vec![Fault::new(at, "conflict", NO_MODES)]);
        }
    }
    let options: Vec<_> = list
        .iter()
        .enumerate()
        .filter_map(|(place, option)| {
            let mut option = option.clone();
            if let Some(members) = option.as_object_mut() {
                members.remove("mode");
            }
            members.shaped(&option, &format!("{at}/{place}"), ROUTE)
        })
        .collect();
    (options.len() == list.len()).then_some(Some(options))
}

/// `settings`, wherever they stand.
pub(crate) fn settings(members: &mut Members<'_>) -> Option<Option<Settings>> {
    let value = members.value("settings")?;
    if value.is_null() {
        return Some(None);
    }
    let at = members.pointer("settings");
    members.shaped(value, &at, SETTINGS).map(Some)
}

fn guests(members: &mut Members<'_>) -> Option<Vec<GuestAsked>> {
    let list = members.list("guests")??;
    let at = members.pointer("guests");
    let mut guests = Vec::new();
    for (place, value) in list.iter().enumerate() {
        let at = format!("{at}/{place}");
        let Some(map) = value.as_object() else {
            members.extend(vec![Fault::new(at, "invalid", "must be an object")]);
            // The others keep their places.
            guests.push(GuestAsked::default());
            continue;
        };
        let mut one = Members::new(map, at);
        guests.push(guest(&mut one, true));
        members.extend(one.end(&["link"]));
    }
    Some(guests)
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
