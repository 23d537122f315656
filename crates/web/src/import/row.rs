//! One row, checked: what it says, or everything that is wrong with it.

use std::time::Duration;

use roomkey_core::booking::Mode;
use roomkey_core::{Instant, Zone};

use super::columns::{Column, Columns};
use super::moment::{by_the_clock, is_local, moment};
use super::{Bad, shown};
use crate::desk::{Asked, GuestAsked, HostAsked, ServiceAsked, Standing, check, normal, span};

const MODES: [(&str, Mode); 3] =
    [("online", Mode::Online), ("phone", Mode::Phone), ("in_person", Mode::InPerson)];
const STANDINGS: [(&str, Standing); 3] = [
    ("confirmed", Standing::Confirmed),
    ("pending", Standing::Pending),
    ("cancelled", Standing::Cancelled),
];

/// A row that says what can be done. Host and service are named, not found yet.
pub(crate) struct Row {
    /// On which line it begins.
    pub(crate) line: u64,
    /// The booking's own id at its source.
    pub(crate) external_id: String,
    /// The host, if there is none with this address yet.
    pub(crate) host: HostAsked,
    /// The host's address as it is compared.
    pub(crate) host_key: String,
    /// The service, if there is none of this name yet.
    pub(crate) service: ServiceAsked,
    /// The service's name as it is compared.
    pub(crate) service_key: String,
    /// The booking, without host and service. What a file has no column for is not said.
    pub(crate) asked: Asked,
    /// When it ends.
    pub(crate) end: Instant,
    /// A host cannot be made of it, for these reasons.
    pub(crate) no_host: Vec<Bad>,
}

/// The cells of a row, by column, and what is wrong with them.
struct Cells<'a> {
    line: u64,
    columns: &'a Columns,
    cells: &'a [&'a str],
    bad: Vec<Bad>,
}

impl<'a> Cells<'a> {
    /// The text of a cell; empty where the file does not have the column.
    fn text(&self, column: Column) -> &'a str {
        let cell = self.columns.place(column).and_then(|place| self.cells.get(place));
        cell.map_or("", |cell| cell.trim_matches(' '))
    }

    fn bad(&mut self, column: Column, reason: impl Into<String>) {
        self.bad.push(Bad::new(self.line, column.as_str(), reason));
    }

    fn checked(&mut self, column: Column, checked: Result<(), (&'static str, String)>) {
        if let Err((_, reason)) = checked {
            self.bad(column, reason);
        }
    }

    /// Text, if there is any.
    fn optional(
        &mut self,
        column: Column,
        check: impl Fn(&str) -> Result<(), (&'static str, String)>,
    ) -> Option<String> {
        let text = self.text(column);
        if text.is_empty() {
            return None;
        }
        self.checked(column, check(text));
        Some(text.to_owned())
    }

    fn zone(&mut self, column: Column) -> Option<Zone> {
        let text = self.text(column);
        if text.is_empty() {
            return None;
        }
        match text.parse() {
            Ok(zone) => Some(zone),
            Err(error) => {
                self.bad(column, format!("{error}: {}", shown(text)));
                None
            }
        }
    }

    fn word<T: Copy>(&mut self, column: Column, words: &[(&str, T)]) -> Option<T> {
        let text = self.text(column);
        if text.is_empty() {
            return None;
        }
        let found = words.iter().find(|(word, _)| text.eq_ignore_ascii_case(word));
        if found.is_none() {
            let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            self.bad(column, format!("must be one of {}, not {}", known.join(", "), shown(text)));
        }
        found.map(|(_, value)| *value)
    }
}

impl Row {
    /// Checks a row.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub(crate) fn check(line: u64, columns: &Columns, cells: &[Vec<u8>]) -> Result<Self, Vec<Bad>> {
        let texts = texts(line, columns, cells)?;
        let mut cells = Cells { line, columns, cells: &texts, bad: Vec::new() };
        let external_id = cells.text(Column::ExternalId).to_owned();
        cells.checked(Column::ExternalId, crate::desk::external_id_checked(&external_id));
        let service_name = cells.text(Column::Service).to_owned();
        cells.checked(Column::Service, check::name(&service_name, check::NAME));
        let mode = cells.word(Column::Mode, &MODES);
        let standing = cells.word(Column::Status, &STANDINGS).unwrap_or(Standing::Confirmed);
        let (host, no_host) = host(&mut cells);
        let time_zone = cells.zone(Column::TimeZone);
        let times = times(&mut cells, time_zone.as_ref());
        let notes = cells.optional(Column::Notes, |it| check::text(it, check::NOTES));
        let guest = guest(&mut cells, time_zone.clone());
        let Cells { bad, .. } = cells;
        let (true, Some((start, end))) = (bad.is_empty(), times) else { return Err(bad) };
        let minutes = end.since(start).as_secs().div_ceil(60);
        let asked = Asked {
            external_id: Some(Some(external_id.clone())),
            status: Some(standing),
            start: Some(start),
            end: Some(Some(end)),
            time_zone: Some(time_zone),
            mode: Some(mode),
            notes: Some(notes),
            guests: Some(vec![guest]),
            ..Asked::default()
        };
        Ok(Self {
            line,
            external_id,
            host_key: normal(host.email.as_deref().unwrap_or_default()),
            host,
            service_key: service_name.to_lowercase(),
            service: ServiceAsked {
                name: Some(service_name),
                duration_minutes: u32::try_from(minutes).ok(),
                mode,
                ..ServiceAsked::default()
            },
            asked,
            end,
            no_host,
        })
    }
}

/// The cells as text.
fn texts<'a>(line: u64, columns: &Columns, cells: &'a [Vec<u8>]) -> Result<Vec<&'a str>, Vec<Bad>> {
    if cells.len() != columns.len() {
        let reason = format!(
            "has {} cells where the header has {}; look for a separator that is missing, too many, or \
             not quoted",
            cells.len(),
            columns.len()
        );
        return Err(vec![Bad::new(line, "row", reason)]);
    }
    let (mut texts, mut bad) = (Vec::new(), Vec::new());
    for (place, cell) in cells.iter().enumerate() {
        match std::str::from_utf8(cell) {
            Ok(text) => texts.push(text),
            Err(_) => {
                let reason = "is not UTF-8; save the file as CSV in UTF-8";
                bad.push(Bad::new(line, columns.name(place), reason));
            }
        }
    }
    if bad.is_empty() { Ok(texts) } else { Err(bad) }
}

/// The host, and why none can be made of the row if there is none yet.
fn host(cells: &mut Cells<'_>) -> (HostAsked, Vec<Bad>) {
    let email = cells.text(Column::HostEmail);
    cells.checked(Column::HostEmail, check::email(email));
    let name = cells.optional(Column::HostName, |it| check::name(it, check::NAME));
    let zone = cells.zone(Column::HostTimeZone);
    let mut no_host = Vec::new();
    for (column, is_there) in
        [(Column::HostName, name.is_some()), (Column::HostTimeZone, zone.is_some())]
    {
        if !is_there {
            let reason = format!("is needed, because there is no host {} yet", shown(email));
            no_host.push(Bad::new(cells.line, column.as_str(), reason));
        }
    }
    let host =
        HostAsked { name, email: Some(email.to_owned()), time_zone: zone, ..HostAsked::default() };
    (host, no_host)
}

fn guest(cells: &mut Cells<'_>, time_zone: Option<Zone>) -> GuestAsked {
    let name = cells.text(Column::GuestName);
    cells.checked(Column::GuestName, check::name(name, check::NAME));
    let email = cells.text(Column::GuestEmail);
    cells.checked(Column::GuestEmail, check::email(email));
    GuestAsked {
        name: name.to_owned(),
        email: Some(email.to_owned()),
        phone: cells.optional(Column::GuestPhone, check::phone),
        locale: cells.optional(Column::GuestLocale, check::locale),
        time_zone,
        ..GuestAsked::default()
    }
}

/// Start and end.
fn times(cells: &mut Cells<'_>, zone: Option<&Zone>) -> Option<(Instant, Instant)> {
    // Local times in a zone that was refused already are not refused once more.
    let read = |cells: &mut Cells<'_>, column: Column| {
        let refused = zone.is_none() && !cells.text(Column::TimeZone).is_empty();
        match moment(cells.text(column), zone.or(refused.then(Zone::utc).as_ref())) {
            Ok(moment) => Some(moment),
            Err(reason) => {
                cells.bad(column, reason);
                None
            }
        }
    };
    let start = read(cells, Column::Start);
    let said = !cells.text(Column::End).is_empty();
    let end = if said { read(cells, Column::End) } else { None };
    let minutes = minutes(cells);
    let end = match (start, end) {
        (Some(start), Some(end)) => Some(meant_end(cells, zone, start, end, minutes)?),
        (_, end) => end,
    };
    let (start, end) = match (start?, end, minutes) {
        (start, Some(end), minutes) => {
            let apart = end.since(start);
            if let Some(minutes) = minutes.filter(|it| end > start && *it != apart) {
                let reason = format!(
                    "says {} minutes, but start and end are {} minutes apart; correct it, or leave one empty",
                    minutes.as_secs() / 60,
                    apart.as_secs().div_ceil(60)
                );
                cells.bad(Column::DurationMinutes, reason);
                return None;
            }
            (start, end)
        }
        (start, None, Some(minutes)) if !said => (start, start.plus(minutes)),
        (_, None, None) if !said && cells.text(Column::DurationMinutes).is_empty() => {
            cells.bad(Column::End, "is empty, and so is duration_minutes; give one of them");
            return None;
        }
        (_, None, Some(_) | None) => return None,
    };
    match span(start, end) {
        None => Some((start, end)),
        Some(fault) => {
            let column = match (fault.pointer.as_str(), said) {
                ("/start", _) => Column::Start,
                (_, true) => Column::End,
                (_, false) => Column::DurationMinutes,
            };
            cells.bad(column, fault.message);
            None
        }
    }
}

/// The end, where the start is local and the end's offset is not the zone's: what makes a session
/// of it, by its offset or by the clock. Both is for the file to say.
fn meant_end(
    cells: &mut Cells<'_>,
    zone: Option<&Zone>,
    start: Instant,
    end: Instant,
    minutes: Option<Duration>,
) -> Option<Instant> {
    let clock = zone
        .filter(|_| is_local(cells.text(Column::Start)))
        .and_then(|zone| by_the_clock(cells.text(Column::End), zone));
    let Some(clock) = clock.filter(|clock| *clock != end) else { return Some(end) };
    let fits = |it: Instant| {
        span(start, it).is_none() && minutes.is_none_or(|minutes| it.since(start) == minutes)
    };
    match (fits(end), fits(clock)) {
        (true, true) => {
            cells.bad(
                Column::End,
                "has another offset than clocks have in time_zone then; write the start with its offset too",
            );
            None
        }
        (false, true) => Some(clock),
        (true | false, false) => Some(end),
    }
}

fn minutes(cells: &mut Cells<'_>) -> Option<Duration> {
    let text = cells.text(Column::DurationMinutes);
    if text.is_empty() {
        return None;
    }
    let known = text.bytes().all(|it| it.is_ascii_digit());
    let minutes = known.then(|| text.parse::<u32>().ok()).flatten();
    match minutes.filter(|it| check::MINUTES.contains(it)) {
        Some(minutes) => Some(Duration::from_secs(u64::from(minutes) * 60)),
        None => {
            let (least, most) = (check::MINUTES.start(), check::MINUTES.end());
            let reason =
                format!("must be a whole number from {least} to {most}, not {}", shown(text));
            cells.bad(Column::DurationMinutes, reason);
            None
        }
    }
}
