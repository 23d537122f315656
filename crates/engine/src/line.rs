//! One log line per piece of work, and metrics by name. No personal data.

use std::time::Duration;

use roomkey_core::Instant;
use roomkey_core::failure::Failure;
use roomkey_core::id::ConnectionId;
use roomkey_core::route::Lane;
use roomkey_providers::contract::{Answer, Transcript};
use roomkey_store::sweep::Target;
use roomkey_store::transcript::Due;
use roomkey_store::{StoreError, Tenant};
use secrecy::ExposeSecret as _;

use crate::job::{Came, Delivery, Outcome};
use crate::sweep::Swept;

/// The canonical line of one piece of work.
pub(crate) fn of_work(lane: Lane, urgency: Instant, outcome: &Outcome) {
    let claimed = &outcome.claimed;
    match &outcome.came {
        Came::Vendor(came) => {
            let class = came.failure.as_ref().map_or("ok", Failure::class);
            let operation = came.task.ask.as_str();
            let provider = came.task.place.provider.as_str();
            let millis = came.took.as_secs_f64() * 1000.0;
            metrics::counter!("roomkey_vendor_calls_total", "provider" => provider, "operation" => operation, "outcome" => class)
                .increment(1);
            metrics::histogram!("roomkey_vendor_call_seconds", "provider" => provider, "operation" => operation)
                .record(came.took.as_secs_f64());
            tracing::info!(
                tenant.id = %claimed.tenant.id(),
                booking.id = %claimed.booking,
                room.id = %came.task.room,
                work.lane = %lane,
                work.urgency = %urgency,
                work.claims = claimed.claims,
                call.provider = provider,
                call.operation = operation,
                call.outcome = class,
                call.status = came.trace.status,
                call.code = came.trace.code,
                call.request_id = came.trace.request_id,
                call.requests = came.trace.requests,
                call.duration_ms = millis,
                "vendor called"
            );
        }
        Came::Mail(mails) => {
            for (outgoing, delivery) in mails {
                let class = match delivery {
                    Delivery::NotBegun => "not_begun",
                    Delivery::Sent => "sent",
                    Delivery::Later(_) => "later",
                    Delivery::PutOff(_) => "put_off",
                    Delivery::Refused(_) => "refused",
                    Delivery::Unknown(_) => "unknown",
                };
                metrics::counter!("roomkey_mails_total", "outcome" => class).increment(1);
                tracing::info!(
                    tenant.id = %claimed.tenant.id(),
                    booking.id = %claimed.booking,
                    message.id = %outgoing.message,
                    person.id = %outgoing.person,
                    message.attempts = outgoing.attempts,
                    message.outcome = class,
                    "mail handed over"
                );
            }
        }
    }
}

/// The canonical line of one look of the sweep.
pub(crate) fn of_sweep(target: &Target, came: Result<&Swept, &Failure>, took: Duration) {
    let class = came.err().map_or("ok", |failure| failure.class());
    let swept = came.ok().copied().unwrap_or_default();
    metrics::counter!("roomkey_sweeps_total", "outcome" => class).increment(1);
    tracing::info!(
        tenant.id = %target.tenant.id(),
        work.lane = %target.place.lane(),
        call.provider = target.place.provider.as_str(),
        call.operation = "sweep",
        call.outcome = class,
        call.duration_ms = took.as_secs_f64() * 1000.0,
        sweep.sighted = swept.sighted,
        sweep.found = swept.found,
        sweep.unknown = swept.unknown,
        "vendor user swept"
    );
}

/// The canonical line of one text that was asked for. Nothing of what was said is in it.
pub(crate) fn of_transcript(due: &Due, came: &Answer<Transcript>, took: Duration) {
    let (class, bytes) = match &came.result {
        Ok(Transcript::Text(text)) => ("ok", Some(text.expose_secret().len())),
        Ok(Transcript::NotYet(_)) => ("not_yet", None),
        Ok(Transcript::NeedsPerson(_)) => ("needs_person", None),
        Ok(Transcript::Refused(_)) => ("refused", None),
        Err(failure) => (failure.class(), None),
    };
    let provider = due.place.provider.as_str();
    metrics::counter!("roomkey_transcripts_total", "provider" => provider, "outcome" => class)
        .increment(1);
    tracing::info!(
        tenant.id = %due.tenant.id(),
        booking.id = %due.booking,
        recording.id = %due.recording,
        work.lane = %due.place.lane(),
        call.provider = provider,
        call.operation = "transcript",
        call.outcome = class,
        call.status = came.trace.status,
        call.code = came.trace.code,
        call.request_id = came.trace.request_id,
        call.requests = came.trace.requests,
        call.duration_ms = took.as_secs_f64() * 1000.0,
        transcript.bytes = bytes,
        transcript.tries = due.tries,
        "transcript asked for"
    );
}

/// A connection whose secrets can be opened again.
pub(crate) fn of_open_secrets(tenant: Tenant, connection: ConnectionId) {
    tracing::info!(
        tenant.id = %tenant.id(),
        connection.id = %connection,
        "a connection's secrets can be opened again"
    );
}

/// Something that the operator should know of.
pub(crate) fn of_trouble(what: &str, error: &StoreError) {
    let mut cause = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(deeper) = source {
        cause.push_str(": ");
        cause.push_str(&deeper.to_string());
        source = deeper.source();
    }
    metrics::counter!("roomkey_engine_troubles_total").increment(1);
    tracing::error!(error = cause, "{what}");
}
