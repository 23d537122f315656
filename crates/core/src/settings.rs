//! What a room must be like. What is left out is the account's own choice.

use serde::{Deserialize, Serialize};

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

/// Two settings that no vendor can give together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Conflict {
    /// End-to-end encryption leaves nothing for the vendor to record.
    #[error("a room with end-to-end encryption cannot be recorded in the cloud; choose one")]
    EncryptedRecording,
    /// A waiting room keeps everybody out until the host comes.
    #[error("a waiting room and joining before the host exclude each other; choose one")]
    WaitingRoomBeforeHost,
    /// An encrypted room cannot be opened by a guest.
    #[error("a room with end-to-end encryption cannot be joined before the host; choose one")]
    EncryptedBeforeHost,
}

impl Conflict {
    /// The member that should give way.
    #[must_use]
    pub const fn member(self) -> &'static str {
        match self {
            Self::EncryptedRecording => "recording",
            Self::WaitingRoomBeforeHost | Self::EncryptedBeforeHost => "join_before_host",
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
}
