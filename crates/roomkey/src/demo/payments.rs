//! The stand-in for Stripe, which tells the demo of payments.

use roomkey_providers::Http;
use roomkey_providers::http::{Method, Request};
use roomkey_store::Tenant;
use roomkey_vault::Entropy;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;
use url::Url;

use crate::configuration::Configuration;
use crate::failure::Failure;

/// What its events are signed with.
pub(super) fn secret(entropy: &Entropy) -> SecretString {
    format!("whsec_{:032x}", u128::from_be_bytes(entropy.bytes::<16>())).into()
}

/// Tells it where its events go: to the practice's own address.
pub(super) async fn point(
    http: &Http,
    sandbox: &Url,
    configuration: &Configuration,
    tenant: Tenant,
    secret: &SecretString,
) -> Result<(), Failure> {
    let root = configuration.public_url.as_str().trim_end_matches('/');
    let order = json!({
        "vendor": "stripe",
        "event_url": format!("{root}/hooks/stripe/{}", tenant.id()),
        "webhook_secret": secret.expose_secret(),
    });
    let wrong =
        |why: String| Failure::Refused(format!("the sandbox did not take the address: {why}"));
    let url = sandbox.join("/_sandbox/accounts").map_err(|error| wrong(error.to_string()))?;
    let reply = http
        .send(Request::new(Method::POST, url).json(order), http.deadline())
        .await
        .map_err(|error| wrong(error.to_string()))?;
    if reply.is_success() { Ok(()) } else { Err(wrong(format!("status {}", reply.status))) }
}
