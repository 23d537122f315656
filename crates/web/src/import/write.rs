//! One row into the database, in a transaction of its own; or tried, and taken back.

use std::sync::Arc;

use roomkey_core::id::{BookingId, HostId, ServiceId};
use roomkey_store::{Collides, Priority, Reference, StoreError, Tx, booking};
use serde_json::Value;

use super::Outcome;
use super::known::{Named, NamedHost, NamedService};
use super::row::Row;
use crate::desk::{
    Asked, By, Desk, Done, Notify, Put, Standing, Terms, add_host_in, add_service_in, book_in,
    put_in,
};
use crate::error::Problem;

/// What came of a row.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Written {
    pub(crate) outcome: Outcome,
    /// Nothing if it is only tried and not there yet.
    pub(crate) booking: Option<BookingId>,
    /// Who was made, or was there.
    pub(crate) host: HostId,
    pub(crate) service: ServiceId,
}

/// Why nothing of a row was kept.
enum Undone {
    /// On purpose: this would have come of it.
    Tried(Written),
    Refused(Problem),
}

impl From<StoreError> for Undone {
    fn from(error: StoreError) -> Self {
        Self::Refused(error.into())
    }
}

impl From<Problem> for Undone {
    fn from(problem: Problem) -> Self {
        Self::Refused(problem)
    }
}

impl Collides for Undone {
    fn collides(&self) -> bool {
        match self {
            Self::Tried(_) => false,
            Self::Refused(problem) => problem.collides(),
        }
    }
}

/// How rows are written.
#[derive(Clone)]
pub(crate) struct Manner {
    pub(crate) desk: Desk,
    pub(crate) by: By,
    pub(crate) notify: Notify,
    pub(crate) apply: bool,
}

/// Writes a row, with its host and its service if they are not there.
///
/// # Errors
/// What the desk refuses, or the database.
pub(crate) async fn write(
    manner: Manner,
    row: Arc<Row>,
    host: NamedHost,
    service: NamedService,
) -> Result<Written, Problem> {
    let store = manner.desk.store.clone();
    let written = store
        .write::<_, Undone, _>(Priority::Interactive, move |tx| {
            let (manner, row) = (manner.clone(), Arc::clone(&row));
            let (host, service) = (host.clone(), service.clone());
            Box::pin(async move {
                let (done, written) =
                    Box::pin(write_in(tx, &manner, &row, &host, &service)).await?;
                if let Some(tried) = &manner.desk.rehearsal
                    && let Some(record) = booking::get(tx, manner.by.tenant, done.booking).await?
                {
                    tried.note(&row.external_id, &record.booking);
                }
                if manner.apply { Ok(written) } else { Err(Undone::Tried(written)) }
            })
        })
        .await;
    match written {
        Ok(written) | Err(Undone::Tried(written)) => Ok(written),
        Err(Undone::Refused(problem)) => Err(problem),
    }
}

async fn write_in(
    tx: &mut Tx<'_>,
    manner: &Manner,
    row: &Row,
    host: &NamedHost,
    service: &NamedService,
) -> Result<(Done, Written), Problem> {
    let Manner { desk, by, notify, apply } = manner;
    let host = match host {
        Named::There(host) => *host,
        Named::New(host) => add_host_in(tx, desk, by.tenant, host).await?,
    };
    let service = match service {
        Named::There(service) => *service,
        Named::New(service) => add_service_in(tx, desk, by.tenant, service).await?,
    };
    let asked = Asked {
        host: Some(Reference::Id(host)),
        service: Some(Reference::Id(service)),
        ..row.asked.clone()
    };
    let reference = Reference::External(row.external_id.clone());
    let known = booking::find(tx, by.tenant, &reference).await?;
    let is_new = known.is_none();
    let over = row.end <= desk.now() && asked.status == Some(Standing::Confirmed);
    let done = if is_new && over {
        // It took place. What is compared with the next file is what this one says.
        let said = Value::Object(asked.sent()).to_string();
        let asked = Asked { status: Some(Standing::Completed), ..asked };
        book_in(tx, desk, *by, &asked, Some(*notify), Some(said)).await?
    } else {
        let ended = known.is_some_and(|it| it.booking.status.is_final() && it.last_put.is_none());
        // A table means what it knows, and not that a session which ended here takes place after all.
        let status = asked.status.filter(|it| !(ended && *it == Standing::Confirmed));
        let put = Put { reference, asked: Asked { status, ..asked } };
        let terms = Terms { notify: Some(*notify), ..Terms::default() };
        put_in(tx, desk, *by, &put, &terms).await?
    };
    let outcome = match done {
        Done { created: true, .. } if over => Outcome::Completed,
        Done { created: true, .. } => Outcome::Created,
        Done { changed: true, .. } => Outcome::Changed,
        Done { .. } => Outcome::Unchanged,
    };
    let booking = (*apply || !done.created).then_some(done.booking);
    Ok((done, Written { outcome, booking, host, service }))
}
