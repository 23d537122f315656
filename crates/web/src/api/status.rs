//! `/v1/status`: how everything is, and why nothing is happening.

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use roomkey_core::meeting;
use roomkey_core::route::Lane;
use roomkey_store::lane;
use roomkey_store::{StoreError, booking, work};
use serde::Serialize;
use utoipa::ToSchema;

use super::answer::json;
use super::booking_json::ReasonJson;
use super::caller::Caller;
use super::connections::{all, standing};
use super::scope::Scope;
use crate::app::App;
use crate::error::Problem;
use crate::sweeps::Sweeps;

/// How everything is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Status)]
pub(crate) struct StatusJson {
    /// `ok`, or `attention` where a person is needed.
    status: &'static str,
    /// In words: what keeps rooms from being made. Nothing where nothing does.
    reasons: Vec<ReasonJson>,
    /// Sessions ahead, by where their meeting stands.
    meetings: MeetingCounts,
    connections: Vec<ConnectionHealth>,
    /// What waits to be done, by lane.
    backlog: Vec<BacklogJson>,
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

/// How one connection is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConnectionHealth {
    id: String,
    provider: &'static str,
    /// `connected`, `needs_reconnect` or `disabled`.
    status: &'static str,
    reason: Option<ReasonJson>,
    /// When the vendor last answered.
    #[schema(format = DateTime)]
    checked_at: Option<String>,
    /// Nothing is asked of the vendor before then.
    #[schema(format = DateTime)]
    paused_until: Option<String>,
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

/// Says how everything is.
#[utoipa::path(get, path = "/v1/status", tag = "Status", responses((status = 200, body = StatusJson)))]
pub(crate) async fn get(State(app): State<App>, caller: Caller) -> Result<Response, Problem> {
    caller.must(Scope::StatusRead)?;
    let (tenant, now) = (caller.tenant(), app.now());
    let connections = all(&app, &caller).await?;
    let (counts, backlog, looping, lanes, sweeps) = app
        .store()
        .read(|tx| {
            Box::pin(async move {
                Ok::<_, StoreError>((
                    booking::counts(tx, tenant, now).await?,
                    work::backlog(tx, tenant).await?,
                    work::looping(tx, tenant).await?,
                    lane::all(tx).await?,
                    Sweeps::load(tx, tenant).await?,
                ))
            })
        })
        .await?;
    let paused = |lane: Lane| lanes.iter().find(|it| it.lane == lane && it.paused_until > now);
    let connections: Vec<ConnectionHealth> = connections
        .iter()
        .map(|record| {
            let connection = &record.connection;
            let pause = paused(Lane::Connection(connection.id));
            ConnectionHealth {
                id: connection.id.to_string(),
                provider: connection.provider.as_str(),
                status: standing(connection),
                reason: connection
                    .needs_reconnect
                    .as_ref()
                    .or_else(|| pause.and_then(|it| it.reason.as_ref()))
                    .map(ReasonJson::from),
                checked_at: record.checked_at.map(|at| at.to_string()),
                paused_until: pause.map(|it| it.paused_until.to_string()),
            }
        })
        .collect();
    let mut reasons: Vec<ReasonJson> =
        connections.iter().filter_map(|it| it.reason.clone()).collect();
    let meetings = count(&counts);
    if connections.is_empty() && meetings.pending + meetings.failed > 0 {
        let provider = roomkey_core::route::Provider::Zoom;
        reasons.push(ReasonJson::from(&roomkey_core::failure::Reason::not_connected(provider)));
    }
    if let Some(reason) = paused(Lane::Mail).and_then(|it| it.reason.as_ref()) {
        reasons.push(ReasonJson::from(reason));
    }
    reasons.extend(sweeps.reasons().iter().map(ReasonJson::from));
    let shown = StatusJson {
        status: if reasons.is_empty() && meetings.failed == 0 { "ok" } else { "attention" },
        reasons,
        meetings,
        connections,
        backlog: backlog
            .into_iter()
            .map(|it| BacklogJson {
                lane: it.lane.to_string(),
                ready: it.ready,
                since: it.since.map(|at| at.to_string()),
            })
            .collect(),
        looping,
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
