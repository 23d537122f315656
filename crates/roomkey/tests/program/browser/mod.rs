//! The main job in a real browser: book, see the room come without reloading, go in by different
//! doors, move, give to another host, cancel; each observed at "Zoom".

mod driver;

use serde_json::{Value, json};

use self::driver::Browser;
use crate::process::{Listen, Running, program};

struct Demo {
    _running: Running,
    shown: Value,
    http: reqwest::Client,
}

impl Demo {
    fn start(directory: &std::path::Path) -> Self {
        let mut command = program(directory, &["demo", "--json", "--listen", "127.0.0.1:0"]);
        command
            .env("ROOMKEY_SANDBOX_LISTEN", "127.0.0.1:0")
            .env("ROOMKEY_SANDBOX_SMTP_LISTEN", "127.0.0.1:0");
        let running = Running::start(&mut command, directory, Listen::Out);
        let shown = running.json();
        #[expect(clippy::disallowed_methods, reason = "a test is its own client")]
        let http = reqwest::Client::new();
        Self { _running: running, shown, http }
    }

    fn text(&self, member: &str) -> &str {
        self.shown[member].as_str().unwrap_or_else(|| panic!("{member} is not in {}", self.shown))
    }

    async fn vendor(&self, method: reqwest::Method, path: &str, body: Value) -> Value {
        let url = format!("{}/_sandbox/{path}", self.text("sandbox"));
        let request = self.http.request(method, url).json(&body);
        let text = request.send().await.expect("answers").text().await.expect("text");
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// The meetings at Zoom with this topic.
    async fn meetings(&self, topic: &str) -> Vec<Value> {
        let state = self.vendor(reqwest::Method::GET, "state", json!({})).await;
        let accounts = state["zoom"]["accounts"].as_array().expect("accounts");
        let all =
            accounts.iter().flat_map(|it| it["meetings"].as_array().cloned().unwrap_or_default());
        all.filter(|meeting| meeting["topic"] == topic).collect()
    }
}

#[tokio::test]
async fn a_session_lives_in_a_browser() {
    let directory = tempfile::tempdir().expect("a directory");
    let demo = Demo::start(directory.path());
    let browser = Browser::open(directory.path()).await;
    sign_in_as_operator(&demo, &browser).await;

    // The vendor is held back until people have seen that the room is being set up.
    let hang = json!({ "match": "POST /zoom/v2/users/*", "fault": "hang", "ratio": 1.0 });
    demo.vendor(reqwest::Method::POST, "faults", hang).await;
    let links = book(&demo, &browser).await;
    let operators = browser.address().await;

    browser.go(&links.guest).await;
    browser.until("document.body.innerText.includes('Setting up')").await;
    browser.run("window.neverReloaded = true").await;
    demo.vendor(reqwest::Method::DELETE, "faults", json!({})).await;
    browser.until("document.querySelector('[data-state=\"Ready\"]')").await;
    assert_eq!(browser.value("window.neverReloaded").await, json!(true));
    assert_eq!(demo.meetings("Walk and talk").await.len(), 1);

    browser.go(&operators).await;
    reschedule(&browser).await;
    browser.until("document.body.innerText.includes('17:00')").await;
    until_at_zoom(&demo, |meeting| {
        meeting["start_time"].as_str().is_some_and(|it| it.ends_with("T17:00:00Z"))
    })
    .await;

    let host = demo.meetings("Walk and talk").await[0]["host_email"].clone();
    browser.go(&operators).await;
    reassign(&browser).await;
    until_at_zoom(&demo, |meeting| meeting["host_email"] != host).await;

    browser.go(&operators).await;
    submit(&browser, "/cancel", "").await;
    while !demo.meetings("Walk and talk").await.is_empty() {
        tokio::task::yield_now().await;
    }
    browser.go(&links.guest).await;
    browser.until("document.querySelector('[data-state=\"Cancelled\"]')").await;
    browser.close().await;
}

#[tokio::test]
async fn guest_and_host_go_in_by_different_doors() {
    let directory = tempfile::tempdir().expect("a directory");
    let demo = Demo::start(directory.path());
    let browser = Browser::open(directory.path()).await;

    browser.go(demo.text("guest_lobby")).await;
    browser.until("document.querySelector('form #door')").await;
    browser.click("document.querySelector('form #door')").await;
    browser.until("document.querySelector('main[data-door]')").await;
    let door = "document.querySelector('main[data-door]').dataset.door";
    assert_eq!(browser.value(door).await, json!("guest"));

    // A host's link alone opens the host's lobby, and not the host's door.
    browser.go(demo.text("host_lobby")).await;
    browser.until("document.body.innerText.includes('Sign in to start as host')").await;
    assert_eq!(
        browser.value("document.querySelector('input[name=as]') === null").await,
        json!(true)
    );

    browser.go(demo.text("host_sign_in")).await;
    browser.click("document.querySelector('form[action^=\"/in/\"] button')").await;
    browser.until("location.pathname === '/'").await;
    browser.go(demo.text("host_lobby")).await;
    browser.until("document.querySelector('input[name=as][value=host]')").await;
    browser.click("document.querySelector('form #door')").await;
    browser.until("document.querySelector('main[data-door]')").await;
    assert_eq!(browser.value(door).await, json!("host"));
    browser.close().await;
}

async fn sign_in_as_operator(demo: &Demo, browser: &Browser) {
    browser.go(demo.text("sign_in")).await;
    browser.click("document.querySelector('form[action^=\"/in/\"] button')").await;
    browser.until("location.pathname === '/operator'").await;
}

struct Links {
    guest: String,
}

/// Books a session by the form, and reads the guest's link off the page.
async fn book(demo: &Demo, browser: &Browser) -> Links {
    browser.go(&format!("{}/operator/bookings/new", demo.text("roomkey"))).await;
    browser
        .run(
            "const set = (name, value) => { document.querySelector(`[name=${name}]`).value = value; };
             const pick = (name, words) => {
               const field = document.querySelector(`[name=${name}]`);
               field.value = [...field.options].find((it) => it.text.includes(words)).value;
             };
             pick('service', 'Online session'); pick('host', 'Maren');
             set('date', '2031-03-04'); set('time', '15:00'); set('time_zone', 'UTC');
             set('guest_name', 'Ana Sousa'); set('guest_email', 'ana@example.org');
             set('title', 'Walk and talk');",
        )
        .await;
    browser.click("document.querySelector('form[action=\"/operator/bookings\"] button')").await;
    browser.until("/^\\/operator\\/bookings\\/bkg_/.test(location.pathname)").await;
    let link = "[...document.querySelectorAll('.people li')]
        .find((it) => it.innerText.includes('Ana Sousa')).querySelector('input').value";
    let guest = browser.value(link).await.as_str().expect("the guest's link").to_owned();
    Links { guest }
}

async fn reschedule(browser: &Browser) {
    submit(
        browser,
        "/reschedule",
        "form.querySelector('[name=date]').value = '2031-03-05';
         form.querySelector('[name=time]').value = '17:00';
         form.querySelector('[name=time_zone]').value = 'UTC';",
    )
    .await;
}

async fn reassign(browser: &Browser) {
    submit(
        browser,
        "/reassign",
        "const host = form.querySelector('[name=host]');
         host.value = [...host.options].find((it) => it.value && !it.selected).value;",
    )
    .await;
}

/// Fills one of the forms of a booking's page, and sends it as its button would.
async fn submit(browser: &Browser, action: &str, fill: &str) {
    browser.until(&format!("document.querySelector('form[action$=\"{action}\"]')")).await;
    browser
        .run(&format!(
            "const form = document.querySelector('form[action$=\"{action}\"]'); {fill}
             document.documentElement.dataset.before = 'yes'; form.requestSubmit();"
        ))
        .await;
    browser.until("document.documentElement.dataset.before === undefined").await;
}

/// Waits until there is exactly one meeting at Zoom, and it is like this.
async fn until_at_zoom(demo: &Demo, like: impl Fn(&Value) -> bool) {
    loop {
        if let [meeting] = demo.meetings("Walk and talk").await.as_slice()
            && like(meeting)
        {
            return;
        }
        tokio::task::yield_now().await;
    }
}
