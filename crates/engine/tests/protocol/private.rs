//! What the vendor and people read of a private session, and which rooms it is held in.

use std::time::Duration;

use roomkey_core::booking::Status;
use roomkey_core::id::BookingId;
use roomkey_core::meeting;
use roomkey_core::settings::Settings;
use roomkey_store::{Priority, StoreError, booking, both_databases};
use serde_json::{Value, json};

use crate::world::World;

const TOMORROW: Duration = Duration::from_secs(26 * 3600);
const A_WHILE: Duration = Duration::from_secs(300);

/// The service's name, and what the booking says of itself.
const NEVER: [&str; 5] = ["algebra", "grief", "brother", "drinking", "too low"];

both_databases! {
    neither_vendor_nor_mails_say_what_it_is_about = neutral;
    a_session_that_becomes_private_is_so_from_then_on = becomes;
    a_room_with_breakout_rooms_is_not_used = breakout;
}

/// Gives a booking words that nobody else may read.
async fn confide(world: &World, id: BookingId) {
    let tenant = world.tenant;
    world
        .store
        .write(Priority::Interactive, move |tx| {
            Box::pin(async move {
                let mut record = booking::lock(tx, tenant, id).await?.expect("booked");
                record.notes = Some("Drinking again".to_owned());
                record.cancel_reason = Some("Too low to come".to_owned());
                booking::update_asked(tx, &record).await?;
                Ok::<_, StoreError>(())
            })
        })
        .await
        .expect("written");
}

/// A private session as the desk pins one, and with words that nobody pins.
async fn make_private(world: &World, id: BookingId) {
    confide(world, id).await;
    world
        .change(id, |booking, _| {
            booking.private = true;
            booking.title = "Grief and loss".to_owned();
            booking.agenda = Some("About her brother".to_owned());
            booking.settings = Settings::private();
        })
        .await;
}

fn assert_silent(what: &str, words: &str) {
    let words = words.to_lowercase();
    for word in NEVER {
        assert!(!words.contains(word), "{what} says {word}: {words}");
    }
}

/// Every form in which each mail can be read.
async fn assert_neutral_mails(world: &World) -> Vec<Value> {
    let mails = world.get("_sandbox/mail").await.as_array().expect("a list").clone();
    for mail in &mails {
        let subject = mail["subject"].as_str().expect("a subject");
        assert!(subject.contains(": Appointment, "), "{subject}");
        assert_silent("a subject", subject);
        assert_silent("a text", mail["text"].as_str().expect("a text"));
        assert_silent("HTML", mail["html"].as_str().expect("HTML"));
        let files = mail["attachments"].as_array().expect("attachments");
        assert_eq!(files.len(), 2, "the file, shown and attached");
        for file in files {
            let file = file["text"].as_str().expect("a file").replace("\r\n ", "");
            assert!(file.contains("SUMMARY:Appointment\r\n"), "{file}");
            assert!(file.contains("DESCRIPTION:Appointment\\n"), "{file}");
            assert_silent("a calendar file", &file);
        }
    }
    mails
}

async fn assert_neutral_room(world: &World) {
    let meetings = world.at_zoom().await;
    assert_eq!(meetings.len(), 1, "{meetings:#?}");
    let meeting = &meetings[0];
    assert_eq!(meeting["topic"], "Appointment");
    let agenda = meeting["agenda"].as_str().expect("an agenda");
    assert!(agenda.contains("rk-") && !agenda.contains('\n'), "the marker alone: {agenda}");
    assert_silent("the meeting", &meeting.to_string());
    let settings = &meeting["settings"];
    assert_eq!(
        (&settings["waiting_room"], &settings["join_before_host"], &settings["auto_recording"]),
        (&json!(true), &json!(false), &json!("none"))
    );
    assert_eq!(settings["breakout_room"]["enable"], false);
    assert_ne!(meeting["password"], "", "a passcode");
}

async fn neutral(url: String) {
    let world = World::new(url).await;
    // Nothing is said before everything is as it should be.
    let id = world.book(&world.first, TOMORROW).await;
    make_private(&world, id).await;
    world.settle(A_WHILE).await;
    world.assert_one_room(id, &world.first).await;
    assert_neutral_room(&world).await;
    assert_eq!(assert_neutral_mails(&world).await.len(), 2, "host and guest are told");

    let later = Duration::from_secs(1800);
    world
        .change(id, move |booking, _| {
            (booking.start, booking.end) = (booking.start.plus(later), booking.end.plus(later));
        })
        .await;
    world.settle(A_WHILE).await;
    assert_neutral_room(&world).await;
    assert_eq!(assert_neutral_mails(&world).await.len(), 4);

    world.change(id, |booking, _| booking.status = Status::Cancelled).await;
    world.settle(A_WHILE).await;
    assert_eq!(assert_neutral_mails(&world).await.len(), 6);
    world.assert_no_room().await;
    // Whatever was asked of the vendor on the way.
    assert_silent("a call", &world.get("_sandbox/calls").await.to_string());
}

async fn becomes(url: String) {
    let world = World::new(url).await;
    let id = world.book(&world.first, TOMORROW).await;
    world.change(id, |booking, _| booking.agenda = Some("About her brother".to_owned())).await;
    world.settle(A_WHILE).await;
    assert_eq!(world.at_zoom().await[0]["topic"], "Algebra");
    let (room, told) = (world.record(id).await.booking.current, world.get("_sandbox/mail").await);
    assert_eq!(told.as_array().map(Vec::len), Some(2));
    world.forget_mails().await;

    make_private(&world, id).await;
    world.settle(A_WHILE).await;
    world.assert_one_room(id, &world.first).await;
    assert_eq!(world.record(id).await.booking.current, room, "the room stays, and is changed");
    assert_neutral_room(&world).await;
    assert_eq!(assert_neutral_mails(&world).await.len(), 2, "it is called otherwise now");
}

async fn breakout(url: String) {
    let world = World::new(url).await;
    let rooms = json!({ "enable": true, "rooms": [{ "name": "Side room", "participants": [] }] });
    let account = json!({
        "vendor": "zoom", "account": "acc-1",
        "settings": { "breakout_room": rooms }, "locked": ["breakout_room"],
    });
    world.post("_sandbox/accounts", &account).await;
    let id = world.book(&world.first, TOMORROW).await;
    make_private(&world, id).await;
    world.settle(A_WHILE).await;
    world.assert_no_room().await;
    let record = world.record(id).await;
    assert_eq!(record.booking.current, None, "nobody is sent there");
    assert_eq!(record.meeting, meeting::Status::Failed);
    let reason = record.meeting_reason.expect("a reason");
    assert_eq!(reason.code, "settings_refused");
    assert!(reason.message.contains("keeps breakout rooms"), "{}", reason.message);
}
