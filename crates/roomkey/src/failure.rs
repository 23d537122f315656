//! Why a command did not do what it was asked.

use std::error::Error;
use std::fmt;
use std::io;
use std::net::SocketAddr;

use roomkey_providers::http::ClientError;
use roomkey_store::{OpenError, StoreError};

use crate::configuration::Faults;

/// Why a command did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// It was asked for what cannot be.
    #[error("{0}")]
    Misused(String),
    /// What was asked for is not so.
    #[error("{0}")]
    Refused(String),
    /// The configuration.
    #[error(transparent)]
    Faults(#[from] Faults),
    /// The database does not open.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// An address is taken, or may not be used.
    #[error("cannot listen on {address}{}", if *.taken { " (another program does); choose another with --listen" } else { "" })]
    Listen {
        /// Which.
        address: SocketAddr,
        /// Whether another program listens there.
        taken: bool,
        /// What the operating system says.
        #[source]
        source: io::Error,
    },
    /// Figures cannot be told.
    #[error("cannot tell figures on {address} (metrics_listen)")]
    Metrics {
        /// Where.
        address: SocketAddr,
        /// Why.
        #[source]
        source: metrics_exporter_prometheus::BuildError,
    },
    /// The stand-ins did not start.
    #[error("the sandbox did not start")]
    Sandbox(#[from] roomkey_sandbox::StartError),
    /// The HTTP client.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The mail relay.
    #[error("the mail relay cannot be used")]
    Relay(#[from] roomkey_messages::BadRelay),
    /// The operating system.
    #[error("{what}")]
    System {
        /// What could not be done.
        what: &'static str,
        /// Why.
        #[source]
        source: io::Error,
    },
}

impl Failure {
    /// 1 for what failed, 2 for what was misused.
    pub(crate) const fn code(&self) -> u8 {
        match self {
            Self::Misused(_) => 2,
            Self::Refused(_)
            | Self::Faults(_)
            | Self::Open(_)
            | Self::Store(_)
            | Self::Listen { .. }
            | Self::Metrics { .. }
            | Self::Sandbox(_)
            | Self::Client(_)
            | Self::Relay(_)
            | Self::System { .. } => 1,
        }
    }

    /// What happened when listening failed.
    pub(crate) fn listen(address: SocketAddr, source: io::Error) -> Self {
        let taken = source.kind() == io::ErrorKind::AddrInUse;
        Self::Listen { address, taken, source }
    }
}

/// An error and what caused it, each once.
pub(crate) struct Chain<'a>(pub(crate) &'a dyn Error);

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut said = self.0.to_string();
        f.write_str(&said)?;
        let mut source = self.0.source();
        while let Some(cause) = source {
            let words = cause.to_string();
            // Some libraries repeat their cause in their own words.
            if !said.contains(&words) {
                write!(f, ": {words}")?;
                said = words;
            }
            source = cause.source();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_cause_is_said_once() {
        let source = io::Error::other("no space left");
        let failure = Failure::System { what: "cannot make a directory", source };
        assert_eq!(Chain(&failure).to_string(), "cannot make a directory: no space left");
    }
}
