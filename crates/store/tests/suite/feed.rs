//! Events: numbered once they are committed, without gaps, each tenant for itself.

use roomkey_core::id::{BookingId, EventId};
use roomkey_store::event::{self, Event};
use roomkey_store::{Priority, Store, StoreError, Tenant, both_databases};

use crate::fixture::{NOW, bits, furnish, open};

both_databases! {
    a_feed_has_no_gaps_and_skips_nobody = no_gaps;
    a_bookings_events_are_numbered_by_seq = by_seq;
}

async fn happen(store: &Store, tenant: Tenant, number: u32) {
    store
        .write(Priority::Interactive, move |tx| {
            Box::pin(async move {
                let event = Event {
                    id: EventId::new(NOW, bits(number)),
                    booking: None,
                    kind: "connection.connected".to_owned(),
                    seq: 0,
                    at: NOW,
                    actor: "test".to_owned(),
                    data: "{}".to_owned(),
                    number: None,
                };
                event::insert(tx, tenant, &event).await
            })
        })
        .await
        .expect("written");
}

async fn number(store: &Store) -> usize {
    at_most(store, 100).await
}

async fn at_most(store: &Store, limit: u32) -> usize {
    store
        .write(Priority::Background, move |tx| Box::pin(event::number(tx, limit)))
        .await
        .expect("numbered")
}

async fn feed(store: &Store, tenant: Tenant, after: i64) -> Vec<i64> {
    store
        .read::<_, StoreError, _>(move |tx| {
            Box::pin(async move { event::feed(tx, tenant, after, 100).await })
        })
        .await
        .expect("readable")
        .into_iter()
        .filter_map(|event| event.number)
        .collect()
}

async fn by_seq(url: String) {
    let store = open(&url).await;
    let tenant = furnish(&store, 1).await;
    // Of one moment, with ids in the other order: more than are numbered at once.
    let written = store.write::<_, StoreError, _>(Priority::Interactive, move |tx| {
        Box::pin(async move {
            for seq in 1..=6_u32 {
                for booking in [1, 2] {
                    let event = Event {
                        id: EventId::new(NOW, bits(100 * booking - seq)),
                        booking: Some(BookingId::new(NOW, bits(booking))),
                        kind: "booking.updated".to_owned(),
                        seq: i64::from(seq),
                        at: NOW,
                        actor: "test".to_owned(),
                        data: "{}".to_owned(),
                        number: None,
                    };
                    event::insert(tx, tenant, &event).await?;
                }
            }
            Ok(())
        })
    });
    written.await.expect("written");
    while at_most(&store, 4).await > 0 {}
    let read = store.read::<_, StoreError, _>(move |tx| {
        Box::pin(async move { event::feed(tx, tenant, 0, 100).await })
    });
    let events = read.await.expect("readable");
    assert_eq!(events.len(), 12);
    for booking in [1, 2] {
        let id = BookingId::new(NOW, bits(booking));
        let theirs = events.iter().filter(|it| it.booking == Some(id)).map(|it| it.seq);
        assert_eq!(theirs.collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6]);
    }
}

async fn no_gaps(url: String) {
    let store = open(&url).await;
    let (first, second) = (furnish(&store, 1).await, furnish(&store, 2).await);
    for number in 10..15 {
        happen(&store, first, number).await;
        happen(&store, second, number + 100).await;
    }
    assert!(feed(&store, first, 0).await.is_empty(), "readers see only numbered ones");
    assert_eq!(number(&store).await, 10);
    // An event with an earlier id that is committed later comes after those that were seen.
    happen(&store, first, 1).await;
    assert_eq!(number(&store).await, 1);
    assert_eq!(number(&store).await, 0);
    assert_eq!(feed(&store, first, 0).await, [1, 2, 3, 4, 5, 6]);
    assert_eq!(feed(&store, first, 5).await, [6]);
    assert_eq!(feed(&store, second, 0).await, [1, 2, 3, 4, 5]);
}
