//! What has been put off: effects whose answer has long been given.

use jiff::Timestamp;

use crate::mailbox::Envelope;
use crate::message::Asked;

/// Something to be done when its time has come.
#[derive(Debug)]
pub(crate) struct Postponed {
    pub(crate) due: Timestamp,
    pub(crate) what: Effect,
}

#[derive(Debug)]
pub(crate) enum Effect {
    /// Carry out a vendor call.
    Call(Asked),
    /// Put a mail into the mailbox.
    Mail(Envelope),
}

/// Postponed effects in the order in which they fall due.
#[derive(Debug, Default)]
pub(crate) struct Later(Vec<Postponed>);

impl Later {
    pub(crate) fn put_off(&mut self, due: Timestamp, what: Effect) {
        let place = self.0.partition_point(|other| other.due <= due);
        self.0.insert(place, Postponed { due, what });
    }

    /// The next effect that is due, if any; it is taken out.
    pub(crate) fn take_due(&mut self, now: Timestamp) -> Option<Postponed> {
        let is_due = self.0.first().is_some_and(|first| first.due <= now);
        is_due.then(|| self.0.remove(0))
    }

    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        self.0.first().map(|first| first.due)
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}
