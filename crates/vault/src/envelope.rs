//! What a sealed value looks like in the database.
//!
//! ```text
//! 1 byte   version, 1
//! 1 byte   length of the sealing key's id
//! n bytes  the sealing key's id
//! 12 bytes nonce, fresh for each value
//! m bytes  AES-256-GCM ciphertext, and 16 bytes of tag
//! ```
//!
//! The associated data are the header up to the nonce and the place: a value copied to another
//! row, column or table does not open there.

use crate::ring::SealingKeyId;

pub(crate) const VERSION: u8 = 1;
pub(crate) const NONCE: usize = 12;
pub(crate) const TAG: usize = 16;

/// Where a sealed value rests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    /// The table's name.
    pub table: &'a str,
    /// The row's id.
    pub row: uuid::Uuid,
    /// The column, or the member of a document in it.
    pub field: &'a str,
}

/// Why a sealed value did not open.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// The ring does not have the sealing key.
    #[error(
        "sealed with the sealing key `{id}`, which is not in ROOMKEY_KEYS: add it after the first"
    )]
    UnknownKey {
        /// The missing key's id.
        id: SealingKeyId,
    },
    /// The value was altered, was copied from another place, or the ring has another key under
    /// the same id.
    #[error("a sealed value was altered, moved, or sealed with another key of the same id")]
    Damaged,
    /// The bytes are no envelope that this version can read.
    #[error("a sealed value is not in a form that this version can read")]
    Malformed,
}

/// An envelope, taken apart.
pub(crate) struct Envelope<'a> {
    pub(crate) header: &'a [u8],
    pub(crate) key: &'a str,
    pub(crate) nonce: &'a [u8; NONCE],
    pub(crate) ciphertext: &'a [u8],
}

impl<'a> Envelope<'a> {
    pub(crate) fn read(sealed: &'a [u8]) -> Option<Self> {
        let (&version, rest) = sealed.split_first()?;
        if version != VERSION {
            return None;
        }
        let (&length, rest) = rest.split_first()?;
        let (key, rest) = rest.split_at_checked(usize::from(length))?;
        let (nonce, ciphertext) = rest.split_first_chunk::<NONCE>()?;
        if ciphertext.len() < TAG {
            return None;
        }
        Some(Self {
            header: sealed.get(..2 + key.len())?,
            key: std::str::from_utf8(key).ok()?,
            nonce,
            ciphertext,
        })
    }
}

/// The head of an envelope: all before the nonce.
pub(crate) fn header(key: &SealingKeyId) -> Vec<u8> {
    // An id is at most 32 bytes long.
    let length = u8::try_from(key.as_str().len()).unwrap_or(u8::MAX);
    let mut header = vec![VERSION, length];
    header.extend_from_slice(key.as_str().as_bytes());
    header
}

/// What is authenticated but not stored twice. Names are preceded by their length, so that no two
/// places have the same bytes.
pub(crate) fn associated(header: &[u8], place: Place<'_>) -> Vec<u8> {
    let mut bytes =
        Vec::with_capacity(header.len() + place.table.len() + place.field.len() + 16 + 16);
    bytes.extend_from_slice(header);
    bytes.extend_from_slice(place.row.as_bytes());
    for name in [place.table, place.field] {
        bytes.extend_from_slice(&u64::try_from(name.len()).unwrap_or(u64::MAX).to_be_bytes());
        bytes.extend_from_slice(name.as_bytes());
    }
    bytes
}

/// The sealing key that a value needs, read without any key; nothing if it is no envelope.
#[must_use]
pub fn sealed_by(sealed: &[u8]) -> Option<SealingKeyId> {
    SealingKeyId::read(Envelope::read(sealed)?.key)
}
