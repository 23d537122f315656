//! The vendors. One module each; each speaks one vendor's wire format and nothing else.
//!
//! **What it is for.** [`contract::Provider`] is what every vendor does, in one shape: make a room,
//! find it again, move it, remove it, look at it, let the host in. An adapter turns that into one
//! vendor's requests, and the vendor's answers into what they mean, classified once.
//!
//! **What it refuses to do.** It decides nothing: it neither retries (but for a repeat with a new
//! token when the old one was refused, and one for less when a vendor refused the whole for a part
//! that a session can do without), nor waits, nor remembers rooms, nor knows bookings. It
//! reads no clock but for its own deadlines: the time is in the [`contract::Call`]. It never says
//! "not done" of what may have been done, and never "gone" of what the vendor did not call gone.
//! It writes no log: an answer's [`contract::Trace`] says how it went, without tokens, passcodes
//! or links. It follows no redirect and sends no secret over plain HTTP to another machine.
//!
//! **What to read first.** [`contract`], then [`http`] (what can be known when there was no
//! answer), then `zoom/errors.rs` (one vendor's table) and `zoom/meetings.rs` (its requests).
//!
//! Of Stripe nothing is asked: `stripe` only reads what it tells.
//!
//! **How to add a vendor.** A variant in [`roomkey_core::route::Provider`]; a module here with its
//! addresses and an implementation of the contract; a field and an arm in [`registry`]; a case in
//! `tests/conformance/suite.rs`, which then asks of it what it asks of all. Its table of errors is
//! tested row by row, and its requests and answers against the vendor's closed contract.

pub mod contract;
pub mod dial_in;
pub mod http;
pub mod link;
pub mod registry;
pub mod shelf;
pub mod signed;
pub mod stripe;
pub mod zoom;

pub use http::Http;
pub use registry::{Addresses, Providers};
pub use shelf::Shelf;
