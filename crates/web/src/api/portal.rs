//! `/v1/portal-sessions`: one-time sign-in links.

use std::time::Duration;

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use roomkey_core::id::HostId;
use roomkey_store::session::{self, Who};
use roomkey_store::{Priority, Reference, StoreError, host};
use roomkey_vault::SignInToken;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::answer::{About, answer, json};
use super::body::Body;
use super::caller::Caller;
use super::headers::Prefer;
use super::members::Members;
use super::once::{Key, once};
use super::schemas;
use super::scope::Scope;
use crate::app::App;
use crate::error::{Fault, Problem};

/// How long a link is good.
const GOOD: Duration = Duration::from_secs(10 * 60);

/// A one-time sign-in link.
#[derive(Serialize, ToSchema)]
#[schema(as = PortalSession)]
pub(crate) struct PortalJson {
    /// Whoever opens it and agrees is signed in. Good once.
    url: String,
    #[schema(format = DateTime)]
    expires_at: String,
}

/// Who is to be signed in.
enum Wanted {
    Host(Reference<HostId>),
    Operator,
}

/// Exactly one of the two: what is null is not said, and saying nothing makes nobody an operator.
fn read(body: &Map<String, Value>) -> Result<Wanted, Problem> {
    let mut members = Members::new(body, "");
    let host = members.parsed("host").flatten().map(Wanted::Host);
    let role = members.word("role", &[("operator", ())]).flatten().map(|()| Wanted::Operator);
    let said = |name: &str| body.get(name).is_some_and(|it| !it.is_null());
    match (said("host"), said("role")) {
        (false, false) => members.fault("host", "required", "or `role` is needed"),
        (true, true) => members.fault("role", "conflict", "cannot be given together with `host`"),
        (true, false) | (false, true) => {}
    }
    members.done(&[])?;
    // Without either there was a fault, and it was answered.
    host.or(role).ok_or_else(|| Problem::invalid(Vec::new()))
}

/// Makes a one-time sign-in link for a host or an operator.
#[utoipa::path(post, path = "/v1/portal-sessions", tag = "Portal", request_body = schemas::PortalSessionInput,
    params(("Idempotency-Key" = Option<String>, Header)),
    responses((status = 201, body = PortalJson), (status = 422, body = schemas::Problem)))]
pub(crate) async fn create(
    State(app): State<App>,
    caller: Caller,
    key: Key,
    body: Body,
) -> Result<Response, Problem> {
    caller.must(Scope::PortalSessions)?;
    let tenant = caller.tenant();
    let outcome = once(&app, &caller, key, body.hash, read(&body.members), move |tx, wanted| {
        Box::pin(async move {
            let host = match wanted.as_ref() {
                Wanted::Operator => None,
                Wanted::Host(reference) => {
                    let words = "is no host of this tenant";
                    let fault = || Problem::invalid(vec![Fault::new("/host", "not_found", words)]);
                    Some(host::find(tx, tenant, reference).await?.ok_or_else(fault)?.id)
                }
            };
            Ok((StatusCode::CREATED, About::SignIn { host }))
        })
    })
    .await?;
    answer(&app, &caller, outcome, Prefer::default()).await
}

/// A fresh link: none is kept, so a repeat gets another.
pub(crate) async fn show(
    app: &App,
    caller: &Caller,
    status: StatusCode,
    host: Option<HostId>,
) -> Result<Response, Problem> {
    let token = SignInToken::generate(&app.desk.entropy);
    let (tenant, hash, expires) = (caller.tenant(), token.digest(), app.now().plus(GOOD));
    let who = host.map_or(Who::Operator, Who::Host);
    app.store()
        .write(Priority::Interactive, move |tx| {
            Box::pin(async move {
                session::promise(tx, tenant, who, &hash, expires).await?;
                Ok::<_, StoreError>(())
            })
        })
        .await?;
    let shown = PortalJson {
        url: app.url(&format!("in/{}", token.expose())),
        expires_at: expires.to_string(),
    };
    json(status, &shown, None)
}
