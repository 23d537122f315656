//! Words that must not be in a file. They are written here in halves, or this file would not pass.

use crate::repository::TextFile;

use super::tests_in;

/// Paths of somebody's machine, in any file.
const PLACES: [&str; 2] = [concat!("/ro", "ot/"), concat!("/tmp/bash", "_jobs")];
const HOMES: &str = concat!("/ho", "me/");

/// In Rust, and why not.
const ANYWHERE: [(&str, &str); 3] = [
    (concat!("#[ign", "ore"), "a test is run, mended or deleted"),
    (concat!("to", "do!"), "unfinished"),
    (concat!("unimple", "mented!"), "unfinished"),
];
const IN_TESTS: [(&str, &str); 2] = [
    (concat!("thread::", "sleep"), "a test waits for what it wants to see, not for a time"),
    (concat!("time::", "sleep"), "a test waits for what it wants to see, not for a time"),
];

/// Objects to lines of one file.
pub(super) fn objections(file: &TextFile) -> Vec<String> {
    let TextFile { path, text } = file;
    let rust = path.ends_with(".rs");
    let in_tests = if rust { tests_in::lines(path, text) } else { Vec::new() };
    let mut objections = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let mut object = |what: &str, why: &str| {
            objections.push(format!("{path}:{}: `{what}`: {why}", number + 1));
        };
        for place in PLACES.into_iter().filter(|place| line.contains(place)) {
            object(place, "a path of one machine");
        }
        if names_a_home(line) {
            object(HOMES, "a path of one machine");
        }
        if !rust {
            continue;
        }
        for (word, why) in ANYWHERE.into_iter().filter(|(word, _)| is_said(line, word)) {
            object(word, why);
        }
        if in_tests.get(number).copied().unwrap_or(false) {
            for (word, why) in IN_TESTS.into_iter().filter(|(word, _)| is_said(line, word)) {
                object(word, why);
            }
        }
    }
    objections
}

/// The word, and not the end of a longer one.
fn is_said(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        !line[..at].chars().next_back().is_some_and(|c| c.is_alphanumeric() || c == '_')
    })
}

/// A home folder with somebody's name, but not the part of an address that looks like one.
fn names_a_home(line: &str) -> bool {
    line.match_indices(HOMES).any(|(at, found)| {
        let before = line[..at].chars().next_back();
        let name: String = line[at + found.len()..]
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || "._-".contains(*c))
            .collect();
        let after = line[at + found.len() + name.len()..].chars().next();
        !before.is_some_and(char::is_alphanumeric) && !name.is_empty() && after == Some('/')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(path: &str, text: &str) -> usize {
        objections(&TextFile { path: path.to_owned(), text: text.to_owned() }).len()
    }

    #[test]
    fn paths_of_one_machine_are_found_in_any_file() {
        assert_eq!(count("docs/a.md", concat!("see /ro", "ot/.cargo")), 1);
        assert_eq!(count("a.sh", concat!("cd /ho", "me/ada/roomkey")), 1);
        assert_eq!(count("a.log", concat!("/tmp/bash", "_jobs.0/1")), 1);
        assert_eq!(count("docs/a.md", concat!("https://example.com/ho", "me/ada/")), 0);
        assert_eq!(count("docs/a.md", concat!("the folder /ho", "me/ is")), 0);
    }

    #[test]
    fn unfinished_code_and_tests_that_are_not_run_are_found() {
        assert_eq!(count("crates/a/src/lib.rs", concat!("    to", "do!()")), 1);
        assert_eq!(count("crates/a/src/lib.rs", concat!("unimple", "mented!()")), 1);
        assert_eq!(count("crates/a/src/lib.rs", concat!("#[ign", "ore = \"slow\"]")), 1);
        assert_eq!(count("docs/a.md", concat!("never write to", "do!()")), 0);
        assert_eq!(count("crates/a/src/lib.rs", concat!("mas", "to", "do!()")), 0);
    }

    #[test]
    fn only_tests_must_not_sleep() {
        let sleeps = concat!("std::thread::", "sleep(tick);\n");
        assert_eq!(count("crates/a/src/lib.rs", sleeps), 0);
        assert_eq!(count("crates/a/tests/it.rs", sleeps), 1);
        let module = format!("#[cfg(test)]\nmod tests {{\n    {sleeps}}}\n{sleeps}");
        assert_eq!(count("crates/a/src/lib.rs", &module), 1);
        assert_eq!(count("crates/a/tests/it.rs", concat!("tokio::time::", "sleep(tick).await")), 1);
    }
}
