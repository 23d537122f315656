//! A look at one booking: ask the plan, write down what it says, and wake who has to act.

use std::time::Duration;

use roomkey_core::Instant;
use roomkey_core::booking::{Command, Status};
use roomkey_core::id::EventId;
use roomkey_core::meeting;
use roomkey_core::plan::{Plan, Policy, Step, plan};
use roomkey_core::route::Lane;
use roomkey_store::event::Event;
use roomkey_store::message::Told;
use roomkey_store::work::Claimed;
use roomkey_store::{StoreError, Tx, attendance, booking, event, message, room, work};
use roomkey_vault::Entropy;

use crate::situation::Loaded;

/// How much less urgent a look after the session is than one at a session that begins then.
const RETENTION: Duration = Duration::from_secs(24 * 60 * 60);

/// Asks the plan about a locked booking and writes down everything that needs no call.
pub(crate) async fn look(
    tx: &mut Tx<'_>,
    loaded: &mut Loaded,
    policy: &Policy,
    entropy: &Entropy,
    now: Instant,
) -> Result<Plan, StoreError> {
    let plan = plan(&loaded.situation, policy, now);
    let tenant = loaded.tenant();
    for changed in &plan.changed {
        room::update(tx, tenant, changed).await?;
        if let Some(record) = loaded.rooms.iter_mut().find(|it| it.room.id == changed.id) {
            record.room = changed.clone();
        }
    }
    for listener in &plan.may_know {
        let sequence = loaded.told.get(&listener.person).map_or(-1, |told| told.sequence);
        let told = Told { person: listener.person, said: listener.said.clone(), sequence };
        message::set_told(tx, tenant, loaded.id(), &told).await?;
        loaded.told.insert(listener.person, told);
        if let Some(queued) = &listener.queued {
            let state = message::State::Queued;
            message::update(tx, tenant, queued.message, state, queued.next_at, None, None).await?;
            if let Some(message) = loaded.queued.get_mut(&listener.person) {
                message.sending_until = None;
            }
        }
    }
    show(tx, loaded, &plan, entropy, now).await?;
    loaded.refresh();
    Ok(plan)
}

/// Writes down what people see, with an event for what they would want to hear of.
async fn show(
    tx: &mut Tx<'_>,
    loaded: &mut Loaded,
    plan: &Plan,
    entropy: &Entropy,
    now: Instant,
) -> Result<(), StoreError> {
    let before = loaded.record.clone();
    let record = &mut loaded.record;
    let mut happened: Vec<&str> = Vec::new();
    if plan.started
        && let Ok(begun) = record.booking.status.after(Command::Start)
    {
        record.booking.status = begun;
        happened.push("booking.started");
    }
    if plan.deserted && attendance::ended(tx, record.tenant, record.booking.id, now).await? {
        happened.push("booking.ended");
    }
    if plan.completed {
        record.booking.status = Status::Completed;
        happened.push("booking.completed");
    }
    record.booking.current = plan.current;
    record.meeting = plan.view.status;
    record.meeting_reason.clone_from(&plan.view.reason);
    record.meeting_warnings.clone_from(&plan.view.warnings);
    if plan.moves.is_empty() {
        // A seat for which others have to move is promised together with their moves.
        record.booking.seat.clone_from(&plan.seat);
    }
    record.failures = plan.view.failures;
    record.next_attempt_at = plan.view.next_attempt_at;
    record.settled_version = if plan.view.settled {
        record.booking.version
    } else {
        record.settled_version.min(record.booking.version - 1)
    };
    if before.booking.current != plan.current {
        record.ready_at = plan.current.map(|_| now);
    }
    match (before.booking.current, plan.current) {
        (None, Some(_)) if before.meeting == meeting::Status::Failed => {
            happened.extend(["meeting.ready", "meeting.recovered"]);
        }
        (None, Some(_)) => happened.push("meeting.ready"),
        (Some(old), Some(new)) if old != new => happened.push("meeting.changed"),
        (Some(_) | None, Some(_) | None) => {}
    }
    if before.meeting != record.meeting {
        match record.meeting {
            meeting::Status::Failed => happened.push("meeting.failed"),
            meeting::Status::Cancelled => happened.push("meeting.cancelled"),
            meeting::Status::Pending
            | meeting::Status::Creating
            | meeting::Status::Active
            | meeting::Status::Cancelling
            | meeting::Status::NotNeeded => {}
        }
    }
    if *record == before && happened.is_empty() {
        return Ok(());
    }
    if happened.is_empty() {
        record.seq += 1;
    }
    record.updated_at = now;
    let data = serde_json::json!({
        "meeting": record.meeting.as_str(),
        "reason": record.meeting_reason,
        "version": record.booking.version,
    });
    for kind in happened {
        record.seq += 1;
        let event = Event {
            id: EventId::new(now, entropy.id()),
            booking: Some(record.booking.id),
            kind: kind.to_owned(),
            seq: record.seq,
            at: now,
            actor: "roomkey".to_owned(),
            data: data.to_string(),
            number: None,
        };
        event::insert(tx, record.tenant, &event).await?;
    }
    booking::update_seen(tx, record).await
}

/// Ends a piece of work and wakes the lanes that the plan has steps for. `own` is the lane whose
/// step the caller performs itself, if it does: that work goes on.
pub(crate) async fn arrange(
    tx: &mut Tx<'_>,
    claimed: &Claimed,
    loaded: &Loaded,
    plan: &Plan,
    performs: bool,
    now: Instant,
) -> Result<(), StoreError> {
    let (tenant, booking) = (loaded.tenant(), loaded.id());
    let start = loaded.record.booking.start;
    if !performs {
        if claimed.lane == Lane::Plan {
            let urgency = plan.look_at.map_or(start, |at| urgency_of_look(loaded, at));
            work::finish(tx, claimed, plan.look_at, urgency, now).await?;
        } else {
            work::finish(tx, claimed, None, start, now).await?;
        }
    }
    if claimed.lane != Lane::Plan
        && let Some(at) = plan.look_at
    {
        let urgency = urgency_of_look(loaded, at);
        work::enqueue(tx, tenant, booking, Lane::Plan, urgency, at, now).await?;
    }
    for due in &plan.steps {
        if performs && due.lane == claimed.lane {
            continue;
        }
        work::enqueue(tx, tenant, booking, due.lane, due.urgency, now, now).await?;
    }
    Ok(())
}

/// A look after the session, at what is left of it, goes behind those at sessions ahead.
fn urgency_of_look(loaded: &Loaded, at: Instant) -> Instant {
    let booking = &loaded.record.booking;
    if at < booking.end { booking.start } else { at.plus(RETENTION) }
}

/// The plan's step in one lane.
pub(crate) fn step_in(plan: &Plan, lane: Lane) -> Option<&Step> {
    plan.steps.iter().find(|due| due.lane == lane).map(|due| &due.step)
}
