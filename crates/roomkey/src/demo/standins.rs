//! The demo's sandbox.

use std::io;
use std::net::SocketAddr;

use roomkey_sandbox::{Sandbox, Settings, StartError};
use secrecy::ExposeSecret as _;

use super::settings::is_chosen;
use crate::configuration::Configuration;
use crate::failure::Failure;
use crate::out;

/// Starts it; on free ports where the usual ones are taken and nobody chose them.
pub(super) async fn start(configuration: &Configuration) -> Result<Sandbox, Failure> {
    let chosen = &configuration.sandbox;
    let mut settings = Settings {
        listen: chosen.listen,
        smtp_listen: chosen.smtp_listen,
        public_url: None,
        zoom_event_url: chosen.zoom_event_url.clone(),
        zoom_secret: chosen.zoom_secret.as_ref().map(|it| it.expose_secret().to_owned()),
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
