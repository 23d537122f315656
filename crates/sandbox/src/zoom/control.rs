//! What tests may do to Zoom: add accounts, see everything, change something by hand.

use jiff::{SignedDuration, Timestamp};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value, json};
use url::Url;

use super::accounts::{Account, Plan};
use super::events;
use super::listing::is_listed;
use super::meetings::{self, Meeting};
use super::recordings;
use super::view::{self, StartLink};
use crate::clock::parse_duration;
use crate::world::World;

/// What is posted to add to an account, or to make one.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccountOrder {
    #[serde(rename = "vendor")]
    _vendor: String,
    account: String,
    #[serde(default)]
    users: Vec<UserOrder>,
    #[serde(default)]
    event_url: Option<Url>,
    #[serde(default)]
    webhook_secret: Option<String>,
    #[serde(default)]
    client_id: Option<String>,
    #[serde(default)]
    client_secret: Option<String>,
    #[serde(default)]
    disabled: Option<bool>,
    /// The account removes the app: its tokens are dead, and Zoom tells so.
    #[serde(default)]
    deauthorise: bool,
    #[serde(default)]
    scopes: Option<Vec<String>>,
    #[serde(default)]
    plan: Option<Plan>,
    #[serde(default)]
    concurrent: Option<usize>,
    #[serde(default)]
    timezone: Option<String>,
    #[serde(default)]
    tracking_fields: Option<Vec<String>>,
    #[serde(default)]
    hides_passcodes: Option<bool>,
    #[serde(default)]
    refuses_open_meetings: Option<bool>,
    /// How long a recording is processed: `10m`.
    #[serde(default, deserialize_with = "duration")]
    processing: Option<SignedDuration>,
    #[serde(default)]
    hides_recordings: Option<bool>,
    #[serde(default)]
    gives_download_tokens: Option<bool>,
    #[serde(default)]
    download_host: Option<Url>,
    #[serde(default)]
    refuses_passcodes: Option<bool>,
    #[serde(default)]
    hides_refused_hosts: Option<bool>,
    #[serde(default)]
    unknown_time_zones: Option<Vec<String>>,
    /// Defaults of a meeting's settings; `passcode` says whether one is required.
    #[serde(default)]
    settings: Map<String, Value>,
    /// Settings that requests cannot change.
    #[serde(default)]
    locked: Option<Vec<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct UserOrder {
    email: String,
    #[serde(default)]
    licensed: Option<bool>,
    #[serde(default)]
    may_host: Option<bool>,
}

fn duration<'de, D: Deserializer<'de>>(from: D) -> Result<Option<SignedDuration>, D::Error> {
    let text = Option::<String>::deserialize(from)?;
    let read = |text: String| {
        parse_duration(&text).ok_or_else(|| D::Error::custom("is no duration; write 5s, 3m or 2h"))
    };
    text.map(read).transpose()
}

/// What is posted to change a meeting at the vendor by hand.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MeetingOrder {
    #[serde(default)]
    patch: Option<Map<String, Value>>,
    #[serde(default)]
    delete: bool,
    /// Deleted for good: it cannot be brought back.
    #[serde(default)]
    purge: bool,
    #[serde(default)]
    status: Option<String>,
}

/// `POST /_sandbox/accounts` for Zoom.
pub(crate) fn account(world: &mut World, order: AccountOrder) -> Value {
    let now = world.clock.now();
    if world.zoom.account(&order.account).is_none() {
        let client_id = format!("client-{}", world.chance.word(12));
        let secret = world.chance.word(24);
        world.zoom.accounts.push(Account::new(&order.account, &client_id, &secret));
    }
    if order.disabled == Some(true) {
        world.zoom.forget_tokens(&order.account);
    }
    if order.deauthorise {
        world.zoom.forget_tokens(&order.account);
        events::deauthorised(world, &order.account);
    }
    let chance = &mut world.chance;
    let Some(account) = world.zoom.account_mut(&order.account) else {
        return Value::Null;
    };
    for user in &order.users {
        let known = account.user(&user.email).map(|user| user.licensed);
        let licensed = user.licensed.or(known).unwrap_or(true);
        account.add_user(chance, now, &user.email, licensed);
        let found =
            account.users.iter_mut().find(|known| known.email.eq_ignore_ascii_case(&user.email));
        if let (Some(found), Some(may_host)) = (found, user.may_host) {
            found.may_host = may_host;
        }
    }
    account.event_url = order.event_url.or(account.event_url.take());
    account.webhook_secret = order.webhook_secret.or(account.webhook_secret.take());
    replace(&mut account.client_id, order.client_id);
    replace(&mut account.client_secret, order.client_secret);
    replace(&mut account.disabled, order.disabled.or(order.deauthorise.then_some(true)));
    replace(&mut account.scopes, order.scopes);
    replace(&mut account.plan, order.plan);
    account.concurrent = order.concurrent.or(account.concurrent);
    replace(&mut account.timezone, order.timezone);
    replace(&mut account.tracking_fields, order.tracking_fields);
    replace(&mut account.hides_passcodes, order.hides_passcodes);
    replace(&mut account.refuses_open_meetings, order.refuses_open_meetings);
    replace(&mut account.processing, order.processing);
    replace(&mut account.hides_recordings, order.hides_recordings);
    replace(&mut account.gives_download_tokens, order.gives_download_tokens);
    account.download_host = order.download_host.or(account.download_host.take());
    replace(&mut account.refuses_passcodes, order.refuses_passcodes);
    replace(&mut account.hides_refused_hosts, order.hides_refused_hosts);
    replace(&mut account.unknown_time_zones, order.unknown_time_zones);
    for (name, value) in order.settings {
        if name == "passcode" {
            account.policy.require_passcode = value.as_bool().unwrap_or(true);
        } else {
            account.policy.defaults.insert(name, value);
        }
    }
    if let Some(locked) = order.locked {
        account.policy.locked = locked.into_iter().collect();
    }
    json!({
        "vendor": "zoom",
        "account": account.id,
        "client_id": account.client_id,
        "client_secret": account.client_secret,
        "users": users(account),
    })
}

fn replace<T>(place: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *place = value;
    }
}

fn users(account: &Account) -> Vec<Value> {
    account
        .users
        .iter()
        .map(|user| json!({"id": user.id, "email": user.email, "licensed": user.licensed}))
        .collect()
}

/// `POST /_sandbox/meetings/{id}` for Zoom: nothing is checked, as little as by a person with a mouse.
pub(crate) fn meeting(world: &mut World, id: i64, order: MeetingOrder) -> Result<Value, String> {
    let Some(meeting) = world.zoom.meetings.get(&id).cloned() else {
        return Err(format!("there is no meeting {id}"));
    };
    if let Some(patch) = order.patch {
        meetings::change(world, meeting, &patch);
    }
    match order.status.as_deref() {
        None => {}
        Some("started") => meetings::start(world, id),
        Some("waiting") => meetings::end(world, id),
        Some(other) => return Err(format!("status: {other:?} is neither started nor waiting")),
    }
    if order.delete || order.purge {
        meetings::remove(world, id);
    }
    if order.purge
        && let Some(meeting) = world.zoom.meetings.get(&id).cloned()
    {
        events::permanently_deleted(world, &meeting);
    }
    let now = world.clock.now();
    Ok(state_of(world, id, now).unwrap_or(Value::Null))
}

/// Zoom's part of `GET /_sandbox/state`.
pub(crate) fn state(world: &mut World, with_deleted: bool) -> Value {
    let now = world.clock.now();
    let ids: Vec<String> = world.zoom.accounts.iter().map(|account| account.id.clone()).collect();
    let accounts: Vec<Value> = ids
        .iter()
        .map(|account| {
            let numbers: Vec<i64> = world
                .zoom
                .meetings
                .values()
                .filter(|meeting| meeting.account == *account && shown(meeting, now, with_deleted))
                .map(|meeting| meeting.id)
                .collect();
            let meetings: Vec<Value> =
                numbers.into_iter().filter_map(|id| state_of(world, id, now)).collect();
            let users = world.zoom.account(account).map(users).unwrap_or_default();
            json!({"account": account, "users": users, "meetings": meetings})
        })
        .collect();
    json!({"accounts": accounts})
}

fn shown(meeting: &Meeting, now: Timestamp, with_deleted: bool) -> bool {
    with_deleted || meeting.exists(now)
}

fn state_of(world: &mut World, id: i64, now: Timestamp) -> Option<Value> {
    let mut body = view::meeting(world, id, StartLink::Last)?;
    let meeting = world.zoom.meetings.get(&id)?;
    body["deleted"] = json!(meeting.deleted_at.is_some());
    body["visible_in_list"] = json!(meeting.exists(now) && is_listed(meeting, now));
    body["starts"] = json!(meeting.starts);
    body["recordings"] = json!(recordings::state(world, meeting));
    let people: Vec<Value> = meeting
        .participants
        .iter()
        .map(|person| {
            json!({
                "id": person.id,
                "name": person.name,
                "email": person.email,
                "host": person.is_host,
                "place": person.place.word(),
            })
        })
        .collect();
    body["participants"] = json!(people);
    Some(body)
}

/// Zoom's part of the counts.
pub(crate) fn counts(world: &World) -> Value {
    let now = world.clock.now();
    let all = world.zoom.meetings.values();
    let existing = all.clone().filter(|meeting| meeting.exists(now)).count();
    let started = all
        .clone()
        .filter(|meeting| meeting.exists(now) && meeting.status == meetings::Status::Started)
        .count();
    let deleted = all.clone().filter(|meeting| meeting.deleted_at.is_some()).count();
    json!({"meetings": existing, "started": started, "deleted": deleted, "made": all.count()})
}
