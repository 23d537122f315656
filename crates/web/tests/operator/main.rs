//! The operator's pages, over HTTP, on both databases, with the cookie of a redeemed sign-in.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

mod apart;
mod desk;
mod forms;
mod pages;
mod payments;
mod practice;
mod presets;
mod private;
mod recordings;
mod story;
mod trouble;
