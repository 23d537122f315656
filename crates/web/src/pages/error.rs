//! A request that cannot be answered, in words. A fault of ours reveals nothing but a reference.

use askama::Template;

use super::pill::{Action, Tone};

/// A request that cannot be answered.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "error.html")]
pub struct ErrorPage {
    /// The answer's HTTP status; it is not shown.
    pub status: u16,
    /// What is.
    pub heading: String,
    /// What to do.
    pub words: String,
    /// Where to go from here.
    pub action: Option<Action>,
    /// What to tell whoever looks after this installation.
    pub reference: Option<String>,
}

impl ErrorPage {
    /// A problem in words: what is, then what to do.
    #[must_use]
    pub fn problem(status: u16, heading: impl Into<String>, words: impl Into<String>) -> Self {
        Self { status, heading: heading.into(), words: words.into(), action: None, reference: None }
    }

    /// 404
    #[must_use]
    pub fn not_found() -> Self {
        Self::problem(
            404,
            "There is nothing here.",
            "The address may be mistyped or cut off. If it came in a mail, open it from there, or copy all of it.",
        )
    }

    /// 410
    #[must_use]
    pub fn gone() -> Self {
        Self::problem(
            410,
            "This is no longer here.",
            "The session was long ago, and its page was removed. Ask the practice if you need something from it.",
        )
    }

    /// 403: the form's token is not the session's.
    #[must_use]
    pub fn form_expired() -> Self {
        Self::problem(
            403,
            "This form has run out.",
            "It was open for too long, or you signed in again elsewhere. Go back, load the page again, and send it once more.",
        )
    }

    /// 429
    #[must_use]
    pub fn too_many() -> Self {
        Self::problem(429, "That was too often.", "Wait for a minute, then try again.")
    }

    /// 500: reveals nothing.
    #[must_use]
    pub fn fault(reference: impl Into<String>) -> Self {
        Self {
            reference: Some(reference.into()),
            ..Self::problem(
                500,
                "Something went wrong on our side.",
                "Nothing was lost. Try again in a moment. If it stays, tell the practice this reference.",
            )
        }
    }

    /// With a way on.
    #[must_use]
    pub fn with_action(mut self, action: Action) -> Self {
        self.action = Some(action);
        self
    }
}
