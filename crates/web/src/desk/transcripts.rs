//! Transcripts on the desk: all that can be asked of one is that its text be forgotten.

use roomkey_core::failure::Reason;
use roomkey_core::id::{BookingId, EventId, RecordingId};
use roomkey_store::event::{self, Event};
use roomkey_store::recording::{self, Recording};
use roomkey_store::{Reference, Tx, booking, transcript};
use serde_json::json;

use super::{By, Desk};
use crate::error::Problem;
use crate::recorded::MOST;

/// Forgets the text of a transcript for good: one that is here, and one that has yet to come. Where
/// there is nothing to forget, nothing happens.
///
/// # Errors
/// [`Problem`]: there is no such booking, or no such transcript of it.
pub async fn forget_transcript_in(
    tx: &mut Tx<'_>,
    desk: &Desk,
    by: By,
    reference: &Reference<BookingId>,
    id: RecordingId,
) -> Result<(), Problem> {
    let tenant = by.tenant;
    let missing = || Problem::not_found("booking");
    let known = booking::find(tx, tenant, reference).await?.ok_or_else(missing)?.booking.id;
    let mut record = booking::lock(tx, tenant, known).await?.ok_or_else(missing)?;
    let recordings = recording::of_booking(tx, tenant, known, None, MOST).await?;
    if !recordings.iter().any(|it| it.id == id && Recording::is_transcript(it)) {
        return Err(Problem::not_found("transcript"));
    }
    // After the lock: what was written before is not later than this.
    let now = desk.now();
    if !transcript::forget(tx, tenant, id, &deleted(), now).await? {
        return Ok(());
    }
    record.seq += 1;
    record.updated_at = now;
    let event = Event {
        id: EventId::new(now, desk.entropy.id()),
        booking: Some(known),
        kind: "transcript.forgotten".to_owned(),
        seq: record.seq,
        at: now,
        actor: by.actor.as_str().to_owned(),
        data: json!({ "recording": id }).to_string(),
        number: None,
    };
    event::insert(tx, tenant, &event).await?;
    booking::update_seen(tx, &record).await?;
    Ok(())
}

fn deleted() -> Reason {
    Reason::new(
        "transcript_deleted",
        "The text was deleted here on request, and is not fetched again. The vendor may still have it.",
    )
}
