//! `roomkey import` on files as people have them.

use std::path::Path;
use std::process::Stdio;

use roomkey_store::testing::TestDatabase;
use serde_json::{Value, json};

use crate::process::{KEYS, Listen, PATIENCE, Running, Said, data, json as read, program, said};

const HEADER: &str = "external_id,host_name,host_email,host_time_zone,service,mode,start,end,\
    duration_minutes,time_zone,guest_name,guest_email,guest_phone,guest_locale,status,notes";

/// A practice, and a database that is its own.
struct Practice {
    directory: tempfile::TempDir,
    url: Option<String>,
}

impl Practice {
    fn new() -> Self {
        Self::on(None)
    }

    fn on(url: Option<String>) -> Self {
        let practice = Self { directory: tempfile::tempdir().expect("a directory"), url };
        data(&mut practice.command(&["tenant", "add", "Harbour Practice"]));
        practice
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }

    fn command(&self, arguments: &[&str]) -> std::process::Command {
        let mut command = program(self.path(), arguments);
        command.env("ROOMKEY_KEYS", KEYS);
        if let Some(url) = &self.url {
            command.env("ROOMKEY_DATABASE_URL", url);
        }
        command
    }

    fn import(&self, file: &[u8], arguments: &[&str]) -> Said {
        std::fs::write(self.path().join("file.csv"), file).expect("writable");
        said(&mut self.command(&[&["import", "file.csv"], arguments].concat()))
    }

    /// Imports for good; what came of it.
    fn imported(&self, file: &str) -> Value {
        let said = self.import(file.as_bytes(), &["--apply", "--json"]);
        serde_json::from_str(&said.out).unwrap_or_else(|_| panic!("{}{}", said.out, said.talk))
    }

    fn booking(&self, external_id: &str) -> Value {
        read(&mut self.command(&["booking", "show", &format!("ext:{external_id}"), "--json"]))
    }
}

fn counts(report: &Value) -> [u64; 6] {
    ["rows", "created", "completed", "changed", "unchanged", "bad"]
        .map(|name| report[name].as_u64().expect("a count"))
}

fn file(rows: &[&str]) -> String {
    format!("{HEADER}\r\n{}\r\n", rows.join("\r\n"))
}

fn good() -> String {
    file(&[
        "a-1,Ana Sousa,ana@coach.example,Europe/Lisbon,Coaching,online,2098-03-02T15:00:00Z,,50,\
            Europe/Lisbon,佐藤 Müller,jonas@mail.example,+4915112345678,de,confirmed,\"Line one\r\nline two\"",
        "a-2,Ana Sousa,Ana@Coach.example,Europe/Lisbon,coaching,online,2098-03-02T18:00:00+01:00,\
            2098-03-02T18:50:00+01:00,50,Asia/Kathmandu,Priya,priya@mail.example,,pt-BR,,=cmd|' /C calc'!A0",
        "a-3,\"Bruno \"\"Bru\"\" Costa\",bruno@musica.example,America/Sao_Paulo,Studio visit,in_person,\
            2098-10-26T02:30:00,,60,Europe/Berlin,عمر,omar@mail.example,,,pending,",
        "a-4,Ana Sousa,ana@coach.example,Europe/Lisbon,Coaching,phone,2098-03-03T15:00:00Z,,25,\
            Europe/Lisbon,Noah,noah@mail.example,,,cancelled,",
        "a-5,Ana Sousa,ana@coach.example,Europe/Lisbon,Coaching,online,2019-03-02T15:00:00Z,,50,\
            Europe/Lisbon,Noah,noah@mail.example,,,confirmed,",
    ])
}

#[test]
fn without_apply_it_says_what_would_come_of_it_and_writes_nothing() {
    let practice = Practice::new();
    let said = practice.import(good().as_bytes(), &[]);
    assert_eq!(said.code, 0, "{}", said.talk);
    let expected = "5 rows: 4 created, 1 completed, 0 changed, 0 unchanged, 0 bad\n\
        2 host(s) to be made: ana@coach.example, bruno@musica.example\n\
        2 service(s) to be made: Coaching, Studio visit\n";
    assert_eq!(said.out, expected);
    assert!(said.talk.contains("add --apply"), "{}", said.talk);
    let all = read(&mut practice.command(&["booking", "list", "--all", "--json"]));
    assert_eq!(all["data"], json!([]));
}

/// What a file does the first time, again, and when a row is different.
fn a_file_twice(practice: &Practice) {
    let first = practice.imported(&good());
    assert_eq!(counts(&first), [5, 4, 1, 0, 0, 0], "{first:#}");
    assert_eq!(first["hosts"], json!(["ana@coach.example", "bruno@musica.example"]));
    assert_eq!(first["services"], json!(["Coaching", "Studio visit"]));
    let one = practice.booking("a-1");
    assert_eq!(one["end"], "2098-03-02T15:50:00Z");
    assert_eq!(one["title"], "Coaching with Ana Sousa");
    let two = practice.booking("a-2");
    assert_eq!((&two["host"], &two["service"]), (&one["host"], &one["service"]));
    assert_eq!(two["start"], "2098-03-02T17:00:00Z");
    let three = practice.booking("a-3");
    // The clocks go back that night: the first of both.
    assert_eq!(three["start"], "2098-10-26T00:30:00Z");
    assert_eq!((&three["status"], &three["mode"]), (&json!("pending"), &json!("in_person")));
    let four = practice.booking("a-4");
    assert_eq!((&four["status"], &four["mode"]), (&json!("cancelled"), &json!("phone")));
    let five = practice.booking("a-5");
    assert_eq!((&five["status"], &five["rooms"]), (&json!("completed"), &json!([])));

    let again = practice.imported(&good());
    assert_eq!(counts(&again), [5, 0, 0, 0, 5, 0], "{again:#}");
    assert_eq!(practice.booking("a-1"), one);

    let moved = good().replace("2098-03-02T15:00:00Z", "2098-03-02T16:00:00Z");
    let changed = practice.imported(&moved);
    assert_eq!(counts(&changed), [5, 0, 0, 1, 4, 0], "{changed:#}");
    assert_eq!(practice.booking("a-1")["start"], "2098-03-02T16:00:00Z");
    assert_eq!(changed["data"][0]["booking"], one["id"]);

    // What was cancelled comes back only on purpose.
    let back = practice.imported(&moved.replace(",cancelled,", ",confirmed,"));
    assert_eq!(counts(&back), [5, 0, 0, 0, 4, 1], "{back:#}");
    assert_eq!(
        (&back["errors"][0]["line"], &back["errors"][0]["column"]),
        (&json!(6), &json!("status"))
    );
}

#[test]
fn the_same_file_again_changes_nothing_and_another_row_only_what_differs() {
    a_file_twice(&Practice::new());
}

#[tokio::test]
async fn a_file_goes_into_postgresql_too() {
    let database = TestDatabase::postgres().await;
    let url = database.url().to_owned();
    let migrated = said(program(Path::new("."), &["migrate"]).env("ROOMKEY_DATABASE_URL", &url));
    assert_eq!(migrated.code, 0, "{}", migrated.talk);
    a_file_twice(&Practice::on(Some(url)));
    database.remove().await;
}

/// One cell of a good row, spoilt; the column that is named, and words of the reason.
const SPOILT: &[(&str, &str, &str, &str)] = &[
    ("external_id", "", "external_id", "1 to 200 characters"),
    ("external_id", "good-1", "external_id", "again, as on line 2"),
    ("host_email", "", "host_email", "e-mail address"),
    ("host_time_zone", "nowhere", "host_time_zone", "IANA time zone"),
    ("service", "", "service", "must not be empty"),
    ("mode", "telepathy", "mode", "online, phone, in_person"),
    ("start", "", "start", "is empty"),
    ("start", "tomorrow at five", "start", "write 2027-03-02T15:00:00Z"),
    ("start", "2098-13-45T10:00:00Z", "start", "exists"),
    ("start", "2098-06-01T10:00:00+99:00", "start", "exists"),
    ("start", "2098-03-30T02:30:00", "start", "clocks go forward"),
    ("start", "0000-01-01T00:00:00Z", "start", "1970 to 2199"),
    ("start", "99999-01-01T00:00:00Z", "start", "exists"),
    ("end", "2098-06-01T09:00:00Z", "end", "after the start"),
    ("end", "2098-06-01T10:45:00Z", "duration_minutes", "45 minutes apart"),
    ("duration_minutes", "", "end", "give one of them"),
    ("duration_minutes", "-30", "duration_minutes", "5 to 1440"),
    ("duration_minutes", "0", "duration_minutes", "5 to 1440"),
    ("duration_minutes", "99999999999", "duration_minutes", "5 to 1440"),
    ("time_zone", "Mars/Olympus", "time_zone", "IANA time zone"),
    ("guest_name", "\u{0}\u{7}bell", "guest_name", "control characters"),
    ("guest_name", "", "guest_name", "must not be empty"),
    ("guest_email", "a@b@c.example", "guest_email", "e-mail address"),
    ("guest_email", "", "guest_email", "e-mail address"),
    ("guest_email", "\"v@mail.example\r\nBcc: all@mail.example\"", "guest_email", "e-mail address"),
    ("guest_phone", "call me", "guest_phone", "telephone number"),
    ("guest_locale", "klingon-??", "guest_locale", "such as pt"),
    ("status", "maybe", "status", "confirmed, pending, cancelled"),
];

/// Clocks in Casablanca had another offset by older rules.
const OLDER: &str = "a-6,Ana Sousa,ana@coach.example,Europe/Lisbon,Coaching,online,2098-08-19T05:55:00,\
    2098-08-19T06:45:00+09:00,,Africa/Casablanca,Noah,noah@mail.example,,,confirmed,";

#[test]
fn an_end_whose_offset_no_longer_is_the_zones_is_read_by_the_clock() {
    let practice = Practice::new();
    let report = practice.imported(&file(&[OLDER]));
    assert_eq!(counts(&report), [1, 1, 0, 0, 0, 0], "{report:#}");
    let booking = practice.booking("a-6");
    let time = |name: &str| booking[name].as_str().expect("a time").replace("2098-08-19T", "");
    let (start, end) = (time("start"), time("end"));
    assert_eq!((&start[2..], &end[2..]), (":55:00Z", ":45:00Z"));
    // Which of both would be meant is for the file to say.
    let both = OLDER.replace("06:45:00+09:00", "09:45:00-02:00");
    let report = practice.imported(&file(&[&both]));
    assert_eq!(report["errors"][0]["column"], "end", "{report:#}");
}

fn row(id: &str, column: &str, cell: &str) -> String {
    HEADER
        .split(',')
        .map(|name| match name {
            it if it == column => cell.to_owned(),
            "external_id" => id.to_owned(),
            "host_name" => "Ana Sousa".to_owned(),
            "host_email" => "ana@coach.example".to_owned(),
            "host_time_zone" => "Europe/Lisbon".to_owned(),
            "service" => "\"Algebra, one to one\"".to_owned(),
            "start" => "2098-06-01T10:00:00Z".to_owned(),
            "duration_minutes" => "60".to_owned(),
            "time_zone" => "Europe/Berlin".to_owned(),
            "guest_name" => "\"Two\"".to_owned(),
            "guest_email" => "guest@mail.example".to_owned(),
            _ => String::new(),
        })
        .collect::<Vec<_>>()
        .join(",")
}

#[test]
fn every_bad_row_is_named_and_every_good_one_goes_in() {
    let practice = Practice::new();
    let (mut text, mut line) = (format!("{HEADER}\r\n"), 2);
    let mut expected = Vec::new();
    let mut add = |row: String, bad: Option<(&str, &'static str)>| {
        if let Some((column, words)) = bad {
            expected.push((format!("line {line}, {column}: "), words));
        }
        line += 1 + row.matches('\n').count();
        text.push_str(&row);
        text.push_str("\r\n");
    };
    add(row("good-1", "notes", "\"1\r\n2\r\n3\""), None);
    for (place, (column, cell, named, words)) in SPOILT.iter().enumerate() {
        add(row(&format!("bad-{place}"), column, cell), Some((named, words)));
        add(row(&format!("good-{}", place + 2), "notes", "\"1\r\n2\""), None);
    }
    let long = "x".repeat(5000);
    add(row("bad-long", "guest_name", &long), Some(("guest_name", "200 characters")));
    add(format!("{},one,more", row("bad-many", "", "")), Some(("row", "18 cells")));
    add("bad-few,Ana Sousa".to_owned(), Some(("row", "2 cells")));
    add(row("bad-quote", "notes", "\"never closed"), Some(("notes", "quote")));
    add(row("good-last", "notes", "\"closed\""), None);
    let spoilt = SPOILT.len() + 4;
    let said = practice.import(text.as_bytes(), &["--apply"]);
    assert_eq!(said.code, 1, "{}", said.talk);
    let lines: Vec<&str> = said.out.lines().collect();
    for (place, (start, words)) in expected.iter().enumerate() {
        assert!(lines[place].starts_with(start.as_str()), "{start}{words} but {}", lines[place]);
        assert!(lines[place].contains(words), "{start}{words} but {}", lines[place]);
        assert!(!lines[place].contains(char::is_control), "{:?}", lines[place]);
    }
    let fine = SPOILT.len() + 2;
    let summary = format!(
        "{} rows: {fine} created, 0 completed, 0 changed, 0 unchanged, {spoilt} bad",
        fine + spoilt
    );
    assert_eq!(lines[expected.len()], summary);
    practice.booking("good-last");
}

#[test]
fn a_file_that_is_none_is_refused_with_what_to_do() {
    let practice = Practice::new();
    let (half, _) = HEADER.split_once(",guest_email").expect("a column");
    let refused: &[(&[u8], &str)] = &[
        (b"", "is empty"),
        (b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n", ".ics"),
        (b"\xFF\xFEe\0x\0t\0", "UTF-16"),
        (half.as_bytes(), "the column guest_email is missing"),
        (&format!("{HEADER},colour").into_bytes(), "“colour” is not a known column"),
        (&format!("{HEADER},notes").into_bytes(), "the column notes is there twice"),
        (b"external_id,\"never closed", "never closed"),
    ];
    for (file, words) in refused {
        let said = practice.import(file, &["--apply"]);
        assert_eq!(said.code, 1, "{words}: {}", said.out);
        assert!(said.talk.contains(words), "{words}: {}", said.talk);
        assert_eq!(said.out, "", "{words}");
        // Programs are told the same in the form in which they are told everything.
        let said = practice.import(file, &["--apply", "--json"]);
        assert_eq!(said.code, 1, "{words}: {}", said.out);
        let report: Value = serde_json::from_str(&said.out).expect(words);
        assert_eq!((&report["applied"], counts(&report)), (&json!(false), [0; 6]), "{report:#}");
        assert_eq!((&report["data"], &report["errors"][0]["line"]), (&json!([]), &json!(1)));
        let reasons = report["errors"].to_string();
        assert!(reasons.contains(words), "{words}: {report:#}");
    }
    let several = format!("{half},colour,notes");
    let several = practice.import(several.as_bytes(), &["--json"]);
    let report: Value = serde_json::from_str(&several.out).expect("JSON");
    let columns: Vec<_> = report["errors"].as_array().expect("errors").iter().collect();
    assert!(columns.len() == 2 && columns.iter().all(|it| it["column"] == "header"), "{report:#}");
    assert_eq!(said(&mut practice.command(&["import", "absent.csv"])).code, 1);
    let absent = said(&mut practice.command(&["import", "absent.csv", "--json"]));
    assert_eq!(absent.code, 1, "{}", absent.talk);
    let report: Value = serde_json::from_str(&absent.out).expect("JSON");
    assert_eq!(report["errors"][0]["column"], "file", "{report:#}");
    let keyless =
        said(program(practice.path(), &["import", "file.csv"]).env_remove("ROOMKEY_KEYS"));
    assert!(keyless.code == 1 && keyless.talk.contains("ROOMKEY_KEYS"), "{}", keyless.talk);
}

#[test]
fn files_as_spreadsheets_save_them_are_read() {
    let practice = Practice::new();
    let rows = [row("one", "notes", "é"), row("two", "notes", "\"a;b\"")].join("\n");
    // With a byte order mark and semicolons, and one cell in another encoding.
    let text = format!("\u{feff}{HEADER}\n\n{rows}\n,,,,,,,,,,,,,,,\n").replace(',', ";");
    let text = text.replace("\"Algebra; one to one\"", "Algebra");
    let mut bytes = text.into_bytes();
    bytes.extend(
        row("three", "notes", "LATIN")
            .replace(',', ";")
            .replace("\"Algebra; one to one\"", "Algebra")
            .into_bytes(),
    );
    let at = bytes.windows(5).position(|it| it == b"LATIN").expect("the cell");
    bytes[at] = 0xE9;
    let said = practice.import(&bytes, &["--apply"]);
    let expected = "line 6, notes: is not UTF-8; save the file as CSV in UTF-8\n\
        3 rows: 2 created, 0 completed, 0 changed, 0 unchanged, 1 bad\n\
        1 host(s) made: ana@coach.example\n1 service(s) made: Algebra\n";
    assert_eq!((said.code, said.out.as_str()), (1, expected), "{}", said.talk);
}

#[test]
fn a_server_beside_it_notices_and_nobody_is_written_to() {
    let practice = Practice::new();
    let mut serve = practice.command(&["serve", "--listen", "127.0.0.1:0"]);
    let server = Running::start(&mut serve, practice.path(), Listen::Talk);
    server.line("Roomkey is ready");
    let mut command = practice.command(&["import", "-", "--apply"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    let mut stdin = child.stdin.take().expect("piped");
    std::io::Write::write_all(&mut stdin, good().as_bytes()).expect("it listens");
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    // The server looks at the session ahead, finds no route for it, and says so.
    let looked = || practice.booking("a-1")["meeting"]["reason"] != Value::Null;
    let began = std::time::Instant::now();
    while !looked() {
        assert!(began.elapsed() < PATIENCE, "the server never looked at the booking");
        std::thread::yield_now();
    }
    assert_eq!(practice.booking("a-5")["rooms"], json!([]));
    assert!(server.end().success());
}
