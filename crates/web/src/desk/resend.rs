//! Telling one person once more what is true now.
//!
//! Nothing is sent here: what the person counts as having been told is set back to what was before
//! the occasion, and the engine says what is due then. So the calendar's UID stays, its SEQUENCE goes
//! on, and a mail never says what is no longer true.

use roomkey_core::id::PersonId;
use roomkey_core::route::Lane;
use roomkey_core::told::{self, Occasion, Statement};
use roomkey_store::message::{self, Told};
use roomkey_store::{Tx, work};

use super::draft::Draft;
use super::people::{Whose, named_mut};
use crate::error::{Code, Problem};

/// How many of a booking's messages are looked through for what was said before a change.
const REMEMBERED: u32 = 200;

/// Lets a person be told again.
///
/// # Errors
/// [`Problem`]: there is no such person, nobody can write to them, or that is not true now.
pub(super) async fn resend(
    tx: &mut Tx<'_>,
    draft: &mut Draft,
    whose: &Whose,
    occasion: Occasion,
) -> Result<PersonId, Problem> {
    let person = named_mut(&mut draft.people, whose)?.clone();
    let no = |words: &str| Err(Problem::with(Code::NothingToSay, words));
    if person.email.is_none() {
        return no("There is no e-mail address to write to. Give the guest one first.");
    }
    let booking = &draft.record.booking;
    let wanted = told::wanted(booking, &draft.host.name, true, person.link_number);
    let Some(wanted) = wanted else {
        return no("There is nothing to be told: the booking is not confirmed yet, or is over.");
    };
    let (tenant, id) = (draft.record.tenant, booking.id);
    let told = message::told(tx, &[(tenant, id)]).await?;
    let told = told.into_iter().find(|it| it.person == person.id);
    let said = match (occasion, wanted.on) {
        (Occasion::Confirmation, true) => None,
        (Occasion::Change, true) => match before(tx, draft, person.id, &wanted).await? {
            Some(before) => Some(before),
            None => {
                return no(
                    "Nothing has changed since this person was first told. Send the confirmation instead.",
                );
            }
        },
        (Occasion::Cancellation, false) => {
            if told.as_ref().is_none_or(|it| it.said.is_none()) {
                return no(
                    "This person was never told of the session, so there is nothing to call off.",
                );
            }
            let before = before(tx, draft, person.id, &wanted).await?;
            Some(before.unwrap_or_else(|| Statement { on: true, ..wanted.clone() }))
        }
        (Occasion::Cancellation, true) => {
            return no("The session takes place. Send the confirmation instead.");
        }
        (Occasion::Confirmation | Occasion::Change, false) => {
            return no("The session is cancelled. Send the cancellation instead.");
        }
    };
    if draft.now >= told::worth_until(&wanted, said.as_ref()) {
        return no("The session is over, so that nobody is written to about it any more.");
    }
    // What is on its way says the same, or something that is true no longer.
    message::supersede(tx, tenant, person.id, draft.now).await?;
    let sequence = told.map_or(-1, |it| it.sequence);
    message::set_told(tx, tenant, id, &Told { person: person.id, said, sequence }).await?;
    let start = draft.record.booking.start;
    work::enqueue(tx, tenant, id, Lane::Plan, start, draft.now, draft.now).await?;
    Ok(person.id)
}

/// What a person was last told that is otherwise now, while it took place.
async fn before(
    tx: &mut Tx<'_>,
    draft: &Draft,
    person: PersonId,
    wanted: &Statement,
) -> Result<Option<Statement>, Problem> {
    let (tenant, id) = (draft.record.tenant, draft.record.booking.id);
    let messages = message::of_booking(tx, tenant, id, None, REMEMBERED).await?;
    let theirs = messages.into_iter().filter(|it| it.person == person);
    Ok(theirs.map(|it| it.statement).find(|it| it.on && it != wanted))
}
