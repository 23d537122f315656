//! The commands on bookings, hosts, services and connections, for the API and the pages alike.
//!
//! Each is one transaction: the booking is locked, `core`'s state machine says what follows, what
//! differs is written with one event per kind of change, the wish for a look is enqueued, and who
//! is not to be told counts as told. What changes nothing writes nothing. The engine is woken
//! after the commit and reads everything afresh.
//!
//! Read first: [`Order`] (what may be asked of a booking that exists), then `draft.rs` (how it is
//! loaded and saved). Functions that end in `_in` take a transaction, so that an answer can be
//! kept in the same one; the others bring their own.

mod admission;
mod agenda;
mod apps;
mod asked;
mod booked;
pub(crate) mod check;
mod connections;
mod draft;
mod hook_secrets;
mod hosts;
mod order;
mod payment;
mod people;
mod pin;
mod put;
mod rehearsal;
mod resend;
mod services;
mod silence;
mod template;
mod title;
mod transcripts;
mod waiting;

use std::sync::Arc;

use futures::future::BoxFuture;
use roomkey_core::Instant;
use roomkey_core::id::{BookingId, PersonId};
use roomkey_core::route::RouteOption;
use roomkey_store::{Priority, Reference, Store, Tenant, Tx, connection};
use roomkey_vault::{Entropy, Ring};
use tokio::sync::Notify as Bell;

use crate::error::{Fault, Problem};

pub use apps::{AppAsked, add_app_in, change_app_in, hold_app_in, remove_app_in};
pub use asked::{Asked, GuestAsked, Standing};
pub(crate) use asked::{external_id_checked, normal, span};
pub use booked::book_in;
pub use check::{address, email, locale, name, phone, route, settings, text, words};
pub(crate) use connections::account;
pub use connections::{
    ConnectionAsked, SERVER_TO_SERVER, add_connection_in, change_connection_in, find_connection_in,
    hold_connection_in, remove_connection_in,
};
pub use hook_secrets::{HookSecrets, WEBHOOK_SECRETS};
pub(crate) use hook_secrets::{
    STRIPE, app_place, change_tenant_secrets_in, connection_place, tenant_place,
};
pub use hosts::{
    HostAsked, add_host_in, change_host_in, hold_host_in, remove_host_in, restore_host_in,
};
pub use order::{Order, perform_in};
pub(crate) use payment::{PaymentTold, pay_in, unconfirmed};
pub use people::Whose;
pub(crate) use put::other_external_id;
pub use put::{Presence, Put, put_if_in, put_in};
pub use rehearsal::Rehearsal;
pub use services::{
    ServiceAsked, add_service_in, change_service_in, door_opens, hold_service_in, reminder,
    restore_service_in,
};
pub use silence::Notify;
pub use title::check as title_template;
pub use transcripts::forget_transcript_in;
pub(crate) use waiting::look_at_held;
pub use waiting::{Held, hold_waiting, look_at, look_at_waiting};

/// What commands are given with. A clone is the same one.
#[derive(Clone)]
pub struct Desk {
    /// The database.
    pub store: Store,
    /// The sealing keys.
    pub ring: Arc<Ring>,
    /// The dice.
    pub entropy: Entropy,
    /// Rung after a change is committed.
    pub wake: Arc<Bell>,
    /// What was only tried with this desk, and counts all the same for what is tried next.
    pub rehearsal: Option<Arc<Rehearsal>>,
}

/// Who gives a command, by kind: it stands in the events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Actor {
    /// A program with an API key.
    Api,
    /// Somebody who runs the practice.
    Operator,
    /// A host.
    Host,
    /// A guest.
    Guest,
    /// Whoever takes the money.
    Payment,
    /// This program.
    Roomkey,
}

impl Actor {
    /// As events write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Operator => "operator",
            Self::Host => "host",
            Self::Guest => "guest",
            Self::Payment => "payment",
            Self::Roomkey => "roomkey",
        }
    }
}

/// Who gives a command, and to whose bookings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct By {
    /// The proof that they may.
    pub tenant: Tenant,
    /// Who they are.
    pub actor: Actor,
}

/// Under which conditions a command is given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Terms {
    /// Who is told; the tenant's choice if this does not say.
    pub notify: Option<Notify>,
    /// Only if the booking's version is one of these.
    pub versions: Option<Vec<i64>>,
    /// Whoever asks has said which version they mean, were it any: what is cancelled or over comes
    /// back only so.
    pub on_purpose: bool,
}

/// What came of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Done {
    /// The booking.
    pub booking: BookingId,
    /// Whether anything is different now.
    pub changed: bool,
    /// Whether the booking was made by this command.
    pub created: bool,
    /// The guest whom it was about.
    pub guest: Option<PersonId>,
}

impl Desk {
    /// What time it is.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.store.now()
    }

    /// Runs a change in one transaction, and wakes the engine once it is committed.
    ///
    /// # Errors
    /// What the change answers; nothing has happened then.
    pub async fn change<T, F>(&self, change: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: for<'t> Fn(&'t mut Tx<'_>) -> BoxFuture<'t, Result<T, Problem>> + Send + Sync + 'static,
    {
        let done = self.store.write(Priority::Interactive, change).await?;
        self.wake.notify_one();
        Ok(done)
    }
}

/// Makes a booking.
///
/// # Errors
/// [`Problem`], with every member that is wrong.
pub async fn book(
    desk: &Desk,
    by: By,
    asked: Asked,
    notify: Option<Notify>,
) -> Result<Done, Problem> {
    let (given, asked) = (desk.clone(), Arc::new(asked));
    desk.change(move |tx| {
        let (desk, asked) = (given.clone(), Arc::clone(&asked));
        Box::pin(async move { book_in(tx, &desk, by, &asked, notify, None).await })
    })
    .await
}

/// Gives an order about a booking.
///
/// # Errors
/// [`Problem`]: there is no such booking, or the order makes no sense now.
pub async fn perform(
    desk: &Desk,
    by: By,
    reference: Reference<BookingId>,
    order: Order,
    terms: Terms,
) -> Result<Done, Problem> {
    let given = (desk.clone(), Arc::new((reference, order, terms)));
    desk.change(move |tx| {
        let (desk, what) = given.clone();
        Box::pin(async move {
            let (reference, order, terms) = what.as_ref();
            perform_in(tx, &desk, by, reference, order, terms).await
        })
    })
    .await
}

/// Routes that name connections which this tenant does not have.
///
/// # Errors
/// The database's.
pub async fn strange_connections(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    route: Option<&[RouteOption]>,
    pointer: &str,
) -> Result<Vec<Fault>, Problem> {
    use roomkey_core::route::Use;
    let named: Vec<_> = route
        .unwrap_or_default()
        .iter()
        .enumerate()
        .filter_map(|(place, option)| match option.uses {
            Use::Connection(id) | Use::Seats(id) => Some((place, id, option.provider)),
            Use::Host | Use::Link => None,
        })
        .collect();
    if named.is_empty() {
        return Ok(Vec::new());
    }
    let known = connection::of_tenant(tx, tenant).await?;
    Ok(named
        .into_iter()
        .filter(|(_, id, provider)| {
            !known.iter().any(|it| it.connection.id == *id && it.connection.provider == *provider)
        })
        .map(|(place, ..)| {
            let words = "names no connection of this tenant at this provider";
            Fault::new(format!("{pointer}/{place}/use"), "not_found", words)
        })
        .collect())
}

/// Refuses a route that names connections which this tenant does not have.
pub(crate) async fn known_route(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    route: Option<&Option<Vec<RouteOption>>>,
) -> Result<(), Problem> {
    let route = route.and_then(Option::as_deref);
    let faults = strange_connections(tx, tenant, route, "/route").await?;
    if faults.is_empty() { Ok(()) } else { Err(Problem::invalid(faults)) }
}
