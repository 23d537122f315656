//! Texts of transcripts: taken by one at a time, kept once, forgotten for good.

use std::time::Duration;

use roomkey_core::Zone;
use roomkey_core::failure::Reason;
use roomkey_core::id::{BookingId, ConnectionId, HostId, RecordingId, RoomId};
use roomkey_core::presence::Presence;
use roomkey_core::room::{Room, Spec, State, Unmet};
use roomkey_core::route::{Place, Provider};
use roomkey_core::settings::Settings;
use roomkey_store::recording::{self, Recording};
use roomkey_store::transcript::{self, Due, State as Where};
use roomkey_store::{Priority, Store, StoreError, Tenant, Tx, both_databases, room, sealed};
use uuid::Uuid;

use crate::fixture::{NOW, bits, book, furnish, open, record};

both_databases! {
    a_text_is_taken_by_one_and_kept_once = taken;
    what_is_forgotten_does_not_come_back = forgotten;
    a_walk_over_what_is_sealed_sees_the_texts = walked;
}

const LATER: Duration = Duration::from_secs(30);

fn room_of(connection: ConnectionId) -> Room {
    Room {
        id: RoomId::new(NOW, bits(1)),
        presence: Presence::default(),
        place: Place {
            provider: Provider::Zoom,
            connection: Some(connection),
            account: "acc-1".to_owned(),
            user: "login@practice.example".to_owned(),
        },
        host: HostId::new(NOW, bits(1)),
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
    }
}

/// A booking with so many transcripts, whose texts are due.
async fn due(store: &Store, count: u32) -> (Tenant, Vec<Due>) {
    let tenant = furnish(store, 1).await;
    book(store, record(tenant, 1, 1)).await.expect("booked");
    let booking = BookingId::new(NOW, bits(1));
    let due = store
        .write::<_, StoreError, _>(Priority::Background, move |tx| {
            Box::pin(async move {
                let room = room_of(ConnectionId::new(NOW, bits(1)));
                assert!(room::open(tx, tenant, booking, &room, "marker").await?);
                for number in 1..=count {
                    let kept = Recording {
                        id: RecordingId::new(NOW, bits(number)),
                        room: room.id,
                        instance: "a/b==".to_owned(),
                        vendor_id: format!("file-{number}"),
                        kind: "TRANSCRIPT".to_owned(),
                        view: None,
                        started_at: None,
                        ended_at: None,
                        size: None,
                        sealed: None,
                        created_at: NOW,
                    };
                    assert!(recording::keep(tx, tenant, booking, &kept).await?);
                    for _ in 0..2 {
                        transcript::known(tx, tenant, booking, kept.id, None, NOW).await?;
                    }
                }
                transcript::due(tx, NOW, 100).await
            })
        })
        .await
        .expect("due");
    assert_eq!(due.len(), usize::try_from(count).expect("few"));
    assert_eq!(
        (due[0].instance.as_str(), due[0].place.user.as_str()),
        ("a/b==", "login@practice.example")
    );
    (tenant, due)
}

/// Runs a change.
async fn change<T: Send + 'static>(
    store: &Store,
    change: impl for<'t> Fn(&'t mut Tx<'_>) -> futures::future::BoxFuture<'t, Result<T, StoreError>>
    + Send
    + Sync
    + 'static,
) -> T {
    store.write(Priority::Background, change).await.expect("changed")
}

async fn stands(store: &Store, tenant: Tenant) -> Vec<(Where, Option<String>)> {
    let booking = BookingId::new(NOW, bits(1));
    let mut all = change(store, move |tx| {
        Box::pin(async move { transcript::of_booking(tx, tenant, booking).await })
    })
    .await;
    all.sort_by_key(|(id, _)| *id);
    all.into_iter().map(|(_, it)| (it.state, it.reason.map(|it| it.code))).collect()
}

async fn due_at(store: &Store, seconds: u64) -> Vec<Due> {
    let now = NOW.plus(Duration::from_secs(seconds));
    change(store, move |tx| Box::pin(async move { transcript::due(tx, now, 100).await })).await
}

async fn taken(url: String) {
    let store = open(&url).await;
    let (tenant, all) = due(&store, 1).await;
    let (first, second) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let take = |due: Due, claim: Uuid, from: u64| {
        let end = NOW.plus(Duration::from_secs(from)).plus(LATER);
        change(&store, move |tx| {
            let due = due.clone();
            Box::pin(async move { transcript::claim(tx, tenant, &due, claim, end).await })
        })
    };
    assert!(take(all[0].clone(), first, 0).await);
    assert!(!take(all[0].clone(), second, 0).await, "it is taken");
    assert!(due_at(&store, 29).await.is_empty());
    let again = due_at(&store, 30).await;
    assert!(take(again[0].clone(), second, 30).await, "its lease has run out");
    // The first comes back and has nothing to say but the text itself.
    let id = all[0].recording;
    let reason = Reason::new("slow", "It took long.");
    let said = reason.clone();
    change(&store, move |tx| {
        let said = said.clone();
        Box::pin(async move {
            transcript::end(tx, tenant, id, first, Where::Refused, &said, NOW).await?;
            transcript::later(tx, tenant, id, first, NOW, 9, Some(&said)).await
        })
    })
    .await;
    assert_eq!(stands(&store, tenant).await, [(Where::Pending, None)]);
    assert!(due_at(&store, 59).await.is_empty());
    change(&store, move |tx| {
        let said = reason.clone();
        Box::pin(async move {
            let at = NOW.plus(Duration::from_secs(90));
            transcript::later(tx, tenant, id, second, at, 1, Some(&said)).await?;
            // Nobody holds it any more.
            transcript::later(tx, tenant, id, second, NOW, 2, None).await
        })
    })
    .await;
    assert_eq!(stands(&store, tenant).await, [(Where::Pending, Some("slow".to_owned()))]);
    let next = due_at(&store, 90).await;
    assert_eq!((next.len(), next[0].tries), (1, 1));
    let keep = || {
        change(&store, move |tx| {
            Box::pin(async move { transcript::store(tx, tenant, id, b"sealed", NOW).await })
        })
    };
    assert_eq!((keep().await, keep().await), (true, false));
    assert_eq!(stands(&store, tenant).await, [(Where::Stored, None)]);
    assert!(due_at(&store, 1_000_000).await.is_empty());
}

async fn forgotten(url: String) {
    let store = open(&url).await;
    let (tenant, all) = due(&store, 3).await;
    let ids: Vec<RecordingId> = all.iter().map(|it| it.recording).collect();
    let [one, two, three] = ids[..] else { panic!("three") };
    change(&store, move |tx| {
        let taken = all.clone();
        Box::pin(async move {
            let reason = Reason::new("asked", "Somebody asked.");
            let claim = Uuid::from_u128(1);
            assert!(transcript::store(tx, tenant, one, b"sealed", NOW).await?);
            let due = taken.iter().find(|it| it.recording == three).expect("due");
            assert!(transcript::claim(tx, tenant, due, claim, NOW).await?);
            transcript::end(tx, tenant, three, claim, Where::Refused, &reason, NOW).await?;
            assert!(transcript::forget(tx, tenant, one, &reason, NOW).await?);
            assert!(!transcript::forget(tx, tenant, one, &reason, NOW).await?, "once");
            assert!(
                !transcript::forget(tx, tenant, three, &reason, NOW).await?,
                "nothing is there"
            );
            let another = ConnectionId::new(NOW, bits(2));
            transcript::forget_of(tx, tenant, another, &reason, NOW).await
        })
    })
    .await;
    let asked = || Some("asked".to_owned());
    let before = [(Where::Forgotten, asked()), (Where::Pending, None), (Where::Refused, asked())];
    assert_eq!(stands(&store, tenant).await, before);
    let kept = change(&store, move |tx| {
        Box::pin(async move {
            let reason = Reason::new("removed", "The app was removed.");
            let connection = ConnectionId::new(NOW, bits(1));
            transcript::forget_of(tx, tenant, connection, &reason, NOW).await?;
            Ok([
                transcript::store(tx, tenant, one, b"late", NOW).await?,
                transcript::store(tx, tenant, two, b"late", NOW).await?,
            ])
        })
    })
    .await;
    assert_eq!(kept, [false, false]);
    let removed = (Where::Forgotten, Some("removed".to_owned()));
    let after = [(Where::Forgotten, asked()), removed, (Where::Refused, asked())];
    assert_eq!(stands(&store, tenant).await, after);
    assert!(due_at(&store, 1_000_000).await.is_empty());
}

async fn walked(url: String) {
    let store = open(&url).await;
    let (tenant, all) = due(&store, 2).await;
    let (one, two) = (all[0].recording, all[1].recording);
    let found = change(&store, move |tx| {
        Box::pin(async move {
            // One that is short, and one that is long: its head will do.
            assert!(transcript::store(tx, tenant, one, b"short", NOW).await?);
            assert!(transcript::store(tx, tenant, two, &[7; 2_000_000], NOW).await?);
            let mut walk = sealed::Walk::default();
            let mut found = Vec::new();
            while let Some(values) = sealed::next(tx, &mut walk).await? {
                found.extend(values);
            }
            Ok(found)
        })
    })
    .await;
    assert!(found.contains(&b"short".to_vec()));
    assert!(found.contains(&vec![7; 256]), "{:?}", found.iter().map(Vec::len).collect::<Vec<_>>());
}
