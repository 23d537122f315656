//! What every provider does, in one shape.
//!
//! A provider translates between a room as Roomkey means it and one vendor's wire format. It
//! decides nothing: it neither retries, nor remembers rooms, nor knows bookings. Each call gets
//! everything it needs and answers with what the vendor said, classified once.

use async_trait::async_trait;
use roomkey_core::Instant;
use roomkey_core::failure::{Failure, Reason};
use roomkey_core::id::ConnectionId;
use roomkey_core::room::{Seen, Spec};
use roomkey_core::route::Place;
use secrecy::{ExposeSecret as _, SecretString};

use crate::dial_in::{DialIn, Sip};

/// What a provider can do; the engine asks instead of knowing vendors by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities {
    /// A repeated create with our key finds the first one's room, so that no answer is ever
    /// unknown for long. Without it, rooms are found by their marker.
    pub create_is_idempotent: bool,
    /// A retired room is really deleted; otherwise it is closed to newcomers.
    pub deletes: bool,
    /// A door of its own for the host.
    pub host_link: bool,
    /// The room's time is kept at the vendor.
    pub keeps_time: bool,
    /// What each vendor user makes and changes is counted by the day (UTC).
    pub counts_user_calls: bool,
    /// The texts of transcripts can be had.
    pub transcripts: bool,
}

/// The credentials of one connection, unsealed for one call.
#[derive(Debug, Clone)]
pub struct Account {
    /// Which connection; access tokens are kept by it.
    pub connection: Option<ConnectionId>,
    /// Raised whenever the credentials change, so that tokens of the old ones are not used.
    pub revision: i64,
    /// The vendor's name for the account.
    pub account: String,
    /// The client's name at the vendor.
    pub client_id: String,
    /// The client's secret.
    pub client_secret: SecretString,
}

impl Account {
    /// The credentials of a connection, from its secrets as they are sealed: a JSON object with
    /// `client_secret`. `None` if that is not what they are.
    #[must_use]
    pub fn from_secrets(
        connection: ConnectionId,
        revision: i64,
        account: &str,
        client_id: &str,
        secrets: &SecretString,
    ) -> Option<Self> {
        let secrets: serde_json::Value = serde_json::from_str(secrets.expose_secret()).ok()?;
        Some(Self {
            connection: Some(connection),
            revision,
            account: account.to_owned(),
            client_id: client_id.to_owned(),
            client_secret: secrets.get("client_secret")?.as_str()?.to_owned().into(),
        })
    }
}

/// One call: for whom, and when it began.
#[derive(Debug, Clone)]
pub struct Call {
    /// The credentials.
    pub account: Account,
    /// Whose room it is or will be, and which vendor user holds it.
    pub place: Place,
    /// When the call began, by the engine's clock.
    pub now: Instant,
    /// What guests are to type, for a create that demands a passcode where the vendor makes none by
    /// itself. Made up by whoever calls: adapters have no dice.
    pub passcode: Option<SecretString>,
}

/// A room as the vendor made or found it. It has the secrets of its guests' door: keep it sealed.
#[derive(Debug, Clone)]
pub struct VendorRoom {
    /// The vendor's id, by which it is read, moved and removed.
    pub vendor_id: String,
    /// The id of the instance, where the vendor has one.
    pub instance: Option<String>,
    /// Where guests go in.
    pub join_url: SecretString,
    /// What guests type, if anything.
    pub passcode: Option<SecretString>,
    /// The number for people, if there is one.
    pub number: Option<String>,
    /// The numbers to dial in with; `None` if the vendor says nothing of them.
    pub dial_in: Option<Vec<DialIn>>,
    /// The passcode as it is keyed in on a telephone.
    pub phone_passcode: Option<SecretString>,
    /// Where conference devices call.
    pub sip: Option<Sip>,
    /// Who it belongs to at the vendor, for people.
    pub owner: Option<String>,
    /// What it is like.
    pub seen: Seen,
}

/// A room at a vendor that carries a marker, as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// The marker.
    pub marker: String,
    /// The vendor's id.
    pub vendor_id: String,
    /// What the list says of it. Lists do not say who is inside.
    pub seen: Seen,
}

/// The host's own way in: whoever opens it *is* the host. Never stored, mailed or logged.
#[derive(Debug, Clone)]
pub struct HostLink {
    /// The address.
    pub url: SecretString,
    /// From when on it no longer works.
    pub expires: Instant,
}

/// What a vendor says when it is asked for the text of a transcript. Each of these is an answer: the
/// vendor is there, and nothing is wrong with the connection as a whole.
#[derive(Debug, Clone)]
pub enum Transcript {
    /// The text, as WebVTT. What people said: keep it sealed.
    Text(SecretString),
    /// There is none yet; it may be had later.
    NotYet(Reason),
    /// Somebody has to change something at the vendor first. Rooms are made all the same.
    NeedsPerson(Reason),
    /// There is none that could be used, and asking again changes nothing.
    Refused(Reason),
}

/// How one request to a vendor went, for the attempt log: no secrets, no bodies.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trace {
    /// The last answer's HTTP status, if there was an answer.
    pub status: Option<u16>,
    /// The vendor's own error code.
    pub code: Option<String>,
    /// The vendor's name for the request.
    pub request_id: Option<String>,
    /// How many requests the call took.
    pub requests: u32,
    /// How many of them were asked to make or change something. Vendors count these by the day.
    pub writes: u32,
}

/// A vendor's answer, and how it came.
#[derive(Debug, Clone)]
pub struct Answer<T> {
    /// What came of it.
    pub result: Result<T, Failure>,
    /// How the last request went.
    pub trace: Trace,
}

/// One vendor or scheme.
///
/// Every call ends within the client's time limit. `Failure::Unknown` is answered if and only if
/// the call may have taken effect without our knowing; `Gone` only if the vendor itself said that
/// there is no such room.
#[async_trait]
pub trait Provider: Send + Sync {
    /// What it can do.
    fn capabilities(&self) -> Capabilities;

    /// Makes a room that carries `marker`, by which [`Provider::find`] can find it.
    async fn create(&self, call: &Call, marker: &str, spec: &Spec) -> Answer<VendorRoom>;

    /// Looks for the rooms that carry `marker`, oldest first. `spec` is the room as it was asked
    /// for: vendors list by day. An empty answer means that the vendor answered and has none.
    async fn find(&self, call: &Call, marker: &str, spec: &Spec) -> Answer<Vec<VendorRoom>>;

    /// Everything on one vendor user that carries a marker with this beginning and starts between
    /// the days of `from` and `to` (both included), oldest first. A room with several such
    /// markers is there once for each.
    async fn sightings(
        &self,
        call: &Call,
        beginning: &str,
        from: Instant,
        to: Instant,
    ) -> Answer<Vec<Sighting>>;

    /// Makes a room as `spec` says, sending only what differs from what the vendor has, and reads
    /// it afterwards.
    async fn update(
        &self,
        call: &Call,
        vendor_id: &str,
        marker: &str,
        spec: &Spec,
    ) -> Answer<VendorRoom>;

    /// Removes a room. `Gone` is as good as done; `Occupied` if there are people in it.
    async fn retire(&self, call: &Call, vendor_id: &str) -> Answer<()>;

    /// Reads a room.
    async fn inspect(&self, call: &Call, vendor_id: &str) -> Answer<VendorRoom>;

    /// A fresh way in for the host.
    async fn host_link(&self, call: &Call, vendor_id: &str) -> Answer<HostLink>;

    /// The text of a transcript: `file` is the vendor's id of it, `instance` that of the instance
    /// that was recorded.
    async fn transcript(&self, call: &Call, instance: &str, file: &str) -> Answer<Transcript>;

    /// Proves that the credentials work, by the cheapest call that needs them.
    async fn check(&self, call: &Call) -> Answer<()>;
}
