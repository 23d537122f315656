//! What vendors' events have in common: a MAC over their bytes, and reasons not to believe them.

use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::Sha256;

/// Why an event is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// There is nothing to check it with.
    #[error("no secret token is known for this address")]
    NoSecret,
    /// It carries no signature, or no time.
    #[error("the event is not signed")]
    Unsigned,
    /// Signed with another secret, or altered on the way.
    #[error("the event is signed with another secret token, or was altered")]
    Forged,
    /// Too old, or from the future: somebody may have kept it, or a clock is wrong.
    #[error("the event is too old, or from the future")]
    Untimely,
}

/// The MAC of these parts, one after the other. An empty secret signs nothing.
pub(crate) fn mac(secret: &SecretString, parts: &[&[u8]]) -> Option<Hmac<Sha256>> {
    let key = secret.expose_secret().as_bytes();
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok().filter(|_| !key.is_empty())?;
    for part in parts {
        mac.update(part);
    }
    Some(mac)
}

/// Bytes as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The bytes that hexadecimal digits write.
pub(crate) fn bytes(hex: &str) -> Option<Vec<u8>> {
    if !hex.len().is_multiple_of(2) || !hex.is_ascii() {
        return None;
    }
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok()).collect()
}
