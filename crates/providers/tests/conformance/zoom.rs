//! What goes wrong at Zoom, and what it must mean.

use std::sync::Arc;
use std::time::Duration;

use roomkey_core::failure::{Failure, ThrottleScope};
use roomkey_core::room::Spec;
use roomkey_core::settings::{Audio, BreakoutRoom, Recording, Settings};
use roomkey_providers::contract::{Account, Call};
use roomkey_providers::zoom::ZoomAddresses;
use roomkey_providers::{Addresses, Http, Providers};
use secrecy::ExposeSecret;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::subject::{HOST, Subject, failed};

const CREATE: &str = "POST /zoom/v2/users/*/meetings";
const MEETING: &str = "/zoom/v2/meetings/*";

#[tokio::test]
async fn a_create_whose_answer_is_lost_is_unknown_and_found_once() {
    for (fault, made) in
        [("fail_after_effect", 1), ("reset_after", 1), ("reset_before", 0), ("500", 0)]
    {
        let subject = Subject::zoom().await;
        let vendor = subject.vendor();
        vendor.fault(json!({"match": CREATE, "fault": fault, "times": 1})).await;
        let answer = subject.provider().create(&subject.call, "rk-1-a", &subject.spec()).await;
        assert_eq!(failed(&answer).0, "unknown", "{fault}");
        assert_eq!(vendor.count("POST /zoom/v2").await, 1, "{fault}: nothing is repeated");
        assert_eq!(vendor.meetings().await.len(), made, "{fault}");
        assert_eq!(subject.found("rk-1-a").await.len(), made, "{fault}");
        subject.stop().await;
    }
}

#[tokio::test]
async fn web_pages_instead_of_answers_are_unknown_too() {
    let subject = Subject::zoom().await;
    let vendor = subject.vendor();
    vendor.fault(json!({"match": CREATE, "fault": "outage", "form": "html", "times": 1})).await;
    let answer = subject.provider().create(&subject.call, "rk-1-a", &subject.spec()).await;
    assert_eq!(failed(&answer).0, "unknown");
    assert_eq!(answer.trace.status, Some(502));
    subject.stop().await;
}

#[tokio::test]
async fn a_call_that_hangs_ends_by_itself() {
    let subject = Subject::zoom_within(Duration::from_millis(1500)).await;
    let vendor = subject.vendor();
    let made = subject.made("rk-1-a").await;
    vendor.fault(json!({"match": "* /zoom/v2/*", "fault": "hang"})).await;
    let (call, provider, spec) = (&subject.call, subject.provider(), subject.spec());
    let (create, retire, read, find) = tokio::join!(
        provider.create(call, "rk-1-b", &spec),
        provider.retire(call, &made.vendor_id),
        provider.inspect(call, &made.vendor_id),
        provider.find(call, "rk-1-a", &spec),
    );
    assert_eq!(failed(&create), ("unknown", "zoom_no_answer".to_owned()));
    assert_eq!(failed(&retire), ("unknown", "zoom_no_answer".to_owned()));
    assert_eq!(failed(&read), ("transient", "zoom_no_answer".to_owned()));
    assert_eq!(failed(&find), ("transient", "zoom_no_answer".to_owned()));
    vendor.no_faults().await;
    subject.stop().await;
}

#[tokio::test]
async fn a_sign_in_that_hangs_has_touched_no_room() {
    let subject = Subject::zoom_within(Duration::from_millis(1500)).await;
    let vendor = subject.vendor();
    vendor.fault(json!({"match": "POST /zoom/oauth/token", "fault": "hang"})).await;
    let answer = subject.provider().create(&subject.call, "rk-1-a", &subject.spec()).await;
    assert_eq!(failed(&answer).0, "transient");
    vendor.no_faults().await;
    assert!(vendor.meetings().await.is_empty());
    subject.stop().await;
}

#[tokio::test]
async fn without_a_connection_nothing_was_done() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let closed = listener.local_addr().expect("an address");
    drop(listener);
    let here = |path: &str| format!("http://{closed}{path}").parse().expect("an address");
    let subject = Subject::zoom().await;
    let addresses = ZoomAddresses {
        token_url: here("/oauth/token"),
        api_root: here("/v2"),
        ..ZoomAddresses::default()
    };
    let http = Http::new(Duration::from_secs(5)).expect("a client");
    let nowhere = Providers::new(http, Addresses { zoom: addresses });
    let provider = nowhere.get(subject.which);
    let answer = provider.create(&subject.call, "rk-1-a", &subject.spec()).await;
    assert_eq!(failed(&answer), ("transient", "zoom_unreachable".to_owned()));
    assert_eq!((answer.trace.status, answer.trace.requests), (None, 1));
    subject.stop().await;
}

#[tokio::test]
async fn a_late_effect_is_found_later() {
    let subject = Subject::zoom().await;
    let vendor = subject.vendor();
    let fault = json!({"match": CREATE, "fault": "late_effect", "times": 1, "delay": "1h"});
    vendor.fault(fault).await;
    let answer = subject.provider().create(&subject.call, "rk-1-a", &subject.spec()).await;
    assert_eq!(failed(&answer).0, "unknown");
    assert!(subject.found("rk-1-a").await.is_empty());
    vendor.advance("61m").await;
    // The token has run out meanwhile: it is renewed, and the look repeated.
    assert_eq!(subject.found("rk-1-a").await.len(), 1);
    subject.stop().await;
}

#[tokio::test]
async fn what_is_listed_late_can_be_read_at_once() {
    let subject = Subject::zoom().await;
    let vendor = subject.vendor();
    vendor.fault(json!({"match": CREATE, "fault": "list_lag", "delay": "20m"})).await;
    let made = subject.made("rk-1-a").await;
    assert!(subject.found("rk-1-a").await.is_empty());
    let read = subject.provider().inspect(&subject.call, &made.vendor_id).await;
    assert_eq!(read.result.expect("a room").vendor_id, made.vendor_id);
    vendor.no_faults().await;
    vendor.advance("21m").await;
    assert_eq!(subject.found("rk-1-a").await.len(), 1);
    subject.stop().await;
}

#[tokio::test]
async fn all_pages_are_looked_through() {
    let subject = Subject::zoom().await;
    let provider = subject.provider();
    let later =
        Spec { start: subject.spec().start.plus(Duration::from_secs(3600)), ..subject.spec() };
    let made = provider.create(&subject.call, "rk-1-last", &later).await.result.expect("a room");
    for number in 0..300 {
        subject.made(&format!("rk-1-{number}")).await;
    }
    let found = subject.found("rk-1-last").await;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].vendor_id, made.vendor_id);
    assert_eq!(subject.vendor().count("GET /zoom/v2/users").await, 2);
    subject.stop().await;
}

#[tokio::test]
async fn of_two_with_one_marker_the_older_comes_first() {
    let subject = Subject::zoom().await;
    let first = subject.made("rk-1-a").await;
    subject.vendor().advance("2s").await;
    let second = subject.made("rk-1-a").await;
    let ids: Vec<_> = subject.found("rk-1-a").await.into_iter().map(|it| it.vendor_id).collect();
    assert_eq!(ids, [first.vendor_id, second.vendor_id]);
    subject.stop().await;
}

#[tokio::test]
async fn a_change_whose_answer_is_lost_is_unknown() {
    let subject = Subject::zoom().await;
    let (vendor, provider, call) = (subject.vendor(), subject.provider(), &subject.call);
    let made = subject.made("rk-1-a").await;
    let wanted = Spec { minutes: 45, ..subject.spec() };
    let id = made.vendor_id.as_str();
    for fault in ["reset_before", "fail_after_effect"] {
        vendor
            .fault(json!({"match": format!("PATCH {MEETING}"), "fault": fault, "times": 1}))
            .await;
        let answer = provider.update(call, id, "rk-1-a", &wanted).await;
        assert_eq!(failed(&answer).0, "unknown", "{fault}");
    }
    // The change has been made meanwhile, so it is not asked for again.
    let again = provider.update(call, id, "rk-1-a", &wanted).await;
    assert_eq!(again.result.expect("a room").seen.minutes, Some(45));
    assert_eq!(vendor.count("PATCH").await, 2);
    for fault in ["reset_before", "fail_after_effect"] {
        vendor
            .fault(json!({"match": format!("DELETE {MEETING}"), "fault": fault, "times": 1}))
            .await;
        assert_eq!(failed(&provider.retire(call, id).await).0, "unknown", "{fault}");
    }
    provider.retire(call, id).await.result.expect("it is gone, which is as good as removed");
    subject.stop().await;
}

#[tokio::test]
async fn a_change_that_cannot_be_read_back_is_unknown() {
    let subject = Subject::zoom().await;
    let (vendor, provider) = (subject.vendor(), subject.provider());
    let made = subject.made("rk-1-a").await;
    let wanted = Spec { minutes: 45, ..subject.spec() };
    // The first reading draws the harmless fault, the second the other.
    let read = format!("GET {MEETING}");
    vendor.fault(json!({"match": read, "fault": "slow", "times": 1, "delay": "0s"})).await;
    vendor.fault(json!({"match": read, "fault": "500", "times": 1})).await;
    let answer = provider.update(&subject.call, &made.vendor_id, "rk-1-a", &wanted).await;
    assert_eq!(failed(&answer), ("unknown", "zoom_trouble".to_owned()));
    assert_eq!(vendor.meetings().await[0]["duration"], 45);
    subject.stop().await;
}

#[tokio::test]
async fn a_refused_token_is_renewed_once() {
    let subject = Subject::zoom().await;
    let (vendor, provider) = (subject.vendor(), subject.provider());
    vendor.fault(json!({"match": "* /zoom/v2/*", "fault": "401", "times": 1})).await;
    let answer = provider.create(&subject.call, "rk-1-a", &subject.spec()).await;
    assert!(answer.result.is_ok());
    assert_eq!(answer.trace.requests, 4, "token, create, token, create");
    assert_eq!(vendor.meetings().await.len(), 1);

    vendor.fault(json!({"match": "* /zoom/v2/*", "fault": "401", "form": "expired"})).await;
    let answer = provider.create(&subject.call, "rk-1-b", &subject.spec()).await;
    assert_eq!(failed(&answer), ("needs_reconnect", "zoom_token_refused".to_owned()));
    assert_eq!(answer.trace.requests, 3, "create, token, create");
    assert_eq!(answer.trace.code.as_deref(), Some("124"));
    assert_eq!(vendor.meetings().await.len(), 1);
    subject.stop().await;
}

#[tokio::test]
async fn many_calls_at_once_sign_in_once() {
    let subject = Subject::zoom().await;
    let Subject { which, providers, call, vendor } = subject;
    let providers = Arc::new(providers);
    let spec = Spec {
        topic: "Algebra".to_owned(),
        start: call.now.plus(Duration::from_secs(86_400)),
        minutes: 60,
        time_zone: roomkey_core::Zone::utc(),
        settings: Settings::default(),
        agenda: None,
    };
    let mut calls = JoinSet::new();
    for number in 0..20 {
        let (providers, call, spec) = (Arc::clone(&providers), call.clone(), spec.clone());
        calls.spawn(async move {
            let marker = format!("rk-1-{number}");
            providers.get(which).create(&call, &marker, &spec).await.result.is_ok()
        });
    }
    assert!(calls.join_all().await.into_iter().all(|made| made));
    let vendor = vendor.expect("a vendor");
    assert_eq!(vendor.count("POST /zoom/oauth/token").await, 1);
    assert_eq!(vendor.meetings().await.len(), 20);
}

/// Fifty calls whose token has run out: on our clock, so that it is renewed ahead, and on Zoom's, so
/// that each of them is told so. One sign-in, and no failure, both times.
#[tokio::test]
async fn fifty_calls_with_a_dead_token_sign_in_once() {
    for known_to_us in [true, false] {
        let subject = Subject::zoom().await;
        let made = subject.made("rk-1-a").await;
        let Subject { which, providers, mut call, vendor } = subject;
        let vendor = vendor.expect("a vendor");
        vendor.advance("61m").await;
        if known_to_us {
            call.now = call.now.plus(Duration::from_secs(61 * 60));
        }
        let providers = Arc::new(providers);
        let mut calls = JoinSet::new();
        for _ in 0..50 {
            let (providers, call) = (Arc::clone(&providers), call.clone());
            let id = made.vendor_id.clone();
            calls.spawn(
                async move { providers.get(which).inspect(&call, &id).await.result.is_ok() },
            );
        }
        assert!(calls.join_all().await.into_iter().all(|seen| seen));
        assert_eq!(vendor.count("POST /zoom/oauth/token").await, 2, "the first, and one more");
        let refused = vendor.count("GET /zoom/v2/meetings").await - 50;
        assert!(if known_to_us { refused == 0 } else { refused > 0 }, "{refused}");
    }
}

#[tokio::test]
async fn bad_credentials_need_a_person() {
    let subject = Subject::zoom().await;
    let (vendor, provider) = (subject.vendor(), subject.provider());
    let with = |change: fn(&mut Account)| {
        let mut call = subject.call.clone();
        call.account.revision += 1;
        change(&mut call.account);
        call
    };
    let cases: [(Call, &str); 2] = [
        (with(|it| it.client_secret = "old".to_owned().into()), "zoom_secret_refused"),
        (with(|it| "acc-9".clone_into(&mut it.account)), "zoom_account_refused"),
    ];
    for (call, code) in cases {
        let answer = provider.create(&call, "rk-1-a", &subject.spec()).await;
        assert_eq!(failed(&answer), ("needs_reconnect", code.to_owned()));
        assert_eq!(answer.trace.requests, 1);
        let checked = provider.check(&call).await;
        assert_eq!(failed(&checked), ("needs_reconnect", code.to_owned()));
    }
    // Good ones, that were kept, and an app that is switched off meanwhile.
    subject.made("rk-1-b").await;
    vendor.account(json!({"disabled": true})).await;
    let answer = provider.create(&subject.call, "rk-1-c", &subject.spec()).await;
    assert_eq!(failed(&answer), ("needs_reconnect", "zoom_app_disabled".to_owned()));
    let checked = provider.check(&subject.call).await;
    assert_eq!(failed(&checked), ("needs_reconnect", "zoom_app_disabled".to_owned()));
    vendor.account(json!({"disabled": false})).await;
    subject.made("rk-1-d").await;
    subject.stop().await;
}

#[tokio::test]
async fn a_missing_scope_is_named_and_nothing_is_called_removed() {
    let subject = Subject::zoom().await;
    let (vendor, provider, call) = (subject.vendor(), subject.provider(), &subject.call);
    let scopes = ["write:meeting", "read:meeting", "read:list_meetings", "update:meeting"]
        .map(|it| format!("meeting:{it}:admin"));
    vendor.account(json!({"scopes": scopes})).await;
    let made = subject.made("rk-1-a").await;
    let retired = provider.retire(call, &made.vendor_id).await;
    let checked = provider.check(call).await;
    for answer in [retired, checked] {
        assert_eq!(failed(&answer), ("needs_reconnect", "zoom_scopes_missing".to_owned()));
        let message = answer.result.expect_err("refused").reason().message;
        assert!(message.contains("meeting:delete:meeting:admin"), "{message}");
    }
    assert_eq!(vendor.meetings().await.len(), 1);
    subject.stop().await;
}

#[tokio::test]
async fn users_who_are_unknown_or_may_not_host_are_told_apart() {
    let subject = Subject::zoom().await;
    let provider = subject.provider();
    let mut stranger = subject.call.clone();
    stranger.place.user = "stranger@elsewhere.example".to_owned();
    let answer = provider.create(&stranger, "rk-1-a", &subject.spec()).await;
    assert_eq!(failed(&answer), ("unknown_user", "zoom_user_unknown".to_owned()));
    assert_eq!(failed(&provider.check(&stranger).await).0, "unknown_user");
    let found = provider.find(&stranger, "rk-1-a", &subject.spec()).await;
    assert!(found.result.expect("an answer").is_empty(), "who is not there has no meetings");

    let order = json!({"users": [{"email": HOST, "may_host": false}]});
    subject.vendor().account(order).await;
    let answer = provider.create(&subject.call, "rk-1-a", &subject.spec()).await;
    assert_eq!(failed(&answer), ("rejected", "zoom_user_may_not_host".to_owned()));
    subject.stop().await;
}

#[tokio::test]
async fn throttles_say_for_whom_and_until_when() {
    let subject = Subject::zoom().await;
    let (vendor, provider, call) = (subject.vendor(), subject.provider(), &subject.call);
    for (form, scope, until_tomorrow) in [
        ("qps", ThrottleScope::Account, false),
        ("concurrent", ThrottleScope::User, false),
        ("daily", ThrottleScope::Account, true),
        ("user_daily", ThrottleScope::User, true),
    ] {
        let fault = json!({"match": CREATE, "fault": "429", "form": form, "times": 1});
        vendor.fault(fault).await;
        let answer = provider.create(call, "rk-1-a", &subject.spec()).await;
        let Err(Failure::Throttled { until, scope: said, .. }) = answer.result else {
            panic!("{form}: {:?}", answer.result);
        };
        assert_eq!(said, scope, "{form}");
        assert!(until > call.now, "{form}");
        let tomorrow = call.now.next_utc_day();
        assert_eq!(until >= tomorrow, until_tomorrow, "{form}: {until}");
    }
    assert!(vendor.meetings().await.is_empty());
    subject.stop().await;
}

#[tokio::test]
async fn a_room_with_people_in_it_is_not_removed() {
    let subject = Subject::zoom().await;
    let (vendor, provider, call) = (subject.vendor(), subject.provider(), &subject.call);
    let made = subject.made("rk-1-a").await;
    vendor.by_hand(&made.vendor_id, json!({"status": "started"})).await;
    let read = provider.inspect(call, &made.vendor_id).await.result.expect("a room");
    assert_eq!(read.seen.occupied, Some(true));
    let retired = provider.retire(call, &made.vendor_id).await;
    assert_eq!(retired.result, Err(Failure::Occupied));
    vendor.by_hand(&made.vendor_id, json!({"status": "waiting"})).await;
    provider.retire(call, &made.vendor_id).await.result.expect("removed");
    subject.stop().await;
}

#[tokio::test]
async fn what_a_host_changes_by_hand_is_put_right() {
    let subject = Subject::zoom().await;
    let (vendor, provider, call) = (subject.vendor(), subject.provider(), &subject.call);
    let made = subject.made("rk-1-a").await;
    let patch = json!({"topic": "Mine", "agenda": "Bring the book"});
    vendor.by_hand(&made.vendor_id, json!({"patch": patch})).await;
    assert!(subject.found("rk-1-a").await.is_empty(), "the marker is gone");
    let seen = provider.inspect(call, &made.vendor_id).await.result.expect("a room").seen;
    assert!(seen.differs_from(&subject.spec()));
    let spec = subject.spec();
    let mended = provider.update(call, &made.vendor_id, "rk-1-a", &spec).await;
    assert!(!mended.result.expect("a room").seen.differs_from(&spec));
    assert_eq!(subject.found("rk-1-a").await.len(), 1);
    let agenda = vendor.meetings().await[0]["agenda"].clone();
    assert!(agenda.as_str().expect("an agenda").ends_with("\nBring the book"), "{agenda}");
    subject.stop().await;
}

#[tokio::test]
async fn passcodes_are_zooms_own_and_may_be_kept_back() {
    let subject = Subject::zoom().await;
    let (vendor, provider, call) = (subject.vendor(), subject.provider(), &subject.call);
    let with = |passcode| Spec {
        settings: Settings { passcode: Some(passcode), ..Settings::default() },
        ..subject.spec()
    };
    let made = provider.create(call, "rk-1-a", &with(true)).await.result.expect("a room");
    let passcode = made.passcode.expect("a passcode");
    assert_eq!(vendor.meetings().await[0]["password"], passcode.expose_secret());
    let open = provider.create(call, "rk-1-b", &with(false)).await.result.expect("a room");
    assert!(open.passcode.is_none());
    vendor.account(json!({"hides_passcodes": true})).await;
    let hidden = provider.create(call, "rk-1-c", &with(true)).await.result.expect("a room");
    assert!(hidden.passcode.is_none());
    subject.stop().await;
}

#[tokio::test]
async fn a_room_is_reached_by_telephone_and_from_conference_devices_as_the_account_has_it() {
    let subject = Subject::zoom().await;
    let (vendor, provider, call) = (subject.vendor(), subject.provider(), &subject.call);
    let made = subject.made("rk-1-a").await;
    let numbers = made.dial_in.expect("numbers");
    assert_eq!(
        (numbers[0].number.as_str(), numbers[0].label.as_deref(), numbers[0].toll_free),
        ("+351 000 000 000", Some("Lisbon, Portugal"), Some(false))
    );
    let theirs = &vendor.meetings().await[0];
    let digits = made.phone_passcode.expect("a passcode for telephones");
    assert_eq!(theirs["pstn_password"], digits.expose_secret());
    let sip = made.sip.expect("an address for devices");
    assert_eq!(sip.address, format!("{}@zoomcrc.com", made.vendor_id));
    assert_eq!(theirs["h323_password"], sip.passcode.expose_secret());

    let with = |settings| Spec { settings, ..subject.spec() };
    let silent = with(Settings { audio: Some(Audio::Voip), ..Settings::default() });
    let room = provider.create(call, "rk-1-b", &silent).await.result.expect("a room");
    assert_eq!(room.dial_in, Some(Vec::new()), "nobody can call there");
    let open = with(Settings { passcode: Some(false), ..Settings::default() });
    let room = provider.create(call, "rk-1-c", &open).await.result.expect("a room");
    assert!(room.phone_passcode.is_none() && room.sip.is_none());
    assert!(room.dial_in.is_some_and(|it| !it.is_empty()));
    vendor.account(json!({"settings": {"global_dial_in_numbers": null}})).await;
    assert_eq!(subject.made("rk-1-d").await.dial_in, None, "nothing is said");
    subject.stop().await;
}

#[tokio::test]
async fn words_that_are_too_long_are_cut_and_no_drift() {
    let subject = Subject::zoom().await;
    let (provider, call) = (subject.provider(), &subject.call);
    let spec = Spec { topic: "\u{1f469}\u{200d}\u{1f3eb} ".repeat(200), ..subject.spec() };
    let made = provider.create(call, "rk-1-a", &spec).await.result.expect("a room");
    assert!(!made.seen.differs_from(&spec));
    let read = provider.inspect(call, &made.vendor_id).await.result.expect("a room");
    assert!(!read.seen.differs_from(&spec));
    provider.update(call, &made.vendor_id, "rk-1-a", &spec).await.result.expect("a room");
    assert_eq!(subject.vendor().count("PATCH").await, 0);
    subject.stop().await;
}

#[tokio::test]
async fn settings_are_read_back_as_zoom_has_them() {
    let subject = Subject::zoom().await;
    let (vendor, provider, call) = (subject.vendor(), subject.provider(), &subject.call);
    let wanted = Settings {
        waiting_room: Some(false),
        passcode: Some(true),
        join_before_host: Some(true),
        mute_on_entry: Some(true),
        host_video: Some(true),
        guest_video: Some(true),
        audio: Some(Audio::Voip),
        recording: Some(Recording::Local),
        e2ee: Some(false),
        alternative_hosts: Some(vec!["seat1@practice.example".to_owned()]),
        breakout_rooms: Some(vec![BreakoutRoom {
            name: "Pairs".to_owned(),
            participants: vec!["ana@example.org".to_owned()],
        }]),
    };
    let spec = Spec { settings: wanted.clone(), ..subject.spec() };
    let made = provider.create(call, "rk-1-a", &spec).await.result.expect("a room");
    assert_eq!(made.seen.settings, wanted);
    let id = made.vendor_id.as_str();
    let read = provider.inspect(call, id).await.result.expect("a room");
    assert_eq!(read.seen.settings, wanted);
    assert_eq!(subject.found("rk-1-a").await[0].seen.settings, wanted);
    let same = provider.update(call, id, "rk-1-a", &spec).await;
    assert_eq!(
        (same.trace.writes, same.result.expect("a room").seen.settings),
        (0, wanted.clone())
    );

    // The account's administrators insist on a waiting room: Zoom takes ours and has it otherwise.
    let locks = json!({"settings": {"waiting_room": true}, "locked": ["waiting_room"]});
    vendor.account(locks).await;
    let spec = Spec { minutes: 45, ..spec };
    let moved = provider.update(call, id, "rk-1-a", &spec).await.result.expect("a room");
    assert_eq!(moved.seen.settings.waiting_room, Some(true));
    assert_eq!(moved.seen.settings.join_before_host, Some(false), "it dies with it");
    subject.stop().await;
}

#[tokio::test]
async fn a_room_without_any_protection_is_seen_with_the_waiting_room_that_zoom_turns_on() {
    let subject = Subject::zoom().await;
    let open = Settings {
        passcode: Some(false),
        waiting_room: Some(false),
        join_before_host: Some(true),
        ..Settings::default()
    };
    let spec = Spec { settings: open, ..subject.spec() };
    let made = subject.provider().create(&subject.call, "rk-1-a", &spec).await;
    let seen = made.result.expect("a room").seen.settings;
    assert_eq!(
        (seen.passcode, seen.waiting_room, seen.join_before_host),
        (Some(false), Some(true), Some(false))
    );
    subject.stop().await;
}

/// `refused`: what Zoom is asked to have and will not; and how many requests it takes to learn it.
#[tokio::test]
async fn alternative_hosts_whom_zoom_will_not_have_do_not_cost_the_room() {
    const UNLICENSED: &str = "basic@practice.example";
    const STRANGER: &str = "stranger@elsewhere.example";
    const SEAT: &str = "seat1@practice.example";
    for (asked, had, refused, writes) in [
        (vec![SEAT], vec![SEAT], vec![], 1),
        (vec![UNLICENSED, SEAT], vec![SEAT], vec![UNLICENSED], 2),
        (vec![UNLICENSED], vec![], vec![UNLICENSED], 2),
        // Zoom names them one by one, and one by one they fall away.
        (vec![STRANGER, UNLICENSED, SEAT], vec![SEAT], vec![STRANGER, UNLICENSED], 3),
    ] {
        let subject = Subject::zoom().await;
        let (vendor, provider, call) = (subject.vendor(), subject.provider(), &subject.call);
        let hosts = asked.iter().map(|it| (*it).to_owned()).collect();
        let settings = Settings { alternative_hosts: Some(hosts), ..Settings::default() };
        let spec = Spec { settings, ..subject.spec() };
        let made = provider.create(call, "rk-1-a", &spec).await;
        assert_eq!(made.trace.writes, writes, "{asked:?}");
        let seen = made.result.expect("a room").seen;
        assert_eq!(seen.settings.alternative_hosts.unwrap_or_default(), had, "{asked:?}");
        assert_eq!(seen.dropped, refused, "{asked:?}");
        let meetings = vendor.meetings().await;
        assert_eq!(meetings.len(), 1, "a refused create makes nothing");
        assert_eq!(meetings[0]["settings"]["alternative_hosts"], had.join(";"));
        if !had.is_empty() {
            let mails = &meetings[0]["settings"]["alternative_hosts_email_notification"];
            assert_eq!(*mails, false, "Roomkey writes the mails");
        }

        // The same through an update, on a room that was made without any.
        let made = subject.made("rk-1-b").await;
        let moved = provider.update(call, &made.vendor_id, "rk-1-b", &spec).await;
        let wrote = if had.is_empty() { writes - 1 } else { writes };
        assert_eq!(moved.trace.writes, wrote, "{asked:?}: nothing is left to be sent");
        let seen = moved.result.expect("a room").seen;
        assert_eq!(seen.settings.alternative_hosts.unwrap_or_default(), had, "{asked:?}");
        assert_eq!(seen.dropped, refused, "{asked:?}");
        subject.stop().await;
    }
}

#[tokio::test]
async fn a_lost_answer_does_not_hide_whom_zoom_would_not_have() {
    let subject = Subject::zoom().await;
    let (vendor, provider, call) = (subject.vendor(), subject.provider(), &subject.call);
    let hosts = ["basic@practice.example", "seat1@practice.example"].map(str::to_owned).to_vec();
    let settings = Settings { alternative_hosts: Some(hosts), ..Settings::default() };
    let spec = Spec { settings, ..subject.spec() };
    // The first request is refused as usual; the answer to the second is lost.
    vendor.fault(json!({"match": CREATE, "fault": "slow", "times": 1, "delay": "0s"})).await;
    vendor.fault(json!({"match": CREATE, "fault": "fail_after_effect", "times": 1})).await;
    let answer = provider.create(call, "rk-1-a", &spec).await;
    assert_eq!(failed(&answer).0, "unknown");
    assert_eq!(answer.trace.writes, 2);
    let found = provider.find(call, "rk-1-a", &spec).await.result.expect("an answer");
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].seen.left_out, ["basic@practice.example"], "nobody knows any more why");
    subject.stop().await;
}

#[tokio::test]
async fn where_zoom_will_not_say_whom_it_will_not_have_nobody_is_blamed_wrongly() {
    const BAD: &str = "basic@practice.example";
    const OTHER: &str = "stranger@elsewhere.example";
    const ONE: &str = "seat1@practice.example";
    const TWO: &str = "seat2@practice.example";
    for (asked, had, refused, left_out, writes) in [
        (vec![BAD], vec![], vec![BAD], vec![], 2),
        (vec![BAD, ONE], vec![ONE], vec![BAD], vec![], 3),
        (vec![ONE, BAD], vec![ONE], vec![BAD], vec![], 2),
        (vec![BAD, OTHER], vec![], vec![BAD, OTHER], vec![], 4),
        (vec![ONE, TWO, BAD], vec![ONE, TWO], vec![BAD], vec![], 2),
        (vec![BAD, ONE, TWO], vec![TWO], vec![], vec![BAD, ONE], 3),
        (vec![BAD, ONE, OTHER, TWO], vec![], vec![], vec![BAD, ONE, OTHER, TWO], 4),
    ] {
        let subject = Subject::zoom().await;
        subject.vendor().account(json!({"hides_refused_hosts": true})).await;
        let hosts = asked.iter().map(|it| (*it).to_owned()).collect();
        let settings = Settings { alternative_hosts: Some(hosts), ..Settings::default() };
        let spec = Spec { settings, ..subject.spec() };
        let made = subject.provider().create(&subject.call, "rk-1-a", &spec).await;
        assert_eq!(made.trace.writes, writes, "{asked:?}");
        let seen = made.result.expect("a room").seen;
        assert_eq!(seen.settings.alternative_hosts.unwrap_or_default(), had, "{asked:?}");
        assert_eq!((seen.dropped, seen.left_out), (owned(&refused), owned(&left_out)), "{asked:?}");
        assert_eq!(subject.vendor().meetings().await.len(), 1);
        subject.stop().await;
    }
}

fn owned(all: &[&str]) -> Vec<String> {
    all.iter().map(|it| (*it).to_owned()).collect()
}

#[tokio::test]
async fn a_passcode_that_is_demanded_is_there_though_the_account_requires_none() {
    let subject = Subject::zoom().await;
    let (vendor, provider) = (subject.vendor(), subject.provider());
    vendor.account(json!({"settings": {"passcode": false}})).await;
    let settings = Settings { passcode: Some(true), ..Settings::default() };
    let spec = Spec { settings, ..subject.spec() };
    let call = Call { passcode: Some("Kq7m-Rt4xw".into()), ..subject.call.clone() };
    let made = provider.create(&call, "rk-1-a", &spec).await;
    assert_eq!(made.trace.writes, 1);
    let room = made.result.expect("a room");
    assert_eq!(room.seen.settings.passcode, Some(true));
    assert_eq!(room.passcode.expect("told").expose_secret(), "Kq7m-Rt4xw");
    // Nobody demands one: the account's own way.
    let open = provider.create(&call, "rk-1-b", &subject.spec()).await.result.expect("a room");
    assert_eq!(open.seen.settings.passcode, Some(false));
    // An account that keeps passcodes back took ours all the same.
    vendor.account(json!({"hides_passcodes": true})).await;
    let hidden = provider.create(&call, "rk-1-c", &spec).await.result.expect("a room");
    assert_eq!(hidden.passcode.expect("known").expose_secret(), "Kq7m-Rt4xw");
    // The account has rules that ours does not meet: its own is taken, and read back.
    let rules = json!({
        "settings": {"passcode": true}, "refuses_passcodes": true, "hides_passcodes": false,
    });
    vendor.account(rules).await;
    let made = provider.create(&call, "rk-1-d", &spec).await;
    assert_eq!(made.trace.writes, 2);
    let room = made.result.expect("a room");
    assert_eq!(room.seen.settings.passcode, Some(true));
    assert_ne!(room.passcode.expect("told").expose_secret(), "Kq7m-Rt4xw");
    subject.stop().await;
}

#[tokio::test]
async fn a_zone_that_zoom_does_not_know_costs_no_room() {
    let subject = Subject::zoom().await;
    let (vendor, provider, call) = (subject.vendor(), subject.provider(), &subject.call);
    let spec = Spec { time_zone: "Europe/Kyiv".parse().expect("a zone"), ..subject.spec() };
    vendor.account(json!({"unknown_time_zones": ["Europe/Kyiv"]})).await;
    let made = provider.create(call, "rk-1-a", &spec).await;
    assert_eq!(made.trace.writes, 2);
    let room = made.result.expect("a room");
    assert!(!room.seen.differs_from(&spec), "it is at the same moment");
    let shown = &vendor.meetings().await[0];
    assert_eq!(shown["timezone"], "UTC", "only how it is shown is another");
    let same = provider.update(call, &room.vendor_id, "rk-1-a", &spec).await;
    same.result.expect("a room");
    assert_eq!(same.trace.writes, 1, "asked once, and nothing is left to be sent");
    let longer = Spec { minutes: 45, ..spec };
    let moved = provider.update(call, &room.vendor_id, "rk-1-a", &longer).await;
    assert_eq!(moved.result.expect("a room").seen.minutes, Some(45));
    subject.stop().await;
}

#[tokio::test]
async fn breakout_rooms_are_made_changed_and_left_alone() {
    let subject = Subject::zoom().await;
    let (vendor, provider, call) = (subject.vendor(), subject.provider(), &subject.call);
    let with = |rooms: &[&str]| {
        let rooms = rooms
            .iter()
            .map(|name| BreakoutRoom { name: (*name).to_owned(), participants: Vec::new() });
        let settings = Settings { breakout_rooms: Some(rooms.collect()), ..Settings::default() };
        Spec { settings, ..subject.spec() }
    };
    let made = provider.create(call, "rk-1-a", &with(&["One", "Two"])).await.result.expect("made");
    let id = made.vendor_id.as_str();
    for (rooms, writes) in
        [(&["One", "Two"][..], 0), (&["One"], 1), (&["One"], 0), (&[], 1), (&[], 0)]
    {
        let spec = with(rooms);
        let changed = provider.update(call, id, "rk-1-a", &spec).await;
        assert_eq!(changed.trace.writes, writes, "{rooms:?}");
        assert_eq!(
            changed.result.expect("a room").seen.settings.breakout_rooms,
            spec.settings.breakout_rooms
        );
        assert_eq!(
            vendor.meetings().await[0]["settings"]["breakout_room"]["enable"],
            !rooms.is_empty()
        );
    }
    subject.stop().await;
}

#[tokio::test]
async fn an_account_that_insists_on_passcodes_gets_its_way() {
    let subject = Subject::zoom().await;
    let (vendor, provider, call) = (subject.vendor(), subject.provider(), &subject.call);
    let settings = Settings { passcode: Some(false), ..Settings::default() };
    let spec = Spec { settings, ..subject.spec() };
    for (order, writes) in
        [(json!({"locked": ["passcode"]}), 1), (json!({"refuses_open_meetings": true}), 2)]
    {
        vendor.account(order).await;
        let made = provider.create(call, "rk-1-a", &spec).await;
        assert_eq!(made.trace.writes, writes);
        let room = made.result.expect("a room");
        assert_eq!(room.seen.settings.passcode, Some(true));
        assert!(room.passcode.is_some());
    }
    assert_eq!(vendor.meetings().await.len(), 2);
    subject.stop().await;
}

#[tokio::test]
async fn a_room_that_was_made_personal_is_no_longer_ours() {
    let subject = Subject::zoom().await;
    let (vendor, provider, call) = (subject.vendor(), subject.provider(), &subject.call);
    let made = subject.made("rk-1-a").await;
    let id = made.vendor_id.as_str();
    vendor.by_hand(id, json!({"patch": {"settings": {"use_pmi": true}}})).await;
    assert_eq!(provider.inspect(call, id).await.result.expect_err("gone"), Failure::Gone);
    let wanted = Spec { minutes: 45, ..subject.spec() };
    let moved = provider.update(call, id, "rk-1-a", &wanted).await;
    assert_eq!(moved.result.expect_err("gone"), Failure::Gone);
    assert!(subject.found("rk-1-a").await.iter().all(|it| it.seen.personal));
    assert_eq!(
        failed(&provider.retire(call, id).await),
        ("rejected", "zoom_cannot_remove".to_owned()),
        "Zoom removes none, and a person is told"
    );
    assert_eq!(vendor.count("PATCH").await, 0);
    assert_eq!(vendor.meetings().await.len(), 1, "and it is left where it is");

    vendor.account(json!({"settings": {"use_pmi": true}, "locked": ["use_pmi"]})).await;
    let made = provider.create(call, "rk-1-b", &subject.spec()).await.result.expect("it is there");
    assert!(made.seen.personal, "and what it is called there is not lost");
    subject.stop().await;
}

#[tokio::test]
async fn every_write_is_counted_and_nothing_else() {
    let subject = Subject::zoom().await;
    let (vendor, provider, call) = (subject.vendor(), subject.provider(), &subject.call);
    let made = provider.create(call, "rk-1-a", &subject.spec()).await;
    assert_eq!(made.trace.writes, 1);
    let id = made.result.expect("a room").vendor_id;
    vendor.fault(json!({"match": "PATCH *", "fault": "401", "times": 1})).await;
    let wanted = Spec { minutes: 45, ..subject.spec() };
    let moved = provider.update(call, &id, "rk-1-a", &wanted).await;
    assert_eq!(moved.trace.writes, 2, "the refused one may have counted at Zoom");
    assert_eq!(provider.find(call, "rk-1-a", &wanted).await.trace.writes, 0);
    assert_eq!(provider.inspect(call, &id).await.trace.writes, 0);
    assert_eq!(provider.retire(call, &id).await.trace.writes, 0);
    subject.stop().await;
}
