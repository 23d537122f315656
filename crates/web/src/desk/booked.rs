//! Making a booking.

use std::time::Duration;

use roomkey_core::booking::{Awaiting, Booking, Refusal, Status};
use roomkey_core::id::BookingId;
use roomkey_core::meeting;
use roomkey_core::settings::Settings;
use roomkey_store::booking::{self, Own, Record};
use roomkey_store::service::Service;
use roomkey_store::{Reference, Tx, host, service, tenant};
use serde_json::Value;

use super::asked::{Asked, Standing, span};
use super::draft::Draft;
use super::{By, Desk, Done, Notify, check, people, pin, strange_connections};
use crate::error::{Code, Fault, Problem, add_faults};

/// Makes a booking in a transaction. `last_put` is what its source sent, if it may send it again.
///
/// # Errors
/// [`Problem`], with every member that is wrong.
pub async fn book_in(
    tx: &mut Tx<'_>,
    desk: &Desk,
    by: By,
    asked: &Asked,
    notify: Option<Notify>,
    last_put: Option<String>,
) -> Result<Done, Problem> {
    let now = desk.now();
    let mut faults = asked.faults();
    let mut missing = Vec::new();
    let service = match &asked.service {
        Some(reference) => service::find(tx, by.tenant, reference).await?,
        None => None,
    };
    let host = match &asked.host {
        Some(reference) => host::find(tx, by.tenant, reference).await?,
        None => None,
    };
    let named = [
        ("/service", asked.service.is_some(), service.is_some(), "is no service of this tenant"),
        ("/host", asked.host.is_some(), host.is_some(), "is no host of this tenant"),
    ];
    for (pointer, said, found, words) in named {
        if !said {
            missing.push(Fault::new(pointer, "required", "is needed"));
        } else if !found {
            missing.push(Fault::new(pointer, "not_found", words));
        }
    }
    if asked.start.is_none() {
        missing.push(Fault::new("/start", "required", "is needed"));
    }
    if asked.guests.is_none() {
        missing.push(Fault::new("/guests", "required", "needs at least one guest"));
    }
    if asked.status == Some(Standing::InProgress) {
        let words = "is said by the vendor; use `confirmed`";
        missing.push(Fault::new("/status", "invalid", words));
    }
    let route = asked.route.as_ref().and_then(Option::as_deref);
    missing.extend(strange_connections(tx, by.tenant, route, "/route").await?);
    add_faults(&mut faults, missing);
    let (Some(service), Some(host), Some(start)) = (service, host, asked.start) else {
        return Err(Problem::invalid(faults));
    };
    let own_settings = asked.settings.clone().flatten();
    faults.extend(settings_faults(own_settings.as_ref(), &service, service.private));
    if service.private
        && let Some(Some(title)) = &asked.title
    {
        faults.extend(check::private_title(title));
    }
    let length = Duration::from_secs(u64::from(service.duration_minutes) * 60);
    let end = asked.end.flatten().unwrap_or_else(|| start.plus(length));
    if asked.end.flatten().is_none() {
        faults.extend(span(start, end));
    }
    if !faults.is_empty() {
        return Err(Problem::invalid(faults));
    }
    let external_id = asked.external_id.clone().flatten();
    if let Some(external_id) = &external_id
        && booking::find(tx, by.tenant, &Reference::External(external_id.clone())).await?.is_some()
    {
        return Err(Problem::new(Code::ExternalIdTaken));
    }
    let tenant = tenant::get(tx, by.tenant).await?;
    let id = BookingId::new(now, desk.entropy.id());
    let status = first_status(asked.status, &service);
    if matches!(status, Status::Completed | Status::NoShow) && now < start {
        return Err(Refusal::Ahead.into());
    }
    let mut record = Record {
        tenant: by.tenant,
        booking: Booking {
            id,
            status,
            mode: service.mode,
            start,
            end,
            time_zone: asked.time_zone.clone().flatten().unwrap_or_else(|| host.time_zone.clone()),
            title: String::new(),
            agenda: None,
            private: false,
            host: host.id,
            route: Vec::new(),
            settings: Settings::default(),
            generation: 1,
            version: 1,
            seat: None,
            current: None,
            confirmed_at: status.is_on().then_some(now),
        },
        external_id,
        service: service.id,
        notes: asked.notes.clone().flatten(),
        own: Own {
            title: asked.title.clone().flatten(),
            mode: asked.mode.flatten(),
            route: asked.route.clone().flatten(),
            settings: own_settings,
        },
        following: booking::Following::default(),
        metadata: Value::Object(asked.metadata.clone().unwrap_or_default()).to_string(),
        seq: 0,
        cancel_reason: None,
        payment: None,
        meeting: meeting::Status::Pending,
        meeting_reason: None,
        meeting_warnings: Vec::new(),
        failures: 0,
        next_attempt_at: None,
        settled_version: 0,
        ready_at: None,
        last_put,
        created_at: now,
        updated_at: now,
    };
    let mut seated = Vec::new();
    people::seat_host(&mut seated, desk, by.tenant, id, &host, now);
    let guests = asked.guests.as_deref().unwrap_or_default();
    let faults = people::seat_guests(&mut seated, guests, desk, by.tenant, id, now);
    if !faults.is_empty() {
        return Err(Problem::invalid(faults));
    }
    pin::pin(&mut record, &seated, &host, &service, &tenant);
    let also = Vec::new();
    let draft = Draft { before: None, record, people: seated, host, service, tenant, also, now };
    draft.save(tx, desk, by, notify).await?;
    Ok(Done { booking: id, changed: true, created: true, guest: None })
}

/// Settings that exclude each other, once the service's are added, or that a private session cannot
/// have.
pub(crate) fn settings_faults(
    own: Option<&Settings>,
    service: &Service,
    private: bool,
) -> Vec<Fault> {
    match own {
        // What the service says gives way to what a private session demands.
        Some(own) if private => check::private_settings(own, "/settings"),
        Some(own) if own.conflicts().is_empty() => {
            check::settings(&own.clone().or(&service.settings), "/settings")
        }
        Some(_) | None => Vec::new(),
    }
}

fn first_status(asked: Option<Standing>, service: &Service) -> Status {
    let awaiting = if service.requires_payment { Awaiting::Payment } else { Awaiting::Approval };
    match asked {
        Some(Standing::Confirmed | Standing::InProgress) => Status::Confirmed,
        Some(Standing::Pending) => Status::Pending(awaiting),
        Some(Standing::Completed) => Status::Completed,
        Some(Standing::Cancelled) => Status::Cancelled,
        Some(Standing::NoShow) => Status::NoShow,
        None if service.requires_payment || service.requires_approval => Status::Pending(awaiting),
        None => Status::Confirmed,
    }
}
