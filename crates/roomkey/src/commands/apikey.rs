//! `roomkey apikey`: what programs sign in with.

use roomkey_core::id::ApiKeyId;
use roomkey_store::{Priority, Store, StoreError, Tenant, api_key};
use roomkey_vault::{ApiKeyToken, Entropy};
use serde_json::json;

use crate::arguments::{Apikey, EVERYTHING, Global};
use crate::failure::Failure;
use crate::out;

pub(super) async fn run(command: Apikey, global: &Global) -> Result<(), Failure> {
    let (_, store) = super::beside(global).await?;
    let done = dispatch(&store, command).await;
    store.close().await;
    done
}

async fn dispatch(store: &Store, command: Apikey) -> Result<(), Failure> {
    match command {
        Apikey::Add { name, scope, tenant, json } => {
            let tenant = super::tenant(store, &tenant).await?;
            add(store, tenant, name, scope, json.json).await
        }
        Apikey::List { tenant, json } => {
            let tenant = super::tenant(store, &tenant).await?;
            list(store, tenant, json.json).await
        }
        Apikey::Revoke { id, tenant } => {
            let tenant = super::tenant(store, &tenant).await?;
            revoke(store, tenant, &id).await
        }
    }
}

async fn add(
    store: &Store,
    tenant: Tenant,
    name: String,
    mut scopes: Vec<String>,
    json: bool,
) -> Result<(), Failure> {
    if scopes.is_empty() {
        scopes.push(EVERYTHING.to_owned());
    }
    let (now, entropy) = (store.now(), Entropy::system());
    let token = ApiKeyToken::generate(&entropy);
    let (id, hash) = (ApiKeyId::new(now, entropy.id()), token.digest());
    let shown = (name.clone(), scopes.clone());
    store
        .write(Priority::Interactive, move |tx| {
            let (name, scopes) = shown.clone();
            Box::pin(
                async move { api_key::insert(tx, tenant, id, &name, &scopes, &hash, now).await },
            )
        })
        .await?;
    if json {
        out::json(&json!({"id": id, "name": name, "scopes": scopes, "api_key": token.expose()}));
    } else {
        out::talk(format_args!("Made the API key {name}, {id}. It is shown this once:"));
        out::data(token.expose());
    }
    Ok(())
}

async fn list(store: &Store, tenant: Tenant, json: bool) -> Result<(), Failure> {
    let keys = store.read(|tx| Box::pin(api_key::list(tx, tenant))).await?;
    if json {
        let data: Vec<_> = keys
            .iter()
            .map(|key| {
                json!({"id": key.id, "name": key.name, "scopes": key.scopes,
                    "created_at": key.created_at, "revoked_at": key.revoked_at})
            })
            .collect();
        out::json(&json!({"data": data}));
    } else {
        let rows: Vec<_> = keys
            .iter()
            .map(|key| {
                let revoked = key.revoked_at.map_or_else(String::new, |at| at.to_string());
                vec![key.id.to_string(), key.scopes.join(","), revoked, key.name.clone()]
            })
            .collect();
        out::table(&["id", "may do", "revoked", "name"], &rows);
    }
    Ok(())
}

async fn revoke(store: &Store, tenant: Tenant, id: &str) -> Result<(), Failure> {
    let key: ApiKeyId = id
        .parse()
        .map_err(|error: roomkey_core::id::BadId| Failure::Misused(format!("`{id}` {error}")))?;
    let now = store.now();
    let revoked = store
        .write(Priority::Interactive, move |tx| {
            Box::pin(async move { api_key::revoke(tx, tenant, key, now).await })
        })
        .await;
    match revoked.map_err(|error: StoreError| error)? {
        true => {
            out::talk(format_args!("Revoked {key}."));
            Ok(())
        }
        false => Err(Failure::Refused(format!(
            "there is no API key {key} that could be revoked; see `roomkey apikey list`"
        ))),
    }
}
