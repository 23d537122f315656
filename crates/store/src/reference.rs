//! How callers name a row: by our id, or by theirs.

/// A booking, host or service, named by id or as `ext:{external_id}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reference<I> {
    /// By our id.
    Id(I),
    /// By the platform's id.
    External(String),
}

/// A text names nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("should be an id of the right kind, or `ext:` and your own id of 1 to 200 characters")]
pub struct BadReference;

/// Whether a platform's id is one: 1 to 200 characters, no control characters.
#[must_use]
pub fn is_external_id(text: &str) -> bool {
    (1..=200).contains(&text.chars().count()) && !text.chars().any(char::is_control)
}

impl<I: std::str::FromStr> std::str::FromStr for Reference<I> {
    type Err = BadReference;

    fn from_str(text: &str) -> Result<Self, BadReference> {
        match text.strip_prefix("ext:") {
            Some(external_id) if is_external_id(external_id) => {
                Ok(Self::External(external_id.to_owned()))
            }
            Some(_) => Err(BadReference),
            None => text.parse().map(Self::Id).map_err(|_| BadReference),
        }
    }
}
