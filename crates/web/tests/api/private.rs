//! Private services: what they refuse, what is pinned, and what others read.

use roomkey_core::private::TITLE;
use roomkey_store::both_databases;
use serde_json::{Value, json};

use crate::server::{Said, Server, booking, path_of};

both_databases! {
    a_private_service_asks_for_nothing_weaker = weaker;
    a_private_session_takes_no_title_and_no_weaker_settings = refused;
    what_is_read_can_be_sent_back = sent_back;
    private_mode_is_pinned_like_the_title = pinned;
    others_read_neutral_words_and_nothing_else = neutral;
}

const SERVICE: &str = "/v1/services/ext:grief";

/// The service's name, its templates' words, and what the booking says of itself.
const NEVER: [&str; 6] = ["grief", "mourning", "brother", "drinking", "too low", "our hour"];

/// With a private service whose words give much away.
async fn start(url: &str) -> Server {
    let server = Server::start(url).await;
    let service = json!({
        "external_id": "grief", "name": "Grief and loss", "duration_minutes": 50, "private": true,
        "title_template": "Mourning with {host}", "agenda_template": "{guest} about a brother",
    });
    let made = server.post("/v1/services", service).await.ok();
    assert_eq!(made["private"], true);
    server
}

fn private(other: Value) -> Value {
    let mut whole = booking(other);
    whole["service"] = json!("ext:grief");
    whole
}

fn message(said: &Said) -> &str {
    said.body["errors"][0]["message"].as_str().unwrap()
}

/// A member, what its fault says, and a value that is less private.
type Weaker = (&'static str, &'static str, fn() -> Value);

const WEAKER: [Weaker; 6] = [
    ("waiting_room", "has a waiting room", || json!(false)),
    ("passcode", "has a passcode", || json!(false)),
    ("join_before_host", "cannot be joined before the host", || json!(true)),
    ("recording", "is not recorded", || json!("cloud")),
    ("recording", "is not recorded", || json!("local")),
    ("breakout_rooms", "has no breakout rooms", || json!([{ "name": "Pairs" }])),
];

async fn weaker(url: String) {
    let server = start(&url).await;
    let plain = server.get("/v1/services/ext:algebra").await.ok();
    assert_eq!(plain["private"], false, "it is not, unless somebody says so");
    for (member, words, value) in WEAKER {
        let settings = json!({ "settings": { member: value() } });
        let said = server.patch(SERVICE, settings.clone()).await;
        assert_eq!(said.problem(422), "invalid_request");
        assert_eq!(said.pointers(), [format!("/settings/{member}")]);
        assert_eq!(said.body["errors"][0]["code"], "conflict");
        assert!(message(&said).contains(words), "{}", message(&said));
        // Whichever of the two is said first.
        server.patch("/v1/services/ext:algebra", settings).await.ok();
        let said = server.patch("/v1/services/ext:algebra", json!({ "private": true })).await;
        assert_eq!(said.pointers(), [format!("/settings/{member}")]);
        let mut whole = plain.clone();
        whole["private"] = json!(true);
        whole["settings"] = json!({ member: value() });
        let said = server.put("/v1/services/ext:algebra", whole).await;
        assert_eq!(said.pointers(), [format!("/settings/{member}")]);
    }
    let as_private = json!({ "settings": {
        "waiting_room": true, "passcode": true, "join_before_host": false, "recording": "none",
        "breakout_rooms": [], "mute_on_entry": true, "e2ee": true,
    } });
    let kept = server.patch(SERVICE, as_private).await.ok();
    let again = server.put(SERVICE, kept.clone()).await.ok();
    assert_eq!((&again["version"], &again["private"]), (&kept["version"], &json!(true)));
    let mut silent = kept;
    silent.as_object_mut().unwrap().remove("private");
    assert_eq!(server.put(SERVICE, silent).await.ok()["private"], false, "a PUT says everything");
    let said = server.patch(SERVICE, json!({ "private": "yes" })).await;
    assert_eq!(said.pointers(), ["/private"]);
    server.stop().await;
}

async fn refused(url: String) {
    let server = start(&url).await;
    let asked = json!({ "title": "Our hour", "settings": { "recording": "cloud" } });
    let said = server.post("/v1/bookings", private(asked.clone())).await;
    assert_eq!(said.pointers(), ["/settings/recording", "/title"]);
    let said = server.put("/v1/bookings/ext:ord-1", private(json!({ "title": "Our hour" }))).await;
    assert_eq!(said.problem(422), "invalid_request");
    assert_eq!(said.pointers(), ["/title"]);
    let words = message(&said);
    assert!(words.contains("is called “Appointment”") && words.contains("notes"), "{words}");

    let made = server.post("/v1/bookings", private(json!({ "title": TITLE }))).await.ok();
    let path = path_of(&made);
    for (member, words, value) in WEAKER {
        let said = server.patch(&path, json!({ "settings": { member: value() } })).await;
        assert_eq!(said.pointers(), [format!("/settings/{member}")]);
        assert!(message(&said).contains(words), "{}", message(&said));
    }
    assert_eq!(server.patch(&path, asked.clone()).await.pointers().len(), 2);
    let fits = json!({ "settings": { "recording": "none", "mute_on_entry": true } });
    server.patch(&path, fits).await.ok();

    // A booking that is moved to the service says it with the service.
    let plain = server.book(json!({ "title": "Our hour" })).await;
    let moved = json!({ "service": "ext:grief", "title": "Our own hour" });
    assert_eq!(server.patch(&path_of(&plain), moved).await.pointers(), ["/title"]);
    let moved = server.patch(&path_of(&plain), json!({ "service": "ext:grief" })).await.ok();
    assert_eq!((&moved["title"], &moved["private"]), (&json!(TITLE), &json!(true)));
    let back = json!({ "service": "ext:algebra", "title": "Our own hour" });
    let back = server.patch(&path_of(&plain), back).await.ok();
    assert_eq!((&back["title"], &back["private"]), (&json!("Our own hour"), &json!(false)));
    server.stop().await;
}

async fn sent_back(url: String) {
    let server = start(&url).await;
    // Its source repeats what it said before the service was private.
    server.patch(SERVICE, json!({ "private": false })).await.ok();
    let source = private(json!({ "title": "Our hour", "settings": { "recording": "cloud" } }));
    let put = "/v1/bookings/ext:ord-1";
    let made = server.put(put, source.clone()).await.ok();
    assert_eq!((&made["title"], &made["private"]), (&json!("Our hour"), &json!(false)));
    server.patch(SERVICE, json!({ "private": true })).await.ok();
    let path = path_of(&made);
    let now = server.post(&format!("{path}/reassign"), json!({ "host": "ext:eva" })).await.ok();
    assert_eq!((&now["title"], &now["private"]), (&json!(TITLE), &json!(true)));
    let same = server.put(put, source).await.ok();
    assert_eq!(same["version"], now["version"], "it says nothing new");

    // Read, modified, written: the shown title, and a member that only the server writes.
    let mut read = server.get(&path).await.ok();
    read["notes"] = json!("Started drinking again");
    read["private"] = json!(false);
    let written = server.put(&path, read).await.ok();
    assert_eq!(written["notes"], "Started drinking again");
    assert_eq!((&written["title"], &written["private"]), (&json!(TITLE), &json!(true)));
    for body in [json!({ "title": TITLE }), json!({ "title": null }), json!({ "private": false })] {
        let patched = server.patch(&path, body).await.ok();
        assert_eq!((&patched["title"], &patched["private"]), (&json!(TITLE), &json!(true)));
    }
    server.stop().await;
}

async fn pinned(url: String) {
    let server = start(&url).await;
    let there = server.book(json!({})).await;
    assert_eq!(
        (&there["title"], &there["private"]),
        (&json!("Algebra with Rui Costa"), &json!(false))
    );
    let agenda = json!({ "private": true, "agenda_template": "Bring the book" });
    server.patch("/v1/services/ext:algebra", agenda).await.ok();
    let path = path_of(&there);
    // Nothing of this is confirmed anew, or another host's.
    for body in [
        json!({ "settings": { "mute_on_entry": true } }),
        json!({ "mode": "phone" }),
        json!({ "start": "2027-03-02T15:00:00Z" }),
    ] {
        let same = server.patch(&path, body).await.ok();
        assert_eq!((&same["title"], &same["private"]), (&there["title"], &json!(false)));
    }
    let other = server.post(&format!("{path}/reassign"), json!({ "host": "ext:eva" })).await.ok();
    assert_eq!((&other["title"], &other["private"]), (&json!(TITLE), &json!(true)));
    assert_eq!(other["agenda"], json!(null));
    let new = server.book(json!({})).await;
    assert_eq!((&new["title"], &new["private"]), (&json!(TITLE), &json!(true)));

    // Nor does switching it off reach what is pinned.
    server.patch("/v1/services/ext:algebra", json!({ "private": false })).await.ok();
    let later = json!({ "start": "2027-03-03T15:00:00Z" });
    let later = server.post(&format!("{path}/reschedule"), later).await.ok();
    assert_eq!((&later["title"], &later["private"]), (&json!(TITLE), &json!(true)));
    let said = server.patch(&path, json!({ "title": "Our hour" })).await;
    assert_eq!(said.pointers(), ["/title"]);
    let back = server.post(&format!("{path}/reassign"), json!({ "host": "ext:rui" })).await.ok();
    assert_eq!(
        (&back["title"], &back["private"]),
        (&json!("Algebra with Rui Costa"), &json!(false))
    );
    assert_eq!(back["agenda"], "Bring the book");
    server.stop().await;
}

fn assert_silent(what: &str, words: &str) {
    let words = words.to_lowercase();
    for word in NEVER {
        assert!(!words.contains(word), "{what} says {word}: {words}");
    }
}

async fn neutral(url: String) {
    let server = start(&url).await;
    let made = server
        .post("/v1/bookings", private(json!({ "notes": "Started drinking again" })))
        .await
        .ok();
    assert_eq!((&made["title"], &made["agenda"]), (&json!(TITLE), &json!(null)));
    let path = path_of(&made);
    let links = [made["host_link"].as_str().unwrap(), made["guests"][0]["link"].as_str().unwrap()];
    let read = async |url: String| {
        let answer = server.client().get(&url).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{url}");
        answer.text().await.unwrap()
    };
    let look = async |state: &str| {
        for link in links {
            let page = read(link.to_owned()).await;
            assert!(page.contains(state), "{page}");
            assert!(page.contains("<p class=\"lobby__what\">Appointment</p>"), "{page}");
            assert_silent("a lobby", &page);
            assert_silent("its live part", &read(format!("{link}/live?poll=1")).await);
            let file = read(format!("{link}/calendar.ics")).await.replace("\r\n ", "");
            assert!(file.contains("SUMMARY:Appointment\r\n"), "{file}");
            assert!(file.contains("DESCRIPTION:Appointment\\n"), "{file}");
            assert_silent("a calendar file", &file);
        }
        for whose in ["", "?for=host"] {
            let file = server.get(&format!("{path}/calendar.ics{whose}")).await;
            assert_silent("the API's calendar file", &file.text.replace("\r\n ", ""));
        }
    };
    look("Setting up").await;
    let page = read(links[1].to_owned()).await;
    for calendar in ["text=Appointment&", "subject=Appointment&", "title=Appointment&"] {
        assert!(page.replace("&amp;", "&").replace("&#38;", "&").contains(calendar), "{calendar}");
    }
    let reason = json!({ "reason": "Too low to come" });
    let gone = server.post(&format!("{path}/cancel"), reason).await.ok();
    assert_eq!(gone["cancel_reason"], "Too low to come", "the practice knows");
    look("This session is cancelled.").await;
    for feed in [format!("{path}/events"), "/v1/events".to_owned()] {
        let events = server.get(&feed).await;
        assert!(feed.starts_with("/v1/events") || events.text.contains("booking.cancelled"));
        assert_silent("an event", &events.text);
    }
    server.stop().await;
}
