//! Query parameters: read strictly, and everything wrong said at once.

use std::fmt::Display;
use std::str::FromStr;

use axum::extract::FromRequestParts;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::Uri;
use http::request::Parts;
use roomkey_core::Instant;
use roomkey_core::id::{Id, Kind};
use serde::Serialize;

use crate::error::{Code, Fault, Problem};

/// The parameters as they came.
pub(crate) struct Query {
    pairs: Vec<(String, String)>,
    faults: Vec<Fault>,
    known: Vec<&'static str>,
}

impl<S: Send + Sync> FromRequestParts<S> for Query {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Ok(Self::read(&parts.uri))
    }
}

/// A call that takes no parameters: whoever sends one means something that would not happen.
pub(crate) struct NoQuery;

impl<S: Send + Sync> FromRequestParts<S> for NoQuery {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Query::read(&parts.uri).done().map(|()| Self)
    }
}

impl Query {
    /// The parameters of an address.
    pub(crate) fn read(uri: &Uri) -> Self {
        let query = uri.query().unwrap_or_default();
        let pairs = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        Self { pairs, faults: Vec::new(), known: Vec::new() }
    }

    pub(crate) fn text(&mut self, name: &'static str) -> Option<String> {
        self.known.push(name);
        let mut found = self.pairs.iter().filter(|(key, _)| key == name);
        let value = found.next().map(|(_, value)| value.clone());
        if found.next().is_some() {
            self.fault(name, "duplicate", "is given twice");
        }
        if value.as_ref().is_some_and(|it| it.chars().any(char::is_control)) {
            self.fault(name, "invalid", "must not hold control characters");
            return None;
        }
        value
    }

    pub(crate) fn parsed<T>(&mut self, name: &'static str) -> Option<T>
    where
        T: FromStr,
        T::Err: Display,
    {
        let text = self.text(name)?;
        match text.parse() {
            Ok(value) => Some(value),
            Err(error) => {
                self.fault(name, "invalid", error.to_string());
                None
            }
        }
    }

    pub(crate) fn fault(&mut self, name: &str, code: &'static str, words: impl Into<String>) {
        self.faults.push(Fault::of_parameter(name, code, words));
    }

    /// `limit` and `cursor`.
    pub(crate) fn page<P: Place>(&mut self) -> Page<P> {
        let limit = match self.text("limit").map(|text| text.parse::<u32>()) {
            None => 50,
            Some(Ok(limit)) if (1..=200).contains(&limit) => limit,
            Some(_) => {
                self.fault("limit", "out_of_range", "must be a whole number from 1 to 200");
                50
            }
        };
        let after = match self.text("cursor") {
            None => None,
            Some(text) => {
                let bytes = URL_SAFE_NO_PAD.decode(text).ok();
                let text = bytes.and_then(|it| String::from_utf8(it).ok());
                let after = text.as_deref().and_then(P::read);
                if after.is_none() {
                    let words = "is no cursor of this list; use `next_cursor` as it was given";
                    self.fault("cursor", "invalid", words);
                }
                after
            }
        };
        Page { limit, after }
    }

    /// Refuses what is wrong or unknown.
    pub(crate) fn done(mut self) -> Result<(), Problem> {
        let strange: Vec<String> = self
            .pairs
            .iter()
            .map(|(name, _)| name.clone())
            .filter(|name| !self.known.contains(&name.as_str()))
            .collect();
        for name in strange {
            self.fault(&name, "unknown_field", "is not a parameter that is known");
        }
        if self.faults.is_empty() {
            return Ok(());
        }
        let words: Vec<_> = self
            .faults
            .iter()
            .map(|it| match &it.parameter {
                Some(name) => format!("`{name}` {}", it.message),
                None => it.message.clone(),
            })
            .collect();
        let words = format!("The query cannot be understood: {}.", words.join("; "));
        Err(Problem::query(Code::InvalidQuery, words, self.faults))
    }
}

/// Where a row stands in its list, by what never changes. It is what a cursor says.
pub(crate) trait Place: Copy + Ord {
    fn write(self) -> String;
    fn read(text: &str) -> Option<Self>;
}

/// In lists that are ordered by time.
impl<K: Kind> Place for (Instant, Id<K>) {
    fn write(self) -> String {
        (self.0.as_micros(), self.1).write()
    }

    fn read(text: &str) -> Option<Self> {
        <(i64, Id<K>)>::read(text).map(|(at, id)| (Instant::from_micros(at), id))
    }
}

/// In lists that are ordered by a number.
impl<K: Kind> Place for (i64, Id<K>) {
    fn write(self) -> String {
        format!("{}:{}", self.0, self.1)
    }

    fn read(text: &str) -> Option<Self> {
        let (number, id) = text.split_once(':')?;
        Some((number.parse().ok()?, id.parse().ok()?))
    }
}

/// A stretch of a list: how many, after which.
pub(crate) struct Page<P> {
    pub(crate) limit: u32,
    pub(crate) after: Option<P>,
}

/// A stretch of a list, as it is answered.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct List<T: utoipa::ToSchema> {
    /// The stretch, newest first if nothing else is said.
    pub(crate) data: Vec<T>,
    /// For the next stretch; null at the end.
    pub(crate) next_cursor: Option<String>,
}

impl<P: Place> Page<P> {
    /// One more than is shown is asked for, so that the end is known.
    pub(crate) fn fetch(&self) -> u32 {
        self.limit + 1
    }

    /// Cuts what was fetched to what is shown, and says where the next stretch begins.
    pub(crate) fn cut<R>(&self, rows: &mut Vec<R>, place: impl Fn(&R) -> P) -> Option<String> {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        if rows.len() <= limit {
            return None;
        }
        rows.truncate(limit);
        rows.last().map(|last| URL_SAFE_NO_PAD.encode(place(last).write()))
    }
}
