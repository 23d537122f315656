//! The story of a booking's rooms: what was asked, what was called, and what came of it, as one
//! line of time.

use roomkey_core::route::Provider;
use roomkey_store::person::guest_names;
use roomkey_store::room;

use super::facts::Facts;
use super::happenings::{self, Around};
use super::{attempts, rooms};
use crate::pages::operator::booking::{Actor, StoryEntry, folded};
use crate::pages::pill::Tone;

/// The story, newest first.
pub(super) fn story(facts: &Facts) -> Vec<StoryEntry> {
    let booking = &facts.record.booking;
    let guests = guest_names(&facts.people);
    let around = Around {
        names: &facts.names,
        host: facts.names.get(&booking.host).map_or("The host", String::as_str),
        guests: &guests,
        zone: &facts.frame.zone,
        now: facts.frame.now,
    };
    let mut events: Vec<_> = facts.events.iter().collect();
    events.sort_by_key(|event| (event.at, event.seq));
    // At the same moment, a wish comes before the call, and the call before what came of it.
    let asked = events.iter().filter(|it| !it.kind.starts_with("meeting."));
    let seen = events.iter().filter(|it| it.kind.starts_with("meeting."));
    let mut story: Vec<StoryEntry> = Vec::new();
    story.extend(asked.filter_map(|it| happenings::entry(it, &around)));
    story.extend(facts.rooms.iter().filter_map(|it| opened(it, &facts.rooms)));
    story.extend(attempts::entries(&facts.attempts, &facts.rooms, facts.frame.now));
    story.extend(seen.filter_map(|it| happenings::entry(it, &around)));
    story.sort_by_key(|entry| entry.at);
    story.reverse();
    folded(story, &facts.frame.zone, facts.frame.now)
}

/// A room's beginning. A typed link is asked of nobody.
fn opened(record: &room::Record, all: &[room::Record]) -> Option<StoryEntry> {
    match record.room.place.provider {
        Provider::Zoom => Some(StoryEntry {
            at: record.room.opened_at,
            actor: Actor::Roomkey,
            sentence: format!(
                "Asked {} for room {}, held by {}.",
                record.room.place.provider.label(),
                rooms::number(all, record.room.id),
                record.room.place.user,
            ),
            tone: Tone::Plain,
            attempts: Vec::new(),
            is_try: true,
        }),
        Provider::Link => None,
    }
}
