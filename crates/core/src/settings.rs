//! What a room must be like. What is left out is the account's own choice.

mod preset;

use serde::{Deserialize, Serialize};

pub use preset::Preset;

/// Whether and where the session is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recording {
    /// Not at all.
    None,
    /// On the host's computer.
    Local,
    /// At the vendor.
    Cloud,
}

/// Which ways of speaking are open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audio {
    /// Computer and telephone.
    Both,
    /// Telephone only.
    Telephony,
    /// Computer only.
    Voip,
}

/// A smaller room beside the room, for part of the guests.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BreakoutRoom {
    /// What it is called.
    pub name: String,
    /// The e-mail addresses of those who are sent there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub participants: Vec<String>,
}

impl BreakoutRoom {
    /// Whether it is the same room with the same people.
    #[must_use]
    pub fn is_like(&self, other: &Self) -> bool {
        let has_all = |all: &[String], of: &[String]| {
            of.iter().all(|one| all.iter().any(|it| it.trim().eq_ignore_ascii_case(one.trim())))
        };
        self.name == other.name
            && has_all(&self.participants, &other.participants)
            && has_all(&other.participants, &self.participants)
    }
}

/// Settings of a room; `None` leaves the account's own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Guests wait until the host lets them in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting_room: Option<bool>,
    /// A passcode is needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passcode: Option<bool>,
    /// Guests may enter before the host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub join_before_host: Option<bool>,
    /// Guests come in silent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mute_on_entry: Option<bool>,
    /// The host's camera is on at the start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host_video: Option<bool>,
    /// The guests' cameras are on at the start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guest_video: Option<bool>,
    /// Which ways of speaking are open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audio: Option<Audio>,
    /// Whether and where it is recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recording: Option<Recording>,
    /// End-to-end encryption.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub e2ee: Option<bool>,
    /// Vendor users who may open the room instead of the host, by their e-mail addresses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alternative_hosts: Option<Vec<String>>,
    /// Smaller rooms beside the room.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub breakout_rooms: Option<Vec<BreakoutRoom>>,
}

/// Two settings that no vendor can give together, or one that a private session cannot have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Conflict {
    /// End-to-end encryption leaves nothing for the vendor to record.
    #[error("a room with end-to-end encryption cannot be recorded in the cloud; choose one")]
    EncryptedRecording,
    /// A waiting room keeps everybody out until the host comes.
    #[error("a waiting room and joining before the host exclude each other; choose one")]
    WaitingRoomBeforeHost,
    /// Breakout rooms are not to be had with end-to-end encryption.
    #[error("a room with end-to-end encryption has no breakout rooms; choose one")]
    EncryptedBreakout,
    /// An encrypted room cannot be opened by a guest.
    #[error("a room with end-to-end encryption cannot be joined before the host; choose one")]
    EncryptedBeforeHost,
    /// Guests of a private session wait.
    #[error(
        "a private session has a waiting room; leave this out, or switch the private mode of the service off"
    )]
    PrivateWaitingRoom,
    /// Nobody guesses their way into a private session.
    #[error(
        "a private session has a passcode; leave this out, or switch the private mode of the service off"
    )]
    PrivatePasscode,
    /// The host sees who comes into a private session.
    #[error(
        "a private session cannot be joined before the host; leave this out, or switch the private mode of the service off"
    )]
    PrivateBeforeHost,
    /// Nothing is left of a private session.
    #[error(
        "a private session is not recorded; leave this out, or switch the private mode of the service off"
    )]
    PrivateRecording,
    /// The host of a private session sees everybody in it.
    #[error(
        "a private session has no breakout rooms; leave this out, or switch the private mode of the service off"
    )]
    PrivateBreakout,
}

impl Conflict {
    /// The member that should give way.
    #[must_use]
    pub const fn member(self) -> &'static str {
        match self {
            Self::EncryptedRecording | Self::PrivateRecording => "recording",
            Self::EncryptedBreakout | Self::PrivateBreakout => "breakout_rooms",
            Self::WaitingRoomBeforeHost | Self::EncryptedBeforeHost | Self::PrivateBeforeHost => {
                "join_before_host"
            }
            Self::PrivateWaitingRoom => "waiting_room",
            Self::PrivatePasscode => "passcode",
        }
    }
}

impl Settings {
    /// Everything in it that excludes something else in it.
    #[must_use]
    pub fn conflicts(&self) -> Vec<Conflict> {
        let mut found = Vec::new();
        if self.e2ee == Some(true) && self.recording == Some(Recording::Cloud) {
            found.push(Conflict::EncryptedRecording);
        }
        let has_breakout = self.breakout_rooms.as_ref().is_some_and(|it| !it.is_empty());
        if self.e2ee == Some(true) && has_breakout {
            found.push(Conflict::EncryptedBreakout);
        }
        if self.join_before_host == Some(true) {
            if self.waiting_room == Some(true) {
                found.push(Conflict::WaitingRoomBeforeHost);
            }
            if self.e2ee == Some(true) {
                found.push(Conflict::EncryptedBeforeHost);
            }
        }
        found
    }

    /// These settings, with `other`'s where these leave something open.
    #[must_use]
    pub fn or(self, other: &Self) -> Self {
        Self {
            waiting_room: self.waiting_room.or(other.waiting_room),
            passcode: self.passcode.or(other.passcode),
            join_before_host: self.join_before_host.or(other.join_before_host),
            mute_on_entry: self.mute_on_entry.or(other.mute_on_entry),
            host_video: self.host_video.or(other.host_video),
            guest_video: self.guest_video.or(other.guest_video),
            audio: self.audio.or(other.audio),
            recording: self.recording.or(other.recording),
            e2ee: self.e2ee.or(other.e2ee),
            alternative_hosts: self.alternative_hosts.or_else(|| other.alternative_hosts.clone()),
            breakout_rooms: self.breakout_rooms.or_else(|| other.breakout_rooms.clone()),
        }
    }

    /// What `shown` has otherwise than these ask for, as `shown` has it. What is not shown
    /// contradicts nothing.
    #[must_use]
    pub fn contradicted_by(&self, shown: &Self) -> Self {
        Self {
            waiting_room: other(self.waiting_room, shown.waiting_room),
            passcode: other(self.passcode, shown.passcode),
            join_before_host: other(self.join_before_host, shown.join_before_host),
            mute_on_entry: other(self.mute_on_entry, shown.mute_on_entry),
            host_video: other(self.host_video, shown.host_video),
            guest_video: other(self.guest_video, shown.guest_video),
            audio: other(self.audio, shown.audio),
            recording: other(self.recording, shown.recording),
            e2ee: other(self.e2ee, shown.e2ee),
            // Who may stand in is told apart from what the room does.
            alternative_hosts: None,
            breakout_rooms: other_rooms(
                self.breakout_rooms.as_deref(),
                shown.breakout_rooms.as_deref(),
            )
            .map(<[_]>::to_vec),
        }
    }

    /// These, without what `known` has just so.
    #[must_use]
    pub fn without(&self, known: &Self) -> Self {
        Self {
            waiting_room: unlike(self.waiting_room, known.waiting_room),
            passcode: unlike(self.passcode, known.passcode),
            join_before_host: unlike(self.join_before_host, known.join_before_host),
            mute_on_entry: unlike(self.mute_on_entry, known.mute_on_entry),
            host_video: unlike(self.host_video, known.host_video),
            guest_video: unlike(self.guest_video, known.guest_video),
            audio: unlike(self.audio, known.audio),
            recording: unlike(self.recording, known.recording),
            e2ee: unlike(self.e2ee, known.e2ee),
            alternative_hosts: unlike(
                self.alternative_hosts.clone(),
                known.alternative_hosts.clone(),
            ),
            breakout_rooms: unlike(self.breakout_rooms.clone(), known.breakout_rooms.clone()),
        }
    }

    /// Where a room with these `kept` otherwise lets more people in, or more out, than these
    /// demand: such a room is not used.
    #[must_use]
    pub fn breaches(&self, kept: &Self) -> Vec<Breach> {
        let mut found = Vec::new();
        let mut note = |broken: bool, breach: Breach| {
            if broken {
                found.push(breach);
            }
        };
        let is = |asked: Option<bool>, kept: Option<bool>, wanted: bool| {
            asked == Some(wanted) && kept == Some(!wanted)
        };
        note(is(self.waiting_room, kept.waiting_room, true), Breach::WaitingRoom);
        note(is(self.passcode, kept.passcode, true), Breach::Passcode);
        note(is(self.join_before_host, kept.join_before_host, false), Breach::JoinBeforeHost);
        note(is(self.e2ee, kept.e2ee, true), Breach::Encryption);
        let recorded = match (self.recording, kept.recording) {
            (Some(Recording::None), Some(Recording::Local | Recording::Cloud))
            | (Some(Recording::Local), Some(Recording::Cloud)) => true,
            (Some(_) | None, Some(_) | None) => false,
        };
        note(recorded, Breach::Recording);
        let apart = match (self.breakout_rooms.as_deref(), kept.breakout_rooms.as_deref()) {
            (Some([]), Some([_, ..])) => true,
            (Some(_) | None, Some(_) | None) => false,
        };
        note(apart, Breach::BreakoutRooms);
        found
    }
}

impl Settings {
    /// Which of these say something, in words.
    #[must_use]
    pub fn named(&self) -> Vec<&'static str> {
        [
            (self.waiting_room.is_some(), "waiting room"),
            (self.passcode.is_some(), "passcode"),
            (self.join_before_host.is_some(), "joining before the host"),
            (self.mute_on_entry.is_some(), "mute on entry"),
            (self.host_video.is_some(), "host\u{2019}s video"),
            (self.guest_video.is_some(), "guests\u{2019} video"),
            (self.audio.is_some(), "audio"),
            (self.recording.is_some(), "recording"),
            (self.e2ee.is_some(), "end-to-end encryption"),
            (self.alternative_hosts.is_some(), "alternative hosts"),
            (self.breakout_rooms.is_some(), "breakout rooms"),
        ]
        .into_iter()
        .filter_map(|(says, words)| says.then_some(words))
        .collect()
    }
}

/// What is said, unless it is said just so already.
fn unlike<T: PartialEq>(said: Option<T>, known: Option<T>) -> Option<T> {
    if said == known { None } else { said }
}

/// What is shown, if something else was asked.
fn other<T: PartialEq>(asked: Option<T>, shown: Option<T>) -> Option<T> {
    let asked = asked?;
    shown.filter(|shown| *shown != asked)
}

/// The rooms that are shown, if others were asked for. Vendors write the addresses in their own
/// letters, and name the people in any order.
fn other_rooms<'a>(
    asked: Option<&[BreakoutRoom]>,
    shown: Option<&'a [BreakoutRoom]>,
) -> Option<&'a [BreakoutRoom]> {
    let asked = asked?;
    shown.filter(|shown| {
        asked.len() != shown.len() || !asked.iter().zip(*shown).all(|(one, it)| one.is_like(it))
    })
}

/// A setting that keeps a session private, and that a vendor's account would not apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Breach {
    /// Guests would come in without the host's leave.
    WaitingRoom,
    /// Whoever guesses the number would come in.
    Passcode,
    /// Guests would be in the room without the host.
    JoinBeforeHost,
    /// The session would be recorded, or elsewhere than it may be.
    Recording,
    /// The vendor could listen.
    Encryption,
    /// Guests could be apart where the host does not see them.
    BreakoutRooms,
}

impl Breach {
    /// What the account does, in words that follow "Zoom".
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::WaitingRoom => "keeps the waiting room off",
            Self::Passcode => "gives no passcode",
            Self::JoinBeforeHost => "lets guests in before the host",
            Self::Recording => "records the session otherwise than is allowed",
            Self::Encryption => "does not encrypt from end to end",
            Self::BreakoutRooms => "keeps breakout rooms",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn breakout_rooms_are_alike_in_any_order_and_letters() {
        let rooms = |name: &str, people: &[&str]| Settings {
            breakout_rooms: Some(vec![BreakoutRoom {
                name: name.to_owned(),
                participants: people.iter().map(|it| (*it).to_owned()).collect(),
            }]),
            ..Settings::default()
        };
        let asked = rooms("Pairs", &["ana@x.example", "Ben@x.example"]);
        let same = rooms("Pairs", &["ben@x.example", "ANA@x.example"]);
        assert_eq!(asked.contradicted_by(&same), Settings::default());
        for other in [rooms("pairs", &["ana@x.example"]), rooms("Pairs", &["ana@x.example"])] {
            assert_eq!(asked.contradicted_by(&other), other);
        }
        assert_eq!(asked.contradicted_by(&Settings::default()), Settings::default());
    }
}
