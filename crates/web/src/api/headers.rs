//! `Prefer: wait=N` and `If-Match`.

use std::time::Duration;

use axum::extract::FromRequestParts;
use http::header;
use http::request::Parts;

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

/// The versions that the caller expects, if any.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct IfMatch(pub(crate) Option<Vec<i64>>);

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let bad = || {
            let words = "If-Match takes the ETag of an earlier answer, such as \"3\".";
            Problem::with(Code::InvalidHeader, words)
        };
        let mut versions = Vec::new();
        let mut named = false;
        for value in parts.headers.get_all(header::IF_MATCH) {
            named = true;
            for tag in value.to_str().map_err(|_| bad())?.split(',') {
                let tag = tag.trim();
                if tag == "*" {
                    return Ok(Self(None));
                }
                let tag = tag.strip_prefix("W/").unwrap_or(tag).trim_matches('"');
                versions.push(tag.parse().map_err(|_| bad())?);
            }
        }
        Ok(Self(named.then_some(versions)))
    }
}
