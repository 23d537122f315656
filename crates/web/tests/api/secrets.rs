//! What is secret is in no answer and in no log line.

use std::io::Write;
use std::sync::{Arc, Mutex};

use roomkey_store::testing::TestDatabase;
use serde_json::json;

use crate::server::Server;

/// A log that is kept.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// On one thread, so that everything is logged where it is kept.
#[tokio::test]
async fn secrets_and_people_are_in_no_log_line() {
    let kept = Kept::default();
    let log = kept.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(move || log.clone())
        .finish();
    let _here = tracing::subscriber::set_default(subscriber);
    let database = TestDatabase::sqlite();
    let server = Server::start(database.url()).await;
    let made = server.book(json!({"notes": "A private matter."})).await;
    let zoom = json!({
        "provider": "zoom", "kind": "server_to_server", "account_id": "acc-1",
        "client_id": "client-1", "client_secret": "very-secret-1", "webhook_secret": "hook-secret-1",
    });
    server.post("/v1/connections", zoom).await.ok();
    let listed = server.get("/v1/connections").await;
    assert!(!listed.text.contains("very-secret") && !listed.text.contains("hook-secret"));
    let link = made["guests"][0]["link"].as_str().unwrap().to_owned();
    let path = link.strip_prefix(&server.url).unwrap().to_owned();
    server.get(&path).await;
    let key = server.key.clone();
    server.stop().await;
    let log = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("http.route=\"/j/{token}\""), "the visit was not logged by its route");
    assert!(log.contains("tenant.id=ten_") && log.contains("api_key.id=key_"));
    let token = link.rsplit('/').next().unwrap();
    for secret in [
        token,
        &key,
        "very-secret-1",
        "hook-secret-1",
        "ana@example.org",
        "Ana Sousa",
        "A private matter.",
    ] {
        // The test's own client tells more than we do, at its own level.
        let ours = log.lines().filter(|line| line.contains("roomkey"));
        assert_eq!(ours.filter(|line| line.contains(secret)).count(), 0, "{secret} was logged");
    }
}
