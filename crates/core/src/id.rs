//! Typed ids: a prefix that says what it names, and 128 bits that sort by time.
//!
//! The bits are those of UUID version 7 (48 bits of Unix milliseconds, then randomness), so both
//! databases keep them in sixteen bytes. The text is the prefix and 26 characters of lower-case
//! Crockford base 32: `bkg_01hf…`. Time and randomness are handed in.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

use crate::time::Instant;

/// What an id names. The prefix is part of the public surface.
pub trait Kind {
    /// Three letters and an underscore.
    const PREFIX: &'static str;
    /// What people call it, for messages: "booking".
    const NOUN: &'static str;
}

/// A typed id.
pub struct Id<K> {
    bits: Uuid,
    kind: PhantomData<fn() -> K>,
}

impl<K> Id<K> {
    /// Makes an id of the time and ten random bytes.
    #[must_use]
    pub fn new(now: Instant, random: [u8; 10]) -> Self {
        let millis = u64::try_from(now.as_micros() / 1000).unwrap_or(0);
        Self::from_uuid(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
    }

    /// An id as the database keeps it.
    #[must_use]
    pub const fn from_uuid(bits: Uuid) -> Self {
        Self { bits, kind: PhantomData }
    }

    /// The bits, for the database.
    #[must_use]
    pub const fn uuid(self) -> Uuid {
        self.bits
    }
}

impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<K> Copy for Id<K> {}
impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.bits == other.bits
    }
}
impl<K> Eq for Id<K> {}
impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<K> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.bits.cmp(&other.bits)
    }
}
impl<K> Hash for Id<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.bits.hash(state);
    }
}

impl<K: Kind> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(K::PREFIX)?;
        f.write_str(&encode(self.bits.as_u128()))
    }
}

impl<K: Kind> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Why a text is no id of the wanted kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("is not the id of a {noun}: it should be `{prefix}` and 26 characters")]
pub struct BadId {
    noun: &'static str,
    prefix: &'static str,
}

impl<K: Kind> FromStr for Id<K> {
    type Err = BadId;

    fn from_str(text: &str) -> Result<Self, BadId> {
        text.strip_prefix(K::PREFIX)
            .and_then(decode)
            .map(|bits| Self::from_uuid(Uuid::from_u128(bits)))
            .ok_or(BadId { noun: K::NOUN, prefix: K::PREFIX })
    }
}

impl<K: Kind> Serialize for Id<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, K: Kind> Deserialize<'de> for Id<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// 26 characters of Crockford base 32, most significant first.
#[must_use]
pub fn encode(bits: u128) -> String {
    (0..26)
        .rev()
        .map(|place| char::from(ALPHABET[usize::try_from((bits >> (place * 5)) & 31).unwrap_or(0)]))
        .collect()
}

/// The reverse of [`encode`]; upper case is accepted, look-alikes are not.
#[must_use]
pub fn decode(text: &str) -> Option<u128> {
    if text.len() != 26 {
        return None;
    }
    let mut bits: u128 = 0;
    for (place, byte) in text.bytes().enumerate() {
        let digit = ALPHABET.iter().position(|&it| it == byte.to_ascii_lowercase())?;
        // 26 digits hold 130 bits: the first may only use three of its five.
        if place == 0 && digit > 7 {
            return None;
        }
        bits = (bits << 5) | u128::try_from(digit).ok()?;
    }
    Some(bits)
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident, $alias:ident, $prefix:literal, $noun:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub enum $kind {}
        impl Kind for $kind {
            const PREFIX: &'static str = $prefix;
            const NOUN: &'static str = $noun;
        }
        #[doc = concat!("The id of a ", $noun, ".")]
        pub type $alias = Id<$kind>;
    )*};
}

kinds! {
    /// One practice or platform.
    TenantKind, TenantId, "ten_", "tenant";
    /// Who gives the session.
    HostKind, HostId, "hst_", "host";
    /// What is booked.
    ServiceKind, ServiceId, "svc_", "service";
    /// One session.
    BookingKind, BookingId, "bkg_", "booking";
    /// A booking's view of its rooms. Has the bits of its booking.
    MeetingKind, MeetingId, "mtg_", "meeting";
    /// One instance at one vendor.
    RoomKind, RoomId, "rom_", "room";
    /// One update, retirement or reading of a room.
    EffectKind, EffectId, "eff_", "effect";
    /// An authorised account at a provider.
    ConnectionKind, ConnectionId, "con_", "connection";
    /// An OAuth application at a vendor.
    AppKind, AppId, "app_", "app";
    /// A person of a booking: a guest, or the host as one who receives messages.
    PersonKind, PersonId, "gst_", "guest";
    /// One event of the tenant's feed.
    EventKind, EventId, "evt_", "event";
    /// One file of a recording.
    RecordingKind, RecordingId, "rec_", "recording";
    /// A webhook endpoint.
    EndpointKind, EndpointId, "whk_", "webhook endpoint";
    /// One message to one person.
    MessageKind, MessageId, "msg_", "message";
    /// An API key.
    ApiKeyKind, ApiKeyId, "key_", "API key";
    /// One call at a vendor, as it went.
    AttemptKind, AttemptId, "att_", "attempt";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_by_time_and_read_back() {
        let early = BookingId::new(Instant::from_micros(1_700_000_000_000_000), [9; 10]);
        let late = BookingId::new(Instant::from_micros(1_700_000_000_001_000), [0; 10]);
        assert!(early < late);
        assert!(early.to_string() < late.to_string());
        assert_eq!(early.to_string().parse::<BookingId>(), Ok(early));
    }

    #[test]
    fn another_kinds_id_is_refused_with_the_remedy() {
        let host = HostId::new(Instant::from_micros(0), [1; 10]).to_string();
        let refusal = host.parse::<BookingId>().expect_err("a host is no booking");
        assert!(refusal.to_string().contains("`bkg_`"));
    }
}
