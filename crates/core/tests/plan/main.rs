//! The plan against a model vendor: lost answers, late effects, kills, lies, accounts that come and
//! go, people who change their minds, and time that jumps, in any order. Whatever happened, doing
//! what the plan says ends in exactly one room for a session that is on, and in none for one that
//! is off; and on the way it keeps what is promised.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]
#![expect(clippy::wildcard_enum_match_arm, reason = "of luck, some matters and the rest does not")]

mod closing;
mod held;
mod jump;
mod luck;
mod messages;
mod privacy;
mod promises;
mod refused;
mod rooms;
mod routes;
mod story;
mod vendor;
mod waiting;
mod whim;
mod world;
