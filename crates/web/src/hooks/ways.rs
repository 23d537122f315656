//! The addresses to which vendors send: whose each is, and what is signed with there.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use roomkey_core::id::{AppId, ConnectionId};
use roomkey_store::{StoreError, Tenant, Tx, app, connection, installation};
use secrecy::SecretString;
use serde_json::Value;

use crate::app::App;
use crate::desk;
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
    installation: Vec<SecretString>,
    known: Mutex<HashMap<String, Arc<Way>>>,
}

impl Ways {
    /// With the installation's own secrets.
    pub(crate) fn new(installation: Vec<SecretString>) -> Self {
        Self { installation, known: Mutex::default() }
    }

    /// Whose an address is; `None` if it is nobody's.
    pub(super) async fn find(&self, app: &App, address: &str) -> Result<Option<Arc<Way>>, Problem> {
        if address == INSTALLATION {
            return Ok(Some(Arc::new(Way {
                tenant: installation::tenant(),
                address: INSTALLATION.to_owned(),
                secrets: self.installation.clone(),
                account: None,
            })));
        }
        let Some(named) = Named::read(address) else { return Ok(None) };
        let desk = app.desk.clone();
        let asked =
            app.store().read(move |tx| Box::pin(async move { read(tx, &desk, named).await }));
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
}

impl Named {
    fn read(address: &str) -> Option<Self> {
        let connection = address.parse().map(Self::Connection).ok();
        connection.or_else(|| address.parse().map(Self::App).ok())
    }
}

async fn read(tx: &mut Tx<'_>, desk: &desk::Desk, named: Named) -> Result<Option<Way>, StoreError> {
    Ok(match named {
        Named::App(id) => app::by_address(tx, id).await?.map(|app| Way {
            tenant: app.tenant,
            address: id.to_string(),
            secrets: secrets(desk, desk::app_place(id), &app.secrets),
            account: None,
        }),
        Named::Connection(id) => connection::by_address(tx, id).await?.map(|record| Way {
            tenant: record.tenant,
            address: id.to_string(),
            secrets: secrets(desk, desk::connection_place(id), &record.secrets),
            account: Some(record.connection.account),
        }),
    })
}

/// The present secret, and the one before. What does not open signs nothing.
fn secrets(desk: &desk::Desk, place: roomkey_vault::Place<'_>, sealed: &[u8]) -> Vec<SecretString> {
    use secrecy::ExposeSecret as _;
    let Ok(opened) = desk.ring.open_text(place, sealed) else { return Vec::new() };
    let Ok(secrets) = serde_json::from_str::<Value>(opened.expose_secret()) else {
        return Vec::new();
    };
    desk::WEBHOOK_SECRETS
        .iter()
        .filter_map(|name| secrets.get(*name)?.as_str())
        .filter(|it| !it.is_empty())
        .map(SecretString::from)
        .collect()
}
