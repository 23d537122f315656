//! Where access tokens are kept for all processes: of those that need one at once, one asks the
//! vendor, and whoever starts anew asks nobody.
//!
//! An adapter works without: then each process has tokens of its own. A shelf that does not answer
//! is never a reason for failing, since the vendor can be asked anyway.

use std::time::Duration;

use async_trait::async_trait;
use roomkey_core::Instant;
use roomkey_core::id::ConnectionId;
use secrecy::SecretString;

/// Whose token it is: a connection's credentials as they were at one revision. Tokens of other
/// revisions are never mistaken for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Credentials {
    /// The connection.
    pub connection: ConnectionId,
    /// Raised whenever the credentials change.
    pub revision: i64,
}

/// A token on the shelf, in words that only its adapter reads.
#[derive(Debug, Clone)]
pub struct Shelved {
    /// Which it is of all that there were; later ones have higher numbers.
    pub number: i64,
    /// The token, and what the vendor said with it.
    pub text: SecretString,
    /// From when on another is to be had.
    pub renew_at: Instant,
}

/// The right to put a token on the shelf.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ticket(pub u128);

/// What somebody finds who needs a token.
#[derive(Debug)]
pub enum Turn {
    /// There is one.
    Kept(Shelved),
    /// There is none, and the caller is to ask for one.
    Ours(Ticket),
    /// There is none, and somebody else is asking.
    Theirs,
    /// The credentials have changed since: what they bring is not to be kept.
    Outdated,
}

/// The shelf did not answer; its owner has written down why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the shelf of access tokens does not answer")]
pub struct NoAnswer;

/// A shelf of access tokens.
#[async_trait]
pub trait Shelf: std::fmt::Debug + Send + Sync {
    /// The token of these credentials, or whose turn it is to ask. Who is told that it is theirs
    /// has so long; then it is the next one's.
    ///
    /// # Errors
    /// [`NoAnswer`].
    async fn turn(&self, of: Credentials, patience: Duration) -> Result<Turn, NoAnswer>;

    /// A turn in spite of a token that is there, or of somebody who is asking: theirs is not kept
    /// any more.
    ///
    /// # Errors
    /// [`NoAnswer`].
    async fn force(&self, of: Credentials, patience: Duration) -> Result<Turn, NoAnswer>;

    /// Keeps what the turn has brought, and answers its number; nothing, if the turn is over.
    ///
    /// # Errors
    /// [`NoAnswer`].
    async fn keep(
        &self,
        of: Credentials,
        ticket: Ticket,
        text: SecretString,
        renew_at: Instant,
    ) -> Result<Option<i64>, NoAnswer>;

    /// Ends a turn that has brought nothing, so that the next one need not wait.
    ///
    /// # Errors
    /// [`NoAnswer`].
    async fn leave(&self, of: Credentials, ticket: Ticket) -> Result<(), NoAnswer>;

    /// Takes a token away that the vendor has refused; a later one stays.
    ///
    /// # Errors
    /// [`NoAnswer`].
    async fn discard(&self, of: Credentials, number: i64) -> Result<(), NoAnswer>;
}
