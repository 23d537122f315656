//! The commands on services. Bookings that exist keep what was pinned to them.

use std::time::Duration;

use roomkey_core::booking::{DoorTimes, Mode};
use roomkey_core::id::ServiceId;
use roomkey_core::payment::Money;
use roomkey_core::route::RouteOption;
use roomkey_core::settings::Settings;
use roomkey_core::time::{duration, duration_text};
use roomkey_store::service::{self, Service};
use roomkey_store::{Reference, StoreError, Tenant, Tx};

use super::asked::{external_id_checked, keep_external_id};
use super::draft::taken;
use super::{Desk, Held, agenda, check, hold_waiting, known_route, look_at_held, title};
use crate::error::{Code, Fault, Problem};

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// What is asked of a service; what is not said stays.
#[derive(Debug, Clone, Default)]
pub struct ServiceAsked {
    /// The platform's id.
    pub external_id: Option<Option<String>>,
    /// The name people read.
    pub name: Option<String>,
    /// How long a session is.
    pub duration_minutes: Option<u32>,
    /// How it is held.
    pub mode: Option<Mode>,
    /// The words of a session's title.
    pub title_template: Option<Option<String>>,
    /// What people read about a session in its room's invitation.
    pub agenda_template: Option<Option<String>>,
    /// Others read neutral words about its sessions, and their rooms let nobody and nothing out.
    pub private: Option<bool>,
    /// A booking waits for the host's word.
    pub requires_approval: Option<bool>,
    /// A booking waits for the guest's money.
    pub requires_payment: Option<bool>,
    /// What a session costs.
    pub price: Option<Option<Money>>,
    /// When people are reminded, before the start.
    pub reminders: Option<Vec<String>>,
    /// How long before the start guests may go in.
    pub door_opens: Option<Duration>,
    /// The rooms to try, in order.
    pub route: Option<Option<Vec<RouteOption>>>,
    /// What a room must be like.
    pub settings: Option<Settings>,
}

/// When people are reminded before the start, in the one way in which it is written.
///
/// # Errors
/// The fault's code and words.
pub fn reminder(text: &str) -> Result<String, (&'static str, String)> {
    match duration(text.trim()).ok().filter(|it| (MINUTE..=DAY * 30).contains(it)) {
        Some(before) => Ok(duration_text(before)),
        None => Err(("invalid", "is not a duration from 1m to 30d such as 24h".to_owned())),
    }
}

/// How long before the start guests may go in.
///
/// # Errors
/// The fault's code and words.
pub fn door_opens(text: &str) -> Result<Duration, (&'static str, String)> {
    duration(text.trim())
        .ok()
        .filter(|it| *it <= DAY)
        .ok_or_else(|| ("invalid", "is not a duration up to 24h such as 10m".to_owned()))
}

impl ServiceAsked {
    /// The most reminders.
    pub const REMINDERS: usize = 5;

    /// What is wrong with it by itself.
    #[must_use]
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut note = |pointer: &str, checked: Result<(), (&'static str, String)>| {
            if let Err((code, words)) = checked {
                faults.push(Fault::new(pointer, code, words));
            }
        };
        if let Some(name) = &self.name {
            note("/name", check::name(name, check::NAME));
        }
        if let Some(Some(template)) = &self.title_template {
            note("/title_template", title::check(template));
        }
        if let Some(Some(template)) = &self.agenda_template {
            note("/agenda_template", agenda::check(template));
        }
        if let Some(reminders) = &self.reminders
            && reminders.len() > Self::REMINDERS
        {
            let words = format!("must not have more than {} reminders", Self::REMINDERS);
            note("/reminders", Err(("too_long", words)));
        }
        if let Some(Some(external_id)) = &self.external_id {
            note("/external_id", external_id_checked(external_id));
        }
        if let Some(Some(route)) = &self.route {
            faults.extend(check::route(route, "/route"));
        }
        if let Some(settings) = &self.settings {
            faults.extend(check::settings(settings, "/settings"));
            if self.private == Some(true) {
                faults.extend(check::private_settings(settings, "/settings"));
            }
        }
        faults
    }

    fn fill(&self, service: &mut Service) {
        let asked = self.clone();
        service.external_id = asked.external_id.unwrap_or_else(|| service.external_id.clone());
        service.name = asked.name.unwrap_or_else(|| service.name.clone());
        service.duration_minutes = asked.duration_minutes.unwrap_or(service.duration_minutes);
        service.mode = asked.mode.unwrap_or(service.mode);
        service.title_template =
            asked.title_template.unwrap_or_else(|| service.title_template.clone());
        if let Some(template) = asked.agenda_template {
            service.agenda_template = template.as_deref().and_then(agenda::normal);
        }
        service.private = asked.private.unwrap_or(service.private);
        service.requires_approval = asked.requires_approval.unwrap_or(service.requires_approval);
        service.requires_payment = asked.requires_payment.unwrap_or(service.requires_payment);
        service.price = asked.price.unwrap_or(service.price);
        service.reminders = asked.reminders.unwrap_or_else(|| service.reminders.clone());
        service.door_opens = asked.door_opens.unwrap_or(service.door_opens);
        service.route = asked.route.unwrap_or_else(|| service.route.clone());
        service.settings = asked.settings.unwrap_or_else(|| service.settings.clone());
    }
}

/// Makes a service.
///
/// # Errors
/// [`Problem`]: the external id is taken, the route names a connection of nobody's, or what it asks
/// of its rooms and its being private exclude each other.
pub async fn add_service_in(
    tx: &mut Tx<'_>,
    desk: &Desk,
    tenant: Tenant,
    asked: &ServiceAsked,
) -> Result<ServiceId, Problem> {
    let now = desk.now();
    known_route(tx, tenant, asked.route.as_ref()).await?;
    let mut service = Service {
        id: ServiceId::new(now, desk.entropy.id()),
        external_id: None,
        name: String::new(),
        duration_minutes: 60,
        mode: Mode::Online,
        title_template: None,
        agenda_template: None,
        private: false,
        requires_approval: false,
        requires_payment: false,
        price: None,
        reminders: Vec::new(),
        door_opens: DoorTimes::default().guests_before,
        route: None,
        settings: Settings::default(),
        version: 1,
        created_at: now,
        deleted_at: None,
    };
    asked.fill(&mut service);
    fits(&service)?;
    if let Some(external_id) = &service.external_id {
        let reference = Reference::External(external_id.clone());
        if service::find(tx, tenant, &reference).await?.is_some() {
            return Err(Problem::new(Code::ExternalIdTaken));
        }
    }
    service::insert(tx, tenant, &service).await.map_err(taken)?;
    Ok(service.id)
}

/// Brings back a service that was removed, and changes it; `None` if none of this external id was. An
/// external id belongs to one service for ever, so that there is no other way to it. Bookings go on with what was pinned to them.
///
/// # Errors
/// [`Problem`]: as [`change_service_in`].
pub async fn restore_service_in(
    tx: &mut Tx<'_>,
    desk: &Desk,
    tenant: Tenant,
    external_id: &str,
    asked: &ServiceAsked,
) -> Result<Option<ServiceId>, Problem> {
    let Some(id) = service::id_of(tx, tenant, external_id).await? else { return Ok(None) };
    // Bookings are locked before it.
    let waiting = hold_waiting(tx, tenant, desk.now()).await?;
    if !service::restore(tx, tenant, id).await? {
        return Ok(None);
    }
    let Some(row) = service::lock(tx, tenant, id).await? else { return Ok(None) };
    let held = Held { row, waiting: Some(waiting) };
    change_service_in(tx, desk, tenant, held, asked).await?;
    Ok(Some(id))
}

/// A service, held to be changed like this.
///
/// # Errors
/// The database's.
pub async fn hold_service_in(
    tx: &mut Tx<'_>,
    desk: &Desk,
    tenant: Tenant,
    reference: &Reference<ServiceId>,
    asked: &ServiceAsked,
) -> Result<Option<Held<Service>>, StoreError> {
    let Some(seen) = service::find(tx, tenant, reference).await? else { return Ok(None) };
    let waiting = match asked.route.as_ref().is_some_and(|route| *route != seen.route) {
        true => Some(hold_waiting(tx, tenant, desk.now()).await?),
        false => None,
    };
    let row = service::lock(tx, tenant, seen.id).await?;
    Ok(row.map(|row| Held { row, waiting }))
}

/// Changes a service. What is so already changes nothing.
///
/// # Errors
/// [`Problem`]: the external id is taken, the route names a connection of nobody's, or what it asks
/// of its rooms and its being private exclude each other.
pub async fn change_service_in(
    tx: &mut Tx<'_>,
    desk: &Desk,
    tenant: Tenant,
    held: Held<Service>,
    asked: &ServiceAsked,
) -> Result<(), Problem> {
    let Held { row: mut service, waiting } = held;
    known_route(tx, tenant, asked.route.as_ref()).await?;
    let before = service.clone();
    if let Some(external_id) = &asked.external_id
        && let Some(fault) = keep_external_id(&mut service.external_id, external_id.as_ref())
    {
        return Err(Problem::invalid(vec![fault]));
    }
    asked.fill(&mut service);
    if service != before {
        fits(&service)?;
        service::update(tx, tenant, &service).await.map_err(taken)?;
        if service.route != before.route {
            look_at_held(tx, tenant, waiting, desk.now()).await?;
        }
    }
    Ok(())
}

/// Whether a service that is private asks for nothing that private sessions cannot have.
fn fits(service: &Service) -> Result<(), Problem> {
    if !service.private {
        return Ok(());
    }
    let faults = check::private_settings(&service.settings, "/settings");
    if faults.is_empty() { Ok(()) } else { Err(Problem::invalid(faults)) }
}
