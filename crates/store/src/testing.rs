//! Databases for tests: a fresh one each, on both engines, gone afterwards.

use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::{ConnectOptions as _, Connection as _};

/// The environment variable with the address of a PostgreSQL server on which databases may be made.
pub const POSTGRES: &str = "ROOMKEY_TEST_POSTGRES_URL";

static MADE: AtomicU32 = AtomicU32::new(0);

/// A database of a test's own.
pub struct TestDatabase {
    url: String,
    _directory: Option<tempfile::TempDir>,
    admin: Option<(String, String)>,
}

impl TestDatabase {
    /// A fresh SQLite file.
    ///
    /// # Panics
    /// If there is no room for it.
    #[must_use]
    pub fn sqlite() -> Self {
        let directory = tempfile::tempdir().expect("a directory for the test's database");
        let url = format!("sqlite://{}", directory.path().join("roomkey.db").display());
        Self { url, _directory: Some(directory), admin: None }
    }

    /// A fresh PostgreSQL database, up to date.
    ///
    /// # Panics
    /// If there is no server; `cargo xtask test` starts one, and so does `cargo xtask postgres`.
    pub async fn postgres() -> Self {
        let admin = std::env::var(POSTGRES).unwrap_or_else(|_| {
            panic!("{POSTGRES} is not set: run `cargo xtask test`, or `cargo xtask postgres` and set it")
        });
        let name = format!("test_{}_{}", std::process::id(), MADE.fetch_add(1, Ordering::Relaxed));
        run(&admin, format!("CREATE DATABASE {name}")).await;
        let mut url = url::Url::parse(&admin).expect("the server's address is a URL");
        url.set_path(&name);
        crate::migrate(url.as_str()).await.expect("a fresh database can be migrated");
        Self { url: url.into(), _directory: None, admin: Some((admin, name)) }
    }

    /// Its address.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Removes it. A SQLite file goes by itself.
    pub async fn remove(self) {
        if let Some((admin, name)) = &self.admin {
            run(admin, format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
        }
    }
}

async fn run(url: &str, sql: String) {
    let options: sqlx::postgres::PgConnectOptions = url.parse().expect("a PostgreSQL address");
    let mut conn = options.connect().await.expect("the test's PostgreSQL answers");
    sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&mut conn).await.expect("may make databases");
    conn.close().await.expect("the test's PostgreSQL answers");
}

/// Runs one test on both databases: `both_databases!(name, |database| async move { … })` makes
/// `name::sqlite` and `name::postgres`.
#[macro_export]
macro_rules! both_databases {
    ($($(#[$doc:meta])* $name:ident = $test:ident;)*) => {$(
        $(#[$doc])*
        mod $name {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                let database = $crate::testing::TestDatabase::sqlite();
                super::$test(database.url().to_owned()).await;
                database.remove().await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                let database = $crate::testing::TestDatabase::postgres().await;
                super::$test(database.url().to_owned()).await;
                database.remove().await;
            }
        }
    )*};
}
