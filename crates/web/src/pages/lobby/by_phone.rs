//! The ways in without a computer, as the lobby shows them.

/// A number to dial in with.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PhoneNumber {
    /// As people read it.
    pub number: String,
    /// Where it is: "Lisbon, Portugal".
    pub place: Option<String>,
    /// Whether the call costs nothing; false if that is not known.
    pub is_free: bool,
}

impl PhoneNumber {
    /// What stands beside it.
    #[must_use]
    pub fn words(&self) -> String {
        let place = self.place.as_deref().unwrap_or("Telephone");
        if self.is_free { format!("{place}, free of charge") } else { place.to_owned() }
    }

    /// Where a tap leads.
    #[must_use]
    pub fn href(&self) -> String {
        let dialled = self.number.chars().filter(|it| it.is_ascii_digit() || *it == '+');
        format!("tel:{}", dialled.collect::<String>())
    }
}

/// Where a conference device calls.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ConferenceDevice {
    /// The address.
    pub address: String,
    /// What is typed there.
    pub passcode: String,
}
