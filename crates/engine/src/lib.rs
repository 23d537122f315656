//! What makes the world agree with the bookings.
//!
//! The engine takes work (a booking that needs a look, in one lane), loads fresh state, asks
//! `core::plan`, writes down what it intends, calls, and writes down what came back. It decides
//! nothing that the plan does not decide, never acts on the event that woke it, and keeps nothing
//! that it would miss after a kill.
//!
//! Read first: [`Engine`] (the loop), then `claim` (taking work), `perform` (one call) and
//! `record` (its outcome). To add a kind of step, add it to the plan, give it an intent in `claim`
//! and a fact in `record`. What no booking's work finds, `sweep` finds and `reconcile` shows. Texts of
//! transcripts are no work of a booking either: `transcripts` fetches them.

mod budget;
mod claim;
mod door;
mod engine;
mod inbound;
mod job;
mod lanes;
mod line;
mod look;
mod mail;
mod marker;
mod parts;
mod passcode;
mod perform;
mod reconcile;
mod record;
mod seating;
mod sight;
mod situation;
mod sweep;
mod time;
mod tokens;
mod transcripts;
mod unsealed;

pub use engine::{Engine, Pass, Unrecorded};
pub use job::{Job, Outcome};
pub use marker::marker;
pub use parts::Parts;
pub use reconcile::{Action, Difference, Finding, Kind, Survey, Unread};
pub use sweep::Swept;
pub use time::{keep_clock, measure};
pub use tokens::SharedTokens;
pub use transcripts::{Fetch, Fetched};
