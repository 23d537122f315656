//! The addresses to which vendors send: whose each is, and what is signed with there.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use roomkey_core::id::{AppId, ConnectionId, TenantId};
use roomkey_store::inbound::Vendor;
use roomkey_store::{StoreError, Tenant, Tx, app, connection, installation, tenant};
use secrecy::SecretString;
use serde_json::Value;

use crate::app::App;
use crate::desk::{self, Desk};
use crate::error::Problem;

/// The installation's own address.
pub(super) const INSTALLATION: &str = "default";

/// How long the database is asked before what was known last must do: a vendor waits three
/// seconds at the most.
const PATIENCE: Duration = Duration::from_secs(1);

/// One address, understood.
#[derive(Debug, Clone)]
pub(super) struct Way {
    /// Whose events come here.
    pub(super) tenant: Tenant,
    /// As it is written, however it came.
    pub(super) address: String,
    /// What may have signed them.
    pub(super) secrets: Vec<SecretString>,
    /// The only account whose events are taken, where there is but one.
    pub(super) account: Option<String>,
}

/// What was last known of each address: the database may be busy when a vendor asks.
#[derive(Debug, Default)]
pub(crate) struct Ways {
    zoom: Vec<SecretString>,
    stripe: Vec<SecretString>,
    known: Mutex<HashMap<String, Arc<Way>>>,
}

impl Ways {
    /// With the installation's own secrets.
    pub(crate) fn new(zoom: Vec<SecretString>, stripe: Vec<SecretString>) -> Self {
        Self { zoom, stripe, known: Mutex::default() }
    }

    /// What this vendor signs the installation's events with.
    fn of_installation(&self, vendor: Vendor) -> Vec<SecretString> {
        match vendor {
            Vendor::Zoom => self.zoom.clone(),
            Vendor::Stripe => self.stripe.clone(),
        }
    }

    /// Whose an address is; `None` if it is nobody's.
    pub(super) async fn find(
        &self,
        app: &App,
        vendor: Vendor,
        address: &str,
    ) -> Result<Option<Arc<Way>>, Problem> {
        if address == INSTALLATION {
            return Ok(Some(Arc::new(Way {
                tenant: installation::tenant(),
                address: INSTALLATION.to_owned(),
                secrets: self.of_installation(vendor),
                account: None,
            })));
        }
        let Some(named) = Named::read(vendor, address) else { return Ok(None) };
        let (desk, installation) = (app.desk.clone(), self.of_installation(vendor));
        let asked = app
            .store()
            .read(move |tx| Box::pin(async move { read(tx, &desk, named, installation).await }));
        match tokio::time::timeout(PATIENCE, asked).await {
            Ok(Ok(way)) => {
                let way = way.map(Arc::new);
                let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
                match &way {
                    Some(way) => known.insert(address.to_owned(), Arc::clone(way)),
                    None => known.remove(address),
                };
                Ok(way)
            }
            Ok(Err(error)) => {
                self.remembered(address).map(Some).ok_or_else(|| Problem::from(error))
            }
            Err(_) => self.remembered(address).map(Some).ok_or_else(unavailable),
        }
    }

    fn remembered(&self, address: &str) -> Option<Arc<Way>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).get(address).cloned()
    }
}

/// The vendor is to send again.
pub(super) fn unavailable() -> Problem {
    Problem::new(crate::error::Code::Unavailable).retry_after(5)
}

/// What an address names.
#[derive(Debug, Clone, Copy)]
enum Named {
    App(AppId),
    Connection(ConnectionId),
    Tenant(TenantId),
}

impl Named {
    fn read(vendor: Vendor, address: &str) -> Option<Self> {
        match vendor {
            Vendor::Zoom => {
                let connection = address.parse().map(Self::Connection).ok();
                connection.or_else(|| address.parse().map(Self::App).ok())
            }
            Vendor::Stripe => address.parse().map(Self::Tenant).ok(),
        }
    }
}

async fn read(
    tx: &mut Tx<'_>,
    desk: &Desk,
    named: Named,
    installation: Vec<SecretString>,
) -> Result<Option<Way>, StoreError> {
    Ok(match named {
        Named::App(id) => app::by_address(tx, id).await?.map(|app| Way {
            tenant: app.tenant,
            address: id.to_string(),
            secrets: secrets(open(desk, desk::app_place(id), &app.secrets).as_ref()),
            account: None,
        }),
        Named::Connection(id) => connection::by_address(tx, id).await?.map(|record| Way {
            tenant: record.tenant,
            address: id.to_string(),
            secrets: secrets(open(desk, desk::connection_place(id), &record.secrets).as_ref()),
            account: Some(record.connection.account),
        }),
        Named::Tenant(id) => tenant::by_address(tx, id).await?.map(|(tenant, sealed)| Way {
            tenant,
            address: id.to_string(),
            secrets: of_tenant(desk, id, sealed.as_deref()).unwrap_or(installation),
            account: None,
        }),
    })
}

/// What signs a tenant's payments, if it has secrets of its own; where it has none, the
/// installation's do. What it has and does not open signs nothing, and stands for nothing else.
pub(super) fn of_tenant(
    desk: &Desk,
    id: TenantId,
    sealed: Option<&[u8]>,
) -> Option<Vec<SecretString>> {
    let opened = open(desk, desk::tenant_place(id), sealed?);
    let own = secrets(opened.as_ref().and_then(|it| it.get(desk::STRIPE)));
    (opened.is_none() || !own.is_empty()).then_some(own)
}

fn open(desk: &Desk, place: roomkey_vault::Place<'_>, sealed: &[u8]) -> Option<Value> {
    use secrecy::ExposeSecret as _;
    let opened = desk.ring.open_text(place, sealed).ok()?;
    serde_json::from_str(opened.expose_secret()).ok()
}

/// The present secret, and the one before. What does not open signs nothing.
fn secrets(opened: Option<&Value>) -> Vec<SecretString> {
    desk::WEBHOOK_SECRETS
        .iter()
        .filter_map(|name| opened?.get(*name)?.as_str())
        .filter(|it| !it.is_empty())
        .map(SecretString::from)
        .collect()
}
