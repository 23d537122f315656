//! Benches: each prints figures that anyone can measure again, and judges none but its own promise.

mod demo;
mod hang;
mod latencies;

use clap::Subcommand;

use crate::failure::Result;

/// What is measured.
#[derive(Subcommand)]
pub(crate) enum Bench {
    /// The booking call's latency with a vendor that answers and with one that hangs.
    Hang {
        /// Bookings in each part.
        #[arg(long, default_value_t = 500)]
        bookings: u32,
        /// Bookings a second.
        #[arg(long, default_value_t = 50)]
        rate: u32,
    },
}

pub(crate) fn run(bench: &Bench) -> Result {
    match bench {
        Bench::Hang { bookings, rate } => hang::run(*bookings, *rate),
    }
}
