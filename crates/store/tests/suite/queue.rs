//! Work: no wish is overlooked, no claim is shared, the soonest goes first.

use std::time::Duration;

use roomkey_core::Instant;
use roomkey_core::id::BookingId;
use roomkey_core::route::Lane;
use roomkey_store::work::{self, Claimed, Whose};
use roomkey_store::{Priority, Store, StoreError, Tenant, both_databases};
use uuid::Uuid;

use crate::fixture::{NOW, bits, book, furnish, open, record};

both_databases! {
    a_wish_during_the_work_is_seen_afterwards = wish_during_work;
    a_stolen_claim_finishes_nothing = stolen_claim;
    the_soonest_goes_first_and_nobody_twice = soonest_first;
    a_look_in_the_future_waits_for_its_time = future_look;
}

const LEASE: Duration = Duration::from_secs(30);

async fn enqueue(store: &Store, tenant: Tenant, id: BookingId, urgency: Instant, due: Instant) {
    let now = store.now();
    store
        .write(Priority::Interactive, move |tx| {
            Box::pin(
                async move { work::enqueue(tx, tenant, id, Lane::Plan, urgency, due, now).await },
            )
        })
        .await
        .expect("enqueued");
}

async fn claim(store: &Store, limit: u32, token: u128) -> Vec<Claimed> {
    let end = store.now().plus(LEASE);
    store
        .write(Priority::Background, move |tx| {
            Box::pin(async move {
                let token = Uuid::from_u128(token);
                work::claim(tx, Lane::Plan, Whose::Anybody, limit, token, end).await
            })
        })
        .await
        .expect("claimed")
}

async fn finish(store: &Store, claimed: &Claimed, next: Option<Instant>) -> bool {
    let (claimed, now) = (claimed.clone(), store.now());
    store
        .write(Priority::Background, move |tx| {
            let claimed = claimed.clone();
            Box::pin(async move { work::finish(tx, &claimed, next, claimed.urgency, now).await })
        })
        .await
        .expect("finished")
}

async fn ripen(store: &Store) {
    let now = store.now();
    store
        .write(Priority::Background, move |tx| {
            Box::pin(async move { work::ripen(tx, now, 100).await })
        })
        .await
        .expect("ripened");
}

async fn one_booking(url: String) -> (Store, Tenant, BookingId) {
    let store = open(&url).await;
    let tenant = furnish(&store, 1).await;
    book(&store, record(tenant, 1, 1)).await.expect("booked");
    (store, tenant, BookingId::new(NOW, bits(1)))
}

async fn wish_during_work(url: String) {
    let (store, tenant, id) = one_booking(url).await;
    enqueue(&store, tenant, id, NOW, NOW).await;
    let first = claim(&store, 10, 1).await;
    assert_eq!(first.len(), 1);
    enqueue(&store, tenant, id, NOW, NOW).await;
    assert!(claim(&store, 10, 2).await.is_empty(), "a wish does not touch the claim");
    assert!(finish(&store, &first[0], None).await);
    let second = claim(&store, 10, 3).await;
    assert_eq!(second.len(), 1, "the wish was not overlooked");
    assert!(finish(&store, &second[0], None).await);
    assert!(claim(&store, 10, 4).await.is_empty());
}

async fn stolen_claim(url: String) {
    let (store, tenant, id) = one_booking(url).await;
    enqueue(&store, tenant, id, NOW, NOW).await;
    let stopped = claim(&store, 10, 1).await;
    store.clock().advance(LEASE);
    ripen(&store).await;
    let thief = claim(&store, 10, 2).await;
    assert_eq!(thief.len(), 1);
    assert_eq!(thief[0].claims, 2, "claims are counted, to see what kills whoever takes it");
    assert!(!finish(&store, &stopped[0], None).await, "the first has nothing to finish");
    assert!(finish(&store, &thief[0], None).await);
}

async fn soonest_first(url: String) {
    let store = open(&url).await;
    let tenant = furnish(&store, 1).await;
    for number in 1..=9 {
        book(&store, record(tenant, 1, number)).await.expect("booked");
        let urgency = NOW.plus(Duration::from_secs(u64::from(100 - number)));
        enqueue(&store, tenant, BookingId::new(NOW, bits(number)), urgency, NOW).await;
    }
    let mut seen = Vec::new();
    for token in 1..=3 {
        let claimed = claim(&store, 3, token).await;
        assert_eq!(claimed.len(), 3, "as many as were asked for, and no more");
        seen.extend(claimed.into_iter().map(|it| it.urgency));
    }
    assert!(seen.is_sorted(), "{seen:?}");
    assert!(claim(&store, 3, 4).await.is_empty());
}

async fn future_look(url: String) {
    let (store, tenant, id) = one_booking(url).await;
    let later = NOW.plus(Duration::from_secs(60));
    enqueue(&store, tenant, id, NOW, later).await;
    ripen(&store).await;
    assert!(claim(&store, 1, 1).await.is_empty());
    let due = store.read(|tx| Box::pin(work::next_due(tx))).await.expect("readable");
    assert_eq!(due, Some(later));
    store.clock().advance(Duration::from_secs(60));
    ripen(&store).await;
    let claimed = claim(&store, 1, 2).await;
    assert_eq!(claimed.len(), 1);
    // Looked at again, at its time.
    assert!(finish(&store, &claimed[0], Some(later.plus(LEASE))).await);
    ripen(&store).await;
    assert!(claim(&store, 1, 3).await.is_empty());
    let pending: Result<i64, StoreError> = store.read(|tx| Box::pin(work::pending(tx))).await;
    assert_eq!(pending.expect("readable"), 0);
}
