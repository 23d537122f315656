//! What the doors of a room need and nobody else may read: the vendor's address and the passcode.

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
}

impl DoorSecrets {
    /// Unseals them; `None` if there are none, or the sealing key is missing.
    pub(crate) fn open(ring: &Ring, record: &Record) -> Option<Self> {
        let place = Place { table: "rooms", row: record.room.id.uuid(), field: "door" };
        let text = ring.open_text(place, record.door.sealed.as_deref()?).ok()?;
        serde_json::from_str(text.expose_secret()).ok()
    }
}
