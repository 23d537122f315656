//! Bookings from a file: each row is a booking, given to the desk as `PUT` gives it.
//!
//! A file is read once, a chunk of rows at a time. Each row is checked, and all that is wrong with
//! it reported; each good one is written in a transaction of its own, many at a time, so that the
//! database commits them in groups and none loses another. Without *apply* the same is done in the
//! same order and taken back, row by row; what a row would have left for the next (its host, its
//! service, the seat that it sits on) is remembered. It stands here and not in the program because
//! it is a command like the API's: the same checks, the same desk.
//!
//! Read first: [`Import::run`], then `row.rs` (what a row may say).

mod columns;
mod known;
mod moment;
mod reader;
mod row;
mod write;

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::io;
use std::sync::Arc;

use futures::StreamExt as _;
use roomkey_core::id::BookingId;
use roomkey_store::{StoreError, connection};

use crate::desk::{By, Desk, Notify};
use crate::error::{Code, Problem};

use columns::Columns;
use known::{Meant, Named, NamedHost, NamedService, Words};
use reader::{Next, Reader};
use row::Row;
use write::{Manner, Written, write};

/// Rows that are read before they are written.
const CHUNK: usize = 250;
/// Rows that are written at a time: on SQLite as many as its writer commits together, on PostgreSQL
/// as many as leave a server beside it its connections. SQLite's writer takes them in order; on
/// PostgreSQL they overtake each other, so that where seats are lent one goes after the other: which
/// row gets the last seat is for the file to say. They would wait for the seats' lock anyway.
const AT_A_TIME: (usize, usize) = (128, 4);

/// How a file is brought in.
pub struct Import {
    /// What commands are given with.
    pub desk: Desk,
    /// Whose bookings they are.
    pub by: By,
    /// Who is told.
    pub notify: Notify,
    /// Whether to do it, or only to say what would come of it.
    pub apply: bool,
}

/// One thing that is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bad {
    /// The first line of its record, counted from 1, line breaks in quotes included.
    pub line: u64,
    /// The column, or `row`; of a file that is refused as a whole `header` or `file`.
    pub column: &'static str,
    /// What is wrong, then what to do.
    pub reason: String,
}

impl Bad {
    fn new(line: u64, column: &'static str, reason: impl Into<String>) -> Self {
        Self { line, column, reason: reason.into() }
    }
}

impl fmt::Display for Bad {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, {}: {}", self.line, self.column, self.reason)
    }
}

/// What comes of a good row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// A new booking.
    Created,
    /// A new booking of a session that is over.
    Completed,
    /// A booking that was there, and is different now.
    Changed,
    /// A booking that was there.
    Unchanged,
}

impl Outcome {
    /// As reports write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Completed => "completed",
            Self::Changed => "changed",
            Self::Unchanged => "unchanged",
        }
    }
}

/// What is told on the way, in the order of the file.
#[derive(Debug)]
pub enum Told {
    /// A row is good.
    Row {
        /// Its first line.
        line: u64,
        /// The booking's id at its source.
        external_id: String,
        /// What comes of it.
        outcome: Outcome,
        /// The booking; nothing while it is not there yet.
        booking: Option<BookingId>,
    },
    /// A row is bad, for one reason; there may be others.
    Bad(Bad),
    /// So many rows are done.
    Rows(u64),
}

/// What came of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Rows in all.
    pub rows: u64,
    /// New bookings.
    pub created: u64,
    /// New bookings of sessions that are over.
    pub completed: u64,
    /// Bookings that are different now.
    pub changed: u64,
    /// Bookings that were so already.
    pub unchanged: u64,
    /// Rows that are not in.
    pub bad: u64,
    /// The addresses of hosts who were made.
    pub hosts: BTreeSet<String>,
    /// The names of services that were made.
    pub services: BTreeSet<String>,
}

/// Why a file is not brought in.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// It is nothing that rows can be read of.
    #[error("{words}")]
    File {
        /// Everything that is wrong with it, in one sentence.
        words: String,
        /// The same, one by one.
        bad: Vec<Bad>,
    },
    /// It cannot be read.
    #[error("the file cannot be read")]
    Read(#[from] io::Error),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ImportError {
    /// The file as a whole.
    fn file(reason: &str) -> Self {
        Self::File { words: reason.to_owned(), bad: vec![Bad::new(1, "file", reason)] }
    }

    fn header(line: u64, faults: &[String], known: Option<String>) -> Self {
        let known = known.map(|it| format!(". Known columns: {it}")).unwrap_or_default();
        Self::File {
            words: format!("line {line}, the header: {}{known}", faults.join("; ")),
            bad: faults.iter().map(|it| Bad::new(line, "header", it.as_str())).collect(),
        }
    }
}

/// What is kept from row to row.
struct State<'s> {
    hosts: Words<NamedHost>,
    services: Words<NamedService>,
    /// Rows that are written at a time.
    at_a_time: usize,
    /// On which line a booking is already.
    lines: HashMap<String, u64>,
    summary: &'s mut Summary,
}

impl Import {
    /// Brings a file in, and tells about each row. May be run again, also with the same file: what
    /// is there already is compared, and changed where the file says something else than it did.
    ///
    /// What has come of it is answered also if it went no further. Rows are no errors: they are
    /// told.
    pub async fn run(
        &self,
        source: impl io::Read,
        tell: &mut dyn FnMut(Told),
    ) -> (Summary, Result<(), ImportError>) {
        let mut summary = Summary::default();
        let ended = self.bring_in(source, tell, &mut summary).await;
        (summary, ended)
    }

    async fn bring_in(
        &self,
        source: impl io::Read,
        tell: &mut dyn FnMut(Told),
        summary: &mut Summary,
    ) -> Result<(), ImportError> {
        let mut reader = Reader::new(source);
        let columns = header(&mut reader)?;
        let (store, tenant) = (&self.desk.store, self.by.tenant);
        let connections = store.read(|tx| Box::pin(connection::of_tenant(tx, tenant))).await?;
        let lends = connections.iter().any(|it| !it.connection.seats.is_empty());
        let manner = self.manner();
        let mut state = State {
            hosts: known::hosts(store, tenant).await?,
            services: known::services(store, tenant).await?,
            at_a_time: match (store.is_shared(), lends) {
                (false, _) => AT_A_TIME.0,
                (true, false) => AT_A_TIME.1,
                (true, true) => 1,
            },
            lines: HashMap::new(),
            summary,
        };
        loop {
            let (rows, mut told, ended) = chunk(&mut reader, &columns, &mut state)?;
            told.extend(write_all(&manner, rows, &mut state).await);
            told.sort_by_key(|(line, _)| *line);
            told.into_iter().for_each(|(_, one)| tell(one));
            if ended {
                break;
            }
            tell(Told::Rows(state.summary.rows));
        }
        Ok(())
    }

    fn manner(&self) -> Manner {
        let rehearsal = (!self.apply).then(Arc::default);
        let desk = Desk { rehearsal, ..self.desk.clone() };
        Manner { desk, by: self.by, notify: self.notify, apply: self.apply }
    }
}

/// Writes rows: first those that make a host or a service, one after the other, so that each is
/// made once; then the others, many at a time.
async fn write_all(manner: &Manner, rows: Vec<Row>, state: &mut State<'_>) -> Vec<(u64, Told)> {
    let mut told = Vec::new();
    let mut ready = Vec::new();
    for row in rows {
        let found = match state.meant(&row) {
            Ok(found) => found,
            Err(bad) => {
                state.summary.bad += 1;
                told.extend(bad.into_iter().map(|bad| (bad.line, Told::Bad(bad))));
                continue;
            }
        };
        let row = Arc::new(row);
        if !found.makes {
            ready.push((row, found));
            continue;
        }
        let (host, service) = (found.host.clone(), found.service.clone());
        let written = write(manner.clone(), Arc::clone(&row), host, service).await;
        if let Ok(written) = &written {
            state.learn(&row, written, &found, manner.apply);
        }
        told.extend(state.count(&row, written, &found));
    }
    let writing = ready.into_iter().map(|(row, found)| {
        let manner = manner.clone();
        async move {
            let (host, service) = (found.host.clone(), found.service.clone());
            let written = write(manner, Arc::clone(&row), host, service).await;
            (row, found, written)
        }
    });
    let mut writing = futures::stream::iter(writing).buffered(state.at_a_time);
    while let Some((row, found, written)) = writing.next().await {
        told.extend(state.count(&row, written, &found));
    }
    told
}

/// Host and service of a row.
struct Found {
    host: NamedHost,
    service: NamedService,
    /// Whether one of them is made by this row, and by none before it.
    makes: bool,
}

impl State<'_> {
    fn meant(&self, row: &Row) -> Result<Found, Vec<Bad>> {
        let several = |column: &'static str, words: &str| {
            vec![Bad::new(
                row.line,
                column,
                format!("is ambiguous: several {words}; rename or remove one"),
            )]
        };
        let mut makes = false;
        let host = match self.hosts.get(&row.host_key) {
            Meant::One(host) => host,
            Meant::Several => return Err(several("host_email", "hosts have this address")),
            Meant::Nobody if row.no_host.is_empty() => {
                makes = true;
                Named::New(row.host.clone())
            }
            Meant::Nobody => return Err(row.no_host.clone()),
        };
        let service = match self.services.get(&row.service_key) {
            Meant::One(service) => service,
            Meant::Several => return Err(several("service", "services have this name")),
            Meant::Nobody => {
                makes = true;
                Named::New(row.service.clone())
            }
        };
        Ok(Found { host, service, makes })
    }

    /// Remembers what a row has made, or would have: then each row after it tries the same.
    fn learn(&mut self, row: &Row, written: &Written, found: &Found, applied: bool) {
        if matches!(self.hosts.get(&row.host_key), Meant::Nobody) {
            let host = if applied { Named::There(written.host) } else { found.host.clone() };
            self.hosts.add(row.host_key.clone(), host);
        }
        if matches!(self.services.get(&row.service_key), Meant::Nobody) {
            let service =
                if applied { Named::There(written.service) } else { found.service.clone() };
            self.services.add(row.service_key.clone(), service);
        }
    }

    fn count(
        &mut self,
        row: &Row,
        written: Result<Written, Problem>,
        found: &Found,
    ) -> Vec<(u64, Told)> {
        let summary = &mut *self.summary;
        let written = match written {
            Ok(written) => written,
            Err(problem) => {
                summary.bad += 1;
                let bad = refused(row.line, &problem);
                return bad.into_iter().map(|bad| (row.line, Told::Bad(bad))).collect();
            }
        };
        *match written.outcome {
            Outcome::Created => &mut summary.created,
            Outcome::Completed => &mut summary.completed,
            Outcome::Changed => &mut summary.changed,
            Outcome::Unchanged => &mut summary.unchanged,
        } += 1;
        if found.host.is_new() {
            summary.hosts.insert(row.host_key.clone());
        }
        if found.service.is_new()
            && let Some(name) = &row.service.name
            && !summary.services.iter().any(|it| it.to_lowercase() == row.service_key)
        {
            summary.services.insert(name.clone());
        }
        let told = Told::Row {
            line: row.line,
            external_id: row.external_id.clone(),
            outcome: written.outcome,
            booking: written.booking,
        };
        vec![(row.line, told)]
    }
}

fn header(reader: &mut Reader<impl io::Read>) -> Result<Columns, ImportError> {
    let start = reader.peek(64)?;
    if start.starts_with(b"\xFF\xFE") || start.starts_with(b"\xFE\xFF") {
        let words = "the file is UTF-16; save it as CSV in UTF-8";
        return Err(ImportError::file(words));
    }
    if String::from_utf8_lossy(start).to_uppercase().contains("BEGIN:VCALENDAR") {
        let words = "this is a calendar file (.ics), which cannot be imported; only CSV can. Export the \
                     bookings as a table instead";
        return Err(ImportError::file(words));
    }
    match reader.header()? {
        Next::End => {
            Err(ImportError::file("the file is empty; its first line must name the columns"))
        }
        Next::Broken { line, cell, reason } => {
            Err(ImportError::header(line, &[format!("column {} {reason}", cell + 1)], None))
        }
        Next::Record { line, cells } => Columns::read(&cells)
            .map_err(|faults| ImportError::header(line, &faults, Some(Columns::known()))),
    }
}

/// Rows that are good by themselves, what is wrong with the others, and whether the file has ended.
type Chunk = (Vec<Row>, Vec<(u64, Told)>, bool);

fn chunk(
    reader: &mut Reader<impl io::Read>,
    columns: &Columns,
    state: &mut State<'_>,
) -> Result<Chunk, ImportError> {
    let (mut rows, mut told) = (Vec::new(), Vec::new());
    for _ in 0..CHUNK {
        let bad = match reader.record()? {
            Next::End => return Ok((rows, told, true)),
            Next::Record { cells, .. } if cells.iter().all(|it| it.trim_ascii().is_empty()) => {
                continue;
            }
            Next::Record { line, cells } => match Row::check(line, columns, &cells) {
                Ok(row) => match state.lines.get(&row.external_id) {
                    None => {
                        state.summary.rows += 1;
                        state.lines.insert(row.external_id.clone(), line);
                        rows.push(row);
                        continue;
                    }
                    Some(first) => {
                        let reason = format!(
                            "is {} again, as on line {first}; keep one row for each booking",
                            shown(&row.external_id)
                        );
                        vec![Bad::new(line, "external_id", reason)]
                    }
                },
                Err(bad) => bad,
            },
            Next::Broken { line, cell, reason } => vec![Bad::new(line, columns.name(cell), reason)],
        };
        state.summary.rows += 1;
        state.summary.bad += 1;
        told.extend(bad.into_iter().map(|bad| (bad.line, Told::Bad(bad))));
    }
    Ok((rows, told, false))
}

/// What the desk refuses, in the file's words.
fn refused(line: u64, problem: &Problem) -> Vec<Bad> {
    if !problem.faults().is_empty() {
        let told = problem.faults().iter();
        return told.map(|it| Bad::new(line, column(&it.pointer), it.message.clone())).collect();
    }
    if problem.code() == Code::IfMatchRequired {
        let reason = "is confirmed again, but the booking was cancelled; reopen it in Roomkey, if that \
                      is meant, and import once more";
        return vec![Bad::new(line, "status", reason)];
    }
    let mut reason = problem.detail().to_owned();
    let mut source = std::error::Error::source(problem);
    while let Some(cause) = source {
        reason = format!("{reason} {cause}");
        source = cause.source();
    }
    vec![Bad::new(line, "row", reason)]
}

/// The column of a member.
fn column(pointer: &str) -> &'static str {
    match pointer {
        "/external_id" => "external_id",
        "/host" => "host_email",
        "/service" => "service",
        "/status" => "status",
        "/start" => "start",
        "/end" => "end",
        "/time_zone" => "time_zone",
        "/mode" => "mode",
        "/notes" => "notes",
        "/guests/0/name" => "guest_name",
        "/guests/0/email" => "guest_email",
        "/guests/0/phone" => "guest_phone",
        "/guests/0/locale" => "guest_locale",
        _ => "row",
    }
}

/// A cell as it may be shown: short, and nothing in it that a terminal would obey.
fn shown(text: &str) -> String {
    const MOST: usize = 40;
    let short: String = text.chars().take(MOST).flat_map(char::escape_debug).collect();
    let more = if text.chars().nth(MOST).is_some() { "…" } else { "" };
    format!("“{short}{more}”")
}
