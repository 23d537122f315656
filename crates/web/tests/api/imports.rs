//! A file that is only tried says what it would say if it were brought in.

use roomkey_store::both_databases;
use roomkey_web::desk::{Actor, By, Notify};
use roomkey_web::import::{Import, Summary, Told};
use serde_json::{Value, json};

use crate::server::{Server, booking};

both_databases! {
    what_is_tried_is_what_is_brought_in = tried;
}

const HEADER: &str = "external_id,host_name,host_email,host_time_zone,service,start,\
    duration_minutes,guest_name,guest_email,status";

/// One row: a session of an hour on the practice's only seat.
fn row(id: &str, host: &str, service: &str, start: &str, status: &str) -> String {
    format!("{id},,{host}@practice.example,,{service},{start},60,Ana,ana@example.org,{status}")
}

/// What is told, without what only one of both can say.
async fn run(server: &Server, text: &str, apply: bool) -> (Summary, Vec<String>) {
    let import = Import {
        desk: server.app.desk.clone(),
        by: By { tenant: server.tenant, actor: Actor::Operator },
        notify: Notify::None,
        apply,
    };
    let mut told = Vec::new();
    let (summary, ended) = import
        .run(text.as_bytes(), &mut |one| match one {
            Told::Row { line, outcome, .. } => {
                told.push(format!("line {line}: {}", outcome.as_str()));
            }
            Told::Bad(bad) => told.push(bad.to_string()),
            Told::Rows(_) => {}
        })
        .await;
    ended.unwrap();
    (summary, told)
}

async fn tried(url: String) {
    let server = Server::start(&url).await;
    let zoom = json!({
        "provider": "zoom", "kind": "server_to_server", "account_id": "acc-1",
        "client_id": "client-1", "client_secret": "secret-1", "seats": ["seat1@practice.example"],
        "seat_buffer": "0m",
    });
    let connection = server.post("/v1/connections", zoom).await.ok();
    let seats = format!("seats:{}", connection["id"].as_str().unwrap());
    let route = json!({"default_route": [{"use": seats, "provider": "zoom"}]});
    server.patch("/v1/tenant", route).await.ok();
    for (id, start) in [("moved", "2027-03-02T10:00:00Z"), ("gone", "2027-03-03T10:00:00Z")] {
        server.book(json!({"external_id": id, "start": start})).await;
    }
    let mut rows = vec![
        row("one", "rui", "Algebra", "2027-03-01T10:00:00Z", ""),
        row("late", "eva", "algebra", "2027-03-01T10:30:00Z", ""),
        row("after", "eva", "algebra", "2027-03-01T11:00:00Z", ""),
        // A host who is made by a row is there for those after it, and a service too.
        row("early", "new", "Piano", "2027-03-01T14:00:00Z", ""),
        row("maker", "new", "Piano", "2027-03-01T16:00:00Z", "")
            .replace("maker,,", "maker,New,")
            .replace(".example,,Piano", ".example,Europe/Lisbon,Piano"),
        row("made", "new", "piano", "2027-03-01T18:00:00Z", ""),
        row("over", "new", "piano", "2027-03-01T16:15:00Z", ""),
        // What leaves a seat leaves it to others.
        row("moved", "rui", "Algebra", "2027-03-02T18:00:00Z", ""),
        row("into", "eva", "Algebra", "2027-03-02T10:00:00Z", ""),
        row("onto", "eva", "Algebra", "2027-03-02T18:30:00Z", ""),
        row("gone", "rui", "Algebra", "2027-03-03T10:00:00Z", "cancelled"),
        row("instead", "eva", "Algebra", "2027-03-03T10:15:00Z", ""),
        row("pending", "eva", "Algebra", "2027-03-03T10:30:00Z", "pending"),
    ];
    // In the next chunk of rows it is all still known; of each pair the first one has the seat.
    for number in 0..260 {
        let start = format!(
            "2027-{:02}-{:02}T12:{:02}:00Z",
            4 + number / 56,
            1 + number / 2 % 28,
            number % 2
        );
        rows.push(row(&format!("many-{number}"), "rui", "Algebra", &start, ""));
    }
    let text = format!("{HEADER}\n{}\n", rows.join("\n"));
    let before = server.get("/v1/bookings?limit=200").await.ok();
    let first = run(&server, &text, false).await;
    let again = run(&server, &text, false).await;
    assert_eq!(first, again);
    assert_eq!(server.get("/v1/bookings?limit=200").await.ok(), before, "nothing is written");
    assert_eq!(server.get("/v1/services").await.ok()["data"].as_array().unwrap().len(), 1);
    let applied = run(&server, &text, true).await;
    assert_eq!(first, applied);
    let (summary, told) = first;
    let bad: Vec<&str> = told.iter().filter(|it| it.contains(", ")).map(String::as_str).collect();
    assert_eq!(summary.bad, 134, "{bad:#?}");
    for (line, words) in [
        (3, "row: 1 other session(s) are on the seats"),
        (5, "host_name: is needed"),
        (8, "row: 1 other session(s)"),
        (11, "row: 1 other session(s)"),
        (16, "row: 1 other session(s)"),
    ] {
        let found = bad.iter().any(|it| it.starts_with(&format!("line {line}, {words}")));
        assert!(found, "line {line}, {words}: {bad:#?}");
    }
    let nobody: Value = server.post("/v1/bookings", booking(json!({}))).await.body;
    assert_eq!(nobody["status"], "confirmed", "nothing is left of what was tried");
    server.stop().await;
}
