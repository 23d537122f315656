//! Fields of forms: label above, help below, the error in the place of the help, nothing lost.
//!
//! A handler reads a form into its `…Values`, checks them, and on a fault hands the same values
//! back with [`Errors`]; the page shows them as they were typed and focuses the first fault.

use std::borrow::Cow;
use std::collections::BTreeMap;

use askama::Template;

use super::icon::Icon;

/// What is wrong with a form, in words, by field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Errors {
    whole: Option<String>,
    fields: BTreeMap<String, String>,
}

impl Errors {
    /// Nothing is wrong.
    pub const NONE: Self = Self { whole: None, fields: BTreeMap::new() };

    /// Nothing is wrong.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// One more fault of a field; the first one told stands.
    #[must_use]
    pub fn with(mut self, field: &str, words: impl Into<String>) -> Self {
        self.add(field, words);
        self
    }

    /// One more fault of a field; the first one told stands.
    pub fn add(&mut self, field: &str, words: impl Into<String>) {
        self.fields.entry(field.to_owned()).or_insert_with(|| words.into());
    }

    /// A fault of the form as a whole.
    #[must_use]
    pub fn of_the_whole(words: impl Into<String>) -> Self {
        Self { whole: Some(words.into()), fields: BTreeMap::new() }
    }

    /// The fault of the whole.
    #[must_use]
    pub fn whole(&self) -> Option<&str> {
        self.whole.as_deref()
    }

    /// The fault of a field.
    #[must_use]
    pub fn of(&self, field: &str) -> Option<&str> {
        self.fields.get(field).map(String::as_str)
    }

    /// Whether all is well.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.whole.is_none() && self.fields.is_empty()
    }
}

/// One thing to choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What is read.
    pub words: String,
}

impl Choice {
    /// One thing to choose.
    #[must_use]
    pub fn new(value: impl Into<String>, words: impl Into<String>) -> Self {
        Self { value: value.into(), words: words.into() }
    }
}

/// How a field is filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Control {
    /// One line; the input's type, and what a browser may fill in.
    Line {
        /// `text`, `email`, `date`, `time`, `number`, `password`, `url`, `tel`.
        kind: &'static str,
        /// Suggestions by the id of a `datalist`.
        list: Option<&'static str>,
    },
    /// Several lines.
    Lines,
    /// One of these.
    Choice(Vec<Choice>),
    /// Yes or no: sent as `on`, or not at all.
    Tick,
}

/// One field.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "parts/field.html")]
pub struct Field {
    form: String,
    name: &'static str,
    label: &'static str,
    value: String,
    control: Control,
    help: Option<Cow<'static, str>>,
    error: Option<String>,
    required: bool,
    focus: bool,
    disabled: bool,
}

impl askama::filters::HtmlSafe for Field {}

impl Field {
    /// With help below.
    #[must_use]
    pub fn help(mut self, help: impl Into<Cow<'static, str>>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// With another control than a line of text.
    #[must_use]
    pub fn control(mut self, control: Control) -> Self {
        self.control = control;
        self
    }

    /// A line of another kind than text.
    #[must_use]
    pub fn line(self, kind: &'static str) -> Self {
        self.control(Control::Line { kind, list: None })
    }

    /// A zone, with every zone to choose from.
    #[must_use]
    pub fn zone(self) -> Self {
        self.control(Control::Line { kind: "text", list: Some("zones") })
    }

    /// May be left empty.
    #[must_use]
    pub fn optional(mut self) -> Self {
        self.required = false;
        self
    }

    /// Cannot be changed now.
    #[must_use]
    pub fn disabled(mut self) -> Self {
        self.disabled = true;
        self
    }

    /// With the keyboard in it when the page opens.
    #[must_use]
    pub fn focused(mut self) -> Self {
        self.focus = true;
        self
    }

    /// The id of its control.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{}-{}", self.form, self.name)
    }
}

/// What the fields of one form share.
#[derive(Debug, Clone, Copy)]
pub struct Form<'a> {
    /// The beginning of its fields' ids; forms share pages.
    pub id: &'a str,
    /// The names of its fields in the order in which they are read.
    pub order: &'static [&'static str],
    /// What is wrong.
    pub errors: &'a Errors,
}

impl Form<'_> {
    /// A required line of text.
    #[must_use]
    pub fn field(&self, name: &'static str, label: &'static str, value: &str) -> Field {
        let first = self.order.iter().find(|it| self.errors.of(it).is_some());
        Field {
            form: self.id.to_owned(),
            name,
            label,
            value: value.to_owned(),
            control: Control::Line { kind: "text", list: None },
            help: None,
            error: self.errors.of(name).map(str::to_owned),
            required: true,
            focus: first == Some(&name),
            disabled: false,
        }
    }
}

/// Every zone's name, for the `datalist` that zone fields share.
#[must_use]
pub fn zones() -> Vec<String> {
    let mut names: Vec<_> = jiff::tz::db()
        .available()
        .map(|name| name.to_string())
        .filter(|name| {
            name.contains('/') && !name.starts_with("Etc/") && !name.starts_with("posix")
        })
        .collect();
    names.sort();
    names
}

/// The `datalist` that zone fields share.
#[derive(Debug, Clone, Copy, Template)]
#[template(path = "parts/zones.html")]
pub struct ZoneList;

impl askama::filters::HtmlSafe for ZoneList {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_fault_in_reading_order_is_focused() {
        let errors = Errors::none().with("a_later", "No.").with("before", "Not so.");
        let form = Form { id: "f", order: &["before", "a_later"], errors: &errors };
        let before = form.field("before", "Before", "typed").help("Help.").to_string();
        let later = form.field("a_later", "Later", "").to_string();
        assert!(before.contains("autofocus") && !later.contains("autofocus"));
        assert!(before.contains("Not so.") && !before.contains("Help."));
        assert!(before.contains(r#"value="typed""#));
        assert!(before.contains(r#"aria-invalid="true""#));
    }

    #[test]
    fn zones_have_cities() {
        assert!(zones().iter().any(|name| name == "Europe/Lisbon"));
        assert!(zones().iter().all(|name| name.parse::<roomkey_core::Zone>().is_ok()));
    }
}
