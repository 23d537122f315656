//! The mailbox over real SMTP.

use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

use crate::harness::Harness;

struct Smtp(BufReader<TcpStream>);

impl Smtp {
    async fn connect(harness: &Harness) -> Self {
        let stream = TcpStream::connect(harness.sandbox.smtp_addr()).await.unwrap();
        let mut smtp = Self(BufReader::new(stream));
        assert!(smtp.hear().await.starts_with("220 "));
        smtp
    }

    /// The last line of an answer; empty when the other side has hung up.
    async fn hear(&mut self) -> String {
        loop {
            let mut line = String::new();
            // A connection that is cut may end in an error or in nothing.
            let read = self.0.read_line(&mut line).await.unwrap_or(0);
            if read == 0 || line.as_bytes().get(3) != Some(&b'-') {
                return line.trim_end().to_owned();
            }
        }
    }

    async fn write(&mut self, text: &str) {
        self.0.get_mut().write_all(text.as_bytes()).await.unwrap();
    }

    async fn say(&mut self, line: &str) -> String {
        self.write(&format!("{line}\r\n")).await;
        self.hear().await
    }

    /// One mail; gives what is answered to its last dot.
    async fn send(&mut self, to: &str, data: &str) -> String {
        assert!(self.say("EHLO test.example").await.starts_with("250 "));
        assert!(self.say("MAIL FROM:<rooms@practice.example>").await.starts_with("250 "));
        assert!(self.say(&format!("RCPT TO:<{to}>")).await.starts_with("250 "));
        assert!(self.say("DATA").await.starts_with("354 "));
        self.say(&format!("{data}\r\n.")).await
    }
}

const INVITATION: &str = concat!(
    "From: Practice <rooms@practice.example>\r\n",
    "To: Ana <ana@example.org>\r\n",
    "Subject: =?utf-8?q?Sess=C3=A3o?=\r\n",
    "Message-ID: <one@practice.example>\r\n",
    "MIME-Version: 1.0\r\n",
    "Content-Type: multipart/mixed; boundary=outer\r\n",
    "\r\n",
    "--outer\r\n",
    "Content-Type: multipart/alternative; boundary=inner\r\n",
    "\r\n",
    "--inner\r\n",
    "Content-Type: text/plain; charset=utf-8\r\n",
    "\r\n",
    "Hello\r\n",
    "..a line that begins with a dot\r\n",
    "--inner\r\n",
    "Content-Type: text/html; charset=utf-8\r\n",
    "\r\n",
    "<p>Hello</p><script>alert(1)</script>\r\n",
    "--inner--\r\n",
    "--outer\r\n",
    "Content-Type: text/calendar; method=REQUEST; charset=utf-8\r\n",
    "Content-Disposition: attachment; filename=invite.ics\r\n",
    "\r\n",
    "BEGIN:VCALENDAR\r\n",
    "END:VCALENDAR\r\n",
    "--outer--",
);

async fn mails(harness: &Harness) -> Vec<Value> {
    let mails = harness.control(Method::GET, "/mail", None).await;
    mails.as_array().unwrap().clone()
}

#[tokio::test]
async fn mails_are_fetched_by_and_by() {
    let harness = Harness::start().await;
    let mut smtp = Smtp::connect(&harness).await;
    for reader in ["ana", "ben", "cid"] {
        let to = format!("{reader}@example.org");
        assert!(smtp.send(&to, INVITATION).await.starts_with("250 "));
    }
    let first = harness.control(Method::GET, "/mail?limit=2", None).await;
    let first: Vec<&Value> = first.as_array().unwrap().iter().collect();
    assert_eq!((first.len(), &first[1]["to"][0]), (2, &json!("ben@example.org")));
    let path = format!("/mail?since={}&limit=2", first[1]["id"]);
    let rest = harness.control(Method::GET, &path, None).await;
    assert_eq!(rest.as_array().unwrap().len(), 1);
    assert_eq!(rest[0]["to"][0], "cid@example.org");
    let counts = harness.control(Method::GET, "/counts", None).await;
    assert_eq!((&counts["mail"], &counts["calls"]), (&json!(3), &json!(4)), "{counts}");
    assert_eq!(counts["zoom"]["meetings"], 0);
}

#[tokio::test]
async fn a_mail_comes_out_as_it_went_in() {
    let harness = Harness::start().await;
    let mut smtp = Smtp::connect(&harness).await;
    assert!(smtp.send("ana@example.org", INVITATION).await.starts_with("250 "));
    assert!(smtp.say("QUIT").await.starts_with("221 "));

    let mails = mails(&harness).await;
    assert_eq!(mails.len(), 1);
    let mail = &mails[0];
    assert_eq!(mail["from"], "rooms@practice.example");
    assert_eq!(mail["to"], json!(["ana@example.org"]));
    assert_eq!(mail["subject"], "Sessão");
    assert_eq!(mail["message_id"], "one@practice.example");
    assert!(mail["text"].as_str().unwrap().contains("\n.a line that begins with a dot"));
    assert!(mail["html"].as_str().unwrap().contains("<p>Hello</p>"));
    let attachment = &mail["attachments"][0];
    assert_eq!(attachment["name"], "invite.ics");
    let kind = attachment["content_type"].as_str().unwrap();
    assert!(kind.starts_with("text/calendar") && kind.contains("method=REQUEST"), "{kind}");
    assert!(attachment["text"].as_str().unwrap().contains("BEGIN:VCALENDAR"));
    let raw = INVITATION.replace("\r\n..a", "\r\n.a") + "\r\n";
    assert_eq!(mail["raw"], raw);

    let id = &mail["id"];
    let (status, page) = harness.page(&harness.url("/mail")).await;
    assert_eq!(status, 200);
    assert!(page.contains("Sessão"));
    let (_, page) = harness.page(&harness.url(&format!("/mail/{id}"))).await;
    assert!(page.contains("<iframe") && page.contains("invite.ics"));
    assert!(!page.contains("<script>"), "the mail's own script stays in its frame");
    let (_, source) = harness.page(&harness.url(&format!("/mail/{id}/raw"))).await;
    assert_eq!(source, raw);
    let html = harness.http.get(harness.url(&format!("/mail/{id}/html"))).send().await.unwrap();
    let policy = html.headers()["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("sandbox") && !policy.contains("allow-scripts"));
}

#[tokio::test]
async fn several_mails_in_one_go() {
    let harness = Harness::start().await;
    let mut smtp = Smtp::connect(&harness).await;
    assert!(smtp.say("EHLO test.example").await.starts_with("250 "));
    smtp.write(
        "MAIL FROM:<a@x.example> SIZE=10 BODY=8BITMIME\r\nRCPT TO:<b@x.example>\r\n\
         RCPT TO:<c@x.example>\r\nDATA\r\n",
    )
    .await;
    for expected in ["250", "250", "250", "354"] {
        assert!(smtp.hear().await.starts_with(expected));
    }
    smtp.write(
        "Subject: one\r\n\r\n.\r\nMAIL FROM:<>\r\nRCPT TO:<d@x.example>\r\nRSET\r\nNOOP\r\n",
    )
    .await;
    for expected in ["250", "250", "250", "250", "250"] {
        assert!(smtp.hear().await.starts_with(expected));
    }
    assert!(smtp.send("e@x.example", "Subject: two\r\n").await.starts_with("250 "));
    let mails = mails(&harness).await;
    assert_eq!(mails.len(), 2, "what was reset was not sent");
    assert_eq!(mails[0]["to"], json!(["b@x.example", "c@x.example"]));
}

#[tokio::test]
async fn the_order_of_commands_matters() {
    let harness = Harness::start().await;
    let mut smtp = Smtp::connect(&harness).await;
    for (line, expected) in [
        ("MAIL FROM:<a@x.example>", "503"),
        ("EHLO test.example", "250"),
        ("RCPT TO:<a@x.example>", "503"),
        ("DATA", "503"),
        ("MAIL FROM:a@x.example", "501"),
        ("MAIL FROM:<a@x.example> SIZE=99999999999", "552"),
        ("MAIL FROM:<a@x.example>", "250"),
        ("MAIL FROM:<a@x.example>", "503"),
        ("RCPT TO:<>", "501"),
        ("DATA", "503"),
        ("TURN", "500"),
        ("AUTH PLAIN AGEAYg==", "235"),
        ("AUTH CRAM-MD5", "504"),
    ] {
        let said = smtp.say(line).await;
        assert!(said.starts_with(expected), "{line}: {said}");
    }
}

#[tokio::test]
async fn mail_has_its_faults_too() {
    let harness = Harness::start().await;
    for (fault, form, answer, stored) in [
        ("500", None, "451", 0),
        ("500", Some("permanent"), "550", 0),
        ("429", None, "452", 0),
        ("outage", None, "421", 0),
        ("reset_before", None, "", 0),
        ("fail_after_effect", None, "", 1),
        ("reset_after", None, "", 1),
    ] {
        harness.control(Method::POST, "/reset", None).await;
        let mut order = json!({"match": "SMTP *", "fault": fault, "times": 1});
        if let Some(form) = form {
            order["form"] = json!(form);
        }
        harness.fault(order).await;
        let mut smtp = Smtp::connect(&harness).await;
        let said = smtp.send("ana@example.org", "Subject: one\r\n").await;
        assert!(
            said.starts_with(answer) && said.is_empty() == answer.is_empty(),
            "{fault}: {said}"
        );
        assert_eq!(mails(&harness).await.len(), stored, "{fault}");
        let calls = harness.calls().await;
        assert_eq!(calls[0]["fault"], fault);
        assert_eq!(
            (&calls[0]["method"], &calls[0]["path"]),
            (&json!("SMTP"), &json!("ana@example.org"))
        );
        let mut smtp = Smtp::connect(&harness).await;
        assert!(
            smtp.send("ana@example.org", "Subject: one\r\n").await.starts_with("250 "),
            "{fault} wears off"
        );
    }
}

#[tokio::test]
async fn a_fault_can_be_for_one_recipient() {
    let harness = Harness::start().await;
    harness.fault(json!({"match": "SMTP ana@*", "fault": "500"})).await;
    let mut smtp = Smtp::connect(&harness).await;
    assert!(smtp.send("ana@example.org", "Subject: one\r\n").await.starts_with("451 "));
    assert!(smtp.send("bob@example.org", "Subject: one\r\n").await.starts_with("250 "));
}

#[tokio::test]
async fn a_held_mail_is_stored_when_it_is_let_go() {
    let harness = Harness::start().await;
    harness.fault(json!({"match": "SMTP *", "fault": "hang"})).await;
    let mut smtp = Smtp::connect(&harness).await;
    let send = smtp.send("ana@example.org", "Subject: one\r\n");
    let watch = async {
        while harness.calls().await.len() < 2 {
            tokio::task::yield_now().await;
        }
        assert!(mails(&harness).await.is_empty());
        harness.control(Method::DELETE, "/faults", None).await;
    };
    let (said, ()) = tokio::join!(send, watch);
    assert!(said.starts_with("250 "));
    assert_eq!(mails(&harness).await.len(), 1);
}

#[tokio::test]
async fn a_late_mail_arrives_after_its_refusal() {
    let harness = Harness::start().await;
    harness
        .fault(json!({"match": "SMTP *", "fault": "late_effect", "delay": "1h", "times": 1}))
        .await;
    let mut smtp = Smtp::connect(&harness).await;
    assert!(smtp.send("ana@example.org", "Subject: one\r\n").await.starts_with("451 "));
    assert!(mails(&harness).await.is_empty());
    harness.advance("1h").await;
    assert_eq!(mails(&harness).await.len(), 1);
}

#[tokio::test]
async fn only_what_was_written_is_shown() {
    let harness = Harness::start().await;
    let mut smtp = Smtp::connect(&harness).await;
    smtp.send("ana@example.org", "Subject: one\r\nContent-Type: text/plain\r\n\r\nHello").await;
    smtp.send(
        "ana@example.org",
        "Subject: two\r\nContent-Type: text/html\r\n\r\n<html><head></head><a href=\"http://x.example\">Go</a></html>",
    )
    .await;
    let mails = mails(&harness).await;
    assert!(mails[0]["text"].as_str().unwrap().starts_with("Hello"));
    assert_eq!(mails[0]["html"], Value::Null);
    assert_eq!(mails[1]["text"], Value::Null);
    assert!(mails[1]["html"].as_str().unwrap().starts_with("<html><head></head>"));
    let (_, page) = harness.page(&harness.url(&format!("/mail/{}/html", mails[1]["id"]))).await;
    assert!(page.starts_with("<html><head><base target=\"_blank\">"), "{page}");
}

#[tokio::test]
async fn a_calendar_among_the_texts_is_found() {
    let harness = Harness::start().await;
    let mut smtp = Smtp::connect(&harness).await;
    let mail = concat!(
        "Subject: one\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n",
        "--b\r\nContent-Type: text/plain\r\n\r\nHello\r\n",
        "--b\r\nContent-Type: text/html\r\n\r\n<p>Hello</p>\r\n",
        "--b\r\nContent-Type: text/calendar; method=REQUEST\r\nContent-Transfer-Encoding: base64\r\n\r\n",
        "QkVHSU46VkNBTEVOREFS\r\n--b--",
    );
    smtp.send("ana@example.org", mail).await;
    let mail = &mails(&harness).await[0];
    assert!(mail["text"].as_str().unwrap().starts_with("Hello"));
    assert!(mail["html"].as_str().unwrap().starts_with("<p>Hello</p>"));
    assert_eq!(
        mail["attachments"],
        json!([{"name": null, "content_type": "text/calendar; method=REQUEST", "text": "BEGIN:VCALENDAR"}])
    );
}
