//! Every page answers, in a practice with nothing in it too, and says nothing that is secret.

use roomkey_core::Zone;
use roomkey_core::id::{BookingId, ConnectionId, RoomId};
use roomkey_core::room::{Room, Seen, Spec, State};
use roomkey_core::route::{Connection, Place, Provider};
use roomkey_core::settings::Settings;
use roomkey_store::connection::Record;
use roomkey_store::room::{self, Door};
use roomkey_store::{booking, both_databases, connection};
use roomkey_vault::Place as Sealed;

use crate::practice::{NOW, Practice, seen};

both_databases! {
    an_empty_practice_has_every_page = nothing_yet;
    no_page_tells_a_vendors_address_or_a_secret = secrets;
    nobody_is_let_in_without_a_session = strangers;
    the_live_part_is_the_pages_middle = live;
}

const PATHS: [&str; 11] = [
    "/operator",
    "/operator/bookings",
    "/operator/bookings?status=trouble&from=2027-01-01&to=2027-02-01&q=ana&host=nobody&cursor=none",
    "/operator/bookings/new",
    "/operator/connections",
    "/operator/hosts",
    "/operator/bookings?side=past",
    "/operator/live?poll=1",
    "/operator/services",
    "/operator/services/new",
    "/operator/status",
];

async fn nothing_yet(url: String) {
    let practice = Practice::empty(&url).await;
    for path in PATHS {
        let page = practice.get(path).await;
        assert_eq!(page.status, 200, "{path}: {}", page.html);
        assert!(path.contains("/live") || page.html.contains("Oak Lane Practice"), "{path}");
    }
    for path in ["/operator/bookings/nothing", "/operator/hosts/nobody", "/operator/services/none"]
    {
        assert_eq!(practice.get(path).await.status, 404, "{path}");
    }
    practice.close().await;
}

async fn strangers(url: String) {
    let practice = Practice::empty(&url).await;
    for path in PATHS {
        let request = practice.client.get(format!("{}{path}", practice.url));
        let page = seen(request).await;
        assert_eq!(page.status, 401, "{path}");
        assert!(!page.html.contains("Oak Lane Practice"), "{path}");
    }
    practice.close().await;
}

/// A connection and a live room for a booking, as the engine would write them down.
pub(crate) async fn give_room(practice: &Practice, id: BookingId) {
    let tenant = practice.tenant;
    let desk = practice.app.desk.clone();
    let host = practice.host;
    practice
        .app
        .desk
        .change(move |tx| {
            let desk = desk.clone();
            Box::pin(async move {
                let known = ConnectionId::new(NOW, [1; 10]);
                let place = Sealed { table: "connections", row: known.uuid(), field: "secrets" };
                let secrets = br#"{"client_secret":"s3cret-of-the-client","webhook_secret":"s3cret-of-events"}"#;
                connection::insert(
                    tx,
                    &Record {
                        tenant,
                        connection: Connection {
                            id: known,
                            provider: Provider::Zoom,
                            host: None,
                            account: "acc-1".to_owned(),
                            seats: vec!["seat1@practice.example".to_owned()],
                            disabled: false,
                            seat_rules: roomkey_core::seats::Rules::default(),
                            needs_reconnect: None,
            credentials_at: NOW,
                        },
                        kind: "server_to_server".to_owned(),
                        client_id: "client-1".to_owned(),
                        secrets: desk.ring.seal(&desk.entropy, place, secrets),
                        revision: 1,
                        created_at: NOW,
                        checked_at: Some(NOW),
                    },
                )
                .await?;
                let mut record = booking::lock(tx, tenant, id).await?.expect("there");
                let mut room = room_of(&record.booking, host, known);
                assert!(room::open(tx, tenant, id, &room, "marker").await?);
                room.state = State::Live;
                room.vendor_id = Some("81234567890".to_owned());
                room.seen = Some(Seen::at(NOW));
                room::update(tx, tenant, &room).await?;
                let place = Sealed { table: "rooms", row: room.id.uuid(), field: "door" };
                let secrets = br#"{"join_url":"https://vendor.example/j/81234567890?pwd=w","passcode":"K7mp2Q"}"#;
                let door = Door {
                    sealed: Some(desk.ring.seal(&desk.entropy, place, secrets)),
                    instance: None,
                    number: Some("812 3456 7890".to_owned()),
                    owner: Some("login@practice.example".to_owned()),
                };
                room::set_door(tx, tenant, room.id, &door).await?;
                record.booking.current = Some(room.id);
                record.meeting = roomkey_core::meeting::Status::Active;
                record.seq += 1;
                booking::update_seen(tx, &record).await?;
                Ok(())
            })
        })
        .await
        .expect("a room");
}

fn room_of(
    booking: &roomkey_core::booking::Booking,
    host: roomkey_core::id::HostId,
    connection: ConnectionId,
) -> Room {
    Room {
        id: RoomId::new(NOW, [7; 10]),
        place: Place {
            provider: Provider::Zoom,
            connection: Some(connection),
            account: "acc-1".to_owned(),
            user: "login@practice.example".to_owned(),
        },
        host,
        position: 0,
        generation: booking.generation,
        opened_at: NOW,
        deadline: NOW,
        request: Spec {
            topic: booking.title.clone(),
            start: booking.start,
            minutes: booking.minutes(),
            time_zone: Zone::utc(),
            settings: Settings::default(),
            agenda: None,
        },
        state: State::Intended,
        changed_at: NOW,
        vendor_id: None,
        seen: None,
        presence: roomkey_core::presence::Presence::default(),
        unmet: roomkey_core::room::Unmet::default(),
        read_due: None,
        next_at: NOW,
        failures: 0,
        reason: None,
        effect: None,
    }
}

async fn secrets(url: String) {
    let practice = Practice::open(&url).await;
    let id = practice.booking().await;
    give_room(&practice, id).await;
    let page = practice.get(&format!("/operator/bookings/{id}")).await;
    assert_eq!(page.status, 200);
    for shown in
        ["812 3456 7890", "K7mp2Q", "login@practice.example", &format!("{}/j/", practice.url)]
    {
        assert!(page.html.contains(shown), "{shown} is not on the booking's page");
    }
    let mut paths: Vec<String> = PATHS.map(str::to_owned).to_vec();
    paths.push(format!("/operator/bookings/{id}"));
    paths.push(format!("/operator/bookings/{id}/live?poll=1"));
    paths.push(format!("/operator/hosts/{}", practice.host));
    paths.push(format!("/operator/services/{}", practice.service));
    for path in paths {
        let page = practice.get(&path).await;
        assert_eq!(page.status, 200, "{path}");
        for secret in ["vendor.example", "pwd=w", "s3cret", "marker"] {
            assert!(!page.html.contains(secret), "{path} tells {secret}");
        }
    }
    practice.close().await;
}

async fn live(url: String) {
    let practice = Practice::open(&url).await;
    let id = practice.booking().await;
    let path = format!("/operator/bookings/{id}");
    let page = practice.get(&path).await;
    assert!(page.html.contains(&format!("data-live=\"{path}/live\"")));
    let before = practice.get(&format!("{path}/live?poll=1")).await;
    assert!(before.html.contains("Setting up") && !before.html.contains("<!doctype"));
    // What the page begins with is kept as it is now, too.
    assert!(before.html.contains("<h1") && before.html.contains("data-tell=\"countdown\""));
    give_room(&practice, id).await;
    let after = practice.get(&format!("{path}/live?poll=1")).await;
    assert!(after.html.contains("The door works.") && !after.html.contains("Setting up"));
    practice.close().await;
}
