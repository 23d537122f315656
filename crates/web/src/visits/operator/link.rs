//! People's links, as an operator may hand them on.

use roomkey_store::person::Person;
use roomkey_vault::Place;
use secrecy::ExposeSecret as _;

use crate::app::App;

/// A person's link; nothing if it cannot be unsealed.
pub(super) fn of(app: &App, person: &Person) -> Option<String> {
    let place = Place { table: "people", row: person.id.uuid(), field: "link" };
    let token = app.desk.ring.open_text(place, &person.link_sealed).ok()?;
    Some(app.url(&format!("j/{}", token.expose_secret())))
}
