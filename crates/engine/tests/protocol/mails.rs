//! People are told once, and nothing false, whatever the relay and the vendor do.

use std::collections::BTreeMap;
use std::time::Duration;

use roomkey_core::booking::Status;
use roomkey_store::both_databases;
use serde_json::{Value, json};

use crate::world::World;

const TOMORROW: Duration = Duration::from_secs(26 * 3600);
const LONG: Duration = Duration::from_secs(2 * 3600);

both_databases! {
    confirmation_change_and_cancellation_are_told_once = told_once;
    the_mails_go_even_if_every_vendor_call_fails = vendor_away;
    a_lost_receipt_sends_the_same_bytes_again = lost_receipt;
    a_relay_that_is_away_keeps_nobody_uninformed = relay_away;
    no_practice_keeps_another_waiting = fair;
    cancelled_before_anybody_was_told_means_silence = silence;
}

async fn mails(world: &World) -> Vec<Value> {
    world.get("_sandbox/mail").await.as_array().expect("a list").clone()
}

/// The calendar file of a mail.
fn calendar(mail: &Value) -> String {
    mail["attachments"]
        .as_array()
        .expect("attachments")
        .iter()
        .find_map(|it| it["text"].as_str().filter(|text| text.contains("BEGIN:VCALENDAR")))
        .expect("a calendar file")
        .replace("\r\n ", "")
}

async fn told_once(url: String) {
    let world = World::new(url).await;
    let id = world.book(&world.first, TOMORROW).await;
    world.settle(LONG / 4).await;
    world
        .change(id, |booking, _| {
            booking.start = booking.start.plus(Duration::from_secs(1800));
            booking.end = booking.end.plus(Duration::from_secs(1800));
        })
        .await;
    world.settle(LONG / 4).await;
    world.change(id, |booking, _| booking.status = Status::Cancelled).await;
    world.settle(LONG / 4).await;
    let mails = mails(&world).await;
    let mut by_reader: BTreeMap<String, Vec<&Value>> = BTreeMap::new();
    for mail in &mails {
        by_reader.entry(mail["to"].to_string()).or_default().push(mail);
    }
    assert_eq!(by_reader.len(), 2, "host and guest");
    for (reader, mails) in by_reader {
        let calendars: Vec<_> = mails.iter().map(|mail| calendar(mail)).collect();
        assert_eq!(calendars.len(), 3, "{reader}");
        for (sequence, calendar) in calendars.iter().enumerate() {
            assert!(calendar.contains(&format!("SEQUENCE:{sequence}\r\n")), "{calendar}");
            assert!(calendar.contains(&format!("UID:{id}@")), "{calendar}");
        }
        assert!(calendars[2].contains("METHOD:CANCEL"), "{}", calendars[2]);
        let ids: std::collections::BTreeSet<_> =
            mails.iter().map(|mail| mail["message_id"].to_string()).collect();
        assert_eq!(ids.len(), 3);
    }
}

async fn vendor_away(url: String) {
    let world = World::new(url).await;
    world.fault(json!({ "match": "* /zoom/*", "fault": "outage", "ratio": 1.0 })).await;
    world.book(&world.first, TOMORROW).await;
    world.settle(Duration::from_secs(59)).await;
    assert!(mails(&world).await.is_empty(), "the room is waited for, a minute");
    world.settle(Duration::from_secs(10)).await;
    let mails = mails(&world).await;
    assert_eq!(mails.len(), 2);
    for mail in &mails {
        let text = mail["text"].as_str().expect("a text");
        assert!(text.contains("being set up"), "it is honest: {text}");
        assert!(text.contains("/j/"), "and has the link: {text}");
        assert!(!text.contains("zoom.us"), "ours alone: {text}");
    }
}

async fn lost_receipt(url: String) {
    let world = World::new(url).await;
    world.fault(json!({ "match": "SMTP ana@*", "fault": "fail_after_effect", "times": 1 })).await;
    world.book(&world.first, TOMORROW).await;
    world.settle(LONG).await;
    let mails = mails(&world).await;
    let guests: Vec<_> =
        mails.iter().filter(|mail| mail["to"].to_string().contains("ana@")).collect();
    assert_eq!(guests.len(), 2, "at least once");
    assert_eq!(guests[0]["raw"], guests[1]["raw"], "the same bytes");
}

async fn relay_away(url: String) {
    let world = World::new(url).await;
    world.fault(json!({ "match": "SMTP *", "fault": "outage", "ratio": 1.0 })).await;
    let id = world.book(&world.first, TOMORROW).await;
    world.settle(Duration::from_secs(600)).await;
    world.assert_one_room(id, &world.first).await;
    assert!(mails(&world).await.is_empty());
    world.forget_faults().await;
    world.settle(LONG).await;
    assert_eq!(mails(&world).await.len(), 2);
}

async fn silence(url: String) {
    let world = World::new(url).await;
    world.fault(json!({ "match": "* /zoom/*", "fault": "outage", "ratio": 1.0 })).await;
    let id = world.book(&world.first, TOMORROW).await;
    world.settle(Duration::from_secs(5)).await;
    world.change(id, |booking, _| booking.status = Status::Cancelled).await;
    world.forget_faults().await;
    world.settle(LONG).await;
    assert!(mails(&world).await.is_empty());
    world.assert_no_room().await;
}

async fn fair(url: String) {
    let world = World::new(url).await;
    let small = [world.party("seat2@practice.example"), world.party("seat3@practice.example")];
    let practice = world.another_practice([&small[0], &small[1]]).await;
    for hour in 0..30 {
        world.book(&world.first, TOMORROW + Duration::from_secs(hour * 3600)).await;
    }
    // Weeks later, and after everybody else.
    for hour in 0..5 {
        let ahead = TOMORROW * 20 + Duration::from_secs(hour * 3600);
        world.book_for(practice, &small[0], ahead).await;
    }
    world.fault(json!({ "match": "* /zoom/*", "fault": "outage", "ratio": 1.0 })).await;
    world.engine.run_until_idle().await.expect("the engine works");
    // All confirmations fall due in the same moment.
    world.clock.advance(Duration::from_secs(61));
    let told = loop {
        let pass = world.engine.pass().await.expect("the engine works");
        for job in pass.jobs {
            let outcome = world.engine.perform(job).await;
            world.engine.record(vec![outcome]).await.expect("recorded");
        }
        let mails = mails(&world).await;
        if !mails.is_empty() {
            break mails;
        }
    };
    let theirs = told.iter().filter(|mail| mail["to"].to_string().contains("seat2@")).count();
    assert_eq!(theirs, 5, "the small practice's mails are among the first {}", told.len());
}
