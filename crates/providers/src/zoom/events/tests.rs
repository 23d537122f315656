//! Signatures against one computed elsewhere, and events as they were seen on the wire.

use super::*;

const BODY: &[u8] = b"{\"event\":\"meeting.started\"}";
const STAMP: &str = "1700000000";
/// Computed once with another implementation of HMAC-SHA256, with the secret `secret`.
const SIGNATURE: &str = "v0=43b97af2a3c75e4e49b4c34451b0a0a5b0ca0716eec5e9131d623204464cd61c";

fn at(seconds: i64) -> Instant {
    Instant::from_micros((1_700_000_000 + seconds) * 1_000_000)
}

fn secrets(words: &[&str]) -> Vec<SecretString> {
    words.iter().map(|it| SecretString::from(*it)).collect()
}

fn believed(words: &[&str], signature: Option<&str>, body: &[u8], now: Instant) -> Option<Refused> {
    verify(&secrets(words), signature, Some(STAMP), body, now).err()
}

#[test]
fn what_is_signed_in_time_is_believed_and_nothing_else() {
    let good = Some(SIGNATURE);
    assert_eq!(believed(&["secret"], good, BODY, at(0)), None);
    assert_eq!(believed(&["new", "secret"], good, BODY, at(0)), None, "the one before counts");
    assert_eq!(believed(&[], good, BODY, at(0)), Some(Refused::NoSecret));
    assert_eq!(believed(&["other"], good, BODY, at(0)), Some(Refused::Forged));
    assert_eq!(believed(&[""], good, BODY, at(0)), Some(Refused::Forged), "empty signs nothing");
    assert_eq!(believed(&["secret"], None, BODY, at(0)), Some(Refused::Unsigned));
    assert_eq!(believed(&["secret"], good, b"{}", at(0)), Some(Refused::Forged));
    for broken in ["", "v0=", "v0=zz", "v0=43b", "43b97af2", "v0=é"] {
        assert_eq!(believed(&["secret"], Some(broken), BODY, at(0)), Some(Refused::Forged));
    }
    let past = 3 * 60 * 60;
    assert_eq!(believed(&["secret"], good, BODY, at(past)), None);
    assert_eq!(believed(&["secret"], good, BODY, at(past + 1)), Some(Refused::Untimely));
    assert_eq!(believed(&["secret"], good, BODY, at(-300)), None);
    assert_eq!(believed(&["secret"], good, BODY, at(-301)), Some(Refused::Untimely));
}

#[test]
fn the_number_is_a_number_or_a_text() {
    for id in [json!(81234567890_i64), json!("81234567890")] {
        let body = json!({
            "event": "meeting.ended", "event_ts": 1_700_000_000_123_i64,
            "payload": {"account_id": "acc-1", "object": {
                "id": id, "uuid": "a/b==", "topic": "Álgebra com Ana", "end_time": "2023-11-14T22:13:20Z"}},
        });
        let event = read(body.to_string().as_bytes()).expect("an event");
        assert_eq!(event.meeting.as_deref(), Some("81234567890"));
        assert_eq!(event.instance.as_deref(), Some("a/b=="));
        assert_eq!(event.at, Some(Instant::from_micros(1_700_000_000_123_000)));
        assert!(matches!(event.news, News::Ended));
    }
}

#[test]
fn coming_and_going_name_the_same_visit_and_differ_as_events() {
    let told = |name: &str, member: &str, time: &str| {
        let body = json!({
            "event": name, "event_ts": 1_700_000_000_000_i64,
            "payload": {"account_id": "acc-1", "object": {"id": "8", "uuid": "u", "host_id": "h", "participant": {
                "user_id": "16778240", "user_name": "Ana", "id": "h", "participant_uuid": "p-1",
                "email": " Ana@Example.org", member: time}}},
        });
        read(body.to_string().as_bytes()).expect("an event")
    };
    let came = told("meeting.participant_joined", "join_time", "2023-11-14T22:13:20Z");
    let went = told("meeting.participant_left", "leave_time", "2023-11-14T22:14:20Z");
    let (News::Came(first), News::Went(second)) = (&came.news, &went.news) else {
        panic!("somebody came and went");
    };
    assert_eq!((&first.id, &first.name), (&second.id, &second.name));
    assert_eq!(first.email.as_deref(), Some("ana@example.org"));
    assert!(first.is_host, "it is the host's own Zoom user");
    assert_ne!(came.said, went.said);
    let later = told("meeting.participant_joined", "join_time", "2023-11-14T22:13:21Z");
    assert_ne!(came.said, later.said, "came again");
}

#[test]
fn what_is_no_event_is_none() {
    assert!(read(b"not json").is_none());
    assert!(read(b"{}").is_none());
    let odd = read(br#"{"event":"meeting.sharing_started","payload":[]}"#).expect("an event");
    assert!(matches!(odd.news, News::Other));
}
