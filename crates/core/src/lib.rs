//! The nouns and the rules.
//!
//! Core is what Roomkey knows: what a booking, a room, a meeting and a message are, what may
//! happen to them, and what is to be done now ([`plan::plan`]). It is pure: no I/O, no async, no
//! clock, no randomness, no SQL and no vendor's wire format. Time and dice are arguments, so
//! every rule is tested by calling it.
//!
//! Read first: [`room`] (one room's life), then [`plan`] (all rooms of a booking). To add a
//! vendor, add it to [`route::Provider`]; nothing else here knows vendors by name.

pub mod attendance;
pub mod booking;
pub mod entry;
pub mod failure;
pub mod id;
pub mod meeting;
pub mod payment;
pub mod plan;
pub mod presence;
pub mod private;
pub mod retry;
pub mod room;
pub mod route;
pub mod seats;
pub mod settings;
mod silence;
pub mod time;
pub mod told;

pub use time::{Instant, Zone};
