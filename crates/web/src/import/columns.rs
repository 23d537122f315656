//! The columns of a file, by the names in its first record.

use super::shown;

/// A column that we know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Column {
    ExternalId,
    HostName,
    HostEmail,
    HostTimeZone,
    Service,
    Mode,
    Start,
    End,
    DurationMinutes,
    TimeZone,
    GuestName,
    GuestEmail,
    GuestPhone,
    GuestLocale,
    Status,
    Notes,
}

impl Column {
    const ALL: [Self; 16] = [
        Self::ExternalId,
        Self::HostName,
        Self::HostEmail,
        Self::HostTimeZone,
        Self::Service,
        Self::Mode,
        Self::Start,
        Self::End,
        Self::DurationMinutes,
        Self::TimeZone,
        Self::GuestName,
        Self::GuestEmail,
        Self::GuestPhone,
        Self::GuestLocale,
        Self::Status,
        Self::Notes,
    ];

    /// Its name in the file.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::ExternalId => "external_id",
            Self::HostName => "host_name",
            Self::HostEmail => "host_email",
            Self::HostTimeZone => "host_time_zone",
            Self::Service => "service",
            Self::Mode => "mode",
            Self::Start => "start",
            Self::End => "end",
            Self::DurationMinutes => "duration_minutes",
            Self::TimeZone => "time_zone",
            Self::GuestName => "guest_name",
            Self::GuestEmail => "guest_email",
            Self::GuestPhone => "guest_phone",
            Self::GuestLocale => "guest_locale",
            Self::Status => "status",
            Self::Notes => "notes",
        }
    }

    const fn is_needed(self) -> bool {
        match self {
            Self::ExternalId
            | Self::HostEmail
            | Self::Service
            | Self::Start
            | Self::GuestName
            | Self::GuestEmail => true,
            Self::HostName
            | Self::HostTimeZone
            | Self::Mode
            | Self::End
            | Self::DurationMinutes
            | Self::TimeZone
            | Self::GuestPhone
            | Self::GuestLocale
            | Self::Status
            | Self::Notes => false,
        }
    }
}

/// The columns of a file, in its order.
pub(crate) struct Columns(Vec<Column>);

impl Columns {
    /// Reads the header.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub(crate) fn read(cells: &[Vec<u8>]) -> Result<Self, Vec<String>> {
        let mut columns: Vec<Column> = Vec::new();
        let mut faults = Vec::new();
        for (place, cell) in cells.iter().enumerate() {
            let text = String::from_utf8_lossy(cell);
            let name = text.trim().to_lowercase();
            match Column::ALL.into_iter().find(|column| column.as_str() == name) {
                Some(column) if columns.contains(&column) => {
                    faults.push(format!("the column {name} is there twice; keep one"));
                }
                Some(column) => columns.push(column),
                None if name.is_empty() => {
                    faults.push(format!("column {} has no name; remove it", place + 1));
                }
                None => faults.push(format!("{} is not a known column; remove it", shown(&text))),
            }
        }
        for column in Column::ALL {
            if column.is_needed() && !columns.contains(&column) {
                faults.push(format!("the column {} is missing", column.as_str()));
            }
        }
        let lengths = [Column::End, Column::DurationMinutes];
        if !lengths.iter().any(|it| columns.contains(it)) {
            faults
                .push("the columns end and duration_minutes are missing; one is needed".to_owned());
        }
        if faults.is_empty() { Ok(Self(columns)) } else { Err(faults) }
    }

    /// The names that a header may have.
    pub(crate) fn known() -> String {
        Column::ALL.map(Column::as_str).join(", ")
    }

    /// How many there are.
    pub(crate) const fn len(&self) -> usize {
        self.0.len()
    }

    /// The name of a cell, counted from zero.
    pub(crate) fn name(&self, cell: usize) -> &'static str {
        self.0.get(cell).map_or("row", |column| column.as_str())
    }

    /// The place of a column, if the file has it.
    pub(crate) fn place(&self, column: Column) -> Option<usize> {
        self.0.iter().position(|it| *it == column)
    }
}
