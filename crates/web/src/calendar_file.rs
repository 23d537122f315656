//! The calendar file of a booking, for one of its people: what the mails attach, for download.

use std::time::Duration;

use axum::response::{IntoResponse, Response};
use http::header;
use roomkey_core::booking::{Mode, Status};
use roomkey_core::{Instant, Zone};
use roomkey_messages::ics::Method;
use roomkey_messages::{Invitation, Mailbox, Place, Practice, Reader, Role, RoomWords, invitation};
use roomkey_store::host::Host;
use roomkey_store::message::Told;
use roomkey_store::person::{Person, Role as Side, guest_names};
use roomkey_store::service::Service;
use roomkey_store::tenant::TenantRow;
use roomkey_store::{StoreError, Tx, booking, host, message, person, service, tenant};
use url::Url;

use crate::app::App;

/// When a calendar reminds whoever downloaded the file.
const ALARMS: [Duration; 2] = [Duration::from_secs(24 * 60 * 60), Duration::from_secs(60 * 60)];

/// What the file is made of.
pub(crate) struct Around {
    record: booking::Record,
    people: Vec<Person>,
    tenant: TenantRow,
    service: Service,
    host: Host,
    told: Vec<Told>,
}

/// Reads what the file of a booking is made of.
pub(crate) async fn around(tx: &mut Tx<'_>, record: booking::Record) -> Result<Around, StoreError> {
    let (proof, id) = (record.tenant, record.booking.id);
    let missing =
        |table| StoreError::Corrupt { table, what: format!("what {id} names is not there") };
    Ok(Around {
        people: person::of_booking(tx, proof, id).await?,
        tenant: tenant::get(tx, proof).await?,
        service: service::get(tx, proof, record.service)
            .await?
            .ok_or_else(|| missing("services"))?,
        host: host::get(tx, proof, record.booking.host).await?.ok_or_else(|| missing("hosts"))?,
        told: message::told(tx, &[(proof, id)]).await?,
        record,
    })
}

/// The file for one person, with their own link in it. The vendor's address is in no file.
pub(crate) fn file(app: &App, around: &Around, person: &Person, link: &Url) -> String {
    let booking = &around.record.booking;
    let now: Instant = app.now();
    let zone: Zone =
        person.time_zone.as_deref().and_then(|zone| zone.parse().ok()).unwrap_or_else(|| {
            match person.role {
                Side::Host => around.host.time_zone.clone(),
                Side::Guest => booking.time_zone.clone(),
            }
        });
    let reader = Reader {
        role: match person.role {
            Side::Host => Role::Host,
            Side::Guest => Role::Guest,
        },
        name: person.name.clone(),
        email: person.email.clone().unwrap_or_default(),
        zone,
        locale: person.locale.clone().unwrap_or_else(|| "en".to_owned()),
    };
    let place = match booking.mode {
        Mode::Online => Place::Online(RoomWords::SettingUp),
        Mode::Phone => Place::Phone,
        Mode::InPerson => Place::InPerson,
    };
    let sequence = around
        .told
        .iter()
        .find(|told| told.person == person.id)
        .map_or(0, |told| u32::try_from(told.sequence).unwrap_or(0));
    let organizer =
        Mailbox { name: around.tenant.name.clone(), address: app.mail_from.address.clone() };
    let off = booking.status == Status::Cancelled || person.removed_at.is_some();
    let practice =
        Practice { name: around.tenant.name.clone(), contact: around.tenant.contact.clone() };
    invitation(&Invitation {
        method: if off { Method::Cancel } else { Method::Publish },
        reader: &reader,
        practice: &practice,
        host_name: &around.host.name,
        guest_names: &guest_names(&around.people),
        service: booking.public_service(&around.service.name),
        title: booking.public_title(),
        start: booking.start,
        end: booking.end,
        place: &place,
        link,
        change_until: None,
        uid: &format!("{}@{}", booking.id, app.public_url.host_str().unwrap_or("localhost")),
        sequence,
        written_at: now,
        organizer: &organizer,
        alarms: ALARMS.to_vec(),
    })
    .render()
}

/// The file as an answer.
pub(crate) fn answer(file: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/calendar; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"session.ics\""),
    ];
    (headers, file).into_response()
}
