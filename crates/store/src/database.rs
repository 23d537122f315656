//! The database: SQLite in one file, or PostgreSQL.

use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use roomkey_core::Instant;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{ConnectOptions as _, Connection as _, SqliteConnection};
use tokio::sync::oneshot;
use tokio_util::task::TaskTracker;

use crate::clock::{Clock, Measured, Tolerance};
use crate::error::StoreError;
use crate::installation;
use crate::lock;
use crate::sql::{run, statements};
use crate::tx::Tx;
use crate::writer::{Change, Priority, Queue};

statements! {
    NOW = "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)";
}

static LITE_MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("./migrations/sqlite");
static POSTGRES_MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("./migrations/postgres");

/// Why the database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The address is of no database that we know.
    #[error("`{0}` is no database address; write sqlite://roomkey.db or postgres://user@host/name")]
    Address(String),
    /// It does not open.
    #[error("the database cannot be opened")]
    Open(#[source] sqlx::Error),
    /// Its schema cannot be brought up to date.
    #[error("the database's schema cannot be brought up to date")]
    Migrate(#[source] sqlx::migrate::MigrateError),
    /// Its schema is behind, and PostgreSQL is migrated by hand.
    #[error("the database's schema is {behind} step(s) behind; run `roomkey migrate`")]
    Behind {
        /// How many migrations are missing.
        behind: usize,
    },
    /// Another engine process works on this file.
    #[error(
        "another process serves this SQLite file ({0}); stop it, or use PostgreSQL for more than one process"
    )]
    InUse(PathBuf),
    /// The file has two names, and what SQLite keeps beside it has one of them.
    #[error(
        "the SQLite file {0} has more than one name (hard links), which costs data sooner or later; keep one of them"
    )]
    Linked(PathBuf),
    /// The lock beside the file cannot be taken.
    #[error("the lock file {path} cannot be opened")]
    Lock {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

/// The database, shared by everything in the process.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    backend: Backend,
    clock: Clock,
    tasks: TaskTracker,
    /// Kept open for as long as this process serves the file.
    _lock: Option<std::fs::File>,
}

enum Backend {
    Lite { queue: Queue, readers: SqlitePool },
    Postgres { pool: PgPool },
}

/// How a database is opened.
#[derive(Debug, Clone)]
pub struct Options {
    /// `sqlite://…` or `postgres://…`.
    pub url: String,
    /// The clock to tell time by.
    pub clock: Clock,
    /// Whether this process is to work on the bookings: only one may on a SQLite file.
    pub serves: bool,
    /// Connections at the most (PostgreSQL) or readers (SQLite).
    pub connections: u32,
}

impl Store {
    /// Opens a database. SQLite is brought up to date; PostgreSQL must be (see [`migrate`]).
    ///
    /// # Errors
    /// [`OpenError`], with the remedy in its words.
    pub async fn open(options: Options) -> Result<Self, OpenError> {
        let tasks = TaskTracker::new();
        let (backend, lock) = match Address::parse(&options.url)? {
            Address::Lite(connect) => {
                let lock = if options.serves { lock::take(connect.get_filename())? } else { None };
                let mut writer = connect.connect().await.map_err(OpenError::Open)?;
                LITE_MIGRATIONS.run(&mut writer).await.map_err(OpenError::Migrate)?;
                let readers = SqlitePoolOptions::new()
                    .max_connections(options.connections.clamp(2, 8))
                    .connect_with(connect.read_only(true))
                    .await
                    .map_err(OpenError::Open)?;
                let (queue, work) = Queue::new(writer);
                tasks.spawn(work);
                (Backend::Lite { queue, readers }, lock)
            }
            Address::Postgres(connect) => {
                let pool = PgPoolOptions::new()
                    .max_connections(options.connections)
                    .acquire_timeout(Duration::from_secs(10))
                    .connect_with(*connect)
                    .await
                    .map_err(OpenError::Open)?;
                let behind = behind(&pool).await?;
                if behind > 0 {
                    return Err(OpenError::Behind { behind });
                }
                (Backend::Postgres { pool }, None)
            }
        };
        let store = Self(Arc::new(Inner { backend, clock: options.clock, tasks, _lock: lock }));
        // A time that was not measured is no reason not to start: it is measured all the time.
        if let Ok(Some(truth)) = store.truth().await {
            store.0.clock.set(truth);
        }
        Ok(store)
    }

    /// What time it is.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.0.clock.now()
    }

    /// The clock.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// Whether several processes may work on it.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        matches!(self.0.backend, Backend::Postgres { .. })
    }

    /// What time it is where the clock takes it from: the database's time on PostgreSQL, by the
    /// only statement that reads a clock, and else the machine's.
    async fn truth(&self) -> Result<Option<Instant>, StoreError> {
        match &self.0.backend {
            Backend::Postgres { pool } if self.0.clock.follows_database() => {
                let mut conn = pool.acquire().await?;
                let mut tx = Tx::postgres(&mut conn);
                let (now,) = run!(&mut tx, NOW, [], (i64,), fetch_one)?;
                Ok(Some(Instant::from_micros(now)))
            }
            Backend::Postgres { .. } | Backend::Lite { .. } => Ok(self.0.clock.machine()),
        }
    }

    /// Measures how far the clock is from the truth, and lets it make up for that.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn measure_clock(&self, tolerance: Tolerance) -> Result<Measured, StoreError> {
        let clock = &self.0.clock;
        let begun = clock.begin();
        let truth = self.truth().await?;
        Ok(truth.map_or(Measured::Steady, |truth| clock.measure(truth, begun, tolerance)))
    }

    /// Runs a reading. It sees one state of the database on SQLite, and what is committed on
    /// PostgreSQL.
    ///
    /// # Errors
    /// What `read` answers, or the database's failure.
    pub async fn read<T, E, F>(&self, read: F) -> Result<T, E>
    where
        F: for<'t> FnOnce(&'t mut Tx<'_>) -> BoxFuture<'t, Result<T, E>> + Send,
        E: From<StoreError>,
    {
        match &self.0.backend {
            Backend::Lite { readers, .. } => {
                let mut conn = readers.acquire().await.map_err(StoreError::from)?;
                read(&mut Tx::lite(&mut conn)).await
            }
            Backend::Postgres { pool } => {
                let mut conn = pool.acquire().await.map_err(StoreError::from)?;
                read(&mut Tx::postgres(&mut conn)).await
            }
        }
    }

    /// Makes a change, all or nothing, and answers when it is durable. It runs in a task of its
    /// own: a caller who goes away does not cut it short. `change` may be run several times, and
    /// only the last run counts; it awaits nothing but the transaction.
    ///
    /// # Errors
    /// What `change` answers (nothing has happened then), or the database's failure.
    pub async fn write<T, E, F>(&self, priority: Priority, change: F) -> Result<T, E>
    where
        F: for<'t> Fn(&'t mut Tx<'_>) -> BoxFuture<'t, Result<T, E>> + Send + Sync + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + Collides + 'static,
    {
        let (reply, answer) = oneshot::channel();
        match &self.0.backend {
            Backend::Lite { queue, .. } => {
                let job = Change { apply: Arc::new(change), result: None, reply };
                queue.push(priority, Box::new(job))?;
            }
            Backend::Postgres { pool } => {
                let pool = pool.clone();
                self.0.tasks.spawn(async move {
                    let _ = reply.send(write_postgres(&pool, &change).await);
                });
            }
        }
        answer.await.unwrap_or_else(|_| Err(E::from(StoreError::Closed)))
    }

    /// Copies the whole database into a new file (SQLite), with sweeps off in the copy: whoever
    /// restores it has missed what was made since. On PostgreSQL that is `pg_dump`'s work. The
    /// file appears when it is whole.
    ///
    /// # Errors
    /// If the file cannot be made, or the database fails.
    pub async fn backup_to(&self, path: &std::path::Path) -> Result<bool, StoreError> {
        let Backend::Lite { readers, .. } = &self.0.backend else { return Ok(false) };
        let mut part = path.as_os_str().to_owned();
        part.push(".part");
        let part = PathBuf::from(part);
        // What an earlier try left is no copy of anything.
        let _ = std::fs::remove_file(&part);
        let mut conn = readers.acquire().await?;
        sqlx::query("VACUUM INTO $1")
            .bind(part.to_string_lossy().into_owned())
            .execute(&mut *conn)
            .await?;
        drop(conn);
        let mut copy = SqliteConnectOptions::new()
            .filename(&part)
            .journal_mode(SqliteJournalMode::Delete)
            .synchronous(SqliteSynchronous::Full)
            .disable_statement_logging()
            .connect()
            .await?;
        installation::set_sweeps(&mut Tx::lite(&mut copy), Some(self.now().floor_second())).await?;
        copy.close().await?;
        std::fs::rename(&part, path).map_err(|error| StoreError::from(sqlx::Error::Io(error)))?;
        Ok(true)
    }

    /// Lets what is under way end, and closes the database. No change is taken afterwards.
    pub async fn close(self) {
        let Ok(inner) = Arc::try_unwrap(self.0) else { return };
        let tasks = inner.tasks;
        tasks.close();
        match inner.backend {
            Backend::Lite { queue, readers } => {
                readers.close().await;
                drop(queue);
                tasks.wait().await;
            }
            Backend::Postgres { pool } => {
                tasks.wait().await;
                pool.close().await;
            }
        }
    }
}

/// Errors that may mean "two transactions stood in each other's way".
pub trait Collides {
    /// Whether the change may go through if it is run again.
    fn collides(&self) -> bool;
}

impl Collides for StoreError {
    fn collides(&self) -> bool {
        self.is_collision()
    }
}

/// Tries for one change, before a collision is an error.
const TRIES: u32 = 5;

async fn write_postgres<T, E, F>(pool: &PgPool, change: &F) -> Result<T, E>
where
    F: for<'t> Fn(&'t mut Tx<'_>) -> BoxFuture<'t, Result<T, E>> + Send + Sync,
    E: From<StoreError> + Collides,
{
    let mut tries = 0;
    loop {
        tries += 1;
        let mut transaction = pool.begin().await.map_err(StoreError::from)?;
        let outcome = change(&mut Tx::postgres(&mut transaction)).await;
        match outcome {
            Ok(value) => {
                transaction.commit().await.map_err(StoreError::from)?;
                return Ok(value);
            }
            Err(error) => {
                let _ = transaction.rollback().await;
                if !error.collides() || tries >= TRIES {
                    return Err(error);
                }
                // Not at once: the other needs a moment to get out of the way.
                tokio::time::sleep(Duration::from_millis(5 << tries)).await;
            }
        }
    }
}

/// Brings a database's schema up to date; answers how many steps were missing.
///
/// # Errors
/// [`OpenError`].
pub async fn migrate(url: &str) -> Result<usize, OpenError> {
    match Address::parse(url)? {
        Address::Lite(connect) => {
            let mut conn = connect.connect().await.map_err(OpenError::Open)?;
            LITE_MIGRATIONS.run(&mut conn).await.map_err(OpenError::Migrate)?;
            conn.close().await.map_err(OpenError::Open)?;
            Ok(0)
        }
        Address::Postgres(connect) => {
            let pool = PgPoolOptions::new()
                .max_connections(1)
                .connect_with(*connect)
                .await
                .map_err(OpenError::Open)?;
            let missing = behind(&pool).await?;
            POSTGRES_MIGRATIONS.run(&pool).await.map_err(OpenError::Migrate)?;
            pool.close().await;
            Ok(missing)
        }
    }
}

async fn behind(pool: &PgPool) -> Result<usize, OpenError> {
    use sqlx::migrate::Migrate as _;
    let mut conn = pool.acquire().await.map_err(OpenError::Open)?;
    conn.ensure_migrations_table("_sqlx_migrations").await.map_err(OpenError::Migrate)?;
    let applied =
        conn.list_applied_migrations("_sqlx_migrations").await.map_err(OpenError::Migrate)?;
    Ok(POSTGRES_MIGRATIONS.iter().count().saturating_sub(applied.len()))
}

/// A database's address, understood.
enum Address {
    Lite(Box<SqliteConnectOptions>),
    Postgres(Box<PgConnectOptions>),
}

impl Address {
    fn parse(url: &str) -> Result<Self, OpenError> {
        if url.starts_with("sqlite:") {
            let options = SqliteConnectOptions::from_str(url)
                .map_err(|_| OpenError::Address(url.to_owned()))?
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .foreign_keys(true)
                .busy_timeout(Duration::from_secs(10))
                .pragma("trusted_schema", "off")
                .disable_statement_logging();
            Ok(Self::Lite(Box::new(options)))
        } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            let options = PgConnectOptions::from_str(url)
                .map_err(|_| OpenError::Address(without_password(url)))?
                .application_name("roomkey")
                .disable_statement_logging();
            Ok(Self::Postgres(Box::new(options)))
        } else {
            Err(OpenError::Address(without_password(url)))
        }
    }
}

fn without_password(url: &str) -> String {
    url::Url::parse(url).map_or_else(
        |_| "that".to_owned(),
        |mut url| {
            let _ = url.set_password(None);
            url.into()
        },
    )
}

/// Prepares every statement of this crate, so that one which a database does not understand is
/// found by a test and not by a booking. Answers those that it does not, with the reason.
///
/// # Errors
/// If the database cannot be opened.
pub async fn prepare_all(url: &str) -> Result<Vec<(String, String)>, OpenError> {
    use sqlx::Executor as _;
    let mut refused = Vec::new();
    match Address::parse(url)? {
        Address::Lite(connect) => {
            let mut conn: SqliteConnection = connect.connect().await.map_err(OpenError::Open)?;
            for (name, sql) in crate::statements().filter(|(name, _)| !name.ends_with("::NOW")) {
                if let Err(error) = conn.prepare(sqlx::SqlSafeStr::into_sql_str(sql.lite())).await {
                    refused.push((name.to_owned(), error.to_string()));
                }
            }
        }
        Address::Postgres(connect) => {
            let mut conn = connect.connect().await.map_err(OpenError::Open)?;
            for (name, sql) in crate::statements() {
                if let Err(error) =
                    conn.prepare(sqlx::SqlSafeStr::into_sql_str(sql.postgres())).await
                {
                    refused.push((name.to_owned(), error.to_string()));
                }
            }
        }
    }
    Ok(refused)
}
