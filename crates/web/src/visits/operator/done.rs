//! What came of a form, as the next page's address carries it: a code of ours, never words.

use serde::Deserialize;

use crate::pages::pill::Notice;

macro_rules! done {
    ($($name:ident = $code:literal, $words:literal;)*) => {
        /// What came of a form that went well.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Done { $($name,)* }

        impl Done {
            const ALL: &[Self] = &[$(Self::$name,)*];

            const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            const fn words(self) -> &'static str {
                match self { $(Self::$name => $words,)* }
            }
        }
    };
}

done! {
    Booked = "booked", "It is booked.";
    Confirmed = "confirmed", "The booking is confirmed. Its people are told.";
    Declined = "declined", "The booking is declined. Its people are told.";
    Cancelled = "cancelled", "The booking is cancelled. Its people are told.";
    Reopened = "reopened", "The booking takes place after all. Its people are told.";
    Completed = "completed", "The session took place.";
    NoShow = "no-show", "It is noted that somebody did not come.";
    Rescheduled = "rescheduled", "The session is moved. Its people are told, and the links stay the same.";
    Reassigned = "reassigned", "The session has another host. Its people are told.";
    Regenerated = "regenerated", "A new room is being made. The links stay the same.";
    Retried = "retried", "Roomkey tries again now.";
    Linked = "linked", "The door leads to this link.";
    Unlinked = "unlinked", "The link is taken away. The door leads to a room of its own again.";
    LinkReplaced = "link-replaced", "There is a new link. The old one says that it was replaced.";
    Connected = "connected", "It is connected, and it works.";
    Works = "works", "It works.";
    Refused = "refused", "It is kept, and it does not work yet. What is wrong stands below.";
    Untested = "untested", "It is kept, and could not be tested just now. Test it again in a moment.";
    Fails = "fails", "It does not work. What is wrong stands below.";
    Disabled = "disabled", "No new rooms are made with it until you switch it on.";
    Enabled = "enabled", "Rooms are made with it again.";
    Removed = "removed", "It is removed.";
    Saved = "saved", "Saved.";
    Added = "added", "Added.";
}

impl Done {
    /// The address of the page to see.
    pub(super) fn at(self, path: &str) -> String {
        format!("{path}?done={}", self.code())
    }

    fn notice(self) -> Notice {
        match self {
            Self::Fails | Self::Refused => Notice::stop(self.words()),
            Self::Untested => Notice::brass(self.words()),
            Self::Booked
            | Self::Confirmed
            | Self::Declined
            | Self::Cancelled
            | Self::Reopened
            | Self::Completed
            | Self::NoShow
            | Self::Rescheduled
            | Self::Reassigned
            | Self::Regenerated
            | Self::Retried
            | Self::Linked
            | Self::Unlinked
            | Self::LinkReplaced
            | Self::Connected
            | Self::Works
            | Self::Disabled
            | Self::Enabled
            | Self::Removed
            | Self::Saved
            | Self::Added => Notice::fine(self.words()),
        }
    }
}

/// The query of a page that one may be sent to.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct After {
    done: String,
}

impl After {
    /// What came of what the person just did. An unknown code says nothing.
    pub(super) fn notice(&self) -> Option<Notice> {
        Done::ALL.iter().find(|it| it.code() == self.done).map(|it| it.notice())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_carries_no_words() {
        for done in Done::ALL {
            let at = done.at("/operator");
            let code = at.trim_start_matches("/operator?done=").to_owned();
            assert!(code.chars().all(|it| it.is_ascii_lowercase() || it == '-'), "{at}");
            assert_eq!(After { done: code }.notice(), Some(done.notice()));
        }
        assert_eq!(After { done: "Your account is locked".to_owned() }.notice(), None);
    }
}
