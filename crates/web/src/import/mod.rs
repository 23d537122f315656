//! Bookings from a file: each row is a booking, given to the desk as `PUT` gives it.
//!
//! A file is read once, a chunk of rows at a time. Each row is checked, and all that is wrong with
//! it reported; each good one is written in a transaction of its own, many at a time, so that the
//! database commits them in groups and none loses another. Without *apply* the same is done and
//! taken back. It stands here and not in the program because it is a command like the API's: the
//! same checks, the same desk.
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
use roomkey_core::id::{BookingId, HostId, ServiceId};
use roomkey_store::StoreError;

use crate::desk::{By, Desk, Notify};
use crate::error::{Code, Problem};

use columns::Columns;
use known::{Meant, Words};
use reader::{Next, Reader};
use row::Row;
use write::{Manner, Written, write};

/// Rows that are read before they are written.
const CHUNK: usize = 250;
/// Rows that are written at a time: on SQLite as many as its writer commits together, on PostgreSQL
/// as many as leave a server beside it its connections.
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
    /// The column, or `row`.
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
    #[error("{0}")]
    File(String),
    /// It cannot be read.
    #[error("the file cannot be read")]
    Read(#[from] io::Error),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What is kept from row to row.
struct State {
    hosts: Words<HostId>,
    services: Words<ServiceId>,
    /// On which line a booking is already.
    lines: HashMap<String, u64>,
    summary: Summary,
}

impl Import {
    /// Brings a file in, and tells about each row. May be run again, also with the same file: what
    /// is there already is compared, and changed where the file says something else than it did.
    ///
    /// # Errors
    /// [`ImportError`], if there is nothing to read. Rows are no errors: they are told.
    pub async fn run(
        &self,
        source: impl io::Read,
        tell: &mut dyn FnMut(Told),
    ) -> Result<Summary, ImportError> {
        let mut reader = Reader::new(source);
        let columns = header(&mut reader)?;
        let (store, tenant) = (&self.desk.store, self.by.tenant);
        let mut state = State {
            hosts: known::hosts(store, tenant).await?,
            services: known::services(store, tenant).await?,
            lines: HashMap::new(),
            summary: Summary::default(),
        };
        loop {
            let (rows, mut told, ended) = chunk(&mut reader, &columns, &mut state)?;
            told.extend(self.write_all(rows, &mut state).await);
            told.sort_by_key(|(line, _)| *line);
            told.into_iter().for_each(|(_, one)| tell(one));
            if ended {
                break;
            }
            tell(Told::Rows(state.summary.rows));
        }
        Ok(state.summary)
    }

    /// Writes rows: first those that make a host or a service, one after the other, so that each is
    /// made once; then the others, many at a time.
    async fn write_all(&self, rows: Vec<Row>, state: &mut State) -> Vec<(u64, Told)> {
        let mut told = Vec::new();
        let mut ready = Vec::new();
        for row in rows {
            let (host, service) = match state.meant(&row) {
                Ok(meant) => meant,
                Err(bad) => {
                    state.summary.bad += 1;
                    told.extend(bad.into_iter().map(|bad| (bad.line, Told::Bad(bad))));
                    continue;
                }
            };
            let row = Arc::new(row);
            if self.apply && (host.is_none() || service.is_none()) {
                let written = write(self.manner(), Arc::clone(&row), host, service).await;
                if let Ok(written) = &written {
                    state.learn(&row, written, (host, service));
                }
                told.extend(state.count(&row, written, (host, service)));
            } else {
                ready.push((row, host, service));
            }
        }
        let at_a_time = if self.desk.store.is_shared() { AT_A_TIME.1 } else { AT_A_TIME.0 };
        let writing = ready.into_iter().map(|(row, host, service)| {
            let manner = self.manner();
            async move {
                let written = write(manner, Arc::clone(&row), host, service).await;
                (row, host, service, written)
            }
        });
        let mut writing = futures::stream::iter(writing).buffered(at_a_time);
        while let Some((row, host, service, written)) = writing.next().await {
            told.extend(state.count(&row, written, (host, service)));
        }
        told
    }

    fn manner(&self) -> Manner {
        Manner { desk: self.desk.clone(), by: self.by, notify: self.notify, apply: self.apply }
    }
}

/// Host and service of a row; none where they are to be made.
type Found = (Option<HostId>, Option<ServiceId>);

impl State {
    fn meant(&self, row: &Row) -> Result<Found, Vec<Bad>> {
        let several = |column: &'static str, words: &str| {
            vec![Bad::new(
                row.line,
                column,
                format!("is ambiguous: several {words}; rename or remove one"),
            )]
        };
        let host = match self.hosts.get(&row.host_key) {
            Meant::One(host) => Some(host),
            Meant::Several => return Err(several("host_email", "hosts have this address")),
            Meant::Nobody if row.no_host.is_empty() => None,
            Meant::Nobody => return Err(row.no_host.clone()),
        };
        let service = match self.services.get(&row.service_key) {
            Meant::One(service) => Some(service),
            Meant::Several => return Err(several("service", "services have this name")),
            Meant::Nobody => None,
        };
        Ok((host, service))
    }

    /// Remembers what a row has made.
    fn learn(&mut self, row: &Row, written: &Written, found: Found) {
        if found.0.is_none() {
            self.hosts.add(row.host_key.clone(), written.host);
        }
        if found.1.is_none() {
            self.services.add(row.service_key.clone(), written.service);
        }
    }

    fn count(
        &mut self,
        row: &Row,
        written: Result<Written, Problem>,
        found: Found,
    ) -> Vec<(u64, Told)> {
        let summary = &mut self.summary;
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
        if found.0.is_none() {
            summary.hosts.insert(row.host_key.clone());
        }
        if found.1.is_none()
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
        return Err(ImportError::File(words.to_owned()));
    }
    if String::from_utf8_lossy(start).to_uppercase().contains("BEGIN:VCALENDAR") {
        let words = "this is a calendar file (.ics), which cannot be imported; only CSV can. Export the \
                     bookings as a table instead";
        return Err(ImportError::File(words.to_owned()));
    }
    match reader.header()? {
        Next::End => Err(ImportError::File(
            "the file is empty; its first line must name the columns".to_owned(),
        )),
        Next::Broken { line, cell, reason } => {
            Err(ImportError::File(format!("line {line}, the header: column {} {reason}", cell + 1)))
        }
        Next::Record { line, cells } => Columns::read(&cells)
            .map_err(|faults| ImportError::File(format!("line {line}, the header: {faults}"))),
    }
}

/// Rows that are good by themselves, what is wrong with the others, and whether the file has ended.
type Chunk = (Vec<Row>, Vec<(u64, Told)>, bool);

fn chunk(
    reader: &mut Reader<impl io::Read>,
    columns: &Columns,
    state: &mut State,
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
