//! The front page's promise, kept as a user would see it kept: a table of bookings is sent to the
//! demo with `docs/send-bookings.py`, and each confirmed online one has its one meeting at Zoom.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::demo::{client, get, start, start_with, text};
use crate::process::{Said, said};

const HOSTS: u32 = 8;
const COLUMNS: &str = "external_id,host_name,host_email,host_time_zone,service,mode,start,end,duration_minutes,time_zone,guest_name,guest_email,guest_phone,guest_locale,status,notes";

/// A meeting's host and start, and how many there are of it.
type Meetings = BTreeMap<(String, String), usize>;

/// A row of the table, and the meeting that it is to have.
fn row(number: u32) -> (String, Option<(String, String)>) {
    let (host, slot) = (number % HOSTS, number / HOSTS);
    let email = format!("host{host}@academy.example");
    let (day, hour) = (6 + slot / 8, 8 + slot % 8);
    // In January Berlin is an hour ahead of UTC, and New York five behind.
    let (start, zone) = match number % 3 {
        0 => (format!("2031-01-{day:02}T{hour:02}:00:00Z"), "Europe/Lisbon"),
        1 => (format!("2031-01-{day:02}T{:02}:00:00+01:00", hour + 1), "Europe/Berlin"),
        _ => (format!("2031-01-{day:02}T{:02}:00:00", hour - 5), "America/New_York"),
    };
    let (end, minutes) = match number % 3 {
        0 => (format!("2031-01-{day:02}T{hour:02}:45:00Z"), ""),
        _ => (String::new(), "50"),
    };
    let (service, mode) = match number % 10 {
        3 => ("By phone", "phone"),
        7 => ("In the studio", "in_person"),
        it if it < 5 => ("Algebra", "online"),
        _ => ("Piano; advanced", "online"),
    };
    let status = match number % 12 {
        5 => "pending",
        11 => "cancelled",
        _ => "confirmed",
    };
    let notes = if number.is_multiple_of(7) { "\"Two lines,\nand a comma\"" } else { "" };
    let row = format!(
        "t/{number},Host {host},{email},Europe/Lisbon,{service},{mode},{start},{end},{minutes},{zone},\
         山田 {number},guest{number}@mail.example,,pt-PT,{status},{notes}"
    );
    let has_room = mode == "online" && status == "confirmed";
    let meeting = (email, format!("2031-01-{day:02}T{hour:02}:00:00Z"));
    (row, has_room.then_some(meeting))
}

/// Writes a table of so many rows; answers the meetings that there are to be.
fn table(rows: u32, path: &Path) -> Meetings {
    let mut text = format!("{COLUMNS}\n");
    let mut wanted = Meetings::new();
    for (row, meeting) in (0..rows).map(row) {
        writeln!(text, "{row}").expect("a string takes everything");
        wanted.extend(meeting.map(|it| (it, 1)));
    }
    std::fs::write(path, text).expect("a file");
    wanted
}

/// Runs the script as a user would.
fn send(directory: &Path, shown: &Value) -> Said {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/send-bookings.py");
    let mut command = Command::new("python3");
    command.current_dir(directory).args([
        script,
        "bookings.csv",
        "--roomkey",
        text(shown, "roomkey"),
        "--api-key",
        text(shown, "api_key"),
        "--sandbox",
        text(shown, "sandbox"),
    ]);
    said(&mut command)
}

/// What exists at the stand-in for Zoom under the table's hosts.
async fn at_zoom(shown: &Value) -> Meetings {
    let state = get(&client(), &format!("{}/_sandbox/state", text(shown, "sandbox"))).await;
    let mut found = Meetings::new();
    let accounts = state["zoom"]["accounts"].as_array().expect("accounts");
    for meeting in accounts.iter().flat_map(|it| it["meetings"].as_array().expect("meetings")) {
        let (host, start) = (text(meeting, "host_email"), text(meeting, "start_time"));
        if host.ends_with("@academy.example") {
            *found.entry((host.to_owned(), start.to_owned())).or_default() += 1;
        }
    }
    found
}

#[tokio::test]
async fn every_row_of_a_table_gets_its_one_meeting() {
    let directory = tempfile::tempdir().expect("a directory");
    let wanted = table(200, &directory.path().join("bookings.csv"));
    assert_eq!(wanted.len(), 140, "of the confirmed rows, those online");
    let (demo, shown) = start(directory.path());
    let first = send(directory.path(), &shown);
    assert_eq!(first.code, 0, "{}{}", first.out, first.talk);
    assert!(first.out.contains("200 of them new"), "{}", first.out);
    assert_eq!(at_zoom(&shown).await, wanted);
    let again = send(directory.path(), &shown);
    assert_eq!(again.code, 0, "{}{}", again.out, again.talk);
    assert!(again.out.contains(" 0 of them new"), "{}", again.out);
    assert_eq!(at_zoom(&shown).await, wanted);
    assert!(demo.end().success());
}

#[tokio::test]
async fn and_so_it_does_while_three_calls_in_ten_fail() {
    let directory = tempfile::tempdir().expect("a directory");
    let wanted = table(60, &directory.path().join("bookings.csv"));
    // A look-up is several calls: with three in ten failing, some bookings need many tries.
    let schedule = ["1s"; 40].join(",");
    let settings = [("ROOMKEY_SETTLE", "1s"), ("ROOMKEY_RETRY_SCHEDULE", schedule.as_str())];
    let (demo, shown) = start_with(directory.path(), &settings);
    let faults = format!("{}/_sandbox/faults", text(&shown, "sandbox"));
    // Half of the failing calls have taken effect.
    for fault in ["500", "fail_after_effect"] {
        let fault = json!({ "match": "* /zoom/v2/*", "fault": fault, "ratio": 0.15 });
        let said = client().post(&faults).json(&fault).send().await.expect("an answer");
        assert!(said.status().is_success(), "{}", said.status());
    }
    let sent = send(directory.path(), &shown);
    assert_eq!(sent.code, 0, "{}{}", sent.out, sent.talk);
    assert_eq!(at_zoom(&shown).await, wanted);
    assert!(demo.end().success());
}
