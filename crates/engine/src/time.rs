//! Keeping the clock: measuring it by a timer that nobody sets, and what follows when it jumped.

use std::time::Duration;

use roomkey_core::Instant;
use roomkey_store::{Measured, Priority, Store, StoreError, Tolerance, amends};
use tokio_util::sync::CancellationToken;

use crate::line;

/// How often a database's clock is measured.
const EVERY_MINUTE: Duration = Duration::from_secs(60);
/// How often the machine's is, and any that has just jumped.
const OFTEN: Duration = Duration::from_secs(2);

/// Keeps a process's clock until it is told to stop. Each process keeps its own, also one that
/// only serves pages. `lease` is how long a claim lasts, `settle` as in the plan's policy.
pub async fn keep_clock(store: Store, lease: Duration, settle: Duration, stop: CancellationToken) {
    let mut owed = None;
    loop {
        let rest =
            if store.is_shared() && store.clock().is_steady() { EVERY_MINUTE } else { OFTEN };
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(rest) => {}
        }
        match measure(&store, lease, settle, &mut owed).await {
            Ok(Measured::Unsteady { by, new: true }) => {
                metrics::counter!("roomkey_clock_jumps_total").increment(1);
                tracing::warn!(
                    clock.jump_s = by.as_secs_f64(),
                    "the clock has jumped; nothing new is begun until that has lasted"
                );
            }
            Ok(Measured::Followed { from, to }) => {
                tracing::warn!(clock.from = %from, clock.to = %to, "the clock has followed a jump");
            }
            Ok(Measured::Steady | Measured::Unsteady { new: false, .. }) => {}
            Err(error) => line::of_trouble("the clock was not measured", &error),
        }
    }
}

/// Measures the clock once. A jump is followed when it has lasted for a lease, and on a shared
/// database for as long as another process may take to notice it besides: by then whatever was
/// begun by the old time has ended. What a clock that ran ahead has put off is then looked at; what
/// that wrong clock told stays `owed` until it is done.
///
/// # Errors
/// The database's.
pub async fn measure(
    store: &Store,
    lease: Duration,
    settle: Duration,
    owed: &mut Option<Instant>,
) -> Result<Measured, StoreError> {
    make_amends(store, settle, owed).await?;
    let others = if store.is_shared() { EVERY_MINUTE } else { Duration::ZERO };
    let tolerance = Tolerance { small: lease / 4, lasts: lease + others };
    let measured = store.measure_clock(tolerance).await?;
    if let Measured::Followed { from, to } = measured
        && to < from
    {
        *owed = Some(from);
        make_amends(store, settle, owed).await?;
    }
    Ok(measured)
}

async fn make_amends(
    store: &Store,
    settle: Duration,
    owed: &mut Option<Instant>,
) -> Result<(), StoreError> {
    let Some(wrong) = *owed else { return Ok(()) };
    let now = store.now();
    store
        .write(Priority::Background, move |tx| {
            Box::pin(async move { amends::pull(tx, wrong, now, settle).await })
        })
        .await?;
    *owed = None;
    Ok(())
}
