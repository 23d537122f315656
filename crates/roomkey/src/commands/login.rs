//! `roomkey login`: a sign-in link that is good once.

use std::time::Duration;

use roomkey_core::Instant;
use roomkey_core::id::HostId;
use roomkey_store::host::{self, Host};
use roomkey_store::session::{self, Who};
use roomkey_store::{Priority, Store, StoreError, Tenant};
use roomkey_vault::{Entropy, SignInToken};
use serde_json::json;
use url::Url;

use crate::arguments::{Global, Login, Role};
use crate::failure::Failure;
use crate::out;

/// How long there is to use a sign-in link.
const GOOD_FOR: Duration = Duration::from_secs(10 * 60);
/// Hosts that are looked through at once.
const PAGE: u32 = 200;

pub(super) async fn run(login: Login, global: &Global) -> Result<(), Failure> {
    let (configuration, store) = super::beside(global).await?;
    let done = sign_in(&store, &configuration.public_url, login).await;
    store.close().await;
    done
}

async fn sign_in(store: &Store, public_url: &Url, login: Login) -> Result<(), Failure> {
    let tenant = super::tenant(store, &login.tenant).await?;
    let who = match (login.role, login.host) {
        (Role::Operator, None) => Who::Operator,
        (Role::Operator, Some(_)) => {
            return Err(Failure::Misused(
                "an operator is of the whole tenant; name no host".to_owned(),
            ));
        }
        (Role::Host, host) => Who::Host(find(store, tenant, &host.unwrap_or_default()).await?),
    };
    let (url, until) = promise(store, &Entropy::system(), public_url, tenant, who).await?;
    if login.json.json {
        out::json(&json!({"url": url, "expires_at": until}));
    } else {
        out::talk("Good once, for ten minutes:");
        out::data(url);
    }
    Ok(())
}

/// Makes a sign-in link; the link, and until when it is good.
pub(crate) async fn promise(
    store: &Store,
    entropy: &Entropy,
    public_url: &Url,
    tenant: Tenant,
    who: Who,
) -> Result<(String, Instant), StoreError> {
    let token = SignInToken::generate(entropy);
    let (hash, until) = (token.digest(), store.now().plus(GOOD_FOR));
    store
        .write(Priority::Interactive, move |tx| {
            Box::pin(async move { session::promise(tx, tenant, who, &hash, until).await })
        })
        .await?;
    let root = public_url.as_str().trim_end_matches('/');
    Ok((format!("{root}/in/{}", token.expose()), until))
}

async fn find(store: &Store, tenant: Tenant, named: &str) -> Result<HostId, Failure> {
    if named.contains('@') && !named.starts_with("ext:") {
        return by_email(store, tenant, named).await;
    }
    let reference = super::reference(named)?;
    let found =
        store.read(|tx| Box::pin(async move { host::find(tx, tenant, &reference).await })).await?;
    found.map(|host| host.id).ok_or_else(|| unknown(named))
}

async fn by_email(store: &Store, tenant: Tenant, email: &str) -> Result<HostId, Failure> {
    let mut found = Vec::new();
    let mut after = None;
    loop {
        let page: Vec<Host> =
            store.read(|tx| Box::pin(host::list(tx, tenant, after, PAGE))).await?;
        let Some(last) = page.last() else { break };
        after = Some((last.created_at, last.id));
        found.extend(
            page.iter().filter(|host| host.email.eq_ignore_ascii_case(email)).map(|it| it.id),
        );
    }
    match found.as_slice() {
        [host] => Ok(*host),
        [] => Err(unknown(email)),
        [..] => Err(Failure::Refused(format!(
            "several hosts have the address {email}; name one by its id"
        ))),
    }
}

fn unknown(named: &str) -> Failure {
    Failure::Refused(format!("there is no host `{named}` in this tenant"))
}
