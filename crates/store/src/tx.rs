//! A transaction on one of the two databases.

use sqlx::{PgConnection, SqliteConnection};

/// A transaction under way. Functions of this crate take it; nothing else does anything with it.
pub struct Tx<'c>(Conn<'c>);

pub(crate) enum Conn<'c> {
    Lite(&'c mut SqliteConnection),
    Postgres(&'c mut PgConnection),
}

impl<'c> Tx<'c> {
    pub(crate) const fn lite(conn: &'c mut SqliteConnection) -> Self {
        Self(Conn::Lite(conn))
    }

    pub(crate) const fn postgres(conn: &'c mut PgConnection) -> Self {
        Self(Conn::Postgres(conn))
    }

    pub(crate) const fn conn(&mut self) -> &mut Conn<'c> {
        &mut self.0
    }
}
