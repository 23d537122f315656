//! The people of a booking: its guests, and its host as one who has a link.

use std::str::FromStr;

use roomkey_core::Instant;
use roomkey_core::id::{BookingId, PersonId};
use roomkey_store::host::Host;
use roomkey_store::person::{Person, Role};
use roomkey_store::{BadReference, Reference, Tenant};
use roomkey_vault::{LinkToken, Place};

use super::Desk;
use super::asked::{GuestAsked, normal};
use crate::error::{Fault, Problem};

/// One person of a booking, as somebody names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whose {
    /// Its host's.
    Host,
    /// A guest's.
    Guest(Reference<PersonId>),
}

impl Whose {
    fn is(&self, person: &Person) -> bool {
        match (self, person.role) {
            (Self::Host, role) => role == Role::Host,
            (Self::Guest(_), Role::Host) => false,
            (Self::Guest(Reference::Id(id)), Role::Guest) => person.id == *id,
            (Self::Guest(Reference::External(external_id)), Role::Guest) => {
                person.external_id.as_ref() == Some(external_id)
            }
        }
    }
}

impl FromStr for Whose {
    type Err = BadReference;

    fn from_str(text: &str) -> Result<Self, BadReference> {
        if text == "host" { Ok(Self::Host) } else { text.parse().map(Self::Guest) }
    }
}

/// A new person without particulars, with a link of their own.
fn blank(desk: &Desk, tenant: Tenant, booking: BookingId, role: Role, now: Instant) -> Person {
    let id = PersonId::new(now, desk.entropy.id());
    let token = LinkToken::generate(&desk.entropy);
    let place = Place { table: "people", row: id.uuid(), field: "link" };
    Person {
        tenant,
        id,
        booking,
        role,
        host: None,
        external_id: None,
        name: String::new(),
        email: None,
        phone: None,
        time_zone: None,
        locale: None,
        ordinal: 0,
        removed_at: None,
        link_hash: token.digest(),
        link_sealed: desk.ring.seal(&desk.entropy, place, token.expose().as_bytes()),
        link_number: 0,
    }
}

/// Gives a person another link. Who has the old one is told that it was replaced.
pub(crate) fn replace_link(person: &mut Person, desk: &Desk) {
    let token = LinkToken::generate(&desk.entropy);
    let place = Place { table: "people", row: person.id.uuid(), field: "link" };
    person.link_hash = token.digest();
    person.link_sealed = desk.ring.seal(&desk.entropy, place, token.expose().as_bytes());
    person.link_number += 1;
}

/// A person who is of the booking.
pub(crate) fn named_mut<'p>(
    people: &'p mut [Person],
    whose: &Whose,
) -> Result<&'p mut Person, Problem> {
    people
        .iter_mut()
        .filter(|it| it.removed_at.is_none())
        .find(|it| whose.is(it))
        .ok_or_else(|| Problem::not_found("person"))
}

/// Makes `host` the booking's host among its people. A host who comes back has the same link.
pub(crate) fn seat_host(
    people: &mut Vec<Person>,
    desk: &Desk,
    tenant: Tenant,
    booking: BookingId,
    host: &Host,
    now: Instant,
) {
    for person in people.iter_mut().filter(|it| it.role == Role::Host && it.host != Some(host.id)) {
        person.removed_at.get_or_insert(now);
    }
    let known = people.iter_mut().find(|it| it.role == Role::Host && it.host == Some(host.id));
    if let Some(person) = known {
        person.removed_at = None;
        describe(person, host);
        return;
    }
    let mut person = blank(desk, tenant, booking, Role::Host, now);
    person.ordinal = next_ordinal(people);
    person.host = Some(host.id);
    describe(&mut person, host);
    people.push(person);
}

fn describe(person: &mut Person, host: &Host) {
    person.name.clone_from(&host.name);
    person.email = Some(host.email.clone());
    person.phone.clone_from(&host.phone);
    person.time_zone = Some(host.time_zone.name().to_owned());
    person.locale = Some(host.locale.clone());
}

/// Makes the booking's guests those who are named: by id, else by external id, else by e-mail; who
/// has none of these on either side, by name and telephone. Who is matched keeps id and link; who is not named is no longer of the booking.
pub(crate) fn seat_guests(
    people: &mut Vec<Person>,
    asked: &[GuestAsked],
    desk: &Desk,
    tenant: Tenant,
    booking: BookingId,
    now: Instant,
) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut matched: Vec<Option<usize>> = vec![None; asked.len()];
    type Rule = fn(&Person, &GuestAsked) -> bool;
    let rules: [Rule; 4] = [
        |person, guest| guest.id == Some(person.id),
        |person, guest| guest.external_id.is_some() && person.external_id == guest.external_id,
        |person, guest| {
            let same = |a: &String, b: &String| normal(a) == normal(b);
            person.email.as_ref().zip(guest.email.as_ref()).is_some_and(|(a, b)| same(a, b))
        },
        // The same said twice is one guest, also of whom nothing is known but the name.
        |person, guest| {
            let nameless = guest.id.is_none()
                && (&guest.external_id, &guest.email) == (&None, &None)
                && (&person.external_id, &person.email) == (&None, &None);
            nameless
                && person.removed_at.is_none()
                && (&person.name, &person.phone) == (&guest.name, &guest.phone)
        },
    ];
    for rule in rules {
        for (place, guest) in asked.iter().enumerate() {
            if matched[place].is_some() {
                continue;
            }
            let free = |index: &usize| !matched.contains(&Some(*index));
            let mut fits: Vec<usize> = (0..people.len())
                .filter(|&index| people[index].role == Role::Guest)
                .filter(|&index| rule(&people[index], guest))
                .filter(free)
                .collect();
            // Who is of the booking comes before who was.
            fits.sort_by_key(|&index| people[index].removed_at.is_some());
            matched[place] = fits.first().copied();
        }
    }
    for (place, guest) in asked.iter().enumerate() {
        if matched[place].is_none() && guest.id.is_some() {
            let pointer = format!("/guests/{place}/id");
            faults.push(Fault::new(pointer, "not_found", "is no guest of this booking"));
        }
    }
    if !faults.is_empty() {
        return faults;
    }
    for (index, person) in people.iter_mut().enumerate() {
        if person.role == Role::Guest && !matched.contains(&Some(index)) {
            person.removed_at.get_or_insert(now);
        }
    }
    for (guest, index) in asked.iter().zip(matched) {
        match index {
            Some(index) => {
                let person = &mut people[index];
                person.removed_at = None;
                fill(person, guest);
            }
            None => {
                let mut person = blank(desk, tenant, booking, Role::Guest, now);
                person.ordinal = next_ordinal(people);
                fill(&mut person, guest);
                people.push(person);
            }
        }
    }
    faults
}

fn next_ordinal(people: &[Person]) -> i64 {
    people.iter().map(|it| it.ordinal + 1).max().unwrap_or(0)
}

fn fill(person: &mut Person, guest: &GuestAsked) {
    person.external_id.clone_from(&guest.external_id);
    person.name.clone_from(&guest.name);
    person.email.clone_from(&guest.email);
    person.phone.clone_from(&guest.phone);
    person.time_zone = guest.time_zone.as_ref().map(|zone| zone.name().to_owned());
    person.locale.clone_from(&guest.locale);
}

/// A guest who is of the booking.
pub(crate) fn guest_mut(people: &mut [Person], id: PersonId) -> Result<&mut Person, Problem> {
    people
        .iter_mut()
        .find(|it| it.id == id && it.role == Role::Guest && it.removed_at.is_none())
        .ok_or_else(|| Problem::not_found("guest"))
}

/// A guest as they are, so that a part can be changed.
pub(crate) fn as_asked(person: &Person) -> GuestAsked {
    GuestAsked {
        id: Some(person.id),
        external_id: person.external_id.clone(),
        name: person.name.clone(),
        email: person.email.clone(),
        phone: person.phone.clone(),
        time_zone: person.time_zone.as_deref().and_then(|zone| zone.parse().ok()),
        locale: person.locale.clone(),
    }
}

/// The guests who are of the booking, in order.
pub(crate) fn guests(people: &[Person]) -> Vec<GuestAsked> {
    people
        .iter()
        .filter(|it| it.role == Role::Guest && it.removed_at.is_none())
        .map(as_asked)
        .collect()
}
