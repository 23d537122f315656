//! Accounts and the users in them.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Map, Value};
use url::Url;

use crate::chance::Chance;

/// Zoom takes about as long as the meeting lasted; here it is moments.
const PROCESSING: SignedDuration = SignedDuration::from_secs(2);

/// What an access token may be used for; the account's app has all of them unless told otherwise.
pub(crate) const SCOPES: [&str; 15] = [
    "cloud_recording:read:list_recording_files:admin",
    "meeting:write:meeting:admin",
    "meeting:read:meeting:admin",
    "meeting:read:list_meetings:admin",
    "meeting:update:meeting:admin",
    "meeting:delete:meeting:admin",
    "meeting:update:status:admin",
    "meeting:read:invitation:admin",
    "meeting:read:past_meeting:admin",
    "meeting:read:list_past_instances:admin",
    "meeting:read:list_past_participants:admin",
    "report:read:list_meeting_participants:admin",
    "user:read:user:admin",
    "user:read:list_users:admin",
    "user:read:settings:admin",
];

/// One account with its one server-to-server app.
#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) id: String,
    pub(crate) client_id: String,
    pub(crate) client_secret: String,
    /// The app has been deactivated: no tokens, and those that are out are dead.
    pub(crate) disabled: bool,
    pub(crate) scopes: Vec<String>,
    pub(crate) users: Vec<User>,
    pub(crate) plan: Plan,
    /// How many meetings one licensed user may run at a time, if not as many as the plan says.
    pub(crate) concurrent: Option<usize>,
    pub(crate) timezone: String,
    /// Tracking fields that the account has; others are refused.
    pub(crate) tracking_fields: Vec<String>,
    /// The account keeps passcodes out of its answers.
    pub(crate) hides_passcodes: bool,
    /// A meeting that asks for no passcode is refused instead of getting one without a word.
    pub(crate) refuses_open_meetings: bool,
    /// How long a recording is processed; the transcript takes twice as long.
    pub(crate) processing: SignedDuration,
    /// Whose app may list recordings and not read them: the role of whoever made it lacks that right.
    pub(crate) hides_recordings: bool,
    /// Lists of recordings bring a token for their files, if they are asked to.
    pub(crate) gives_download_tokens: bool,
    /// Where files are said to be when they are fetched, if not here.
    pub(crate) download_host: Option<Url>,
    /// Passcodes that requests bring are refused: they are not as the account's rules want them.
    pub(crate) refuses_passcodes: bool,
    /// The refusal of alternative hosts names nobody.
    pub(crate) hides_refused_hosts: bool,
    /// Zones of the IANA's that are not in Zoom's list.
    pub(crate) unknown_time_zones: Vec<String>,
    pub(crate) policy: Policy,
    pub(crate) event_url: Option<Url>,
    pub(crate) webhook_secret: Option<String>,
}

/// What the account pays for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Plan {
    Free,
    #[default]
    Pro,
    Business,
}

/// One user.
#[derive(Debug)]
pub(crate) struct User {
    pub(crate) id: String,
    pub(crate) email: String,
    pub(crate) licensed: bool,
    /// Taken away by an administrator: scheduling is refused.
    pub(crate) may_host: bool,
    pub(crate) pmi: i64,
    pub(crate) created_at: Timestamp,
}

/// What the account's administrators have set for everybody.
#[derive(Debug)]
pub(crate) struct Policy {
    /// Meetings get a passcode even if nobody chose one.
    pub(crate) require_passcode: bool,
    /// What a meeting has if the request does not say.
    pub(crate) defaults: Map<String, Value>,
    /// What a request cannot change; it is overridden without a word.
    pub(crate) locked: BTreeSet<String>,
}

impl Account {
    pub(crate) fn new(id: &str, client_id: &str, client_secret: &str) -> Self {
        Self {
            id: id.to_owned(),
            client_id: client_id.to_owned(),
            client_secret: client_secret.to_owned(),
            disabled: false,
            scopes: SCOPES.iter().map(|scope| (*scope).to_owned()).collect(),
            users: Vec::new(),
            plan: Plan::default(),
            concurrent: None,
            timezone: "UTC".to_owned(),
            tracking_fields: Vec::new(),
            hides_passcodes: false,
            refuses_open_meetings: false,
            processing: PROCESSING,
            hides_recordings: false,
            gives_download_tokens: true,
            download_host: None,
            refuses_passcodes: false,
            hides_refused_hosts: false,
            unknown_time_zones: Vec::new(),
            policy: Policy::default(),
            event_url: None,
            webhook_secret: None,
        }
    }

    /// Adds a user, or changes the licence of one that is there.
    pub(crate) fn add_user(
        &mut self,
        chance: &mut Chance,
        now: Timestamp,
        email: &str,
        licensed: bool,
    ) {
        if let Some(user) = self.users.iter_mut().find(|user| user.email == email) {
            user.licensed = licensed;
            return;
        }
        self.users.push(User {
            id: chance.word(22),
            email: email.to_owned(),
            licensed,
            may_host: true,
            pmi: chance.between(2_000_000_000, 9_999_999_999),
            created_at: now,
        });
    }

    /// By id, or by address without regard to case.
    pub(crate) fn user(&self, id_or_email: &str) -> Option<&User> {
        self.users
            .iter()
            .find(|user| user.id == id_or_email || user.email.eq_ignore_ascii_case(id_or_email))
    }

    /// How many meetings this user may run at a time.
    pub(crate) fn runs_at_a_time(&self, user: &User) -> usize {
        let by_plan = match self.plan {
            Plan::Free | Plan::Pro => 1,
            Plan::Business => 2,
        };
        if user.licensed { self.concurrent.unwrap_or(by_plan) } else { 1 }
    }

    /// Whose the account is: the one whom a server-to-server token stands for.
    pub(crate) fn owner(&self) -> Option<&User> {
        self.users.first()
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self { require_passcode: true, defaults: default_settings(), locked: BTreeSet::new() }
    }
}

/// A meeting's settings, in full, as Zoom fills them in.
fn default_settings() -> Map<String, Value> {
    serde_json::from_str(include_str!("default_settings.json")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_filled_in() {
        assert_eq!(default_settings()["approval_type"], 2);
    }
}
