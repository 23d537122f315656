//! Both databases understand every statement, and have the same tables.

use roomkey_store::both_databases;

both_databases! {
    every_statement_can_be_prepared = prepare;
}

async fn prepare(url: String) {
    roomkey_store::migrate(&url).await.expect("the schema is brought up to date");
    let refused = roomkey_store::prepare_all(&url).await.expect("the database opens");
    assert!(refused.is_empty(), "not understood: {refused:#?}");
}

#[test]
fn migrations_have_the_same_numbers_names_and_columns() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let list = |engine: &str| {
        let mut files: Vec<_> = std::fs::read_dir(root.join(engine))
            .expect("the migrations are there")
            .map(|entry| entry.expect("readable").file_name().into_string().expect("UTF-8"))
            .collect();
        files.sort();
        files
    };
    assert_eq!(list("sqlite"), list("postgres"));
    for file in list("sqlite") {
        let read = |engine: &str| {
            std::fs::read_to_string(root.join(engine).join(&file)).expect("readable")
        };
        let plain = read("sqlite").replace(") STRICT;", ");").replace("DEFAULT FALSE", "DEFAULT 0");
        let typed = [
            ("UUID", "BLOB"),
            ("BYTEA", "BLOB"),
            ("BIGINT", "INTEGER"),
            ("BOOLEAN", "INTEGER"),
            ("DEFAULT FALSE", "DEFAULT 0"),
        ]
        .iter()
        .fold(read("postgres"), |text, (theirs, ours)| text.replace(theirs, ours));
        assert_eq!(plain, typed, "{file} differs between the databases");
    }
}
