//! Events: numbered once they are committed, without gaps, each tenant for itself.

use roomkey_core::id::EventId;
use roomkey_store::event::{self, Event};
use roomkey_store::{Priority, Store, StoreError, Tenant, both_databases};

use crate::fixture::{NOW, bits, furnish, open};

both_databases! {
    a_feed_has_no_gaps_and_skips_nobody = no_gaps;
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
    store
        .write(Priority::Background, |tx| Box::pin(event::number(tx, 100)))
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
