//! Content lines: what may stand where, and how long a line may be.

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

/// The longest line in octets, without its end (RFC 5545, 3.1).
const LONGEST: usize = 75;

/// What an address must not bring into a `mailto:` (RFC 6068, and all that a line gives a meaning).
const NOT_IN_MAILTO: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'%')
    .add(b'&')
    .add(b',')
    .add(b':')
    .add(b';')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}')
    .add(b'#');

/// The lines of a file as they are written.
#[derive(Debug, Default)]
pub(super) struct Lines(String);

impl Lines {
    /// Begins a line. Names come from the code, never from data.
    pub(super) fn line(&mut self, name: &'static str) -> Line<'_> {
        Line { lines: self, text: name.to_owned() }
    }

    /// `BEGIN`, what is in it, `END`.
    pub(super) fn within(&mut self, component: &'static str, write: impl FnOnce(&mut Self)) {
        self.line("BEGIN").token(component);
        write(self);
        self.line("END").token(component);
    }

    pub(super) fn into_text(self) -> String {
        self.0
    }

    fn fold(&mut self, line: &str) {
        let mut rest = line;
        let mut room = LONGEST;
        while rest.len() > room {
            // At most 75 octets, and never inside a character.
            let cut = rest.floor_char_boundary(room);
            let (head, tail) = rest.split_at(cut);
            self.0.push_str(head);
            self.0.push_str("\r\n ");
            rest = tail;
            room = LONGEST - 1;
        }
        self.0.push_str(rest);
        self.0.push_str("\r\n");
    }
}

/// One line, until its value ends it.
#[must_use = "a line is written by its value"]
pub(super) struct Line<'a> {
    lines: &'a mut Lines,
    text: String,
}

impl Line<'_> {
    /// A parameter whose value the code chose: a word of the standard, or a list of such.
    pub(super) fn word(mut self, name: &'static str, value: &str) -> Self {
        self.text.push(';');
        self.text.push_str(name);
        self.text.push('=');
        self.text.extend(value.chars().filter(|&it| is_word(it)));
        self
    }

    /// A parameter with a value of anyone's making: quoted, and encoded as RFC 6868 says.
    pub(super) fn param(mut self, name: &'static str, value: &str) -> Self {
        self.text.push(';');
        self.text.push_str(name);
        self.text.push_str("=\"");
        for it in one_kind_of_line_end(value) {
            match it {
                '^' => self.text.push_str("^^"),
                '"' => self.text.push_str("^'"),
                '\n' => self.text.push_str("^n"),
                other => self.text.push(other),
            }
        }
        self.text.push('"');
        self
    }

    /// A value of the type TEXT, of anyone's making.
    pub(super) fn text(mut self, value: &str) {
        self.text.push(':');
        for it in one_kind_of_line_end(value) {
            match it {
                '\\' => self.text.push_str("\\\\"),
                ';' => self.text.push_str("\\;"),
                ',' => self.text.push_str("\\,"),
                '\n' => self.text.push_str("\\n"),
                other => self.text.push(other),
            }
        }
        self.end();
    }

    /// A value whose characters the code chose: dates, numbers, words of the standard.
    pub(super) fn token(mut self, value: &str) {
        self.text.push(':');
        self.text.extend(value.chars().filter(|&it| is_word(it)));
        self.end();
    }

    /// An address of the web. A parsed one has no character that could end a line.
    pub(super) fn url(mut self, value: &url::Url) {
        self.text.push(':');
        self.text.extend(value.as_str().chars().filter(char::is_ascii_graphic));
        self.end();
    }

    /// An e-mail address.
    pub(super) fn mailto(mut self, address: &str) {
        self.text.push_str(":mailto:");
        self.text.extend(utf8_percent_encode(address, NOT_IN_MAILTO));
        self.end();
    }

    fn end(self) {
        self.lines.fold(&self.text);
    }
}

fn is_word(it: char) -> bool {
    it.is_ascii_alphanumeric() || matches!(it, '-' | '_' | '+' | '/' | ',' | '.')
}

/// Control characters are dropped; whatever somebody may take for the end of a line is `\n`.
fn one_kind_of_line_end(text: &str) -> impl Iterator<Item = char> {
    let mut after_return = false;
    text.chars().filter_map(move |it| {
        let second_half = after_return && it == '\n';
        after_return = it == '\r';
        match it {
            '\n' if second_half => None,
            '\r' | '\n' | '\u{85}' | '\u{2028}' | '\u{2029}' => Some('\n'),
            '\t' => Some(' '),
            control if control.is_control() => None,
            other => Some(other),
        }
    })
}

/// A name or title as one line of sensible length: what people and headers can bear.
pub(crate) fn one_line(text: &str) -> String {
    const LONGEST_NAME: usize = 200;
    let spaced: String = one_kind_of_line_end(text).take(LONGEST_NAME * 4).collect();
    let mut line = String::with_capacity(spaced.len());
    for word in spaced.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    if let Some((cut, _)) = line.char_indices().nth(LONGEST_NAME) {
        line.truncate(cut);
        line.push('…');
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl FnOnce(&mut Lines)) -> String {
        let mut lines = Lines::default();
        write(&mut lines);
        lines.into_text()
    }

    #[test]
    fn text_and_parameters_are_escaped_each_in_its_way() {
        assert_eq!(
            written(|it| it.line("X").text("a\\b;c,d\r\ne\tf\u{7}")),
            "X:a\\\\b\\;c\\,d\\ne f\r\n"
        );
        assert_eq!(
            written(|it| it.line("X").param("CN", "^ \"Jo\"\n,;:").text("")),
            "X;CN=\"^^ ^'Jo^'^n,;:\":\r\n"
        );
    }

    #[test]
    fn a_mailto_holds_nothing_but_the_address() {
        assert_eq!(
            written(|it| it.line("X").mailto("a b\r\nATTENDEE:x?cc=y@z")),
            "X:mailto:a%20b%0D%0AATTENDEE%3Ax%3Fcc=y@z\r\n"
        );
        assert_eq!(
            written(|it| it.line("X").mailto("o'k+1@b.example")),
            "X:mailto:o'k+1@b.example\r\n"
        );
    }

    #[test]
    fn long_lines_fold_before_the_seventy_sixth_octet_and_not_in_a_character() {
        let text = "é".repeat(100);
        let folded = written(|it| it.line("SUMMARY").text(&text));
        assert!(folded.split("\r\n").all(|line| line.len() <= LONGEST));
        assert_eq!(folded.replace("\r\n ", ""), format!("SUMMARY:{text}\r\n"));
    }

    #[test]
    fn one_line_is_one_line() {
        assert_eq!(one_line("  Ana\r\nBcc: x\u{2028}y \u{0} z "), "Ana Bcc: x y z");
        assert_eq!(one_line(&"x".repeat(500)).chars().count(), 201);
    }
}
