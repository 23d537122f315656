//! Settings to begin with, for kinds of practice.

use super::{Recording, Settings};

/// Settings that suit one kind of session. They are copied into a service when it is written, and
/// are its own from then on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Preset {
    /// Therapy and medical consultations.
    Therapy,
    /// Sessions with children and young people.
    Minors,
    /// Coaching and lessons for adults.
    Coaching,
}

impl Preset {
    /// Every preset, in the order in which they are shown.
    pub const ALL: [Self; 3] = [Self::Therapy, Self::Minors, Self::Coaching];

    /// As the API and addresses write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Therapy => "therapy",
            Self::Minors => "minors",
            Self::Coaching => "coaching",
        }
    }

    /// The reverse of [`Preset::as_str`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|preset| preset.as_str() == code)
    }

    /// What people call it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Therapy => "Therapy",
            Self::Minors => "Minors",
            Self::Coaching => "Coaching",
        }
    }

    /// What it does, in one sentence.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Therapy => {
                "Guests wait until the host lets them in, nobody comes in before the host, a \
                 passcode is needed, and nothing is recorded."
            }
            Self::Minors => "As for therapy, and guests come in silent and with their cameras off.",
            Self::Coaching => {
                "Guests come straight in, also before the host, with a passcode; recording is \
                 left to the account."
            }
        }
    }

    /// What it asks for. End-to-end encryption is left to the account everywhere: it takes dial-in
    /// and breakout rooms away, so that it is for the practice to choose.
    #[must_use]
    pub fn settings(self) -> Settings {
        let private = Settings {
            waiting_room: Some(true),
            passcode: Some(true),
            join_before_host: Some(false),
            recording: Some(Recording::None),
            ..Settings::default()
        };
        match self {
            Self::Therapy => private,
            Self::Minors => {
                Settings { mute_on_entry: Some(true), guest_video: Some(false), ..private }
            }
            Self::Coaching => Settings {
                waiting_room: Some(false),
                passcode: Some(true),
                join_before_host: Some(true),
                ..Settings::default()
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_preset_conflicts_with_itself() {
        for preset in Preset::ALL {
            assert_eq!(preset.settings().conflicts(), [], "{}", preset.as_str());
            assert_eq!(Preset::from_code(preset.as_str()), Some(preset));
        }
        assert_eq!(Preset::from_code("Therapy"), None);
    }

    #[test]
    fn encryption_is_left_to_the_account() {
        assert!(Preset::ALL.iter().all(|preset| preset.settings().e2ee.is_none()));
    }

    #[test]
    fn with_minors_a_session_is_as_private_as_therapy_and_more() {
        let (therapy, minors) = (Preset::Therapy.settings(), Preset::Minors.settings());
        assert_eq!(therapy.contradicted_by(&minors), Settings::default());
        assert_eq!(minors.without(&therapy).named(), ["mute on entry", "guests’ video"]);
    }
}
