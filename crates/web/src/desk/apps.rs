//! The commands on apps. Secrets go in and never come out.

use roomkey_core::id::AppId;
use roomkey_core::route::Provider;
use roomkey_store::app::{self, Record};
use roomkey_store::{Tenant, Tx};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

use super::hook_secrets::{HookSecrets, app_place};
use super::{Desk, Held, check};
use crate::error::{Code, Fault, Problem};

/// What is asked of an app; what is not said stays.
#[derive(Debug, Clone, Default)]
pub struct AppAsked {
    /// The client's name at the vendor.
    pub client_id: Option<String>,
    /// The client's secret.
    pub client_secret: Option<SecretString>,
    /// What the vendor signs its events with.
    pub hook_secrets: HookSecrets,
}

impl AppAsked {
    /// What is wrong with it by itself.
    #[must_use]
    pub fn faults(&self) -> Vec<Fault> {
        let lines = [
            ("/client_id", self.client_id.as_deref()),
            ("/client_secret", self.client_secret.as_ref().map(|it| it.expose_secret())),
        ];
        let mut faults = Vec::new();
        for (pointer, text) in lines {
            if let Some(Err((code, words))) = text.map(|it| check::name(it, 500)) {
                faults.push(Fault::new(pointer, code, words));
            }
        }
        faults
    }
}

/// Makes an app.
///
/// # Errors
/// [`Problem`]: the tenant has an app of this client already.
pub async fn add_app_in(
    tx: &mut Tx<'_>,
    desk: &Desk,
    tenant: Tenant,
    asked: &AppAsked,
) -> Result<AppId, Problem> {
    let now = desk.now();
    let id = AppId::new(now, desk.entropy.id());
    let client_id = asked.client_id.clone().unwrap_or_default();
    only_one(tx, tenant, id, &client_id).await?;
    let mut secrets =
        json!({"client_secret": asked.client_secret.as_ref().map(|it| it.expose_secret())});
    asked.hook_secrets.write(&mut secrets);
    let record = Record {
        tenant,
        id,
        provider: Provider::Zoom,
        client_id,
        secrets: seal(desk, id, &secrets),
        revision: 1,
        created_at: now,
    };
    app::insert(tx, &record).await?;
    Ok(id)
}

/// An app of a tenant, held to be changed.
///
/// # Errors
/// [`Problem`]: there is no such app.
pub async fn hold_app_in(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    id: AppId,
) -> Result<Held<Record>, Problem> {
    let row = app::lock(tx, tenant, id).await?.ok_or_else(|| Problem::not_found("app"))?;
    Ok(Held { row, waiting: None })
}

/// Changes an app.
///
/// # Errors
/// [`Problem`]: the tenant has another app of this client.
pub async fn change_app_in(
    tx: &mut Tx<'_>,
    desk: &Desk,
    held: Held<Record>,
    asked: &AppAsked,
) -> Result<(), Problem> {
    let mut record = held.row;
    let before = record.clone();
    if let Some(client_id) = &asked.client_id {
        only_one(tx, record.tenant, record.id, client_id).await?;
        record.client_id.clone_from(client_id);
    }
    if asked.client_secret.is_some() || asked.hook_secrets.is_asked() {
        let opened = desk.ring.open_text(app_place(record.id), &record.secrets);
        let opened = opened.map_err(Problem::fault)?;
        let mut secrets: Value =
            serde_json::from_str(opened.expose_secret()).map_err(Problem::fault)?;
        if let Some(secret) = &asked.client_secret {
            secrets["client_secret"] = json!(secret.expose_secret());
        }
        asked.hook_secrets.write(&mut secrets);
        record.secrets = seal(desk, record.id, &secrets);
    }
    if record != before {
        app::update(tx, &record).await?;
    }
    Ok(())
}

/// Removes an app and its secrets. Refused while connections depend on it, unless forced: nothing
/// would be heard of them any more.
///
/// # Errors
/// [`Problem`], with how many connections would be stranded.
pub async fn remove_app_in(
    tx: &mut Tx<'_>,
    desk: &Desk,
    tenant: Tenant,
    id: AppId,
    force: bool,
) -> Result<(), Problem> {
    let stranded = app::stranded(tx, tenant, id).await?;
    if stranded > 0 && !force {
        let words = format!("{stranded} connection(s) would no longer be heard of.");
        return Err(Problem::with(Code::AppInUse, words).and("stranded", stranded));
    }
    app::delete(tx, tenant, id, desk.now()).await?;
    Ok(())
}

/// An event finds its connection by the app's client: two apps of one client would be one too many.
async fn only_one(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    id: AppId,
    client_id: &str,
) -> Result<(), Problem> {
    let taken = app::of_tenant(tx, tenant)
        .await?
        .iter()
        .any(|it| it.id != id && it.provider == Provider::Zoom && it.client_id == client_id);
    if taken {
        let words = "is the client of another app of this tenant";
        return Err(Problem::invalid(vec![Fault::new("/client_id", "taken", words)]));
    }
    Ok(())
}

fn seal(desk: &Desk, id: AppId, secrets: &Value) -> Vec<u8> {
    desk.ring.seal(&desk.entropy, app_place(id), secrets.to_string().as_bytes())
}
