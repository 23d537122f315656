use std::sync::atomic::AtomicU32;

use roomkey_core::failure::Reason;
use roomkey_core::id::Id;
use secrecy::ExposeSecret as _;
use serde_json::json;

use crate::http::Http;

use super::*;

fn now() -> Instant {
    "2026-12-01T15:00:00Z".parse().expect("an instant")
}

fn later(seconds: u64) -> Instant {
    now().plus(Duration::from_secs(seconds))
}

fn deadline() -> Deadline {
    Http::new(Duration::from_secs(5)).expect("a client").deadline()
}

fn account(revision: i64) -> Account {
    Account {
        connection: Some(Id::new(now(), [7; 10])),
        revision,
        account: "acc-1".to_owned(),
        client_id: "client-1".to_owned(),
        client_secret: "secret-1".to_owned().into(),
    }
}

fn token(value: &str, at: Instant) -> Token {
    Token::read(&json!({"access_token": value, "expires_in": 3600}), at).expect("a token")
}

async fn get(tokens: &Tokens, account: &Account, at: Instant, next: &str) -> String {
    let token =
        tokens.get(account, at, deadline(), async { Ok(token(next, at)) }).await.expect("a token");
    token.value.expose_secret().to_owned()
}

#[tokio::test]
async fn a_token_is_kept_until_five_minutes_before_its_end() {
    let tokens = Tokens::default();
    assert_eq!(get(&tokens, &account(1), now(), "first").await, "first");
    assert_eq!(get(&tokens, &account(1), later(3299), "second").await, "first");
    assert_eq!(get(&tokens, &account(1), later(3300), "second").await, "second");
}

#[tokio::test]
async fn new_credentials_need_a_new_token_and_old_ones_change_nothing() {
    let tokens = Tokens::default();
    assert_eq!(get(&tokens, &account(2), now(), "two").await, "two");
    assert_eq!(get(&tokens, &account(1), now(), "one").await, "one");
    assert_eq!(get(&tokens, &account(2), now(), "again").await, "two");
    assert_eq!(get(&tokens, &account(3), now(), "three").await, "three");
}

#[tokio::test]
async fn credentials_of_no_connection_are_not_kept() {
    let tokens = Tokens::default();
    let nobody = Account { connection: None, ..account(1) };
    assert_eq!(get(&tokens, &nobody, now(), "first").await, "first");
    assert_eq!(get(&tokens, &nobody, now(), "second").await, "second");
}

#[tokio::test]
async fn a_refused_token_is_dropped_once() {
    let tokens = Tokens::default();
    let account = account(1);
    let ask = async { Ok(token("first", now())) };
    let first = tokens.get(&account, now(), deadline(), ask).await.expect("a token");
    tokens.refused(&account, now(), deadline(), &first).await;
    assert_eq!(get(&tokens, &account, now(), "second").await, "second");
    // The same refusal, told by a slower call.
    tokens.refused(&account, now(), deadline(), &first).await;
    assert_eq!(get(&tokens, &account, now(), "third").await, "second");
}

#[tokio::test]
async fn of_many_at_once_one_asks() {
    let tokens = Tokens::default();
    let account = account(1);
    let asked = AtomicU32::new(0);
    let ask = || async {
        let count = asked.fetch_add(1, Ordering::SeqCst);
        tokio::task::yield_now().await;
        if count == 0 {
            Err(Failure::NeedsReconnect(Reason::new("zoom_secret_refused", "Paste the new one.")))
        } else {
            Ok(token("next", now()))
        }
    };
    let get = || tokens.get(&account, now(), deadline(), ask());
    let (a, b, c) = tokio::join!(get(), get(), get());
    for failed in [a, b, c] {
        assert_eq!(failed.expect_err("refused").class(), "needs_reconnect");
    }
    assert_eq!(asked.load(Ordering::SeqCst), 1, "those who waited took the first one's failure");
    let (d, e) = tokio::join!(get(), get());
    assert!(Arc::ptr_eq(&d.expect("a token"), &e.expect("a token")));
    assert_eq!(asked.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_call_that_is_given_up_leaves_the_next_its_turn() {
    let tokens = Tokens::default();
    let account = account(1);
    {
        let hangs = tokens.get(&account, now(), deadline(), std::future::pending());
        tokio::select! {
            biased;
            _ = hangs => panic!("nothing answers"),
            () = tokio::task::yield_now() => {}
        }
    }
    assert_eq!(get(&tokens, &account, now(), "mine").await, "mine");
}

#[tokio::test]
async fn a_check_asks_anew_and_its_token_is_used() {
    let tokens = Tokens::default();
    let account = account(1);
    assert_eq!(get(&tokens, &account, now(), "first").await, "first");
    let ask = async { Ok(token("proof", now())) };
    tokens.renew(&account, now(), deadline(), ask).await.expect("a token");
    assert_eq!(get(&tokens, &account, now(), "third").await, "proof");
}
