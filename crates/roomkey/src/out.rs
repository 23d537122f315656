//! What is printed: data on stdout, talk on stderr.

use std::fmt::Display;
use std::io::{self, Write as _};

use serde::Serialize;

/// Prints data.
pub(crate) fn data(text: impl Display) {
    // `println!` ends the program if nobody reads any more, as in `roomkey booking list | head`.
    let _ = writeln!(io::stdout().lock(), "{text}");
}

/// Prints data for programs.
pub(crate) fn json<T: Serialize>(value: &T) {
    // A value of ours always has a text.
    data(serde_json::to_string_pretty(value).unwrap_or_default());
}

/// Prints rows under headings, each column as wide as its widest cell.
pub(crate) fn table(headings: &[&str], rows: &[Vec<String>]) {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
        cells.chain(headings.get(column).map(|it| it.chars().count())).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..headings.len()).map(width).collect();
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let padded: Vec<String> =
            cells.zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        data(padded.join("  ").trim_end());
    };
    line(&mut headings.iter().copied());
    for row in rows {
        line(&mut row.iter().map(String::as_str));
    }
}

/// Says something to the person at the terminal.
pub(crate) fn talk(text: impl Display) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}
