//! Texts of transcripts: fetched once they are known, until they are here or there is nothing more to
//! hope for. Below every booking's work, by as many processes as there are.
//!
//! Nobody waits for a text, and nothing depends on it: what goes wrong here stands beside the
//! transcript and troubles neither the connection nor its rooms. It goes in three steps that a kill may
//! come between: a text is taken by pushing its due time to the end of a lease, the vendor is asked,
//! and what came of it is written down if the text is still wanted.

use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use roomkey_core::Instant;
use roomkey_core::booking::Booking;
use roomkey_core::failure::{Failure, Reason};
use roomkey_core::id::EventId;
use roomkey_core::settings::Recording;
use roomkey_providers::contract::{Answer, Transcript};
use roomkey_store::event::Event;
use roomkey_store::transcript::{self, Due, State};
use roomkey_store::{Priority, StoreError, Tx, booking, connection, event};
use roomkey_vault::Place;
use secrecy::ExposeSecret as _;
use serde_json::json;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::engine::Engine;
use crate::line;
use crate::record::heard;
use crate::sight;

/// How long a text is asked for.
const HOPE: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// How often it is asked whether any is due.
const REST: Duration = Duration::from_secs(5);
/// So long a text waits whose lane is paused or wanted for bookings.
const BUSY: Duration = Duration::from_secs(60);
/// So long it waits for an account that is switched off or needs a person.
const NO_ACCOUNT: Duration = Duration::from_secs(60 * 60);
/// So long it waits for a person who has to change something at the vendor, and up to so much longer.
const PERSON: Duration = Duration::from_secs(6 * 60 * 60);
const PERSON_JITTER: Duration = Duration::from_secs(60 * 60);
/// Texts that are considered at once, and that are fetched at once: each may be long.
const CANDIDATES: u32 = 20;
const AT_ONCE: usize = 8;

/// A text that was taken and is to be fetched. Nobody else takes it before its lease ends.
pub struct Fetch {
    due: Due,
    claim: Uuid,
    lease_end: Instant,
    connection: Option<connection::Record>,
    unwanted: Option<Reason>,
}

/// What came of a text that was to be fetched.
pub struct Fetched {
    fetch: Fetch,
    came: Came,
}

enum Came {
    /// The vendor was asked.
    Answer(Box<Answer<Transcript>>),
    /// There is no account to ask with.
    NoAccount(Reason),
    /// The text is not wanted any more.
    Unwanted(Reason),
    /// There was too little time left of the lease.
    HeldUp,
}

/// What is to be written down.
enum Verdict {
    Here(Arc<Vec<u8>>),
    Later { wait: Wait, reason: Option<Reason> },
    End(State, Reason),
}

/// Until when a text waits.
enum Wait {
    /// As the schedule says, after one more failure.
    Scheduled,
    /// So long.
    For(Duration),
    /// Until then.
    Until(Instant),
}

/// Why the text of a transcript is not wanted, if it is not: whoever demands that nothing is recorded
/// does not find it written down.
pub(crate) fn unwanted(booking: &Booking) -> Option<Reason> {
    (booking.settings.recording == Some(Recording::None)).then(|| {
        Reason::new(
            "recording_not_wanted",
            "The booking's settings say that nothing is recorded, so the text is not fetched. It was made at the vendor all the same: look at the settings of the account.",
        )
    })
}

impl Engine {
    /// Fetches texts until told to stop.
    pub(crate) async fn keep_fetching(self, stop: CancellationToken) {
        let mut steady = true;
        while !stop.is_cancelled() {
            match self.fetch_transcripts().await {
                Ok(0) => steady = true,
                Ok(_) => continue,
                Err(error) => {
                    if steady {
                        line::of_trouble("transcripts were not fetched; trying on", &error);
                    }
                    steady = false;
                }
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(REST) => {}
            }
        }
    }

    /// Fetches texts that are due, a few at once; answers how many were asked for.
    ///
    /// # Errors
    /// The database's.
    pub async fn fetch_transcripts(&self) -> Result<usize, StoreError> {
        let taken = self.take_transcripts().await?;
        let count = taken.len();
        let fetches = taken.into_iter().map(|fetch| async move {
            let fetched = self.fetch_transcript(fetch).await;
            self.keep_transcript(fetched).await
        });
        // What one could not write down keeps none of the others from it.
        join_all(fetches).await.into_iter().collect::<Result<Vec<()>, _>>()?;
        Ok(count)
    }

    /// Takes texts that are due, of accounts whose lanes have room that no booking's work wants.
    ///
    /// # Errors
    /// The database's.
    pub async fn take_transcripts(&self) -> Result<Vec<Fetch>, StoreError> {
        if !self.store().clock().is_steady() {
            return Ok(Vec::new());
        }
        let now = self.store().now();
        let due = self
            .store()
            .read(move |tx| Box::pin(async move { transcript::due(tx, now, CANDIDATES).await }))
            .await?;
        let mut taken = Vec::new();
        for due in due {
            if taken.len() == AT_ONCE {
                break;
            }
            match self.take_transcript(due).await {
                Ok(fetch) => taken.extend(fetch),
                Err(error) if taken.is_empty() => return Err(error),
                // What is taken is fetched first.
                Err(_) => break,
            }
        }
        Ok(taken)
    }

    async fn take_transcript(&self, due: Due) -> Result<Option<Fetch>, StoreError> {
        let lane = due.place.lane();
        if !self.is_free(lane).await? {
            self.put_transcript_off(due).await?;
            return Ok(None);
        }
        let now = self.store().now();
        let tenant = due.tenant;
        let taken = self.claim_transcript(due, now).await?;
        if taken.is_some() {
            self.lanes.begun(lane, tenant, now);
        }
        Ok(taken)
    }

    async fn claim_transcript(&self, due: Due, now: Instant) -> Result<Option<Fetch>, StoreError> {
        let claim = EventId::new(now, self.shared.entropy.id()).uuid();
        let lease_end = now.plus(self.shared.lease);
        self.store()
            .write(Priority::Background, move |tx| {
                let due = due.clone();
                Box::pin(async move {
                    let tenant = due.tenant;
                    if !transcript::claim(tx, tenant, &due, claim, lease_end).await? {
                        return Ok(None);
                    }
                    let record = booking::get(tx, tenant, due.booking).await?;
                    let connections = connection::of_tenant(tx, tenant).await?;
                    let connection = sight::reach(&connections, &due.place).cloned();
                    let unwanted = record.as_ref().and_then(|it| unwanted(&it.booking));
                    Ok::<_, StoreError>(Some(Fetch { due, claim, lease_end, connection, unwanted }))
                })
            })
            .await
    }

    async fn put_transcript_off(&self, due: Due) -> Result<(), StoreError> {
        let until = self.store().now().plus(BUSY);
        self.store()
            .write(Priority::Background, move |tx| {
                let due = due.clone();
                Box::pin(async move { transcript::put_off(tx, due.tenant, &due, until).await })
            })
            .await
    }

    /// Asks the vendor for a text. Nothing is written down by it.
    pub async fn fetch_transcript(&self, fetch: Fetch) -> Fetched {
        let begun = self.store().now();
        let came = self.ask_for_text(&fetch, begun).await;
        if let Came::Answer(answer) = &came {
            line::of_transcript(&fetch.due, answer, self.store().now().since(begun));
        }
        Fetched { fetch, came }
    }

    async fn ask_for_text(&self, fetch: &Fetch, begun: Instant) -> Came {
        let shared = &self.shared;
        if let Some(reason) = &fetch.unwanted {
            return Came::Unwanted(reason.clone());
        }
        let connection = match usable(fetch.connection.as_ref()) {
            Ok(connection) => connection,
            Err(reason) => return Came::NoAccount(reason),
        };
        if begun.plus(shared.call_limit) > fetch.lease_end {
            return Came::HeldUp;
        }
        let due = &fetch.due;
        let call = match sight::call(shared, connection, &due.place) {
            Ok(call) => call,
            Err(failure) => return Came::NoAccount(failure.reason()),
        };
        let provider = shared.providers.get(due.place.provider);
        let asked = provider.transcript(&call, &due.instance, &due.vendor_id);
        let answer = tokio::time::timeout(shared.call_limit, asked).await;
        Came::Answer(Box::new(answer.unwrap_or_else(|_| sight::unanswered())))
    }

    /// Writes down what came of a text. One that is here is told of, once.
    ///
    /// # Errors
    /// The database's: the lease runs out, and the text is fetched again.
    pub async fn keep_transcript(&self, fetched: Fetched) -> Result<(), StoreError> {
        let Fetched { fetch, came } = fetched;
        let (lane, now) = (fetch.due.place.lane(), self.store().now());
        self.lanes.ended(lane, fetch.due.tenant, now);
        if let Came::Answer(answer) = &came {
            self.write_lane(heard(&self.lanes, lane, answer.result.as_ref().err(), now)).await?;
        }
        let verdict = Arc::new(self.verdict(&fetch, came));
        let (shared, fetch) = (Arc::clone(&self.shared), Arc::new(fetch));
        let (event, jitter) = (EventId::new(now, shared.entropy.id()), shared.jitter());
        self.store()
            .write(Priority::Background, move |tx| {
                let (shared, fetch) = (Arc::clone(&shared), Arc::clone(&fetch));
                let verdict = Arc::clone(&verdict);
                Box::pin(async move {
                    let (tenant, id) = (fetch.due.tenant, fetch.due.booking);
                    // As for everything that is told of a booking: its order is its lock's.
                    let Some(mut record) = booking::lock(tx, tenant, id).await? else {
                        return Ok::<_, StoreError>(());
                    };
                    match (verdict.as_ref(), unwanted(&record.booking)) {
                        (Verdict::Here(_), Some(reason)) => {
                            fetch.end(tx, State::NotFetched, &reason, now).await
                        }
                        (Verdict::Here(sealed), None) => {
                            fetch.keep(tx, &mut record, sealed, event, now).await
                        }
                        (Verdict::Later { wait, reason }, _) => {
                            let start = record.booking.start;
                            let schedule = &shared.policy.schedule;
                            let tries = fetch.due.tries.saturating_add(1);
                            let (at, tries) = match wait {
                                Wait::Scheduled => {
                                    (schedule.next(tries, now, start, jitter), tries)
                                }
                                Wait::For(time) => (now.plus(*time), fetch.due.tries),
                                Wait::Until(at) => (now.max(*at), fetch.due.tries),
                            };
                            fetch.wait(tx, at, tries, reason.as_ref(), now).await
                        }
                        (Verdict::End(state, reason), _) => {
                            fetch.end(tx, *state, reason, now).await
                        }
                    }
                })
            })
            .await
    }

    fn verdict(&self, fetch: &Fetch, came: Came) -> Verdict {
        let answer = match came {
            Came::Answer(answer) => *answer,
            Came::NoAccount(reason) => {
                return Verdict::Later { wait: Wait::For(NO_ACCOUNT), reason: Some(reason) };
            }
            Came::Unwanted(reason) => return Verdict::End(State::NotFetched, reason),
            Came::HeldUp => {
                return Verdict::Later { wait: Wait::For(Duration::ZERO), reason: None };
            }
        };
        let for_a_person = || Wait::For(PERSON + PERSON_JITTER.mul_f64(self.shared.jitter()));
        let later = |wait, reason| Verdict::Later { wait, reason: Some(reason) };
        match answer.result {
            Ok(Transcript::Text(text)) => {
                let place = Place {
                    table: "transcripts",
                    row: fetch.due.recording.uuid(),
                    field: "sealed",
                };
                let text = text.expose_secret().as_bytes();
                let sealed = self.shared.ring.seal(&self.shared.entropy, place, text);
                Verdict::Here(Arc::new(sealed))
            }
            Ok(Transcript::NotYet(reason)) => later(Wait::Scheduled, reason),
            Ok(Transcript::NeedsPerson(reason)) => later(for_a_person(), reason),
            Ok(Transcript::Refused(reason)) => Verdict::End(State::Refused, reason),
            Err(failure) => match failure {
                Failure::Rejected(reason) => Verdict::End(State::Refused, reason),
                Failure::Throttled { until, reason, .. } => later(Wait::Until(until), reason),
                Failure::NeedsReconnect(reason) => later(Wait::For(NO_ACCOUNT), reason),
                Failure::UnknownUser(reason) => later(for_a_person(), reason),
                Failure::Transient(_) | Failure::Unknown(_) | Failure::Gone | Failure::Occupied => {
                    later(Wait::Scheduled, failure.reason())
                }
            },
        }
    }
}

impl Fetch {
    async fn keep(
        &self,
        tx: &mut Tx<'_>,
        record: &mut booking::Record,
        sealed: &[u8],
        id: EventId,
        now: Instant,
    ) -> Result<(), StoreError> {
        let Due { tenant, recording, booking, .. } = self.due;
        if !transcript::store(tx, tenant, recording, sealed, now).await? {
            // Somebody else has brought it, or it was forgotten meanwhile.
            return Ok(());
        }
        record.seq += 1;
        record.updated_at = now;
        let event = Event {
            id,
            booking: Some(booking),
            kind: "transcript.ready".to_owned(),
            seq: record.seq,
            at: now,
            actor: "roomkey".to_owned(),
            data: json!({ "recording": recording }).to_string(),
            number: None,
        };
        event::insert(tx, tenant, &event).await?;
        booking::update_seen(tx, record).await
    }

    /// Waits until then, if there is still hope by then.
    async fn wait(
        &self,
        tx: &mut Tx<'_>,
        at: Instant,
        tries: u32,
        reason: Option<&Reason>,
        now: Instant,
    ) -> Result<(), StoreError> {
        let Due { tenant, recording, known_at, .. } = self.due;
        match reason {
            Some(reason) if at > known_at.plus(HOPE) => {
                self.end(tx, State::Refused, &given_up(reason), now).await
            }
            Some(_) | None => {
                transcript::later(tx, tenant, recording, self.claim, at, tries, reason).await
            }
        }
    }

    async fn end(
        &self,
        tx: &mut Tx<'_>,
        state: State,
        reason: &Reason,
        now: Instant,
    ) -> Result<(), StoreError> {
        let Due { tenant, recording, .. } = self.due;
        transcript::end(tx, tenant, recording, self.claim, state, reason, now).await
    }
}

/// A connection that may be called with, or why there is none.
fn usable(connection: Option<&connection::Record>) -> Result<&connection::Record, Reason> {
    let record = connection.ok_or_else(|| {
        Reason::new(
            "account_missing",
            "The account that made the recording is no longer connected. Connect it again, and the text is fetched.",
        )
        .with_action("Open connections", "/operator/connections")
    })?;
    if let Some(reason) = &record.connection.needs_reconnect {
        return Err(reason.clone());
    }
    if record.connection.disabled {
        return Err(Reason::new(
            "connection_disabled",
            "The connection is switched off. Switch it on, and the text is fetched.",
        )
        .with_action("Open connections", "/operator/connections"));
    }
    Ok(record)
}

/// Why a text is not asked for any more.
fn given_up(last: &Reason) -> Reason {
    Reason {
        code: "transcript_given_up".to_owned(),
        message: format!(
            "The text was asked for during a week and was not to be had. {}",
            last.message
        ),
        ..last.clone()
    }
}
