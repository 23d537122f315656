//! The ways into a room without a computer: by telephone, and from a conference device.

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

/// A number to dial in with. It is the same for many rooms, and no secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DialIn {
    /// As people read it: `+351 211 000 000`. Digits, signs that part them, and nothing else.
    pub number: String,
    /// Its country, as ISO 3166 has it in two letters, if that is known.
    pub country: Option<String>,
    /// Where it is, for people: *Lisbon, Portugal*.
    pub label: Option<String>,
    /// Whether the call costs nothing; `None` if the vendor does not say.
    pub toll_free: Option<bool>,
}

/// Where a conference device calls, and what is typed there.
#[derive(Debug, Clone)]
pub struct Sip {
    /// The address, without its scheme: `81234567890@vendor.example`.
    pub address: String,
    /// The passcode in digits.
    pub passcode: SecretString,
}
