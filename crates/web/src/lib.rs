//! What people and platforms touch.
//!
//! **What it is for.** The API ([`router`] mounts it below `/v1`), the pages, and the commands that
//! both give: [`desk`]. A command is one transaction: it writes the booking as it should now be,
//! its people, what happened, and the wish for a look; the engine does the rest.
//!
//! [`import`] gives the same commands for the rows of a file.
//!
//! **What it refuses to do.** It makes no durable change at a vendor. It decides nothing that
//! `core` decides: what may follow upon what is `core`'s state machine. It knows no SQL.
//!
//! **What to read first.** [`app`] (what everything is made of), [`desk`] (what may be asked of a
//! booking), then `api/mod.rs` (the routes). To add one more command, add it to
//! [`desk::Order`]; to add one more resource, a file in `api/` named after it and its routes in
//! `api/mod.rs`; the specification follows by itself, and a test asks for it to be written down.

pub mod app;
pub mod desk;
pub mod error;
pub mod import;
pub mod pages;
pub mod proxies;
pub mod watch;

mod api;
mod calendar_file;
mod door_secrets;
mod hooks;
mod host_door;
mod layers;
mod limits;
mod present;
mod probes;
mod recorded;
mod router;
mod serve;
mod sweeps;
mod visits;

pub use api::SCOPES;
pub use app::{App, Parts};
pub use router::router;
pub use serve::serve;
