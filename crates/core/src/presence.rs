//! Whether there are people in a room, as the vendor says: by readings and by events.
//!
//! Events come late, twice, and in any order, and readings lie between them. So nothing is decided
//! when a word comes: what was said is kept, per instance of the room, and joined. The same words
//! come to the same in whatever order they arrive.
//!
//! A room is opened and left any number of times, each time as another instance. One instance runs
//! at a time, so that the one which began last is the one that matters; and that an instance is over
//! says nothing of a later one.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::booking::DoorTimes;
use crate::room::{Room, Seen};
use crate::time::Instant;

/// How far a vendor's clock may be from ours when a reading and an event are compared.
const SKEW: Duration = Duration::from_secs(5);

/// Instances that are kept; older ones say nothing any more.
const INSTANCES: usize = 8;

/// What the vendor has said of the people in a room.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Presence {
    /// By instance, in the order of their names.
    spells: Vec<Spell>,
    /// When a reading last found nobody.
    empty_at: Option<Instant>,
}

/// What was said of one instance.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Spell {
    /// The vendor's name for it; none for words that named none.
    instance: Option<String>,
    /// When somebody was first said to be inside.
    first: Option<Instant>,
    /// When somebody was last said to be inside.
    last: Option<Instant>,
    /// When everybody was said to have left.
    over: Option<Instant>,
}

impl Spell {
    /// When it began, as far as is known. Words without a name are about whichever instance ran
    /// when they were said.
    fn began(&self) -> Option<Instant> {
        if self.instance.is_some() { self.first } else { self.last }
    }

    /// The latest word on it.
    fn latest(&self) -> Option<Instant> {
        self.last.max(self.over)
    }
}

impl Presence {
    /// Takes in a reading.
    pub fn read(&mut self, seen: &Seen) {
        match seen.occupied {
            Some(true) => self.inside(seen.instance.as_deref(), seen.at),
            Some(false) => self.empty_at = self.empty_at.max(Some(seen.at)),
            None => {}
        }
    }

    fn inside(&mut self, instance: Option<&str>, at: Instant) {
        let spell = self.spell(instance);
        spell.first = Some(spell.first.map_or(at, |first| first.min(at)));
        spell.last = spell.last.max(Some(at));
        self.forget();
    }

    fn over(&mut self, instance: Option<&str>, at: Instant) {
        let spell = self.spell(instance);
        spell.over = spell.over.max(Some(at));
        self.forget();
    }

    fn spell(&mut self, instance: Option<&str>) -> &mut Spell {
        let found = self.spells.binary_search_by(|it| it.instance.as_deref().cmp(&instance));
        let index = found.unwrap_or_else(|index| {
            let instance = instance.map(str::to_owned);
            self.spells.insert(index, Spell { instance, ..Spell::default() });
            index
        });
        &mut self.spells[index]
    }

    /// The instances of which nothing was said for longest matter no more.
    fn forget(&mut self) {
        while self.spells.len() > INSTANCES {
            let oldest = (0..self.spells.len()).min_by_key(|index| self.spells[*index].latest());
            oldest.map(|index| self.spells.remove(index));
        }
    }

    /// The instance that began last.
    fn newest(&self) -> Option<&Spell> {
        self.spells.iter().filter(|it| it.began().is_some()).max_by_key(|it| it.began())
    }

    fn last_over(&self) -> Option<Instant> {
        self.spells.iter().filter_map(|it| it.over).max()
    }

    /// Whether the vendor said that the people of an instance have left. A named instance that is
    /// over is over for good.
    fn is_over(&self, spell: &Spell) -> bool {
        match spell.instance {
            Some(_) => spell.over.is_some(),
            None => self.last_over() >= spell.last,
        }
    }

    /// Whether there are people in it, as far as is known.
    #[must_use]
    pub fn is_occupied(&self) -> bool {
        self.newest().is_some_and(|spell| {
            let found_empty =
                self.empty_at.is_some_and(|at| spell.last.is_none_or(|last| at > last.plus(SKEW)));
            !self.is_over(spell) && !found_empty
        })
    }

    /// When people were last known to be in it or to leave it, if they ever were there.
    #[must_use]
    pub fn met_at(&self) -> Option<Instant> {
        self.spells.iter().filter_map(Spell::latest).max()
    }

    /// When everybody was known to have left, if people were there and are no longer.
    #[must_use]
    pub fn left_at(&self) -> Option<Instant> {
        if self.is_occupied() || self.spells.is_empty() {
            return None;
        }
        match self.newest() {
            Some(spell) if !self.is_over(spell) => self.empty_at,
            Some(_) | None => self.last_over(),
        }
    }
}

impl DoorTimes {
    /// How long after the last person has left the door stays open: they may come back.
    pub const AFTER_EMPTY: Duration = Duration::from_secs(10 * 60);
    /// How long after the end the last word that everybody has left is believed to be the last.
    pub const GRACE: Duration = Duration::from_secs(10 * 60);
    /// How long after the end the door closes whatever the vendor says, or no longer says.
    pub const AT_THE_LATEST: Duration = Duration::from_secs(24 * 60 * 60);

    /// When the door of a room closes after a session that ends at `end`, as far as is known now.
    #[must_use]
    pub fn closes(end: Instant, presence: Option<&Presence>) -> Instant {
        let usual = end.plus(Self::AFTER_END);
        let last = end.plus(Self::AT_THE_LATEST);
        match presence {
            Some(presence) if presence.is_occupied() => last,
            Some(presence) => Self::closes_after(end, presence.left_at()),
            None => usual,
        }
    }

    /// The same, of a room that everybody has left, or is taken to have.
    #[must_use]
    pub fn closes_after(end: Instant, left: Option<Instant>) -> Instant {
        let usual = end.plus(Self::AFTER_END);
        left.map_or(usual, |left| usual.max(left.plus(Self::AFTER_EMPTY)))
            .min(end.plus(Self::AT_THE_LATEST))
    }
}

impl Room {
    /// The vendor told that at this time somebody was inside an instance of the room, or nobody any
    /// longer. Whether that says anything new.
    pub fn hear(
        &mut self,
        instance: Option<&str>,
        occupied: bool,
        at: Instant,
        now: Instant,
    ) -> bool {
        let (at, before) = (at.min(now), self.presence.clone());
        let instance = instance.filter(|it| !it.is_empty());
        if occupied {
            self.presence.inside(instance, at);
        } else {
            self.presence.over(instance, at);
        }
        self.presence != before
    }

    /// The vendor told that at this time something about the room was changed. It is not believed:
    /// the room is to be read, unless a reading was begun since. Whether it is.
    pub fn doubt(&mut self, at: Instant, now: Instant) -> bool {
        let at = at.min(now);
        let read_since = self.seen.as_ref().is_some_and(|seen| seen.at > at.plus(SKEW));
        if read_since || !self.state.has_door() || self.read_due.is_some_and(|due| due >= at) {
            return false;
        }
        // One that is under way may have been too early, by what the clocks differ.
        self.read_due = Some(now);
        true
    }

    /// Whether there are people in it, as far as is known.
    #[must_use]
    pub fn is_occupied(&self) -> bool {
        self.presence.is_occupied()
    }
}

#[cfg(test)]
mod tests;
