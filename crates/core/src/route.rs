//! The route: the ordered list of rooms to try, and what each option can offer now.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::failure::Reason;
use crate::id::{ConnectionId, HostId};
use crate::time::Instant;

/// A vendor or scheme that can make a room. Adapters are looked up by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Provider {
    /// Zoom meetings.
    Zoom,
    /// A link that a person typed.
    Link,
}

impl Provider {
    /// As the API and the database write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Zoom => "zoom",
            Self::Link => "link",
        }
    }

    /// As people read it.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Zoom => "Zoom",
            Self::Link => "Video link",
        }
    }

    /// The reverse of [`Provider::as_str`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Zoom, Self::Link].into_iter().find(|it| it.as_str() == code)
    }
}

/// Whose account an option uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Use {
    /// The host's own connection, else the tenant's, with the host's own vendor user.
    Host,
    /// This connection, with the host's own vendor user.
    Connection(ConnectionId),
    /// One of the seats of this connection.
    Seats(ConnectionId),
    /// A fixed link.
    Link,
}

impl fmt::Display for Use {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Host => f.write_str("host"),
            Self::Connection(id) => write!(f, "{id}"),
            Self::Seats(id) => write!(f, "seats:{id}"),
            Self::Link => f.write_str("link"),
        }
    }
}

/// A text names nobody's account.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("should be `host`, `link`, a connection such as `con_01…`, or `seats:con_01…`")]
pub struct BadUse;

impl FromStr for Use {
    type Err = BadUse;

    fn from_str(text: &str) -> Result<Self, BadUse> {
        match text {
            "host" => Ok(Self::Host),
            "link" => Ok(Self::Link),
            _ => match text.strip_prefix("seats:") {
                Some(id) => id.parse().map(Self::Seats).map_err(|_| BadUse),
                None => text.parse().map(Self::Connection).map_err(|_| BadUse),
            },
        }
    }
}

impl Serialize for Use {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Use {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// One room to try, and when to try the next instead.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RouteOption {
    /// Whose account.
    #[serde(rename = "use")]
    pub uses: Use,
    /// Which vendor.
    pub provider: Provider,
    /// The address of a fixed link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The passcode of a fixed link, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passcode: Option<String>,
    /// Go on at once if there is no such connection.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub on_not_connected: bool,
    /// Go on at once if the connection needs a person.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub on_reconnect_needed: bool,
    /// Go on after so many failures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_failures: Option<u32>,
    /// Go on if there is no room so long before the start.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "duration_text")]
    pub before_start: Option<Duration>,
}

impl RouteOption {
    /// The host's own account at a vendor, with no rule for going on.
    #[must_use]
    pub const fn host(provider: Provider) -> Self {
        Self {
            uses: Use::Host,
            provider,
            url: None,
            passcode: None,
            on_not_connected: false,
            on_reconnect_needed: false,
            after_failures: None,
            before_start: None,
        }
    }

    /// A fixed link.
    #[must_use]
    pub fn link(url: String, passcode: Option<String>) -> Self {
        Self { uses: Use::Link, url: Some(url), passcode, ..Self::host(Provider::Link) }
    }
}

/// The connection on one of whose seats a session must sit, if it has no choice: its route begins
/// with them, and nothing leads past them while they are merely taken. That is no failure, so of the
/// rules for going on only `before_start` does.
#[must_use]
pub fn must_sit_on(route: &[RouteOption]) -> Option<ConnectionId> {
    let (mut options, mut found) = (route.iter().peekable(), None);
    while let Some(option) = options.next() {
        let Use::Seats(id) = option.uses else { return None };
        if found.is_some_and(|found| found != id) {
            return None;
        }
        found = Some(id);
        if option.before_start.is_none() || options.peek().is_none() {
            break;
        }
    }
    found
}

/// Whose vendor account makes a room, and which of its users holds it. A room remembers its place
/// for life: it is read, moved and removed from there and from nowhere else.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Place {
    /// The vendor.
    pub provider: Provider,
    /// The connection; none for a fixed link.
    pub connection: Option<ConnectionId>,
    /// The vendor's name for the account.
    pub account: String,
    /// The vendor's name for the user who holds the room.
    pub user: String,
}

impl Place {
    /// What can block by itself at this place.
    #[must_use]
    pub fn lane(&self) -> Lane {
        match self.connection {
            Some(connection) => Lane::Connection(connection),
            None => Lane::Fixed,
        }
    }
}

/// What can block by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Lane {
    /// Looks at a booking and calls nobody.
    Plan,
    /// Fixed links: no vendor behind them.
    Fixed,
    /// One connection's vendor account.
    Connection(ConnectionId),
    /// The mail relay.
    Mail,
}

impl fmt::Display for Lane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plan => f.write_str("plan"),
            Self::Fixed => f.write_str("fixed"),
            Self::Connection(id) => write!(f, "{id}"),
            Self::Mail => f.write_str("mail"),
        }
    }
}

impl FromStr for Lane {
    type Err = crate::id::BadId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "plan" => Ok(Self::Plan),
            "fixed" => Ok(Self::Fixed),
            "mail" => Ok(Self::Mail),
            id => id.parse().map(Self::Connection),
        }
    }
}

/// A connection as the rules see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// Its id.
    pub id: ConnectionId,
    /// Which vendor.
    pub provider: Provider,
    /// Whose it is; the tenant's if nobody's.
    pub host: Option<HostId>,
    /// The vendor's name for the account.
    pub account: String,
    /// Vendor users who lend their rooms.
    pub seats: Vec<String>,
    /// How they may be used.
    pub seat_rules: crate::seats::Rules,
    /// Switched off by a person: makes nothing new, still removes what it made.
    pub disabled: bool,
    /// Why a person must connect it again, if so.
    pub needs_reconnect: Option<Reason>,
    /// When a person last pasted its credentials.
    pub credentials_at: Instant,
}

/// The connection by which a room at a place is reached: the one that made it, or, if that was
/// removed, another to the same vendor account.
#[must_use]
pub fn connection_of<'a>(
    place: &Place,
    mut connections: impl Iterator<Item = &'a Connection> + Clone,
) -> Option<&'a Connection> {
    let id = place.connection?;
    let same = |it: &&Connection| it.provider == place.provider && it.account == place.account;
    connections
        .clone()
        .find(|it| it.id == id)
        .or_else(|| connections.clone().find(|it| same(it) && it.needs_reconnect.is_none()))
        .or_else(|| connections.find(same))
}

/// What an option can offer now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// These places: the host's own first, then any of the seats.
    Ready {
        /// The place of the host's own vendor user, or the fixed link.
        own: Option<Place>,
        /// Places of vendor users who lend their rooms.
        seats: Vec<Place>,
    },
    /// There is no such connection, or it is switched off.
    NotConnected(Reason),
    /// There is one, and a person must connect it again.
    NeedsReconnect(Reason),
}

/// Who the host is at the vendors.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HostAccounts {
    /// The logins at vendors, where the host has said them.
    pub logins: BTreeMap<Provider, String>,
    /// The e-mail address, which the account may know.
    pub email: String,
}

/// What `option` can offer `host` with these connections.
#[must_use]
pub fn standing(
    option: &RouteOption,
    host: HostId,
    accounts: &HostAccounts,
    connections: &[Connection],
) -> Standing {
    let theirs = |it: &&Connection| it.provider == option.provider;
    let usable = |it: &&Connection| theirs(it) && !it.disabled;
    let connection = match option.uses {
        Use::Link => {
            let place = Place {
                provider: Provider::Link,
                connection: None,
                account: String::new(),
                user: option.url.clone().unwrap_or_default(),
            };
            return if place.user.is_empty() {
                Standing::NotConnected(Reason::link_missing())
            } else {
                Standing::Ready { own: Some(place), seats: Vec::new() }
            };
        }
        // One that works goes before one that needs a person, among those of the same owner.
        Use::Host => [Some(host), None].into_iter().find_map(|owner| {
            let mut theirs = connections.iter().filter(usable).filter(|it| it.host == owner);
            theirs.clone().find(|it| it.needs_reconnect.is_none()).or_else(|| theirs.next())
        }),
        Use::Connection(id) | Use::Seats(id) => {
            connections.iter().filter(usable).find(|it| it.id == id)
        }
    };
    let Some(connection) = connection else {
        let switched_off = connections.iter().filter(theirs).any(|it| match option.uses {
            Use::Host => it.host.is_none_or(|it| it == host),
            Use::Connection(id) | Use::Seats(id) => it.id == id,
            Use::Link => false,
        });
        return Standing::NotConnected(if switched_off {
            Reason::connection_disabled(option.provider)
        } else {
            Reason::not_connected(option.provider)
        });
    };
    if let Some(reason) = &connection.needs_reconnect {
        return Standing::NeedsReconnect(reason.clone());
    }
    let place = |user: &str| Place {
        provider: connection.provider,
        connection: Some(connection.id),
        account: connection.account.clone(),
        user: user.to_owned(),
    };
    let login = accounts.logins.get(&option.provider);
    let lends = matches!(option.uses, Use::Seats(_));
    let own = (!lends).then(|| place(login.unwrap_or(&accounts.email)));
    // A login that the host gave is meant; a seat stands in only for an address that was a guess.
    let seats: Vec<Place> = if lends || login.is_none() {
        connection.seats.iter().map(|user| place(user)).collect()
    } else {
        Vec::new()
    };
    if own.is_none() && seats.is_empty() {
        Standing::NotConnected(Reason::no_seats())
    } else {
        Standing::Ready { own, seats }
    }
}

mod duration_text {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    #[expect(clippy::ref_option, reason = "the signature is serde's")]
    pub(super) fn serialize<S: Serializer>(
        value: &Option<Duration>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match value {
            Some(duration) => serializer.serialize_str(&crate::time::duration_text(*duration)),
            None => serializer.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Duration>, D::Error> {
        Option::<String>::deserialize(deserializer)?
            .map(|text| crate::time::duration(&text).map_err(serde::de::Error::custom))
            .transpose()
    }
}
