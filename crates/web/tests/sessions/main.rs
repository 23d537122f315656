//! Sessions as they really were: a server, an engine and a sandbox that tells by signed webhooks
//! over HTTP, on both databases, with a clock that is moved by hand.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod account;
mod agenda;
mod beginnings;
mod dial_in;
mod link;
mod order;
mod payments;
mod practice;
mod private;
mod rooms;
mod standstill;
mod transcripts;
