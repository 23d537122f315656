//! The engine's protocol, on both databases, with Zoom and the mailbox observed through the
//! sandbox's own API: lost answers, late effects, kills at every step, stolen leases.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod agenda;
mod bad_days;
mod changes_of_mind;
mod jumps;
mod kills;
mod lifecycle;
mod links;
mod mails;
mod occupied;
mod private;
mod routes;
mod sealing;
mod seats;
mod settings;
mod sweeps;
mod tokens;
mod world;
