//! Texts of transcripts: who may read them, what is said while there is none, and how one is forgotten.

use std::time::Duration;

use reqwest::Method;
use roomkey_core::Zone;
use roomkey_core::failure::Reason;
use roomkey_core::id::{BookingId, HostId, RecordingId, RoomId};
use roomkey_core::room::{Room, Spec, State, Unmet};
use roomkey_core::route::{Place, Provider};
use roomkey_core::settings::Settings;
use roomkey_store::recording::{self, Recording};
use roomkey_store::transcript::{self, State as Where};
use roomkey_store::{both_databases, room};
use roomkey_vault::Place as Sealed;
use serde_json::{Value, json};

use crate::server::{NOW, Server, path_of};

both_databases! {
    a_text_is_read_with_the_scope_and_by_nobody_else = read;
    where_a_text_stands_is_said_while_it_is_not_here = stands;
    a_text_is_forgotten_for_good = forgotten;
}

const TEXT: &str = "WEBVTT\n\n00:00.000 --> 00:02.000\nAna Sousa: Bom dia, 数学.\n";

/// A booking's room, as the engine would write it down.
async fn with_room(server: &Server) -> (Value, BookingId, RoomId) {
    let booking = server.book(json!({})).await;
    let id: BookingId = booking["id"].as_str().unwrap().parse().unwrap();
    let (tenant, room) = (server.tenant, RoomId::new(NOW, [7; 10]));
    let opened = Room {
        presence: roomkey_core::presence::Presence::default(),
        id: room,
        place: Place {
            provider: Provider::Link,
            connection: None,
            account: String::new(),
            user: "https://meet.practice.example".to_owned(),
        },
        host: HostId::new(NOW, [1; 10]),
        position: 0,
        generation: 0,
        opened_at: NOW,
        deadline: NOW,
        request: Spec {
            topic: "Algebra".to_owned(),
            start: NOW,
            minutes: 60,
            time_zone: Zone::utc(),
            settings: Settings::default(),
            agenda: None,
        },
        state: State::Intended,
        changed_at: NOW,
        vendor_id: None,
        seen: None,
        unmet: Unmet::default(),
        read_due: None,
        next_at: NOW,
        failures: 0,
        reason: None,
        effect: None,
    };
    server
        .app
        .desk
        .change(move |tx| {
            let opened = opened.clone();
            Box::pin(async move {
                assert!(room::open(tx, tenant, id, &opened, "marker").await?);
                Ok(())
            })
        })
        .await
        .unwrap();
    (booking, id, room)
}

/// A file of a recording, and where its text stands, if it is one that has a text.
async fn file(
    server: &Server,
    (booking, room): (BookingId, RoomId),
    number: u8,
    kind: &str,
    stands: Option<Where>,
) -> RecordingId {
    let (tenant, desk) = (server.tenant, server.app.desk.clone());
    let id = RecordingId::new(NOW, [number; 10]);
    let kept = Recording {
        id,
        room,
        instance: "a/b==".to_owned(),
        vendor_id: format!("file-{number}"),
        kind: kind.to_owned(),
        view: None,
        started_at: Some(NOW),
        ended_at: None,
        size: Some(2_048),
        sealed: None,
        created_at: NOW,
    };
    server
        .app
        .desk
        .change(move |tx| {
            let (kept, desk) = (kept.clone(), desk.clone());
            Box::pin(async move {
                assert!(recording::keep(tx, tenant, booking, &kept).await?);
                let Some(stands) = stands else { return Ok(()) };
                let reason = Reason::new("some_reason", "Something is in the way.");
                let unwanted = (stands == Where::NotFetched).then_some(&reason);
                transcript::known(tx, tenant, booking, id, unwanted, NOW).await?;
                match stands {
                    Where::Pending | Where::NotFetched => {}
                    Where::Stored => {
                        let place =
                            Sealed { table: "transcripts", row: id.uuid(), field: "sealed" };
                        let sealed = desk.ring.seal(&desk.entropy, place, TEXT.as_bytes());
                        assert!(transcript::store(tx, tenant, id, &sealed, NOW).await?);
                        assert!(!transcript::store(tx, tenant, id, &sealed, NOW).await?, "once");
                    }
                    Where::Refused => {
                        let due = transcript::due(tx, NOW, 100).await?;
                        let due = due.into_iter().find(|it| it.recording == id).unwrap();
                        let claim = id.uuid();
                        let end = NOW.plus(Duration::from_secs(30));
                        assert!(transcript::claim(tx, tenant, &due, claim, end).await?);
                        assert!(!transcript::claim(tx, tenant, &due, claim, end).await?, "once");
                        transcript::end(tx, tenant, id, claim, stands, &reason, NOW).await?;
                    }
                    Where::Forgotten => {
                        assert!(transcript::forget(tx, tenant, id, &reason, NOW).await?);
                    }
                }
                Ok(())
            })
        })
        .await
        .unwrap();
    id
}

fn text_of(booking: &Value, recording: RecordingId) -> String {
    format!("{}/recordings/{recording}/transcript", path_of(booking))
}

async fn read(url: String) {
    let server = Server::start(&url).await;
    let (booking, id, room) = with_room(&server).await;
    let stored = file(&server, (id, room), 1, "TRANSCRIPT", Some(Where::Stored)).await;
    let film = file(&server, (id, room), 2, "MP4", None).await;
    let said = server.get(&text_of(&booking, stored)).await;
    assert_eq!((said.status, said.text.as_str()), (200, TEXT));
    assert_eq!(said.headers["content-type"], "text/vtt; charset=utf-8");
    assert_eq!(said.headers["cache-control"], "no-store");
    assert_eq!(said.headers["x-content-type-options"], "nosniff");

    let listed = server.get(&format!("{}/recordings", path_of(&booking))).await.ok();
    let of = |id: RecordingId| {
        let all = listed["data"].as_array().unwrap();
        all.iter().find(|it| it["id"] == id.to_string()).unwrap()["transcript"].clone()
    };
    assert_eq!((&of(stored)["state"], &of(stored)["reason"]), (&json!("stored"), &Value::Null));
    assert_eq!(of(film), Value::Null);
    assert!(!listed.to_string().contains("Bom dia"));

    let reader = server.key_for(&["recordings:read"]).await;
    let said = server.ask(Method::GET, &text_of(&booking, stored)).key(&reader).send().await;
    assert_eq!(said.status, 200);
    let said = server.ask(Method::DELETE, &text_of(&booking, stored)).key(&reader).send().await;
    assert_eq!(said.problem(403), "missing_scope");
    let clerk = server.key_for(&["bookings:read", "bookings:write", "recordings:write"]).await;
    let said = server.ask(Method::GET, &text_of(&booking, stored)).key(&clerk).send().await;
    assert_eq!(said.problem(403), "missing_scope");
    let stranger = server.stranger().await;
    for method in [Method::GET, Method::DELETE] {
        let said = server.ask(method, &text_of(&booking, stored)).key(&stranger).send().await;
        assert_eq!(said.problem(404), "not_found");
    }
    // Of another booking, of another kind, or of nobody.
    let other = server.book(json!({"start": "2027-03-02T15:00:00Z"})).await;
    for path in [
        text_of(&other, stored),
        text_of(&booking, film),
        text_of(&booking, RecordingId::new(NOW, [9; 10])),
        format!("{}/recordings/nothing/transcript", path_of(&booking)),
    ] {
        for method in [Method::GET, Method::DELETE] {
            let said = server.ask(method, &path).send().await;
            assert_eq!(said.problem(404), "not_found", "{path}");
        }
    }
    assert_eq!(server.get(&text_of(&booking, stored)).await.text, TEXT);
    server.stop().await;
}

async fn stands(url: String) {
    let server = Server::start(&url).await;
    let (booking, id, room) = with_room(&server).await;
    let cases = [
        (Some(Where::Pending), "pending", "transcript_pending", None),
        (Some(Where::Refused), "refused", "transcript_refused", Some("some_reason")),
        (Some(Where::NotFetched), "not_fetched", "transcript_not_fetched", Some("some_reason")),
        (Some(Where::Forgotten), "forgotten", "transcript_forgotten", Some("some_reason")),
        // As one that was known before texts were fetched.
        (None, "not_fetched", "transcript_not_fetched", Some("transcript_never_asked")),
    ];
    for (number, (stands, state, code, reason)) in (1..).zip(cases) {
        let id = file(&server, (id, room), number, "TRANSCRIPT", stands).await;
        let said = server.get(&text_of(&booking, id)).await;
        assert_eq!(said.problem(404), code);
        let transcript = &said.body["transcript"];
        assert_eq!(transcript["state"], state);
        assert_eq!(transcript["reason"]["code"].as_str(), reason);
        if reason.is_some() {
            assert_eq!(said.body["detail"], transcript["reason"]["message"]);
        }
    }
    server.stop().await;
}

async fn forgotten(url: String) {
    let server = Server::start(&url).await;
    let (booking, id, room) = with_room(&server).await;
    let stored = file(&server, (id, room), 1, "TRANSCRIPT", Some(Where::Stored)).await;
    let pending = file(&server, (id, room), 2, "TRANSCRIPT", Some(Where::Pending)).await;
    let refused = file(&server, (id, room), 3, "TRANSCRIPT", Some(Where::Refused)).await;
    let before = server.get(&path_of(&booking)).await.ok();
    let key = server.key_for(&["recordings:write"]).await;
    for (number, file) in [stored, pending, stored, pending, refused].into_iter().enumerate() {
        let said = server.ask(Method::DELETE, &text_of(&booking, file)).key(&key).send().await;
        assert_eq!((said.status, said.text.as_str()), (204, ""), "{number}");
    }
    for file in [stored, pending] {
        let said = server.get(&text_of(&booking, file)).await;
        assert_eq!(said.problem(404), "transcript_forgotten");
        assert_eq!(said.body["transcript"]["reason"]["code"], "transcript_deleted");
    }
    let said = server.get(&text_of(&booking, refused)).await;
    assert_eq!(said.problem(404), "transcript_refused", "there was nothing to forget");
    // Told once each, and nothing of the booking itself is different.
    let events = server.get(&format!("{}/events", path_of(&booking))).await.ok();
    let told: Vec<&Value> = events["data"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|it| it["type"] == "transcript.forgotten")
        .collect();
    assert_eq!(told.len(), 2, "{events}");
    let named: Vec<&Value> = told.iter().map(|it| &it["data"]["recording"]).collect();
    assert!(named.contains(&&json!(stored)) && named.contains(&&json!(pending)), "{named:?}");
    assert!(told.iter().all(|it| it["actor"] == "api"), "{told:?}");
    assert_eq!(server.get(&path_of(&booking)).await.ok()["version"], before["version"]);
    // What comes after all is not kept.
    let tenant = server.tenant;
    let kept = server.app.desk.change(move |tx| {
        Box::pin(async move { Ok(transcript::store(tx, tenant, pending, b"late", NOW).await?) })
    });
    assert!(!kept.await.unwrap());
    server.stop().await;
}
