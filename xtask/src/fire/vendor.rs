//! The vendor: `roomkey sandbox` in a process of its own, which stays up, with its Zoom account and
//! its mailbox.

use std::fs::File;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::{Value, json};

use super::binary::Binary;
use super::http::Client;
use crate::failure::{Context as _, Failure, Result};
use crate::{program, signals};

const READY_WITHIN: Duration = Duration::from_secs(30);
/// The account that the sandbox begins with.
pub(crate) const ACCOUNT: &str = "acc-1";
/// Mails that are fetched at a time.
const MAILS: usize = 200;

/// A running sandbox. It ends when this goes.
pub(crate) struct Vendor {
    child: Child,
    client: Client,
    pub(crate) root: String,
    pub(crate) smtp: String,
}

/// How much there is of everything.
#[derive(Clone, Copy)]
pub(crate) struct Counts {
    pub(crate) calls: u64,
    pub(crate) mails: u64,
    pub(crate) meetings: u64,
    pub(crate) made: u64,
}

impl Vendor {
    pub(crate) fn start(binary: &Binary, folder: &Path) -> Result<Self> {
        let said = folder.join("sandbox.out");
        let mut child = binary
            .command(folder, &["sandbox", "--json", "--listen", "127.0.0.1:0"])
            .env("ROOMKEY_SANDBOX_SMTP_LISTEN", "127.0.0.1:0")
            .stdout(File::create(&said).context("making a file for the sandbox's output")?)
            .stderr(File::create(folder.join("sandbox.log")).context("making the sandbox's log")?)
            .stdin(Stdio::null())
            .spawn()
            .context("starting the sandbox")?;
        let deadline = Instant::now() + READY_WITHIN;
        let said = loop {
            let text = std::fs::read_to_string(&said).unwrap_or_default();
            if let Ok(said) = serde_json::from_str::<Value>(&text) {
                break said;
            }
            if program::ended_within(&mut child, Duration::from_millis(20))?.is_some()
                || Instant::now() > deadline
            {
                return Err(Failure::new("the sandbox did not start"));
            }
            if signals::asked_to_stop() {
                return Err(signals::interrupted());
            }
        };
        let text = |name: &str| said[name].as_str().unwrap_or_default().to_owned();
        Ok(Self { child, client: Client::new(), root: text("sandbox"), smtp: text("smtp") })
    }

    fn control(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value> {
        let url = format!("{}/_sandbox/{path}", self.root);
        let answer = self
            .client
            .ask(method, &url, &[], body)
            .context(format!("asking the sandbox: {method} {path}"))?;
        if answer.is_fine() {
            Ok(answer.json())
        } else {
            Err(Failure::new(format!("the sandbox answered {method} {path}: {}", answer.words())))
        }
    }

    /// Cheap enough to be asked every few milliseconds.
    pub(crate) fn counts(&self) -> Result<Counts> {
        let counts = self.control("GET", "counts", None)?;
        let number = |value: &Value| value.as_u64().unwrap_or_default();
        Ok(Counts {
            calls: number(&counts["calls"]),
            mails: number(&counts["mail"]),
            meetings: number(&counts["zoom"]["meetings"]),
            made: number(&counts["zoom"]["made"]),
        })
    }

    /// Gives people a licence at the Zoom account.
    pub(crate) fn license(&self, logins: &[String]) -> Result {
        let users: Vec<Value> =
            logins.iter().map(|email| json!({"email": email, "licensed": true})).collect();
        let order = json!({"vendor": "zoom", "account": ACCOUNT, "users": users});
        self.control("POST", "accounts", Some(&order)).map(drop)
    }

    pub(crate) fn fault(&self, order: &Value) -> Result {
        self.control("POST", "faults", Some(order)).map(drop)
    }

    /// How often each fault has struck, in words.
    pub(crate) fn struck(&self) -> Result<String> {
        let faults = self.control("GET", "faults", None)?;
        let words: Vec<String> = faults
            .as_array()
            .into_iter()
            .flatten()
            .filter(|fault| fault["struck"].as_u64() > Some(0))
            .map(|it| format!("{} {} ({})", it["struck"], text(&it["fault"]), text(&it["match"])))
            .collect();
        Ok(words.join(", "))
    }

    pub(crate) fn no_faults(&self) -> Result {
        self.control("DELETE", "faults", None).map(drop)
    }

    /// Somebody at the vendor does something to a meeting by hand.
    pub(crate) fn by_hand(&self, meeting: &str, order: &Value) -> Result {
        self.control("POST", &format!("meetings/{meeting}"), Some(order)).map(drop)
    }

    /// The meetings that exist in the account.
    pub(crate) fn meetings(&self) -> Result<Vec<Value>> {
        let mut state = self.control("GET", "state", None)?;
        let accounts = state["zoom"]["accounts"].as_array_mut().map(std::mem::take);
        let account =
            accounts.into_iter().flatten().find(|it| it["account"].as_str() == Some(ACCOUNT));
        let mut account = account.unwrap_or_default();
        Ok(account["meetings"].as_array_mut().map(std::mem::take).unwrap_or_default())
    }

    /// Mails that came after this one, oldest first.
    pub(crate) fn mails_after(&self, id: u64) -> Result<Vec<Value>> {
        let (mut all, mut last) = (Vec::new(), id);
        loop {
            let mut answer =
                self.control("GET", &format!("mail?since={last}&limit={MAILS}"), None)?;
            let Some(mails) = answer.as_array_mut().filter(|mails| !mails.is_empty()) else {
                return Ok(all);
            };
            all.append(mails);
            last = all.last().and_then(|mail| mail["id"].as_u64()).unwrap_or(last);
        }
    }

    /// Calls from this index on.
    pub(crate) fn calls_since(&self, index: u64) -> Result<Vec<Value>> {
        let mut answer = self.control("GET", &format!("calls?since={index}"), None)?;
        Ok(answer.as_array_mut().map(std::mem::take).unwrap_or_default())
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

impl Drop for Vendor {
    fn drop(&mut self) {
        let patience = Duration::from_secs(5);
        // A destructor has nobody to tell; the kernel ends it with us.
        let _told_nobody = program::end(&mut self.child, &[(Signal::TERM, patience)]);
    }
}
