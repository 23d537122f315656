//! What every adapter must do, told by what it says it can do.

use roomkey_core::failure::Failure;
use roomkey_core::room::Spec;
use roomkey_core::settings::Settings;
use roomkey_providers::contract::Transcript;
use secrecy::ExposeSecret;

use crate::subject::{Subject, word};

macro_rules! for_every_adapter {
    ($($test:ident)+) => {
        mod zoom {
            $(
                #[tokio::test]
                async fn $test() {
                    let subject = super::Subject::zoom().await;
                    super::$test(&subject).await;
                    subject.stop().await;
                }
            )+
        }
        mod link {
            $(
                #[tokio::test]
                async fn $test() {
                    let subject = super::Subject::link().await;
                    super::$test(&subject).await;
                    subject.stop().await;
                }
            )+
        }
    };
}

for_every_adapter! {
    a_room_is_made_and_found_by_its_marker
    rooms_that_look_alike_are_told_apart
    what_carries_a_marker_is_sighted_and_nothing_else
    a_room_is_moved_and_stays_the_same_room
    a_room_that_is_as_wanted_is_left_alone
    a_room_is_removed_and_removing_it_again_is_no_harm
    a_room_is_read_as_it_was_made
    only_a_room_with_a_host_door_gives_a_host_link
    only_a_vendor_who_has_transcripts_gives_texts
    good_credentials_pass_the_check
    nothing_secret_is_in_what_is_written_down
}

async fn a_room_is_made_and_found_by_its_marker(subject: &Subject) {
    let made = subject.made("rk-1-a").await;
    assert!(made.join_url.expose_secret().starts_with("http"));
    assert!(!made.seen.differs_from(&subject.spec()));
    assert_ne!(made.seen.occupied, Some(true));
    if let Some(vendor) = &subject.vendor {
        let meetings = vendor.meetings().await;
        assert_eq!(meetings.len(), 1);
        assert_eq!(meetings[0]["id"].to_string(), made.vendor_id);
        assert_eq!(word(&meetings[0], "join_url"), made.join_url.expose_secret());
    }
    let found = subject.found("rk-1-a").await;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].vendor_id, made.vendor_id);
    assert_eq!(found[0].join_url.expose_secret(), made.join_url.expose_secret());
    if !subject.provider().capabilities().create_is_idempotent {
        assert!(subject.found("rk-1-b").await.is_empty());
    }
}

async fn rooms_that_look_alike_are_told_apart(subject: &Subject) {
    let one = subject.made("rk-1-a").await;
    let other = subject.made("rk-1-ab").await;
    assert_ne!(one.vendor_id, other.vendor_id);
    for (marker, room) in [("rk-1-a", one), ("rk-1-ab", other)] {
        let found = subject.found(marker).await;
        assert_eq!(found.len(), 1, "{marker}");
        assert_eq!(found[0].vendor_id, room.vendor_id, "{marker}");
    }
}

async fn what_carries_a_marker_is_sighted_and_nothing_else(subject: &Subject) {
    let one = subject.made("rk-1-a").await;
    let other = subject.made("rk-1-b").await;
    subject.made("rk-2-a").await;
    let (call, provider) = (&subject.call, subject.provider());
    let sighted = |days| async move {
        let (from, to) = (call.now, subject.days_ahead(days));
        provider.sightings(call, "rk-1-", from, to).await.result.expect("an answer")
    };
    let Some(vendor) = &subject.vendor else {
        // Nobody can look behind a link.
        assert_eq!(sighted(4).await, []);
        return;
    };
    // Somebody's own, with other words in it.
    let own = subject.made("rk-1-c").await;
    vendor
        .by_hand(&own.vendor_id, serde_json::json!({"patch": {"agenda": "Bring the book"}}))
        .await;
    let found = sighted(4).await;
    let mut shown: Vec<_> =
        found.iter().map(|it| (it.marker.as_str(), it.vendor_id.as_str())).collect();
    shown.sort_unstable();
    let both = [("rk-1-a", one.vendor_id.as_str()), ("rk-1-b", other.vendor_id.as_str())];
    assert_eq!(shown, both);
    let wanted = subject.spec();
    assert_eq!(found[0].seen.start, Some(wanted.start));
    assert_eq!(found[0].seen.topic, Some(wanted.topic));
    assert_eq!(sighted(1).await, [], "and only in the days that were asked for");
}

async fn a_room_is_moved_and_stays_the_same_room(subject: &Subject) {
    let made = subject.made("rk-1-a").await;
    let wanted = Spec {
        topic: "Geometry with Ana".to_owned(),
        start: subject.days_ahead(4),
        minutes: 45,
        settings: Settings { waiting_room: Some(true), ..Settings::default() },
        ..subject.spec()
    };
    let call = &subject.call;
    let provider = subject.provider();
    let moved = provider.update(call, &made.vendor_id, "rk-1-a", &wanted).await;
    let moved = moved.result.expect("a room");
    assert_eq!(moved.vendor_id, made.vendor_id);
    assert!(!moved.seen.differs_from(&wanted), "{:?}", moved.seen);
    if let Some(vendor) = &subject.vendor {
        let meetings = vendor.meetings().await;
        assert_eq!(meetings.len(), 1);
        assert_eq!(word(&meetings[0], "topic"), "Geometry with Ana");
        assert_eq!(word(&meetings[0], "start_time"), wanted.start.to_string());
        assert_eq!(meetings[0]["duration"], 45);
        assert_eq!(meetings[0]["settings"]["waiting_room"], true);
    }
    let found = provider.find(call, "rk-1-a", &wanted).await.result.expect("an answer");
    assert_eq!(found.len(), 1, "the marker is still there");
}

async fn a_room_that_is_as_wanted_is_left_alone(subject: &Subject) {
    let made = subject.made("rk-1-a").await;
    let call = &subject.call;
    let same = subject.provider().update(call, &made.vendor_id, "rk-1-a", &subject.spec()).await;
    assert_eq!(same.result.expect("a room").vendor_id, made.vendor_id);
    if let Some(vendor) = &subject.vendor {
        assert_eq!(vendor.count("PATCH").await, 0);
    }
}

async fn a_room_is_removed_and_removing_it_again_is_no_harm(subject: &Subject) {
    let made = subject.made("rk-1-a").await;
    let other = subject.made("rk-1-b").await;
    let (call, provider) = (&subject.call, subject.provider());
    for _ in 0..2 {
        provider.retire(call, &made.vendor_id).await.result.expect("removed");
    }
    if let Some(vendor) = &subject.vendor {
        let meetings = vendor.meetings().await;
        assert_eq!(meetings.len(), 1, "and no other");
        assert_eq!(meetings[0]["id"].to_string(), other.vendor_id);
    }
    if provider.capabilities().deletes {
        let read = provider.inspect(call, &made.vendor_id).await.result;
        assert_eq!(read.expect_err("no such room"), Failure::Gone);
        let spec = subject.spec();
        let moved = provider.update(call, &made.vendor_id, "rk-1-a", &spec).await.result;
        assert_eq!(moved.expect_err("no such room"), Failure::Gone);
        assert!(subject.found("rk-1-a").await.is_empty());
    }
}

async fn a_room_is_read_as_it_was_made(subject: &Subject) {
    let made = subject.made("rk-1-a").await;
    let read = subject.provider().inspect(&subject.call, &made.vendor_id).await;
    let read = read.result.expect("a room");
    assert_eq!(read.vendor_id, made.vendor_id);
    assert_eq!(read.join_url.expose_secret(), made.join_url.expose_secret());
    assert_eq!(read.seen.at, subject.call.now);
    assert_eq!(read.dial_in, made.dial_in);
    assert!(!read.seen.differs_from(&subject.spec()));
}

async fn only_a_room_with_a_host_door_gives_a_host_link(subject: &Subject) {
    let made = subject.made("rk-1-a").await;
    let provider = subject.provider();
    let link = provider.host_link(&subject.call, &made.vendor_id).await.result;
    if provider.capabilities().host_link {
        let link = link.expect("a link");
        assert!(link.expires > subject.call.now);
        assert_ne!(link.url.expose_secret(), made.join_url.expose_secret());
    } else {
        assert_eq!(link.expect_err("no door").class(), "rejected");
    }
}

async fn only_a_vendor_who_has_transcripts_gives_texts(subject: &Subject) {
    let provider = subject.provider();
    let said = provider.transcript(&subject.call, "a//b==", "file-1").await.result;
    let has_texts = provider.capabilities().transcripts;
    match said.expect("an answer") {
        Transcript::NotYet(_) => assert!(has_texts),
        Transcript::Refused(_) => assert!(!has_texts),
        other @ (Transcript::Text(_) | Transcript::NeedsPerson(_)) => {
            panic!("of a session that never was: {other:?}")
        }
    }
}

async fn good_credentials_pass_the_check(subject: &Subject) {
    subject.provider().check(&subject.call).await.result.expect("good credentials");
}

async fn nothing_secret_is_in_what_is_written_down(subject: &Subject) {
    let (call, provider) = (&subject.call, subject.provider());
    let made = provider.create(call, "rk-1-a", &subject.spec()).await;
    let id = made.result.as_ref().expect("a room").vendor_id.clone();
    let written = [
        format!("{made:?}"),
        format!("{:?}", provider.inspect(call, &id).await),
        format!("{:?}", provider.host_link(call, &id).await),
        format!("{call:?} {:?}", subject.providers),
    ];
    for text in written {
        for secret in ["pwd=", "zak=", "secret-1", "Bearer "] {
            assert!(!text.contains(secret), "{text}");
        }
    }
}
