//! `/v1/hosts`.

use std::collections::BTreeMap;

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use roomkey_core::id::HostId;
use roomkey_core::route::Provider;
use roomkey_store::Reference;
use roomkey_store::host::{self, Host};
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::answer::{About, answer, json as answer_json, located};
use super::body::Body;
use super::booking_body::route;
use super::caller::Caller;
use super::headers::{IfMatch, Prefer, PutIf};
use super::members::{Members, escaped};
use super::once::{Key, Outcome, once};
use super::query::{List, NoQuery, Query};
use super::scope::Scope;
use super::upsert::upsert;
use super::{named, schemas};
use crate::app::App;
use crate::desk::{self, HostAsked};
use crate::error::Problem;

/// Members that only the server writes.
const WRITTEN: &[&str] = &["id", "version", "created_at"];

/// Who gives sessions.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Host)]
pub(crate) struct HostJson {
    #[schema(example = "hst_01hq3v8x5cj6tq2x9m4w7r5n1d")]
    id: String,
    external_id: Option<String>,
    name: String,
    email: String,
    time_zone: String,
    locale: String,
    phone: Option<String>,
    /// Logins at vendors, where they are not the e-mail address.
    #[schema(value_type = Object)]
    accounts: Value,
    /// The route of services that have none.
    #[schema(value_type = Option<Vec<schemas::RouteOption>>)]
    route: Value,
    version: i64,
    #[schema(format = DateTime)]
    created_at: String,
}

fn shown(host: &Host) -> HostJson {
    HostJson {
        id: host.id.to_string(),
        external_id: host.external_id.clone(),
        name: host.name.clone(),
        email: host.email.clone(),
        time_zone: host.time_zone.to_string(),
        locale: host.locale.clone(),
        phone: host.phone.clone(),
        accounts: json!(host.accounts),
        route: json!(host.route),
        version: host.version,
        created_at: host.created_at.to_string(),
    }
}

fn read(body: &Map<String, Value>, whole: bool) -> Result<HostAsked, Problem> {
    let mut members = Members::new(body, "");
    for name in ["name", "email", "time_zone"] {
        members.needed(name, whole);
    }
    let mut asked = HostAsked {
        external_id: members.text("external_id"),
        name: members.text("name").map(Option::unwrap_or_default),
        email: members.text("email").map(|it| it.unwrap_or_default().trim().to_owned()),
        time_zone: members.parsed("time_zone").flatten(),
        locale: members.text("locale").map(|it| it.unwrap_or_else(|| "en".to_owned())),
        phone: members.text("phone"),
        accounts: accounts(&mut members),
        route: route(&mut members),
    };
    if whole {
        asked.external_id.get_or_insert(None);
        asked.locale.get_or_insert_with(|| "en".to_owned());
        asked.phone.get_or_insert(None);
        asked.accounts.get_or_insert_default();
        asked.route.get_or_insert(None);
    }
    members.also(asked.faults());
    members.done(WRITTEN)?;
    Ok(asked)
}

fn accounts(members: &mut Members<'_>) -> Option<BTreeMap<Provider, String>> {
    let Some(map) = members.object("accounts")? else { return Some(BTreeMap::new()) };
    let mut accounts = BTreeMap::new();
    for (name, login) in map {
        let at = format!("accounts/{}", escaped(name));
        match (Provider::from_code(name), login.as_str()) {
            (Some(provider), Some(login)) => {
                accounts.insert(provider, login.trim().to_owned());
            }
            (None, _) => members.fault(&at, "unknown_field", "is no provider that is known"),
            (_, None) => members.fault(&at, "invalid", "must be text"),
        }
    }
    Some(accounts)
}

/// Lists hosts, newest first.
#[utoipa::path(get, path = "/v1/hosts", tag = "Hosts",
    params(("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = List<HostJson>)))]
pub(crate) async fn list(
    State(app): State<App>,
    caller: Caller,
    mut query: Query,
) -> Result<Response, Problem> {
    caller.must(Scope::HostsRead)?;
    let page = query.page();
    query.done()?;
    let (tenant, after, fetch) = (caller.tenant(), page.after, page.fetch());
    let mut hosts = app
        .store()
        .read(|tx| Box::pin(async move { host::list(tx, tenant, after, fetch).await }))
        .await?;
    let next_cursor = page.cut(&mut hosts, |it| (it.created_at, it.id));
    let data = hosts.iter().map(shown).collect();
    answer_json(StatusCode::OK, &List { data, next_cursor }, None)
}

/// Makes a host.
#[utoipa::path(post, path = "/v1/hosts", tag = "Hosts", request_body = schemas::HostInput,
    params(("Idempotency-Key" = Option<String>, Header)),
    responses((status = 201, body = HostJson), (status = 409, body = schemas::Problem), (status = 422, body = schemas::Problem)))]
pub(crate) async fn create(
    State(app): State<App>,
    caller: Caller,
    key: Key,
    body: Body,
) -> Result<Response, Problem> {
    caller.must(Scope::HostsWrite)?;
    let (given, to) = (app.clone(), caller.clone());
    let outcome =
        once(&app, &caller, key, body.hash, read(&body.members, true), move |tx, asked| {
            let (app, caller) = (given.clone(), to.clone());
            Box::pin(async move {
                let id = desk::add_host_in(tx, &app.desk, caller.tenant(), &asked).await?;
                Ok((StatusCode::CREATED, About::Host { id }))
            })
        })
        .await?;
    answer(&app, &caller, outcome, Prefer::default()).await
}

/// Reads a host.
#[utoipa::path(get, path = "/v1/hosts/{host}", tag = "Hosts", params(("host" = String, Path)),
    responses((status = 200, body = HostJson), (status = 404, body = schemas::Problem)))]
pub(crate) async fn get(
    State(app): State<App>,
    caller: Caller,
    Path(host): Path<String>,
) -> Result<Response, Problem> {
    caller.must(Scope::HostsRead)?;
    let host = find(&app, &caller, &host).await?;
    answer_json(StatusCode::OK, &shown(&host), Some(host.version))
}

async fn find(app: &App, caller: &Caller, name: &str) -> Result<Host, Problem> {
    let reference: Reference<HostId> = named(name, "host")?;
    let tenant = caller.tenant();
    app.store()
        .read(|tx| Box::pin(async move { host::find(tx, tenant, &reference).await }))
        .await?
        .ok_or_else(|| Problem::not_found("host"))
}

/// Takes over a whole host; it is made if it is new and named as `ext:`, and brought back if it was
/// removed.
#[utoipa::path(put, path = "/v1/hosts/{host}", tag = "Hosts", request_body = schemas::HostInput,
    params(("host" = String, Path), ("If-Match" = Option<String>, Header),
        ("If-None-Match" = Option<String>, Header, description = "`*`: only if it is new")),
    responses((status = 200, body = HostJson), (status = 201, body = HostJson), (status = 412, body = schemas::Problem)))]
pub(crate) async fn put(
    State(app): State<App>,
    caller: Caller,
    Path(host): Path<String>,
    terms: PutIf,
    body: Body,
) -> Result<Response, Problem> {
    let asked = read(&body.members, true);
    change(app, caller, &host, terms, asked, true).await
}

/// Changes members of a host; what is left out stays.
#[utoipa::path(patch, path = "/v1/hosts/{host}", tag = "Hosts", request_body = schemas::HostInput,
    params(("host" = String, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 200, body = HostJson)))]
pub(crate) async fn patch(
    State(app): State<App>,
    caller: Caller,
    Path(host): Path<String>,
    IfMatch(versions): IfMatch,
    body: Body,
) -> Result<Response, Problem> {
    let asked = read(&body.members, false);
    let terms = PutIf { versions, ..PutIf::default() };
    change(app, caller, &host, terms, asked, false).await
}

async fn change(
    app: App,
    caller: Caller,
    name: &str,
    terms: PutIf,
    asked: Result<HostAsked, Problem>,
    makes: bool,
) -> Result<Response, Problem> {
    caller.must(Scope::HostsWrite)?;
    let reference: Reference<HostId> = named(name, "host")?;
    if asked.is_err() && !(makes && matches!(reference, Reference::External(_))) {
        find(&app, &caller, name).await?;
    }
    let mut asked = asked?;
    match (&reference, makes) {
        (Reference::External(external_id), true) => {
            let other = desk::other_external_id(external_id, asked.external_id.as_ref());
            if let Some(fault) = other {
                return Err(Problem::invalid(vec![fault]));
            }
            asked.external_id = Some(Some(external_id.clone()));
        }
        // What is left out of a whole host is null; an external id that was given stays.
        (Reference::Id(_), true) if asked.external_id == Some(None) => asked.external_id = None,
        (Reference::Id(_), true) | (_, false) => {}
    }
    let (given, to) = (app.clone(), caller.clone());
    let (status, id) = upsert(&app.desk, move |tx| {
        let (app, caller, asked) = (given.clone(), to.clone(), asked.clone());
        let (reference, terms) = (reference.clone(), terms.clone());
        Box::pin(async move {
            let tenant = caller.tenant();
            let held = desk::hold_host_in(tx, &app.desk, tenant, &reference, &asked).await?;
            let Some(held) = held else {
                let Reference::External(external_id) = reference else {
                    return Err(Problem::not_found("host"));
                };
                if !makes {
                    return Err(Problem::not_found("host"));
                }
                terms.presence.may_make()?;
                let back = desk::restore_host_in(tx, &app.desk, tenant, &external_id, &asked);
                let id = match back.await? {
                    Some(id) => id,
                    None => desk::add_host_in(tx, &app.desk, tenant, &asked).await?,
                };
                return Ok((StatusCode::CREATED, id));
            };
            terms.presence.may_change(held.row().version)?;
            super::expect_version(held.row().version, terms.versions.as_deref())?;
            let id = held.row().id;
            desk::change_host_in(tx, &app.desk, tenant, held, &asked).await?;
            Ok((StatusCode::OK, id))
        })
    })
    .await?;
    let outcome = Outcome::Done(status, About::Host { id });
    answer(&app, &caller, outcome, Prefer::default()).await
}

/// Removes a host. Refused while sessions are ahead.
#[utoipa::path(delete, path = "/v1/hosts/{host}", tag = "Hosts",
    params(("host" = String, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 204), (status = 409, body = schemas::Problem), (status = 412, body = schemas::Problem)))]
pub(crate) async fn delete(
    State(app): State<App>,
    caller: Caller,
    Path(host): Path<String>,
    IfMatch(versions): IfMatch,
    _: NoQuery,
) -> Result<Response, Problem> {
    caller.must(Scope::HostsWrite)?;
    let host = find(&app, &caller, &host).await?;
    let (given, tenant, id) = (app.desk.clone(), caller.tenant(), host.id);
    app.desk
        .change(move |tx| {
            let (desk, versions) = (given.clone(), versions.clone());
            Box::pin(async move {
                let held = host::lock(tx, tenant, id).await?;
                let held = held.ok_or_else(|| Problem::not_found("host"))?;
                super::expect_version(held.version, versions.as_deref())?;
                desk::remove_host_in(tx, &desk, tenant, id).await
            })
        })
        .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// A host as an answer.
pub(crate) async fn show(
    app: &App,
    caller: &Caller,
    status: StatusCode,
    id: HostId,
) -> Result<Response, Problem> {
    let tenant = caller.tenant();
    let host = app
        .store()
        .read(|tx| Box::pin(async move { host::get(tx, tenant, id).await }))
        .await?
        .ok_or_else(|| Problem::not_found("host"))?;
    let response = answer_json(status, &shown(&host), Some(host.version))?;
    Ok(located(response, &format!("/v1/hosts/{id}")))
}
