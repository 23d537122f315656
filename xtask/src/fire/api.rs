//! The platform's side: calls to whichever engine is alive, repeated over the dead moments.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::http::{Answer, Client};
use crate::failure::{Failure, Result};
use crate::signals;

/// How long a platform repeats itself before it complains.
const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(25);

/// The API, at all its addresses.
pub(crate) struct Api {
    client: Client,
    roots: Vec<String>,
    authorization: String,
    turn: AtomicUsize,
    repeats: AtomicUsize,
}

impl Api {
    pub(crate) fn new(roots: Vec<String>, api_key: &str) -> Self {
        Self {
            client: Client::new(),
            roots,
            authorization: format!("Bearer {api_key}"),
            turn: AtomicUsize::new(0),
            repeats: AtomicUsize::new(0),
        }
    }

    /// How many calls had to be repeated because nobody answered.
    pub(crate) fn repeats(&self) -> usize {
        self.repeats.load(Ordering::Relaxed)
    }

    pub(crate) fn get(&self, path: &str) -> Result<Value> {
        self.call("GET", path, None, None)
    }

    pub(crate) fn put(&self, path: &str, body: &Value) -> Result<Value> {
        self.call("PUT", path, None, Some(body))
    }

    /// A `POST` that may be repeated: it carries a key.
    pub(crate) fn post(&self, path: &str, key: &str, body: &Value) -> Result<Value> {
        self.call("POST", path, Some(key), Some(body))
    }

    /// Asks until somebody answers for good. A refusal is a failure: nothing here is asked wrongly.
    fn call(
        &self,
        method: &str,
        path: &str,
        key: Option<&str>,
        body: Option<&Value>,
    ) -> Result<Value> {
        let mut headers = vec![("Authorization", self.authorization.as_str())];
        headers.extend(key.map(|key| ("Idempotency-Key", key)));
        let deadline = Instant::now() + PATIENCE;
        loop {
            let answer = self.client.ask(method, &format!("{}{path}", self.root()), &headers, body);
            let trouble = match answer {
                Ok(answer) if answer.is_fine() => return Ok(answer.json()),
                Ok(answer) if is_final(&answer) => {
                    let words = answer.words();
                    return Err(Failure::new(format!("{method} {path}: {words}")));
                }
                Ok(answer) => answer.words(),
                Err(error) => error.to_string(),
            };
            if signals::asked_to_stop() {
                return Err(signals::interrupted());
            }
            if Instant::now() > deadline {
                return Err(Failure::new(format!(
                    "{method} {path}: no answer within {PATIENCE:?}; the last was: {trouble}"
                )));
            }
            self.repeats.fetch_add(1, Ordering::Relaxed);
            thread::sleep(PAUSE);
        }
    }

    /// A page, as a browser without a session gets it.
    pub(crate) fn visit(&self, method: &str, url: &str) -> Result<Answer> {
        self.client
            .ask(method, url, &[], None)
            .map_err(|error| Failure::new(format!("{method} {url}: {error}")))
    }

    /// All of a list.
    pub(crate) fn list(&self, path: &str) -> Result<Vec<Value>> {
        let (mut all, mut next) = (Vec::new(), String::new());
        loop {
            let mut answer = self.get(&format!("{path}?limit=200{next}"))?;
            if let Some(data) = answer["data"].as_array_mut() {
                all.append(data);
            }
            match answer["next_cursor"].as_str() {
                Some(cursor) => next = format!("&cursor={cursor}"),
                None => return Ok(all),
            }
        }
    }

    fn root(&self) -> &str {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        &self.roots[turn % self.roots.len()]
    }
}

/// Whether asking again would be of no use. 409 says so of everything but a repeat that overtook
/// the first request.
fn is_final(answer: &Answer) -> bool {
    match answer.status {
        429 => false,
        409 => answer.json()["code"] != "in_progress",
        status => status < 500,
    }
}
