//! Records of a CSV file, one at a time, with the line on which each begins.
//!
//! A reader of our own, because a report is only as good as its lines: libraries pass over a quote
//! that is never closed, and do not say on which line a record began. Here a record with broken
//! quotes costs its first line and nothing else: reading goes on with the line after it.

use std::io::{self, Read};

/// The most bytes of one record. What is longer has lost a quote; nothing longer is kept in memory.
pub(crate) const RECORD: usize = 256 * 1024;
const PIECE: usize = 64 * 1024;
const SEPARATORS: [u8; 3] = [b',', b';', b'\t'];

/// What stands next in the file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// A record.
    Record {
        /// Its first line.
        line: u64,
        /// Its cells, unquoted.
        cells: Vec<Vec<u8>>,
    },
    /// What is no record.
    Broken {
        /// Its first line.
        line: u64,
        /// In which cell, counted from zero.
        cell: usize,
        /// Why.
        reason: &'static str,
    },
    /// Nothing.
    End,
}

/// Reads a file once, from front to end.
pub(crate) struct Reader<R> {
    source: R,
    buffer: Vec<u8>,
    /// Where in the buffer the next record begins.
    from: usize,
    ended: bool,
    line: u64,
    separator: u8,
}

/// Where in a cell we are.
#[derive(Clone, Copy)]
enum At {
    Start,
    Plain,
    Quoted,
    /// Behind a quote that closes the cell, or is the first of two.
    Closed,
}

/// One record, not yet taken out of the buffer.
struct Scan {
    cells: Vec<Vec<u8>>,
    broken: Option<&'static str>,
    bytes: usize,
    breaks: u64,
}

impl<R: Read> Reader<R> {
    pub(crate) const fn new(source: R) -> Self {
        Self { source, buffer: Vec::new(), from: 0, ended: false, line: 1, separator: b',' }
    }

    /// The first bytes of the file, at the most so many.
    ///
    /// # Errors
    /// The file's.
    pub(crate) fn peek(&mut self, most: usize) -> io::Result<&[u8]> {
        self.byte(most.saturating_sub(1))?;
        let rest = self.buffer.get(self.from..).unwrap_or_default();
        Ok(rest.get(..most).unwrap_or(rest))
    }

    /// The first record, which also says what separates cells: comma, semicolon or tab. A byte
    /// order mark before it is passed over.
    ///
    /// # Errors
    /// The file's.
    pub(crate) fn header(&mut self) -> io::Result<Next> {
        if self.peek(3)? == b"\xEF\xBB\xBF" {
            self.from += 3;
        }
        self.pass_blank_lines()?;
        let mut most = 0;
        for separator in SEPARATORS {
            let cells = self.scan(separator)?.cells.len();
            if cells > most {
                (most, self.separator) = (cells, separator);
            }
        }
        self.record()
    }

    /// The next record.
    ///
    /// # Errors
    /// The file's.
    pub(crate) fn record(&mut self) -> io::Result<Next> {
        self.pass_blank_lines()?;
        if self.byte(0)?.is_none() {
            return Ok(Next::End);
        }
        let line = self.line;
        let Scan { cells, broken, bytes, breaks } = self.scan(self.separator)?;
        if let Some(reason) = broken {
            self.pass_line()?;
            return Ok(Next::Broken { line, cell: cells.len(), reason });
        }
        self.from += bytes;
        self.line += breaks;
        Ok(Next::Record { line, cells })
    }

    fn scan(&mut self, separator: u8) -> io::Result<Scan> {
        let mut scan = Scan { cells: Vec::new(), broken: None, bytes: 0, breaks: 0 };
        let (mut at, mut cell) = (At::Start, Vec::new());
        loop {
            if scan.bytes >= RECORD {
                scan.broken = Some(match at {
                    At::Quoted => UNCLOSED,
                    At::Start | At::Plain | At::Closed => "makes its row longer than 256 KiB",
                });
                return Ok(scan);
            }
            let byte = self.byte(scan.bytes)?;
            scan.bytes += 1;
            at = match (at, byte) {
                (At::Quoted, None) => {
                    scan.broken = Some(UNCLOSED);
                    return Ok(scan);
                }
                (At::Start | At::Plain | At::Closed, None) => {
                    scan.bytes -= 1;
                    scan.cells.push(cell);
                    return Ok(scan);
                }
                // The line break itself is passed over with the blank lines that may follow.
                (At::Start | At::Plain | At::Closed, Some(b'\n' | b'\r')) => {
                    scan.bytes -= 1;
                    scan.cells.push(cell);
                    return Ok(scan);
                }
                (At::Start | At::Plain | At::Closed, Some(byte)) if byte == separator => {
                    scan.cells.push(std::mem::take(&mut cell));
                    At::Start
                }
                (At::Start, Some(b'"')) => At::Quoted,
                (At::Start | At::Plain, Some(byte)) => {
                    cell.push(byte);
                    At::Plain
                }
                (At::Quoted, Some(b'"')) => At::Closed,
                (At::Quoted, Some(byte)) => {
                    // `\r\n` is one line break, and so is either of them alone.
                    let breaks = match byte {
                        b'\r' => self.byte(scan.bytes)? != Some(b'\n'),
                        other => other == b'\n',
                    };
                    scan.breaks += u64::from(breaks);
                    cell.push(byte);
                    At::Quoted
                }
                (At::Closed, Some(b'"')) => {
                    cell.push(b'"');
                    At::Quoted
                }
                (At::Closed, Some(_)) => {
                    scan.broken = Some(
                        "has text behind its closing quote; write a quote inside quotes twice, and \
                         see that each is closed",
                    );
                    return Ok(scan);
                }
            };
        }
    }

    fn pass_blank_lines(&mut self) -> io::Result<()> {
        loop {
            match self.byte(0)? {
                Some(b'\n') => self.line += 1,
                Some(b'\r') => self.line += u64::from(self.byte(1)? != Some(b'\n')),
                Some(_) | None => return Ok(()),
            }
            self.from += 1;
        }
    }

    /// Passes over the rest of a line, however long it is.
    fn pass_line(&mut self) -> io::Result<()> {
        while let Some(byte) = self.byte(0)? {
            if matches!(byte, b'\n' | b'\r') {
                break;
            }
            self.from += 1;
        }
        Ok(())
    }

    /// The byte so far behind the beginning of the record.
    fn byte(&mut self, at: usize) -> io::Result<Option<u8>> {
        while self.from + at >= self.buffer.len() && !self.ended {
            self.buffer.drain(..self.from.min(self.buffer.len()));
            self.from = 0;
            let had = self.buffer.len();
            self.buffer.resize(had + PIECE, 0);
            let room = self.buffer.get_mut(had..).unwrap_or_default();
            let read = loop {
                match self.source.read(room) {
                    Ok(read) => break read,
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) => return Err(error),
                }
            };
            self.buffer.truncate(had + read);
            self.ended = read == 0;
        }
        Ok(self.buffer.get(self.from + at).copied())
    }
}

const UNCLOSED: &str = "begins with a quote that is never closed; close it, or write it twice";

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives out its bytes in small pieces, as a pipe may.
    struct Trickle<'a>(&'a [u8]);

    impl Read for Trickle<'_> {
        fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
            let most = room.len().min(3);
            self.0.read(&mut room[..most])
        }
    }

    fn all(text: &[u8]) -> Vec<(u64, Result<Vec<String>, usize>)> {
        let mut reader = Reader::new(Trickle(text));
        let mut found = Vec::new();
        let mut next = reader.header().expect("it reads");
        loop {
            match next {
                Next::End => return found,
                Next::Broken { line, cell, .. } => found.push((line, Err(cell))),
                Next::Record { line, cells } => {
                    let text = |cell: &Vec<u8>| String::from_utf8_lossy(cell).into_owned();
                    found.push((line, Ok(cells.iter().map(text).collect())));
                }
            }
            next = reader.record().expect("it reads");
        }
    }

    fn cells(line: u64, cells: &[&str]) -> (u64, Result<Vec<String>, usize>) {
        (line, Ok(cells.iter().map(|&cell| cell.to_owned()).collect()))
    }

    #[test]
    fn lines_are_those_of_an_editor() {
        let expected =
            vec![cells(1, &["a", "b"]), cells(2, &["x\ny", "\"2\""]), cells(5, &["", ""])];
        assert_eq!(all(b"a,b\n\"x\ny\",\"\"\"2\"\"\"\n\n,\n"), expected);
        let expected = vec![cells(1, &["a", "b"]), cells(2, &["x\r\ny", "2"]), cells(5, &["", ""])];
        assert_eq!(all(b"\xEF\xBB\xBFa,b\r\n\"x\r\ny\",2\r\n\r\n,"), expected);
        assert_eq!(
            all(b"a;b,c;d\r1;2;3"),
            [cells(1, &["a", "b,c", "d"]), cells(2, &["1", "2", "3"])]
        );
        assert_eq!(
            all(b"a,b\r\"x\ry\",2\r3,\"4\r\n\r5\"\r6,7"),
            [
                cells(1, &["a", "b"]),
                cells(2, &["x\ry", "2"]),
                cells(4, &["3", "4\r\n\r5"]),
                cells(7, &["6", "7"])
            ]
        );
        assert_eq!(all(b""), []);
        assert_eq!(all(b"\n\r\n"), []);
    }

    #[test]
    fn a_quote_that_never_closes_costs_its_line() {
        let open = b"a,b\n1,\"open\n2,two\n3,three";
        let expected = [
            cells(1, &["a", "b"]),
            (2, Err(1)),
            cells(3, &["2", "two"]),
            cells(4, &["3", "three"]),
        ];
        assert_eq!(all(open), expected);
        let crossed = b"a,b\n1,\"open\n2,\"two\"\n3,5\" pipe";
        let expected = [
            cells(1, &["a", "b"]),
            (2, Err(1)),
            cells(3, &["2", "two"]),
            cells(4, &["3", "5\" pipe"]),
        ];
        assert_eq!(all(crossed), expected);
        let returns = b"a,b\r1,\"open\r2,two\r3,three";
        let expected = [
            cells(1, &["a", "b"]),
            (2, Err(1)),
            cells(3, &["2", "two"]),
            cells(4, &["3", "three"]),
        ];
        assert_eq!(all(returns), expected);
    }

    #[test]
    fn no_record_fills_the_memory() {
        let mut text = b"a,b\n1,".to_vec();
        text.extend(std::iter::repeat_n(b'x', 3 * RECORD));
        text.extend(b"\n2,two\n");
        assert_eq!(all(&text), [cells(1, &["a", "b"]), (2, Err(1)), cells(3, &["2", "two"])]);
    }
}
