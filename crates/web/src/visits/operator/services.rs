//! Services: what is booked, and the form for one.

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use axum::routing::get;
use http::StatusCode;
use roomkey_core::id::ServiceId;
use roomkey_core::settings::{Preset, Settings};
use roomkey_core::time::duration_text;
use roomkey_store::service::{self, Service};
use roomkey_store::{Reference, StoreError, Tenant};
use serde::Deserialize;

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
use crate::pages::operator::{Filled, Section};

const PATH: &str = "/operator/services";
const NAMES: &[Name] = &[
    ("/name", "name", "The name"),
    ("/title_template", "title_template", "The title"),
    ("/agenda_template", "agenda_template", "The agenda"),
    ("/reminders", "reminders", "The list"),
];

/// What the form is to begin with, as its address says.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Begin {
    preset: String,
}

impl Begin {
    /// Fills the preset's settings in. An unknown one fills nothing in.
    fn fill(&self, page: &mut ServicesPage) {
        page.chosen = Preset::from_code(&self.preset);
        if let Some(preset) = page.chosen {
            page.form.values.settings = RoomSettingsValues::of(&preset.settings());
        }
    }
}

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route(PATH, get(list).post(add))
        .route("/operator/services/{id}", get(edit).post(save))
}

async fn list(
    State(app): State<App>,
    Operator { tenant, csrf }: Operator,
    Query(after): Query<After>,
    Query(begin): Query<Begin>,
) -> Response {
    match load(&app, tenant, csrf, None).await {
        Ok(Some(mut services)) => {
            services.shell.notice = after.notice();
            begin.fill(&mut services);
            page::shown(&services)
        }
        Ok(None) => page::not_found(),
        Err(error) => page::fault(&error),
    }
}

async fn edit(
    State(app): State<App>,
    Operator { tenant, csrf }: Operator,
    Path(id): Path<String>,
    Query(begin): Query<Begin>,
) -> Response {
    let Ok(id) = id.parse::<ServiceId>() else { return page::not_found() };
    match load(&app, tenant, csrf, Some(id)).await {
        Ok(Some(mut services)) => {
            begin.fill(&mut services);
            page::shown(&services)
        }
        Ok(None) => page::not_found(),
        Err(error) => page::fault(&error),
    }
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
    Operator { tenant, csrf }: Operator,
    editing: Option<ServiceId>,
    form: Filled<ServiceValues>,
) -> Response {
    match load(app, tenant, csrf, editing).await {
        Ok(Some(mut services)) => {
            services.form = form;
            page::with_status(StatusCode::UNPROCESSABLE_ENTITY, &services)
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
    for text in values.reminders.split([',', ' ']).filter(|it| !it.is_empty()) {
        match desk::reminder(text) {
            Ok(before) => reminders.push(before),
            Err((_, words)) => errors.add("reminders", format!("“{text}” {words}.")),
        }
    }
    asked.reminders = Some(reminders);
    asked.settings = Some(values.settings.read(asked.private == Some(true), &mut errors));
    let opens = values.door_opens.trim();
    if opens.is_empty() {
        asked.door_opens = Some(roomkey_core::booking::DoorTimes::default().guests_before);
    } else {
        match desk::door_opens(opens) {
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

/// The page; `None` if what is to be edited is no service of the tenant.
async fn load(
    app: &App,
    tenant: Tenant,
    csrf: String,
    editing: Option<ServiceId>,
) -> Result<Option<ServicesPage>, StoreError> {
    let now = app.now();
    app.store()
        .read(move |tx| {
            Box::pin(async move {
                let frame = Frame::load(tx, tenant, csrf, now).await?;
                let services = choices::services(tx, tenant).await?;
                let ahead = service::sessions_ahead(tx, tenant, now).await?;
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
        reminders: service.reminders.join(", "),
        door_opens: duration_text(service.door_opens),
        settings: RoomSettingsValues::of(&service.settings),
    }
}

fn at_first() -> ServiceValues {
    ServiceValues {
        mode: roomkey_core::booking::Mode::Online.as_str().to_owned(),
        reminders: "24h".to_owned(),
        door_opens: duration_text(roomkey_core::booking::DoorTimes::default().guests_before),
        ..ServiceValues::default()
    }
}
