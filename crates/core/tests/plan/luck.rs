//! What becomes of one call.

use proptest::prelude::*;
use roomkey_core::failure::Reason;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Luck {
    Answered,
    Refused,
    Throttled,
    /// The credentials are no good any longer.
    NeedsPerson,
    AnswerLost,
    /// No answer, and the effect comes as late as it may be waited for.
    EffectLate,
    /// No answer, and the effect comes when nobody waits for it any more.
    EffectVeryLate,
    Killed,
    KilledAfterEffect,
    KilledEffectLate,
    /// The vendor says for a moment that a room is gone which is there.
    SaysGone,
}

impl Luck {
    /// Whether the outcome is written down.
    pub(crate) fn is_recorded(self) -> bool {
        !matches!(self, Self::Killed | Self::KilledAfterEffect | Self::KilledEffectLate)
    }

    /// A link has no vendor who could fail; whoever writes down what it says can be killed.
    pub(crate) fn of_a_link(self) -> Self {
        if self.is_recorded() { Self::Answered } else { self }
    }
}

pub(crate) fn luck() -> impl Strategy<Value = Luck> {
    prop_oneof![
        6 => Just(Luck::Answered),
        1 => Just(Luck::Refused),
        1 => Just(Luck::Throttled),
        1 => Just(Luck::NeedsPerson),
        1 => Just(Luck::AnswerLost),
        1 => Just(Luck::EffectLate),
        1 => Just(Luck::EffectVeryLate),
        1 => Just(Luck::Killed),
        1 => Just(Luck::KilledAfterEffect),
        1 => Just(Luck::KilledEffectLate),
        1 => Just(Luck::SaysGone),
    ]
}

pub(crate) fn oops() -> Reason {
    Reason::new("test", "The vendor had a bad day.")
}
