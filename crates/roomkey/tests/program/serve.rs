//! Serving: what it needs, who else may be there, and how it ends.

use crate::process::{KEYS, Listen, Running, data, program, said};

#[test]
fn without_a_sealing_key_it_refuses_and_says_how_to_make_one() {
    let directory = tempfile::tempdir().expect("a directory");
    let said = said(&mut program(directory.path(), &["serve"]));
    assert_eq!(said.code, 1);
    assert!(said.talk.contains("ROOMKEY_KEYS is not set"), "{}", said.talk);
    assert!(said.talk.contains("openssl rand -base64 32"), "{}", said.talk);
    assert!(!directory.path().join("roomkey.db").exists());
}

#[test]
fn one_process_alone_serves_a_sqlite_file() {
    let directory = tempfile::tempdir().expect("a directory");
    let serve = |port| {
        let mut command = program(directory.path(), &["serve", "--listen", port]);
        command.env("ROOMKEY_KEYS", KEYS);
        command
    };
    let first = Running::start(&mut serve("127.0.0.1:0"), directory.path(), Listen::Talk);
    first.line("Roomkey is ready");
    let second = said(&mut serve("127.0.0.1:0"));
    assert_eq!(second.code, 1);
    assert!(second.talk.contains("another process serves this SQLite file"), "{}", second.talk);
    // A command beside it is welcome.
    data(&mut program(directory.path(), &["tenant", "add", "Harbour Practice"]));
    assert!(first.end().success());
    // Closed, not cut off: the file alone is whole.
    let log = std::fs::metadata(directory.path().join("roomkey.db-wal"));
    assert_eq!(log.map_or(0, |log| log.len()), 0);
    let third = Running::start(&mut serve("127.0.0.1:0"), directory.path(), Listen::Talk);
    third.line("Roomkey is ready");
    assert!(third.end().success());
}

#[test]
fn an_address_that_is_taken_is_named() {
    let directory = tempfile::tempdir().expect("a directory");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    for command in [&["serve", "--listen", &address][..], &["demo", "--listen", &address]] {
        let said = said(program(directory.path(), command).env("ROOMKEY_KEYS", KEYS));
        assert_eq!(said.code, 1);
        assert!(said.talk.contains(&format!("cannot listen on {address}")), "{}", said.talk);
    }
}

#[test]
fn postgresql_that_is_behind_names_the_command() {
    let directory = tempfile::tempdir().expect("a directory");
    // Nobody migrates the database in which tests make theirs.
    let behind = std::env::var(roomkey_store::testing::POSTGRES).expect("a PostgreSQL server");
    let said = said(
        program(directory.path(), &["serve"])
            .env("ROOMKEY_KEYS", KEYS)
            .env("ROOMKEY_DATABASE_URL", behind),
    );
    assert_eq!(said.code, 1);
    assert!(said.talk.contains("run `roomkey migrate`"), "{}", said.talk);
}

#[test]
fn parts_alone_need_postgresql() {
    let directory = tempfile::tempdir().expect("a directory");
    let said =
        said(program(directory.path(), &["serve", "--only", "engine"]).env("ROOMKEY_KEYS", KEYS));
    assert_eq!(said.code, 2);
    assert!(said.talk.contains("PostgreSQL"), "{}", said.talk);
}
