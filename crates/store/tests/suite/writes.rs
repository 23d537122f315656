//! Writing: all or nothing, each for itself, and never cut short.

use roomkey_core::id::{BookingId, ServiceId};
use roomkey_store::{Priority, StoreError, booking, both_databases, service};

use crate::fixture::{NOW, bits, book, furnish, open, record};

both_databases! {
    a_failing_change_takes_nobody_with_it = failing_change;
    a_caller_who_goes_away_does_not_cut_it_short = caller_goes;
    what_was_written_reads_back = reads_back;
    what_is_private_is_kept_so = private;
}

#[derive(Debug)]
struct Refused;

impl From<StoreError> for Refused {
    fn from(_: StoreError) -> Self {
        Self
    }
}

impl roomkey_store::Collides for Refused {
    fn collides(&self) -> bool {
        false
    }
}

async fn failing_change(url: String) {
    let store = open(&url).await;
    let tenant = furnish(&store, 1).await;
    // All of these are queued before any is done, so that they share a transaction where they can.
    let changes = (1..=20).map(|number| {
        let store = store.clone();
        async move {
            store
                .write::<(), Refused, _>(Priority::Background, move |tx| {
                    Box::pin(async move {
                        booking::insert(tx, &record(tenant, 1, number)).await?;
                        if number % 2 == 0 { Err(Refused) } else { Ok(()) }
                    })
                })
                .await
        }
    });
    let answers = futures::future::join_all(changes).await;
    for (number, answer) in (1..=20).zip(answers) {
        let id = BookingId::new(NOW, bits(number));
        let there = store
            .read::<_, StoreError, _>(move |tx| {
                Box::pin(async move { booking::get(tx, tenant, id).await })
            })
            .await
            .expect("readable")
            .is_some();
        assert_eq!(there, number % 2 == 1, "booking {number}");
        assert_eq!(answer.is_ok(), there, "booking {number}");
    }
}

async fn caller_goes(url: String) {
    let store = open(&url).await;
    let tenant = furnish(&store, 1).await;
    let mut writing = Box::pin(book(&store, record(tenant, 1, 1)));
    // Asked once, then dropped, as by a client that hangs up.
    let _ = futures::poll!(&mut writing);
    drop(writing);
    book(&store, record(tenant, 1, 2)).await.expect("booked");
    let id = BookingId::new(NOW, bits(1));
    let mut there = false;
    while !there {
        there = store
            .read::<_, StoreError, _>(move |tx| {
                Box::pin(async move { booking::get(tx, tenant, id).await })
            })
            .await
            .expect("readable")
            .is_some();
    }
}

async fn reads_back(url: String) {
    let store = open(&url).await;
    let tenant = furnish(&store, 1).await;
    let written = record(tenant, 1, 7);
    book(&store, written.clone()).await.expect("booked");
    let read = store
        .read::<_, StoreError, _>(move |tx| {
            Box::pin(async move { booking::get(tx, tenant, BookingId::new(NOW, bits(7))).await })
        })
        .await
        .expect("readable");
    assert_eq!(read, Some(written));
    let again = book(&store, record(tenant, 1, 7)).await.expect_err("it is there already");
    assert!(again.is_taken());
}

async fn private(url: String) {
    let store = open(&url).await;
    let tenant = furnish(&store, 1).await;
    book(&store, record(tenant, 1, 7)).await.expect("booked");
    for private in [true, false, true] {
        let read = store
            .write::<_, StoreError, _>(Priority::Interactive, move |tx| {
                Box::pin(async move {
                    let id = ServiceId::new(NOW, bits(1));
                    let mut service = service::lock(tx, tenant, id).await?.expect("there");
                    service.private = private;
                    service::update(tx, tenant, &service).await?;
                    let id = BookingId::new(NOW, bits(7));
                    let mut record = booking::lock(tx, tenant, id).await?.expect("booked");
                    record.booking.private = private;
                    booking::update_asked(tx, &record).await?;
                    let service = service::get(tx, tenant, service.id).await?.expect("there");
                    Ok((service.private, booking::get(tx, tenant, id).await?.expect("booked")))
                })
            })
            .await
            .expect("written");
        assert_eq!((read.0, read.1.booking.private), (private, private));
    }
    let mut another = record(tenant, 1, 8);
    another.booking.private = true;
    book(&store, another.clone()).await.expect("booked");
    let read = store
        .read::<_, StoreError, _>(move |tx| {
            Box::pin(async move { booking::get(tx, tenant, another.booking.id).await })
        })
        .await
        .expect("readable");
    assert!(read.expect("booked").booking.private);
}
