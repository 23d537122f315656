//! Kept events of payments are seen to: each becomes a command on its booking. That is why they are
//! seen to here, where commands are, and not by the engine, which sees to what is told of rooms.
//!
//! An event is seen to in the transaction that says so, under the lock of its booking, so that a
//! kill loses nothing and two processes do nothing twice.

use std::time::Duration;

use roomkey_core::failure::Reason;
use roomkey_core::id::{BookingId, EventId, TenantId};
use roomkey_core::payment::{Money, NamedBy, Received};
use roomkey_providers::stripe::events::{self, Event, News, Payment};
use roomkey_store::inbound::{self, Inbound, Vendor};
use roomkey_store::{Priority, Reference, StoreError, Tenant, Tx, installation, tenant};
use secrecy::ExposeSecret as _;

use super::{kept, ways};
use crate::app::App;
use crate::desk::{self, Desk, PaymentTold};
use crate::error::Problem;

/// How many are looked for at once.
const MANY: u32 = 100;
/// How long nobody looks if nobody rings: what was put off, or was left by a process that died.
const TICK: Duration = Duration::from_secs(5);

/// Which booking a payment is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct About {
    /// Whose it is, if the address does not say.
    tenant: Option<TenantId>,
    /// Which one.
    booking: Reference<BookingId>,
    /// Who said so.
    named_by: NamedBy,
}

/// Which booking an event is about that came to an address of this tenant; nothing if it can be
/// about none.
pub(super) fn about(event: &Event, owner: Tenant) -> Option<About> {
    let payment = match &event.news {
        News::Paid(payment) | News::Failed(payment) | News::Expired(payment) => payment,
        News::Other => return None,
    };
    let named = payment.tenant.as_deref().map(str::parse::<TenantId>);
    let tenant = if owner == installation::tenant() {
        // The installation's address is everybody's: there the payment says whose it is.
        Some(named?.ok()?)
    } else {
        if named.is_some_and(|it| it.ok() != Some(owner.id())) {
            return None;
        }
        None
    };
    let (booking, named_by) = named_booking(payment)?;
    Some(About { tenant, booking, named_by })
}

/// What the seller says goes before what the buyer may have said.
fn named_booking(payment: &Payment) -> Option<(Reference<BookingId>, NamedBy)> {
    if let Some(booking) = &payment.booking {
        return Some((booking.parse().ok()?, NamedBy::Seller));
    }
    let id = payment.client_reference.as_deref()?.parse().ok()?;
    Some((Reference::Id(id), NamedBy::Anybody))
}

/// Sees to payments as they are told, until it is dropped.
pub(crate) async fn keep_seeing_to(app: App) {
    let mut steady = true;
    loop {
        match see_to(&app).await {
            Ok(_) => steady = true,
            Err(problem) => {
                if steady {
                    tracing::warn!(error.message = %problem, "payments were not seen to; trying on");
                }
                steady = false;
            }
        }
        tokio::select! {
            () = app.told.notified() => {}
            () = tokio::time::sleep(TICK) => {}
        }
    }
}

/// Sees to what was told of payments, oldest first, until nothing waits; answers how much it was.
///
/// # Errors
/// [`Problem`]: the database does not answer.
pub(crate) async fn see_to(app: &App) -> Result<usize, Problem> {
    let mut count = 0;
    loop {
        let now = app.now();
        let waiting = app.store().read(move |tx| {
            Box::pin(async move { inbound::waiting(tx, Vendor::Stripe, now, MANY).await })
        });
        let waiting = waiting.await?;
        let mut seen = 0;
        for (tenant, id) in waiting {
            if see_to_one(app, tenant, id).await? {
                seen += 1;
            }
        }
        if seen == 0 {
            return Ok(count);
        }
        count += seen;
    }
}

/// Sees to one event; whether it was still there to be seen to. An event whose booking cannot be
/// confirmed is seen to once more, to say so.
async fn see_to_one(app: &App, tenant: Tenant, id: EventId) -> Result<bool, Problem> {
    let refused = match attempt(app, tenant, id, None).await {
        Err(problem) if problem.code().status().is_client_error() => desk::unconfirmed(&problem),
        Err(problem) => return put_off(app, tenant, id, &problem).await,
        Ok(seen) => return Ok(seen),
    };
    match attempt(app, tenant, id, Some(refused)).await {
        Err(problem) => put_off(app, tenant, id, &problem).await,
        Ok(seen) => Ok(seen),
    }
}

async fn attempt(
    app: &App,
    tenant: Tenant,
    id: EventId,
    refused: Option<Reason>,
) -> Result<bool, Problem> {
    let given = app.desk.clone();
    app.desk
        .change(move |tx| {
            let (desk, refused) = (given.clone(), refused.clone());
            Box::pin(async move {
                let now = desk.now();
                let Some(kept) = inbound::take(tx, tenant, id, now).await? else {
                    return Ok(false);
                };
                let Ok(body) = desk.ring.open(kept::place(id), &kept.sealed) else {
                    tracing::warn!(event.id = %id, "a kept event does not open");
                    inbound::put_off(tx, &kept, now).await?;
                    return Ok(true);
                };
                if let Ok(event) = events::read(body.expose_secret()) {
                    Box::pin(apply(tx, &desk, &kept, event, refused.as_ref())).await?;
                }
                inbound::done(tx, &kept).await?;
                Ok(true)
            })
        })
        .await
}

/// An event that cannot be seen to keeps none of the others waiting.
async fn put_off(app: &App, tenant: Tenant, id: EventId, why: &Problem) -> Result<bool, Problem> {
    tracing::warn!(error.message = %why, event.id = %id, "a payment was not seen to; it is tried again");
    let now = app.now();
    let put_off = app.store().write(Priority::Background, move |tx| {
        Box::pin(async move {
            let Some(kept) = inbound::take(tx, tenant, id, now).await? else { return Ok(false) };
            inbound::put_off(tx, &kept, now).await?;
            Ok::<_, StoreError>(true)
        })
    });
    Ok(put_off.await?)
}

async fn apply(
    tx: &mut Tx<'_>,
    desk: &Desk,
    kept: &Inbound,
    event: Event,
    refused: Option<&Reason>,
) -> Result<(), Problem> {
    let Some(about) = about(&event, kept.tenant) else { return Ok(()) };
    let Some(tenant) = whose(tx, desk, kept, &about).await? else { return Ok(()) };
    let at = event.at.unwrap_or(kept.received_at).min(kept.received_at);
    let told = match event.news {
        News::Paid(payment) => PaymentTold::Received(Received {
            money: money(&payment),
            reference: payment.reference,
            named_by: about.named_by,
            at,
        }),
        News::Failed(payment) => PaymentTold::Failed { reference: payment.reference },
        News::Expired(payment) => PaymentTold::Expired { reference: payment.reference },
        News::Other => return Ok(()),
    };
    desk::pay_in(tx, desk, tenant, &about.booking, &told, refused).await
}

/// Whose booking it is. The installation's word counts for tenants that have no secret of their
/// own, and for no others.
async fn whose(
    tx: &mut Tx<'_>,
    desk: &Desk,
    kept: &Inbound,
    about: &About,
) -> Result<Option<Tenant>, Problem> {
    let Some(id) = about.tenant else { return Ok(Some(kept.tenant)) };
    let Some((tenant, sealed)) = tenant::by_address(tx, id).await? else { return Ok(None) };
    let own = ways::of_tenant(desk, id, sealed.as_deref());
    Ok(own.is_none().then_some(tenant))
}

fn money(payment: &Payment) -> Option<Money> {
    Some(Money { amount: payment.amount?, currency: payment.currency.as_deref()?.parse().ok()? })
}
