//! The demo's sandbox.

use std::io;
use std::net::SocketAddr;

use roomkey_sandbox::{Sandbox, Settings, StartError};
use roomkey_vault::Entropy;
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use super::settings::{is_chosen, reachable};
use crate::configuration::Configuration;
use crate::failure::Failure;
use crate::out;

/// What its events are signed with, if nobody chose anything.
pub(super) fn secret(configuration: &Configuration, entropy: &Entropy) -> SecretString {
    let random = || format!("{:032x}", u128::from_be_bytes(entropy.bytes::<16>())).into();
    configuration.sandbox.zoom_secret.clone().unwrap_or_else(random)
}

/// Starts it, with its events going to the demo's own server; on free ports where the usual ones are taken and nobody chose them.
pub(super) async fn start(
    configuration: &Configuration,
    server: SocketAddr,
    secret: &SecretString,
) -> Result<Sandbox, Failure> {
    let chosen = &configuration.sandbox;
    let mut settings = Settings {
        listen: chosen.listen,
        smtp_listen: chosen.smtp_listen,
        public_url: None,
        zoom_event_url: chosen.zoom_event_url.clone().or_else(|| ours(server)),
        zoom_secret: Some(secret.expose_secret().to_owned()),
    };
    loop {
        match roomkey_sandbox::start(settings.clone()).await {
            Err(StartError::Listen { address, source })
                if source.kind() == io::ErrorKind::AddrInUse && address.port() != 0 =>
            {
                let (slot, key) = if address == settings.listen {
                    (&mut settings.listen, "sandbox_listen")
                } else {
                    (&mut settings.smtp_listen, "sandbox_smtp_listen")
                };
                if is_chosen(configuration, key) {
                    return Err(StartError::Listen { address, source }.into());
                }
                out::talk(format_args!(
                    "Port {} is taken; using a free one instead.",
                    address.port()
                ));
                *slot = SocketAddr::new(address.ip(), 0);
            }
            started => return Ok(started?),
        }
    }
}

/// Where the demo's server takes Zoom's events.
fn ours(server: SocketAddr) -> Option<Url> {
    Url::parse(&format!("http://{}/hooks/zoom/default", reachable(server))).ok()
}
