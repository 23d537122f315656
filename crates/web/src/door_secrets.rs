//! What the doors of a room need and nobody else may read: the vendor's address, the passcode, and
//! the ways in without a computer.

use roomkey_providers::dial_in::DialIn;
use roomkey_store::room::Record;
use roomkey_vault::{Place, Ring};
use secrecy::ExposeSecret as _;
use serde::Deserialize;

/// The secrets of a room's doors, unsealed for one answer.
#[derive(Deserialize)]
pub(crate) struct DoorSecrets {
    /// Where guests go in.
    pub(crate) join_url: String,
    /// What they type there.
    pub(crate) passcode: Option<String>,
    /// The numbers to dial in with.
    #[serde(default)]
    pub(crate) dial_in: Vec<DialIn>,
    /// What is keyed in on a telephone.
    phone_passcode: Option<String>,
    /// Where conference devices call.
    pub(crate) sip: Option<SipSecrets>,
}

/// Where conference devices call.
#[derive(Deserialize)]
pub(crate) struct SipSecrets {
    /// The address.
    pub(crate) address: String,
    /// What is typed there.
    pub(crate) passcode: String,
}

impl DoorSecrets {
    /// Unseals them; `None` if there are none, or the sealing key is missing.
    pub(crate) fn open(ring: &Ring, record: &Record) -> Option<Self> {
        let place = Place { table: "rooms", row: record.room.id.uuid(), field: "door" };
        let text = ring.open_text(place, record.door.sealed.as_deref()?).ok()?;
        serde_json::from_str(text.expose_secret()).ok()
    }

    /// What is keyed in on a telephone, where one can call and it is another than the passcode.
    pub(crate) fn phone_passcode(&self) -> Option<String> {
        let it = self.phone_passcode.clone().filter(|_| !self.dial_in.is_empty());
        it.filter(|it| Some(it) != self.passcode.as_ref())
    }
}
