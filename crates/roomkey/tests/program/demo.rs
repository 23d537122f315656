//! The demo: it stands, a booking gets its room, and nothing is left of it.

use std::path::Path;

use serde_json::{Value, json};

use crate::process::{Listen, PATIENCE, Running, data, json as run_json, program, said};

/// A demo on free ports.
pub(crate) fn start(directory: &Path) -> (Running, Value) {
    start_with(directory, &[])
}

/// A demo on free ports, with these settings.
pub(crate) fn start_with(directory: &Path, settings: &[(&str, &str)]) -> (Running, Value) {
    let mut command = program(directory, &["demo", "--json", "--listen", "127.0.0.1:0"]);
    command
        .env("ROOMKEY_SANDBOX_LISTEN", "127.0.0.1:0")
        .env("ROOMKEY_SANDBOX_SMTP_LISTEN", "127.0.0.1:0")
        // Of an installation in earnest, which the demo keeps away from.
        .env("ROOMKEY_DATABASE_URL", "postgres://nobody@127.0.0.1:1/none")
        .env("ROOMKEY_SMTP_URL", "smtps://mail.example.org")
        .envs(settings.iter().copied());
    let running = Running::start(&mut command, directory, Listen::Out);
    let shown = running.json();
    (running, shown)
}

#[expect(clippy::disallowed_methods, reason = "a test is its own client")]
pub(crate) fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().expect("a client")
}

pub(crate) async fn get(client: &reqwest::Client, url: &str) -> Value {
    client.get(url).send().await.expect("an answer").json().await.expect("JSON")
}

pub(crate) fn text<'a>(shown: &'a Value, member: &str) -> &'a str {
    shown[member].as_str().unwrap_or_else(|| panic!("{member} is not in {shown}"))
}

/// The meetings at the stand-in for Zoom with this topic.
async fn meetings(client: &reqwest::Client, shown: &Value, topic: &str) -> Vec<Value> {
    let state = get(client, &format!("{}/_sandbox/state", text(shown, "sandbox"))).await;
    let mut found = Vec::new();
    let mut left = vec![&state["zoom"]];
    while let Some(value) = left.pop() {
        match value {
            Value::Array(items) => left.extend(items),
            Value::Object(members) => {
                if members.get("topic").is_some_and(|it| it == topic) {
                    found.push(value.clone());
                } else {
                    left.extend(members.values());
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    found
}

#[tokio::test]
async fn a_booking_over_http_gets_one_room_and_two_mails() {
    let directory = tempfile::tempdir().expect("a directory");
    let (demo, shown) = start(directory.path());
    let client = client();
    for page in
        ["sign_in", "host_sign_in", "guest_lobby", "host_lobby", "sandbox", "zoom", "mailbox"]
    {
        let answer = client.get(text(&shown, page)).send().await.expect("an answer");
        assert!(answer.status().is_success(), "{page}: {}", answer.status());
    }
    let booked = client
        .post(format!("{}/v1/bookings", text(&shown, "roomkey")))
        .bearer_auth(text(&shown, "api_key"))
        .header("prefer", "wait=20")
        .json(&json!({
            "service": shown["service"], "host": shown["host"], "title": "One of a kind",
            "start": "2031-03-03T15:00:00Z",
            "guests": [{"name": "Ana Sousa", "email": "one-of-a-kind@example.org"}],
        }))
        .send()
        .await
        .expect("an answer");
    assert_eq!(booked.status(), 201);
    let booked: Value = booked.json().await.expect("JSON");
    assert_eq!(booked["meeting"]["status"], "active", "{booked}");
    assert_eq!(meetings(&client, &shown, "One of a kind").await.len(), 1);
    both_mails(&client, &shown).await;
    assert!(demo.end().success());
}

/// Waits until guest and host have been written to.
async fn both_mails(client: &reqwest::Client, shown: &Value) {
    let url = format!("{}/_sandbox/mail", text(shown, "sandbox"));
    let arrived = async {
        let mut again = tokio::time::interval(std::time::Duration::from_millis(50));
        loop {
            again.tick().await;
            let mails = get(client, &url).await;
            let about = mails
                .as_array()
                .into_iter()
                .flatten()
                .filter(|mail| {
                    mail["subject"].as_str().is_some_and(|it| it.contains("One of a kind"))
                })
                .count();
            if about >= 2 {
                return about;
            }
        }
    };
    let count = tokio::time::timeout(PATIENCE, arrived).await.expect("two mails in time");
    assert_eq!(count, 2);
}

#[tokio::test]
async fn a_session_that_is_paid_for_is_confirmed() {
    let directory = tempfile::tempdir().expect("a directory");
    let (demo, shown) = start(directory.path());
    let client = client();
    let booking = format!("{}/v1/bookings/ext:demo-7", text(&shown, "roomkey"));
    let read = || async {
        let asked = client.get(&booking).bearer_auth(text(&shown, "api_key"));
        asked.send().await.expect("an answer").json::<Value>().await.expect("JSON")
    };
    let before = read().await;
    assert_eq!((&before["status"], &before["awaiting"]), (&json!("pending"), &json!("payment")));
    // What the line to paste sends.
    let (_, order) = text(&shown, "pay").split_once(" -d ").expect("a body");
    let paid = client
        .post(format!("{}/_sandbox/webhooks", text(&shown, "sandbox")))
        .body(order.trim_matches('\'').to_owned())
        .send()
        .await
        .expect("an answer");
    let paid: Value = paid.json().await.expect("JSON");
    assert_eq!(paid["answers"][0]["status"], 200, "{paid}");
    let mail = format!("{}/_sandbox/mail", text(&shown, "sandbox"));
    let confirmed = async {
        let mut again = tokio::time::interval(std::time::Duration::from_millis(50));
        loop {
            again.tick().await;
            let (now, mails) = (read().await, get(&client, &mail).await);
            let is_told = mails.to_string().contains("lena@example.org");
            if now["meeting"]["status"] == "active" && is_told {
                return now;
            }
        }
    };
    let now = tokio::time::timeout(PATIENCE, confirmed).await.expect("a room and a mail in time");
    assert_eq!((&now["status"], &now["payment"]["amount"]), (&json!("confirmed"), &json!(5000)));
    assert!(demo.end().success());
}

#[tokio::test]
async fn commands_work_beside_it_and_nothing_is_left_of_it() {
    let directory = tempfile::tempdir().expect("a directory");
    let (demo, shown) = start(directory.path());
    let beside = |arguments: &[&str]| {
        let mut command = program(directory.path(), arguments);
        command.env("ROOMKEY_DATABASE_URL", text(&shown, "database_url"));
        command
    };
    let listed = run_json(&mut beside(&["booking", "list", "--json"]));
    assert_eq!(listed["data"].as_array().map(Vec::len), Some(7), "{listed}");
    let one = run_json(&mut beside(&["booking", "show", "ext:demo-1", "--json"]));
    assert_eq!(one["people"].as_array().map(Vec::len), Some(2), "{one}");
    let link = run_json(&mut beside(&["login", "host", "host@practice.example", "--json"]));
    assert!(text(&link, "url").contains("/in/sgn_"), "{link}");
    let second = said(beside(&["serve"]).env("ROOMKEY_KEYS", crate::process::KEYS));
    assert!(second.talk.contains("another process serves"), "{}", second.talk);

    let copy = directory.path().join("copy.db");
    let copied = run_json(&mut beside(&["backup", "copy.db", "--json"]));
    assert_eq!(copied["sealing_keys"], json!(["demo"]), "{copied}");
    let overwritten = said(&mut beside(&["backup", "copy.db"]));
    assert_eq!(overwritten.code, 1, "{}", overwritten.talk);
    // It opens, and what it needs of the ring is named.
    let url = format!("sqlite://{}", copy.display());
    let checked = said(
        program(directory.path(), &["--database-url", &url, "check"])
            .env("ROOMKEY_KEYS", crate::process::KEYS),
    );
    assert_eq!(checked.code, 1);
    assert!(checked.talk.contains("sealed with demo"), "{}", checked.talk);
    let listed = data(&mut program(directory.path(), &["--database-url", &url, "tenant", "list"]));
    assert!(listed.contains("Harbour Practice"), "{listed}");

    assert!(demo.end().success());
    let left: Vec<_> = std::fs::read_dir(directory.path())
        .expect("readable")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .filter(|name| name.starts_with("roomkey-demo-"))
        .collect();
    assert_eq!(left, Vec::<String>::new());
}

#[test]
fn a_usual_port_that_is_taken_is_replaced_by_a_free_one() {
    let directory = tempfile::tempdir().expect("a directory");
    // Whoever has the usual ports now, this test or somebody else, keeps them.
    let _mine: Vec<_> = [8080, 8081, 8025]
        .into_iter()
        .filter_map(|port| std::net::TcpListener::bind(("127.0.0.1", port)).ok())
        .collect();
    let mut command = program(directory.path(), &["demo", "--json"]);
    let demo = Running::start(&mut command, directory.path(), Listen::Out);
    let shown = demo.json();
    for (member, usual) in [("roomkey", ":8080"), ("sandbox", ":8081"), ("smtp", ":8025")] {
        assert!(!text(&shown, member).ends_with(usual), "{shown}");
    }
    assert!(demo.end().success());
}

#[tokio::test]
async fn an_open_lobby_does_not_hold_up_the_end() {
    let directory = tempfile::tempdir().expect("a directory");
    let (demo, shown) = start(directory.path());
    let live = format!("{}/live", text(&shown, "guest_lobby"));
    let mut stream = client().get(live).send().await.expect("a stream");
    assert!(stream.chunk().await.expect("a part").is_some());
    assert!(demo.end().success());
    let talk = std::fs::read_to_string(directory.path().join("other-output.txt")).expect("talk");
    assert!(!talk.contains("had not ended in time"), "{talk}");
}

#[tokio::test]
async fn a_booking_is_answered_while_the_vendor_is_silent() {
    let directory = tempfile::tempdir().expect("a directory");
    let (_demo, shown) = start(directory.path());
    let client = client();
    let faults = format!("{}/_sandbox/faults", text(&shown, "sandbox"));
    let hang = json!({ "match": "* /zoom/*", "fault": "hang", "ratio": 1.0 });
    client.post(&faults).json(&hang).send().await.expect("an answer");
    // The vendor's answer is held back until ours is there.
    let booked: Value = client
        .post(format!("{}/v1/bookings", text(&shown, "roomkey")))
        .bearer_auth(text(&shown, "api_key"))
        .json(&json!({
            "service": "ext:online-session", "host": "ext:maren", "title": "Held back",
            "start": "2031-05-06T10:00:00Z",
            "guests": [{ "name": "Ana Sousa", "email": "ana@example.org" }],
        }))
        .send()
        .await
        .expect("an answer")
        .json()
        .await
        .expect("JSON");
    assert_eq!(booked["meeting"]["status"], "creating", "{booked}");
    assert!(meetings(&client, &shown, "Held back").await.is_empty());
    client.delete(&faults).send().await.expect("an answer");
    while meetings(&client, &shown, "Held back").await.is_empty() {
        tokio::task::yield_now().await;
    }
}
