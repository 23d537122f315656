//! Where the relay is, and how to speak with it.

use std::error::Error;
use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use percent_encoding::percent_decode_str;
use secrecy::{ExposeSecret, SecretString};
use url::{Host, Url};

/// What an operator sets.
#[derive(Clone, Debug)]
pub struct RelaySettings {
    /// `smtps://user:password@host`, or `smtp://user:password@host:port?tls=required`.
    ///
    /// | | |
    /// | --- | --- |
    /// | `smtps://` | TLS from the first byte, port 465 |
    /// | `smtp://…?tls=required` | STARTTLS or nothing, port 587 |
    /// | `smtp://…?tls=starttls` | STARTTLS where the relay offers it; a password is never sent without |
    /// | `smtp://…?tls=none` | in clear, whatever is asked for |
    /// | `smtp://…` | `required`; `none` and port 25 if the relay is this machine |
    pub url: SecretString,
    /// How long each step may take: connecting, signing in, each command.
    pub timeout: Duration,
}

/// Why no relay can be made of the settings.
#[derive(Debug, thiserror::Error)]
pub enum BadRelay {
    /// Not an address.
    #[error("is no address such as smtp://user:password@host:587 or smtps://user:password@host")]
    Malformed(#[source] url::ParseError),
    /// Another scheme.
    #[error("begins with neither smtp:// nor smtps://")]
    Scheme,
    /// No host in it.
    #[error("names no host: smtp://host:587")]
    NoHost,
    /// A part that means nothing here.
    #[error("has a path or a fragment; after the host and the port there is only ?tls=…")]
    Rest,
    /// A password without a user or the other way round.
    #[error("needs both a user and a password, or neither")]
    HalfCredentials,
    /// Not text.
    #[error("has a user or a password whose %-encoding gives no text")]
    NoText,
    /// An unknown `tls`.
    #[error("has a `tls` that is none of none, starttls and required; smtps:// has none at all")]
    TlsWord,
    /// An unknown option.
    #[error("has an option other than `tls`")]
    Option,
    /// TLS could not be set up.
    #[error("TLS could not be set up")]
    Tls(#[source] Box<dyn Error + Send + Sync>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tls {
    None,
    IfOffered,
    Required,
    Wrapped,
}

/// The settings, read.
pub(super) struct Target {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) tls: Tls,
    pub(super) loopback: bool,
    pub(super) credentials: Option<(String, SecretString)>,
}

impl Target {
    pub(super) fn read(settings: &RelaySettings) -> Result<Self, BadRelay> {
        let url = Url::parse(settings.url.expose_secret()).map_err(BadRelay::Malformed)?;
        let wrapped = match url.scheme() {
            "smtp" => false,
            "smtps" => true,
            _ => return Err(BadRelay::Scheme),
        };
        let (host, loopback) = host(&url)?;
        if !matches!(url.path(), "" | "/") || url.fragment().is_some() {
            return Err(BadRelay::Rest);
        }
        let tls = match (wrapped, tls_word(&url)?.as_deref()) {
            (true, None) => Tls::Wrapped,
            (false, Some("none")) => Tls::None,
            (false, Some("starttls")) => Tls::IfOffered,
            (false, Some("required")) => Tls::Required,
            (false, None) if loopback => Tls::None,
            (false, None) => Tls::Required,
            (_, Some(_)) => return Err(BadRelay::TlsWord),
        };
        let usual = match tls {
            Tls::Wrapped => 465,
            Tls::None => 25,
            Tls::IfOffered | Tls::Required => 587,
        };
        Ok(Self {
            host,
            port: url.port().unwrap_or(usual),
            tls,
            loopback,
            credentials: credentials(&url)?,
        })
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{} {:?}", self.host, self.port, self.tls)
    }
}

/// The host as the resolver takes it, and whether it is this machine.
fn host(url: &Url) -> Result<(String, bool), BadRelay> {
    // `smtp` is no scheme that browsers know, so an address in it is not yet read as one.
    let named = url.host_str().filter(|it| !it.is_empty()).ok_or(BadRelay::NoHost)?;
    match Host::parse(named).map_err(BadRelay::Malformed)? {
        Host::Domain(name) => {
            let loopback = name.eq_ignore_ascii_case("localhost");
            Ok((name, loopback))
        }
        Host::Ipv4(it) => Ok((it.to_string(), it.is_loopback())),
        Host::Ipv6(it) => Ok((it.to_string(), IpAddr::from(it).is_loopback())),
    }
}

fn tls_word(url: &Url) -> Result<Option<String>, BadRelay> {
    let mut word = None;
    for (name, value) in url.query_pairs() {
        if name != "tls" || word.is_some() {
            return Err(BadRelay::Option);
        }
        word = Some(value.into_owned());
    }
    Ok(word)
}

fn credentials(url: &Url) -> Result<Option<(String, SecretString)>, BadRelay> {
    let text = |it: &str| {
        percent_decode_str(it).decode_utf8().map(String::from).map_err(|_| BadRelay::NoText)
    };
    match (url.username(), url.password().unwrap_or_default()) {
        ("", "") => Ok(None),
        ("", _) | (_, "") => Err(BadRelay::HalfCredentials),
        (user, password) => Ok(Some((text(user)?, text(password)?.into()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(url: &str) -> Result<Target, BadRelay> {
        Target::read(&RelaySettings { url: url.into(), timeout: Duration::from_secs(1) })
    }

    #[test]
    fn without_a_word_only_this_machine_is_spoken_to_in_clear() {
        let shown = |url: &str| format!("{:?}", read(url).expect(url));
        assert_eq!(shown("smtp://mail.example.org"), "mail.example.org:587 Required");
        assert_eq!(shown("smtp://localhost:2525"), "localhost:2525 None");
        assert_eq!(shown("smtp://127.0.0.1"), "127.0.0.1:25 None");
        assert_eq!(shown("smtp://[::1]:2525/"), "::1:2525 None");
        assert_eq!(shown("smtp://10.0.0.1"), "10.0.0.1:587 Required");
        assert_eq!(shown("smtp://mail.example.org?tls=none"), "mail.example.org:25 None");
        assert_eq!(shown("smtp://mail.example.org?tls=starttls"), "mail.example.org:587 IfOffered");
        assert_eq!(shown("smtps://mail.example.org"), "mail.example.org:465 Wrapped");
    }

    #[test]
    fn a_password_is_read_and_never_shown() {
        let target = read("smtp://a%40b.example:p%3Ass%2Fw@mail.example.org").expect("a relay");
        let (user, password) = target.credentials.as_ref().expect("credentials");
        assert_eq!((user.as_str(), password.expose_secret()), ("a@b.example", "p:ss/w"));
        assert!(!format!("{target:?}").contains("p:ss"));
    }

    #[test]
    fn what_cannot_be_a_relay_is_refused() {
        for url in [
            "mail.example.org",
            "http://mail.example.org",
            "smtp:///x",
            "smtp://mail.example.org/x",
            "smtp://user@mail.example.org",
            "smtp://:password@mail.example.org",
            "smtp://u:%FF@mail.example.org",
            "smtp://mail.example.org?tls=maybe",
            "smtps://mail.example.org?tls=none",
            "smtp://mail.example.org?tls=none&tls=required",
            "smtp://mail.example.org?pool=9",
        ] {
            assert!(read(url).is_err(), "{url}");
        }
    }
}
