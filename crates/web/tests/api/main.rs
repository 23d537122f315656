//! The API, over HTTP on a loopback port, on both databases. No engine runs: a meeting stays as
//! it was asked for.

#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod again;
mod agenda;
mod bookings;
mod concurrent;
mod conditional;
mod connections;
mod edges;
mod finals;
mod guests;
mod hooks;
mod idempotency;
mod identity;
mod imports;
mod limits;
mod links;
mod lists;
mod meeting;
mod notify;
mod payments;
mod presets;
mod private;
mod problems;
mod seats;
mod secrets;
mod server;
mod together;
mod transcripts;
mod upsert;
mod validation;
