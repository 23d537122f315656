//! What is sealed, wherever it rests: for the command line, which says which sealing keys a
//! database needs. Whose it is does not matter there, and nothing is opened.

use uuid::Uuid;

use crate::error::StoreError;
use crate::sql::{Sql, run, statements};
use crate::tx::Tx;

statements! {
    CONNECTIONS = "SELECT tenant_id, id, secrets FROM connections
        WHERE (tenant_id, id) > ($1, $2) AND deleted_at IS NULL ORDER BY tenant_id, id LIMIT $3";
    PEOPLE = "SELECT tenant_id, id, link_sealed FROM people WHERE (tenant_id, id) > ($1, $2) ORDER BY tenant_id, id LIMIT $3";
    ROOMS = "SELECT tenant_id, id, door FROM rooms
        WHERE (tenant_id, id) > ($1, $2) AND door IS NOT NULL ORDER BY tenant_id, id LIMIT $3";
    TENANTS = "SELECT tenant_id, tenant_id, secrets FROM tenants
        WHERE (tenant_id, tenant_id) > ($1, $2) AND secrets IS NOT NULL ORDER BY tenant_id LIMIT $3";
    APPS = "SELECT tenant_id, id, secrets FROM apps
        WHERE (tenant_id, id) > ($1, $2) AND deleted_at IS NULL ORDER BY tenant_id, id LIMIT $3";
    INBOUND = "SELECT tenant_id, id, sealed FROM inbound
        WHERE (tenant_id, id) > ($1, $2) AND sealed IS NOT NULL ORDER BY tenant_id, id LIMIT $3";
    ATTENDANCE = "SELECT tenant_id, id, sealed FROM attendance
        WHERE (tenant_id, id) > ($1, $2) AND sealed IS NOT NULL ORDER BY tenant_id, id LIMIT $3";
    RECORDINGS = "SELECT tenant_id, id, sealed FROM recordings
        WHERE (tenant_id, id) > ($1, $2) AND sealed IS NOT NULL ORDER BY tenant_id, id LIMIT $3";
    // All but the head of a text is of no use to a walk, and may be long.
    TRANSCRIPTS = "SELECT tenant_id, recording_id, substr(sealed, 1, 256) FROM transcripts
        WHERE (tenant_id, recording_id) > ($1, $2) AND sealed IS NOT NULL ORDER BY tenant_id, recording_id LIMIT $3";
    MESSAGES = "SELECT tenant_id, id, sealed FROM messages WHERE (tenant_id, id) > ($1, $2) ORDER BY tenant_id, id LIMIT $3";
}

static COLUMNS: [&Sql; 10] = [
    &CONNECTIONS,
    &PEOPLE,
    &ROOMS,
    &TENANTS,
    &APPS,
    &INBOUND,
    &ATTENDANCE,
    &RECORDINGS,
    &TRANSCRIPTS,
    &MESSAGES,
];

/// Values that are read at once.
const PAGE: i64 = 1_000;

/// Values that are tried of each kind.
const SAMPLES: i64 = 20;

/// A walk over everything that is sealed.
#[derive(Debug, Clone, Default)]
pub struct Walk {
    column: usize,
    after: (Uuid, Uuid),
}

/// One sealed value, and the place that it was sealed for.
#[derive(Debug, Clone)]
pub struct Sample {
    /// Its table.
    pub table: &'static str,
    /// Its row.
    pub row: Uuid,
    /// Its member.
    pub field: &'static str,
    /// The sealed value.
    pub sealed: Vec<u8>,
}

/// A few sealed values, by which a ring shows whether it is the database's.
///
/// # Errors
/// The database's.
pub async fn samples(tx: &mut Tx<'_>) -> Result<Vec<Sample>, StoreError> {
    let mut found = Vec::new();
    for (sql, table, field) in
        [(&CONNECTIONS, "connections", "secrets"), (&PEOPLE, "people", "link")]
    {
        let first = Uuid::nil();
        let rows = run!(tx, sql, [first, first, SAMPLES], (Uuid, Uuid, Vec<u8>), fetch_all)?;
        let samples = rows.into_iter().map(|(_, row, sealed)| Sample { table, row, field, sealed });
        found.extend(samples.filter(|it| !it.sealed.is_empty()));
    }
    Ok(found)
}

/// The next sealed values, or their heads where they are long; nothing when all have been seen.
///
/// # Errors
/// The database's.
pub async fn next(tx: &mut Tx<'_>, walk: &mut Walk) -> Result<Option<Vec<Vec<u8>>>, StoreError> {
    while let Some(&column) = COLUMNS.get(walk.column) {
        let (tenant, id) = walk.after;
        let rows = run!(tx, column, [tenant, id, PAGE], (Uuid, Uuid, Vec<u8>), fetch_all)?;
        match rows.last() {
            Some((tenant, id, _)) => {
                walk.after = (*tenant, *id);
                return Ok(Some(rows.into_iter().map(|(_, _, sealed)| sealed).collect()));
            }
            None => *walk = Walk { column: walk.column + 1, after: Default::default() },
        }
    }
    Ok(None)
}
