//! Hosts: who gives sessions, and the form for one.

use std::collections::BTreeMap;

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use axum::routing::{get, post};
use http::StatusCode;
use roomkey_core::id::HostId;
use roomkey_core::route::{Connection, Provider, RouteOption, Standing, standing};
use roomkey_store::host::{self, Host};
use roomkey_store::{Reference, StoreError, Tenant, Tx, connection, schedule};

use super::super::page;
use super::super::session::Operator;
use super::done::{After, Done};
use super::errors::{self, Name};
use super::frame::Frame;
use super::sent::{Button, Sent};
use super::{answer, causes, choices, new_booking};
use crate::app::App;
use crate::desk::{self, HostAsked};
use crate::error::Problem;
use crate::pages::Icon;
use crate::pages::form::Errors;
use crate::pages::operator::hosts::{HostRow, HostValues, HostsPage};
use crate::pages::operator::{Filled, Section};
use crate::pages::pill::{Notice, Pill, Tone};

const PATH: &str = "/operator/hosts";
const NAMES: &[Name] = &[
    ("/name", "name", "The name"),
    ("/email", "email", "The e-mail"),
    ("/accounts/zoom", "zoom_account", "The Zoom account"),
    ("/phone", "phone", "The telephone"),
];

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route(PATH, get(list).post(add))
        .route("/operator/hosts/{id}", get(edit).post(save))
        .route("/operator/hosts/{id}/remove", post(remove))
}

async fn list(State(app): State<App>, operator: Operator, Query(after): Query<After>) -> Response {
    match load(&app, &operator, None).await {
        Ok(Some(mut hosts)) => {
            hosts.shell.notice = after.notice();
            page::shown(&hosts)
        }
        Ok(None) => page::not_found(),
        Err(error) => page::fault(&error),
    }
}

async fn edit(State(app): State<App>, operator: Operator, Path(id): Path<String>) -> Response {
    let Ok(id) = id.parse::<HostId>() else { return page::not_found() };
    match load(&app, &operator, Some(id)).await {
        Ok(Some(hosts)) => page::shown(&hosts),
        Ok(None) => page::not_found(),
        Err(error) => page::fault(&error),
    }
}

async fn add(State(app): State<App>, Sent { operator, values }: Sent<HostValues>) -> Response {
    let tenant = operator.tenant;
    let result = match read(&values) {
        Err(errors) => Err(errors),
        Ok(asked) => {
            let desk = app.desk.clone();
            let added = app.desk.change(move |tx| {
                let (desk, asked) = (desk.clone(), asked.clone());
                Box::pin(async move { desk::add_host_in(tx, &desk, tenant, &asked).await })
            });
            match added.await {
                Ok(_) => return answer::see(PATH, Done::Added),
                Err(problem) if answer::is_for_the_form(&problem) => {
                    Err(errors::of(&problem, NAMES))
                }
                Err(problem) => return answer::refused(problem),
            }
        }
    };
    again(&app, operator, None, values, result).await
}

async fn save(
    State(app): State<App>,
    Path(id): Path<String>,
    Sent { operator, values }: Sent<HostValues>,
) -> Response {
    let Ok(id) = id.parse::<HostId>() else { return page::not_found() };
    let tenant = operator.tenant;
    let result = match read(&values) {
        Err(errors) => Err(errors),
        Ok(asked) => {
            let desk = app.desk.clone();
            let saved = app.desk.change(move |tx| {
                let (desk, mut asked) = (desk.clone(), asked.clone());
                Box::pin(async move {
                    let reference = Reference::Id(id);
                    let held = desk::hold_host_in(tx, &desk, tenant, &reference, &asked).await?;
                    let held = held.ok_or_else(|| Problem::not_found("host"))?;
                    // The form knows Zoom's login; those elsewhere stay.
                    if let Some(accounts) = &mut asked.accounts {
                        for (provider, login) in &held.row().accounts {
                            if *provider != Provider::Zoom {
                                accounts.insert(*provider, login.clone());
                            }
                        }
                    }
                    desk::change_host_in(tx, &desk, tenant, held, &asked).await
                })
            });
            match saved.await {
                Ok(()) => return answer::see(PATH, Done::Saved),
                Err(problem) if answer::is_for_the_form(&problem) => {
                    Err(errors::of(&problem, NAMES))
                }
                Err(problem) => return answer::refused(problem),
            }
        }
    };
    again(&app, operator, Some(id), values, result).await
}

async fn remove(
    State(app): State<App>,
    Path(id): Path<String>,
    Sent { operator, .. }: Sent<Button>,
) -> Response {
    let Ok(id) = id.parse::<HostId>() else { return page::not_found() };
    let tenant = operator.tenant;
    let desk = app.desk.clone();
    let removed = app.desk.change(move |tx| {
        let desk = desk.clone();
        Box::pin(async move {
            let host = host::find(tx, tenant, &Reference::Id(id)).await?;
            host.ok_or_else(|| Problem::not_found("host"))?;
            desk::remove_host_in(tx, &desk, tenant, id).await
        })
    });
    let problem = match removed.await {
        Ok(()) => return answer::see(PATH, Done::Removed),
        Err(problem) if answer::is_for_the_form(&problem) => problem,
        Err(problem) => return answer::refused(problem),
    };
    match load(&app, &operator, Some(id)).await {
        Ok(Some(mut hosts)) => {
            hosts.shell.notice = Some(Notice::stop(problem.detail()));
            page::with_status(problem.code().status(), &hosts)
        }
        Ok(None) => page::not_found(),
        Err(error) => page::fault(&error),
    }
}

/// The page once more, with what was typed and what is wrong with it.
async fn again(
    app: &App,
    operator: Operator,
    editing: Option<HostId>,
    values: HostValues,
    result: Result<(), Errors>,
) -> Response {
    match load(app, &operator, editing).await {
        Ok(Some(mut hosts)) => {
            hosts.form = Filled { values, errors: result.err().unwrap_or_default() };
            page::with_status(StatusCode::UNPROCESSABLE_ENTITY, &hosts)
        }
        Ok(None) => page::not_found(),
        Err(error) => page::fault(&error),
    }
}

/// What the form asks for, or everything that is wrong with it.
fn read(values: &HostValues) -> Result<HostAsked, Errors> {
    let mut errors = Errors::none();
    let said = |text: &str| (!text.trim().is_empty()).then(|| text.trim().to_owned());
    let asked = HostAsked {
        name: Some(values.name.trim().to_owned()),
        email: Some(values.email.trim().to_owned()),
        time_zone: new_booking::zone(&values.time_zone, "time_zone", &mut errors),
        phone: Some(said(&values.phone)),
        accounts: Some(BTreeMap::from_iter(
            said(&values.zoom_account).map(|login| (Provider::Zoom, login)),
        )),
        ..HostAsked::default()
    };
    let named = errors::of_faults(&asked.faults(), NAMES);
    for field in HostValues::FIELDS {
        if let Some(words) = named.of(field) {
            errors.add(field, words);
        }
    }
    if errors.is_empty() { Ok(asked) } else { Err(errors) }
}

/// The page; `None` if whoever is to be edited is no host of the tenant.
async fn load(
    app: &App,
    operator: &Operator,
    editing: Option<HostId>,
) -> Result<Option<HostsPage>, StoreError> {
    let (now, tenant, operator) = (app.now(), operator.tenant, operator.clone());
    app.store()
        .read(move |tx| {
            Box::pin(async move {
                let frame = Frame::load(tx, &operator, now).await?;
                let hosts = choices::hosts(tx, tenant).await?;
                let ahead = host::all_sessions_ahead(tx, tenant, now).await?;
                let ahead = |id| ahead.get(&id).copied().unwrap_or(0);
                let edited = editing.map(|id| hosts.iter().find(|it| it.id == id));
                let (form, editing) = match edited {
                    Some(None) => return Ok(None),
                    Some(Some(host)) => (values(host), Some((host.id, ahead(host.id)))),
                    None => {
                        let time_zone = frame.zone.to_string();
                        (HostValues { time_zone, ..HostValues::default() }, None)
                    }
                };
                let route = frame.tenant.default_route.clone().unwrap_or_default();
                let connections = connections(tx, tenant).await?;
                let unknown = causes::unknown_hosts(&schedule::wanting(tx, tenant, now).await?);
                let rows: Vec<HostRow> = hosts
                    .iter()
                    .map(|host| {
                        let is_known = !unknown.contains(&host.id);
                        row(host, is_known, &route, &connections, ahead(host.id))
                    })
                    .collect();
                let wrong = editing.as_ref().and_then(|(id, _)| {
                    rows.iter().find(|row| row.id == *id)?.wrong.as_ref()?;
                    Some("Zoom does not know this host’s address. Correct the Zoom account below, or add the user in Zoom, and the rooms are made.".to_owned())
                });
                Ok(Some(HostsPage {
                    shell: frame.shell(Section::Hosts, None, None),
                    hosts: rows,
                    wrong,
                    form: Filled::with(form),
                    editing,
                }))
            })
        })
        .await
}

async fn connections(tx: &mut Tx<'_>, tenant: Tenant) -> Result<Vec<Connection>, StoreError> {
    let records = connection::of_tenant(tx, tenant).await?;
    Ok(records.into_iter().map(|it| it.connection).collect())
}

fn values(host: &Host) -> HostValues {
    HostValues {
        name: host.name.clone(),
        email: host.email.clone(),
        time_zone: host.time_zone.to_string(),
        zoom_account: host.accounts.get(&Provider::Zoom).cloned().unwrap_or_default(),
        phone: host.phone.clone().unwrap_or_default(),
    }
}

fn row(
    host: &Host,
    is_known: bool,
    route: &[RouteOption],
    connections: &[Connection],
    ahead: u64,
) -> HostRow {
    HostRow {
        id: host.id,
        name: host.name.clone(),
        email: host.email.clone(),
        zone: host.time_zone.clone(),
        zoom_account: host.accounts.get(&Provider::Zoom).cloned(),
        rooms: if is_known {
            rooms(host, route, connections)
        } else {
            Pill::new(Tone::Stop, Icon::Warn, "No rooms")
        },
        wrong: (!is_known).then(|| "Zoom does not know this address.".to_owned()),
        ahead,
    }
}

/// Whether rooms can be made for a host, by the route of services that have none.
fn rooms(host: &Host, default: &[RouteOption], connections: &[Connection]) -> Pill {
    let route = host.route.as_deref().unwrap_or(default);
    let standings = || {
        let accounts = host.at_vendors();
        route.iter().map(move |option| standing(option, host.id, &accounts, connections))
    };
    if standings().any(|it| matches!(it, Standing::Ready { .. })) {
        Pill::new(Tone::Fine, Icon::Check, "Connected")
    } else if standings().any(|it| matches!(it, Standing::NeedsReconnect(_))) {
        Pill::new(Tone::Stop, Icon::Warn, "Reconnect")
    } else {
        Pill::new(Tone::Brass, Icon::Warn, "Not connected")
    }
}
