//! Ctrl-C and its relatives: the first one asks us to stop what we started and leave, the second
//! one leaves at once.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag;

use crate::failure::{Context, Failure, Result};

static ASKED_TO_STOP: LazyLock<Arc<AtomicBool>> = LazyLock::new(Arc::default);

/// Listens from now on.
pub(crate) fn install() -> Result {
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        // In this order: at the first signal the flag is still down, so the process goes on.
        flag::register_conditional_shutdown(signal, 130, Arc::clone(&ASKED_TO_STOP))
            .and_then(|_| flag::register(signal, Arc::clone(&ASKED_TO_STOP)))
            .context(format!("listening to signal {signal}"))?;
    }
    Ok(())
}

/// Whether somebody asked us to stop.
pub(crate) fn asked_to_stop() -> bool {
    ASKED_TO_STOP.load(Ordering::SeqCst)
}

/// What loops return when they were asked to stop.
pub(crate) fn interrupted() -> Failure {
    Failure::new("interrupted")
}
