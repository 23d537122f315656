//! What became of a mail, told by a relay that fails at each step.

use std::time::Duration;

use roomkey_messages::relay::Step;
use roomkey_messages::{Mail, Relay, RelaySettings, SendError, compose};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::support::letter;

/// What the relay does at one step instead of agreeing.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Do {
    Agree,
    Reply(&'static str, &'static str),
    HangUpAt(&'static str),
    FallSilentAt(&'static str),
}

/// Serves connections one after the other, one script each; gives what was handed over.
async fn serve(scripts: Vec<Do>) -> (String, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("smtp://{}", listener.local_addr().expect("an address"));
    #[expect(clippy::disallowed_methods, reason = "the test waits for this task itself")]
    let server = tokio::spawn(async move {
        let mut taken = Vec::new();
        for script in scripts {
            let (stream, _) = listener.accept().await.expect("a connection");
            converse(stream, script, &mut taken).await;
        }
        taken
    });
    (url, server)
}

fn relay(url: &str) -> Relay {
    let settings = RelaySettings { url: url.into(), timeout: Duration::from_secs(2) };
    Relay::new(&settings).expect("a relay")
}

async fn converse(stream: TcpStream, script: Do, taken: &mut Vec<String>) {
    let mut stream = BufReader::new(stream);
    let mut step = "greeting".to_owned();
    loop {
        let reply = match (script, step.as_str()) {
            (Do::HangUpAt(at), step) if at == step => return,
            (Do::FallSilentAt(at), step) if at == step => {
                // Until the other side gives up.
                let mut rest = String::new();
                while stream.read_line(&mut rest).await.is_ok_and(|it| it > 0) {}
                return;
            }
            (Do::Reply(at, reply), step) if at == step => reply,
            (_, "greeting") => "220 here",
            (_, "DATA") => "354 go on",
            (_, _) => "250 fine",
        };
        stream.write_all(format!("{reply}\r\n").as_bytes()).await.expect("written");
        if step == "DATA" && reply.starts_with('3') {
            let mut mail = String::new();
            while !mail.ends_with("\r\n.\r\n") {
                if stream.read_line(&mut mail).await.unwrap_or(0) == 0 {
                    return;
                }
            }
            taken.push(mail);
            step = "receipt".to_owned();
            continue;
        }
        let mut command = String::new();
        if stream.read_line(&mut command).await.unwrap_or(0) == 0 {
            return;
        }
        step = command.get(..4).unwrap_or_default().trim().to_uppercase();
    }
}

fn mail() -> Mail {
    compose(&letter()).expect("a mail")
}

async fn fails(script: Do) -> SendError {
    let (url, server) = serve(vec![script]).await;
    let relay = relay(&url);
    let error = relay.send(&mail()).await.expect_err("not sent");
    drop(relay);
    server.await.expect("the relay ends");
    error
}

#[tokio::test]
async fn mails_go_over_one_connection_as_they_are() {
    let (url, server) = serve(vec![Do::Agree]).await;
    let relay = relay(&url);
    relay.check().await.expect("works");
    relay.send(&mail()).await.expect("sent");
    relay.send(&mail()).await.expect("sent");
    drop(relay);
    let taken = server.await.expect("the relay ends");
    let whole = String::from_utf8(mail().raw).expect("text");
    assert_eq!(taken.len(), 2);
    for it in &taken {
        // Lines that begin with a dot have one more on the way.
        let arrived = it.replace("\r\n..", "\r\n.");
        assert!(arrived.starts_with(whole.trim_end()));
    }
}

#[tokio::test]
async fn a_kept_connection_that_was_closed_is_replaced() {
    let (url, server) = serve(vec![Do::HangUpAt("MAIL"), Do::Agree]).await;
    let relay = relay(&url);
    relay.check().await.expect("works");
    relay.send(&mail()).await.expect("sent");
    drop(relay);
    assert_eq!(server.await.expect("the relay ends").len(), 1);
}

#[tokio::test]
async fn nothing_listening_is_transient() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("smtp://{}", listener.local_addr().expect("an address"));
    drop(listener);
    let relay = relay(&url);
    let error = relay.send(&mail()).await.expect_err("not sent");
    assert!(matches!(error, SendError::Transient { step: Step::Connect, code: None, .. }));
}

#[tokio::test]
async fn a_busy_relay_is_transient_at_every_step() {
    for (at, step, code) in [
        ("greeting", Step::Connect, 421),
        ("MAIL", Step::Sender, 451),
        ("RCPT", Step::Recipient, 450),
        ("DATA", Step::Data, 451),
        ("receipt", Step::Message, 452),
    ] {
        let reply = format!("{code} later").leak();
        let error = fails(Do::Reply(at, reply)).await;
        let SendError::Transient { step: was, code: said, .. } = error else {
            panic!("{at}: {error:?}");
        };
        assert_eq!((was, said), (step, Some(code)), "{at}");
    }
}

#[tokio::test]
async fn a_refusal_of_the_recipient_or_the_mail_is_final() {
    for (at, reply) in [
        ("RCPT", "550 5.1.1 no such user"),
        ("DATA", "554 no"),
        ("receipt", "554 5.7.1 not wanted"),
    ] {
        let SendError::Rejected { code, message } = fails(Do::Reply(at, reply)).await else {
            panic!("{at}");
        };
        assert_eq!(format!("{code} {message}"), reply);
    }
}

#[tokio::test]
async fn a_refusal_of_us_is_not_the_recipients_fault() {
    for (at, reply) in [("greeting", "554 go away"), ("MAIL", "550 not from you")] {
        assert!(matches!(fails(Do::Reply(at, reply)).await, SendError::Transient { .. }), "{at}");
    }
}

#[tokio::test]
async fn a_break_before_the_mail_is_transient_and_after_it_unknown() {
    for at in ["greeting", "MAIL", "RCPT", "DATA"] {
        let error = fails(Do::HangUpAt(at)).await;
        assert!(matches!(error, SendError::Transient { code: None, .. }), "{at}: {error:?}");
    }
    let error = fails(Do::HangUpAt("receipt")).await;
    assert!(matches!(error, SendError::Unknown { .. }), "{error:?}");
}

#[tokio::test]
async fn silence_before_the_mail_is_transient_and_after_it_unknown() {
    let (before, after) =
        tokio::join!(fails(Do::FallSilentAt("RCPT")), fails(Do::FallSilentAt("receipt")));
    assert!(matches!(before, SendError::Transient { step: Step::Recipient, .. }), "{before:?}");
    assert!(matches!(after, SendError::Unknown { .. }), "{after:?}");
}

#[tokio::test]
async fn tls_that_is_asked_for_and_not_offered_sends_nothing() {
    let (url, server) = serve(vec![Do::Agree]).await;
    let signing_in = url.replace("smtp://", "smtp://user:password@");
    let strict = relay(&format!("{signing_in}?tls=required"));
    let error = strict.send(&mail()).await.expect_err("not sent");
    assert!(matches!(error, SendError::Transient { step: Step::Tls, .. }), "{error:?}");
    assert!(!format!("{strict:?} {error:?}").contains("password"));
    assert!(server.await.expect("the relay ends").is_empty());
}
