//! Events, as a receiver sees them.

use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use url::Url;

use crate::harness::Harness;

/// A receiver that answers what it is told, one connection per event.
struct Receiver(TcpListener);

/// A request as it came.
struct Received {
    head: String,
    body: String,
}

impl Received {
    fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

impl Receiver {
    async fn bind() -> (Self, Url) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hooks/zoom/default", listener.local_addr().unwrap());
        (Self(listener), url.parse().unwrap())
    }

    async fn receive(&self, status: u16) -> Received {
        let (mut stream, _) = self.0.accept().await.unwrap();
        let mut bytes = Vec::new();
        loop {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            if let Some((head, body)) = text.split_once("\r\n\r\n") {
                let received = Received { head: head.to_owned(), body: body.to_owned() };
                let length: usize = received.header("content-length").unwrap().parse().unwrap();
                if body.len() >= length {
                    let answer = format!(
                        "HTTP/1.1 {status} X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
                    );
                    stream.write_all(answer.as_bytes()).await.unwrap();
                    return received;
                }
            }
            assert!(stream.read_buf(&mut bytes).await.unwrap() > 0);
        }
    }
}

/// Returns when so many deliveries have been written down.
async fn until_sent(harness: &Harness, count: usize) -> Vec<Value> {
    loop {
        let sent = harness.control(Method::GET, "/webhooks", None).await;
        let sent = sent.as_array().unwrap();
        if sent.len() >= count {
            return sent.clone();
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn what_happens_to_a_meeting_is_told() {
    let (receiver, url) = Receiver::bind().await;
    let harness = Harness::start_with(Some(url), Some("secret".to_owned())).await;
    let meeting = harness.meeting(json!({"agenda": "private"})).await;
    let created = receiver.receive(204).await;
    let event = created.json();
    assert_eq!(event["event"], "meeting.created");
    assert!(event["event_ts"].as_i64().unwrap() > 1_000_000_000_000);
    assert_eq!(event["payload"]["account_id"], "acc-1");
    assert_eq!(event["payload"]["object"]["id"], meeting["id"], "a number");
    assert!(event["payload"]["object"].get("agenda").is_none());
    assert!(created.header("x-zm-signature").unwrap().starts_with("v0="));
    assert!(created.header("x-zm-request-timestamp").is_some());
    assert!(created.header("x-zm-trackingid").is_some());

    harness.patch(&meeting["id"], json!({"topic": "Geometry"})).await;
    let event = receiver.receive(204).await.json();
    assert_eq!(event["event"], "meeting.updated");
    assert_eq!(event["payload"]["object"], json!({"id": meeting["id"], "topic": "Geometry"}));
    assert_eq!(event["payload"]["old_object"]["topic"], meeting["topic"]);

    let path = format!("/meetings/{}", meeting["id"]);
    harness.control(Method::POST, &path, Some(json!({"status": "started"}))).await;
    let event = receiver.receive(200).await.json();
    assert_eq!(event["event"], "meeting.started");
    assert_eq!(event["payload"]["object"]["id"], json!(meeting["id"].to_string()), "a string");

    harness.form(meeting["join_url"].as_str().unwrap(), &[("name", "Ana")]).await;
    let event = receiver.receive(200).await.json();
    assert_eq!(event["event"], "meeting.participant_joined");
    assert_eq!(event["payload"]["object"]["participant"]["user_name"], "Ana");
}

#[tokio::test]
async fn a_change_of_nothing_is_not_told() {
    let (receiver, url) = Receiver::bind().await;
    let harness = Harness::start_with(Some(url), None).await;
    let meeting = harness.meeting(json!({})).await;
    receiver.receive(200).await;
    harness.patch(&meeting["id"], json!({"topic": meeting["topic"]})).await;
    harness.delete(&meeting["id"]).await;
    assert_eq!(receiver.receive(200).await.json()["event"], "meeting.deleted");
}

#[tokio::test]
async fn failures_are_tried_again_three_times() {
    let (receiver, url) = Receiver::bind().await;
    let harness = Harness::start_with(Some(url), Some("secret".to_owned())).await;
    harness.meeting(json!({})).await;
    let mut bodies = vec![receiver.receive(500).await.body];
    for (round, pause) in ["5s", "20s", "60s"].into_iter().enumerate() {
        until_sent(&harness, round + 1).await;
        harness.advance(pause).await;
        bodies.push(receiver.receive(500).await.body);
    }
    assert!(bodies.windows(2).all(|pair| pair[0] == pair[1]), "the same bytes");
    let sent = until_sent(&harness, 4).await;
    let attempts: Vec<i64> = sent.iter().map(|sent| sent["attempt"].as_i64().unwrap()).collect();
    assert_eq!(attempts, [1, 2, 3, 4]);
    assert_eq!(harness.control(Method::GET, "/state", None).await["counts"]["postponed"], 0);
}

#[tokio::test]
async fn an_account_has_its_own_address() {
    let (receiver, url) = Receiver::bind().await;
    let harness = Harness::start().await;
    let order =
        json!({"vendor": "zoom", "account": "acc-1", "event_url": url, "webhook_secret": "own"});
    harness.control(Method::POST, "/accounts", Some(order)).await;
    harness.meeting(json!({})).await;
    let received = receiver.receive(200).await;
    assert!(received.header("x-zm-signature").is_some());
}

#[tokio::test]
async fn an_event_on_demand() {
    let (receiver, url) = Receiver::bind().await;
    let harness = Harness::start().await;
    let meeting = harness.meeting(json!({})).await;
    let order = json!({"vendor": "zoom", "event": "meeting.ended", "meeting": meeting["id"],
                       "url": url, "secret": "secret", "timestamp": 1_700_000_000, "times": 2});
    let receive = async { [receiver.receive(200).await, receiver.receive(503).await] };
    let (answer, received) =
        tokio::join!(harness.control(Method::POST, "/webhooks", Some(order)), receive);
    assert_eq!(answer["answers"][0]["status"], 200);
    assert_eq!(answer["answers"][1]["status"], 503);
    assert_eq!(received[0].body, received[1].body);
    assert_eq!(received[0].json()["payload"]["object"]["id"], json!(meeting["id"].to_string()));
    assert_eq!(received[0].header("x-zm-request-timestamp"), Some("1700000000"));

    let order =
        json!({"event": "x", "raw": "not json", "url": url, "signed": false, "secret": "s"});
    let (_, received) = tokio::join!(
        harness.control(Method::POST, "/webhooks", Some(order)),
        receiver.receive(200)
    );
    assert_eq!(received.body, "not json");
    assert!(received.header("x-zm-signature").is_none());
}

#[tokio::test]
async fn waiting_is_told_too() {
    let (receiver, url) = Receiver::bind().await;
    let harness = Harness::start_with(Some(url), None).await;
    let meeting = harness.meeting(json!({"settings": {"waiting_room": true}})).await;
    let (join_url, start_url) =
        (meeting["join_url"].as_str().unwrap(), meeting["start_url"].as_str().unwrap());
    assert_eq!(receiver.receive(200).await.json()["event"], "meeting.created");
    harness.form(join_url, &[("name", "Ana")]).await;
    assert_eq!(receiver.receive(200).await.json()["event"], "meeting.participant_jbh_waiting");
    // What happens at once is told in no particular order.
    let told = async |count: usize| {
        let mut events = Vec::new();
        for _ in 0..count {
            events.push(receiver.receive(200).await.json()["event"].as_str().unwrap().to_owned());
        }
        events.sort();
        events
    };
    harness.form(start_url, &[("action", "start")]).await;
    assert_eq!(
        told(3).await,
        [
            "meeting.participant_joined",
            "meeting.participant_joined_waiting_room",
            "meeting.started",
        ]
    );
    harness.form(start_url, &[("action", "admit")]).await;
    assert_eq!(told(2).await, ["meeting.participant_admitted", "meeting.participant_joined"]);
    harness.form(start_url, &[("action", "end")]).await;
    assert_eq!(
        told(3).await,
        ["meeting.ended", "meeting.participant_left", "meeting.participant_left"]
    );
}
