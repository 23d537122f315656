//! When a vendor was last heard of a room, and since when it has not answered.

use crate::failure::Failure;
use crate::room::Room;
use crate::time::Instant;

impl Room {
    /// A reading came to nothing. Being put off is no silence: the vendor will answer.
    pub(crate) fn not_heard(&mut self, failure: &Failure, now: Instant) {
        if matches!(failure, Failure::Throttled { .. } | Failure::Gone) {
            return;
        }
        let since = self.unanswered_since().unwrap_or(now);
        if let Some(seen) = &mut self.seen {
            seen.unanswered_since = Some(since);
        }
    }

    /// Since when readings of it were not answered, unless the vendor has spoken of its people
    /// since.
    #[must_use]
    pub fn unanswered_since(&self) -> Option<Instant> {
        let since = self.seen.as_ref()?.unanswered_since?;
        Some(since).filter(|since| self.presence.met_at().is_none_or(|told| told <= *since))
    }

    /// When the vendor last said anything of it.
    #[must_use]
    pub fn heard_at(&self) -> Instant {
        let read = self.seen.as_ref().map_or(self.opened_at, |seen| seen.at);
        self.presence.met_at().map_or(read, |told| read.max(told))
    }
}
