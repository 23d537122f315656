//! The ring of sealing keys: the first seals, all of them open.

use std::fmt;

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use base64::Engine;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use secrecy::zeroize::Zeroize;
use secrecy::{ExposeSecret, SecretBox, SecretSlice, SecretString};

use crate::Entropy;
use crate::envelope::{Envelope, NONCE, OpenError, Place, TAG, associated, header, sealed_by};

const KEY: usize = 32;
const LONGEST_ID: usize = 32;
const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const WRITTEN: GeneralPurpose = GeneralPurpose::new(&STANDARD, LENIENT);
const URL_WRITTEN: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, LENIENT);

/// The name of a sealing key. No secret: it stands in every envelope.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SealingKeyId(String);

impl SealingKeyId {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn read(text: &str) -> Option<Self> {
        let fits = (1..=LONGEST_ID).contains(&text.len())
            && text
                .bytes()
                .all(|it| it.is_ascii_alphanumeric() || matches!(it, b'-' | b'_' | b'.'));
        fits.then(|| Self(text.to_owned()))
    }
}

impl fmt::Display for SealingKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a text is no ring. Entries are named by their place, so that nothing typed in the wrong
/// order is ever shown.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadRing {
    /// Nothing in it.
    #[error(
        "holds no sealing key: write `id:base64`, with 32 random bytes such as \
         `openssl rand -base64 32` prints"
    )]
    Empty,
    /// No colon.
    #[error("entry {entry} has no id: write `id:base64`, for example `2026:` before the key")]
    NoId {
        /// Which, counted from one.
        entry: usize,
    },
    /// An id that cannot stand in an envelope.
    #[error("entry {entry}: an id is 1 to 32 of the characters A-Z a-z 0-9 - _ .")]
    BadId {
        /// Which, counted from one.
        entry: usize,
    },
    /// The same id twice.
    #[error("entry {entry}: the id `{id}` is taken by an earlier entry; give each key its own")]
    Twice {
        /// Which, counted from one.
        entry: usize,
        /// The repeated id.
        id: SealingKeyId,
    },
    /// Not base64.
    #[error("entry {entry} (`{id}`): what follows the colon is not base64")]
    NotBase64 {
        /// Which, counted from one.
        entry: usize,
        /// Its id.
        id: SealingKeyId,
    },
    /// Not 32 bytes.
    #[error(
        "entry {entry} (`{id}`): a sealing key has 32 bytes, this one has {length}; \
         `openssl rand -base64 32` prints one"
    )]
    Length {
        /// Which, counted from one.
        entry: usize,
        /// Its id.
        id: SealingKeyId,
        /// How many bytes it has.
        length: usize,
    },
}

struct SealingKey {
    id: SealingKeyId,
    bytes: SecretBox<[u8; KEY]>,
    cipher: Aes256Gcm,
}

impl SealingKey {
    fn new(id: SealingKeyId, bytes: SecretBox<[u8; KEY]>) -> Self {
        let cipher = Aes256Gcm::new(bytes.expose_secret().into());
        Self { id, bytes, cipher }
    }
}

/// The sealing keys. Debug shows their ids alone.
pub struct Ring {
    first: SealingKey,
    others: Vec<SealingKey>,
}

impl Ring {
    /// Reads `id:base64,id2:base64`: the first seals, all open. Spaces and line ends around
    /// entries do not matter.
    ///
    /// # Errors
    /// [`BadRing`], which names the entry and the remedy and never shows key material.
    pub fn parse(text: &str) -> Result<Self, BadRing> {
        let mut keys: Vec<SealingKey> = Vec::new();
        let entries = text.split(',').map(str::trim).filter(|it| !it.is_empty());
        for (place, entry) in entries.enumerate() {
            let key = parse_entry(place + 1, entry)?;
            if keys.iter().any(|it| it.id == key.id) {
                return Err(BadRing::Twice { entry: place + 1, id: key.id });
            }
            keys.push(key);
        }
        let mut keys = keys.into_iter();
        let first = keys.next().ok_or(BadRing::Empty)?;
        Ok(Self { first, others: keys.collect() })
    }

    /// A ring of one new key.
    ///
    /// # Errors
    /// [`BadRing::BadId`] if the id cannot stand in an envelope.
    pub fn generate(entropy: &Entropy, id: &str) -> Result<Self, BadRing> {
        let id = SealingKeyId::read(id).ok_or(BadRing::BadId { entry: 1 })?;
        let bytes = SecretBox::new(Box::new(entropy.bytes()));
        Ok(Self { first: SealingKey::new(id, bytes), others: Vec::new() })
    }

    /// The ring as [`Ring::parse`] reads it.
    #[must_use]
    pub fn to_config_text(&self) -> SecretString {
        let entries: Vec<String> = self
            .keys()
            .map(|key| format!("{}:{}", key.id, WRITTEN.encode(key.bytes.expose_secret())))
            .collect();
        entries.join(",").into()
    }

    /// The ids of all keys, the sealing one first.
    #[must_use]
    pub fn key_ids(&self) -> Vec<SealingKeyId> {
        self.keys().map(|key| key.id.clone()).collect()
    }

    /// Seals a secret for one place.
    #[must_use]
    pub fn seal(&self, entropy: &Entropy, place: Place<'_>, plaintext: &[u8]) -> Vec<u8> {
        let mut sealed = header(&self.first.id);
        let aad = associated(&sealed, place);
        let nonce: [u8; NONCE] = entropy.bytes();
        #[expect(
            clippy::expect_used,
            reason = "the one failure is a plaintext of 64 GiB, which nothing here can hold"
        )]
        let ciphertext = self
            .first
            .cipher
            .encrypt(&Nonce::from(nonce), Payload { msg: plaintext, aad: &aad })
            .expect("a secret is shorter than 64 GiB");
        sealed.reserve_exact(NONCE + TAG + plaintext.len());
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(&ciphertext);
        sealed
    }

    /// Opens what was sealed for this very place.
    ///
    /// # Errors
    /// [`OpenError`]: a key that is missing, a value that was altered or moved, or no envelope.
    pub fn open(&self, place: Place<'_>, sealed: &[u8]) -> Result<SecretSlice<u8>, OpenError> {
        let envelope = Envelope::read(sealed).ok_or(OpenError::Malformed)?;
        let id = SealingKeyId::read(envelope.key).ok_or(OpenError::Malformed)?;
        let Some(key) = self.keys().find(|key| key.id == id) else {
            return Err(OpenError::UnknownKey { id });
        };
        let aad = associated(envelope.header, place);
        let payload = Payload { msg: envelope.ciphertext, aad: &aad };
        match key.cipher.decrypt(&Nonce::from(*envelope.nonce), payload) {
            Ok(plaintext) => Ok(plaintext.into()),
            Err(_) => Err(OpenError::Damaged),
        }
    }

    /// Opens a secret that is text.
    ///
    /// # Errors
    /// As [`Ring::open`]; [`OpenError::Malformed`] also for what is no text.
    pub fn open_text(&self, place: Place<'_>, sealed: &[u8]) -> Result<SecretString, OpenError> {
        let plaintext = self.open(place, sealed)?;
        std::str::from_utf8(plaintext.expose_secret())
            .map(SecretString::from)
            .map_err(|_| OpenError::Malformed)
    }

    /// Whether a value was sealed with another key than the one that seals now. What is no
    /// envelope cannot be sealed again: opening it says why.
    #[must_use]
    pub fn needs_reseal(&self, sealed: &[u8]) -> bool {
        sealed_by(sealed).is_some_and(|id| id != self.first.id)
    }

    fn keys(&self) -> impl Iterator<Item = &SealingKey> {
        std::iter::once(&self.first).chain(&self.others)
    }
}

fn parse_entry(entry: usize, text: &str) -> Result<SealingKey, BadRing> {
    let (id, key) = text.split_once(':').ok_or(BadRing::NoId { entry })?;
    let id = SealingKeyId::read(id.trim()).ok_or(BadRing::BadId { entry })?;
    let key = key.trim();
    let Ok(mut decoded) = WRITTEN.decode(key).or_else(|_| URL_WRITTEN.decode(key)) else {
        return Err(BadRing::NotBase64 { entry, id });
    };
    let bytes = <[u8; KEY]>::try_from(decoded.as_slice()).map(|it| SecretBox::new(Box::new(it)));
    let length = decoded.len();
    decoded.zeroize();
    match bytes {
        Ok(bytes) => Ok(SealingKey::new(id, bytes)),
        Err(_) => Err(BadRing::Length { entry, id, length }),
    }
}

impl fmt::Debug for Ring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Ring").field(&self.key_ids()).finish()
    }
}
