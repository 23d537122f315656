//! Services: what is booked, and the form for one.

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use axum::routing::{get, post};
use http::StatusCode;
use roomkey_core::booking::{DoorTimes, Mode};
use roomkey_core::id::ServiceId;
use roomkey_core::settings::{Preset, Settings};
use roomkey_core::time::duration_text;
use roomkey_store::service::{self, Service};
use roomkey_store::{Reference, StoreError};

use super::super::page;
use super::super::session::Operator;
use super::done::{After, Done};
use super::errors::{self, Name};
use super::frame::Frame;
use super::sent::Sent;
use super::{answer, choices, new_booking};
use crate::app::App;
use crate::desk::{self, ServiceAsked};
use crate::error::Problem;
use crate::pages::form::Errors;
use crate::pages::operator::room_settings::RoomSettingsValues;
use crate::pages::operator::services::{ServiceRow, ServiceValues, ServicesPage};
use crate::pages::operator::{Filled, Section, length};

const PATH: &str = "/operator/services";
const NAMES: &[Name] = &[
    ("/name", "name", "The name"),
    ("/title_template", "title_template", "The title"),
    ("/agenda_template", "agenda_template", "The agenda"),
    ("/reminders", "reminders", "The list"),
];

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route(PATH, get(list).post(add))
        .route("/operator/services/new", get(new))
        .route("/operator/services/{id}", get(edit).post(save))
        .route("/operator/services/{id}/preset/{preset}", post(fill))
}

async fn list(State(app): State<App>, operator: Operator, Query(after): Query<After>) -> Response {
    match load(&app, &operator, Shown::List).await {
        Ok(Some(mut services)) => {
            services.shell.notice = after.notice();
            page::shown(&services)
        }
        Ok(None) => page::not_found(),
        Err(error) => page::fault(&error),
    }
}

async fn new(State(app): State<App>, operator: Operator) -> Response {
    shown(&app, &operator, None, StatusCode::OK, |_| {}).await
}

async fn edit(State(app): State<App>, operator: Operator, Path(id): Path<String>) -> Response {
    let Ok(id) = id.parse::<ServiceId>() else { return page::not_found() };
    shown(&app, &operator, Some(id), StatusCode::OK, |_| {}).await
}

/// The form as it was typed, with a preset's settings filled in. Nothing is saved.
async fn fill(
    State(app): State<App>,
    Path((id, preset)): Path<(String, String)>,
    Sent { operator, values }: Sent<ServiceValues>,
) -> Response {
    let editing = match id.as_str() {
        "new" => None,
        id => match id.parse::<ServiceId>() {
            Ok(id) => Some(id),
            Err(_) => return page::not_found(),
        },
    };
    let Some(preset) = Preset::from_code(&preset) else { return page::not_found() };
    shown(&app, &operator, editing, StatusCode::OK, |services| {
        services.form = Filled::with(values);
        services.form.values.settings = RoomSettingsValues::of(&preset.settings());
        services.chosen = Some(preset);
    })
    .await
}

async fn add(State(app): State<App>, Sent { operator, values }: Sent<ServiceValues>) -> Response {
    let tenant = operator.tenant;
    let errors = match read(&values) {
        Err(errors) => errors,
        Ok(asked) => {
            let desk = app.desk.clone();
            let added = app.desk.change(move |tx| {
                let (desk, asked) = (desk.clone(), asked.clone());
                Box::pin(async move { desk::add_service_in(tx, &desk, tenant, &asked).await })
            });
            match added.await {
                Ok(_) => return answer::see(PATH, Done::Added),
                Err(problem) if answer::is_for_the_form(&problem) => errors::of(&problem, NAMES),
                Err(problem) => return answer::refused(problem),
            }
        }
    };
    again(&app, operator, None, Filled { values, errors }).await
}

async fn save(
    State(app): State<App>,
    Path(id): Path<String>,
    Sent { operator, values }: Sent<ServiceValues>,
) -> Response {
    let Ok(id) = id.parse::<ServiceId>() else { return page::not_found() };
    let tenant = operator.tenant;
    let errors = match read(&values) {
        Err(errors) => errors,
        Ok(asked) => {
            let given = app.desk.clone();
            let saved = app.desk.change(move |tx| {
                let (mut asked, desk) = (asked.clone(), given.clone());
                Box::pin(async move {
                    let reference = Reference::Id(id);
                    let held = desk::hold_service_in(tx, &desk, tenant, &reference, &asked).await?;
                    let held = held.ok_or_else(|| Problem::not_found("service"))?;
                    keep_unseen(&mut asked, held.row())?;
                    desk::change_service_in(tx, &desk, tenant, held, &asked).await
                })
            });
            match saved.await {
                Ok(()) => return answer::see(PATH, Done::Saved),
                Err(problem) if answer::is_for_the_form(&problem) => errors::of(&problem, NAMES),
                Err(problem) => return answer::refused(problem),
            }
        }
    };
    again(&app, operator, Some(id), Filled { values, errors }).await
}

/// What the form does not show of a service's settings stays, unless what it asks for excludes it.
fn keep_unseen(asked: &mut ServiceAsked, service: &Service) -> Result<(), Problem> {
    let unseen = Settings {
        alternative_hosts: service.settings.alternative_hosts.clone(),
        breakout_rooms: service.settings.breakout_rooms.clone(),
        ..Settings::default()
    };
    asked.settings = asked.settings.take().map(|it| it.or(&unseen));
    let faults = asked.faults();
    if faults.is_empty() { Ok(()) } else { Err(Problem::invalid(faults)) }
}

/// The page once more, with what was typed and what is wrong with it.
async fn again(
    app: &App,
    operator: Operator,
    editing: Option<ServiceId>,
    form: Filled<ServiceValues>,
) -> Response {
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    shown(app, &operator, editing, status, |services| services.form = form).await
}

/// The form's page.
async fn shown(
    app: &App,
    operator: &Operator,
    editing: Option<ServiceId>,
    status: StatusCode,
    fill: impl FnOnce(&mut ServicesPage),
) -> Response {
    match load(app, operator, Shown::Form(editing)).await {
        Ok(Some(mut services)) => {
            fill(&mut services);
            page::with_status(status, &services)
        }
        Ok(None) => page::not_found(),
        Err(error) => page::fault(&error),
    }
}

/// What the form asks for, or everything that is wrong with it.
fn read(values: &ServiceValues) -> Result<ServiceAsked, Errors> {
    let mut errors = Errors::none();
    let length = new_booking::minutes(&values.duration_minutes, &mut errors);
    if length.is_none() {
        errors.add("duration_minutes", "Give a number of minutes, 5 to 1440.");
    }
    let mode = new_booking::mode(&values.mode, &mut errors);
    if mode.is_none() {
        errors.add("mode", "Choose how the session is held.");
    }
    let title = values.title_template.trim();
    let agenda = values.agenda_template.trim();
    let mut asked = ServiceAsked {
        name: Some(values.name.trim().to_owned()),
        duration_minutes: length.and_then(|it| u32::try_from(it.as_secs() / 60).ok()),
        mode,
        title_template: Some((!title.is_empty()).then(|| title.to_owned())),
        agenda_template: Some((!agenda.is_empty()).then(|| agenda.to_owned())),
        private: Some(values.private == "on"),
        requires_approval: Some(values.requires_approval == "on"),
        requires_payment: Some(values.requires_payment == "on"),
        ..ServiceAsked::default()
    };
    let mut reminders = Vec::new();
    for text in length::split(&values.reminders) {
        match desk::reminder(&text) {
            Ok(before) => reminders.push(before),
            Err((_, words)) => errors.add("reminders", format!("“{text}” {words}.")),
        }
    }
    asked.reminders = Some(reminders);
    asked.settings = Some(values.settings.read(asked.private == Some(true), &mut errors));
    let opens = length::read(&values.door_opens);
    if opens.is_empty() {
        asked.door_opens = Some(DoorTimes::default().guests_before);
    } else {
        match desk::door_opens(&opens) {
            Ok(before) => asked.door_opens = Some(before),
            Err((_, words)) => errors.add("door_opens", format!("“{opens}” {words}.")),
        }
    }
    let named = errors::of_faults(&asked.faults(), NAMES);
    for field in ServiceValues::FIELDS {
        if let Some(words) = named.of(field) {
            errors.add(field, words);
        }
    }
    if errors.is_empty() { Ok(asked) } else { Err(errors) }
}

/// What the page shows.
#[derive(Clone, Copy)]
enum Shown {
    /// Every service.
    List,
    /// The form, for a new one or for this one.
    Form(Option<ServiceId>),
}

/// The page; `None` if what is to be edited is no service of the tenant.
async fn load(
    app: &App,
    operator: &Operator,
    what: Shown,
) -> Result<Option<ServicesPage>, StoreError> {
    let (now, tenant, operator) = (app.now(), operator.tenant, operator.clone());
    app.store()
        .read(move |tx| {
            Box::pin(async move {
                let frame = Frame::load(tx, &operator, now).await?;
                let services = choices::services(tx, tenant).await?;
                let ahead = service::sessions_ahead(tx, tenant, now).await?;
                let editing = match what {
                    Shown::List => None,
                    Shown::Form(editing) => editing,
                };
                let form = match editing {
                    Some(id) => match services.iter().find(|it| it.id == id) {
                        Some(service) => values(service),
                        None => return Ok(None),
                    },
                    None => at_first(),
                };
                let row = |it: &Service| ServiceRow {
                    id: it.id,
                    name: it.name.clone(),
                    duration_minutes: it.duration_minutes,
                    mode: it.mode,
                    private: it.private,
                    requires_approval: it.requires_approval,
                    requires_payment: it.requires_payment,
                    ahead: ahead.get(&it.id).copied().unwrap_or(0),
                };
                Ok(Some(ServicesPage {
                    shell: frame.shell(Section::Services, None, None),
                    services: services.iter().map(row).collect(),
                    form: Filled::with(form),
                    editing,
                    is_form: matches!(what, Shown::Form(_)),
                    chosen: None,
                }))
            })
        })
        .await
}

fn values(service: &Service) -> ServiceValues {
    let tick = |on: bool| if on { "on".to_owned() } else { String::new() };
    ServiceValues {
        name: service.name.clone(),
        duration_minutes: service.duration_minutes.to_string(),
        mode: service.mode.as_str().to_owned(),
        title_template: service.title_template.clone().unwrap_or_default(),
        agenda_template: service.agenda_template.clone().unwrap_or_default(),
        private: tick(service.private),
        requires_approval: tick(service.requires_approval),
        requires_payment: tick(service.requires_payment),
        reminders: in_words(&service.reminders),
        door_opens: length::in_words(&duration_text(service.door_opens)),
        settings: RoomSettingsValues::of(&service.settings),
    }
}

fn in_words(reminders: &[String]) -> String {
    reminders.iter().map(|it| length::in_words(it)).collect::<Vec<_>>().join(", ")
}

fn at_first() -> ServiceValues {
    ServiceValues {
        mode: Mode::Online.as_str().to_owned(),
        reminders: length::in_words("24h"),
        door_opens: length::in_words(&duration_text(DoorTimes::default().guests_before)),
        ..ServiceValues::default()
    }
}
