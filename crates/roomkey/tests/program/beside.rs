//! Commands on a database, with and without a server beside them.

use roomkey_store::testing::TestDatabase;
use serde_json::Value;

use crate::process::{json, program, said};

#[test]
fn tenants_and_api_keys_are_made_listed_and_revoked() {
    let directory = tempfile::tempdir().expect("a directory");
    let run = |arguments: &[&str]| json(&mut program(directory.path(), arguments));
    let made = run(&["tenant", "add", "Harbour Practice", "--json"]);
    assert!(made["tenant"]["id"].as_str().is_some_and(|id| id.starts_with("ten_")), "{made}");
    assert!(made["api_key"].as_str().is_some_and(|key| key.starts_with("rk_")), "{made}");

    let added = run(&["apikey", "add", "Website", "--scope", "bookings:read", "--json"]);
    let listed = run(&["apikey", "list", "--json"]);
    let ids: Vec<&Value> =
        listed["data"].as_array().expect("a list").iter().map(|it| &it["id"]).collect();
    assert_eq!((ids.len(), ids[1]), (2, &added["id"]));
    let id = added["id"].as_str().expect("an id");
    let revoked = said(&mut program(directory.path(), &["apikey", "revoke", id]));
    assert_eq!(revoked.code, 0, "{}", revoked.talk);
    let again = said(&mut program(directory.path(), &["apikey", "revoke", id]));
    assert_eq!(again.code, 1, "{}", again.talk);

    let unknown = ["apikey", "add", "Typed", "--scope", "bookings:raed", "--scope", "*"];
    let unknown = said(&mut program(directory.path(), &unknown));
    assert_eq!(unknown.code, 2, "{}", unknown.talk);
    for words in ["bookings:raed", "bookings:read", "host_door", "a similar value"] {
        assert!(unknown.talk.contains(words), "`{words}` is not in:\n{}", unknown.talk);
    }
    assert_eq!(run(&["apikey", "list", "--json"])["data"].as_array().map(Vec::len), Some(2));

    run(&["tenant", "add", "Second", "--json"]);
    let unsaid = said(&mut program(directory.path(), &["apikey", "list"]));
    assert_eq!(unsaid.code, 2, "{}", unsaid.talk);
    assert_eq!(
        run(&["apikey", "list", "--tenant", "Second", "--json"])["data"][0]["scopes"][0],
        "*"
    );
    // A name that two have names neither: their ids are told.
    let third = run(&["tenant", "add", "Second", "--json"]);
    let unclear = said(&mut program(directory.path(), &["apikey", "list", "--tenant", "Second"]));
    assert_eq!(unclear.code, 2, "{}", unclear.talk);
    let id = third["tenant"]["id"].as_str().expect("an id");
    assert!(unclear.talk.contains("2 tenants") && unclear.talk.contains(id), "{}", unclear.talk);
    run(&["apikey", "list", "--tenant", id, "--json"]);
}

#[test]
fn a_sign_in_link_is_printed() {
    let directory = tempfile::tempdir().expect("a directory");
    let before = said(&mut program(directory.path(), &["login", "operator"]));
    assert_eq!(before.code, 1);
    assert!(before.talk.contains("roomkey tenant add"), "{}", before.talk);
    json(&mut program(directory.path(), &["tenant", "add", "Harbour Practice", "--json"]));
    let link = json(
        program(directory.path(), &["login", "operator", "--json"])
            .env("ROOMKEY_PUBLIC_URL", "https://rooms.example.org"),
    );
    let url = link["url"].as_str().expect("a link");
    assert!(url.starts_with("https://rooms.example.org/in/sgn_"), "{url}");
    let unknown = said(&mut program(directory.path(), &["login", "host", "nobody@example.org"]));
    assert_eq!(unknown.code, 1, "{}", unknown.talk);
}

#[tokio::test]
async fn postgresql_is_migrated_by_hand_and_backed_up_by_its_own_program() {
    let directory = tempfile::tempdir().expect("a directory");
    let database = TestDatabase::postgres().await;
    let with = |arguments: &[&str]| {
        let mut command = program(directory.path(), arguments);
        command.env("ROOMKEY_DATABASE_URL", database.url());
        command
    };
    let migrated = said(&mut with(&["migrate"]));
    assert_eq!(migrated.code, 0, "{}", migrated.talk);
    assert!(migrated.talk.contains("up to date"), "{}", migrated.talk);
    json(&mut with(&["tenant", "add", "Harbour Practice", "--json"]));
    let backup = said(&mut with(&["backup", "copy.db"]));
    assert_eq!(backup.code, 2);
    assert!(backup.talk.contains("pg_dump"), "{}", backup.talk);
    database.remove().await;
}
