//! What can go wrong with the database.

use std::sync::Arc;

/// A database operation failed. What was in the transaction has not happened, except where a
/// commit's answer was lost.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// The database said no, or did not answer.
    #[error("the database failed")]
    Database(#[source] Arc<sqlx::Error>),
    /// A row holds what it cannot hold.
    #[error("the {table} table holds a row that does not read: {what}")]
    Corrupt {
        /// Where.
        table: &'static str,
        /// What.
        what: String,
    },
    /// The writer has stopped: the program is shutting down.
    #[error("the database is closed")]
    Closed,
}

impl StoreError {
    pub(crate) fn corrupt(table: &'static str, what: impl ToString) -> Self {
        Self::Corrupt { table, what: what.to_string() }
    }

    /// Whether a unique index refused the row: somebody else was first.
    #[must_use]
    pub fn is_taken(&self) -> bool {
        match self {
            Self::Database(error) => error
                .as_database_error()
                .is_some_and(sqlx::error::DatabaseError::is_unique_violation),
            Self::Corrupt { .. } | Self::Closed => false,
        }
    }

    /// Whether the same transaction may go through if it is simply run again: two of them stood in
    /// each other's way.
    pub(crate) fn is_collision(&self) -> bool {
        match self {
            Self::Database(error) => error
                .as_database_error()
                .is_some_and(|error| matches!(error.code().as_deref(), Some("40001" | "40P01"))),
            Self::Corrupt { .. } | Self::Closed => false,
        }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(Arc::new(error))
    }
}
