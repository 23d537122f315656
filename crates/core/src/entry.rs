//! A calendar entry: the entry of a booking in one calendar.
//!
//! Like a room it changes only by facts, and [`State::after`] is total: any fact may arrive in any
//! state, late or twice. An entry carries Roomkey's link and never a vendor's, so no change of
//! room concerns it.

use serde::{Deserialize, Serialize};

/// Where an entry stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// To be written, or written anew.
    Pending,
    /// The calendar has it as it should be.
    Synced,
    /// The calendar would not take it; people were told, and it is still being tried.
    Failed,
    /// To be removed.
    Removing,
    /// It should be removed, and the account that wrote it is not there to do it.
    Stuck,
    /// It is not there.
    Gone,
}

/// What happened to an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fact {
    /// It should be otherwise than it is.
    Changed,
    /// The calendar has it.
    Written,
    /// Trying has gone on too long without success.
    GivenNotice,
    /// It should not be there.
    Unwanted,
    /// The calendar says that it is not there.
    Gone,
    /// The account that wrote it is not there.
    AccountMissing,
    /// The account that wrote it is back.
    AccountBack,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 6] =
        [Self::Pending, Self::Synced, Self::Failed, Self::Removing, Self::Stuck, Self::Gone];

    /// As the API and the database write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Synced => "synced",
            Self::Failed => "failed",
            Self::Removing => "removing",
            Self::Stuck => "stuck",
            Self::Gone => "gone",
        }
    }

    /// Where an entry stands after a fact. What is on its way out never comes back: a booking that
    /// needs an entry again gets a new one.
    #[must_use]
    pub const fn after(self, fact: Fact) -> Self {
        match (self, fact) {
            (Self::Gone, _) => Self::Gone,
            (Self::Pending | Self::Synced | Self::Failed, Fact::Changed) => Self::Pending,
            (Self::Pending | Self::Synced | Self::Failed, Fact::Written) => Self::Synced,
            (Self::Pending | Self::Failed, Fact::GivenNotice) => Self::Failed,
            (Self::Synced, Fact::GivenNotice) => Self::Synced,
            (Self::Pending | Self::Synced | Self::Failed, Fact::Unwanted) => Self::Removing,
            // Somebody removed it by hand: while it is wanted, it is written anew.
            (Self::Pending | Self::Synced | Self::Failed, Fact::Gone) => Self::Pending,
            (Self::Removing | Self::Stuck, Fact::Gone) => Self::Gone,
            (Self::Removing, Fact::AccountMissing) => Self::Stuck,
            (Self::Stuck, Fact::AccountBack) => Self::Removing,
            (
                Self::Removing,
                Fact::Changed
                | Fact::Written
                | Fact::GivenNotice
                | Fact::Unwanted
                | Fact::AccountBack,
            ) => Self::Removing,
            (
                Self::Stuck,
                Fact::Changed
                | Fact::Written
                | Fact::GivenNotice
                | Fact::Unwanted
                | Fact::AccountMissing,
            ) => Self::Stuck,
            (
                Self::Pending | Self::Synced | Self::Failed,
                Fact::AccountMissing | Fact::AccountBack,
            ) => self,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_on_its_way_out_never_comes_back() {
        let facts = [
            Fact::Changed,
            Fact::Written,
            Fact::GivenNotice,
            Fact::Unwanted,
            Fact::Gone,
            Fact::AccountMissing,
            Fact::AccountBack,
        ];
        for state in [State::Removing, State::Stuck, State::Gone] {
            for fact in facts {
                let next = state.after(fact);
                assert!(
                    matches!(next, State::Removing | State::Stuck | State::Gone),
                    "{state:?} came back by {fact:?} as {next:?}"
                );
            }
        }
    }
}
