//! How the program is told to stop: once politely, twice at once.

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::failure::Failure;
use crate::out;

/// A token that the first SIGINT or SIGTERM cancels. The second ends the program with a failing
/// code, whatever is under way.
pub(crate) fn on_signal(tasks: &TaskTracker) -> Result<CancellationToken, Failure> {
    let wrong = |source| Failure::System { what: "cannot listen for signals", source };
    let mut interrupt = signal(SignalKind::interrupt()).map_err(wrong)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(wrong)?;
    let stop = CancellationToken::new();
    let told = stop.clone();
    tasks.spawn(async move {
        loop {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            if told.is_cancelled() {
                out::talk("Told twice: stopping at once.");
                std::process::exit(1);
            }
            out::talk("Stopping; what is under way is finished first. Once more stops at once.");
            told.cancel();
        }
    });
    Ok(stop)
}
