//! The database. The only crate that knows SQL.
//!
//! SQLite and PostgreSQL stand behind one set of functions. Each function takes a transaction
//! ([`Tx`]) and, with the exceptions that a test lists, a [`Tenant`], which only authentication
//! makes. Functions read and write rows; they decide nothing and call nobody.
//!
//! Read first: [`Store`] (reading and writing), then [`work`] (what is to be done). To add a
//! table, write its statements in a module of its own with `statements!`, add the module to
//! [`statements`] below and the table to both databases' migrations.

mod clock;
mod database;
mod error;
mod json;
mod lock;
mod reference;
mod sql;
#[cfg(feature = "testing")]
#[expect(clippy::expect_used, reason = "a test that cannot have its database fails")]
pub mod testing;
mod tx;
mod writer;

pub mod access_token;
pub mod amends;
pub mod api_key;
pub mod app;
pub mod attempt;
pub mod attendance;
pub mod booking;
pub mod connection;
pub mod event;
pub mod host;
pub mod idempotency;
pub mod inbound;
pub mod installation;
pub mod lane;
pub mod message;
pub mod person;
pub mod recording;
pub mod retired_link;
pub mod room;
pub mod schedule;
pub mod sealed;
pub mod seat;
pub mod service;
pub mod session;
pub mod sweep;
pub mod tenant;
pub mod transcript;
pub mod vendor_user;
pub mod work;

pub use clock::{Clock, Hand, Measured, Tolerance};
pub use database::{Collides, OpenError, Options, Store, migrate, prepare_all};
pub use error::StoreError;
pub use reference::{BadReference, Reference, is_external_id};
pub use tenant::Tenant;
pub use tx::Tx;
pub use writer::Priority;

/// Every statement of the crate, by name.
pub(crate) fn statements() -> impl Iterator<Item = (&'static str, &'static sql::Sql)> {
    [
        database::STATEMENTS,
        access_token::STATEMENTS,
        amends::STATEMENTS,
        api_key::STATEMENTS,
        app::STATEMENTS,
        attempt::STATEMENTS,
        attendance::STATEMENTS,
        booking::STATEMENTS,
        connection::STATEMENTS,
        event::STATEMENTS,
        host::STATEMENTS,
        idempotency::STATEMENTS,
        inbound::STATEMENTS,
        installation::STATEMENTS,
        lane::STATEMENTS,
        message::STATEMENTS,
        person::STATEMENTS,
        recording::STATEMENTS,
        retired_link::STATEMENTS,
        room::STATEMENTS,
        schedule::STATEMENTS,
        sealed::STATEMENTS,
        seat::STATEMENTS,
        service::STATEMENTS,
        session::STATEMENTS,
        sweep::STATEMENTS,
        tenant::STATEMENTS,
        transcript::STATEMENTS,
        vendor_user::STATEMENTS,
        work::STATEMENTS,
    ]
    .into_iter()
    .flatten()
    .copied()
}
