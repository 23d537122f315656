//! `roomkey tenant`: practices and platforms.

use roomkey_core::id::{ApiKeyId, TenantId};
use roomkey_store::tenant::{Policies, TenantRow};
use roomkey_store::{Priority, Store, StoreError, Tenant, api_key, tenant};
use roomkey_vault::{ApiKeyToken, Entropy};
use serde_json::json;

use crate::arguments::{self, EVERYTHING, Global};
use crate::failure::Failure;
use crate::out;

pub(super) async fn run(command: arguments::Tenant, global: &Global) -> Result<(), Failure> {
    let (_, store) = super::beside(global).await?;
    let done = match command {
        arguments::Tenant::Add { name, json } => add(&store, &name, json.json).await,
        arguments::Tenant::List { json } => list(&store, json.json).await,
    };
    store.close().await;
    done
}

async fn add(store: &Store, name: &str, json: bool) -> Result<(), Failure> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 200 || name.contains(char::is_control) {
        return Err(Failure::Misused("a tenant's name has 1 to 200 characters".to_owned()));
    }
    let (tenant, token) = make(store, &Entropy::system(), name).await?;
    if json {
        out::json(&json!({"tenant": {"id": tenant.id()}, "api_key": token.expose()}));
    } else {
        out::talk(format_args!(
            "Made the tenant {name}, {}. Its API key, shown this once:",
            tenant.id()
        ));
        out::data(token.expose());
    }
    Ok(())
}

/// Makes a tenant, and an API key that may do everything in it.
pub(crate) async fn make(
    store: &Store,
    entropy: &Entropy,
    name: &str,
) -> Result<(Tenant, ApiKeyToken), StoreError> {
    let now = store.now();
    let token = ApiKeyToken::generate(entropy);
    let (key, hash) = (ApiKeyId::new(now, entropy.id()), token.digest());
    let row = TenantRow {
        id: TenantId::new(now, entropy.id()),
        name: name.to_owned(),
        contact: None,
        default_route: None,
        policies: Policies::default(),
        version: 1,
        created_at: now,
    };
    let tenant = store
        .write(Priority::Interactive, move |tx| {
            let row = row.clone();
            Box::pin(async move {
                let tenant = tenant::insert(tx, &row).await?;
                let scopes = [EVERYTHING.to_owned()];
                api_key::insert(tx, tenant, key, "First API key", &scopes, &hash, now).await?;
                Ok::<_, StoreError>(tenant)
            })
        })
        .await?;
    Ok((tenant, token))
}

async fn list(store: &Store, json: bool) -> Result<(), Failure> {
    let rows = all(store).await?;
    if json {
        let data: Vec<_> = rows
            .iter()
            .map(|(_, row)| json!({"id": row.id, "name": row.name, "created_at": row.created_at}))
            .collect();
        out::json(&json!({"data": data}));
    } else {
        let rows: Vec<_> = rows
            .iter()
            .map(|(_, row)| vec![row.id.to_string(), row.created_at.to_string(), row.name.clone()])
            .collect();
        out::table(&["id", "since", "name"], &rows);
    }
    Ok(())
}

/// All tenants, with their particulars.
pub(super) async fn all(store: &Store) -> Result<Vec<(Tenant, TenantRow)>, StoreError> {
    store
        .read(|tx| {
            Box::pin(async move {
                let mut rows = Vec::new();
                for tenant in tenant::all(tx).await? {
                    rows.push((tenant, tenant::get(tx, tenant).await?));
                }
                Ok(rows)
            })
        })
        .await
}
