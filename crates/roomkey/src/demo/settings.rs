//! How the demo is configured: livelier than in earnest, and with nothing of the machine's own
//! database, keys, relay and vendors.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use roomkey_messages::{Mailbox, RelaySettings};
use roomkey_providers::Addresses;
use roomkey_providers::zoom::ZoomAddresses;
use roomkey_sandbox::Sandbox;
use roomkey_vault::Ring;
use tokio::net::TcpListener;
use url::Url;

use crate::arguments::{Demo, Global};
use crate::commands;
use crate::configuration::{Configuration, Key, Need, Origin, Sources};
use crate::failure::Failure;
use crate::{out, server};

/// What of the environment the demo goes by; the rest is for installations in earnest.
const HEEDED: [&str; 17] = [
    "listen",
    "log",
    "log_format",
    "metrics_listen",
    "trusted_proxies",
    "allow_private_targets",
    "http_timeout",
    "retry_schedule",
    "settle",
    "rate_limits",
    "budgets",
    "zoom_user_daily_limit",
    "sandbox_listen",
    "sandbox_smtp_listen",
    "sandbox_zoom_event_url",
    "sandbox_zoom_secret",
    "sandbox_zoom_secret_file",
];

/// Reads what the demo goes by.
pub(super) fn read(command: &Demo, global: &Global) -> Result<Configuration, Failure> {
    let everything = commands::sources(global);
    let mut sources = Sources {
        usual_file: false,
        environment: everything
            .environment
            .into_iter()
            .filter(|(name, _)| is_heeded(name))
            .collect(),
        defaults: vec![
            ("log", "warn".to_owned()),
            ("log_format", "human".to_owned()),
            ("http_timeout", "5s".to_owned()),
            ("settle", "3s".to_owned()),
            ("retry_schedule", "1s,2s,5s,10s,30s,1m".to_owned()),
        ],
        ..everything
    };
    if let Some(listen) = command.listen {
        sources.flags.push(("--listen".to_owned(), "listen".to_owned(), listen.to_string()));
    }
    commands::configuration(&sources, Need::Database)
}

/// Whether a variable is for the demo. What nobody knows is, so that it is refused.
fn is_heeded(variable: &std::ffi::OsStr) -> bool {
    let Some(name) = variable.to_str().and_then(|it| it.strip_prefix("ROOMKEY_")) else {
        return false;
    };
    let name = name.to_ascii_lowercase();
    let plain = name.strip_suffix("_file").unwrap_or(&name);
    HEEDED.contains(&name.as_str()) || Key::named(plain).is_none()
}

/// Whether an operator has chosen the value of a key.
pub(super) fn is_chosen(configuration: &Configuration, key: &str) -> bool {
    configuration.layers.get(key).is_some_and(|given| !matches!(given.origin, Origin::Default(_)))
}

/// Takes the address to listen on; a free port if the usual one is taken and nobody chose it.
pub(super) async fn listen(
    configuration: &Configuration,
    by_flag: bool,
) -> Result<TcpListener, Failure> {
    let address = configuration.listen;
    match server::listen(address).await {
        Err(Failure::Listen { taken: true, .. })
            if !by_flag && !is_chosen(configuration, "listen") =>
        {
            out::talk(format_args!("Port {} is taken; using a free one instead.", address.port()));
            server::listen(SocketAddr::new(address.ip(), 0)).await
        }
        taken_or_failed => taken_or_failed,
    }
}

/// Points the configuration at the demo's own database and at the stand-ins.
pub(super) fn point(
    configuration: &mut Configuration,
    directory: &Path,
    listening: SocketAddr,
    sandbox: &Sandbox,
    ring: Ring,
) -> Result<(), Failure> {
    let below = |root: &str| {
        Url::parse(root).map_err(|error| Failure::Refused(format!("{root} is no address: {error}")))
    };
    let root = sandbox.url();
    let root = root.as_str().trim_end_matches('/');
    configuration.public_url = below(&format!("http://{}", reachable(listening)))?;
    configuration.database_url =
        format!("sqlite://{}", directory.join("roomkey.db").display()).into();
    configuration.ring = Some(Arc::new(ring));
    configuration.relay = Some(RelaySettings {
        url: format!("smtp://{}", reachable(sandbox.smtp_addr())).into(),
        timeout: configuration.http_timeout,
    });
    configuration.mail_from = Mailbox {
        name: "Harbour Practice".to_owned(),
        address: "rooms@practice.example".to_owned(),
    };
    configuration.addresses = Addresses {
        zoom: ZoomAddresses {
            authorize_url: below(&format!("{root}/zoom/oauth/authorize"))?,
            token_url: below(&format!("{root}/zoom/oauth/token"))?,
            revoke_url: below(&format!("{root}/zoom/oauth/revoke"))?,
            api_root: below(&format!("{root}/zoom/v2"))?,
        },
    };
    Ok(())
}

/// Where one finds who listens there: nobody finds 0.0.0.0.
pub(super) fn reachable(listening: SocketAddr) -> SocketAddr {
    match listening {
        SocketAddr::V4(it) if it.ip().is_unspecified() => {
            SocketAddr::from((std::net::Ipv4Addr::LOCALHOST, it.port()))
        }
        SocketAddr::V6(it) if it.ip().is_unspecified() => {
            SocketAddr::from((std::net::Ipv6Addr::LOCALHOST, it.port()))
        }
        SocketAddr::V4(_) | SocketAddr::V6(_) => listening,
    }
}
