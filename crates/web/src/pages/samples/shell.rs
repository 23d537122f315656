//! What surrounds the operator's samples.

use super::{now, zone};
use crate::pages::operator::{HeadNumber, Section, Shell};

/// What surrounds the operator's samples.
#[must_use]
pub fn shell(section: Section, number: Option<HeadNumber>) -> Shell {
    Shell {
        practice: "Oak Lane Practice".to_owned(),
        person: "jo@oaklane.example".to_owned(),
        section,
        number,
        notice: None,
        csrf: "sample-form-token".to_owned(),
        now: now(),
        zone: zone("Europe/Lisbon"),
    }
}
