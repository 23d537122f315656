//! What is told of a booking's payment. What settles it confirms the booking, in the way of every
//! other confirmation; what does not is written down for a person.

use roomkey_core::booking::{Awaiting, Status};
use roomkey_core::failure::Reason;
use roomkey_core::id::BookingId;
use roomkey_core::payment::{News, Payment, Received, Standing};
use roomkey_store::{Reference, Tenant, Tx, booking};
use serde_json::{Value, json};

use super::draft::Draft;
use super::{Actor, By, Desk, Terms};
use crate::error::Problem;

/// What is told of a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PaymentTold {
    /// It has come.
    Received(Received),
    /// It has come to nothing.
    Failed {
        /// What it is called where it was to be paid.
        reference: String,
    },
    /// Nobody has paid while there was time to.
    Expired {
        /// What it is called where it was to be paid.
        reference: String,
    },
}

/// Takes in what is told of a payment for a booking; a booking that is not there is passed over.
/// `refused` is why the booking could not be confirmed when that was tried: then only that it was
/// paid is written down.
///
/// # Errors
/// [`Problem`]: it cannot be confirmed now.
pub(crate) async fn pay_in(
    tx: &mut Tx<'_>,
    desk: &Desk,
    tenant: Tenant,
    reference: &Reference<BookingId>,
    told: &PaymentTold,
    refused: Option<&Reason>,
) -> Result<(), Problem> {
    if booking::find(tx, tenant, reference).await?.is_none() {
        return Ok(());
    }
    let by = By { tenant, actor: Actor::Payment };
    let mut draft = Draft::load(tx, desk, by, reference, &Terms::default()).await?;
    let waits = draft.record.booking.status == Status::Pending(Awaiting::Payment);
    match told {
        PaymentTold::Received(received) => receive(&mut draft, received, refused),
        PaymentTold::Failed { reference } if waits => {
            draft.also.push(("payment.failed", json!({"reference": reference})));
        }
        PaymentTold::Expired { reference } if waits => {
            draft.also.push(("payment.expired", json!({"reference": reference})));
        }
        PaymentTold::Failed { .. } | PaymentTold::Expired { .. } => {}
    }
    draft.save(tx, desk, by, None).await?;
    Ok(())
}

/// Why a booking that was paid is not confirmed, from why its confirmation was refused.
pub(crate) fn unconfirmed(problem: &Problem) -> Reason {
    let words = format!("It was paid, and could not be confirmed. {}", problem.detail());
    Reason::new(problem.code().as_str(), words)
}

fn receive(draft: &mut Draft, received: &Received, refused: Option<&Reason>) {
    let known = draft.record.payment.as_ref();
    let (payment, reason) = match Payment::after(known, received, draft.service.price.as_ref()) {
        News::Known => return,
        News::Puzzles(payment, reason) => (payment, Some(reason)),
        News::Settles(mut payment) => {
            payment.reason = match refused {
                Some(reason) => Some(reason.clone()),
                None => settle(draft).err(),
            };
            let reason = payment.reason.clone();
            (payment, reason)
        }
    };
    let kind = match payment.status {
        Standing::Paid => "payment.received",
        Standing::Mismatch => "payment.mismatch",
    };
    draft.also.push((kind, particulars(received, reason.as_ref())));
    draft.record.payment = Some(payment);
}

/// Lets a booking go on that is paid for.
fn settle(draft: &mut Draft) -> Result<(), Reason> {
    let booking = &draft.record.booking;
    if booking.status == Status::Pending(Awaiting::Payment) && booking.end <= draft.now {
        return Err(Reason::new(
            "booking_over",
            "It was paid when its time had passed. Move the session and confirm it, or pay it back.",
        ));
    }
    let next = booking.status.once_paid(draft.service.requires_approval).map_err(|refusal| {
        let words = "It was paid, and is cancelled. Reopen the booking, or pay it back.";
        Reason::new(refusal.code(), words)
    })?;
    draft.stand_at(next);
    Ok(())
}

/// What an event says of a payment.
fn particulars(received: &Received, reason: Option<&Reason>) -> Value {
    json!({
        "reference": received.reference,
        "amount": received.money.map(|it| it.amount),
        "currency": received.money.map(|it| it.currency),
        "reason": reason,
    })
}
