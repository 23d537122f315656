//! Whose link is replaced is told the new one, and nobody else is told anything.

use std::time::Duration;

use roomkey_core::id::BookingId;
use roomkey_core::route::Lane;
use roomkey_store::person::{Person, Role};
use roomkey_store::{Priority, StoreError, booking, both_databases, person, retired_link, work};
use roomkey_vault::{LinkToken, Place};
use serde_json::Value;

use crate::world::World;

const TOMORROW: Duration = Duration::from_secs(26 * 3600);
const A_WHILE: Duration = Duration::from_secs(1800);

both_databases! {
    a_new_link_is_told_to_its_person_and_nobody_else = told;
    a_link_replaced_before_anybody_was_told_is_in_the_first_mail = untold;
}

/// Gives the guest another link, as the desk does; answers both.
async fn replace(world: &World, id: BookingId) -> (String, String) {
    let tenant = world.tenant;
    let people = world
        .store
        .read::<_, StoreError, _>(move |tx| Box::pin(person::of_booking(tx, tenant, id)))
        .await
        .expect("readable");
    let known = people.into_iter().find(|it| it.role == Role::Guest).expect("a guest");
    let place = Place { table: "people", row: known.id.uuid(), field: "link" };
    let old = world.ring.open_text(place, &known.link_sealed).expect("a link");
    let token = LinkToken::generate(&world.entropy);
    let now = world.store.now();
    let other = Person {
        link_hash: token.digest(),
        link_sealed: world.ring.seal(&world.entropy, place, token.expose().as_bytes()),
        link_number: known.link_number + 1,
        ..known.clone()
    };
    world
        .store
        .write(Priority::Interactive, move |tx| {
            let (known, other) = (known.clone(), other.clone());
            Box::pin(async move {
                let mut record = booking::lock(tx, tenant, id).await?.expect("booked");
                record.booking.version += 1;
                record.seq += 1;
                booking::update_asked(tx, &record).await?;
                retired_link::retire(tx, &known, now).await?;
                person::replace_link(tx, &other).await?;
                let start = record.booking.start;
                work::enqueue(tx, tenant, id, Lane::Plan, start, now, now).await?;
                Ok::<_, StoreError>(())
            })
        })
        .await
        .expect("replaced");
    let old = secrecy::ExposeSecret::expose_secret(&old).to_owned();
    (old, token.expose().to_owned())
}

async fn to_guest(world: &World) -> Vec<Value> {
    let mails = world.get("_sandbox/mail").await;
    let mails = mails.as_array().expect("a list").iter();
    mails.filter(|mail| mail["to"].to_string().contains("ana@")).cloned().collect()
}

async fn told(url: String) {
    let world = World::new(url).await;
    let id = world.book(&world.first, TOMORROW).await;
    world.settle(A_WHILE).await;
    let before = world.get("_sandbox/mail").await.as_array().expect("a list").len();
    assert_eq!(before, 2, "host and guest");
    let (old, new) = replace(&world, id).await;
    world.settle(A_WHILE).await;
    let all = world.get("_sandbox/mail").await.as_array().expect("a list").len();
    assert_eq!(all, 3, "the guest, once");
    let mails = to_guest(&world).await;
    let raw = |mail: &Value| mail["attachments"].to_string();
    let (first, last) = match mails.as_slice() {
        [a, b] if raw(a).contains("SEQUENCE:0") => (a, b),
        [a, b] => (b, a),
        other => panic!("two mails to the guest: {other:#?}"),
    };
    assert!(first["text"].as_str().expect("text").contains(&old));
    let text = last["text"].as_str().expect("text");
    assert!(text.contains(&new) && !text.contains(&old), "{text}");
    assert!(text.contains("You have a new link for your session"), "{text}");
    assert!(text.contains("does not open the session any more"), "{text}");
    let calendar = raw(last).replace("\\r\\n ", "");
    for words in [new.as_str(), "SEQUENCE:1", &format!("UID:{id}@")] {
        assert!(calendar.contains(words), "{words} is not in {calendar}");
    }
    assert!(!calendar.contains(&old));
}

async fn untold(url: String) {
    let world = World::new(url).await;
    let id = world.book(&world.first, TOMORROW).await;
    let (old, new) = replace(&world, id).await;
    world.settle(A_WHILE).await;
    let mails = to_guest(&world).await;
    assert_eq!(mails.len(), 1);
    let text = mails[0]["text"].as_str().expect("text");
    assert!(text.contains(&new) && !text.contains(&old), "{text}");
    assert!(!text.contains("a new link"), "there was no other: {text}");
}
