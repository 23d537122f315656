//! A room's settings: how they are asked for, and what Zoom says they are.
//!
//! What the service does not ask for is not sent, so that it stays as the account has it. What Zoom
//! shows is read member by member: a member that is missing, null or of another type says nothing.

use roomkey_core::settings::{Audio, BreakoutRoom, Recording, Settings};
use serde_json::{Map, Value, json};

use super::hosts;

/// What every room of ours has: no personal number, which many sessions would share; no
/// registration; no mail by Zoom, for Roomkey writes its own.
pub(super) fn always() -> Map<String, Value> {
    let members = [
        ("use_pmi", json!(false)),
        ("approval_type", json!(2)),
        ("email_notification", json!(false)),
    ];
    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// What was asked, and nothing that was not: the rest is the account's own choice.
pub(super) fn asked(settings: &Settings) -> Map<String, Value> {
    let Settings {
        waiting_room,
        // Not one of Zoom's settings: it stands beside them, in the create alone.
        passcode: _,
        join_before_host,
        mute_on_entry,
        host_video,
        guest_video,
        audio,
        recording,
        e2ee,
        alternative_hosts,
        breakout_rooms,
    } = settings;
    let audio = audio.map(|it| match it {
        Audio::Both => "both",
        Audio::Telephony => "telephony",
        Audio::Voip => "voip",
    });
    let encryption = e2ee.map(|it| if it { "e2ee" } else { "enhanced_encryption" });
    // A recording that starts with the meeting would record guests who wait for the host.
    let join_before_host =
        join_before_host.or((*recording == Some(Recording::Cloud)).then_some(false));
    let recording = recording.map(|it| match it {
        Recording::None => "none",
        Recording::Local => "local",
        Recording::Cloud => "cloud",
    });
    let hosts = alternative_hosts.as_deref().map(hosts::joined);
    // Zoom would write to each of them; Roomkey's mails say all there is to say.
    let notify = hosts.as_ref().filter(|it| !it.is_empty()).map(|_| false);
    let members = [
        ("waiting_room", waiting_room.map(Value::from)),
        ("join_before_host", join_before_host.map(Value::from)),
        ("mute_upon_entry", mute_on_entry.map(Value::from)),
        ("host_video", host_video.map(Value::from)),
        ("participant_video", guest_video.map(Value::from)),
        ("audio", audio.map(Value::from)),
        ("auto_recording", recording.map(Value::from)),
        ("encryption_type", encryption.map(Value::from)),
        (ALTERNATIVE_HOSTS, hosts.map(Value::from)),
        (ALTERNATIVE_HOSTS_MAIL, notify.map(Value::from)),
        ("breakout_room", breakout_rooms.as_deref().map(breakout)),
    ];
    members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

const ALTERNATIVE_HOSTS: &str = "alternative_hosts";
const ALTERNATIVE_HOSTS_MAIL: &str = "alternative_hosts_email_notification";

/// Of what is asked, and of what every room has, all that Zoom shows otherwise.
pub(super) fn differing(wanted: &Settings, shown: &Map<String, Value>) -> Map<String, Value> {
    let mut differ = asked(wanted);
    differ.retain(|name, value| shown.get(name) != Some(value));
    let shows = seen(shown, None);
    if are_the_same_hosts(wanted.alternative_hosts.as_deref(), shows.alternative_hosts.as_deref()) {
        differ.remove(ALTERNATIVE_HOSTS);
    }
    // Mails go out when hosts are named, and only then.
    if !differ.contains_key(ALTERNATIVE_HOSTS) {
        differ.remove(ALTERNATIVE_HOSTS_MAIL);
    } else if let Some(silent) = asked(wanted).remove(ALTERNATIVE_HOSTS_MAIL) {
        differ.insert(ALTERNATIVE_HOSTS_MAIL.to_owned(), silent);
    }
    let shown_rooms = match shown.get("breakout_room") {
        None | Some(Value::Null) => Some(Vec::new()),
        Some(_) => shows.breakout_rooms,
    };
    if are_the_same_rooms(wanted.breakout_rooms.as_deref(), shown_rooms.as_deref()) {
        differ.remove("breakout_room");
    }
    differ.extend(
        always().into_iter().filter(|(name, it)| shown.get(name).is_some_and(|is| is != it)),
    );
    differ
}

/// What Zoom says the settings are.
pub(super) fn seen(shown: &Map<String, Value>, passcode: Option<bool>) -> Settings {
    let switch = |name: &str| shown.get(name).and_then(Value::as_bool);
    let word = |name: &str| shown.get(name).and_then(Value::as_str);
    Settings {
        waiting_room: switch("waiting_room"),
        passcode,
        join_before_host: switch("join_before_host"),
        mute_on_entry: switch("mute_upon_entry"),
        host_video: switch("host_video"),
        guest_video: switch("participant_video"),
        audio: match word("audio") {
            Some("both") => Some(Audio::Both),
            Some("telephony") => Some(Audio::Telephony),
            Some("voip") => Some(Audio::Voip),
            Some(_) | None => None,
        },
        recording: match word("auto_recording") {
            Some("none") => Some(Recording::None),
            Some("local") => Some(Recording::Local),
            Some("cloud") => Some(Recording::Cloud),
            Some(_) | None => None,
        },
        e2ee: match word("encryption_type") {
            Some("e2ee") => Some(true),
            Some("enhanced_encryption") => Some(false),
            Some(_) | None => None,
        },
        alternative_hosts: word(ALTERNATIVE_HOSTS).map(hosts::listed),
        breakout_rooms: shown.get("breakout_room").and_then(breakout_rooms),
    }
}

fn breakout(rooms: &[BreakoutRoom]) -> Value {
    if rooms.is_empty() {
        return json!({"enable": false});
    }
    let rooms: Vec<Value> = rooms
        .iter()
        .map(|room| json!({"name": room.name, "participants": room.participants}))
        .collect();
    json!({"enable": true, "rooms": rooms})
}

/// None, if they are switched off; not said, if they are switched on and not shown.
fn breakout_rooms(shown: &Value) -> Option<Vec<BreakoutRoom>> {
    if !shown.get("enable")?.as_bool()? {
        return Some(Vec::new());
    }
    let rooms: Option<Vec<BreakoutRoom>> =
        shown.get("rooms")?.as_array()?.iter().map(room).collect();
    rooms.filter(|it| !it.is_empty())
}

fn room(shown: &Value) -> Option<BreakoutRoom> {
    let people = shown.get("participants").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    Some(BreakoutRoom {
        name: shown.get("name")?.as_str()?.to_owned(),
        participants: people.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
    })
}

/// What Zoom does not show is taken to be empty: it leaves out what nobody has set.
fn are_the_same_hosts(wanted: Option<&[String]>, shown: Option<&[String]>) -> bool {
    wanted.is_some_and(|wanted| {
        hosts::same(&hosts::listed(&hosts::joined(wanted)), shown.unwrap_or_default())
    })
}

fn are_the_same_rooms(wanted: Option<&[BreakoutRoom]>, shown: Option<&[BreakoutRoom]>) -> bool {
    let Some(wanted) = wanted else { return true };
    match shown {
        None => false,
        Some(shown) => {
            wanted.len() == shown.len()
                && wanted.iter().zip(shown).all(|(one, other)| one.is_like(other))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(value: Value) -> Map<String, Value> {
        value.as_object().cloned().expect("an object")
    }

    fn breakout_of(rooms: &[(&str, &[&str])]) -> Vec<BreakoutRoom> {
        let people = |of: &[&str]| of.iter().map(|it| (*it).to_owned()).collect();
        rooms
            .iter()
            .map(|(name, of)| BreakoutRoom { name: (*name).to_owned(), participants: people(of) })
            .collect()
    }

    fn everything() -> Settings {
        Settings {
            waiting_room: Some(true),
            passcode: None,
            join_before_host: Some(false),
            mute_on_entry: Some(true),
            host_video: Some(true),
            guest_video: Some(false),
            audio: Some(Audio::Voip),
            recording: Some(Recording::Local),
            e2ee: Some(false),
            alternative_hosts: Some(vec!["ana@x.example".to_owned(), "ben@x.example".to_owned()]),
            breakout_rooms: Some(breakout_of(&[("Pairs", &["cleo@x.example"]), ("Quiet", &[])])),
        }
    }

    #[test]
    fn what_is_asked_is_what_is_seen() {
        let written = asked(&everything());
        assert_eq!(written[ALTERNATIVE_HOSTS], "ana@x.example;ben@x.example");
        assert_eq!(written[ALTERNATIVE_HOSTS_MAIL], false);
        assert_eq!(
            written["breakout_room"],
            json!({"enable": true, "rooms": [
                {"name": "Pairs", "participants": ["cleo@x.example"]},
                {"name": "Quiet", "participants": []},
            ]})
        );
        assert_eq!(seen(&written, None), everything());
        assert!(differing(&everything(), &written).is_empty());
        assert!(asked(&Settings::default()).is_empty());
        assert_eq!(seen(&Map::new(), Some(true)).passcode, Some(true));
        let none = Settings {
            alternative_hosts: Some(Vec::new()),
            breakout_rooms: Some(Vec::new()),
            ..Settings::default()
        };
        let written = asked(&none);
        assert_eq!(
            Value::Object(written.clone()),
            json!({"alternative_hosts": "", "breakout_room": {"enable": false}})
        );
        assert_eq!(seen(&written, None), none);
    }

    #[test]
    fn nobody_is_recorded_while_waiting_for_the_host() {
        let with = |recording, join_before_host| {
            asked(&Settings { recording, join_before_host, ..Settings::default() })
                .get("join_before_host")
                .cloned()
        };
        assert_eq!(with(Some(Recording::Cloud), None), Some(json!(false)));
        assert_eq!(with(Some(Recording::Cloud), Some(true)), Some(json!(true)), "it was asked for");
        assert_eq!(with(Some(Recording::Local), None), None, "the host's computer records");
        assert_eq!(with(None, None), None);
    }

    #[test]
    fn what_is_missing_or_strange_is_not_said() {
        for odd in [
            json!({}),
            json!({
                "waiting_room": null, "join_before_host": "yes", "mute_upon_entry": 1, "host_video": {},
                "participant_video": [], "audio": "thirdParty", "auto_recording": 7,
                "encryption_type": "quantum", "alternative_hosts": null, "breakout_room": [],
            }),
            json!({"audio": null, "breakout_room": {"enable": "on"}, "alternative_hosts": ["a@x"]}),
            json!({"breakout_room": {"enable": true}}),
            json!({"breakout_room": {"enable": true, "rooms": []}}),
            json!({"breakout_room": {"enable": true, "rooms": [{"participants": []}]}}),
        ] {
            assert_eq!(seen(&object(odd.clone()), None), Settings::default(), "{odd}");
        }
    }

    #[test]
    fn order_and_letters_make_no_difference() {
        let mut shown = asked(&everything());
        shown[ALTERNATIVE_HOSTS] = json!("Ben@X.example;ANA@x.example");
        shown[ALTERNATIVE_HOSTS_MAIL] = json!(true);
        shown["breakout_room"]["rooms"][0]["participants"] = json!(["CLEO@x.example"]);
        assert!(differing(&everything(), &shown).is_empty());
        shown[ALTERNATIVE_HOSTS] = json!("ana@x.example");
        assert_eq!(
            Value::Object(differing(&everything(), &shown)),
            json!({
                "alternative_hosts": "ana@x.example;ben@x.example",
                "alternative_hosts_email_notification": false,
            })
        );
        shown[ALTERNATIVE_HOSTS] = json!("ana@x.example;ben@x.example");
        shown["breakout_room"]["rooms"][0]["name"] = json!("Threes");
        assert_eq!(differing(&everything(), &shown).keys().collect::<Vec<_>>(), ["breakout_room"]);
    }

    #[test]
    fn what_nobody_has_set_is_none() {
        let none = Settings {
            alternative_hosts: Some(Vec::new()),
            breakout_rooms: Some(Vec::new()),
            ..Settings::default()
        };
        assert!(differing(&none, &Map::new()).is_empty());
        let shown = object(json!({"alternative_hosts": "", "breakout_room": {"enable": false}}));
        assert!(differing(&none, &shown).is_empty());
        let shown = object(json!({"breakout_room": {"enable": true}}));
        assert_eq!(differing(&none, &shown)["breakout_room"], json!({"enable": false}));
        let shown = object(json!({"alternative_hosts": "ana@x.example"}));
        assert_eq!(differing(&none, &shown)["alternative_hosts"], "");
    }
}
