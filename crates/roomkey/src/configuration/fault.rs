//! What is wrong with a configuration: where, what, and what to write instead.

use std::error::Error;
use std::fmt;
use std::path::PathBuf;

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A key in a file.
    File {
        /// Which key.
        key: String,
        /// Which file.
        path: PathBuf,
    },
    /// A variable of the environment.
    Variable(String),
    /// A flag of the command line.
    Flag(String),
    /// Nobody said anything.
    Default(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { key, path } => write!(f, "`{key}` in {}", path.display()),
            Self::Variable(name) | Self::Default(name) => f.write_str(name),
            Self::Flag(flag) => f.write_str(flag),
        }
    }
}

/// What is wrong.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Problem {
    /// There is no such key.
    #[error("is no setting of Roomkey{}", like.as_ref().map_or(String::new(), |like| format!("; did you mean `{like}`?")))]
    Unknown {
        /// One that looks like it.
        like: Option<String>,
    },
    /// It is no text.
    #[error("should be text, a number, a switch or a list of texts")]
    NotText,
    /// It has bytes that are no text.
    #[error("is not UTF-8")]
    NotUnicode,
    /// The value and its file.
    #[error("is set, and so is {other}; keep one of them")]
    Twice {
        /// The other.
        other: String,
    },
    /// The file that should hold the value cannot be read.
    #[error("names a file that cannot be read")]
    File(#[source] std::io::Error),
    /// Secrets do not belong on the command line.
    #[error(
        "is secret, and command lines can be seen by everybody on the machine; set {variable} or {variable}_FILE"
    )]
    SecretFlag {
        /// What to set instead.
        variable: String,
    },
    /// It cannot be read.
    #[error(transparent)]
    Bad(Box<dyn Error + Send + Sync>),
    /// It contradicts something, or is not there.
    #[error("{0}")]
    Words(String),
}

/// One thing that is wrong.
#[derive(Debug)]
pub(crate) struct Fault {
    /// With what.
    pub(crate) origin: Origin,
    /// Why.
    pub(crate) problem: Problem,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.origin, self.problem)?;
        let mut source = self.problem.source();
        while let Some(cause) = source {
            write!(f, ": {cause}")?;
            source = cause.source();
        }
        Ok(())
    }
}

/// Everything that is wrong with a configuration.
#[derive(Debug, Default)]
pub(crate) struct Faults(pub(crate) Vec<Fault>);

impl Faults {
    /// Adds one.
    pub(crate) fn add(&mut self, origin: Origin, problem: Problem) {
        self.0.push(Fault { origin, problem });
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_slice() {
            [one] => write!(f, "the configuration has a fault:\n  {one}"),
            many => {
                write!(f, "the configuration has {} faults:", many.len())?;
                many.iter().try_for_each(|fault| write!(f, "\n  {fault}"))
            }
        }
    }
}

impl Error for Faults {}
