//! Who was at a session, opened for whoever may know it.

use roomkey_core::Instant;
use roomkey_core::attendance::{self as rules, Attendee, Mark, Run, Stay};
use roomkey_core::id::{BookingId, PersonId};
use roomkey_store::attendance::{self, Noted};
use roomkey_store::person::{self, Person, Role};
use roomkey_store::{StoreError, Tenant};
use roomkey_vault::Place;
use secrecy::ExposeSecret as _;
use serde_json::Value;

use crate::app::App;

/// Who was there, and from when to when the session really was.
pub(crate) struct Present {
    pub(crate) people: Vec<Attended>,
    pub(crate) sitting: Vec<Stay>,
}

/// One person who was there.
pub(crate) struct Attended {
    /// Whom of the booking's people it was, where that can be told.
    pub(crate) person: Option<PersonId>,
    /// As what they were there, where that can be told.
    pub(crate) role: Option<Role>,
    pub(crate) who: Attendee,
}

/// What the vendor told of a session's people.
pub(crate) async fn present(
    app: &App,
    tenant: Tenant,
    booking: BookingId,
    now: Instant,
) -> Result<Present, StoreError> {
    let (noted, runs, people) = app
        .store()
        .read(move |tx| {
            Box::pin(async move {
                Ok::<_, StoreError>((
                    attendance::of_booking(tx, tenant, booking).await?,
                    attendance::runs(tx, tenant, booking).await?,
                    person::of_booking(tx, tenant, booking).await?,
                ))
            })
        })
        .await?;
    Ok(told(app, &noted, &runs, &people, now))
}

/// The same, of what has been read already.
pub(crate) fn told(
    app: &App,
    noted: &[Noted],
    runs: &[Run],
    people: &[Person],
    now: Instant,
) -> Present {
    let marks: Vec<Mark> = noted.iter().map(|it| opened(app, it)).collect();
    let attendees = rules::attendees(&marks, runs, now);
    let sitting = rules::sitting(runs, &attendees, now);
    let people = attendees.into_iter().map(|who| recognised(who, people)).collect();
    Present { people, sitting }
}

/// Who is forgotten, or sealed with a key that is gone, is somebody without a name.
fn opened(app: &App, noted: &Noted) -> Mark {
    let place = Place { table: "attendance", row: noted.id, field: "sealed" };
    let sealed = noted.sealed.as_deref();
    let who: Value = sealed
        .and_then(|sealed| app.desk.ring.open_text(place, sealed).ok())
        .and_then(|it| serde_json::from_str(it.expose_secret()).ok())
        .unwrap_or_default();
    let text = |name: &str| who.get(name)?.as_str().map(str::to_owned);
    Mark {
        room: noted.room,
        instance: noted.instance.clone(),
        visitor: noted.visitor.clone(),
        came: noted.came,
        at: noted.at,
        is_host: noted.is_host,
        user: text("user"),
        name: text("name"),
        email: text("email"),
    }
}

/// A host by the vendor's word or the address, a guest by the address, or the name where only one
/// has it.
fn recognised(who: Attendee, people: &[Person]) -> Attended {
    let host = people.iter().find(|it| it.role == Role::Host && it.removed_at.is_none());
    let by_address = people.iter().find(|it| {
        let address = it.email.as_ref().map(|email| email.trim().to_lowercase());
        address.is_some() && address == who.email
    });
    let mut named = people.iter().filter(|it| {
        let name = who.name.as_ref().map(|name| name.trim().to_lowercase());
        name.is_some_and(|name| name == it.name.trim().to_lowercase())
    });
    let by_name = named.next().filter(|_| named.next().is_none());
    let person = if who.is_host { host } else { by_address.or(by_name) };
    let role = if who.is_host { Some(Role::Host) } else { person.map(|it| it.role) };
    Attended { person: person.map(|it| it.id), role, who }
}
