//! Whether a connection's credentials are good: asked of the vendor, and written down.

use std::time::Duration;

use roomkey_core::failure::{Failure, Reason};
use roomkey_core::id::ConnectionId;
use roomkey_core::route::Place;
use roomkey_providers::contract::Call;
use roomkey_store::Tenant;
use roomkey_store::connection::{self, Record};

use crate::app::App;
use crate::desk;
use crate::error::Problem;

/// How long the vendor may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Asks the vendor whether a connection's credentials are good, and writes down what it says.
pub(super) async fn check(
    app: &App,
    tenant: Tenant,
    id: ConnectionId,
) -> Result<Result<(), Failure>, Problem> {
    let record = app
        .store()
        .read(move |tx| Box::pin(async move { desk::find_connection_in(tx, tenant, id).await }))
        .await?;
    let outcome = ask(app, &record).await;
    let (trouble, works) = match &outcome {
        Ok(()) => (None, true),
        Err(Failure::NeedsReconnect(reason)) => (Some(reason.clone()), false),
        Err(
            Failure::Transient(_)
            | Failure::Throttled { .. }
            | Failure::Rejected(_)
            | Failure::UnknownUser(_)
            | Failure::Gone
            | Failure::Occupied
            | Failure::Unknown(_),
        ) => return Ok(outcome),
    };
    let (desk, revision) = (app.desk.clone(), record.revision);
    let mended = works && record.connection.needs_reconnect.is_some();
    app.desk
        .change(move |tx| {
            let (desk, trouble) = (desk.clone(), trouble.clone());
            Box::pin(async move {
                // Bookings first: whoever has one in hand writes to its connection next.
                if mended {
                    desk::look_at_waiting(tx, tenant, desk.now()).await?;
                }
                connection::set_trouble(tx, tenant, id, revision, trouble.as_ref()).await?;
                if works {
                    connection::set_checked(tx, tenant, id, desk.now()).await?;
                }
                Ok(())
            })
        })
        .await?;
    Ok(outcome)
}

async fn ask(app: &App, record: &Record) -> Result<(), Failure> {
    let connection = &record.connection;
    let Some(account) = desk::account(&app.desk, record) else {
        let words = "The secrets of this connection cannot be opened with the present sealing keys. Put the old sealing key back into the ring, or connect the account anew.";
        return Err(Failure::Unknown(Reason::new("secrets_unreadable", words)));
    };
    let place = Place {
        provider: connection.provider,
        connection: Some(connection.id),
        account: connection.account.clone(),
        // Nobody in particular: the account itself is asked.
        user: String::new(),
    };
    let call = Call { account, place, now: app.now(), passcode: None };
    let asked = app.providers.get(connection.provider).check(&call);
    match tokio::time::timeout(PATIENCE, asked).await {
        Ok(answer) => answer.result,
        Err(_) => {
            let words = format!(
                "{} did not answer within {} seconds. Try again in a moment.",
                connection.provider.label(),
                PATIENCE.as_secs()
            );
            Err(Failure::Unknown(Reason::new("no_answer", words)))
        }
    }
}
