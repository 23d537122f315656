//! How values are read.

use std::error::Error;
use std::net::SocketAddr;
use std::time::Duration;

use roomkey_messages::Mailbox;
use secrecy::SecretString;
use url::{Host, Url};

type Boxed = Box<dyn Error + Send + Sync>;

/// Why a value cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BadValue {
    /// Not an address to listen on.
    #[error("is no address to listen on, such as 127.0.0.1:8080")]
    Listen,
    /// Neither on nor off.
    #[error("is no switch: write on or off")]
    Switch,
    /// Not a number within bounds.
    #[error("is no number from 1 to 1000")]
    Count,
    /// Nothing can be done in no time.
    #[error("is zero, which leaves no time for anything; write 10s")]
    Zero,
    /// Not an address at all.
    #[error("is no address such as https://rooms.example.org")]
    Url(#[source] url::ParseError),
    /// Secrets and links travel over it.
    #[error("begins with neither https:// nor, on this machine, http://")]
    Plain,
    /// A part that means nothing here.
    #[error("has more than a host and a port; write https://rooms.example.org")]
    Rest,
    /// Not a mailbox.
    #[error("is no sender such as `Harbour Practice <rooms@example.org>`")]
    Sender,
    /// Neither human nor json.
    #[error("is none of auto, human and json")]
    LogFormat,
    /// Not tracing's directives.
    #[error("is no filter such as info or roomkey_engine=debug,info")]
    Log(#[source] tracing_subscriber::filter::ParseError),
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LogFormat {
    /// For people on a terminal, else JSON.
    Auto,
    /// For people.
    Human,
    /// One JSON object a line.
    Json,
}

/// One secret, or two while a new one takes the place of the one before.
#[expect(clippy::unnecessary_wraps, reason = "it is read like the others")]
pub(super) fn secrets(text: &str) -> Result<Vec<SecretString>, Boxed> {
    Ok(text.split(',').map(str::trim).filter(|it| !it.is_empty()).map(Into::into).collect())
}

pub(super) fn listen(text: &str) -> Result<SocketAddr, Boxed> {
    let named = text.strip_prefix("localhost:").map(|port| format!("127.0.0.1:{port}"));
    named.as_deref().unwrap_or(text).parse().map_err(|_| BadValue::Listen.into())
}

pub(super) fn switch(text: &str) -> Result<bool, Boxed> {
    match text {
        "on" | "1" => Ok(true),
        "off" | "0" => Ok(false),
        _ => Err(BadValue::Switch.into()),
    }
}

pub(super) fn count(text: &str) -> Result<u32, Boxed> {
    text.parse().ok().filter(|n| (1..=1000).contains(n)).ok_or_else(|| BadValue::Count.into())
}

pub(super) fn duration(text: &str) -> Result<Duration, Boxed> {
    let read = roomkey_core::time::duration(text)?;
    if read.is_zero() { Err(BadValue::Zero.into()) } else { Ok(read) }
}

/// An address of a vendor, or of a stand-in on this machine.
pub(super) fn vendor_url(text: &str) -> Result<Url, Boxed> {
    let url = Url::parse(text).map_err(BadValue::Url)?;
    if roomkey_providers::http::is_allowed(&url) { Ok(url) } else { Err(BadValue::Plain.into()) }
}

/// Where people find Roomkey: https, or http on this machine.
pub(super) fn public_url(text: &str) -> Result<Url, Boxed> {
    let url = Url::parse(text).map_err(BadValue::Url)?;
    let fits = match url.scheme() {
        "https" => url.has_host(),
        "http" => is_loopback(&url),
        _ => false,
    };
    if !fits {
        return Err(BadValue::Plain.into());
    }
    let rest = url.path() != "/"
        || url.query().is_some()
        || url.fragment().is_some()
        || !url.username().is_empty()
        || url.password().is_some();
    if rest { Err(BadValue::Rest.into()) } else { Ok(url) }
}

/// Whether an address is one of this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// `Name <address>` or an address alone.
pub(super) fn sender(text: &str) -> Result<Mailbox, Boxed> {
    let (name, address) = match text.trim().strip_suffix('>').and_then(|it| it.rsplit_once('<')) {
        Some((name, address)) => (name.trim().trim_matches('"'), address),
        None => ("", text.trim()),
    };
    let whole = address.split_once('@').is_some_and(|(user, host)| {
        !user.is_empty()
            && !host.is_empty()
            && !address
                .contains(|c: char| c.is_whitespace() || c.is_control() || "<>,;".contains(c))
    });
    if !whole || name.contains(char::is_control) {
        return Err(BadValue::Sender.into());
    }
    Ok(Mailbox { name: name.to_owned(), address: address.to_owned() })
}

pub(super) fn log(text: &str) -> Result<String, Boxed> {
    tracing_subscriber::EnvFilter::builder().parse(text).map_err(BadValue::Log)?;
    Ok(text.to_owned())
}

pub(super) fn log_format(text: &str) -> Result<LogFormat, Boxed> {
    match text {
        "auto" => Ok(LogFormat::Auto),
        "human" => Ok(LogFormat::Human),
        "json" => Ok(LogFormat::Json),
        _ => Err(BadValue::LogFormat.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn public_links_are_https_except_on_this_machine() {
        for good in ["https://rooms.example.org", "http://127.0.0.1:8080", "http://[::1]:1/"] {
            assert!(public_url(good).is_ok(), "{good}");
        }
        for bad in [
            "http://rooms.example.org",
            "rooms.example.org",
            "https://a/b",
            "https://u:p@a",
            "ftp://a",
        ] {
            assert!(public_url(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn senders_have_an_address_and_perhaps_a_name() {
        let read = sender("\"Harbour Practice\" <rooms@example.org>").expect("a sender");
        assert_eq!(
            (read.name.as_str(), read.address.as_str()),
            ("Harbour Practice", "rooms@example.org")
        );
        assert!(sender("rooms@example.org").is_ok());
        for bad in ["", "rooms", "Rooms <rooms>", "a@b, c@d", "a@b\r\nBcc: c@d"] {
            assert!(sender(bad).is_err(), "{bad}");
        }
    }
}
