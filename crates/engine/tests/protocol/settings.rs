//! What a service asks of its rooms, and what the vendor's account makes of it.

use std::time::Duration;

use roomkey_core::failure::Reason;
use roomkey_core::meeting;
use roomkey_store::both_databases;
use serde_json::json;

use crate::world::World;

const TOMORROW: Duration = Duration::from_secs(26 * 3600);
const A_WHILE: Duration = Duration::from_secs(300);

both_databases! {
    a_less_private_room_is_not_used = less_private;
    what_an_account_keeps_otherwise_is_a_warning = otherwise;
    a_setting_changed_by_hand_is_put_right = by_hand;
    who_may_not_stand_in_is_left_out = stand_ins;
}

fn codes(reasons: &[Reason]) -> Vec<&str> {
    reasons.iter().map(|it| it.code.as_str()).collect()
}

async fn account(world: &World, settings: serde_json::Value) {
    let mut body = json!({ "vendor": "zoom", "account": "acc-1" });
    body.as_object_mut().expect("an object").extend(settings.as_object().expect("one").clone());
    world.post("_sandbox/accounts", &body).await;
}

async fn less_private(url: String) {
    let world = World::new(url).await;
    account(&world, json!({ "settings": { "waiting_room": false }, "locked": ["waiting_room"] }))
        .await;
    let id = world.book(&world.first, TOMORROW).await;
    world.change(id, |booking, _| booking.settings.waiting_room = Some(true)).await;
    world.settle(A_WHILE).await;
    world.assert_no_room().await;
    let record = world.record(id).await;
    assert_eq!(record.booking.current, None, "nobody is sent there");
    assert_eq!(record.meeting, meeting::Status::Failed, "it is told at once");
    assert_eq!(record.meeting_reason.expect("a reason").code, "settings_refused");
    assert!(record.booking.version <= record.settled_version, "a person is needed");
    assert_eq!(world.rooms(id).await.len(), 1, "it is not made again and again");
    // Nobody is promised a room that nothing makes.
    let mails = world.get("_sandbox/mail").await;
    let mail_to = |address: &str| {
        let all = mails.as_array().expect("mails");
        let mail =
            all.iter().find(|it| it["to"].to_string().contains(address)).expect("written to");
        mail["text"].as_str().expect("text").to_owned()
    };
    let guest = mail_to("ana@example.org");
    assert!(guest.contains("The practice is arranging the room"), "{guest}");
    assert!(!guest.contains("set up") && !guest.contains("waiting room"), "{guest}");
    let host = mail_to(&world.first.email);
    assert!(host.contains("none is being made") && host.contains("waiting room"), "{host}");
    let click = "Open services: https://rooms.practice.example/operator/services";
    assert!(host.contains(click), "{host}");

    // The administrator unlocks it, and somebody asks for another room.
    account(&world, json!({ "locked": [] })).await;
    world.change(id, |booking, _| booking.generation += 1).await;
    world.settle(A_WHILE).await;
    world.assert_one_room(id, &world.first).await;
}

async fn otherwise(url: String) {
    let world = World::new(url).await;
    account(
        &world,
        json!({ "settings": { "mute_upon_entry": false }, "locked": ["mute_upon_entry"] }),
    )
    .await;
    let id = world.book(&world.first, TOMORROW).await;
    world.change(id, |booking, _| booking.settings.mute_on_entry = Some(true)).await;
    world.settle(A_WHILE).await;
    world.assert_one_room(id, &world.first).await;
    assert_eq!(codes(&world.record(id).await.meeting_warnings), ["settings_kept"]);
    // It is asked for once; each update would count against the host's day.
    let calls = world.get("_sandbox/calls").await;
    let updates = calls.as_array().expect("calls").iter().filter(|it| it["method"] == "PATCH");
    assert_eq!(updates.count(), 0);
}

async fn by_hand(url: String) {
    let world = World::new(url).await;
    let id = world.book(&world.first, TOMORROW).await;
    world.change(id, |booking, _| booking.settings.waiting_room = Some(true)).await;
    world.settle(A_WHILE).await;
    let meeting = world.at_zoom().await[0]["id"].to_string();
    world
        .post(
            &format!("_sandbox/meetings/{meeting}"),
            &json!({ "patch": { "settings": { "waiting_room": false } } }),
        )
        .await;
    // It is noticed at the look a day before, and mended.
    world.settle(Duration::from_secs(3 * 3600)).await;
    world.assert_one_room(id, &world.first).await;
    let shown = world.at_zoom().await;
    assert_eq!(shown[0]["settings"]["waiting_room"], true, "{:#}", shown[0]);
    assert_eq!(codes(&world.record(id).await.meeting_warnings), Vec::<&str>::new());
}

async fn stand_ins(url: String) {
    let world = World::new(url).await;
    let id = world.book(&world.first, TOMORROW).await;
    world
        .change(id, |booking, _| {
            let hosts = ["seat1@practice.example", "basic@practice.example"];
            booking.settings.alternative_hosts = Some(hosts.map(str::to_owned).to_vec());
        })
        .await;
    world.settle(A_WHILE).await;
    world.assert_one_room(id, &world.first).await;
    let record = world.record(id).await;
    assert_eq!(codes(&record.meeting_warnings), ["alternative_hosts_dropped"]);
    assert!(record.meeting_warnings[0].message.contains("basic@practice.example"));
    let shown = world.at_zoom().await;
    assert_eq!(shown[0]["settings"]["alternative_hosts"], "seat1@practice.example");
}
