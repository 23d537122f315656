//! What the operator has decided: `roomkey.toml`, the environment over it, flags over that.
//!
//! Everything that is wrong is said at once. Secrets are kept so that they do not print.

mod fault;
mod key;
mod layers;
mod value;

use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use roomkey_core::plan::Policy;
use roomkey_core::retry::Schedule;
use roomkey_messages::{Mailbox, Relay, RelaySettings};
use roomkey_providers::Addresses;
use roomkey_providers::zoom::ZoomAddresses;
use roomkey_vault::Ring;
use roomkey_web::proxies::TrustedProxies;
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

pub(crate) use fault::{Faults, Origin, Problem};
pub(crate) use key::{KEYS, Key};
pub(crate) use layers::{Layers, Sources};
pub(crate) use value::LogFormat;

/// The complete default file, with a comment to each key.
pub(crate) const DEFAULT_FILE: &str = include_str!("../../roomkey.default.toml");

/// What a command needs of a configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// The database.
    Database,
    /// Everything that serving needs.
    Serve,
}

/// What the operator has decided.
pub(crate) struct Configuration {
    /// Where the web listens.
    pub(crate) listen: SocketAddr,
    /// Where people find Roomkey.
    pub(crate) public_url: Url,
    /// The database.
    pub(crate) database_url: SecretString,
    /// Connections to it, at the most.
    pub(crate) database_connections: u32,
    /// The sealing keys, if any were given.
    pub(crate) ring: Option<Arc<Ring>>,
    /// The mail relay, if one was given.
    pub(crate) relay: Option<RelaySettings>,
    /// Who mails are from.
    pub(crate) mail_from: Mailbox,
    /// What is logged.
    pub(crate) log: String,
    /// How log lines look.
    pub(crate) log_format: LogFormat,
    /// Where figures are told, if anywhere.
    pub(crate) metrics_listen: Option<SocketAddr>,
    /// Who may say from where a request came.
    pub(crate) trusted_proxies: TrustedProxies,
    /// How long one request to a vendor may take.
    pub(crate) http_timeout: Duration,
    /// The figures of the plan.
    pub(crate) policy: Policy,
    /// Whether public pages have limits.
    pub(crate) rate_limits: bool,
    /// Whether the vendors' budgets are kept.
    pub(crate) budgets: bool,
    /// What one Zoom user may make and change a day.
    pub(crate) user_daily_limit: u32,
    /// Where the vendors are.
    pub(crate) addresses: Addresses,
    /// What Zoom signs the events of the installation's own app with; the present one first.
    pub(crate) zoom_webhook_secrets: Vec<SecretString>,
    /// What Stripe signs the events with of tenants that have no secret of their own.
    pub(crate) stripe_webhook_secrets: Vec<SecretString>,
    /// The stand-ins.
    pub(crate) sandbox: SandboxConfiguration,
    /// What was given where.
    pub(crate) layers: Layers,
}

/// Where the stand-ins listen, and where they send events.
pub(crate) struct SandboxConfiguration {
    /// The web.
    pub(crate) listen: SocketAddr,
    /// The mailbox.
    pub(crate) smtp_listen: SocketAddr,
    /// Where Zoom's events go.
    pub(crate) zoom_event_url: Option<Url>,
    /// What they are signed with.
    pub(crate) zoom_secret: Option<SecretString>,
}

/// Reads one key after the other and collects what is wrong.
struct Reader {
    layers: Layers,
    faults: Faults,
}

impl Reader {
    /// A value, if the key has one that can be read.
    fn optional<T, E: Into<Box<dyn Error + Send + Sync>>>(
        &mut self,
        name: &str,
        read: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let key = Key::named(name)?;
        let given = self.layers.get(name);
        let text = given.map(|given| given.text.expose_secret()).or(key.default)?;
        match read(text) {
            Ok(value) => Some(value),
            Err(error) => {
                let origin = self.layers.origin(key);
                self.faults.add(origin, Problem::Bad(error.into()));
                None
            }
        }
    }

    /// A value of a key that has a default. What stands in for one that cannot be read is never
    /// used: there is a fault then.
    fn value<T, E: Into<Box<dyn Error + Send + Sync>>>(
        &mut self,
        name: &str,
        stand_in: T,
        read: impl FnOnce(&str) -> Result<T, E>,
    ) -> T {
        self.optional(name, read).unwrap_or(stand_in)
    }

    /// A fault of a key.
    fn refuse(&mut self, name: &str, words: &str) {
        if let Some(key) = Key::named(name) {
            let origin = self.layers.origin(key);
            self.faults.add(origin, Problem::Words(words.to_owned()));
        }
    }

    fn is_given(&self, name: &str) -> bool {
        self.layers.get(name).is_some()
    }
}

const NOWHERE: SocketAddr =
    SocketAddr::V4(std::net::SocketAddrV4::new(std::net::Ipv4Addr::LOCALHOST, 0));

impl Configuration {
    /// Reads everything from these sources.
    ///
    /// # Errors
    /// All faults at once.
    pub(crate) fn read(sources: &Sources, need: Need) -> Result<Self, Faults> {
        let mut faults = Faults::default();
        let layers = Layers::read(sources, &mut faults);
        let mut reader = Reader { layers, faults };
        let listen = reader.value("listen", NOWHERE, value::listen);
        let public_url = public_url(&mut reader, listen, need);
        let http_timeout = reader.value("http_timeout", Duration::MAX, value::duration);
        let ring = reader.optional("keys", Ring::parse).map(Arc::new);
        if need == Need::Serve && !reader.is_given("keys") {
            reader.refuse("keys", NO_KEYS);
        }
        let relay = relay(&mut reader, public_url.as_ref());
        let mail_from = reader.optional("mail_from", value::sender);
        let zoom = zoom(&mut reader);
        let read = Self {
            listen,
            public_url: public_url.clone().unwrap_or_else(|| zoom.api_root.clone()),
            database_url: reader.value("database_url", SecretString::default(), database_url),
            database_connections: reader.value("database_connections", 1, value::count),
            ring,
            relay,
            mail_from: mail_from.unwrap_or_else(|| usual_sender(public_url.as_ref())),
            log: reader.value("log", String::new(), value::log),
            log_format: reader.value("log_format", LogFormat::Auto, value::log_format),
            metrics_listen: reader.optional("metrics_listen", value::listen),
            trusted_proxies: reader.value("trusted_proxies", TrustedProxies::default(), str::parse),
            http_timeout,
            policy: Policy {
                schedule: reader.value("retry_schedule", Schedule::default(), Schedule::parse),
                settle: reader.value("settle", Duration::MAX, value::duration),
            },
            rate_limits: reader.value("rate_limits", true, value::switch),
            budgets: reader.value("budgets", true, value::switch),
            user_daily_limit: reader.value("zoom_user_daily_limit", 100, value::count),
            addresses: Addresses { zoom },
            zoom_webhook_secrets: reader
                .optional("zoom_webhook_secret", value::secrets)
                .unwrap_or_default(),
            stripe_webhook_secrets: reader
                .optional("stripe_webhook_secret", value::secrets)
                .unwrap_or_default(),
            sandbox: SandboxConfiguration {
                listen: reader.value("sandbox_listen", NOWHERE, value::listen),
                smtp_listen: reader.value("sandbox_smtp_listen", NOWHERE, value::listen),
                zoom_event_url: reader.optional("sandbox_zoom_event_url", value::vendor_url),
                zoom_secret: reader.optional("sandbox_zoom_secret", text),
            },
            layers: Layers::default(),
        };
        check_later(&mut reader);
        if reader.faults.0.is_empty() {
            Ok(Self { layers: reader.layers, ..read })
        } else {
            Err(reader.faults)
        }
    }

    /// Where people find Roomkey is where it listens, if nobody said otherwise.
    pub(crate) fn find_at(&mut self, listening: SocketAddr) {
        if self.layers.get("public_url").is_none()
            && let Ok(url) = Url::parse(&format!("http://{listening}"))
        {
            self.public_url = url;
        }
    }

    /// Keys that were given and that this version does nothing with.
    pub(crate) fn without_effect(&self) -> impl Iterator<Item = Origin> {
        KEYS.iter()
            .filter(|key| key.later)
            .filter_map(|key| self.layers.get(key.name))
            .map(|given| given.origin.clone())
    }
}

/// What has no effect yet is checked all the same: whoever sets it should not learn of a slip with
/// the version that heeds it.
fn check_later(reader: &mut Reader) {
    for key in KEYS.iter().filter(|key| key.later && !key.secret) {
        match key.name {
            "allow_private_targets" => {
                let _ = reader.optional(key.name, value::switch);
            }
            "webhook_retry_schedule" => {
                let _ = reader.optional(key.name, Schedule::parse);
            }
            name if name.ends_with("_url") || name.ends_with("_root") => {
                let _ = reader.optional(name, value::vendor_url);
            }
            _ => {}
        }
    }
}

const NO_KEYS: &str = "is not set, but secrets are sealed with it before they are stored. Make one, keep it \
    safe and keep it the same:\n    echo \"ROOMKEY_KEYS=k1:$(openssl rand -base64 32)\"\n  or `roomkey check --new-key`";

#[expect(clippy::unnecessary_wraps, reason = "it is read like the others")]
fn text(text: &str) -> Result<SecretString, std::convert::Infallible> {
    Ok(text.into())
}

/// A database's address; whether it can be reached is seen when it is opened.
fn database_url(text: &str) -> Result<SecretString, roomkey_store::OpenError> {
    let known = ["sqlite:", "postgres:", "postgresql:"].iter().any(|it| text.starts_with(it));
    // The refusal must not show a password.
    if known { Ok(text.into()) } else { Err(roomkey_store::OpenError::Address("it".to_owned())) }
}

fn public_url(reader: &mut Reader, listen: SocketAddr, need: Need) -> Option<Url> {
    if reader.is_given("public_url") {
        return reader.optional("public_url", value::public_url);
    }
    if !listen.ip().is_loopback() && need == Need::Serve {
        reader.refuse(
            "public_url",
            "is not set, but people's links begin with it; write https://rooms.example.org",
        );
    }
    Url::parse(&format!("http://{listen}")).ok()
}

/// `roomkey@` the host in people's links.
fn usual_sender(public_url: Option<&Url>) -> Mailbox {
    let host = public_url.filter(|url| !value::is_loopback(url)).and_then(Url::domain);
    Mailbox {
        name: "Roomkey".to_owned(),
        address: format!("roomkey@{}", host.unwrap_or("localhost")),
    }
}

fn relay(reader: &mut Reader, public_url: Option<&Url>) -> Option<RelaySettings> {
    let timeout = Duration::from_secs(10);
    let settings = reader.optional("smtp_url", |url| {
        let settings = RelaySettings { url: url.into(), timeout };
        Relay::new(&settings).map(|relay| (settings, relay.is_loopback()))
    });
    let (settings, relay_is_near) = settings?;
    if !relay_is_near && public_url.is_some_and(value::is_loopback) {
        reader.refuse(
            "smtp_url",
            "sends mails away from this machine, but their links begin with an address that only this machine \
             understands; set ROOMKEY_PUBLIC_URL to https://… first",
        );
    }
    Some(settings)
}

fn zoom(reader: &mut Reader) -> ZoomAddresses {
    let usual = ZoomAddresses::default();
    ZoomAddresses {
        authorize_url: reader.value("zoom_authorize_url", usual.authorize_url, value::vendor_url),
        token_url: reader.value("zoom_token_url", usual.token_url, value::vendor_url),
        revoke_url: reader.value("zoom_revoke_url", usual.revoke_url, value::vendor_url),
        api_root: reader.value("zoom_api_root", usual.api_root, value::vendor_url),
    }
}

#[cfg(test)]
mod tests;
