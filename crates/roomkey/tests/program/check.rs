//! What is wrong with a configuration is said at once, with the remedy.

use crate::process::{KEYS, data, json, program, said};

#[test]
fn all_faults_are_named_at_once() {
    let directory = tempfile::tempdir().expect("a directory");
    std::fs::write(directory.path().join("roomkey.toml"), "listen = \"here\"\ncolour = \"red\"\n")
        .expect("a file");
    let said = said(
        program(directory.path(), &["check"])
            .env("ROOMKEY_KEYS", "k1:hunter2")
            .env("ROOMKEY_SETTLE", "soon")
            .env("ROOMKEY_SMPT_URL", "smtp://localhost"),
    );
    assert_eq!(said.code, 1);
    assert_eq!(said.out, "");
    for part in [
        "5 faults",
        "`listen` in roomkey.toml",
        "`colour` in roomkey.toml is no setting",
        "ROOMKEY_KEYS entry 1",
        "ROOMKEY_SETTLE is not a duration",
        "did you mean `ROOMKEY_SMTP_URL`",
    ] {
        assert!(said.talk.contains(part), "`{part}` is not in:\n{}", said.talk);
    }
    assert!(!said.talk.contains("hunter2"), "{}", said.talk);
}

#[test]
fn variables_of_tests_are_no_settings() {
    let directory = tempfile::tempdir().expect("a directory");
    data(
        program(directory.path(), &["check"])
            .env("ROOMKEY_KEYS", KEYS)
            .env("ROOMKEY_TEST_ANYTHING", "1")
            .env("ROOMKEY_SPECS", "/nowhere"),
    );
}

#[test]
fn what_holds_is_said_with_where_it_comes_from_and_no_database_is_made() {
    let directory = tempfile::tempdir().expect("a directory");
    let said = json(
        program(directory.path(), &["check", "--json", "--set", "settle=9s"])
            .env("ROOMKEY_KEYS", KEYS)
            .env("ROOMKEY_LOG", "debug"),
    );
    let settings = &said["settings"];
    assert_eq!(settings["settle"]["value"], "9s");
    assert_eq!(settings["settle"]["from"], "--set");
    assert_eq!(settings["log"]["from"], "ROOMKEY_LOG");
    assert_eq!(settings["keys"]["value"], "(set, not shown)");
    assert_eq!(settings["http_timeout"]["from"], "default");
    assert_eq!(std::fs::read_dir(directory.path()).expect("readable").count(), 0);
}

#[test]
fn a_new_sealing_key_is_one_and_the_default_file_is_printed() {
    let directory = tempfile::tempdir().expect("a directory");
    let line = data(&mut program(directory.path(), &["check", "--new-key"]));
    let (name, keys) = line.trim().split_once('=').expect("a variable");
    data(program(directory.path(), &["check"]).env(name, keys));
    let printed = data(&mut program(directory.path(), &["check", "--defaults"]));
    assert_eq!(printed, include_str!("../../roomkey.default.toml"));
}
