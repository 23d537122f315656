//! One suite, both databases.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod budget;
mod feed;
mod fixture;
mod payments;
mod queue;
mod schedule;
mod schema;
mod tenancy;
mod tokens;
mod transcripts;
mod writes;
