//! The killing: after so many vendor calls, as the vendor itself counts them.

use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use super::dice::Dice;
use super::engines::Engines;
use super::vendor::Vendor;
use super::whims::Pace;
use crate::failure::Result;
use crate::signals;

/// Calls between two kills, at the most.
const CALLS: usize = 24;
/// Where nothing is called for so long, somebody is killed all the same.
const QUIET: Duration = Duration::from_millis(1_500);
const TICK: Duration = Duration::from_millis(1);

/// What was killed.
#[derive(Clone, Copy, Default)]
pub(crate) struct Killed {
    pub(crate) kills: u32,
    /// Of them, after a time without calls.
    pub(crate) quiet: u32,
}

/// Kills and relights until the pace is over.
pub(crate) fn kill(
    engines: &mut Engines<'_>,
    vendor: &Vendor,
    pace: &Pace,
    dice: &mut Dice,
) -> Result<Killed> {
    let mut killed = Killed::default();
    for number in 0..pace.of {
        if !wait_for_calls(vendor, 1 + dice.below(CALLS), pace)? {
            killed.quiet += 1;
        }
        if pace.over.load(Ordering::SeqCst) {
            break;
        }
        let many = engines.len();
        // Now and then all at once, as in a power cut.
        let victims = if dice.one_in(5) { 0..many } else { one(dice.below(many)) };
        for victim in victims.clone() {
            engines.kill(victim)?;
        }
        for victim in victims {
            engines.light(victim)?;
        }
        engines.wait_until_ready()?;
        killed.kills += 1;
        pace.kills.store(killed.kills, Ordering::SeqCst);
        if (number + 1) % pace.of.div_ceil(10).max(1) == 0 {
            let counts = vendor.counts()?;
            println!(
                "  {} of {} kills; {} calls, {} meetings made, {} exist, {} mails",
                killed.kills, pace.of, counts.calls, counts.made, counts.meetings, counts.mails
            );
        }
    }
    Ok(killed)
}

fn one(number: usize) -> std::ops::Range<usize> {
    number..number + 1
}

/// Waits for so many more calls; whether they came.
fn wait_for_calls(vendor: &Vendor, calls: usize, pace: &Pace) -> Result<bool> {
    let wanted = vendor.counts()?.calls + u64::try_from(calls).unwrap_or(0);
    let deadline = Instant::now() + QUIET;
    while vendor.counts()?.calls < wanted {
        if signals::asked_to_stop() {
            return Err(signals::interrupted());
        }
        if Instant::now() > deadline || pace.over.load(Ordering::SeqCst) {
            return Ok(false);
        }
        thread::sleep(TICK);
    }
    Ok(true)
}
