//! What a room must be like, as a form asks for it. What is left to the account is empty.

use roomkey_core::settings::{Audio, Recording, Settings};
use serde::{Deserialize, Serialize};

use crate::pages::form::{Choice, Control, Errors, Field, Form};

/// What is chosen. Yes and no are `on` and `off`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RoomSettingsValues {
    /// Guests wait until the host lets them in.
    pub waiting_room: String,
    /// A passcode is needed.
    pub passcode: String,
    /// Guests may enter before the host.
    pub join_before_host: String,
    /// Guests come in silent.
    pub mute_on_entry: String,
    /// The host's camera at the start.
    pub host_video: String,
    /// The guests' cameras at the start.
    pub guest_video: String,
    /// `both`, `telephony`, `voip`
    pub audio: String,
    /// `none`, `local`, `cloud`
    pub recording: String,
    /// End-to-end encryption.
    pub e2ee: String,
}

const AUDIO: [(&str, &str, Audio); 3] = [
    ("both", "Computer and telephone", Audio::Both),
    ("voip", "Computer only", Audio::Voip),
    ("telephony", "Telephone only", Audio::Telephony),
];

const RECORDING: [(&str, &str, Recording); 3] = [
    ("none", "None", Recording::None),
    ("local", "On the host’s computer", Recording::Local),
    ("cloud", "At the vendor", Recording::Cloud),
];

const FLAGS: [(&str, &str, bool); 2] = [("on", "On", true), ("off", "Off", false)];

impl RoomSettingsValues {
    /// The fields in the order in which they are read.
    pub const FIELDS: &'static [&'static str] = &[
        "waiting_room",
        "passcode",
        "join_before_host",
        "mute_on_entry",
        "host_video",
        "guest_video",
        "audio",
        "recording",
        "e2ee",
    ];

    /// How these settings are shown.
    #[must_use]
    pub fn of(settings: &Settings) -> Self {
        let flag = |it| code(&FLAGS, it);
        Self {
            waiting_room: flag(settings.waiting_room),
            passcode: flag(settings.passcode),
            join_before_host: flag(settings.join_before_host),
            mute_on_entry: flag(settings.mute_on_entry),
            host_video: flag(settings.host_video),
            guest_video: flag(settings.guest_video),
            audio: code(&AUDIO, settings.audio),
            recording: code(&RECORDING, settings.recording),
            e2ee: flag(settings.e2ee),
        }
    }

    /// What they ask for; what is wrong with them, for private sessions too, is told.
    pub fn read(&self, private: bool, errors: &mut Errors) -> Settings {
        let mut flag = |name, text: &str| value(&FLAGS, name, text, errors);
        let settings = Settings {
            waiting_room: flag("waiting_room", &self.waiting_room),
            passcode: flag("passcode", &self.passcode),
            join_before_host: flag("join_before_host", &self.join_before_host),
            mute_on_entry: flag("mute_on_entry", &self.mute_on_entry),
            host_video: flag("host_video", &self.host_video),
            guest_video: flag("guest_video", &self.guest_video),
            e2ee: flag("e2ee", &self.e2ee),
            audio: value(&AUDIO, "audio", &self.audio, errors),
            recording: value(&RECORDING, "recording", &self.recording, errors),
            ..Settings::default()
        };
        let unfit = if private { settings.private_conflicts() } else { Vec::new() };
        for conflict in settings.conflicts().into_iter().chain(unfit) {
            errors.add(conflict.member(), sentence(&conflict.to_string()));
        }
        settings
    }

    /// The fields.
    #[must_use]
    pub fn fields(&self, form: &Form<'_>) -> Vec<Field> {
        let flag = |name, label, value: &str| choice(form, &FLAGS, name, label, value);
        vec![
            flag("waiting_room", "Waiting room", &self.waiting_room),
            flag("passcode", "Passcode", &self.passcode),
            flag("join_before_host", "Joining before the host", &self.join_before_host),
            flag("mute_on_entry", "Guests come in silent", &self.mute_on_entry),
            flag("host_video", "Host’s camera at the start", &self.host_video),
            flag("guest_video", "Guests’ cameras at the start", &self.guest_video),
            choice(form, &AUDIO, "audio", "Audio", &self.audio),
            choice(form, &RECORDING, "recording", "Recording", &self.recording),
            flag("e2ee", "End-to-end encryption", &self.e2ee)
                .help("It takes dial-in by telephone and breakout rooms away."),
        ]
    }
}

fn code<T: PartialEq>(all: &[(&str, &str, T)], value: Option<T>) -> String {
    all.iter()
        .find(|(.., it)| value.as_ref() == Some(it))
        .map_or_else(String::new, |(code, ..)| (*code).to_owned())
}

fn value<T: Copy>(
    all: &[(&str, &str, T)],
    name: &str,
    text: &str,
    errors: &mut Errors,
) -> Option<T> {
    let found = all.iter().find(|(code, ..)| *code == text).map(|(.., it)| *it);
    if found.is_none() && !text.is_empty() {
        errors.add(name, "Choose one of these.");
    }
    found
}

fn choice<T>(
    form: &Form<'_>,
    all: &[(&str, &str, T)],
    name: &'static str,
    label: &'static str,
    value: &str,
) -> Field {
    let own = Choice::new("", "As the account has it");
    let choices = all.iter().map(|(code, words, _)| Choice::new(*code, *words));
    let choices = std::iter::once(own).chain(choices).collect();
    form.field(name, label, value).control(Control::Choice(choices)).optional()
}

/// A clause as a sentence of its own.
fn sentence(clause: &str) -> String {
    let mut letters = clause.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).chain(['.']).collect()
    })
}

#[cfg(test)]
mod tests {
    use roomkey_core::settings::Preset;

    use super::*;

    #[test]
    fn what_is_shown_is_what_is_read() {
        for preset in Preset::ALL {
            let settings = preset.settings();
            let mut errors = Errors::none();
            assert_eq!(RoomSettingsValues::of(&settings).read(false, &mut errors), settings);
            assert!(errors.is_empty());
        }
    }

    #[test]
    fn what_excludes_each_other_is_told_at_its_field() {
        let values = RoomSettingsValues {
            waiting_room: "on".to_owned(),
            join_before_host: "on".to_owned(),
            audio: "shouting".to_owned(),
            ..RoomSettingsValues::default()
        };
        let mut errors = Errors::none();
        values.read(false, &mut errors);
        assert_eq!(
            errors.of("join_before_host"),
            Some("A waiting room and joining before the host exclude each other; choose one.")
        );
        assert_eq!(errors.of("audio"), Some("Choose one of these."));
    }

    #[test]
    fn what_private_sessions_cannot_have_is_told_at_its_field() {
        let values = RoomSettingsValues::of(&Settings {
            waiting_room: Some(false),
            passcode: Some(false),
            join_before_host: Some(true),
            recording: Some(Recording::Local),
            mute_on_entry: Some(true),
            ..Settings::default()
        });
        let (mut public, mut private) = (Errors::none(), Errors::none());
        values.read(false, &mut public);
        assert!(public.is_empty());
        values.read(true, &mut private);
        for field in ["waiting_room", "passcode", "join_before_host", "recording"] {
            let words = private.of(field).expect("a fault");
            assert!(words.starts_with("A private session "), "{words}");
        }
        assert_eq!(private.of("mute_on_entry"), None);
    }
}
