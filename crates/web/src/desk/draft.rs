//! A booking on the desk: loaded under a lock, changed in memory, saved if anything differs.

use roomkey_core::Instant;
use roomkey_core::booking::{Command, Mode, Status};
use roomkey_core::id::{BookingId, EventId};
use roomkey_core::meeting::{self, View};
use roomkey_core::room::State;
use roomkey_core::route::Lane;
use roomkey_store::booking::{self, Record};
use roomkey_store::event::{self, Event};
use roomkey_store::host::{self, Host};
use roomkey_store::message::{self, Told};
use roomkey_store::person::{self, Person, Role};
use roomkey_store::service::{self, Service};
use roomkey_store::tenant::{self, TenantRow};
use roomkey_store::{Reference, StoreError, Tx, retired_link, room, work};
use serde_json::{Value, json};

use super::{By, Desk, Notify, Terms, admission, pin, silence};
use crate::error::{Code, Problem};

/// A booking as it was when it was loaded.
pub(crate) struct Before {
    pub(crate) record: Record,
    pub(crate) people: Vec<Person>,
    pub(crate) host_name: String,
}

/// A booking on the desk.
pub(crate) struct Draft {
    /// Nothing for one that is being made.
    pub(crate) before: Option<Before>,
    pub(crate) record: Record,
    pub(crate) people: Vec<Person>,
    pub(crate) host: Host,
    pub(crate) service: Service,
    pub(crate) tenant: TenantRow,
    /// What happened to it that is no difference between before and now.
    pub(crate) also: Vec<(&'static str, Value)>,
    pub(crate) now: Instant,
}

impl Draft {
    /// Loads a booking that nobody else may change until the transaction ends.
    pub(crate) async fn load(
        tx: &mut Tx<'_>,
        desk: &Desk,
        by: By,
        reference: &Reference<BookingId>,
        terms: &Terms,
    ) -> Result<Self, Problem> {
        let missing = || Problem::not_found("booking");
        let id = match reference {
            Reference::Id(id) => *id,
            Reference::External(_) => {
                booking::find(tx, by.tenant, reference).await?.ok_or_else(missing)?.booking.id
            }
        };
        let record = booking::lock(tx, by.tenant, id).await?.ok_or_else(missing)?;
        expect_version(record.booking.version, terms)?;
        let people = person::of_booking(tx, by.tenant, id).await?;
        let host = host::get(tx, by.tenant, record.booking.host)
            .await?
            .ok_or_else(|| named_and_missing("hosts", record.booking.host))?;
        let service = service::get(tx, by.tenant, record.service)
            .await?
            .ok_or_else(|| named_and_missing("services", record.service))?;
        let tenant = tenant::get(tx, by.tenant).await?;
        let before =
            Before { record: record.clone(), people: people.clone(), host_name: host.name.clone() };
        // After the lock: what was written before is not later than this.
        let now = desk.now();
        let also = Vec::new();
        Ok(Self { before: Some(before), record, people, host, service, tenant, also, now })
    }

    /// Lets a command follow upon what is.
    pub(crate) fn command(&mut self, command: Command) -> Result<(), Problem> {
        self.stand_at(self.record.booking.after(command, self.now)?);
        Ok(())
    }

    /// Lets the booking stand where `core` said. One that begins to take place is pinned, and
    /// nothing about its payment is left to decide.
    pub(crate) fn stand_at(&mut self, next: Status) {
        let status = std::mem::replace(&mut self.record.booking.status, next);
        if next.is_on() && !status.is_on() {
            self.record.booking.confirmed_at = Some(self.now);
            self.record.cancel_reason = None;
            if let Some(payment) = &mut self.record.payment {
                payment.reason = None;
            }
            self.pin();
        }
    }

    /// Pins everything that is pinned.
    pub(crate) fn pin(&mut self) {
        pin::pin(&mut self.record, &self.people, &self.host, &self.service, &self.tenant);
    }

    /// Writes down what differs. Nothing is written if nothing does.
    pub(crate) async fn save(
        mut self,
        tx: &mut Tx<'_>,
        desk: &Desk,
        by: By,
        notify: Option<Notify>,
    ) -> Result<bool, Problem> {
        let Some(before) = &self.before else { return self.insert(tx, desk, by, notify).await };
        let was = &before.record.booking;
        pin::follow(was, &mut self.record, &self.people, &self.host, &self.service);
        let mut kept = before.record.clone();
        kept.last_put.clone_from(&self.record.last_put);
        let is_kept = |kept: &Record| *kept == self.record && before.people == self.people;
        if is_kept(&kept) && self.also.is_empty() {
            if before.record != self.record {
                booking::update_asked(tx, &self.record).await?;
            }
            return Ok(false);
        }
        // A payment is told, not asked: by itself it makes no new version.
        kept.payment.clone_from(&self.record.payment);
        let asked = !is_kept(&kept);
        let mut events = std::mem::take(&mut self.also);
        if asked {
            events.extend(happened(before, &self.record, &self.people));
            self.record.booking.version = before.record.booking.version + 1;
        }
        self.record.updated_at = self.now;
        self.show(tx).await?;
        self.write_events(tx, desk, by, &events).await?;
        booking::update_asked(tx, &self.record).await.map_err(taken)?;
        if !asked {
            return Ok(true);
        }
        self.write_people(tx).await?;
        silence::keep(tx, &self, notify).await?;
        self.enqueue(tx).await?;
        admission::admit(tx, desk, &self).await?;
        Ok(true)
    }

    async fn insert(
        mut self,
        tx: &mut Tx<'_>,
        desk: &Desk,
        by: By,
        notify: Option<Notify>,
    ) -> Result<bool, Problem> {
        self.record.meeting = View::at_first(&self.record.booking);
        let seq = self.record.seq;
        self.record.seq = seq + 1;
        booking::insert(tx, &self.record).await.map_err(taken)?;
        self.record.seq = seq;
        self.write_events(tx, desk, by, &[("booking.created", json!({}))]).await?;
        self.write_people(tx).await?;
        silence::keep(tx, &self, notify).await?;
        self.enqueue(tx).await?;
        admission::admit(tx, desk, &self).await?;
        Ok(true)
    }

    async fn enqueue(&self, tx: &mut Tx<'_>) -> Result<(), Problem> {
        let booking = &self.record.booking;
        let tenant = self.record.tenant;
        work::enqueue(tx, tenant, booking.id, Lane::Plan, booking.start, self.now, self.now)
            .await?;
        Ok(())
    }

    /// What people see of the rooms until the engine has looked.
    async fn show(&mut self, tx: &mut Tx<'_>) -> Result<(), Problem> {
        let Some(before) = &self.before else { return Ok(()) };
        let (was, is) = (&before.record.booking, &self.record.booking);
        if was.status.is_on() == is.status.is_on() && was.mode == is.mode {
            if is.wants_room() && is.current.is_none() && was.generation != is.generation {
                self.record.meeting = meeting::Status::Creating;
            }
            return Ok(());
        }
        if is.wants_room() && is.current.is_some() {
            self.record.meeting = meeting::Status::Active;
            return Ok(());
        }
        if matches!(is.status, Status::Completed | Status::NoShow) {
            return Ok(());
        }
        let rooms = room::of_booking(tx, self.record.tenant, is.id).await?;
        let left =
            rooms.iter().any(|it| !matches!(it.room.state, State::Gone(_) | State::Lost { .. }));
        let first = View::at_first(is);
        let ends = matches!(first, meeting::Status::Cancelled | meeting::Status::NotNeeded);
        self.record.meeting = if ends && left { meeting::Status::Cancelling } else { first };
        Ok(())
    }

    /// One event for each kind of change; `seq` orders them.
    async fn write_events(
        &mut self,
        tx: &mut Tx<'_>,
        desk: &Desk,
        by: By,
        happened: &[(&'static str, Value)],
    ) -> Result<(), Problem> {
        for (kind, particulars) in happened {
            self.record.seq += 1;
            let mut data = json!({
                "status": self.record.booking.status.as_str(),
                "version": self.record.booking.version,
            });
            if let (Some(data), Some(particulars)) = (data.as_object_mut(), particulars.as_object())
            {
                data.extend(particulars.clone());
            }
            let event = Event {
                id: EventId::new(self.now, desk.entropy.id()),
                booking: Some(self.record.booking.id),
                kind: (*kind).to_owned(),
                seq: self.record.seq,
                at: self.now,
                actor: by.actor.as_str().to_owned(),
                data: data.to_string(),
                number: None,
            };
            event::insert(tx, by.tenant, &event).await?;
        }
        Ok(())
    }

    async fn write_people(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        let before = self.before.as_ref().map_or(&[][..], |before| &before.people);
        for person in &self.people {
            match before.iter().find(|it| it.id == person.id) {
                None => person::insert(tx, person).await?,
                Some(known) if known != person => {
                    person::update(tx, person).await?;
                    if known.link_hash != person.link_hash {
                        retired_link::retire(tx, known, self.now).await?;
                        person::replace_link(tx, person).await?;
                    }
                    if known.email.is_some() && known.email != person.email {
                        self.begin_anew(tx, person).await?;
                    }
                }
                Some(_) => {}
            }
        }
        Ok(())
    }

    /// Nobody at a corrected address has been told anything yet, and nothing more goes to the old
    /// one.
    async fn begin_anew(&self, tx: &mut Tx<'_>, person: &Person) -> Result<(), StoreError> {
        let (tenant, id) = (self.record.tenant, self.record.booking.id);
        message::supersede(tx, tenant, person.id, self.now).await?;
        let told = message::told(tx, &[(tenant, id)]).await?;
        match told.into_iter().find(|told| told.person == person.id) {
            Some(told) => message::set_told(tx, tenant, id, &Told { said: None, ..told }).await,
            None => Ok(()),
        }
    }
}

/// What kinds of change there are between two states of a booking.
fn happened(before: &Before, record: &Record, people: &[Person]) -> Vec<(&'static str, Value)> {
    let (was, is) = (&before.record.booking, &record.booking);
    let mut happened = Vec::new();
    if was.host != is.host {
        happened
            .push(("booking.reassigned", json!({"host": is.host, "before": {"host": was.host}})));
    }
    if (was.start, was.end) != (is.start, is.end) {
        let times = json!({
            "start": is.start, "end": is.end, "before": {"start": was.start, "end": was.end},
        });
        happened.push(("booking.rescheduled", times));
    }
    if was.status != is.status {
        let kind = match is.status {
            Status::Pending(_) => "booking.updated",
            Status::Confirmed => "booking.confirmed",
            Status::InProgress => "booking.started",
            Status::Completed => "booking.completed",
            Status::Cancelled => "booking.cancelled",
            Status::NoShow => "booking.no_show",
        };
        let mut data = json!({"before": {"status": was.status.as_str()}});
        if was.status.awaiting().is_some() && is.status.awaiting().is_some() {
            data["changed"] = json!(["awaiting"]);
        }
        happened.push((kind, data));
    }
    for person in people {
        let known = before.people.iter().find(|it| it.id == person.id);
        if known.is_some_and(|known| known.link_hash != person.link_hash) {
            let whose = match person.role {
                Role::Host => "host".to_owned(),
                Role::Guest => person.id.to_string(),
            };
            happened.push(("link.replaced", json!({"person": whose})));
        }
    }
    let changed = others(before, record, people);
    if happened.is_empty() {
        happened.push(("booking.updated", json!({"changed": changed})));
    }
    happened
}

/// The members that differ and have no event of their own.
fn others(before: &Before, record: &Record, people: &[Person]) -> Vec<&'static str> {
    let was = &before.record;
    [
        ("external_id", was.external_id != record.external_id),
        ("service", was.service != record.service),
        ("title", was.booking.title != record.booking.title),
        ("agenda", was.booking.agenda != record.booking.agenda),
        ("private", was.booking.private != record.booking.private),
        ("mode", was.booking.mode != record.booking.mode),
        ("time_zone", was.booking.time_zone != record.booking.time_zone),
        ("notes", was.notes != record.notes),
        ("route", was.booking.route != record.booking.route),
        ("settings", was.booking.settings != record.booking.settings),
        ("metadata", was.metadata != record.metadata),
        ("guests", before.people.as_slice() != people),
        ("room", was.booking.generation != record.booking.generation),
    ]
    .into_iter()
    .filter(|(_, differs)| *differs)
    .map(|(member, _)| member)
    .collect()
}

/// Whether a version is one that the caller expects.
pub(crate) fn expect_version(version: i64, terms: &Terms) -> Result<(), Problem> {
    match &terms.versions {
        Some(versions) if !versions.contains(&version) => Err(version_mismatch(version)),
        Some(_) | None => Ok(()),
    }
}

/// It was changed meanwhile.
pub(crate) fn version_mismatch(version: i64) -> Problem {
    Problem::new(Code::VersionMismatch).and("version", version)
}

pub(crate) fn taken(error: StoreError) -> Problem {
    if error.is_taken() { Problem::new(Code::ExternalIdTaken) } else { error.into() }
}

fn named_and_missing(table: &'static str, id: impl std::fmt::Display) -> Problem {
    StoreError::Corrupt { table, what: format!("{id} is named and not there") }.into()
}

/// Whether a session of this kind needs a room, for commands about rooms.
pub(crate) fn needs_room(record: &Record) -> Result<(), Problem> {
    use roomkey_core::booking::Refusal;
    match record.booking.status {
        Status::Confirmed | Status::InProgress => {}
        Status::Pending(_) => return Err(Refusal::Pending.into()),
        Status::Cancelled => return Err(Refusal::Cancelled.into()),
        Status::Completed | Status::NoShow => return Err(Refusal::Over.into()),
    }
    if record.booking.mode == Mode::Online { Ok(()) } else { Err(Problem::new(Code::NoRoomNeeded)) }
}
