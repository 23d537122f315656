//! One thing that is wrong, however many sessions it is wrong for.

use askama::Template;

use crate::pages::icon::Icon;
use crate::pages::pill::{Action, Tone};

/// One thing that is wrong, however many sessions it is wrong for, and the button that mends it.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "parts/cause.html")]
pub struct Cause {
    /// Tells it from others on the same page.
    pub id: String,
    /// What it means.
    pub tone: Tone,
    /// How many sessions it concerns.
    pub count: u64,
    /// What they are: "sessions have no room".
    pub of_what: String,
    /// What is, then what to do.
    pub words: String,
    /// When the soonest of them begins, in words.
    pub soonest: Option<String>,
    /// Which ones, or whose, where each is to be mended by itself.
    pub lines: Vec<CauseLine>,
    /// The button that mends all of them.
    pub action: Option<Action>,
    /// Where they are listed.
    pub list: Action,
}

/// One of several that a cause concerns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CauseLine {
    /// Its name.
    pub words: String,
    /// What else tells it from others.
    pub more: String,
    /// Where it is mended.
    pub href: Option<String>,
}

/// So many are shown; the rest is folded.
const SHOWN: usize = 5;

impl Cause {
    fn icon(&self) -> Icon {
        self.tone.icon()
    }

    fn first_lines(&self) -> &[CauseLine] {
        self.lines.get(..SHOWN).unwrap_or(&self.lines)
    }

    fn other_lines(&self) -> &[CauseLine] {
        self.lines.get(SHOWN..).unwrap_or_default()
    }
}

impl askama::filters::HtmlSafe for Cause {}
