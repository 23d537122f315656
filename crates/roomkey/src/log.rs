//! Where log lines go: stderr, as text for people or as JSON for programs.

use std::io::{self, IsTerminal as _};

use tracing_subscriber::EnvFilter;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::configuration::LogFormat;

/// Log lines from now on.
pub(crate) fn start(filter: &str, format: LogFormat) {
    let json = match format {
        LogFormat::Auto => !io::stderr().is_terminal(),
        LogFormat::Human => false,
        LogFormat::Json => true,
    };
    let filter = EnvFilter::builder().parse_lossy(filter);
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    // A second call, as in a test, leaves the first in place.
    let _ = if json {
        lines.json().flatten_event(true).finish().try_init()
    } else {
        lines.with_ansi(io::stderr().is_terminal()).compact().finish().try_init()
    };
}
