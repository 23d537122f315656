//! SQLite's one writer: a task that takes what is queued, does it in one transaction, each part in
//! a savepoint of its own, and answers when the transaction is on the disk.

use std::sync::Arc;

use futures::future::BoxFuture;
use sqlx::sqlite::SqliteConnection;
use tokio::sync::{mpsc, oneshot};

use crate::error::StoreError;
use crate::tx::Tx;

/// How soon a change matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Priority {
    /// Somebody waits for the answer.
    Interactive,
    /// The engine's own.
    Background,
}

/// Changes that share one transaction, at the most.
const GROUP: usize = 128;

/// One queued change. It may be run more than once before it is answered.
pub(crate) trait Job: Send {
    /// Runs it; whether its savepoint is to be kept.
    fn run<'a>(&'a mut self, tx: &'a mut Tx<'_>) -> BoxFuture<'a, bool>;
    /// Answers with its last result, or with the transaction's failure.
    fn answer(self: Box<Self>, committed: Result<(), StoreError>);
}

pub(crate) struct Queue {
    interactive: mpsc::UnboundedSender<Box<dyn Job>>,
    background: mpsc::UnboundedSender<Box<dyn Job>>,
}

impl Queue {
    /// The queue and the task that works it off until the queue is dropped.
    pub(crate) fn new(
        connection: SqliteConnection,
    ) -> (Self, impl Future<Output = ()> + Send + 'static) {
        let (interactive, first) = mpsc::unbounded_channel();
        let (background, second) = mpsc::unbounded_channel();
        (Self { interactive, background }, work(connection, first, second))
    }

    pub(crate) fn push(&self, priority: Priority, job: Box<dyn Job>) -> Result<(), StoreError> {
        let queue = match priority {
            Priority::Interactive => &self.interactive,
            Priority::Background => &self.background,
        };
        queue.send(job).map_err(|_| StoreError::Closed)
    }
}

async fn work(
    mut connection: SqliteConnection,
    mut interactive: mpsc::UnboundedReceiver<Box<dyn Job>>,
    mut background: mpsc::UnboundedReceiver<Box<dyn Job>>,
) {
    loop {
        let first = tokio::select! {
            biased;
            job = interactive.recv() => job,
            job = background.recv() => job,
        };
        let Some(first) = first else { break };
        let mut group = vec![first];
        while group.len() < GROUP {
            match interactive.try_recv().or_else(|_| background.try_recv()) {
                Ok(job) => group.push(job),
                Err(_) => break,
            }
        }
        commit_group(&mut connection, group).await;
    }
    // The last of the log goes into the file, so that the file alone is whole.
    let _ = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut connection).await;
}

async fn commit_group(connection: &mut SqliteConnection, mut group: Vec<Box<dyn Job>>) {
    match run_group(connection, &mut group).await {
        Ok(()) => {
            for job in group {
                job.answer(Ok(()));
            }
        }
        Err(_) if group.len() > 1 => {
            // What ended the transaction ended it for all: each part has its own chance.
            for job in group {
                let mut alone = vec![job];
                let outcome = run_group(connection, &mut alone).await;
                for job in alone {
                    job.answer(outcome.clone());
                }
            }
        }
        Err(error) => {
            for job in group {
                job.answer(Err(error.clone()));
            }
        }
    }
}

async fn run_group(
    connection: &mut SqliteConnection,
    group: &mut [Box<dyn Job>],
) -> Result<(), StoreError> {
    let outcome = run_in_transaction(connection, group).await;
    if outcome.is_err() {
        // It may be over already; then there is nothing to roll back.
        let _ = sqlx::query("ROLLBACK").execute(&mut *connection).await;
    }
    outcome
}

async fn run_in_transaction(
    connection: &mut SqliteConnection,
    group: &mut [Box<dyn Job>],
) -> Result<(), StoreError> {
    execute(connection, "BEGIN IMMEDIATE").await?;
    for job in group {
        execute(connection, "SAVEPOINT part").await?;
        let keep = job.run(&mut Tx::lite(connection)).await;
        if !keep {
            execute(connection, "ROLLBACK TO part").await?;
        }
        execute(connection, "RELEASE part").await?;
    }
    execute(connection, "COMMIT").await
}

async fn execute(connection: &mut SqliteConnection, sql: &'static str) -> Result<(), StoreError> {
    sqlx::query(sql).execute(connection).await.map(|_| ()).map_err(StoreError::from)
}

/// A change and where its answer goes.
pub(crate) struct Change<F, T, E> {
    pub(crate) apply: Arc<F>,
    pub(crate) result: Option<Result<T, E>>,
    pub(crate) reply: oneshot::Sender<Result<T, E>>,
}

impl<F, T, E> Job for Change<F, T, E>
where
    F: for<'t> Fn(&'t mut Tx<'_>) -> BoxFuture<'t, Result<T, E>> + Send + Sync + 'static,
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
{
    fn run<'a>(&'a mut self, tx: &'a mut Tx<'_>) -> BoxFuture<'a, bool> {
        Box::pin(async move {
            let result = (self.apply)(tx).await;
            let keep = result.is_ok();
            self.result = Some(result);
            keep
        })
    }

    fn answer(self: Box<Self>, committed: Result<(), StoreError>) {
        let result = match (committed, self.result) {
            (Ok(()), Some(result)) => result,
            (Ok(()), None) => Err(E::from(StoreError::Closed)),
            (Err(error), _) => Err(E::from(error)),
        };
        // Whoever asked may have hung up; the change has happened all the same.
        let _ = self.reply.send(result);
    }
}
