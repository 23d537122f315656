//! `PUT` of something that may be new.

use futures::future::BoxFuture;
use roomkey_store::Tx;

use crate::desk::Desk;
use crate::error::{Code, Problem};

/// Makes or changes a thing in one transaction. If somebody else made it in the same moment, it is
/// there the second time, and is changed.
pub(crate) async fn upsert<T, F>(desk: &Desk, change: F) -> Result<T, Problem>
where
    T: Send + 'static,
    F: for<'t> Fn(&'t mut Tx<'_>) -> BoxFuture<'t, Result<T, Problem>>
        + Clone
        + Send
        + Sync
        + 'static,
{
    match desk.change(change.clone()).await {
        Err(problem) if problem.code() == Code::ExternalIdTaken => desk.change(change).await,
        done => done,
    }
}
