//! What every adapter owes its contract, observed at the vendor over real HTTP.
//!
//! `suite` is written once and run for each adapter; `zoom` is what goes wrong at one vendor and
//! what it must mean, and `transcripts` what is said of them; `contract` holds all that was said against the vendor's closed contract.

#[cfg(test)]
mod contract;
#[cfg(test)]
mod subject;
#[cfg(test)]
mod suite;
#[cfg(test)]
mod transcripts;
#[cfg(test)]
mod zoom;
