//! Whether there is a seat for a session, before anybody is told that it takes place.

use roomkey_core::route::must_sit_on;
use roomkey_core::seats::{self, Span};
use roomkey_store::{Tx, connection, seat};

use super::Desk;
use super::draft::Draft;
use crate::error::{Code, Problem};

/// Refuses a session for which all seats together are too few. Which seat it gets is the engine's
/// to say, when it opens the room. The last thing in a transaction: seats are locked after
/// bookings and their work.
///
/// # Errors
/// [`Problem`]: every seat is taken at this time.
pub(super) async fn admit(tx: &mut Tx<'_>, desk: &Desk, draft: &Draft) -> Result<(), Problem> {
    let booking = &draft.record.booking;
    // Who had a seat needs no other for less time.
    let before = draft.before.as_ref().map(|before| &before.record.booking);
    let asked_before = before.is_some_and(|it| {
        let within = it.start <= booking.start && booking.end <= it.end;
        it.wants_room() && within && must_sit_on(&it.route) == must_sit_on(&booking.route)
    });
    // Whoever may go elsewhere is not refused for want of a seat, and keeps nobody else from one.
    let must_sit = must_sit_on(&booking.route).filter(|_| booking.wants_room() && !asked_before);
    let Some(id) = must_sit else { return Ok(()) };
    let tenant = draft.record.tenant;
    let connections = connection::of_tenant(tx, tenant).await?;
    // A connection that is not there is waited for.
    let Some(record) = connections.iter().find(|it| it.connection.id == id) else { return Ok(()) };
    seat::lock(tx, tenant, id).await?;
    let (span, rules) = (booking.span(), &record.connection.seat_rules);
    let around = Span { start: span.start.minus(rules.buffer), end: span.end.plus(rules.buffer) };
    let booked = seat::booked(tx, tenant, id, booking.id, &around).await?;
    let others: Vec<Span> = match &desk.rehearsal {
        None => booked.into_iter().map(|(_, span)| span).collect(),
        Some(tried) => tried.sittings(booked, id, draft.record.external_id.as_deref(), &around),
    };
    if draft.now >= booking.end
        || seats::admits(&span, &others, record.connection.seats.len(), rules)
    {
        return Ok(());
    }
    let words = format!(
        "{} other session(s) are on the seats of this connection around that time, and it has {} seat(s). Choose another time, or add a seat.",
        others.len(),
        record.connection.seats.len(),
    );
    Err(Problem::with(Code::SeatsFull, words))
}
