//! Access tokens that all processes share: sealed in the database, and asked for by one at a time.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use roomkey_core::Instant;
use roomkey_providers::shelf::{Credentials, NoAnswer, Shelf, Shelved, Ticket, Turn};
use roomkey_store::access_token::{self, Kept, Of};
use roomkey_store::{Priority, Store, StoreError};
use roomkey_vault::{Entropy, Place, Ring};
use secrecy::{ExposeSecret as _, SecretString};
use uuid::Uuid;

use crate::line;

/// The shelf of access tokens in the database.
pub struct SharedTokens {
    store: Store,
    ring: Arc<Ring>,
    entropy: Entropy,
}

impl SharedTokens {
    /// The shelf in this database, sealed with this ring.
    #[must_use]
    pub fn new(store: Store, ring: Arc<Ring>, entropy: Entropy) -> Self {
        Self { store, ring, entropy }
    }

    fn new_ticket(&self) -> Uuid {
        roomkey_core::id::EffectId::new(self.store.now(), self.entropy.id()).uuid()
    }

    /// A token that cannot be opened is none: another sealing key sealed it, or another hand.
    fn open(&self, of: Of, kept: &Kept) -> Option<Shelved> {
        let text = self.ring.open_text(place(of), &kept.sealed).ok()?;
        Some(Shelved { number: kept.number, text, renew_at: kept.renew_at })
    }
}

#[async_trait]
impl Shelf for SharedTokens {
    async fn turn(&self, of: Credentials, patience: Duration) -> Result<Turn, NoAnswer> {
        let (of, ticket, now) = (row_of(of), self.new_ticket(), self.store.now());
        // Most who come find a token, and write nothing.
        let kept = self
            .store
            .read(move |tx| Box::pin(async move { access_token::kept(tx, of, now).await }))
            .await
            .map_err(unanswered)?;
        if let Some(shelved) = kept.and_then(|kept| self.open(of, &kept)) {
            return Ok(Turn::Kept(shelved));
        }
        let until = now.plus(patience);
        let turn = self
            .store
            .write(Priority::Interactive, move |tx| {
                Box::pin(async move { access_token::turn(tx, of, ticket, until, now).await })
            })
            .await
            .map_err(unanswered)?;
        match turn {
            access_token::Turn::Kept(kept) => match self.open(of, &kept) {
                Some(shelved) => Ok(Turn::Kept(shelved)),
                None => self.take(of, patience).await,
            },
            access_token::Turn::Ours => Ok(Turn::Ours(Ticket(ticket.as_u128()))),
            access_token::Turn::Theirs => Ok(Turn::Theirs),
            access_token::Turn::Outdated => Ok(Turn::Outdated),
        }
    }

    async fn force(&self, of: Credentials, patience: Duration) -> Result<Turn, NoAnswer> {
        self.take(row_of(of), patience).await
    }

    async fn keep(
        &self,
        of: Credentials,
        ticket: Ticket,
        text: SecretString,
        renew_at: Instant,
    ) -> Result<Option<i64>, NoAnswer> {
        let (of, ticket) = (row_of(of), Uuid::from_u128(ticket.0));
        let sealed: Arc<[u8]> =
            self.ring.seal(&self.entropy, place(of), text.expose_secret().as_bytes()).into();
        self.store
            .write(Priority::Interactive, move |tx| {
                let sealed = Arc::clone(&sealed);
                Box::pin(async move { access_token::keep(tx, of, ticket, &sealed, renew_at).await })
            })
            .await
            .map_err(unanswered)
    }

    async fn leave(&self, of: Credentials, ticket: Ticket) -> Result<(), NoAnswer> {
        let (of, ticket) = (row_of(of), Uuid::from_u128(ticket.0));
        self.store
            .write(Priority::Interactive, move |tx| {
                Box::pin(async move { access_token::leave(tx, of, ticket).await })
            })
            .await
            .map_err(unanswered)
    }

    async fn discard(&self, of: Credentials, number: i64) -> Result<(), NoAnswer> {
        let of = row_of(of);
        self.store
            .write(Priority::Interactive, move |tx| {
                Box::pin(async move { access_token::discard(tx, of, number).await })
            })
            .await
            .map_err(unanswered)
    }
}

impl SharedTokens {
    async fn take(&self, of: Of, patience: Duration) -> Result<Turn, NoAnswer> {
        let ticket = self.new_ticket();
        let until = self.store.now().plus(patience);
        let turn = self
            .store
            .write(Priority::Interactive, move |tx| {
                Box::pin(async move { access_token::force(tx, of, ticket, until).await })
            })
            .await
            .map_err(unanswered)?;
        Ok(match turn {
            access_token::Turn::Ours => Turn::Ours(Ticket(ticket.as_u128())),
            access_token::Turn::Kept(_)
            | access_token::Turn::Theirs
            | access_token::Turn::Outdated => Turn::Outdated,
        })
    }
}

impl std::fmt::Debug for SharedTokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SharedTokens").finish_non_exhaustive()
    }
}

fn row_of(of: Credentials) -> Of {
    Of { connection: of.connection, revision: of.revision }
}

fn place(of: Of) -> Place<'static> {
    Place { table: "access_tokens", row: of.connection.uuid(), field: "sealed" }
}

/// The database did not answer. The vendor is asked without it.
#[expect(clippy::needless_pass_by_value, reason = "handed to map_err")]
fn unanswered(error: StoreError) -> NoAnswer {
    line::of_trouble("access tokens are not shared; each process has its own", &error);
    NoAnswer
}
