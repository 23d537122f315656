//! A backup is restored into a new server, beside everything that has happened since.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::process::{KEYS, Listen, PATIENCE, Running, data, json as printed, program, said};

/// A sandbox, and servers that take it for Zoom.
struct Place {
    directory: tempfile::TempDir,
    sandbox: String,
    _standins: Running,
    http: reqwest::Client,
}

impl Place {
    fn new() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let mut command =
            program(directory.path(), &["sandbox", "--listen", "127.0.0.1:0", "--json"]);
        command.env("ROOMKEY_SANDBOX_SMTP_LISTEN", "127.0.0.1:0");
        let standins = Running::start(&mut command, directory.path(), Listen::Out);
        let said = standins.json();
        let sandbox =
            said["sandbox"].as_str().expect("an address").trim_end_matches('/').to_owned();
        #[expect(clippy::disallowed_methods, reason = "the test looks by itself")]
        let http =
            reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().expect("a client");
        Self { directory, sandbox, _standins: standins, http }
    }

    /// The program on one database.
    fn on(&self, database: &str, arguments: &[&str]) -> Command {
        let mut command = program(self.directory.path(), arguments);
        command
            .env("ROOMKEY_KEYS", KEYS)
            .env("ROOMKEY_DATABASE_URL", format!("sqlite://{database}"))
            .env("ROOMKEY_SETTLE", "1s")
            .env("ROOMKEY_ZOOM_TOKEN_URL", format!("{}/zoom/oauth/token", self.sandbox))
            .env("ROOMKEY_ZOOM_API_ROOT", format!("{}/zoom/v2", self.sandbox));
        command
    }

    fn serve(&self, database: &str) -> (Running, String, Vec<String>) {
        let mut command = self.on(database, &["serve", "--listen", "127.0.0.1:0"]);
        let server = Running::start(&mut command, self.directory.path(), Listen::Talk);
        let mut said = Vec::new();
        loop {
            let line = server.line("");
            if let Some((_, url)) = line.split_once("Roomkey is ready: ") {
                return (server, url.trim_end_matches('/').to_owned(), said);
            }
            said.push(line);
        }
    }

    async fn ask(&self, method: reqwest::Method, url: &str, key: &str, body: &Value) -> Value {
        let answer = self
            .http
            .request(method, url)
            .bearer_auth(key)
            .header("Prefer", "wait=30")
            .json(body)
            .send()
            .await
            .expect("an answer");
        let status = answer.status();
        let text = answer.text().await.expect("a text");
        assert!(status.is_success(), "{url}: {status} {text}");
        serde_json::from_str(&text).unwrap_or_default()
    }

    async fn at_zoom(&self) -> Vec<String> {
        let url = format!("{}/_sandbox/state", self.sandbox);
        let state = self.ask(reqwest::Method::GET, &url, "", &json!({})).await;
        state["zoom"]["accounts"]
            .as_array()
            .expect("accounts")
            .iter()
            .flat_map(|account| account["meetings"].as_array().cloned().unwrap_or_default())
            .map(|meeting| meeting["topic"].as_str().unwrap_or_default().to_owned())
            .collect()
    }
}

/// A practice with one host at the stand-in's Zoom.
struct Practice<'a> {
    place: &'a Place,
    key: String,
}

impl Practice<'_> {
    async fn post(&self, url: &str, path: &str, body: Value) -> Value {
        let url = format!("{url}/v1/{path}");
        self.place.ask(reqwest::Method::POST, &url, &self.key, &body).await
    }

    async fn set_up(&self, url: &str) {
        let connection = json!({
            "provider": "zoom", "kind": "server_to_server",
            "account_id": "acc-1", "client_id": "client-1", "client_secret": "secret-1"
        });
        self.post(url, "connections", connection).await;
        let host = json!({
            "external_id": "ana", "name": "Ana", "email": "host@practice.example", "time_zone": "UTC"
        });
        self.post(url, "hosts", host).await;
        let service = json!({
            "external_id": "lesson", "name": "Lesson", "duration_minutes": 60, "mode": "online",
            "route": [{"use": "host", "provider": "zoom"}]
        });
        self.post(url, "services", service).await;
    }

    async fn book(&self, url: &str, title: &str, day: u32) -> String {
        let order = json!({
            "service": "ext:lesson", "host": "ext:ana", "title": title,
            "start": format!("2027-03-{day:02}T15:00:00Z"),
            "guests": [{"name": "Bo", "email": "bo@example.org"}]
        });
        let booked = self.post(url, "bookings", order).await;
        assert_eq!(booked["meeting"]["status"], "active", "{booked}");
        booked["id"].as_str().expect("an id").to_owned()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restored_backup_removes_nothing_by_itself() {
    let place = Place::new();
    let key = printed(&mut place.on("first.db", &["tenant", "add", "Harbour Practice", "--json"]));
    let key = key["api_key"].as_str().expect("an API key").to_owned();
    let (server, url, said_at_start) = place.serve("first.db");
    assert!(!said_at_start.iter().any(|line| line.contains("sweeps")), "{said_at_start:?}");
    let practice = Practice { place: &place, key: key.clone() };
    practice.set_up(&url).await;
    practice.book(&url, "Kept", 1).await;
    let cancelled = practice.book(&url, "Cancelled later", 2).await;
    let copied = said(&mut place.on("first.db", &["backup", "copy.db"]));
    assert_eq!(copied.code, 0, "{}", copied.talk);
    // What the copy cannot know: one more booking, and one less.
    practice.book(&url, "Made later", 3).await;
    practice.post(&url, &format!("bookings/{cancelled}/cancel"), json!({})).await;
    assert!(server.end().success());
    assert_eq!(data(&mut place.on("first.db", &["sweeps"])).trim(), "Sweeps are on.");
    assert!(data(&mut place.on("copy.db", &["sweeps"])).starts_with("Sweeps are off since"));
    let check = said(&mut place.on("copy.db", &["check"]));
    assert!(check.talk.contains("sweeps are off since"), "{}", check.talk);

    let (copy, url, said_at_start) = place.serve("copy.db");
    assert!(
        said_at_start.iter().any(|line| line.contains("sweeps are off since")
            && line.contains("roomkey reconcile plan")
            && line.contains("roomkey sweeps on")),
        "{said_at_start:?}"
    );
    let status =
        place.ask(reqwest::Method::GET, &format!("{url}/v1/status"), &key, &json!({})).await;
    assert_eq!(status["sweeps"]["on"], false, "{status}");
    assert_eq!(status["reasons"][0]["code"], "sweeps_off", "{status}");
    let mut there = place.at_zoom().await;
    there.sort();
    assert_eq!(there, ["Kept", "Made later"], "nothing is removed by itself");

    let plan = printed(&mut place.on("copy.db", &["reconcile", "plan", "--json"]));
    let mut kinds: Vec<_> = plan["findings"]
        .as_array()
        .expect("findings")
        .iter()
        .map(|it| (it["kind"].to_string(), it["topic"].to_string()))
        .collect();
    kinds.sort();
    assert_eq!(
        kinds,
        [
            ("\"missing\"".to_owned(), "\"Cancelled later\"".to_owned()),
            ("\"unknown\"".to_owned(), "\"Made later\"".to_owned()),
        ],
        "{plan}"
    );
    let unasked = said(&mut place.on("copy.db", &["reconcile", "apply"]));
    assert_eq!(unasked.code, 2, "{}", unasked.talk);
    assert!(unasked.talk.contains("--yes"), "{}", unasked.talk);
    assert!(unasked.talk.contains("nothing was done"), "{}", unasked.talk);
    assert_eq!(place.at_zoom().await.len(), 2, "not without a word");
    let applied = said(&mut place.on("copy.db", &["reconcile", "apply", "--yes"]));
    assert_eq!(applied.code, 0, "{}{}", applied.out, applied.talk);
    assert!(applied.out.contains("removed"), "{}", applied.out);
    assert!(applied.out.contains("the server mends it"), "{}", applied.out);

    // The copy's own bookings end with exactly one room each: its word counts now.
    let retry = format!("bookings/{cancelled}/meeting/retry");
    let waited = practice.post(&url, &retry, json!({})).await;
    assert_eq!(waited["status"], "active", "{waited}");
    let mut there = place.at_zoom().await;
    there.sort();
    assert_eq!(there, ["Cancelled later", "Kept"]);
    assert_eq!(data(&mut place.on("copy.db", &["sweeps", "on"])).trim(), "Sweeps are on.");
    let plan = data(&mut place.on("copy.db", &["reconcile", "plan"]));
    assert!(plan.contains("2 room(s) in order, 0 difference(s)"), "{plan}");
    assert!(copy.end().success());
}

#[test]
fn a_backup_is_whole_or_not_there() {
    let directory = tempfile::tempdir().expect("a directory");
    data(&mut program(directory.path(), &["tenant", "add", "Harbour Practice"]));
    data(&mut program(directory.path(), &["backup", "copy.db"]));
    let again = said(&mut program(directory.path(), &["backup", "copy.db"]));
    assert_eq!(again.code, 1, "{}", again.talk);
    let left = |name: &str| Path::new(directory.path()).join(name).exists();
    assert!(left("copy.db"));
    for name in ["copy.db.part", "copy.db-wal", "copy.db-shm", "copy.db-journal"] {
        assert!(!left(name), "{name} is left");
    }
}
