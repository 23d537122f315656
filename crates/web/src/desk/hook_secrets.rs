//! What vendors sign their events with: the present secret and, while a new one spreads, the one
//! before.

use roomkey_core::id::{AppId, ConnectionId};
use roomkey_vault::Place;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

/// Where they are kept among the other secrets, the present one first.
pub const WEBHOOK_SECRETS: [&str; 2] = ["webhook_secret", "previous_webhook_secret"];

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
