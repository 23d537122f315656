//! One suite, both databases.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

mod budget;
mod feed;
mod fixture;
mod queue;
mod schedule;
mod schema;
mod tenancy;
mod writes;
