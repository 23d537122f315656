//! The file of bookings: rows as people export them, read and written as RFC 4180 says.

use crate::failure::{Failure, Result};

macro_rules! columns {
    ($($column:ident),* $(,)?) => {
        /// One booking of the file, as it is written there.
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        pub(crate) struct Row { $(pub(crate) $column: String),* }

        const COLUMNS: &[&str] = &[$(stringify!($column)),*];

        impl Row {
            fn column(&mut self, name: &str) -> Option<&mut String> {
                match name {
                    $(stringify!($column) => Some(&mut self.$column),)*
                    _ => None,
                }
            }

            fn fields(&self) -> [&str; COLUMNS.len()] {
                [$(&self.$column),*]
            }
        }
    };
}

columns!(
    external_id,
    host_name,
    host_email,
    host_time_zone,
    service,
    mode,
    start,
    end,
    duration_minutes,
    time_zone,
    guest_name,
    guest_email,
    guest_phone,
    guest_locale,
    status,
    notes,
);

/// Reads a whole file.
pub(crate) fn read(text: &str) -> Result<Vec<Row>> {
    let mut records = records(text.trim_start_matches('\u{feff}')).into_iter();
    let header = records.next().unwrap_or_default();
    if let Some(missing) = COLUMNS.iter().find(|column| !header.iter().any(|it| it == *column)) {
        return Err(Failure::new(format!("the file of bookings lacks the column {missing}")));
    }
    Ok(records
        .map(|record| {
            let mut row = Row::default();
            for (name, field) in header.iter().zip(record) {
                if let Some(column) = row.column(name) {
                    *column = field;
                }
            }
            row
        })
        .collect())
}

/// Writes a file that [`read`] and anybody's spreadsheet understand.
pub(crate) fn write(rows: &[Row]) -> String {
    let mut text = COLUMNS.join(",");
    for row in rows {
        text.push_str("\r\n");
        text.push_str(&row.fields().map(quoted).join(","));
    }
    text.push_str("\r\n");
    text
}

fn quoted(field: &str) -> String {
    if field.contains(['"', ',', '\r', '\n']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}

fn records(text: &str) -> Vec<Vec<String>> {
    let (mut records, mut record, mut field) = (Vec::new(), Vec::new(), String::new());
    let mut inside = false;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' if inside && characters.peek() == Some(&'"') => {
                characters.next();
                field.push('"');
            }
            '"' => inside = !inside,
            ',' if !inside => record.push(std::mem::take(&mut field)),
            '\r' if !inside => {}
            '\n' if !inside => {
                record.push(std::mem::take(&mut field));
                records.push(std::mem::take(&mut record));
            }
            other => field.push(other),
        }
    }
    if !field.is_empty() || !record.is_empty() {
        record.push(field);
        records.push(record);
    }
    records
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read() {
        let row = Row {
            external_id: "a-1".to_owned(),
            notes: "Line one\nline \"two\", with a comma".to_owned(),
            ..Row::default()
        };
        let rows = vec![row, Row { external_id: "a-2".to_owned(), ..Row::default() }];
        assert_eq!(read(&write(&rows)).unwrap(), rows);
        assert!(read("external_id,host_name\r\n").is_err());
    }
}
