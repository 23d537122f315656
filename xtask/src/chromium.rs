//! A headless Chromium of our own, spoken to in its DevTools protocol over a pipe.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use std::os::unix::process::CommandExt as _;

use rustix::process::{Pid, Signal, geteuid, kill_process_group};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::failure::{Context, Failure, Result};
use crate::{program, signals};

const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const ANSWER_WITHIN: Duration = Duration::from_secs(30);
const TICK: Duration = Duration::from_millis(200);

/// Where Chromium is.
pub(crate) fn find() -> Option<PathBuf> {
    NAMES.iter().find_map(|name| program::find(name))
}

/// A running browser with a fresh profile. Dropping it ends it and removes the profile.
pub(crate) struct Browser {
    child: Child,
    requests: Option<ChildStdin>,
    messages: Receiver<Value>,
    reader: Option<JoinHandle<()>>,
    events: Vec<Value>,
    last_id: u64,
    // Dropped last: the browser writes to it until its end.
    _profile: TempDir,
}

impl Browser {
    /// Starts it.
    pub(crate) fn start(chromium: &Path) -> Result<Self> {
        let profile = tempfile::Builder::new()
            .prefix("roomkey-chromium-")
            .tempdir()
            .context("making the browser's profile")?;
        // Chromium reads requests from file 3 and answers on file 4; a shell can place them there.
        let mut command = program::bound("sh", "KILL");
        command.args(["-c", r#"exec "$0" "$@" 3<&0 4>&1 </dev/null >/dev/null"#]).arg(chromium);
        command.args(["--headless", "--remote-debugging-pipe", "--no-first-run"]);
        command.args(["--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"]);
        command.args(["--disable-background-networking", "--disable-component-update"]);
        command.arg(format!("--user-data-dir={}", profile.path().display()));
        if geteuid().is_root() {
            command.arg("--no-sandbox");
        }
        let mut child = command
            .env("HOME", profile.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .context("starting Chromium")?;
        let requests = child.stdin.take();
        let (sender, messages) = mpsc::channel();
        let mut browser = Self {
            requests,
            messages,
            reader: None,
            events: Vec::new(),
            last_id: 0,
            _profile: profile,
            child,
        };
        if let Some(answers) = browser.child.stdout.take() {
            let reader = thread::Builder::new()
                .name("chromium".to_owned())
                .spawn(move || read(answers, &sender))
                .context("starting the browser's reader")?;
            browser.reader = Some(reader);
        }
        Ok(browser)
    }

    /// A fresh, empty page.
    pub(crate) fn page(&mut self) -> Result<Page<'_>> {
        let target = self.call(None, "Target.createTarget", json!({"url": "about:blank"}))?;
        let attach = json!({"targetId": target["targetId"], "flatten": true});
        let attached = self.call(None, "Target.attachToTarget", attach)?;
        let session = attached["sessionId"].as_str().unwrap_or_default().to_owned();
        Ok(Page { browser: self, session })
    }

    fn call(&mut self, session: Option<&str>, method: &str, params: Value) -> Result<Value> {
        self.last_id += 1;
        let id = self.last_id;
        let mut request = json!({"id": id, "method": method, "params": params});
        if let Some(session) = session {
            request["sessionId"] = json!(session);
        }
        let mut bytes = request.to_string().into_bytes();
        bytes.push(0);
        let pipe = self.requests.as_mut().ok_or_else(|| Failure::new("Chromium has no pipe"))?;
        pipe.write_all(&bytes)
            .and_then(|()| pipe.flush())
            .context(format!("asking Chromium for {method}"))?;
        let answer = self.receive(method, |message| message["id"] == json!(id))?;
        match answer.get("error") {
            None => Ok(answer["result"].clone()),
            Some(error) => Err(Failure::new(format!("Chromium refused {method}: {error}"))),
        }
    }

    fn receive(&mut self, what: &str, wanted: impl Fn(&Value) -> bool) -> Result<Value> {
        let deadline = Instant::now() + ANSWER_WITHIN;
        loop {
            if let Some(at) = self.events.iter().position(&wanted) {
                return Ok(self.events.remove(at));
            }
            if signals::asked_to_stop() {
                return Err(signals::interrupted());
            }
            match self.messages.recv_timeout(TICK) {
                Ok(message) => self.events.push(message),
                Err(RecvTimeoutError::Timeout) if Instant::now() < deadline => {}
                Err(RecvTimeoutError::Timeout) => {
                    return Err(Failure::new(format!("no {what} within {ANSWER_WITHIN:?}")));
                }
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(Failure::new(format!("Chromium ended before {what}")));
                }
            }
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // A destructor has nobody to tell, and `cargo xtask test` looks for what is left.
        let group = Pid::from_child(&self.child);
        let _asked = self.call(None, "Browser.close", json!({}));
        drop(self.requests.take());
        let _ended = program::end(&mut self.child, &[(Signal::TERM, Duration::from_secs(5))]);
        let _gone = kill_process_group(group, Signal::KILL);
        if let Some(reader) = self.reader.take() {
            let _panicked = reader.join();
        }
    }
}

/// One page of a browser.
pub(crate) struct Page<'a> {
    browser: &'a mut Browser,
    session: String,
}

impl Page<'_> {
    /// Calls a method of the protocol on this page.
    pub(crate) fn call(&mut self, method: &str, params: Value) -> Result<Value> {
        self.browser.call(Some(&self.session), method, params)
    }

    /// Opens an address and waits until it is loaded, pictures and fonts included.
    pub(crate) fn open(&mut self, url: &str) -> Result {
        self.call("Page.enable", json!({}))?;
        let answer = self.call("Page.navigate", json!({"url": url}))?;
        if let Some(error) = answer["errorText"].as_str().filter(|text| !text.is_empty()) {
            return Err(Failure::new(format!("{url} could not be opened: {error}")));
        }
        let session = self.session.clone();
        self.browser.receive("load event", |message| {
            message["method"] == json!("Page.loadEventFired")
                && message["sessionId"] == json!(session)
        })?;
        self.evaluate("document.fonts.ready.then(() => true)").map(drop)
    }

    /// What a script comes to, promises awaited.
    pub(crate) fn evaluate(&mut self, script: &str) -> Result<Value> {
        let params = json!({"expression": script, "awaitPromise": true, "returnByValue": true});
        let answer = self.call("Runtime.evaluate", params)?;
        match answer.get("exceptionDetails") {
            None => Ok(answer["result"]["value"].clone()),
            Some(exception) => Err(Failure::new(format!("`{script}` failed: {exception}"))),
        }
    }
}

/// Messages end with a zero byte.
fn read(answers: ChildStdout, sender: &Sender<Value>) {
    for message in BufReader::new(answers).split(0) {
        let Ok(message) = message else { return };
        let Ok(message) = serde_json::from_slice(&message) else { continue };
        if sender.send(message).is_err() {
            return;
        }
    }
}
