//! The engine's protocol, on both databases, with Zoom and the mailbox observed through the
//! sandbox's own API: lost answers, late effects, kills at every step, stolen leases.

mod lifecycle;
mod world;
