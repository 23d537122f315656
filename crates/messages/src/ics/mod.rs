//! Calendar files: our own writer of RFC 5545, 5546, 6047, with RFC 6868 and the CONFERENCE
//! property of RFC 7986.
//!
//! Names and titles come from strangers. Everything that is written goes through `line.rs`, which
//! knows what may stand where; nothing else in this crate puts a colon behind a property's name.
//!
//! Read first: [`Calendar`] (one file with one event). To add one more property: a line in
//! `event.rs`, and a case in the tests that reads it back with another reader.

mod event;
mod line;
mod zone;

pub use event::{Attendee, Calendar, Event, Mailto, Method, Status};

pub(crate) use line::one_line;
