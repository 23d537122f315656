//! Why a task did not succeed: a sentence for the person at the terminal, and its cause.

use std::error::Error;
use std::fmt;

/// What every task returns.
pub(crate) type Result<T = ()> = std::result::Result<T, Failure>;

/// A sentence, and what led to it.
#[derive(Debug)]
pub(crate) struct Failure {
    sentence: String,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl Failure {
    /// A failure that we found ourselves.
    pub(crate) fn new(sentence: impl Into<String>) -> Self {
        Self { sentence: sentence.into(), source: None }
    }

    /// Sentence and causes, joined with colons.
    pub(crate) fn chain(&self) -> String {
        let mut text = self.to_string();
        let mut cause = self.source();
        while let Some(error) = cause {
            text.push_str(": ");
            text.push_str(&error.to_string());
            cause = error.source();
        }
        text
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)
    }
}

impl Error for Failure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_ref().map(|error| &**error as &(dyn Error + 'static))
    }
}

/// Says what was being done when something failed.
pub(crate) trait Context<T> {
    /// Wraps an error in a sentence.
    fn context(self, sentence: impl Into<String>) -> Result<T>;
}

impl<T, E: Error + Send + Sync + 'static> Context<T> for std::result::Result<T, E> {
    fn context(self, sentence: impl Into<String>) -> Result<T> {
        self.map_err(|error| Failure { sentence: sentence.into(), source: Some(Box::new(error)) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chain_names_every_cause_once() {
        let inner: Result = Err(std::io::Error::other("no room")).context("writing the file");
        let outer = inner.context("starting").unwrap_err();
        assert_eq!(outer.to_string(), "starting");
        assert_eq!(outer.chain(), "starting: writing the file: no room");
    }
}
