//! Access tokens: whose turn it is to ask, and what is kept of it.

use std::time::Duration;

use roomkey_core::id::ConnectionId;
use roomkey_store::access_token::{self, Kept, Of, Turn};
use roomkey_store::{Priority, Store, StoreError, both_databases};
use uuid::Uuid;

use crate::fixture::{NOW, bits, open};

both_databases! {
    one_asks_and_the_others_find_what_it_brought = turns;
    a_turn_that_is_over_keeps_nothing = late_asker;
    new_credentials_begin_anew_and_old_ones_keep_nothing = revisions;
}

const TURN: Duration = Duration::from_secs(10);
const HOUR: Duration = Duration::from_secs(3600);

fn of(revision: i64) -> Of {
    Of { connection: ConnectionId::new(NOW, bits(1)), revision }
}

fn ticket(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

async fn turn(store: &Store, of: Of, number: u128) -> Turn {
    let now = store.now();
    store
        .write::<_, StoreError, _>(Priority::Interactive, move |tx| {
            Box::pin(access_token::turn(tx, of, ticket(number), now.plus(TURN), now))
        })
        .await
        .expect("the database answers")
}

async fn keep(store: &Store, of: Of, number: u128, token: &'static [u8]) -> Option<i64> {
    let renew_at = store.now().plus(HOUR);
    store
        .write::<_, StoreError, _>(Priority::Interactive, move |tx| {
            Box::pin(access_token::keep(tx, of, ticket(number), token, renew_at))
        })
        .await
        .expect("the database answers")
}

async fn discard(store: &Store, of: Of, number: i64) {
    store
        .write::<_, StoreError, _>(Priority::Interactive, move |tx| {
            Box::pin(access_token::discard(tx, of, number))
        })
        .await
        .expect("the database answers");
}

fn kept(turn: Turn) -> Kept {
    match turn {
        Turn::Kept(kept) => kept,
        other @ (Turn::Ours | Turn::Theirs | Turn::Outdated) => panic!("there is none: {other:?}"),
    }
}

async fn turns(url: String) {
    let store = open(&url).await;
    assert_eq!(turn(&store, of(1), 1).await, Turn::Ours);
    assert_eq!(turn(&store, of(1), 2).await, Turn::Theirs);
    assert_eq!(keep(&store, of(1), 1, b"first").await, Some(1));
    assert_eq!(kept(turn(&store, of(1), 2).await).sealed, b"first");
    // Refused: one asks anew, and who refuses it again takes nothing away.
    discard(&store, of(1), 1).await;
    assert_eq!(turn(&store, of(1), 3).await, Turn::Ours);
    discard(&store, of(1), 1).await;
    assert_eq!(turn(&store, of(1), 4).await, Turn::Theirs);
    assert_eq!(keep(&store, of(1), 3, b"second").await, Some(2));
    discard(&store, of(1), 1).await;
    assert_eq!(kept(turn(&store, of(1), 4).await).sealed, b"second");
    // At its end it is nobody's until somebody asks.
    store.clock().advance(HOUR);
    assert_eq!(turn(&store, of(1), 5).await, Turn::Ours);
    let left = store
        .write::<_, StoreError, _>(Priority::Interactive, move |tx| {
            Box::pin(access_token::leave(tx, of(1), ticket(5)))
        })
        .await;
    left.expect("the database answers");
    assert_eq!(turn(&store, of(1), 6).await, Turn::Ours, "who has nothing to bring says so");
}

async fn late_asker(url: String) {
    let store = open(&url).await;
    assert_eq!(turn(&store, of(1), 1).await, Turn::Ours);
    store.clock().advance(TURN);
    assert_eq!(turn(&store, of(1), 2).await, Turn::Ours, "its turn is over");
    assert_eq!(keep(&store, of(1), 1, b"late").await, None);
    assert_eq!(keep(&store, of(1), 2, b"in time").await, Some(1));
    let now = store.now();
    let forced = store
        .write::<_, StoreError, _>(Priority::Interactive, move |tx| {
            Box::pin(access_token::force(tx, of(1), ticket(3), now.plus(TURN)))
        })
        .await;
    assert_eq!(forced.expect("the database answers"), Turn::Ours);
    assert_eq!(keep(&store, of(1), 3, b"proof").await, Some(2));
    assert_eq!(kept(turn(&store, of(1), 4).await).sealed, b"proof");
}

async fn revisions(url: String) {
    let store = open(&url).await;
    assert_eq!(turn(&store, of(1), 1).await, Turn::Ours);
    assert_eq!(turn(&store, of(2), 2).await, Turn::Ours, "the credentials are others now");
    assert_eq!(keep(&store, of(1), 1, b"old").await, None);
    assert_eq!(keep(&store, of(2), 2, b"new").await, Some(1));
    assert_eq!(turn(&store, of(1), 3).await, Turn::Outdated);
    assert_eq!(kept(turn(&store, of(2), 4).await).sealed, b"new");
    let now = store.now();
    let read = store
        .read::<_, StoreError, _>(move |tx| Box::pin(access_token::kept(tx, of(1), now)))
        .await;
    assert_eq!(read.expect("the database answers"), None);
}
