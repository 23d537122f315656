//! Whether there are people in a room, as the vendor says: by readings and by events, whichever
//! was the later word, in whatever order they come.

use std::time::Duration;

use crate::booking::DoorTimes;
use crate::room::{Room, Seen};
use crate::time::Instant;

/// How far a vendor's clock may be behind ours when a reading and an event are compared.
const SKEW: Duration = Duration::from_secs(5);

impl DoorTimes {
    /// How long after the last person has left the door stays open: they may come back.
    pub const AFTER_EMPTY: Duration = Duration::from_secs(10 * 60);
    /// How long after the end the last word that everybody has left is believed to be the last.
    pub const GRACE: Duration = Duration::from_secs(10 * 60);
    /// How long after the end the door closes whatever the vendor says, or no longer says.
    pub const AT_THE_LATEST: Duration = Duration::from_secs(24 * 60 * 60);

    /// When the door of a room closes after a session that ends at `end`, as far as is known now.
    #[must_use]
    pub fn closes(end: Instant, room: Option<&Seen>) -> Instant {
        let usual = end.plus(Self::AFTER_END);
        let last = end.plus(Self::AT_THE_LATEST);
        match room {
            Some(seen) if seen.occupied => last,
            Some(seen) => seen
                .presence_at
                .map_or(usual, |left| usual.max(left.plus(Self::AFTER_EMPTY)))
                .min(last),
            None => usual,
        }
    }
}

impl Seen {
    /// This reading, where another word on the people in the room is the later one, with that word.
    pub(crate) fn after(mut self, before: Option<&Self>) -> Self {
        let heard = before.and_then(|it| it.presence_at);
        match before {
            Some(before) if heard.is_some_and(|heard| heard > self.at) => {
                self.occupied = before.occupied;
                self.presence_at = heard;
            }
            Some(before) if before.occupied == self.occupied => self.presence_at = heard,
            None if !self.occupied => self.presence_at = None,
            Some(_) | None => self.presence_at = Some(self.at),
        }
        self
    }
}

impl Room {
    /// The vendor told that at this time somebody was inside, or nobody any longer. What it had
    /// told or answered of a later time holds. Whether anything is different now.
    pub fn hear(&mut self, occupied: bool, at: Instant, now: Instant) -> bool {
        let at = at.min(now);
        let seen = self.seen.get_or_insert_with(|| Seen::at(self.opened_at));
        if seen.presence_at.is_some_and(|heard| heard > at) || seen.at > at.plus(SKEW) {
            return false;
        }
        if seen.occupied == occupied && occupied && seen.presence_at.is_some() {
            return false;
        }
        let changed = seen.occupied != occupied || seen.presence_at != Some(at);
        seen.occupied = occupied;
        seen.presence_at = Some(at);
        changed
    }

    /// The vendor told that at this time something about the room was changed. It is not believed:
    /// the room is to be read, unless a reading was begun since. Whether it is.
    pub fn doubt(&mut self, at: Instant, now: Instant) -> bool {
        let at = at.min(now);
        let read_since = self.seen.as_ref().is_some_and(|seen| seen.at >= at);
        if read_since || !self.state.has_door() || self.read_due.is_some_and(|due| due >= at) {
            return false;
        }
        self.read_due = Some(at);
        true
    }

    /// When people were last known to come or to have left, if they ever were there.
    #[must_use]
    pub fn presence_at(&self) -> Option<Instant> {
        self.seen.as_ref().and_then(|seen| seen.presence_at)
    }

    /// Whether there are people in it, as far as is known.
    #[must_use]
    pub fn is_occupied(&self) -> bool {
        self.seen.as_ref().is_some_and(|seen| seen.occupied)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Instant {
        Instant::from_micros(1_800_000_000_000_000).plus(Duration::from_secs(seconds))
    }

    fn reading(seconds: u64, occupied: bool) -> Seen {
        Seen { occupied, ..Seen::at(at(seconds)) }
    }

    #[test]
    fn the_later_word_holds() {
        let first = reading(0, false).after(None);
        assert_eq!(first.presence_at, None, "nobody was ever there");
        let came = Seen { occupied: true, presence_at: Some(at(60)), ..first.clone() };
        let older = reading(30, false).after(Some(&came));
        assert_eq!((older.occupied, older.presence_at), (true, Some(at(60))));
        let newer = reading(90, false).after(Some(&came));
        assert_eq!((newer.occupied, newer.presence_at), (false, Some(at(90))));
        let same = reading(90, true).after(Some(&came));
        assert_eq!((same.occupied, same.presence_at), (true, Some(at(60))));
    }

    #[test]
    fn a_door_closes_an_hour_after_the_end_or_when_they_have_left_or_after_a_day() {
        let end = at(0);
        assert_eq!(DoorTimes::closes(end, None), at(3_600));
        assert_eq!(DoorTimes::closes(end, Some(&reading(0, true))), at(86_400));
        let left = |seconds| Seen { presence_at: Some(at(seconds)), ..reading(0, false) };
        assert_eq!(DoorTimes::closes(end, Some(&left(100))), at(3_600));
        assert_eq!(DoorTimes::closes(end, Some(&left(3_500))), at(4_100));
        assert_eq!(DoorTimes::closes(end, Some(&left(86_300))), at(86_400));
    }
}
