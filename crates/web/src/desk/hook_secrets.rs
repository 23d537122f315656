//! What vendors sign their events with: the present secret and, while a new one spreads, the one
//! before.

use roomkey_core::id::{AppId, ConnectionId, TenantId};
use roomkey_store::{Tenant, Tx, tenant};
use roomkey_vault::Place;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

use super::Desk;
use crate::error::Problem;

/// Where they are kept among the other secrets, the present one first.
pub const WEBHOOK_SECRETS: [&str; 2] = ["webhook_secret", "previous_webhook_secret"];

/// What of a tenant's secrets is about Stripe.
pub(crate) const STRIPE: &str = "stripe";

/// What is asked of them; what is not said stays.
#[derive(Debug, Clone, Default)]
pub struct HookSecrets {
    /// The present one, or none.
    pub present: Option<Option<SecretString>>,
    /// The one before, or none.
    pub before: Option<Option<SecretString>>,
}

impl HookSecrets {
    /// Whether anything is asked.
    #[must_use]
    pub const fn is_asked(&self) -> bool {
        self.present.is_some() || self.before.is_some()
    }

    /// Writes them among the other secrets. A new one makes the present one the one before, so that
    /// events that are still under way are believed; having none forgets both.
    pub(super) fn write(&self, secrets: &mut Value) {
        let [present, before] = WEBHOOK_SECRETS;
        match &self.present {
            Some(Some(secret)) => {
                let known = secrets.get(present).and_then(Value::as_str).map(str::to_owned);
                if known.as_deref().is_some_and(|it| it != secret.expose_secret()) {
                    secrets[before] = json!(known);
                }
                secrets[present] = json!(secret.expose_secret());
            }
            Some(None) => {
                secrets[present] = Value::Null;
                secrets[before] = Value::Null;
            }
            None => {}
        }
        if let Some(secret) = &self.before {
            secrets[before] = json!(secret.as_ref().map(|it| it.expose_secret()));
        }
    }
}

/// Changes what Stripe signs a tenant's events with; whether anything is different now. The tenant
/// must be locked.
///
/// # Errors
/// [`Problem`]: what there is does not open, so it cannot be added to.
pub(crate) async fn change_tenant_secrets_in(
    tx: &mut Tx<'_>,
    desk: &Desk,
    tenant: Tenant,
    asked: &HookSecrets,
) -> Result<bool, Problem> {
    if !asked.is_asked() {
        return Ok(false);
    }
    let place = tenant_place(tenant.id());
    let before: Value = match tenant::secrets(tx, tenant).await? {
        Some(sealed) => {
            let opened = desk.ring.open_text(place, &sealed).map_err(Problem::fault)?;
            serde_json::from_str(opened.expose_secret()).map_err(Problem::fault)?
        }
        None => json!({}),
    };
    let mut secrets = before.clone();
    asked.write(&mut secrets[STRIPE]);
    if secrets == before {
        return Ok(false);
    }
    let sealed = desk.ring.seal(&desk.entropy, place, secrets.to_string().as_bytes());
    tenant::set_secrets(tx, tenant, &sealed).await?;
    Ok(true)
}

/// Where a connection's secrets rest.
#[must_use]
pub(crate) fn connection_place(id: ConnectionId) -> Place<'static> {
    Place { table: "connections", row: id.uuid(), field: "secrets" }
}

/// Where an app's secrets rest.
#[must_use]
pub(crate) fn app_place(id: AppId) -> Place<'static> {
    Place { table: "apps", row: id.uuid(), field: "secrets" }
}

/// Where a tenant's secrets rest.
#[must_use]
pub(crate) fn tenant_place(id: TenantId) -> Place<'static> {
    Place { table: "tenants", row: id.uuid(), field: "secrets" }
}
