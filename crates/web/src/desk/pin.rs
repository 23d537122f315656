//! What is copied to a booking when it is confirmed or its host changes: whether it is private,
//! route, settings, title, agenda. Editing a service afterwards does not reach it.

use roomkey_core::booking::{Booking, Mode};
use roomkey_core::private;
use roomkey_core::route::{RouteOption, Use};
use roomkey_core::settings::Settings;
use roomkey_store::booking::Record;
use roomkey_store::host::Host;
use roomkey_store::person::{Person, Role};
use roomkey_store::service::Service;
use roomkey_store::tenant::TenantRow;

use super::template::{self, Words};
use super::{agenda, title};

/// Pins everything.
pub(crate) fn pin(
    record: &mut Record,
    people: &[Person],
    host: &Host,
    service: &Service,
    tenant: &TenantRow,
) {
    // Settings, title and agenda are others then.
    record.booking.private = service.private;
    pin_route(record, host, service, tenant);
    pin_settings(record, service);
    // Title and agenda may say how the session is held.
    record.booking.mode = mode(record, service);
    pin_title(record, people, host, service);
    pin_agenda(record, people, host, service);
}

/// How the session is held.
pub(crate) fn mode(record: &Record, service: &Service) -> Mode {
    record.own.mode.unwrap_or(service.mode)
}

/// Pins the route: the booking's own, else the service's, else the host's, else the tenant's.
pub(crate) fn pin_route(record: &mut Record, host: &Host, service: &Service, tenant: &TenantRow) {
    let own = record.own.route.clone().unwrap_or_default();
    let (typed, own) = match own.split_first() {
        Some((first, rest)) if is_typed(first) => (Some(first.clone()), rest.to_vec()),
        _ => (None, own),
    };
    let route = if own.is_empty() {
        service
            .route
            .clone()
            .or_else(|| host.route.clone())
            .or_else(|| tenant.default_route.clone())
            .unwrap_or_default()
    } else {
        own
    };
    // A typed link stands before what was there, so that taking it away brings that back.
    record.booking.route = match typed {
        Some(link) => std::iter::once(link).chain(route).collect(),
        None => route,
    };
}

/// Pins the settings: what the booking leaves open, the service says. What a private session
/// demands stands before both.
pub(crate) fn pin_settings(record: &mut Record, service: &Service) {
    let asked = record.own.settings.clone().unwrap_or_default().or(&service.settings);
    record.booking.settings =
        if record.booking.private { Settings::private().or(&asked) } else { asked };
}

/// Pins the title.
pub(crate) fn pin_title(record: &mut Record, people: &[Person], host: &Host, service: &Service) {
    if record.booking.private {
        private::TITLE.clone_into(&mut record.booking.title);
        record.following.title = None;
        return;
    }
    if let Some(title) = &record.own.title {
        record.booking.title.clone_from(title);
        record.following.title = None;
        return;
    }
    let template = service.title_template.as_deref();
    record.booking.title = title::fill(template, &words(record, people, host, service));
    record.following.title = kept(template);
}

/// Pins the agenda. One that there was and is none now is asked away.
fn pin_agenda(record: &mut Record, people: &[Person], host: &Host, service: &Service) {
    let template = service.agenda_template.as_deref().filter(|_| !record.booking.private);
    record.booking.agenda = match template {
        Some(template) => Some(agenda::fill(template, &words(record, people, host, service))),
        None => record.booking.agenda.as_ref().map(|_| String::new()),
    };
    record.following.agenda = kept(template);
}

/// Lets title and agenda follow a session that has been moved, or is held in another way: from the
/// templates as they were pinned.
pub(crate) fn follow(
    was: &Booking,
    record: &mut Record,
    people: &[Person],
    host: &Host,
    service: &Service,
) {
    let is = &record.booking;
    let moved = (was.start, was.end, was.mode) != (is.start, is.end, is.mode);
    if !moved && was.time_zone == is.time_zone {
        return;
    }
    if let Some(template) = record.following.title.clone() {
        record.booking.title = title::fill(Some(&template), &words(record, people, host, service));
    }
    if let Some(template) = record.following.agenda.clone() {
        record.booking.agenda =
            Some(agenda::fill(&template, &words(record, people, host, service)));
    }
}

/// What of a template is kept with a booking: all, if what it says can change.
fn kept(template: Option<&str>) -> Option<String> {
    template.filter(|it| template::follows(it)).map(str::to_owned)
}

fn words<'a>(
    record: &'a Record,
    people: &'a [Person],
    host: &'a Host,
    service: &'a Service,
) -> Words<'a> {
    let guest =
        people.iter().find(|person| person.role == Role::Guest && person.removed_at.is_none());
    Words {
        service: &service.name,
        host: &host.name,
        guest: guest.map_or("", |guest| &guest.name),
        booking: &record.booking,
    }
}

/// Puts a typed link before every other room, instead of one that was typed before.
pub(crate) fn type_link(record: &mut Record, url: &str, passcode: Option<&str>) {
    let link = RouteOption::link(url.to_owned(), passcode.map(str::to_owned));
    let own = record.own.route.clone().unwrap_or_default();
    if own.first() == Some(&link) {
        return;
    }
    // The typed link is the fixed link at the head of the booking's own route, however it came
    // there: another one takes its place, and what stands behind it stays.
    let over = own.first().is_some_and(is_typed);
    let before = |route: &[RouteOption]| {
        let rest = if over { route.get(1..).unwrap_or_default() } else { route };
        std::iter::once(link.clone()).chain(rest.iter().cloned()).collect::<Vec<_>>()
    };
    let own = before(&own);
    record.booking.route = before(&record.booking.route);
    record.own.route = Some(own);
}

/// Takes a typed link away; the route that was pinned before it is back. Whether there was one.
pub(crate) fn untype_link(record: &mut Record) -> bool {
    let own = record.own.route.clone().unwrap_or_default();
    if !own.first().is_some_and(is_typed) {
        return false;
    }
    let rest = own.get(1..).unwrap_or_default().to_vec();
    record.own.route = (!rest.is_empty()).then_some(rest);
    if !record.booking.route.is_empty() {
        record.booking.route.remove(0);
    }
    true
}

/// Takes the first options of the pinned route away. A link that was typed goes as when it is taken
/// away by hand.
pub(crate) fn leave_behind(record: &mut Record, options: usize) {
    let typed = untype_link(record);
    let left = options.saturating_sub(usize::from(typed)).min(record.booking.route.len());
    record.booking.route.drain(..left);
}

/// A fixed link after which the route never goes on: what typing a link makes.
fn is_typed(option: &RouteOption) -> bool {
    matches!(option.uses, Use::Link)
        && !option.on_not_connected
        && !option.on_reconnect_needed
        && option.after_failures.is_none()
        && option.before_start.is_none()
}
