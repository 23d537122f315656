//! Reconciling: everything at the vendors that carries our marker, beside everything that this
//! database knows, for a person to see; and what that person then has removed.
//!
//! It is the sweep with open eyes. What this database knows is mended by the engine, which is only
//! woken here; what it does not know is removed here, and nowhere else, because somebody said so.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use roomkey_core::Instant;
use roomkey_core::failure::{Failure, Reason};
use roomkey_core::id::{BookingId, HostId};
use roomkey_core::meeting;
use roomkey_core::plan::wanted_spec;
use roomkey_core::room::{Seen, Spec, State};
use roomkey_core::route::{Lane, Place, Provider};
use roomkey_providers::contract::Sighting;
use roomkey_store::booking::Filter;
use roomkey_store::host::Host;
use roomkey_store::{
    Priority, StoreError, Tenant, booking, connection, host, installation, lane, room, sweep,
    tenant, work,
};

use crate::engine::Engine;
use crate::sight::{self, Sighted, is_given_up};

/// Rows that are read at once.
const PAGE: u32 = 500;
/// How long a call waits for the vendor's budget, at a time.
const TURN: Duration = Duration::from_millis(100);
/// Why a vendor user is not looked at now.
const PAUSED: &str = "The vendor asked for a pause, or does not answer. Try again later.";

/// What was found, and what could not be looked at.
#[derive(Debug)]
pub struct Survey {
    /// Vendor users that were looked at.
    pub users: usize,
    /// Rooms there that are as they should be.
    pub in_order: usize,
    /// What is not as it should be, practice by practice.
    pub findings: Vec<Finding>,
    /// Who could not be looked at.
    pub unread: Vec<Unread>,
    /// Since when sweeps are off, if they are.
    pub sweeps_off_since: Option<Instant>,
    /// Who was looked at, for the sweeps' own record.
    looked: Vec<(Tenant, Place)>,
}

/// One difference between the vendors and this database.
#[derive(Debug, Clone)]
pub struct Finding {
    /// Whose.
    pub tenant: Tenant,
    /// The practice's name.
    pub practice: String,
    /// Where.
    pub place: Place,
    /// The vendor's id of the room, if there is one.
    pub vendor_id: Option<String>,
    /// Its marker.
    pub marker: Option<String>,
    /// For which booking, if any.
    pub booking: Option<BookingId>,
    /// The words on the door: at the vendor if it is there, else the booking's.
    pub topic: Option<String>,
    /// When it starts, likewise.
    pub start: Option<Instant>,
    /// What is wrong.
    pub kind: Kind,
    record: Option<Box<room::Record>>,
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// It is there, carries our marker, and no booking knows it.
    Unknown,
    /// It is there beside another with the same marker.
    Duplicate,
    /// It is there and should be gone.
    ShouldBeGone {
        /// What this database believes.
        state: &'static str,
    },
    /// It should be there and is not.
    Missing {
        /// What this database believes of it, in words.
        reason: String,
    },
    /// It is there, and not as it should be.
    Drift(Vec<Difference>),
}

impl Kind {
    /// The word for programs.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Duplicate => "duplicate",
            Self::ShouldBeGone { .. } => "should_be_gone",
            Self::Missing { .. } => "missing",
            Self::Drift(_) => "drift",
        }
    }

    /// Whether nobody but a person may have it removed.
    #[must_use]
    pub const fn is_removed_by_hand(&self) -> bool {
        match self {
            Self::Unknown | Self::Duplicate => true,
            Self::ShouldBeGone { .. } | Self::Missing { .. } | Self::Drift(_) => false,
        }
    }
}

/// One thing that is otherwise at the vendor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// `topic`, `start` or `minutes`.
    pub what: &'static str,
    /// As it is there.
    pub is: String,
    /// As it should be.
    pub should_be: String,
}

/// Somebody who could not be looked at, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// The practice's name.
    pub practice: String,
    /// At whom.
    pub provider: Provider,
    /// The account there.
    pub account: String,
    /// The user, if it is only one.
    pub user: Option<String>,
    /// Why, in words.
    pub reason: String,
}

/// What was done about a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// It was removed at the vendor.
    Removed,
    /// The engine has been told, and mends it.
    Woken,
    /// This database knows it by now: nothing was done.
    Known,
    /// The vendor did not remove it, for this reason.
    Failed(String),
}

/// One vendor user, reached by a connection.
struct Looked {
    place: Place,
    connection: connection::Record,
    sightings: Vec<Sighting>,
}

impl Engine {
    /// Looks at every vendor user who may hold rooms of ours, and changes nothing.
    ///
    /// # Errors
    /// The database's; what a vendor does not answer is in the survey.
    pub async fn survey(&self) -> Result<Survey, StoreError> {
        let (tenants, off, paused) = self
            .store()
            .read(|tx| {
                Box::pin(async move {
                    Ok::<_, StoreError>((
                        tenant::all(tx).await?,
                        installation::sweeps_off_since(tx).await?,
                        lane::all(tx).await?,
                    ))
                })
            })
            .await?;
        self.lanes.learn(paused, self.store().now());
        let mut survey = Survey {
            users: 0,
            in_order: 0,
            findings: Vec::new(),
            unread: Vec::new(),
            sweeps_off_since: off,
            looked: Vec::new(),
        };
        for tenant in tenants {
            let row = self
                .store()
                .read(|tx| Box::pin(async move { tenant::get(tx, tenant).await }))
                .await?;
            let looked = self.look_everywhere(tenant, &row.name, &mut survey).await?;
            self.compare(tenant, &row.name, &looked, &mut survey).await?;
            survey.users += looked.len();
            survey.looked.extend(looked.into_iter().map(|it| (tenant, it.place)));
        }
        Ok(survey)
    }

    /// What is there, on everybody who may hold a room of a tenant's.
    async fn look_everywhere(
        &self,
        tenant: Tenant,
        practice: &str,
        survey: &mut Survey,
    ) -> Result<Vec<Looked>, StoreError> {
        let (connections, held) = self
            .store()
            .read(|tx| {
                Box::pin(async move {
                    Ok::<_, StoreError>((
                        connection::of_tenant(tx, tenant).await?,
                        sweep::held(tx, tenant, Instant::default()).await?,
                    ))
                })
            })
            .await?;
        let hosts = self.hosts(tenant).await?;
        let mut looked = Vec::new();
        for place in places(&connections, &held, &hosts) {
            let mut unread = |user: Option<&str>, reason: String| {
                survey.unread.push(Unread {
                    practice: practice.to_owned(),
                    provider: place.provider,
                    account: place.account.clone(),
                    user: user.map(str::to_owned),
                    reason,
                });
            };
            let Some(connection) = sight::reach(&connections, &place) else {
                unread(Some(&place.user), "The account is no longer connected.".to_owned());
                continue;
            };
            if let Some(reason) = &connection.connection.needs_reconnect {
                unread(Some(&place.user), reason.message.clone());
                continue;
            }
            if !self.has_turn(place.lane()).await? {
                unread(Some(&place.user), PAUSED.to_owned());
                continue;
            }
            match sight::sightings(&self.shared, connection, &place).await.result {
                Ok(sightings) => {
                    looked.push(Looked { place, connection: connection.clone(), sightings });
                }
                Err(failure) => unread(Some(&place.user), failure.reason().message),
            }
        }
        Ok(looked)
    }

    /// Waits for one call's worth of a lane's budget; whether there is one to be had.
    async fn has_turn(&self, lane: Lane) -> Result<bool, StoreError> {
        for _ in 0..600 {
            let now = self.store().now();
            if self.lanes.wants_more(lane, now) {
                self.take_budget(lane, now).await?;
            }
            if self.lanes.room_in(lane, now) > 0 {
                let tenant = installation::tenant();
                self.lanes.begun(lane, tenant, now);
                self.lanes.ended(lane, tenant, now);
                return Ok(true);
            }
            if self.lanes.is_paused(lane, now) {
                return Ok(false);
            }
            tokio::time::sleep(TURN).await;
        }
        Ok(false)
    }

    async fn hosts(&self, tenant: Tenant) -> Result<Vec<Host>, StoreError> {
        let mut hosts: Vec<Host> = Vec::new();
        loop {
            let after = hosts.last().map(|it| (it.created_at, it.id));
            let page = self
                .store()
                .read(|tx| Box::pin(async move { host::list(tx, tenant, after, PAGE).await }))
                .await?;
            let last = page.len() < usize::try_from(PAGE).unwrap_or(usize::MAX);
            hosts.extend(page);
            if last {
                return Ok(hosts);
            }
        }
    }

    /// Compares what is there with what should be, both ways.
    async fn compare(
        &self,
        tenant: Tenant,
        practice: &str,
        looked: &[Looked],
        survey: &mut Survey,
    ) -> Result<(), StoreError> {
        let finding = |place: &Place, kind: Kind| Finding {
            tenant,
            practice: practice.to_owned(),
            place: place.clone(),
            vendor_id: None,
            marker: None,
            booking: None,
            topic: None,
            start: None,
            kind,
            record: None,
        };
        // What is there, by the vendor's id.
        let mut there: HashMap<(Place, String), Seen> = HashMap::new();
        for look in looked {
            let sorted = self.sorted(tenant, &look.place, &look.sightings).await?;
            for (sighting, known) in look.sightings.iter().zip(sorted) {
                let of = |kind: Kind| Finding {
                    vendor_id: Some(sighting.vendor_id.clone()),
                    marker: Some(sighting.marker.clone()),
                    topic: sighting.seen.topic.clone(),
                    start: sighting.seen.start,
                    ..finding(&look.place, kind)
                };
                match known {
                    Sighted::Elsewhere => {}
                    Sighted::Unknown => survey.findings.push(of(Kind::Unknown)),
                    Sighted::Known(record) => {
                        let room = &record.room;
                        let state = room.state;
                        let recorded = room.vendor_id.as_deref() == Some(&*sighting.vendor_id);
                        if state.is_open() || (state.has_door() && recorded) {
                            let place = record.room.place.clone();
                            let key = (place, sighting.vendor_id.clone());
                            there.insert(key, sighting.seen.clone());
                            continue;
                        }
                        let kind = if is_given_up(state) || recorded {
                            Kind::ShouldBeGone { state: state.as_str() }
                        } else {
                            Kind::Duplicate
                        };
                        survey.findings.push(Finding {
                            booking: Some(record.booking),
                            record: Some(record),
                            ..of(kind)
                        });
                    }
                }
            }
        }
        self.compare_bookings(tenant, looked, &there, &finding, survey).await
    }

    /// Goes through a tenant's sessions that are not over.
    async fn compare_bookings(
        &self,
        tenant: Tenant,
        looked: &[Looked],
        there: &HashMap<(Place, String), Seen>,
        finding: &(dyn Fn(&Place, Kind) -> Finding + Sync),
        survey: &mut Survey,
    ) -> Result<(), StoreError> {
        let now = self.store().now();
        let day = Duration::from_secs(24 * 60 * 60);
        let mut after = None;
        loop {
            let filter = Filter { from: Some(now.minus(day)), ..Filter::default() };
            let (page, rooms) = self
                .store()
                .read(move |tx| {
                    Box::pin(async move {
                        let page = booking::list(tx, tenant, &filter, after, PAGE).await?;
                        let keys: Vec<_> = page.iter().map(|it| (tenant, it.booking.id)).collect();
                        let rooms = room::of_many(tx, &keys).await?;
                        Ok::<_, StoreError>((page, rooms))
                    })
                })
                .await?;
            for record in &page {
                let theirs = rooms.iter().filter(|it| it.booking == record.booking.id);
                let of = |it: &room::Record, kind: Kind| Finding {
                    booking: Some(record.booking.id),
                    vendor_id: it.room.vendor_id.clone(),
                    marker: Some(it.marker.clone()),
                    topic: Some(record.booking.title.clone()),
                    start: Some(record.booking.start),
                    record: Some(Box::new(it.clone())),
                    ..finding(&it.room.place, kind)
                };
                let wants = record.booking.wants_room() && now < record.booking.end;
                let mut has_one = false;
                for room in theirs.clone().filter(|it| it.room.state.has_door()) {
                    let current = record.booking.current == Some(room.room.id);
                    has_one |= current;
                    let Some(seen) = self.seen(room, looked, there).await? else { continue };
                    let seen = match seen {
                        Ok(seen) => seen,
                        Err(failure) => {
                            survey.unread.push(Unread {
                                practice: of(room, Kind::Unknown).practice,
                                provider: room.room.place.provider,
                                account: room.room.place.account.clone(),
                                user: Some(room.room.place.user.clone()),
                                reason: failure.reason().message,
                            });
                            continue;
                        }
                    };
                    match seen {
                        Some(_) if !current => {
                            let state = room.room.state.as_str();
                            survey.findings.push(of(room, Kind::ShouldBeGone { state }));
                        }
                        None if current && wants => survey.findings.push(of(
                            room,
                            Kind::Missing { reason: "The vendor has no such room.".to_owned() },
                        )),
                        Some(seen) if wants => {
                            let differences = differences(&seen, &wanted_spec(&record.booking));
                            if differences.is_empty() {
                                survey.in_order += 1;
                            } else {
                                survey.findings.push(of(room, Kind::Drift(differences)));
                            }
                        }
                        Some(_) => survey.in_order += 1,
                        None => {}
                    }
                }
                // A room that is to be opened later is not missed.
                let later = record.meeting == meeting::Status::Pending
                    && record.meeting_reason.is_none()
                    && record.is_settled();
                if wants && !has_one && !later {
                    let waits = theirs.clone().any(|it| it.room.state.is_open());
                    let reason = match &record.meeting_reason {
                        Some(reason) => reason.message.clone(),
                        None if waits => "The vendor's answer is being waited for.".to_owned(),
                        None => "No room has been made yet.".to_owned(),
                    };
                    let nowhere = Place {
                        provider: record
                            .booking
                            .route
                            .first()
                            .map_or(Provider::Link, |it| it.provider),
                        connection: None,
                        account: String::new(),
                        user: String::new(),
                    };
                    survey.findings.push(Finding {
                        booking: Some(record.booking.id),
                        topic: Some(record.booking.title.clone()),
                        start: Some(record.booking.start),
                        ..finding(&nowhere, Kind::Missing { reason })
                    });
                }
            }
            match page.last() {
                Some(last) if page.len() >= usize::try_from(PAGE).unwrap_or(usize::MAX) => {
                    after = Some((last.created_at, last.booking.id));
                }
                Some(_) | None => return Ok(()),
            }
        }
    }

    /// A room as it is at the vendor, or that it is not there; nothing if nobody looked there.
    async fn seen(
        &self,
        record: &room::Record,
        looked: &[Looked],
        there: &HashMap<(Place, String), Seen>,
    ) -> Result<Option<Result<Option<Seen>, Failure>>, StoreError> {
        let room = &record.room;
        let look = looked.iter().find(|it| it.place == room.place);
        let (Some(look), Some(vendor_id)) = (look, room.vendor_id.clone()) else {
            return Ok(None);
        };
        if let Some(seen) = there.get(&(room.place.clone(), vendor_id.clone())) {
            return Ok(Some(Ok(Some(seen.clone()))));
        }
        // Its marker may have been taken away: it is asked for by its id, within the budget.
        if !self.has_turn(room.place.lane()).await? {
            return Ok(Some(Err(Failure::Transient(Reason::new("vendor_paused", PAUSED)))));
        }
        Ok(Some(
            match sight::inspect(&self.shared, &look.connection, &room.place, &vendor_id).await {
                Ok(found) => Ok(Some(found.seen)),
                Err(Failure::Gone) => Ok(None),
                Err(failure) => Err(failure),
            },
        ))
    }

    /// Removes what only a person may have removed, and wakes the engine for everything else.
    /// Each finding's action is told as soon as it is done.
    ///
    /// # Errors
    /// The database's; what a vendor refuses is the finding's action.
    pub async fn reconcile(
        &self,
        survey: &Survey,
        mut tell: impl FnMut(&Finding, &Action),
    ) -> Result<(), StoreError> {
        let mut left: HashMap<(Tenant, String), usize> = HashMap::new();
        for finding in &survey.findings {
            let action = if finding.kind.is_removed_by_hand() {
                self.remove(finding).await?
            } else {
                self.mend(finding).await?
            };
            if finding.kind == Kind::Unknown && matches!(action, Action::Failed(_)) {
                *left.entry((finding.tenant, key(&finding.place))).or_default() += 1;
            }
            tell(finding, &action);
        }
        let now = self.store().now();
        let looked: Vec<_> = survey
            .looked
            .iter()
            .map(|(tenant, place)| {
                let unknown = left.get(&(*tenant, key(place))).copied().unwrap_or(0);
                (*tenant, place.clone(), unknown)
            })
            .collect();
        self.store()
            .write(Priority::Background, move |tx| {
                let looked = looked.clone();
                Box::pin(async move {
                    for (tenant, place, unknown) in &looked {
                        sweep::counted(tx, *tenant, place, *unknown, now).await?;
                    }
                    Ok::<_, StoreError>(())
                })
            })
            .await?;
        self.wake.notify_one();
        Ok(())
    }

    /// Removes a room that no booking knows, if none has come to know it meanwhile.
    async fn remove(&self, finding: &Finding) -> Result<Action, StoreError> {
        let (Some(vendor_id), Some(marker)) = (&finding.vendor_id, &finding.marker) else {
            return Ok(Action::Known);
        };
        let sighting = Sighting {
            marker: marker.clone(),
            vendor_id: vendor_id.clone(),
            seen: Seen::at(self.store().now()),
        };
        let (tenant, place) = (finding.tenant, &finding.place);
        let known = self.sorted(tenant, place, &[sighting]).await?;
        let connections = self
            .store()
            .read(move |tx| Box::pin(async move { connection::of_tenant(tx, tenant).await }))
            .await?;
        let still = known.iter().all(|known| match known {
            Sighted::Unknown => finding.kind == Kind::Unknown,
            Sighted::Known(record) => {
                finding.kind == Kind::Duplicate
                    && record.room.vendor_id.as_deref() != Some(vendor_id)
                    && !record.room.state.is_open()
            }
            Sighted::Elsewhere => false,
        });
        if !still {
            return Ok(Action::Known);
        }
        let Some(connection) = sight::reach(&connections, place) else {
            return Ok(Action::Failed("The account is no longer connected.".to_owned()));
        };
        if !self.has_turn(place.lane()).await? {
            return Ok(Action::Failed("The vendor asked for a pause.".to_owned()));
        }
        Ok(match sight::remove(&self.shared, connection, place, vendor_id).await {
            Ok(()) | Err(Failure::Gone) => Action::Removed,
            Err(failure) => Action::Failed(failure.reason().message),
        })
    }

    /// Tells the engine what was seen; it decides under the booking's lock.
    async fn mend(&self, finding: &Finding) -> Result<Action, StoreError> {
        let Some(booking) = finding.booking else { return Ok(Action::Known) };
        let tenant = finding.tenant;
        let mut back = Vec::new();
        if let (Some(record), Some(vendor_id)) = (&finding.record, &finding.vendor_id)
            && is_given_up(record.room.state)
        {
            let connections = self
                .store()
                .read(move |tx| Box::pin(async move { connection::of_tenant(tx, tenant).await }))
                .await?;
            let Some(connection) = sight::reach(&connections, &record.room.place) else {
                return Ok(Action::Failed("The account is no longer connected.".to_owned()));
            };
            match sight::inspect(&self.shared, connection, &record.room.place, vendor_id).await {
                Ok(seen) => back.push((record.as_ref().clone(), seen)),
                Err(Failure::Gone) => return Ok(Action::Known),
                Err(failure) => return Ok(Action::Failed(failure.reason().message)),
            }
        }
        let (shared, now) = (self.shared.clone(), self.store().now());
        self.store()
            .write(Priority::Interactive, move |tx| {
                let (shared, back) = (shared.clone(), back.clone());
                Box::pin(async move {
                    if !back.is_empty() {
                        sight::found(tx, &shared, &back, now).await?;
                        return Ok(());
                    }
                    let Some(record) = booking::lock(tx, tenant, booking).await? else {
                        return Ok(());
                    };
                    let rooms = room::of_booking(tx, tenant, booking).await?;
                    for mut it in rooms {
                        if matches!(it.room.state, State::Live | State::Doubtful { .. }) {
                            // Not before it has been read does it count as settled.
                            it.room.read_due = Some(now);
                            room::update(tx, tenant, &it.room).await?;
                        }
                    }
                    let start = record.booking.start;
                    work::enqueue(tx, tenant, booking, Lane::Plan, start, now, now).await
                })
            })
            .await?;
        Ok(Action::Woken)
    }
}

fn key(place: &Place) -> String {
    format!("{} {}", place.lane(), place.user)
}

/// Everybody who may hold a room of ours: who has held one, whoever lends seats, and the hosts.
fn places(
    connections: &[connection::Record],
    held: &[(Place, Instant)],
    hosts: &[Host],
) -> Vec<Place> {
    let mut places: Vec<Place> = held.iter().map(|(place, _)| place.clone()).collect();
    let mut known: BTreeSet<(String, String)> =
        places.iter().map(|it| (it.lane().to_string(), it.user.to_lowercase())).collect();
    for record in connections {
        let connection = &record.connection;
        let mut users = connection.seats.clone();
        let meant = |id: HostId| connection.host.is_none_or(|owner| owner == id);
        for host in hosts.iter().filter(|it| meant(it.id)) {
            let login = host.accounts.get(&connection.provider).unwrap_or(&host.email);
            users.push(login.clone());
        }
        for user in users {
            let place = Place {
                provider: connection.provider,
                connection: Some(connection.id),
                account: connection.account.clone(),
                user,
            };
            if known.insert((place.lane().to_string(), place.user.to_lowercase())) {
                places.push(place);
            }
        }
    }
    places
}

/// What is otherwise than it should be. What the vendor does not say differs from nothing.
fn differences(seen: &Seen, wanted: &Spec) -> Vec<Difference> {
    let mut found = Vec::new();
    let mut differs = |what: &'static str, is: Option<String>, should_be: String| {
        if let Some(is) = is.filter(|it| *it != should_be) {
            found.push(Difference { what, is, should_be });
        }
    };
    let cut =
        |topic: &str| topic.ends_with('…') && wanted.topic.starts_with(topic.trim_end_matches('…'));
    differs("topic", seen.topic.clone().filter(|it| !cut(it)), wanted.topic.clone());
    differs("start", seen.start.map(|it| it.to_string()), wanted.start.to_string());
    differs("minutes", seen.minutes.map(|it| it.to_string()), wanted.minutes.to_string());
    found
}
