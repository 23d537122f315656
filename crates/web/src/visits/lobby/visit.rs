//! Everything that one visit to a link depends on.

use axum::response::Response;
use axum_extra::extract::cookie::CookieJar;
use http::StatusCode;
use roomkey_store::host::Host;
use roomkey_store::person::{Person, Role};
use roomkey_store::service::Service;
use roomkey_store::session::{Session, Who};
use roomkey_store::tenant::{HostDoor, TenantRow};
use roomkey_store::{StoreError, booking, host, person, retired_link, room, service, tenant};
use roomkey_vault::LinkToken;

use super::super::{page, session as browser};
use crate::app::App;
use crate::pages::lobby::{Contact, LinkReplacedPage};

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

/// Why nobody is let in.
pub(super) enum Turned {
    /// It is nobody's link, or was so long ago that it is forgotten.
    Unknown,
    /// It was somebody's, and they have another now. Where that leads is not for whoever has the
    /// old one.
    Replaced(LinkReplacedPage),
    /// We cannot say.
    Fault(StoreError),
}

impl Turned {
    /// The page that says so.
    pub(super) fn page(&self) -> Response {
        match self {
            Self::Unknown => page::not_found(),
            Self::Replaced(replaced) => page::with_status(StatusCode::GONE, replaced),
            Self::Fault(error) => page::fault(error),
        }
    }
}

impl From<StoreError> for Turned {
    fn from(error: StoreError) -> Self {
        Self::Fault(error)
    }
}

/// Whose link it is, and what is behind it.
pub(super) async fn visit(app: &App, token: &str, jar: &CookieJar) -> Result<Visit, Turned> {
    let Ok(token) = token.parse::<LinkToken>() else { return Err(Turned::Unknown) };
    let digest = token.digest();
    let Some(mut visit) = load(app, token).await? else {
        return Err(replaced(app, digest).await?.map_or(Turned::Unknown, Turned::Replaced));
    };
    if visit.person.role == Role::Host {
        let session = browser::of(app, jar).await?;
        visit.may_host = may_host(&visit, session.as_ref());
    }
    Ok(visit)
}

/// What is told of a link that was replaced: whom to ask.
async fn replaced(app: &App, digest: [u8; 32]) -> Result<Option<LinkReplacedPage>, StoreError> {
    let now = app.now();
    app.store()
        .read(move |tx| {
            Box::pin(async move {
                let Some(proof) = retired_link::whose(tx, &digest, now).await? else {
                    return Ok(None);
                };
                let tenant = tenant::get(tx, proof).await?;
                let contact = tenant.contact.as_deref().and_then(Contact::new);
                Ok(Some(LinkReplacedPage { practice: tenant.name, contact }))
            })
        })
        .await
}

async fn load(app: &App, token: LinkToken) -> Result<Option<Visit>, StoreError> {
    let digest = token.digest();
    app.store()
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
        .await
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
