//! `/v1/status`: how everything is, and why nothing is happening.

use std::time::Duration;

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use roomkey_core::failure::Reason;
use roomkey_core::route::{Lane, Provider};
use roomkey_core::{Instant, meeting};
use roomkey_store::attempt::{self, Tallies, Tally};
use roomkey_store::connection::{self, Record};
use roomkey_store::vendor_user::{self, Parked};
use roomkey_store::{StoreError, Tenant, Tx, booking, lane, work};
use serde::Serialize;
use utoipa::ToSchema;

use super::answer::json;
use super::booking_json::ReasonJson;
use super::caller::Caller;
use super::connections::standing;
use super::scope::Scope;
use crate::app::App;
use crate::error::Problem;
use crate::sweeps::Sweeps;

/// Since when calls at vendors are counted.
const WINDOW: Duration = Duration::from_secs(24 * 60 * 60);

/// How everything is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Status)]
pub(crate) struct StatusJson {
    /// `ok`, or `attention` where something does not happen, or a person is needed.
    status: &'static str,
    /// In words: what keeps rooms from being made, of the connections, and of the sessions ahead that
    /// have none. Nothing where nothing does.
    reasons: Vec<ReasonJson>,
    /// How calls at all vendors went.
    calls: CallsJson,
    /// Sessions ahead, by where their meeting stands.
    meetings: MeetingCounts,
    connections: Vec<ConnectionHealth>,
    /// What waits to be done, by lane.
    backlog: Vec<BacklogJson>,
    /// Pieces of work that are being done.
    under_way: i64,
    /// Pieces of work that were taken again and again without being finished.
    looping: i64,
    sweeps: SweepsJson,
}

/// The sweeps, which look at the vendors for rooms that no booking wants.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Sweeps)]
pub(crate) struct SweepsJson {
    /// Off after a backup was restored, until somebody switches them on: `roomkey sweeps on`.
    on: bool,
    /// Since when they are off.
    #[schema(format = DateTime)]
    off_since: Option<String>,
    /// When a vendor user was last looked at.
    #[schema(format = DateTime)]
    swept_at: Option<String>,
    /// Rooms at the vendor that carry this installation's mark and that no booking knows.
    unknown_rooms: i64,
}

/// Sessions ahead, by where their meeting stands.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct MeetingCounts {
    pending: i64,
    creating: i64,
    active: i64,
    failed: i64,
    cancelling: i64,
    not_needed: i64,
}

/// How calls at vendors went in the last 24 hours: the latest 2,000 of the tenant, if there were more.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Calls)]
pub(crate) struct CallsJson {
    /// How many there were.
    #[schema(example = 120)]
    count: u64,
    /// How many of them the vendor answered with what was asked for, from 0 to 1; null if there were
    /// none.
    #[schema(example = 0.992)]
    success_rate: Option<f64>,
    /// How long they took; null if there were none.
    latency_ms: Option<LatencyJson>,
}

/// How long calls took, in milliseconds.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Latency)]
pub(crate) struct LatencyJson {
    /// Half of them took no longer.
    #[schema(example = 180.2)]
    p50: f64,
    /// 95 of 100 took no longer.
    #[schema(example = 640.0)]
    p95: f64,
}

impl From<Tally> for CallsJson {
    fn from(tally: Tally) -> Self {
        let millis =
            |it: Duration| f64::from(u32::try_from(it.as_micros()).unwrap_or(u32::MAX)) / 1e3;
        let count = |it: u64| f64::from(u32::try_from(it).unwrap_or(u32::MAX));
        let latency = tally.median.zip(tally.p95);
        Self {
            count: tally.calls,
            success_rate: (tally.calls > 0).then(|| count(tally.succeeded) / count(tally.calls)),
            latency_ms: latency
                .map(|(p50, p95)| LatencyJson { p50: millis(p50), p95: millis(p95) }),
        }
    }
}

/// A vendor user who may make and change nothing more for now.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = ParkedUser)]
pub(crate) struct ParkedJson {
    /// The vendor's name for the user.
    user: String,
    #[schema(format = DateTime)]
    until: String,
    reason: ReasonJson,
}

/// How one connection is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConnectionHealth {
    id: String,
    provider: &'static str,
    /// `connected`, `needs_reconnect` or `disabled`.
    status: &'static str,
    /// Why nothing is made with it now: it needs a person, is switched off, or waits.
    reason: Option<ReasonJson>,
    calls: CallsJson,
    /// When the vendor last answered.
    #[schema(format = DateTime)]
    checked_at: Option<String>,
    /// Nothing is asked of the vendor before then.
    #[schema(format = DateTime)]
    paused_until: Option<String>,
    /// Vendor users who may make and change nothing more for now, as after a daily limit.
    parked: Vec<ParkedJson>,
}

/// What waits in one lane.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Backlog)]
pub(crate) struct BacklogJson {
    /// `plan`, `mail`, `fixed`, or a connection.
    lane: String,
    ready: i64,
    /// Since when the oldest waits.
    #[schema(format = DateTime)]
    since: Option<String>,
}

/// What is read for an answer, at one moment.
struct Read {
    connections: Vec<Record>,
    counts: Vec<(meeting::Status, i64)>,
    waiting_for: Vec<Reason>,
    backlog: Vec<work::Backlog>,
    under_way: i64,
    looping: i64,
    lanes: Vec<lane::State>,
    parked: Parked,
    tallies: Tallies,
    sweeps: Sweeps,
}

impl Read {
    async fn load(
        tx: &mut Tx<'_>,
        tenant: Tenant,
        daily_limit: Option<u32>,
        now: Instant,
    ) -> Result<Self, StoreError> {
        let limit = daily_limit.unwrap_or(u32::MAX);
        Ok(Self {
            connections: connection::of_tenant(tx, tenant).await?,
            counts: booking::counts(tx, tenant, now).await?,
            waiting_for: booking::waiting_for(tx, tenant, now).await?,
            backlog: work::backlog(tx, tenant).await?,
            under_way: work::under_way(tx, tenant).await?,
            looping: work::looping(tx, tenant).await?,
            lanes: lane::all(tx).await?,
            parked: vendor_user::parked(tx, tenant, limit, now).await?,
            tallies: attempt::tallies(tx, tenant, now.minus(WINDOW)).await?,
            sweeps: Sweeps::load(tx, tenant).await?,
        })
    }

    /// A lane in which nothing is asked for a while.
    fn paused(&self, lane: Lane, now: Instant) -> Option<&lane::State> {
        self.lanes.iter().find(|it| it.lane == lane && it.paused_until > now)
    }

    /// How a connection is.
    fn health(&self, app: &App, record: &Record, now: Instant) -> ConnectionHealth {
        let connection = &record.connection;
        let pause = self.paused(Lane::Connection(connection.id), now);
        let parked: Vec<ParkedJson> = self
            .parked
            .iter()
            .filter(|((id, _), _)| *id == connection.id)
            .map(|((_, user), (until, reason))| ParkedJson {
                user: user.clone(),
                until: until.to_string(),
                reason: ReasonJson::of(app, reason),
            })
            .collect();
        let off = connection.disabled.then(|| Reason::connection_disabled(connection.provider));
        let reason = off
            .as_ref()
            .or(connection.needs_reconnect.as_ref())
            .or_else(|| pause.and_then(|it| it.reason.as_ref()))
            .map(|it| ReasonJson::of(app, it))
            .or_else(|| parked.first().map(|it| it.reason.clone()));
        let tally = self.tallies.by_connection.get(&connection.id).copied().unwrap_or_default();
        ConnectionHealth {
            id: connection.id.to_string(),
            provider: connection.provider.as_str(),
            status: standing(connection),
            reason,
            calls: tally.into(),
            checked_at: record.checked_at.map(|at| at.to_string()),
            paused_until: pause.map(|it| it.paused_until.to_string()),
            parked,
        }
    }

    /// What keeps something from happening, each once.
    fn reasons(
        &self,
        app: &App,
        connections: &[ConnectionHealth],
        meetings: &MeetingCounts,
        now: Instant,
    ) -> Vec<ReasonJson> {
        // What is switched off on purpose is no trouble, unless a session waits for it.
        let connected = connections.iter().filter(|it| it.status != "disabled");
        let mut reasons: Vec<ReasonJson> =
            connected.clone().filter_map(|it| it.reason.clone()).collect();
        reasons.extend(connected.flat_map(|it| it.parked.iter().map(|it| it.reason.clone())));
        reasons.extend(self.waiting_for.iter().map(|it| ReasonJson::of(app, it)));
        if self.connections.is_empty() && meetings.pending + meetings.failed > 0 {
            reasons.push(ReasonJson::of(app, &Reason::not_connected(Provider::Zoom)));
        }
        if let Some(reason) = self.paused(Lane::Mail, now).and_then(|it| it.reason.as_ref()) {
            reasons.push(ReasonJson::of(app, reason));
        }
        reasons.extend(self.sweeps.reasons().iter().map(|it| ReasonJson::of(app, it)));
        let mut once: Vec<ReasonJson> = Vec::new();
        for reason in reasons {
            if !once.iter().any(|it| it.says(&reason)) {
                once.push(reason);
            }
        }
        once
    }
}

/// Says how everything is.
#[utoipa::path(get, path = "/v1/status", tag = "Status", responses((status = 200, body = StatusJson)))]
pub(crate) async fn get(State(app): State<App>, caller: Caller) -> Result<Response, Problem> {
    caller.must(Scope::StatusRead)?;
    let (tenant, now, limit) = (caller.tenant(), app.now(), app.user_daily_limit);
    let read = app
        .store()
        .read(|tx| Box::pin(async move { Read::load(tx, tenant, limit, now).await }))
        .await?;
    let connections: Vec<_> =
        read.connections.iter().map(|it| read.health(&app, it, now)).collect();
    let meetings = count(&read.counts);
    let reasons = read.reasons(&app, &connections, &meetings, now);
    let sweeps = &read.sweeps;
    let shown = StatusJson {
        status: if reasons.is_empty() && meetings.failed == 0 { "ok" } else { "attention" },
        reasons,
        calls: read.tallies.overall.into(),
        meetings,
        connections,
        backlog: read
            .backlog
            .iter()
            .map(|it| BacklogJson {
                lane: it.lane.to_string(),
                ready: it.ready,
                since: it.since.map(|at| at.to_string()),
            })
            .collect(),
        under_way: read.under_way,
        looping: read.looping,
        sweeps: SweepsJson {
            on: sweeps.off_since.is_none(),
            off_since: sweeps.off_since.map(|at| at.to_string()),
            swept_at: sweeps.known.swept_at.map(|at| at.to_string()),
            unknown_rooms: sweeps.known.unknown_rooms,
        },
    };
    json(StatusCode::OK, &shown, None)
}

fn count(counts: &[(meeting::Status, i64)]) -> MeetingCounts {
    let mut by = MeetingCounts::default();
    for (status, count) in counts {
        match status {
            meeting::Status::Pending => by.pending += count,
            meeting::Status::Creating => by.creating += count,
            meeting::Status::Active => by.active += count,
            meeting::Status::Failed => by.failed += count,
            meeting::Status::Cancelling | meeting::Status::Cancelled => by.cancelling += count,
            meeting::Status::NotNeeded => by.not_needed += count,
        }
    }
    by
}
