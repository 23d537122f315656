//! A vendor's budget is one for all processes: never more than the burst, refilled by time.

use std::time::Duration;

use roomkey_core::route::Lane;
use roomkey_store::{Priority, Store, StoreError, both_databases, lane};

use crate::fixture::open;

both_databases! {
    a_budget_is_shared_and_refilled_by_time = shared_budget;
}

const COST: Duration = Duration::from_millis(300);
const BURST: Duration = Duration::from_secs(1);

async fn spend(store: &Store) -> bool {
    let now = store.now();
    store
        .write::<bool, StoreError, _>(Priority::Background, move |tx| {
            Box::pin(async move { lane::spend(tx, Lane::Fixed, COST, BURST, now).await })
        })
        .await
        .expect("the database answers")
}

async fn shared_budget(url: String) {
    let store = open(&url).await;
    for _ in 0..3 {
        assert!(spend(&store).await);
    }
    assert!(!spend(&store).await, "it is spent");
    store.clock().advance(Duration::from_millis(200));
    assert!(spend(&store).await);
    assert!(!spend(&store).await);
    store.clock().advance(Duration::from_secs(3600));
    for _ in 0..3 {
        assert!(spend(&store).await, "it never holds more than the burst");
    }
    assert!(!spend(&store).await);
}
