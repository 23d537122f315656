//! Sessions that are only tried, as a dry run tries them: one after the other, and each taken back.
//!
//! What one takes away from the next is a seat, and a transaction that is rolled back keeps none. So
//! it is remembered here where each would sit. One long transaction for all of them would know the
//! same, and keep SQLite's only writer, or the rows of a busy PostgreSQL, from everybody else for as
//! long as the file is.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use roomkey_core::Instant;
use roomkey_core::booking::Booking;
use roomkey_core::id::{BookingId, ConnectionId};
use roomkey_core::seats::Span;

use super::check;

/// Where the sessions of a dry run would sit.
#[derive(Debug, Default)]
pub struct Rehearsal(Mutex<Tried>);

#[derive(Debug, Default)]
struct Tried {
    /// By the session's id at its source. One that may be tried twice is there once.
    by_name: HashMap<String, (ConnectionId, Span)>,
    /// The ends of the same, by connection and start, so that few are looked at.
    by_start: BTreeMap<(ConnectionId, Instant, String), Instant>,
    /// Sessions that are there, and would be otherwise: what is written of them counts no longer.
    there: HashSet<BookingId>,
}

impl Rehearsal {
    /// Remembers where a session would sit.
    pub(crate) fn note(&self, name: &str, booking: &Booking) {
        let mut tried = self.tried();
        if let Some((connection, span)) = tried.by_name.remove(name) {
            tried.by_start.remove(&(connection, span.start, name.to_owned()));
        }
        tried.there.insert(booking.id);
        if let Some(connection) = booking.seats().filter(|_| booking.wants_room()) {
            let span = booking.span();
            tried.by_start.insert((connection, span.start, name.to_owned()), span.end);
            tried.by_name.insert(name.to_owned(), (connection, span));
        }
    }

    /// The times of the sessions that would draw on the seats of a connection, around a span:
    /// of those that are `booked`, and of those that were tried; but for this one.
    pub(crate) fn sittings(
        &self,
        booked: Vec<(BookingId, Span)>,
        connection: ConnectionId,
        name: Option<&str>,
        around: &Span,
    ) -> Vec<Span> {
        let tried = self.tried();
        let written = booked.into_iter().filter(|(id, _)| !tried.there.contains(id));
        let longest = Duration::from_secs(u64::from(*check::MINUTES.end()) * 60);
        let first = (connection, around.start.minus(longest), String::new());
        let beyond = (connection, around.end, String::new());
        let tried = tried
            .by_start
            .range(first..beyond)
            .filter(|((_, _, other), end)| Some(other.as_str()) != name && **end > around.start)
            .map(|((_, start, _), end)| Span { start: *start, end: *end });
        written.map(|(_, span)| span).chain(tried).collect()
    }

    /// Nothing that is done under the lock can fail half-way.
    fn tried(&self) -> MutexGuard<'_, Tried> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
