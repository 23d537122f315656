//! The ways into a room without a computer, as they are answered.

use roomkey_providers::dial_in::DialIn;
use serde::Serialize;
use utoipa::ToSchema;

use crate::door_secrets::SipSecrets;

/// A number to dial in with.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DialIn)]
pub(crate) struct DialInJson {
    /// As people read it.
    #[schema(example = "+351 211 000 000")]
    number: String,
    /// ISO 3166, two letters.
    #[schema(example = "PT")]
    country: Option<String>,
    /// Where it is, for people.
    #[schema(example = "Lisbon, Portugal")]
    label: Option<String>,
    /// `toll` or `toll_free`.
    #[serde(rename = "type")]
    #[schema(example = "toll")]
    kind: Option<&'static str>,
}

impl From<&DialIn> for DialInJson {
    fn from(it: &DialIn) -> Self {
        Self {
            number: it.number.clone(),
            country: it.country.clone(),
            label: it.label.clone(),
            kind: it.toll_free.map(|free| if free { "toll_free" } else { "toll" }),
        }
    }
}

/// Where conference devices call.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Sip)]
pub(crate) struct SipJson {
    /// Without `sip:`.
    #[schema(example = "81234567890@zoomcrc.com")]
    address: String,
    /// In digits.
    passcode: String,
}

impl From<&SipSecrets> for SipJson {
    fn from(it: &SipSecrets) -> Self {
        Self { address: it.address.clone(), passcode: it.passcode.clone() }
    }
}
