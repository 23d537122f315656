//! Access tokens: one at a time per connection, kept until shortly before they end. In one process
//! one call asks and the others wait for it; between processes the shelf says whose turn it is.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use roomkey_core::Instant;
use roomkey_core::failure::Failure;
use roomkey_core::id::ConnectionId;

use crate::contract::Account;
use crate::http::Deadline;
use crate::shelf::{Credentials, NoAnswer, Shelf, Ticket, Turn};

use super::errors;
use super::token::Token;

/// How often the shelf is looked at while another process asks.
const LOOK: Duration = Duration::from_millis(50);
/// How long another process is waited for. It may be dead, and Zoom gives out several tokens.
const PATIENCE: Duration = Duration::from_secs(2);

/// The tokens of all connections.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    slots: Mutex<HashMap<ConnectionId, Arc<Slot>>>,
    shelf: Option<Arc<dyn Shelf>>,
}

#[derive(Debug)]
struct Slot {
    of: Credentials,
    /// How often Zoom has been asked, so that whoever waited takes what came of it.
    asked: AtomicU64,
    state: tokio::sync::Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    token: Option<Arc<Token>>,
    failure: Option<Failure>,
}

/// What the shelf has for somebody who needs a token.
enum Offer {
    /// One that another process has had.
    Kept(Token),
    /// The right to ask for one that everybody will use.
    Ask(Ticket),
    /// Nothing: what is asked for is the caller's own.
    AskAlone,
}

impl Tokens {
    /// Tokens that are shared with other processes.
    pub(super) fn sharing(shelf: Arc<dyn Shelf>) -> Self {
        Self { slots: Mutex::default(), shelf: Some(shelf) }
    }

    /// The connection's token, or what `ask` brings. Of many that need one at once, one asks; the
    /// others take its token, or its failure.
    pub(super) async fn get(
        &self,
        account: &Account,
        now: Instant,
        deadline: Deadline,
        ask: impl Future<Output = Result<Token, Failure>> + Send,
    ) -> Result<Arc<Token>, Failure> {
        let Some(slot) = self.slot(account, now) else { return ask.await.map(Arc::new) };
        let asked_before = slot.asked.load(Ordering::Acquire);
        let Ok(mut state) = tokio::time::timeout_at(deadline.at(), slot.state.lock()).await else {
            return Err(errors::no_time());
        };
        if let Some(token) = state.token.as_ref().filter(|it| now < it.renew_at) {
            return Ok(Arc::clone(token));
        }
        if slot.asked.load(Ordering::Acquire) != asked_before
            && let Some(failure) = &state.failure
        {
            return Err(failure.clone());
        }
        let asked = match self.offer(slot.of, deadline).await {
            Offer::Kept(token) => Ok(token),
            Offer::Ask(ticket) => self.share(slot.of, ticket, deadline, ask.await).await,
            Offer::AskAlone => ask.await,
        };
        slot.keep(&mut state, asked)
    }

    /// A token that proves the credentials as they are now.
    pub(super) async fn renew(
        &self,
        account: &Account,
        now: Instant,
        deadline: Deadline,
        ask: impl Future<Output = Result<Token, Failure>> + Send,
    ) -> Result<Arc<Token>, Failure> {
        let Some(slot) = self.slot(account, now) else { return ask.await.map(Arc::new) };
        let Ok(mut state) = tokio::time::timeout_at(deadline.at(), slot.state.lock()).await else {
            return Err(errors::no_time());
        };
        let asked = match self.force(slot.of, deadline).await {
            Some(ticket) => self.share(slot.of, ticket, deadline, ask.await).await,
            None => ask.await,
        };
        slot.keep(&mut state, asked)
    }

    /// Zoom refused this token. If another has taken its place meanwhile, that one stays.
    pub(super) async fn refused(
        &self,
        account: &Account,
        now: Instant,
        deadline: Deadline,
        token: &Arc<Token>,
    ) {
        let Some(slot) = self.slot(account, now) else { return };
        let mut state = slot.state.lock().await;
        if state.token.as_ref().is_none_or(|kept| !Arc::ptr_eq(kept, token)) {
            return;
        }
        state.token = None;
        if let (Some(shelf), Some(number)) = (&self.shelf, token.number) {
            // Without an answer others find out by themselves.
            let _ = within(deadline, shelf.discard(slot.of, number)).await;
        }
    }

    /// Where the token of these credentials is kept; nowhere, if they are nobody's or outdated.
    fn slot(&self, account: &Account, now: Instant) -> Option<Arc<Slot>> {
        let of = Credentials { connection: account.connection?, revision: account.revision };
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(slot) = slots.get(&of.connection) {
            if slot.of.revision == of.revision {
                return Some(Arc::clone(slot));
            }
            if slot.of.revision > of.revision {
                return None;
            }
        }
        // A new connection pays for those that are no longer used.
        slots.retain(|_, slot| slot.is_in_use(now));
        let slot =
            Arc::new(Slot { of, asked: AtomicU64::new(0), state: tokio::sync::Mutex::default() });
        slots.insert(of.connection, Arc::clone(&slot));
        Some(slot)
    }

    /// What the shelf has; another process that is asking is waited for.
    async fn offer(&self, of: Credentials, deadline: Deadline) -> Offer {
        let Some(shelf) = &self.shelf else { return Offer::AskAlone };
        let patience_ends = tokio::time::Instant::now() + PATIENCE;
        loop {
            let turn = within(deadline, shelf.turn(of, left(deadline))).await;
            match turn {
                Ok(Turn::Kept(shelved)) => match Token::from_shelf(&shelved) {
                    Some(token) => return Offer::Kept(token),
                    None => break,
                },
                Ok(Turn::Ours(ticket)) => return Offer::Ask(ticket),
                Ok(Turn::Theirs) if tokio::time::Instant::now() >= patience_ends => break,
                Ok(Turn::Theirs) => tokio::time::sleep(LOOK).await,
                Ok(Turn::Outdated) | Err(NoAnswer) => return Offer::AskAlone,
            }
        }
        self.force(of, deadline).await.map_or(Offer::AskAlone, Offer::Ask)
    }

    /// The right to ask, whoever has it now.
    async fn force(&self, of: Credentials, deadline: Deadline) -> Option<Ticket> {
        let shelf = self.shelf.as_ref()?;
        match within(deadline, shelf.force(of, left(deadline))).await {
            Ok(Turn::Ours(ticket)) => Some(ticket),
            Ok(Turn::Kept(_) | Turn::Theirs | Turn::Outdated) | Err(NoAnswer) => None,
        }
    }

    /// Puts a token where the others find it, before it is used; or lets the next one ask.
    async fn share(
        &self,
        of: Credentials,
        ticket: Ticket,
        deadline: Deadline,
        asked: Result<Token, Failure>,
    ) -> Result<Token, Failure> {
        let Some(shelf) = &self.shelf else { return asked };
        match asked {
            Ok(mut token) => {
                let kept = shelf.keep(of, ticket, token.to_shelf(), token.renew_at);
                token.number = within(deadline, kept).await.unwrap_or(None);
                Ok(token)
            }
            Err(failure) => {
                // Without an answer the turn ends by itself.
                let _ = within(deadline, shelf.leave(of, ticket)).await;
                Err(failure)
            }
        }
    }
}

impl Slot {
    fn keep(
        &self,
        state: &mut State,
        asked: Result<Token, Failure>,
    ) -> Result<Arc<Token>, Failure> {
        self.asked.fetch_add(1, Ordering::Release);
        let result = asked.map(Arc::new);
        state.token = result.as_ref().ok().cloned();
        state.failure = result.as_ref().err().cloned();
        result
    }

    fn is_in_use(&self, now: Instant) -> bool {
        match self.state.try_lock() {
            Ok(state) => state.token.as_ref().is_some_and(|token| now < token.renew_at),
            Err(_) => true,
        }
    }
}

/// What the shelf answers in time.
async fn within<T>(
    deadline: Deadline,
    answer: impl Future<Output = Result<T, NoAnswer>>,
) -> Result<T, NoAnswer> {
    tokio::time::timeout_at(deadline.at(), answer).await.unwrap_or(Err(NoAnswer))
}

/// Whoever asks has so long for it.
fn left(deadline: Deadline) -> Duration {
    deadline.remaining().unwrap_or_default()
}

#[cfg(test)]
mod tests;
