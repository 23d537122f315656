//! A real browser, driven by its own driver's protocol.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use crate::process::PATIENCE;

/// The environment variables with the browser's and the driver's paths.
const BROWSER: &str = "ROOMKEY_TEST_CHROMIUM";
const DRIVER: &str = "ROOMKEY_TEST_CHROMEDRIVER";

/// One window. It closes, and everything of it ends, when this goes.
pub(crate) struct Browser {
    driver: Child,
    http: reqwest::Client,
    session: String,
}

impl Browser {
    /// Opens an empty window with a profile of its own.
    pub(crate) async fn open(directory: &Path) -> Self {
        let path =
            |name: &str, usual: &str| std::env::var(name).unwrap_or_else(|_| usual.to_owned());
        let port = free_port();
        let driver = Command::new(path(DRIVER, "/usr/bin/chromedriver"))
            .arg(format!("--port={port}"))
            .env("TMPDIR", directory)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("ChromeDriver starts; `cargo xtask test` installs it");
        #[expect(clippy::disallowed_methods, reason = "a test is its own client")]
        let http = reqwest::Client::new();
        let root = format!("http://127.0.0.1:{port}");
        while http.get(format!("{root}/status")).send().await.is_err() {
            tokio::task::yield_now().await;
        }
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            "browserName": "chrome",
            "goog:chromeOptions": {
                "binary": path(BROWSER, "/usr/bin/chromium"),
                "args": [
                    "--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu",
                    format!("--user-data-dir={}", directory.join("browser").display()),
                ],
            },
        } } });
        let mut browser = Self { driver, http, session: root };
        let begun = browser.post("session", wanted).await;
        let id = begun["sessionId"].as_str().unwrap_or_else(|| panic!("no session in {begun}"));
        browser.session = format!("{}/session/{id}", browser.session);
        browser
    }

    /// Goes to an address.
    pub(crate) async fn go(&self, url: &str) {
        eprintln!("STEP go {url}");
        self.post("url", json!({ "url": url })).await;
    }

    /// Where it is.
    pub(crate) async fn address(&self) -> String {
        self.value("location.href").await.as_str().expect("an address").to_owned()
    }

    /// Runs a script in the page.
    pub(crate) async fn run(&self, script: &str) {
        eprintln!("STEP run");
        self.post("execute/sync", json!({ "script": script, "args": [] })).await;
    }

    /// What an expression is in the page.
    pub(crate) async fn value(&self, expression: &str) -> Value {
        let script = format!("return ({expression});");
        self.post("execute/sync", json!({ "script": script, "args": [] })).await
    }

    /// Clicks what an expression is, in one go: the live part of a page may be drawn anew at any
    /// moment.
    pub(crate) async fn click(&self, expression: &str) {
        self.until(expression).await;
        self.run(&format!("{expression}.click()")).await;
    }

    /// Waits until an expression holds in whatever page is shown then.
    pub(crate) async fn until(&self, expression: &str) {
        eprintln!("STEP until {expression}");
        let script = json!({ "script": format!("return Boolean({expression});"), "args": [] });
        let holds = async {
            // A page that goes away under the question answers nothing: the next is asked again.
            while self.try_post("execute/sync", &script).await != Ok(json!(true)) {
                tokio::task::yield_now().await;
            }
        };
        if tokio::time::timeout(PATIENCE, holds).await.is_err() {
            let text = self.value("document.body.innerText").await;
            panic!("`{expression}` never held:\n{text}");
        }
    }

    /// Closes the window; the browser ends with it.
    pub(crate) async fn close(self) {
        self.http.delete(&self.session).send().await.expect("the driver answers");
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        match self.try_post(path, &body).await {
            Ok(value) => value,
            Err(error) => panic!("{path} {body}: {error}"),
        }
    }

    async fn try_post(&self, path: &str, body: &Value) -> Result<Value, Value> {
        let request = self.http.post(format!("{}/{path}", self.session)).json(body);
        let answer = request.send().await.expect("the driver answers");
        let ok = answer.status().is_success();
        let mut body: Value = answer.json().await.expect("JSON");
        let value = body["value"].take();
        if ok { Ok(value) } else { Err(value) }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The driver ends its browser when it is asked to; killed, it would leave it behind.
        let pid = i32::try_from(self.driver.id()).ok().and_then(rustix::process::Pid::from_raw);
        if let Some(pid) = pid {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        }
        let _ = self.driver.wait();
    }
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("bound").port()
}
