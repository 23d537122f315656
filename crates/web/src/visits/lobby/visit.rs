//! Everything that one visit to a link depends on.

use axum_extra::extract::cookie::CookieJar;
use roomkey_store::host::Host;
use roomkey_store::person::{Person, Role};
use roomkey_store::service::Service;
use roomkey_store::session::{Session, Who};
use roomkey_store::tenant::{HostDoor, TenantRow};
use roomkey_store::{StoreError, booking, host, person, room, service, tenant};
use roomkey_vault::LinkToken;

use super::super::session as browser;
use crate::app::App;

/// One person at the door of one booking.
pub(super) struct Visit {
    pub(super) token: LinkToken,
    pub(super) person: Person,
    pub(super) record: booking::Record,
    pub(super) people: Vec<Person>,
    pub(super) tenant: TenantRow,
    pub(super) service: Service,
    pub(super) host: Host,
    /// The room that the door leads to now.
    pub(super) room: Option<room::Record>,
    /// Whether this browser may go through the host's door.
    pub(super) may_host: bool,
}

/// Whose link it is, and what is behind it; `None` if it is nobody's.
pub(super) async fn visit(
    app: &App,
    token: &str,
    jar: &CookieJar,
) -> Result<Option<Visit>, StoreError> {
    let Ok(token) = token.parse::<LinkToken>() else { return Ok(None) };
    let digest = token.digest();
    let found = app
        .store()
        .read::<Option<Visit>, StoreError, _>(move |tx| {
            Box::pin(async move {
                let Some(person) = person::by_link(tx, &digest).await? else { return Ok(None) };
                let proof = person.tenant;
                let Some(record) = booking::get(tx, proof, person.booking).await? else {
                    return Ok(None);
                };
                let people = person::of_booking(tx, proof, person.booking).await?;
                let tenant = tenant::get(tx, proof).await?;
                let missing = |table| StoreError::Corrupt {
                    table,
                    what: format!("what {} names is not there", person.booking),
                };
                let service = service::get(tx, proof, record.service).await?;
                let service = service.ok_or_else(|| missing("services"))?;
                let host = host::get(tx, proof, record.booking.host).await?;
                let host = host.ok_or_else(|| missing("hosts"))?;
                let room = match record.booking.current {
                    Some(id) => room::get(tx, proof, id).await?,
                    None => None,
                };
                let may_host = false;
                Ok(Some(Visit {
                    token,
                    person,
                    record,
                    people,
                    tenant,
                    service,
                    host,
                    room,
                    may_host,
                }))
            })
        })
        .await?;
    let Some(mut visit) = found else { return Ok(None) };
    if visit.person.role == Role::Host {
        let session = browser::of(app, jar).await?;
        visit.may_host = may_host(&visit, session.as_ref());
    }
    Ok(Some(visit))
}

/// A host's link opens the host's lobby; the host's door needs the host.
fn may_host(visit: &Visit, session: Option<&Session>) -> bool {
    let present = visit.person.removed_at.is_none();
    match visit.tenant.policies.host_door {
        HostDoor::Link => present,
        HostDoor::SignIn => {
            present
                && session.is_some_and(|session| {
                    session.tenant == visit.person.tenant
                        && visit.person.host.is_some_and(|host| session.who == Who::Host(host))
                })
        }
    }
}
