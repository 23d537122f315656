//! Making one call. Nothing is written here, and nothing decided.

use std::sync::Arc;

use roomkey_core::Instant;
use roomkey_core::failure::{Failure, Reason, ThrottleScope};
use roomkey_core::room::Fact;
use roomkey_core::route::Provider;
use roomkey_messages::SendError;
use roomkey_providers::contract::{Account, Answer, Call, Trace, VendorRoom};
use roomkey_store::connection;
use roomkey_vault::Place;
use secrecy::SecretString;

use crate::job::{Ask, Came, Delivery, Job, Outcome, Outgoing, Task, VendorOutcome, VendorTask};
use crate::parts::Shared;

/// Makes a call whose intent is committed.
pub(crate) async fn perform(shared: &Arc<Shared>, job: Job) -> Outcome {
    let now = shared.store.now();
    // The process may have been stopped since the claim: a call that could outlive its lease is
    // not begun, for somebody else may be at it by then.
    let in_time = now.plus(shared.call_limit) <= job.lease_end;
    let came = match job.task {
        Task::Vendor(task) => Came::Vendor(Box::new(call(shared, *task, in_time).await)),
        Task::Mail(mails) => Came::Mail(deliver(shared, mails, job.lease_end).await),
    };
    Outcome { claimed: job.claimed, came }
}

async fn call(shared: &Arc<Shared>, task: VendorTask, in_time: bool) -> VendorOutcome {
    let started_at = shared.store.now();
    let account =
        task.connection.as_ref().map_or_else(|| Ok(no_account()), |record| account(shared, record));
    let (fact, seen, failure, trace) = match account {
        _ if !in_time => {
            let failure = Failure::Throttled {
                until: started_at,
                scope: ThrottleScope::User,
                reason: Reason::new("too_late", "This process was held up; the call is made anew."),
            };
            (task.ask.failed(failure.clone()), None, Some(failure), Trace::default())
        }
        Err(reason) => {
            let failure = Failure::NeedsReconnect(reason);
            (task.ask.failed(failure.clone()), None, Some(failure), Trace::default())
        }
        Ok(account) => {
            let (place, passcode) = (task.place.clone(), task.passcode.clone());
            let call = Call { account, place, now: started_at, passcode };
            match tokio::time::timeout(shared.call_limit, ask(shared, &task, &call)).await {
                Ok(answer) => answer,
                Err(_) => {
                    let failure = Failure::Unknown(Reason::new(
                        "no_answer",
                        "The vendor did not answer in time.",
                    ));
                    (task.ask.unanswered(), None, Some(failure), Trace::default())
                }
            }
        }
    };
    let took = shared.store.now().since(started_at);
    VendorOutcome { task, fact, seen, failure, trace, started_at, took }
}

type Asked = (Fact, Option<VendorRoom>, Option<Failure>, Trace);

async fn ask(shared: &Arc<Shared>, task: &VendorTask, call: &Call) -> Asked {
    let provider = shared.providers.get(task.place.provider);
    let shown = |answer: Answer<VendorRoom>, fact: &dyn Fn(&VendorRoom) -> Fact| match answer.result
    {
        Ok(mut room) => {
            // Of a fixed link nobody else knows it.
            if room.passcode.is_none() && task.place.provider == Provider::Link {
                room.passcode.clone_from(&task.passcode);
            }
            (fact(&room), Some(room), None, answer.trace)
        }
        Err(failure) => (task.ask.failed(failure.clone()), None, Some(failure), answer.trace),
    };
    match &task.ask {
        Ask::Create(spec) => {
            let answer = provider.create(call, &task.marker, spec).await;
            shown(answer, &|room| Fact::Made {
                vendor_id: room.vendor_id.clone(),
                seen: room.seen.clone(),
            })
        }
        Ask::Find(spec) => {
            let answer = provider.find(call, &task.marker, spec).await;
            match answer.result {
                Ok(rooms) => match rooms.into_iter().next() {
                    Some(room) => {
                        shown(Answer { result: Ok(room), trace: answer.trace }, &|room| {
                            Fact::Found {
                                vendor_id: room.vendor_id.clone(),
                                seen: room.seen.clone(),
                            }
                        })
                    }
                    None => (Fact::NotFound, None, None, answer.trace),
                },
                Err(failure) => {
                    (task.ask.failed(failure.clone()), None, Some(failure), answer.trace)
                }
            }
        }
        Ask::Update { vendor_id, spec } => {
            let answer = provider.update(call, vendor_id, &task.marker, spec).await;
            shown(answer, &|room| Fact::Updated { request: spec.clone(), seen: room.seen.clone() })
        }
        Ask::Read { vendor_id } => {
            let answer = provider.inspect(call, vendor_id).await;
            shown(answer, &|room| Fact::Read(room.seen.clone()))
        }
        Ask::Retire { vendor_id } => {
            let answer = provider.retire(call, vendor_id).await;
            match answer.result {
                Ok(()) => (Fact::Retired, None, None, answer.trace),
                Err(failure) => {
                    (task.ask.failed(failure.clone()), None, Some(failure), answer.trace)
                }
            }
        }
    }
}

/// The code of the trouble that there is no sealing key for a connection's secrets.
pub(crate) const UNREADABLE: &str = "secrets_unreadable";

/// The credentials of a connection, unsealed for one call.
pub(crate) fn account(shared: &Shared, record: &connection::Record) -> Result<Account, Reason> {
    let id = record.connection.id;
    let place = Place { table: "connections", row: id.uuid(), field: "secrets" };
    let unreadable = || {
        Reason::new(
            UNREADABLE,
            "The secrets of this connection cannot be opened with the present sealing keys. Put the old sealing key back into the ring and start Roomkey again, or paste the credentials anew.",
        )
        .with_action("Open connections", "/operator/connections")
    };
    let secrets = shared.ring.open_text(place, &record.secrets).map_err(|_| unreadable())?;
    Account::from_secrets(
        id,
        record.revision,
        &record.connection.account,
        &record.client_id,
        &secrets,
    )
    .ok_or_else(unreadable)
}

fn no_account() -> Account {
    Account {
        connection: None,
        revision: 0,
        account: String::new(),
        client_id: String::new(),
        client_secret: SecretString::default(),
    }
}

async fn deliver(
    shared: &Arc<Shared>,
    mails: Vec<Outgoing>,
    lease_end: Instant,
) -> Vec<(Outgoing, Delivery)> {
    let mut delivered = Vec::with_capacity(mails.len());
    for outgoing in mails {
        // Each mail anew: what is not begun in time is not begun at all.
        let in_time = shared.store.now().plus(shared.call_limit) <= lease_end;
        let delivery = match &shared.relay {
            Some(relay) if in_time => {
                match tokio::time::timeout(shared.call_limit, relay.send(&outgoing.mail)).await {
                    Ok(Ok(())) => Delivery::Sent,
                    Ok(Err(error @ SendError::Transient { .. })) if error.is_about_this_mail() => {
                        Delivery::PutOff(chain(&error))
                    }
                    Ok(Err(error @ SendError::Transient { .. })) => Delivery::Later(chain(&error)),
                    Ok(Err(error @ SendError::Rejected { .. })) => Delivery::Refused(chain(&error)),
                    Ok(Err(error @ SendError::Unknown { .. })) => Delivery::Unknown(chain(&error)),
                    Err(_) => {
                        Delivery::Unknown("The mail relay did not answer in time.".to_owned())
                    }
                }
            }
            Some(_) | None => Delivery::NotBegun,
        };
        delivered.push((outgoing, delivery));
    }
    delivered
}

/// An error and what caused it, in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
