//! `/v1/services`.

use std::time::Duration;

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use roomkey_core::booking::{DoorTimes, Mode};
use roomkey_core::id::ServiceId;
use roomkey_core::payment::Money;
use roomkey_core::time::duration_text;
use roomkey_store::Reference;
use roomkey_store::service::{self, Service};
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::answer::{About, answer, json as answer_json, located};
use super::body::Body;
use super::booking_body::{MODES, route, settings};
use super::caller::Caller;
use super::headers::{IfMatch, Prefer, PutIf};
use super::members::Members;
use super::once::{Key, Outcome, once};
use super::query::{List, NoQuery, Query};
use super::scope::Scope;
use super::upsert::upsert;
use super::{named, schemas};
use crate::app::App;
use crate::desk::{self, ServiceAsked, check};
use crate::error::Problem;

/// Members that only the server writes.
const WRITTEN: &[&str] = &["id", "version", "created_at"];

/// What is booked.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Service)]
pub(crate) struct ServiceJson {
    #[schema(example = "svc_01hq3v8x5cj6tq2x9m4w7r5n1d")]
    id: String,
    external_id: Option<String>,
    name: String,
    duration_minutes: u32,
    /// `online`, `phone` or `in_person`.
    mode: &'static str,
    title_template: Option<String>,
    /// What people read about a session in its room's invitation at the vendor.
    agenda_template: Option<String>,
    /// Whether others read neutral words about its sessions, and their rooms let nobody in unseen
    /// and nothing out.
    private: bool,
    requires_approval: bool,
    requires_payment: bool,
    /// What a session costs, in the currency's smallest unit.
    #[schema(value_type = Option<schemas::Price>)]
    price: Value,
    reminders: Vec<String>,
    door_opens: String,
    #[schema(value_type = Option<Vec<schemas::RouteOption>>)]
    route: Value,
    #[schema(value_type = schemas::Settings)]
    settings: Value,
    version: i64,
    #[schema(format = DateTime)]
    created_at: String,
}

fn shown(service: &Service) -> ServiceJson {
    ServiceJson {
        id: service.id.to_string(),
        external_id: service.external_id.clone(),
        name: service.name.clone(),
        duration_minutes: service.duration_minutes,
        mode: service.mode.as_str(),
        title_template: service.title_template.clone(),
        agenda_template: service.agenda_template.clone(),
        private: service.private,
        requires_approval: service.requires_approval,
        requires_payment: service.requires_payment,
        price: json!(service.price),
        reminders: service.reminders.clone(),
        door_opens: duration_text(service.door_opens),
        route: json!(service.route),
        settings: json!(service.settings),
        version: service.version,
        created_at: service.created_at.to_string(),
    }
}

fn read(body: &Map<String, Value>, whole: bool) -> Result<ServiceAsked, Problem> {
    let mut members = Members::new(body, "");
    for name in ["name", "duration_minutes"] {
        members.needed(name, whole);
    }
    let minutes = match members.value("duration_minutes") {
        None | Some(Value::Null) => None,
        Some(_) => members.number(
            "duration_minutes",
            (*check::MINUTES.start()).into(),
            (*check::MINUTES.end()).into(),
        ),
    };
    let mut asked = ServiceAsked {
        external_id: members.text("external_id"),
        name: members.text("name").map(Option::unwrap_or_default),
        duration_minutes: minutes.and_then(|it| u32::try_from(it).ok()),
        mode: members.word("mode", MODES).map(|it| it.unwrap_or(Mode::Online)),
        title_template: members.text("title_template"),
        agenda_template: members.text("agenda_template"),
        private: members.flag("private"),
        requires_approval: members.flag("requires_approval"),
        requires_payment: members.flag("requires_payment"),
        price: price(&mut members),
        reminders: reminders(&mut members),
        door_opens: door_opens(&mut members),
        route: route(&mut members),
        settings: settings(&mut members).map(Option::unwrap_or_default),
    };
    if whole {
        asked.external_id.get_or_insert(None);
        asked.mode.get_or_insert(Mode::Online);
        asked.title_template.get_or_insert(None);
        asked.agenda_template.get_or_insert(None);
        asked.private.get_or_insert(false);
        asked.requires_approval.get_or_insert(false);
        asked.requires_payment.get_or_insert(false);
        asked.price.get_or_insert(None);
        asked.reminders.get_or_insert_default();
        asked.door_opens.get_or_insert(DoorTimes::default().guests_before);
        asked.route.get_or_insert(None);
        asked.settings.get_or_insert_default();
    }
    members.also(asked.faults());
    members.done(WRITTEN)?;
    Ok(asked)
}

fn price(members: &mut Members<'_>) -> Option<Option<Money>> {
    let Some(map) = members.object("price")? else { return Some(None) };
    let mut price = Members::new(map, "/price");
    for name in ["amount", "currency"] {
        price.needed(name, true);
    }
    let amount = match price.value("amount") {
        None | Some(Value::Null) => None,
        Some(_) => price.number("amount", 1, 999_999_999_999),
    };
    let currency = price.parsed("currency").flatten();
    members.extend(price.end(&[]));
    Some(Some(Money { amount: amount?, currency: currency? }))
}

fn reminders(members: &mut Members<'_>) -> Option<Vec<String>> {
    let list = members.list("reminders")?.map_or(&[][..], Vec::as_slice);
    let mut reminders = Vec::new();
    for (place, value) in list.iter().enumerate() {
        match desk::reminder(value.as_str().unwrap_or_default()) {
            Ok(before) => reminders.push(before),
            Err((code, words)) => members.fault(&format!("reminders/{place}"), code, words),
        }
    }
    Some(reminders)
}

fn door_opens(members: &mut Members<'_>) -> Option<Duration> {
    let Some(text) = members.text("door_opens")? else {
        return Some(DoorTimes::default().guests_before);
    };
    match desk::door_opens(&text) {
        Ok(before) => Some(before),
        Err((code, words)) => {
            members.fault("door_opens", code, words);
            None
        }
    }
}

/// Lists services, newest first.
#[utoipa::path(get, path = "/v1/services", tag = "Services",
    params(("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = List<ServiceJson>)))]
pub(crate) async fn list(
    State(app): State<App>,
    caller: Caller,
    mut query: Query,
) -> Result<Response, Problem> {
    caller.must(Scope::ServicesRead)?;
    let page = query.page();
    query.done()?;
    let (tenant, after, fetch) = (caller.tenant(), page.after, page.fetch());
    let mut services = app
        .store()
        .read(|tx| Box::pin(async move { service::list(tx, tenant, after, fetch).await }))
        .await?;
    let next_cursor = page.cut(&mut services, |it| (it.created_at, it.id));
    let data = services.iter().map(shown).collect();
    answer_json(StatusCode::OK, &List { data, next_cursor }, None)
}

/// Makes a service.
#[utoipa::path(post, path = "/v1/services", tag = "Services", request_body = schemas::ServiceInput,
    params(("Idempotency-Key" = Option<String>, Header)),
    responses((status = 201, body = ServiceJson), (status = 409, body = schemas::Problem), (status = 422, body = schemas::Problem)))]
pub(crate) async fn create(
    State(app): State<App>,
    caller: Caller,
    key: Key,
    body: Body,
) -> Result<Response, Problem> {
    caller.must(Scope::ServicesWrite)?;
    let (given, to) = (app.clone(), caller.clone());
    let outcome =
        once(&app, &caller, key, body.hash, read(&body.members, true), move |tx, asked| {
            let (app, caller) = (given.clone(), to.clone());
            Box::pin(async move {
                let id = desk::add_service_in(tx, &app.desk, caller.tenant(), &asked).await?;
                Ok((StatusCode::CREATED, About::Service { id }))
            })
        })
        .await?;
    answer(&app, &caller, outcome, Prefer::default()).await
}

async fn find(app: &App, caller: &Caller, name: &str) -> Result<Service, Problem> {
    let reference: Reference<ServiceId> = named(name, "service")?;
    let tenant = caller.tenant();
    app.store()
        .read(|tx| Box::pin(async move { service::find(tx, tenant, &reference).await }))
        .await?
        .ok_or_else(|| Problem::not_found("service"))
}

/// Reads a service.
#[utoipa::path(get, path = "/v1/services/{service}", tag = "Services", params(("service" = String, Path)),
    responses((status = 200, body = ServiceJson), (status = 404, body = schemas::Problem)))]
pub(crate) async fn get(
    State(app): State<App>,
    caller: Caller,
    Path(service): Path<String>,
) -> Result<Response, Problem> {
    caller.must(Scope::ServicesRead)?;
    let service = find(&app, &caller, &service).await?;
    answer_json(StatusCode::OK, &shown(&service), Some(service.version))
}

/// Takes over a whole service; it is made if it is new and named as `ext:`, and brought back if it was
/// removed. Bookings that exist
/// keep what was pinned to them.
#[utoipa::path(put, path = "/v1/services/{service}", tag = "Services", request_body = schemas::ServiceInput,
    params(("service" = String, Path), ("If-Match" = Option<String>, Header),
        ("If-None-Match" = Option<String>, Header, description = "`*`: only if it is new")),
    responses((status = 200, body = ServiceJson), (status = 201, body = ServiceJson), (status = 412, body = schemas::Problem)))]
pub(crate) async fn put(
    State(app): State<App>,
    caller: Caller,
    Path(service): Path<String>,
    terms: PutIf,
    body: Body,
) -> Result<Response, Problem> {
    let asked = read(&body.members, true);
    change(app, caller, &service, terms, asked, true).await
}

/// Changes members of a service; what is left out stays.
#[utoipa::path(patch, path = "/v1/services/{service}", tag = "Services", request_body = schemas::ServiceInput,
    params(("service" = String, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 200, body = ServiceJson)))]
pub(crate) async fn patch(
    State(app): State<App>,
    caller: Caller,
    Path(service): Path<String>,
    IfMatch(versions): IfMatch,
    body: Body,
) -> Result<Response, Problem> {
    let asked = read(&body.members, false);
    let terms = PutIf { versions, ..PutIf::default() };
    change(app, caller, &service, terms, asked, false).await
}

async fn change(
    app: App,
    caller: Caller,
    name: &str,
    terms: PutIf,
    asked: Result<ServiceAsked, Problem>,
    makes: bool,
) -> Result<Response, Problem> {
    caller.must(Scope::ServicesWrite)?;
    let reference: Reference<ServiceId> = named(name, "service")?;
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
        // What is left out of a whole service is null; an external id that was given stays.
        (Reference::Id(_), true) if asked.external_id == Some(None) => asked.external_id = None,
        (Reference::Id(_), true) | (_, false) => {}
    }
    let (given, to) = (app.clone(), caller.clone());
    let (status, id) = upsert(&app.desk, move |tx| {
        let (app, caller, asked) = (given.clone(), to.clone(), asked.clone());
        let (reference, terms) = (reference.clone(), terms.clone());
        Box::pin(async move {
            let tenant = caller.tenant();
            let held = desk::hold_service_in(tx, &app.desk, tenant, &reference, &asked).await?;
            let Some(held) = held else {
                let Reference::External(external_id) = reference else {
                    return Err(Problem::not_found("service"));
                };
                if !makes {
                    return Err(Problem::not_found("service"));
                }
                terms.presence.may_make()?;
                let back = desk::restore_service_in(tx, &app.desk, tenant, &external_id, &asked);
                let id = match back.await? {
                    Some(id) => id,
                    None => desk::add_service_in(tx, &app.desk, tenant, &asked).await?,
                };
                return Ok((StatusCode::CREATED, id));
            };
            terms.presence.may_change(held.row().version)?;
            super::expect_version(held.row().version, terms.versions.as_deref())?;
            let id = held.row().id;
            desk::change_service_in(tx, &app.desk, tenant, held, &asked).await?;
            Ok((StatusCode::OK, id))
        })
    })
    .await?;
    let outcome = Outcome::Done(status, About::Service { id });
    answer(&app, &caller, outcome, Prefer::default()).await
}

/// Removes a service from what can be booked. Bookings keep it.
#[utoipa::path(delete, path = "/v1/services/{service}", tag = "Services",
    params(("service" = String, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 204), (status = 404, body = schemas::Problem), (status = 412, body = schemas::Problem)))]
pub(crate) async fn delete(
    State(app): State<App>,
    caller: Caller,
    Path(service): Path<String>,
    IfMatch(versions): IfMatch,
    _: NoQuery,
) -> Result<Response, Problem> {
    caller.must(Scope::ServicesWrite)?;
    let service = find(&app, &caller, &service).await?;
    let (tenant, id, now) = (caller.tenant(), service.id, app.now());
    app.desk
        .change(move |tx| {
            let versions = versions.clone();
            Box::pin(async move {
                let held = service::lock(tx, tenant, id).await?;
                let held = held.ok_or_else(|| Problem::not_found("service"))?;
                super::expect_version(held.version, versions.as_deref())?;
                service::delete(tx, tenant, id, now).await?;
                Ok(())
            })
        })
        .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// A service as an answer.
pub(crate) async fn show(
    app: &App,
    caller: &Caller,
    status: StatusCode,
    id: ServiceId,
) -> Result<Response, Problem> {
    let tenant = caller.tenant();
    let service = app
        .store()
        .read(|tx| Box::pin(async move { service::get(tx, tenant, id).await }))
        .await?
        .ok_or_else(|| Problem::not_found("service"))?;
    let response = answer_json(status, &shown(&service), Some(service.version))?;
    Ok(located(response, &format!("/v1/services/{id}")))
}
