//! One text for both databases. The few places where they differ have names in braces.

use std::sync::OnceLock;

use sqlx::AssertSqlSafe;

/// One statement, written once.
///
/// - `{lock}`: the rows stay ours until the end of the transaction. SQLite has one writer.
/// - `{hold}`: the same for rows that others refer to, so that these may be added meanwhile.
/// - `{skip}`: as `{lock}`, and rows that somebody else holds are passed over.
/// - `{skip_both}`: the same for a booking `b`, and then for its work row `w`.
/// - `{ids}`: ids from parameter `$1`, made by [`ids`]; `{texts}`: texts from a JSON list in `$1`.
/// - `{keys}`: pairs of tenant and booking from parameter `$1`, made by [`keys`].
pub(crate) struct Sql {
    text: &'static str,
    lite: OnceLock<&'static str>,
    postgres: OnceLock<&'static str>,
}

impl Sql {
    pub(crate) const fn new(text: &'static str) -> Self {
        Self { text, lite: OnceLock::new(), postgres: OnceLock::new() }
    }

    pub(crate) fn lite(&'static self) -> AssertSqlSafe<&'static str> {
        AssertSqlSafe(self.lite.get_or_init(|| {
            self.fill(&[
                ("{lock}", ""),
                ("{hold}", ""),
                ("{skip}", ""),
                ("{skip_both}", ""),
                ("{ids}", "SELECT unhex(value) FROM json_each($1)"),
                ("{texts}", "SELECT value FROM json_each($1)"),
                ("{keys}", "SELECT unhex(value ->> 't'), unhex(value ->> 'b') FROM json_each($1)"),
            ])
        }))
    }

    pub(crate) fn postgres(&'static self) -> AssertSqlSafe<&'static str> {
        AssertSqlSafe(self.postgres.get_or_init(|| {
            self.fill(&[
                ("{lock}", "FOR UPDATE"),
                ("{hold}", "FOR NO KEY UPDATE"),
                ("{skip}", "FOR UPDATE SKIP LOCKED"),
                ("{skip_both}", "FOR UPDATE OF b SKIP LOCKED FOR UPDATE OF w SKIP LOCKED"),
                ("{ids}", "SELECT value::uuid FROM json_array_elements_text($1::json)"),
                ("{texts}", "SELECT value FROM json_array_elements_text($1::json)"),
                (
                    "{keys}",
                    "SELECT (value ->> 't')::uuid, (value ->> 'b')::uuid FROM json_array_elements($1::json)",
                ),
            ])
        }))
    }

    /// Statements live as long as the program: each is filled once.
    fn fill(&self, fragments: &[(&str, &str)]) -> &'static str {
        let filled = fragments
            .iter()
            .fold(self.text.to_owned(), |text, (name, fragment)| text.replace(name, fragment));
        Box::leak(filled.into_boxed_str())
    }
}

/// The parameter that `{keys}` reads.
pub(crate) fn keys<'a>(
    pairs: impl IntoIterator<Item = (&'a roomkey_core::id::TenantId, &'a roomkey_core::id::BookingId)>,
) -> String {
    let rows: Vec<String> = pairs
        .into_iter()
        .map(|(tenant, booking)| {
            format!(r#"{{"t":"{}","b":"{}"}}"#, tenant.uuid().simple(), booking.uuid().simple())
        })
        .collect();
    format!("[{}]", rows.join(","))
}

/// The parameter that `{ids}` reads.
pub(crate) fn ids(ids: impl IntoIterator<Item = uuid::Uuid>) -> String {
    let rows: Vec<String> = ids.into_iter().map(|id| format!("\"{}\"", id.simple())).collect();
    format!("[{}]", rows.join(","))
}

/// Declares a module's statements and lists them, so that a test can prepare each on both
/// databases.
macro_rules! statements {
    ($($(#[$doc:meta])* $name:ident = $text:expr;)*) => {
        $($(#[$doc])* static $name: $crate::sql::Sql = $crate::sql::Sql::new($text);)*
        pub(crate) static STATEMENTS: &[(&str, &$crate::sql::Sql)] =
            &[$((concat!(module_path!(), "::", stringify!($name)), &$name)),*];
    };
}

/// Runs one statement on whichever database the transaction is on.
macro_rules! run {
    ($tx:expr, $sql:expr, [$($bind:expr),* $(,)?], execute) => {
        match $tx.conn() {
            $crate::tx::Conn::Lite(conn) => sqlx::query($sql.lite())$(.bind($bind))*
                .execute(&mut **conn).await.map(|it| it.rows_affected()),
            $crate::tx::Conn::Postgres(conn) => sqlx::query($sql.postgres())$(.bind($bind))*
                .execute(&mut **conn).await.map(|it| it.rows_affected()),
        }
    };
    ($tx:expr, $sql:expr, [$($bind:expr),* $(,)?], $row:ty, $fetch:ident) => {
        match $tx.conn() {
            $crate::tx::Conn::Lite(conn) => sqlx::query_as::<_, $row>($sql.lite())$(.bind($bind))*
                .$fetch(&mut **conn).await,
            $crate::tx::Conn::Postgres(conn) => sqlx::query_as::<_, $row>($sql.postgres())$(.bind($bind))*
                .$fetch(&mut **conn).await,
        }
    };
}

pub(crate) use {run, statements};
