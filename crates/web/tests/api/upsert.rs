//! A platform that sends whole bookings, again and again.

use reqwest::Method;
use roomkey_store::{Priority, StoreError, booking as rows, both_databases};
use serde_json::{Value, json};

use crate::server::{Server, booking, path_of};

both_databases! {
    the_same_again_undoes_nothing = same;
    who_is_named_in_another_way_is_no_change = named_otherwise;
    what_was_cancelled_comes_back_on_purpose_only = revived;
    guests_keep_their_links = guests;
    two_at_once_make_one_booking = made_at_once;
    of_two_changes_at_once_one_holds = changed_at_once;
    a_guest_without_an_address_stays_who_they_are = nameless;
}

const PATH: &str = "/v1/bookings/ext:ord-1";

async fn same(url: String) {
    let server = Server::start(&url).await;
    let sent = booking(json!({"notes": "first"}));
    let made = server.put(PATH, sent.clone()).await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!(made.body["external_id"], "ord-1");
    let again = server.put(PATH, sent.clone()).await;
    assert_eq!((again.status, &again.body), (200, &made.body));

    // Somebody moves it here; the platform repeats itself and then changes the notes.
    let path = path_of(&made.body);
    let moved = json!({"start": "2027-03-05T08:00:00Z"});
    server.post(&format!("{path}/reschedule"), moved).await.ok();
    let again = server.put(PATH, sent).await.ok();
    assert_eq!((&again["start"], &again["version"]), (&json!("2027-03-05T08:00:00Z"), &json!(2)));
    let noted = server.put(PATH, booking(json!({"notes": "second"}))).await.ok();
    assert_eq!(
        (&noted["start"], &noted["notes"]),
        (&json!("2027-03-05T08:00:00Z"), &json!("second"))
    );
    // Then it moves the session itself.
    let moved = booking(json!({"notes": "second", "start": "2027-03-09T08:00:00Z"}));
    let moved = server.put(PATH, moved).await.ok();
    assert_eq!(
        (&moved["start"], &moved["end"]),
        (&json!("2027-03-09T08:00:00Z"), &json!("2027-03-09T09:00:00Z"))
    );
    let other = server.put(PATH, booking(json!({"external_id": "ord-2"}))).await;
    assert_eq!(other.pointers(), ["/external_id"]);
    let unknown =
        server.put("/v1/bookings/bkg_01hq3v8x5cj6tq2x9m4w7r5n1d", booking(json!({}))).await;
    assert_eq!(unknown.problem(404), "not_found");
    server.stop().await;
}

async fn named_otherwise(url: String) {
    let server = Server::start(&url).await;
    let host = server.get("/v1/hosts/ext:rui").await.ok()["id"].clone();
    let service = server.get("/v1/services/ext:algebra").await.ok()["id"].clone();
    let by_id = json!({"host": host, "service": service});
    let made = server.put(PATH, booking(json!({}))).await.ok();
    let path = path_of(&made);
    // An operator gives the session to somebody else.
    let eva = json!({"host": "ext:eva"});
    let moved = server.post(&format!("{path}/reassign"), eva.clone()).await.ok();
    assert_eq!(moved["version"], 2);
    for same in [by_id.clone(), json!({}), by_id.clone()] {
        let again = server.put(PATH, booking(same)).await.ok();
        assert_eq!((&again["version"], &again["host"]), (&moved["version"], &moved["host"]));
    }
    // So it is with what an earlier release wrote down, which kept the names as they were sent.
    let (tenant, id) = (server.tenant, made["id"].as_str().unwrap().parse().unwrap());
    let kept = server.app.store().write::<_, StoreError, _>(Priority::Interactive, move |tx| {
        Box::pin(async move {
            let mut record = rows::lock(tx, tenant, id).await?.unwrap();
            let mut last: Value = serde_json::from_str(&record.last_put.unwrap()).unwrap();
            last["host"] = json!("ext:rui");
            last["service"] = json!("ext:algebra");
            record.last_put = Some(last.to_string());
            rows::update_asked(tx, &record).await
        })
    });
    kept.await.unwrap();
    let again = server.put(PATH, booking(by_id)).await.ok();
    assert_eq!((&again["version"], &again["host"]), (&moved["version"], &moved["host"]));
    // A source that repeats itself need not know that somebody is gone; one that names them anew
    // is told.
    assert_eq!(server.delete("/v1/hosts/ext:rui").await.status, 204);
    let again = server.put(PATH, booking(json!({}))).await.ok();
    assert_eq!(again["version"], moved["version"]);
    server.put(PATH, booking(eva)).await.ok();
    assert_eq!(server.put(PATH, booking(json!({}))).await.pointers(), ["/host"]);
    server.stop().await;
}

async fn revived(url: String) {
    let server = Server::start(&url).await;
    let on = booking(json!({"status": "confirmed"}));
    let made = server.put(PATH, on.clone()).await.ok();
    server.post(&format!("{}/cancel", path_of(&made)), json!({})).await.ok();
    assert_eq!(server.put(PATH, on.clone()).await.ok()["status"], "cancelled");
    let off = server.put(PATH, booking(json!({"status": "cancelled"}))).await.ok();
    assert_eq!(off["status"], "cancelled");
    let late = server.put(PATH, on.clone()).await;
    assert_eq!(late.problem(428), "if_match_required");
    let wrong =
        server.ask(Method::PUT, PATH).header("If-Match", "\"1\"").body(on.clone()).send().await;
    assert_eq!(wrong.problem(412), "version_mismatch");
    let tag = format!("\"{}\"", off["version"]);
    let back = server.ask(Method::PUT, PATH).header("If-Match", tag).body(on).send().await.ok();
    assert_eq!(back["status"], "confirmed");
    server.stop().await;
}

async fn made_at_once(url: String) {
    let server = Server::start(&url).await;
    for round in 0..8 {
        let path = format!("/v1/bookings/ext:race-{round}");
        let (one, two) = (booking(json!({"notes": "one"})), booking(json!({"notes": "two"})));
        let (a, b) = tokio::join!(server.put(&path, one.clone()), server.put(&path, two.clone()));
        let mut statuses = [a.status, b.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 201], "{} {}", a.text, b.text);
        assert_eq!(a.body["id"], b.body["id"]);
        let now = server.get(&path).await.ok();
        // Who was second changed what the first had made, and may repeat it for nothing.
        let last = if now["notes"] == "one" { one } else { two };
        assert_eq!(server.put(&path, last).await.ok()["version"], now["version"]);
        assert_eq!(now["version"], 2);
        let (host, service) =
            (format!("/v1/hosts/ext:h{round}"), format!("/v1/services/ext:s{round}"));
        let ivo = json!({"name": "Ivo", "email": "ivo@practice.example", "time_zone": "UTC"});
        let piano = json!({"name": "Piano", "duration_minutes": 30});
        let (a, b) = tokio::join!(server.put(&host, ivo.clone()), server.put(&host, ivo));
        assert_eq!(a.ok()["id"], b.ok()["id"]);
        let (a, b) = tokio::join!(server.put(&service, piano.clone()), server.put(&service, piano));
        assert_eq!(a.ok()["id"], b.ok()["id"]);
    }
    let all = server.get("/v1/bookings?limit=200").await.ok();
    assert_eq!(all["data"].as_array().unwrap().len(), 8);
    server.stop().await;
}

async fn changed_at_once(url: String) {
    let server = Server::start(&url).await;
    server.put(PATH, booking(json!({"notes": "first", "title": "First"}))).await.ok();
    for round in 0..8 {
        let (one, two) = (format!("one {round}"), format!("two {round}"));
        let whole =
            |it: &str| booking(json!({"notes": it, "title": it, "start": "2027-03-02T15:00:00Z"}));
        let (a, b) = tokio::join!(server.put(PATH, whole(&one)), server.put(PATH, whole(&two)));
        a.ok();
        b.ok();
        let now = server.get(PATH).await.ok();
        assert_eq!(now["notes"], now["title"], "one of the two, and not something of both");
        let last = now["notes"].as_str().unwrap().to_owned();
        assert!([one, two].contains(&last), "{last}");
        // What was compared with is what was sent last.
        assert_eq!(server.put(PATH, whole(&last)).await.ok()["version"], now["version"]);
    }
    server.stop().await;
}

async fn nameless(url: String) {
    let server = Server::start(&url).await;
    let guests = json!({"guests": [
        {"name": "Ana Sousa", "phone": "+351 912 345 678"},
        {"name": "Ana Sousa"},
        {"name": "Bea Lopes", "email": "bea@example.org"},
    ]});
    let made = server.book(guests.clone()).await;
    let path = path_of(&made);
    let again = server.patch(&path, guests.clone()).await.ok();
    assert_eq!(again, made);
    // One of them is told apart by what is the same; who is called otherwise is somebody else.
    let fewer = json!({"guests": [{"name": "Ana Sousa"}, {"name": "Bea Lopes"}]});
    let fewer = server.patch(&path, fewer).await.ok();
    assert_eq!(fewer["guests"][0], made["guests"][1]);
    assert_ne!(fewer["guests"][1]["id"], made["guests"][2]["id"]);
    // Who was removed is not brought back by a name alone.
    let back = server.patch(&path, guests).await.ok();
    let ids: Vec<_> = back["guests"].as_array().unwrap().iter().map(|it| &it["id"]).collect();
    assert!(!ids.contains(&&made["guests"][0]["id"]));
    assert!(ids.contains(&&made["guests"][1]["id"]) && ids.contains(&&made["guests"][2]["id"]));
    server.stop().await;
}

async fn guests(url: String) {
    let server = Server::start(&url).await;
    let made = server
        .put(
            PATH,
            booking(json!({"guests": [
                {"external_id": "u-1", "name": "Ana Sousa", "email": "ana@example.org"},
                {"name": "Bea Lopes", "email": "bea@example.org"},
            ]})),
        )
        .await
        .ok();
    let corrected = server
        .put(
            PATH,
            booking(json!({"guests": [
                {"name": "Beatriz Lopes", "email": "BEA@example.org"},
                {"external_id": "u-1", "name": "Ana Sousa", "email": "ana.sousa@example.org"},
                {"name": "Carla Dias", "email": "carla@example.org"},
            ]})),
        )
        .await
        .ok();
    let link = |shown: &Value, email: &str| {
        let guests = shown["guests"].as_array().unwrap();
        let guest = guests.iter().find(|it| it["email"] == email).unwrap();
        (guest["id"].clone(), guest["link"].clone())
    };
    assert_eq!(link(&made, "ana@example.org"), link(&corrected, "ana.sousa@example.org"));
    assert_eq!(link(&made, "bea@example.org"), link(&corrected, "BEA@example.org"));
    assert_eq!(corrected["guests"].as_array().unwrap().len(), 3);
    let fewer = booking(json!({"guests": [{"name": "Carla Dias", "email": "carla@example.org"}]}));
    let fewer = server.put(PATH, fewer).await.ok();
    assert_eq!(fewer["guests"].as_array().unwrap().len(), 1);
    let stranger = json!({"guests": [{"id": "gst_01hq3v8x5cj6tq2x9m4w7r5n1d", "name": "X"}]});
    let stranger = server.put(PATH, booking(stranger)).await;
    assert_eq!(stranger.pointers(), ["/guests/0/id"]);
    server.stop().await;
}
