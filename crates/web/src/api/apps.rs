//! `/v1/apps`: OAuth applications at vendors. Secrets go in and never come out.

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use roomkey_core::id::AppId;
use roomkey_core::route::Provider;
use roomkey_store::app::{self, Record};
use secrecy::SecretString;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::answer::{About, answer, json as answer_json, located};
use super::body::Body;
use super::caller::Caller;
use super::connections::hook_secrets;
use super::headers::{IfMatch, Prefer};
use super::members::Members;
use super::once::{Key, Outcome, once};
use super::query::{List, Query};
use super::schemas;
use super::scope::Scope;
use crate::app::App;
use crate::desk::{self, AppAsked, WEBHOOK_SECRETS};
use crate::error::Problem;

/// An OAuth application at a provider.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = App)]
pub(crate) struct AppJson {
    #[schema(example = "app_01hq3v8x5cj6tq2x9m4w7r5n1d")]
    id: String,
    provider: &'static str,
    client_id: String,
    /// Where the provider is to send its events.
    webhook_url: String,
    /// Counts changes of the credentials.
    version: i64,
    #[schema(format = DateTime)]
    created_at: String,
}

/// Members that only the server writes.
const WRITTEN: &[&str] = &["id", "webhook_url", "version", "created_at"];

fn shown(app: &App, record: &Record) -> AppJson {
    AppJson {
        id: record.id.to_string(),
        provider: record.provider.as_str(),
        client_id: record.client_id.clone(),
        webhook_url: app.url(&format!("hooks/zoom/{}", record.id)),
        version: record.revision,
        created_at: record.created_at.to_string(),
    }
}

fn read(body: &Map<String, Value>, whole: bool) -> Result<AppAsked, Problem> {
    let mut members = Members::new(body, "");
    for name in ["provider", "client_id", "client_secret"] {
        members.needed(name, whole);
    }
    // The provider never changes; saying it as it is is no fault.
    let _ = members.word("provider", &[("zoom", Provider::Zoom)]);
    let mut line = |name: &'static str| Some(members.text(name)??.trim().to_owned());
    let client_id = line("client_id");
    let client_secret = line("client_secret").map(SecretString::from);
    let asked = AppAsked {
        client_id,
        client_secret,
        hook_secrets: hook_secrets(&mut members, WEBHOOK_SECRETS),
    };
    members.also(asked.faults());
    members.done(WRITTEN)?;
    Ok(asked)
}

/// Lists apps, newest first.
#[utoipa::path(get, path = "/v1/apps", tag = "Connections",
    params(("limit" = Option<u32>, Query, description = "1 to 200; 50 if left out"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the stretch before")),
    responses((status = 200, body = List<AppJson>)))]
pub(crate) async fn list(
    State(app): State<App>,
    caller: Caller,
    mut query: Query,
) -> Result<Response, Problem> {
    caller.must(Scope::AppsRead)?;
    let page = query.page();
    query.done()?;
    let (tenant, after, fetch) = (caller.tenant(), page.after, page.fetch());
    let mut records = app
        .store()
        .read(|tx| Box::pin(async move { app::list(tx, tenant, after, fetch).await }))
        .await?;
    let next_cursor = page.cut(&mut records, |it| (it.created_at, it.id));
    let data = records.iter().map(|it| shown(&app, it)).collect();
    answer_json(StatusCode::OK, &List { data, next_cursor }, None)
}

/// A tenant's apps, oldest first.
async fn all(app: &App, caller: &Caller) -> Result<Vec<Record>, Problem> {
    let tenant = caller.tenant();
    Ok(app.store().read(|tx| Box::pin(async move { app::of_tenant(tx, tenant).await })).await?)
}

/// Makes an app. Its events are believed by `webhook_secret`.
#[utoipa::path(post, path = "/v1/apps", tag = "Connections", request_body = schemas::AppInput,
    params(("Idempotency-Key" = Option<String>, Header)),
    responses((status = 201, body = AppJson), (status = 422, body = schemas::Problem)))]
pub(crate) async fn create(
    State(app): State<App>,
    caller: Caller,
    key: Key,
    body: Body,
) -> Result<Response, Problem> {
    caller.must(Scope::AppsWrite)?;
    let (given, to) = (app.clone(), caller.clone());
    let outcome =
        once(&app, &caller, key, body.hash, read(&body.members, true), move |tx, asked| {
            let (app, caller) = (given.clone(), to.clone());
            Box::pin(async move {
                let id = desk::add_app_in(tx, &app.desk, caller.tenant(), &asked).await?;
                Ok((StatusCode::CREATED, About::App { id }))
            })
        })
        .await?;
    answer(&app, &caller, outcome, Prefer::default()).await
}

async fn find(app: &App, caller: &Caller, name: &str) -> Result<Record, Problem> {
    let id: Option<AppId> = name.parse().ok();
    all(app, caller)
        .await?
        .into_iter()
        .find(|it| Some(it.id) == id)
        .ok_or_else(|| Problem::not_found("app"))
}

/// Reads an app.
#[utoipa::path(get, path = "/v1/apps/{app}", tag = "Connections", params(("app" = String, Path)),
    responses((status = 200, body = AppJson), (status = 404, body = schemas::Problem)))]
pub(crate) async fn get(
    State(app): State<App>,
    caller: Caller,
    Path(name): Path<String>,
) -> Result<Response, Problem> {
    caller.must(Scope::AppsRead)?;
    let record = find(&app, &caller, &name).await?;
    answer_json(StatusCode::OK, &shown(&app, &record), Some(record.revision))
}

/// Changes an app's credentials. A new `webhook_secret` makes the present one the one before, which
/// is believed until `previous_webhook_secret` is sent as null.
#[utoipa::path(patch, path = "/v1/apps/{app}", tag = "Connections", request_body = schemas::AppPatch,
    params(("app" = String, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 200, body = AppJson), (status = 422, body = schemas::Problem)))]
pub(crate) async fn patch(
    State(app): State<App>,
    caller: Caller,
    Path(name): Path<String>,
    IfMatch(versions): IfMatch,
    body: Body,
) -> Result<Response, Problem> {
    caller.must(Scope::AppsWrite)?;
    let asked = read(&body.members, false)?;
    let id = find(&app, &caller, &name).await?.id;
    let (given, tenant) = (app.clone(), caller.tenant());
    app.desk
        .change(move |tx| {
            let (app, asked, versions) = (given.clone(), asked.clone(), versions.clone());
            Box::pin(async move {
                let held = desk::hold_app_in(tx, tenant, id).await?;
                super::expect_version(held.row().revision, versions.as_deref())?;
                desk::change_app_in(tx, &app.desk, held, &asked).await
            })
        })
        .await?;
    let outcome = Outcome::Done(StatusCode::OK, About::App { id });
    answer(&app, &caller, outcome, Prefer::default()).await
}

/// Removes an app and its secrets. Refused while connections depend on it, unless forced: nothing
/// would be heard of them any more.
#[utoipa::path(delete, path = "/v1/apps/{app}", tag = "Connections",
    params(("app" = String, Path), ("force" = Option<bool>, Query), ("If-Match" = Option<String>, Header)),
    responses((status = 204), (status = 409, body = schemas::Problem), (status = 412, body = schemas::Problem)))]
pub(crate) async fn delete(
    State(app): State<App>,
    caller: Caller,
    Path(name): Path<String>,
    IfMatch(versions): IfMatch,
    mut query: Query,
) -> Result<Response, Problem> {
    caller.must(Scope::AppsWrite)?;
    let force: bool = query.parsed("force").unwrap_or(false);
    query.done()?;
    let id = find(&app, &caller, &name).await?.id;
    let (given, tenant) = (app.desk.clone(), caller.tenant());
    app.desk
        .change(move |tx| {
            let (desk, versions) = (given.clone(), versions.clone());
            Box::pin(async move {
                let held = desk::hold_app_in(tx, tenant, id).await?;
                super::expect_version(held.row().revision, versions.as_deref())?;
                desk::remove_app_in(tx, &desk, tenant, id, force).await
            })
        })
        .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// An app as an answer.
pub(crate) async fn show(
    app: &App,
    caller: &Caller,
    status: StatusCode,
    id: AppId,
) -> Result<Response, Problem> {
    let record = find(app, caller, &id.to_string()).await?;
    let response = answer_json(status, &shown(app, &record), Some(record.revision))?;
    Ok(located(response, &format!("/v1/apps/{id}")))
}
