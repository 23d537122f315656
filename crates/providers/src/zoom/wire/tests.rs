use roomkey_core::Zone;
use roomkey_core::route::{Place, Provider};
use roomkey_core::settings::{Audio, Recording, Settings};
use secrecy::ExposeSecret;

use crate::contract::Account;

use super::*;

const MARKER: &str = "rk-1-abc";

fn at(text: &str) -> Instant {
    text.parse().expect("an instant")
}

fn call() -> Call {
    Call {
        account: Account {
            connection: None,
            revision: 0,
            account: "acc-1".to_owned(),
            client_id: "client-1".to_owned(),
            client_secret: "secret-1".to_owned().into(),
        },
        place: Place {
            provider: Provider::Zoom,
            connection: None,
            account: "acc-1".to_owned(),
            user: "host@practice.example".to_owned(),
        },
        now: at("2026-11-30T12:00:00Z"),
        passcode: None,
    }
}

fn spec() -> Spec {
    Spec {
        topic: "Algebra with Ana".to_owned(),
        start: at("2026-12-01T15:00:00Z"),
        minutes: 60,
        time_zone: "Europe/Lisbon".parse().expect("a zone"),
        settings: Settings::default(),
        agenda: None,
    }
}

fn made() -> Value {
    let mut answer = creation(MARKER, &spec(), None);
    answer["id"] = json!(81_234_567_890_i64);
    answer["join_url"] = json!("https://vendor.example/j/81234567890?pwd=x");
    answer
}

fn meeting(answer: &Value) -> Meeting {
    read(answer).expect("a meeting")
}

#[test]
fn a_create_asks_for_what_was_asked_and_what_is_always() {
    assert_eq!(
        creation(MARKER, &spec(), None),
        json!({
            "topic": "Algebra with Ana",
            "type": 2,
            "start_time": "2026-12-01T15:00:00Z",
            "timezone": "Europe/Lisbon",
            "duration": 60,
            "agenda": "Arranged by Roomkey. Please keep this line: rk-1-abc",
            "settings": {"use_pmi": false, "approval_type": 2, "email_notification": false},
        })
    );
    let settings = Settings {
        waiting_room: Some(false),
        passcode: Some(true),
        join_before_host: Some(true),
        mute_on_entry: Some(true),
        host_video: Some(true),
        guest_video: Some(false),
        audio: Some(Audio::Voip),
        recording: Some(Recording::Cloud),
        e2ee: Some(false),
        ..Settings::default()
    };
    let body = creation(MARKER, &Spec { settings, ..spec() }, None);
    assert_eq!(body["default_password"], true);
    assert_eq!(
        body["settings"],
        json!({
            "use_pmi": false, "approval_type": 2, "email_notification": false,
            "waiting_room": false, "join_before_host": true, "mute_upon_entry": true,
            "host_video": true, "participant_video": false, "audio": "voip",
            "auto_recording": "cloud", "encryption_type": "enhanced_encryption",
        })
    );
}

/// The digits are UTC's and say so, on both sides of a change of the clocks.
#[test]
fn a_time_is_written_in_one_way() {
    for text in ["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", "2026-03-29T02:00:00Z"] {
        let spec = Spec { start: at(text), ..spec() };
        assert_eq!(creation(MARKER, &spec, None)["start_time"], text);
        let change = changes(&call(), MARKER, &spec, &meeting(&made()));
        let is_ahead = spec.start > call().now;
        assert_eq!(
            change.and_then(|it| it.get("start_time").cloned()),
            is_ahead.then(|| json!(text))
        );
    }
    assert_eq!(utc(at("2026-12-01T16:00:00.75+01:00")), "2026-12-01T15:00:00Z");
    assert_eq!(day(at("2026-12-01T00:30:00+01:00")), "2026-11-30");
}

#[test]
fn an_update_sends_what_differs() {
    let asks = |spec: &Spec, answer: &Value| changes(&call(), MARKER, spec, &meeting(answer));
    assert_eq!(asks(&spec(), &made()), None);

    let moved = Spec { start: at("2026-12-02T15:00:00Z"), ..spec() };
    assert_eq!(asks(&moved, &made()), Some(json!({"start_time": "2026-12-02T15:00:00Z"})));
    let other =
        Spec { topic: "Geometry".to_owned(), minutes: 45, time_zone: Zone::utc(), ..spec() };
    assert_eq!(
        asks(&other, &made()),
        Some(json!({"topic": "Geometry", "duration": 45, "timezone": "UTC"}))
    );
    let waiting =
        Settings { waiting_room: Some(true), passcode: Some(true), ..Settings::default() };
    assert_eq!(
        asks(&Spec { settings: waiting, ..spec() }, &made()),
        Some(json!({"settings": {"waiting_room": true}}))
    );

    let mut drifted = made();
    drifted["agenda"] = json!("Bring the book");
    drifted["settings"]["approval_type"] = json!(0);
    assert_eq!(
        asks(&spec(), &drifted),
        Some(json!({
            "agenda": "Arranged by Roomkey. Please keep this line: rk-1-abc\nBring the book",
            "settings": {"approval_type": 2},
        }))
    );
}

#[test]
fn an_agenda_is_sent_if_it_differs() {
    let with = |words: &str| Spec { agenda: Some(words.to_owned()), ..spec() };
    let asks = |spec: &Spec, shown: &str| {
        let mut answer = made();
        answer["agenda"] = json!(shown);
        changes(&call(), MARKER, spec, &meeting(&answer))
    };
    let line = "Arranged by Roomkey. Please keep this line: rk-1-abc";
    let whole = format!("{line}\nBring the book\nand a pen");
    let wanted = with("Bring the book\nand a pen");
    assert_eq!(creation(MARKER, &wanted, None)["agenda"], whole);
    assert_eq!(asks(&wanted, &whole), None);
    assert_eq!(asks(&wanted, &whole.replace('\n', " \r\n")), None);
    for shown in [line, "", "Bring the book\nand a pen", &format!("{whole}\nby hand")] {
        assert_eq!(asks(&wanted, shown), Some(json!({ "agenda": whole })), "{shown}");
    }
    // Without a wish a host's own words stay; with an empty one none do.
    assert_eq!(asks(&spec(), &whole), None);
    assert_eq!(asks(&with(""), &whole), Some(json!({ "agenda": line })));
    assert_eq!(asks(&with(""), line), None);
}

#[test]
fn only_number_and_link_are_needed() {
    let least = json!({"id": "81234567890", "join_url": "https://vendor.example/j/1"});
    let room = meeting(&least).room(&call(), Some(&spec()));
    assert_eq!(room.vendor_id, "81234567890");
    assert_eq!(room.number.as_deref(), Some("812 3456 7890"));
    assert_eq!(room.owner.as_deref(), Some("host@practice.example"));
    assert!(!room.seen.differs_from(&spec()), "what is not said contradicts nothing");

    let odd = json!({
        "id": 81_234_567_890_i64, "join_url": "https://vendor.example/j/1", "uuid": 7,
        "type": "new", "status": "asleep", "start_time": "soon", "duration": -3, "settings": [],
        "password": "", "topic": null,
    });
    let room = meeting(&odd).room(&call(), None);
    assert_ne!(room.seen.occupied, Some(true));
    assert!(room.passcode.is_none());

    for nothing in [
        json!(null),
        json!([]),
        json!({"id": 1}),
        json!({"join_url": "https://vendor.example/j/1"}),
        json!({"id": "", "join_url": "https://vendor.example/j/1"}),
        json!({"id": 1, "join_url": "javascript:alert(1)"}),
        json!({"id": 1, "join_url": "http://vendor.example/j/1"}),
    ] {
        assert!(read(&nothing).is_none(), "{nothing}");
    }
}

#[test]
fn a_reading_says_what_there_is() {
    let mut answer = made();
    answer["status"] = json!("started");
    answer["password"] = json!("123456");
    answer["uuid"] = json!("/a/b==");
    answer["host_email"] = json!("owner@practice.example");
    let room = meeting(&answer).room(&call(), None);
    assert_eq!(room.seen.occupied, Some(true));
    assert!(!room.seen.differs_from(&spec()));
    assert_eq!(room.seen.at, call().now);
    assert_eq!(room.passcode.expect("a passcode").expose_secret(), "123456");
    assert_eq!(room.instance.as_deref(), Some("/a/b=="));
    assert_eq!(room.owner.as_deref(), Some("owner@practice.example"));
}

#[test]
fn a_passcode_is_there_or_not_or_not_said() {
    let with = |join_url: &str, password: Value| {
        let mut answer = made();
        answer["join_url"] = json!(join_url);
        answer["password"] = password;
        meeting(&answer).room(&call(), None).seen.settings.passcode
    };
    let (bare, full) = ("https://vendor.example/j/1", "https://vendor.example/j/1?pwd=x");
    assert_eq!(with(bare, json!("123456")), Some(true));
    assert_eq!(with(full, json!("")), Some(true), "the link carries it");
    assert_eq!(with(full, json!(null)), Some(true));
    assert_eq!(with(bare, json!("")), Some(false));
    assert_eq!(with(bare, json!(null)), None, "some accounts keep it back");
    assert_eq!(with(bare, json!(123_456)), None);
    assert_eq!(with("https://vendor.example/j/1?pwd=", json!(null)), None);
    let mut answer = made();
    answer["join_url"] = json!(bare);
    answer["password"] = json!("");
    answer["encrypted_password"] = json!("x.1");
    assert_eq!(meeting(&answer).room(&call(), None).seen.settings.passcode, Some(true));
}

#[test]
fn a_personal_room_is_known_as_such() {
    let with = |change: fn(&mut Value)| {
        let mut answer = made();
        change(&mut answer);
        meeting(&answer).is_personal
    };
    assert!(!with(|_| {}));
    assert!(with(|it| it["type"] = json!(4)));
    assert!(with(|it| it["settings"]["use_pmi"] = json!(true)));
    assert!(!with(|it| it["pmi"] = json!("2000000000")), "the settings deny it");
    for pmi in [json!("2000000000"), json!(2_000_000_000_i64)] {
        let mut answer = made();
        answer["settings"] = json!({});
        answer["pmi"] = pmi;
        assert!(meeting(&answer).is_personal);
    }
    assert!(!with(|it| {
        it["settings"] = json!({});
        it["pmi"] = json!("");
    }));
}

#[test]
fn a_cut_topic_is_no_drift() {
    for topic in ["é".repeat(201), "x".repeat(5000), String::new()] {
        let spec = Spec { topic, ..spec() };
        let mut answer = made();
        answer["topic"] = creation(MARKER, &spec, None)["topic"].clone();
        assert!(answer["topic"].as_str().expect("a topic").chars().count() <= LONGEST_TOPIC);
        assert_eq!(changes(&call(), MARKER, &spec, &meeting(&answer)), None);
        let room = meeting(&answer).room(&call(), Some(&spec));
        assert!(!room.seen.differs_from(&spec));
    }
    let long = Spec { topic: "x".repeat(201), ..spec() };
    let mut answer = made();
    answer["topic"] = creation(MARKER, &long, None)["topic"].clone();
    assert_eq!(meeting(&answer).room(&call(), None).seen.topic, None);
    answer["topic"] = json!("Renamed by hand");
    let room = meeting(&answer).room(&call(), Some(&long));
    assert_eq!(room.seen.topic.as_deref(), Some("Renamed by hand"));
}

#[test]
fn numbers_are_written_as_people_read_them() {
    for (id, number) in [
        ("81234567890", "812 3456 7890"),
        ("8123456789", "812 345 6789"),
        ("812345678", "812 345 678"),
        ("12", "12"),
        ("not a number", "not a number"),
    ] {
        assert_eq!(spaced(id), number);
    }
}

#[test]
fn no_secret_is_printed() {
    let mut answer = made();
    answer["password"] = json!("sesame");
    answer["join_url"] = json!("https://vendor.example/j/1?pwd=sesame");
    answer["start_url"] = json!("https://vendor.example/s/1?zak=sesame");
    let printed = format!("{:?}", meeting(&answer));
    assert!(!printed.contains("sesame"), "{printed}");
    assert!(!format!("{:?}", meeting(&answer).room(&call(), None)).contains("sesame"));
}
