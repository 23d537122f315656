//! `Prefer: wait=N`, `If-Match` and `If-None-Match`.

use std::time::Duration;

use axum::extract::FromRequestParts;
use http::request::Parts;
use http::{HeaderMap, HeaderName, header};

use crate::desk::Presence;
use crate::error::{Code, Problem};

/// The longest wait.
const LONGEST: u64 = 30;

/// How long the caller would like to wait for a settled booking.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Prefer {
    pub(crate) wait: Option<Duration>,
}

impl<S: Send + Sync> FromRequestParts<S> for Prefer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let wait = parts
            .headers
            .get_all("prefer")
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split([',', ';']))
            .filter_map(|item| item.split_once('='))
            .find(|(name, _)| name.trim().eq_ignore_ascii_case("wait"))
            // A preference that cannot be understood is no error (RFC 7240).
            .and_then(|(_, value)| value.trim().trim_matches('"').parse::<u64>().ok())
            .map(|seconds| Duration::from_secs(seconds.min(LONGEST)));
        Ok(Self { wait })
    }
}

/// The versions that the caller expects, if any. `*` expects any: what is not there is not found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct IfMatch(pub(crate) Option<Vec<i64>>);

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Ok(Self(match Tags::read(&parts.headers, &header::IF_MATCH)? {
            None | Some(Tags::Any) => None,
            Some(Tags::These(tags)) => Some(strong_versions(&tags)),
        }))
    }
}

/// Whether the caller said which version they mean, were it any.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OnPurpose(pub(crate) bool);

impl<S: Send + Sync> FromRequestParts<S> for OnPurpose {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Ok(Self(parts.headers.contains_key(header::IF_MATCH)))
    }
}

/// What must be so before a `PUT` makes or changes a thing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct PutIf {
    /// The versions that the caller expects, if any.
    pub(crate) versions: Option<Vec<i64>>,
    /// Whether it is there.
    pub(crate) presence: Presence,
}

impl<S: Send + Sync> FromRequestParts<S> for PutIf {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let wanted = Tags::read(&parts.headers, &header::IF_MATCH)?;
        let unwanted = Tags::read(&parts.headers, &header::IF_NONE_MATCH)?;
        let mut presence = Presence { must_exist: wanted.is_some(), ..Presence::default() };
        match unwanted {
            None => {}
            Some(Tags::Any) => presence.must_be_new = true,
            Some(Tags::These(tags)) => {
                presence.not_versions = tags.iter().filter_map(Tag::version).collect();
            }
        }
        let versions = match wanted {
            None | Some(Tags::Any) => None,
            Some(Tags::These(tags)) => Some(strong_versions(&tags)),
        };
        Ok(Self { versions, presence })
    }
}

/// The versions that tags name. A weak tag is the same as nothing (RFC 9110, 8.8.3.2), and neither
/// is one that we never gave.
fn strong_versions(tags: &[Tag]) -> Vec<i64> {
    tags.iter().filter(|tag| !tag.weak).filter_map(Tag::version).collect()
}

/// What `If-Match` or `If-None-Match` names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Tags {
    /// `*`
    Any,
    /// These.
    These(Vec<Tag>),
}

/// An entity tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tag {
    weak: bool,
    /// Without its quotes.
    opaque: String,
}

impl Tags {
    /// What a header names; `None` if it is not there.
    ///
    /// # Errors
    /// It cannot be understood.
    pub(crate) fn read(headers: &HeaderMap, name: &HeaderName) -> Result<Option<Self>, Problem> {
        let bad = || {
            let words = "If-Match and If-None-Match take the ETag of an earlier answer, such as \"3\", or *.";
            Problem::with(Code::InvalidHeader, words)
        };
        let mut tags = Vec::new();
        let mut there = false;
        for value in headers.get_all(name) {
            there = true;
            // No tag of ours has a comma in it.
            for text in value.to_str().map_err(|_| bad())?.split(',') {
                let text = text.trim();
                if text == "*" {
                    return Ok(Some(Self::Any));
                }
                tags.push(Tag::read(text).ok_or_else(bad)?);
            }
        }
        Ok(there.then_some(Self::These(tags)))
    }

    /// Whether one of these is the tag of what is there, weak or not.
    pub(crate) fn names(&self, present: &str) -> bool {
        match (self, Tag::read(present)) {
            (Self::Any, _) => true,
            (Self::These(tags), Some(present)) => {
                tags.iter().any(|tag| tag.opaque == present.opaque)
            }
            (Self::These(_), None) => false,
        }
    }
}

impl Tag {
    fn read(text: &str) -> Option<Self> {
        let (weak, quoted) = match text.strip_prefix("W/") {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let opaque = match quoted.strip_prefix('"') {
            Some(rest) => rest.strip_suffix('"')?,
            // A version is what people have in hand; they may forget the quotes.
            None if !quoted.is_empty() && quoted.bytes().all(|it| it.is_ascii_digit()) => quoted,
            None => return None,
        };
        (!opaque.contains('"')).then(|| Self { weak, opaque: opaque.to_owned() })
    }

    /// The version in it.
    fn version(&self) -> Option<i64> {
        self.opaque.parse().ok()
    }
}
