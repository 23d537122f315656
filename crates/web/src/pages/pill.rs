//! A state as people see it: word, drawing and colour together, never colour alone.

use std::borrow::Cow;

use askama::Template;

use super::icon::Icon;

/// What a colour means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Ready, done.
    Fine,
    /// Soon; wants attention and is no error.
    Brass,
    /// Failed, destructive.
    Stop,
    /// Neither good nor bad.
    Plain,
    /// Taking place.
    Key,
}

impl Tone {
    /// The end of its class's name.
    #[must_use]
    pub const fn class(self) -> &'static str {
        match self {
            Self::Fine => "fine",
            Self::Brass => "brass",
            Self::Stop => "stop",
            Self::Plain => "plain",
            Self::Key => "key",
        }
    }

    /// The drawing that goes with it where nothing better does.
    #[must_use]
    pub const fn icon(self) -> Icon {
        match self {
            Self::Fine => Icon::Check,
            Self::Brass => Icon::Clock,
            Self::Stop => Icon::Warn,
            Self::Plain => Icon::Off,
            Self::Key => Icon::Live,
        }
    }
}

/// A state's pill.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "parts/pill.html")]
pub struct Pill {
    /// What the state means.
    pub tone: Tone,
    /// Its drawing.
    pub icon: Icon,
    /// Its word.
    pub words: Cow<'static, str>,
}

impl Pill {
    /// A pill.
    #[must_use]
    pub fn new(tone: Tone, icon: Icon, words: impl Into<Cow<'static, str>>) -> Self {
        Self { tone, icon, words: words.into() }
    }
}

impl askama::filters::HtmlSafe for Pill {}

/// A sentence that stands out: what is, then what to do, and the button for it.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "parts/notice.html")]
pub struct Notice {
    /// What it means.
    pub tone: Tone,
    /// What is, then what to do.
    pub words: String,
    /// The button's words and where it leads.
    pub action: Option<Action>,
}

impl Notice {
    /// Something went well.
    #[must_use]
    pub fn fine(words: impl Into<String>) -> Self {
        Self { tone: Tone::Fine, words: words.into(), action: None }
    }

    /// Something did not.
    #[must_use]
    pub fn stop(words: impl Into<String>) -> Self {
        Self { tone: Tone::Stop, words: words.into(), action: None }
    }

    /// Something wants attention.
    #[must_use]
    pub fn brass(words: impl Into<String>) -> Self {
        Self { tone: Tone::Brass, words: words.into(), action: None }
    }

    /// With a button.
    #[must_use]
    pub fn with_action(mut self, action: Option<Action>) -> Self {
        self.action = action;
        self
    }
}

impl askama::filters::HtmlSafe for Notice {}

/// A button that leads somewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// Its words.
    pub words: String,
    /// Where it leads.
    pub href: String,
}

impl Action {
    /// A button.
    #[must_use]
    pub fn new(words: impl Into<String>, href: impl Into<String>) -> Self {
        Self { words: words.into(), href: href.into() }
    }

    /// The button of a reason, if a person can mend it. Only a path of our own or a secure
    /// address becomes one.
    #[must_use]
    pub fn of(reason: &roomkey_core::failure::Reason) -> Option<Self> {
        let href = reason.action_url.as_deref()?;
        let safe =
            (href.starts_with('/') && !href.starts_with("//")) || href.starts_with("https://");
        safe.then(|| Self::new(reason.action.as_deref().unwrap_or("Mend it"), href))
    }
}
