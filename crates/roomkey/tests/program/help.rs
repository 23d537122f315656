//! What `--help` says, word for word. `UPDATE=1` writes it down anew.

use crate::process::{data, program};

const COMMANDS: &[&[&str]] = &[
    &[],
    &["demo"],
    &["serve"],
    &["sandbox"],
    &["migrate"],
    &["check"],
    &["tenant"],
    &["tenant", "add"],
    &["tenant", "list"],
    &["apikey"],
    &["apikey", "add"],
    &["apikey", "list"],
    &["apikey", "revoke"],
    &["booking"],
    &["booking", "list"],
    &["booking", "show"],
    &["import"],
    &["login"],
    &["backup"],
    &["reconcile"],
    &["reconcile", "plan"],
    &["reconcile", "apply"],
    &["sweeps"],
];

#[test]
fn help_says_what_is_written_down() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut written = String::new();
    for command in COMMANDS {
        let mut arguments = command.to_vec();
        arguments.push("--help");
        let help = data(program(directory.path(), &arguments).env("COLUMNS", "100"));
        let name = ["roomkey"].iter().chain(*command).copied().collect::<Vec<_>>().join(" ");
        written.push_str(&format!("$ {name} --help\n{help}\n"));
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/program/help.txt");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, &written).expect("writable");
    }
    let known = std::fs::read_to_string(path).unwrap_or_default();
    assert_eq!(written, known, "UPDATE=1 writes the new words down");
}
