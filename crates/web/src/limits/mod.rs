//! Our own limits: on guessing, on what one link and what one API key may ask for.
//!
//! What is counted against an address is what it guesses wrong: links, sign-in links and API keys
//! that are nobody's. What is somebody's works from every address, however much was guessed there:
//! behind a proxy that is not named all people are one address, and no scanner may close the doors
//! for them. Nothing is lost by that: a token has 128 bits. Each process counts for itself.

mod bucket;

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::request::Parts;
use http::{Extensions, HeaderMap, HeaderValue, StatusCode, header};
use roomkey_core::Instant;
use roomkey_vault::LinkToken;

use self::bucket::{Buckets, Rate};
use crate::app::App;
use crate::error::{Code, Problem};
use crate::pages::error::ErrorPage;
use crate::visits::page;

/// Wrong guesses from one address: 60 a minute.
const GUESSES: Rate = Rate { each: Duration::from_secs(1), burst: 60 };
/// What is asked for under one link: 600 a minute.
const BY_LINK: Rate = Rate { each: Duration::from_millis(100), burst: 600 };
/// Calls with one API key: 100 a second, and 500 at once.
const BY_API_KEY: Rate = Rate { each: Duration::from_millis(10), burst: 500 };
/// How many addresses, links and API keys are remembered, each.
const MOST: usize = 50_000;

/// The limits, and how far each is used up.
pub struct Limits {
    on: bool,
    guesses: Buckets<IpAddr>,
    links: Buckets<[u8; 32]>,
    api_keys: Buckets<[u8; 32]>,
}

impl Limits {
    /// Limits that nobody has used anything of; or none.
    #[must_use]
    pub fn new(on: bool) -> Self {
        Self {
            on,
            guesses: Buckets::new(GUESSES, MOST),
            links: Buckets::new(BY_LINK, MOST),
            api_keys: Buckets::new(BY_API_KEY, MOST),
        }
    }

    /// Before an API key is looked up.
    ///
    /// # Errors
    /// It was used too often.
    pub(crate) fn before_api_key(&self, key: &[u8; 32], now: Instant) -> Result<(), Problem> {
        if self.on && self.api_keys.knows(key) {
            self.api_keys.take(*key, now).map_err(too_many_calls)?;
        }
        Ok(())
    }

    /// An API key was looked up, and is somebody's or nobody's.
    ///
    /// # Errors
    /// It is nobody's, and the address has guessed too often.
    pub(crate) fn after_api_key(
        &self,
        key: &[u8; 32],
        good: bool,
        address: IpAddr,
        now: Instant,
    ) -> Result<(), Problem> {
        match good {
            _ if !self.on => Ok(()),
            // The first call with a key opens its bucket; the others were counted before.
            true if self.api_keys.knows(key) => Ok(()),
            true => self.api_keys.take(*key, now).map_err(too_many_calls),
            false => self.guesses.take(network(address), now).map_err(too_many_calls),
        }
    }
}

fn too_many_calls(wait: Duration) -> Problem {
    Problem::new(Code::TooMany).retry_after(seconds(wait))
}

/// Who sent a request, as far as proxies are believed.
pub(crate) fn address(app: &App, extensions: &Extensions, headers: &HeaderMap) -> IpAddr {
    let unknown = IpAddr::from([0, 0, 0, 0]);
    let peer = extensions.get::<ConnectInfo<SocketAddr>>().map_or(unknown, |it| it.0.ip());
    app.trusted_proxies.client(peer, headers)
}

/// As [`address`], of a request whose body is read elsewhere.
pub(crate) fn address_of(app: &App, parts: &Parts) -> IpAddr {
    address(app, &parts.extensions, &parts.headers)
}

/// Whoever has one address of IPv6 has all of its network.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(it) => IpAddr::from((it.to_bits() & !u128::from(u64::MAX)).to_be_bytes()),
    }
}

/// Whole seconds to wait, rounded up.
fn seconds(wait: Duration) -> u32 {
    u32::try_from(wait.as_millis().div_ceil(1000)).unwrap_or(u32::MAX).max(1)
}

/// What somebody brought to be let in with, if this is a page that lets in.
enum Brought {
    /// To a lobby; nothing if it does not even look like a link's token.
    Link(Option<[u8; 32]>),
    /// To be signed in.
    SignIn,
}

fn brought(path: &str) -> Option<Brought> {
    if let Some(rest) = path.strip_prefix("/j/") {
        let token = rest.split('/').next().unwrap_or_default();
        return Some(Brought::Link(token.parse::<LinkToken>().ok().map(|it| it.digest())));
    }
    path.starts_with("/in/").then_some(Brought::SignIn)
}

/// What an answer says of what somebody brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Proof {
    /// It is somebody's.
    Good,
    /// It is nobody's.
    Nobodys,
    /// It was not even looked at, and nothing but a guess is sent like this.
    Unasked,
    /// Nothing: we failed.
    Nothing,
}

impl Brought {
    fn proof(&self, status: StatusCode) -> Proof {
        let nobodys = match self {
            Self::Link(_) => StatusCode::NOT_FOUND,
            Self::SignIn => StatusCode::GONE,
        };
        if status == nobodys {
            Proof::Nobodys
        // A link that was replaced was somebody's.
        } else if status.is_success() || status.is_redirection() || status == StatusCode::GONE {
            Proof::Good
        } else if status.is_client_error() {
            Proof::Unasked
        } else {
            Proof::Nothing
        }
    }
}

/// Keeps the limits of the pages behind links.
pub(crate) async fn pages(State(app): State<App>, request: Request, next: Next) -> Response {
    let limits = &app.limits;
    let Some(brought) = brought(request.uri().path()).filter(|_| limits.on) else {
        return next.run(request).await;
    };
    let now = app.now();
    let address = network(address(&app, request.extensions(), request.headers()));
    if let Brought::Link(Some(link)) = brought
        && limits.links.knows(&link)
    {
        return match limits.links.take(link, now) {
            Ok(()) => next.run(request).await,
            Err(wait) => too_many(wait),
        };
    }
    let response = next.run(request).await;
    match (brought.proof(response.status()), brought) {
        (Proof::Good, Brought::Link(Some(link))) => {
            let _ = limits.links.take(link, now);
        }
        (Proof::Nobodys, _) => {
            if let Err(wait) = limits.guesses.take(address, now) {
                return too_many(wait);
            }
        }
        (Proof::Unasked, _) => {
            let _ = limits.guesses.take(address, now);
        }
        (Proof::Good | Proof::Nothing, _) => {}
    }
    response
}

fn too_many(wait: Duration) -> Response {
    let mut response = page::with_status(StatusCode::TOO_MANY_REQUESTS, &ErrorPage::too_many());
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds(wait)));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_of_ipv6_counts_as_one() {
        let of = |text: &str| network(text.parse().unwrap()).to_string();
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(of("2001:db8:1:2:ffff::1"), "2001:db8:1:2::");
        assert_eq!(of("203.0.113.9"), "203.0.113.9");
    }

    #[test]
    fn only_what_somebody_was_let_in_with_is_proven() {
        let (link, sign_in) = (Brought::Link(None), Brought::SignIn);
        let of =
            |brought: &Brought, status: u16| brought.proof(StatusCode::from_u16(status).unwrap());
        for good in [200, 204, 303, 304] {
            assert_eq!((of(&link, good), of(&sign_in, good)), (Proof::Good, Proof::Good));
        }
        assert_eq!((of(&link, 404), of(&link, 410)), (Proof::Nobodys, Proof::Good));
        assert_eq!((of(&sign_in, 404), of(&sign_in, 410)), (Proof::Unasked, Proof::Nobodys));
        for refused in [400, 403, 405, 413, 415, 422] {
            assert_eq!(
                (of(&link, refused), of(&sign_in, refused)),
                (Proof::Unasked, Proof::Unasked)
            );
        }
        assert_eq!(of(&link, 503), Proof::Nothing);
    }

    #[test]
    fn one_waits_whole_seconds() {
        assert_eq!(seconds(Duration::from_millis(1)), 1);
        assert_eq!(seconds(Duration::from_millis(1001)), 2);
        assert_eq!(seconds(Duration::ZERO), 1);
    }
}
