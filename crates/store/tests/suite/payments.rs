//! What is known of payments rests with the booking, and each vendor's events wait apart.

use std::time::Duration;

use roomkey_core::booking::{Awaiting, Status};
use roomkey_core::failure::Reason;
use roomkey_core::id::EventId;
use roomkey_core::payment::{Money, Payment, Standing};
use roomkey_store::inbound::{self, Inbound, Vendor};
use roomkey_store::{
    Priority, Store, StoreError, Tenant, booking, both_databases, schedule, tenant,
};

use crate::fixture::{NOW, bits, book, furnish, open, record};

both_databases! {
    a_payment_rests_with_its_booking_and_calls_for_a_person = rests;
    each_vendors_events_wait_apart = vendors;
    a_tenants_secrets_are_found_by_its_address = address;
}

fn payment() -> Payment {
    Payment {
        status: Standing::Mismatch,
        at: NOW,
        money: Some(Money { amount: 4_500, currency: "eur".parse().expect("a currency") }),
        reference: "pi_1".to_owned(),
        reason: Some(Reason::new("payment_differs", "The session costs 50.00 EUR.")),
        others: vec!["pi_0".to_owned()],
    }
}

async fn rests(url: String) {
    let store = open(&url).await;
    let tenant = furnish(&store, 1).await;
    let mut paid = record(tenant, 1, 1);
    paid.booking.status = Status::Pending(Awaiting::Payment);
    let mut unpaid = record(tenant, 1, 2);
    unpaid.booking.status = Status::Pending(Awaiting::Payment);
    paid.payment = Some(payment());
    book(&store, paid.clone()).await.expect("booked");
    book(&store, unpaid).await.expect("booked");
    let id = paid.booking.id;
    let (read, needing) = store
        .read::<_, StoreError, _>(move |tx| {
            Box::pin(async move {
                let waiting = schedule::Filter {
                    side: schedule::Side::Ahead(NOW),
                    needing: true,
                    ..schedule::Filter::default()
                };
                let read = booking::get(tx, tenant, id).await?;
                Ok((read, schedule::page(tx, tenant, &waiting, None, 10).await?))
            })
        })
        .await
        .expect("readable");
    assert_eq!(read.as_ref(), Some(&paid));
    assert_eq!(needing.iter().map(|it| it.booking.id).collect::<Vec<_>>(), [id]);
    paid.payment = None;
    let changed: Result<_, StoreError> = store
        .write(Priority::Interactive, move |tx| {
            let paid = paid.clone();
            Box::pin(async move {
                booking::update_asked(tx, &paid).await?;
                booking::get(tx, tenant, id).await
            })
        })
        .await;
    assert_eq!(changed.expect("written").expect("there").payment, None);
}

fn event(tenant: Tenant, number: u32, vendor: Vendor) -> Inbound {
    let mut said = [0; 32];
    said[..4].copy_from_slice(&number.to_be_bytes());
    Inbound {
        tenant,
        id: EventId::new(NOW, bits(number)),
        vendor,
        address: "default".to_owned(),
        event: "something".to_owned(),
        said,
        sealed: vec![7],
        received_at: NOW,
        tries: 0,
    }
}

/// What of a vendor's waits at that time.
async fn waiting(store: &Store, vendor: Vendor, after: Duration) -> Vec<EventId> {
    let now = NOW.plus(after);
    let read: Result<_, StoreError> = store
        .read(move |tx| Box::pin(async move { inbound::waiting(tx, vendor, now, 10).await }))
        .await;
    read.expect("readable").into_iter().map(|(_, id)| id).collect()
}

async fn vendors(url: String) {
    let store = open(&url).await;
    let tenant = furnish(&store, 1).await;
    let kept: Result<_, StoreError> = store
        .write(Priority::Interactive, move |tx| {
            Box::pin(async move {
                let zoom = inbound::keep(tx, &event(tenant, 1, Vendor::Zoom)).await?;
                let stripe = inbound::keep(tx, &event(tenant, 2, Vendor::Stripe)).await?;
                let again = inbound::keep(tx, &event(tenant, 2, Vendor::Stripe)).await?;
                let due = inbound::due(tx, Vendor::Zoom, NOW, 10).await?;
                Ok((zoom, stripe, again, due))
            })
        })
        .await;
    let (zoom, stripe, again, due) = kept.expect("kept");
    assert_eq!((zoom, stripe, again), (true, true, false));
    assert_eq!(due, [event(tenant, 1, Vendor::Zoom)]);
    let id = EventId::new(NOW, bits(2));
    assert_eq!(waiting(&store, Vendor::Stripe, Duration::ZERO).await, [id]);
    let taken: Result<_, StoreError> = store
        .write(Priority::Interactive, move |tx| {
            Box::pin(async move {
                let taken = inbound::take(tx, tenant, id, NOW).await?.expect("it waits");
                inbound::put_off(tx, &taken, NOW).await?;
                let again = inbound::take(tx, tenant, id, NOW).await?;
                Ok((taken, again))
            })
        })
        .await;
    let (taken, again) = taken.expect("taken");
    assert_eq!((taken, again), (event(tenant, 2, Vendor::Stripe), None));
    let minute = Duration::from_secs(60);
    assert!(waiting(&store, Vendor::Stripe, minute / 2).await.is_empty());
    assert_eq!(waiting(&store, Vendor::Stripe, minute).await, [id]);
    // Stripe says the same again for three days: it is known for longer.
    let swept: Result<_, StoreError> = store
        .write(Priority::Interactive, move |tx| {
            Box::pin(async move {
                let early = inbound::sweep(tx, NOW.plus(minute * 60 * 24 * 3)).await?;
                Ok((early, inbound::sweep(tx, NOW.plus(minute * 60 * 24 * 5)).await?))
            })
        })
        .await;
    assert_eq!(swept.expect("swept"), (0, 2));
}

async fn address(url: String) {
    let store = open(&url).await;
    let (ours, theirs) = (furnish(&store, 1).await, furnish(&store, 2).await);
    let found: Result<_, StoreError> = store
        .write(Priority::Interactive, move |tx| {
            Box::pin(async move {
                tenant::set_secrets(tx, ours, &[1, 2]).await?;
                let found = (
                    tenant::by_address(tx, ours.id()).await?,
                    tenant::by_address(tx, theirs.id()).await?,
                    tenant::by_address(tx, roomkey_core::id::TenantId::new(NOW, bits(9))).await?,
                    tenant::secrets(tx, ours).await?,
                );
                Ok(found)
            })
        })
        .await;
    let sealed = Some(vec![1, 2]);
    assert_eq!(
        found.expect("found"),
        (Some((ours, sealed.clone())), Some((theirs, None)), None, sealed)
    );
}
