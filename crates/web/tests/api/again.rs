//! Telling somebody once more.

use reqwest::Method;
use roomkey_core::id::{BookingId, PersonId};
use roomkey_core::told;
use roomkey_store::message::{self, Told};
use roomkey_store::{Priority, StoreError, booking as rows, both_databases, host, person};
use serde_json::{Value, json};

use crate::server::{Server, path_of};

both_databases! {
    somebody_is_told_once_more_what_is_true = again;
}

/// What each person was told, as the engine writes it down; and who they are.
async fn told(server: &Server, booking: &Value) -> Vec<(PersonId, Told)> {
    let (tenant, id) = (server.tenant, booking["id"].as_str().unwrap().parse().unwrap());
    let read = server
        .app
        .store()
        .read(|tx| Box::pin(async move { message::told(tx, &[(tenant, id)]).await }));
    read.await.unwrap().into_iter().map(|it| (it.person, it)).collect()
}

/// Everybody has been told what is, for the first time.
async fn tell_all(server: &Server, booking: &Value) {
    let (tenant, id): (_, BookingId) =
        (server.tenant, booking["id"].as_str().unwrap().parse().unwrap());
    let done = server.app.store().write::<_, StoreError, _>(Priority::Background, move |tx| {
        Box::pin(async move {
            let record = rows::get(tx, tenant, id).await?.unwrap();
            let host = host::get(tx, tenant, record.booking.host).await?.unwrap();
            for person in person::of_booking(tx, tenant, id).await? {
                let said = told::wanted(&record.booking, &host.name, true, person.link_number);
                let told = Told { person: person.id, said, sequence: 0 };
                message::set_told(tx, tenant, id, &told).await?;
            }
            Ok(())
        })
    });
    done.await.unwrap();
}

async fn again(url: String) {
    let server = Server::start(&url).await;
    let nameless = json!([
        {"name": "Ana Sousa", "email": "ana@example.org", "external_id": "u-1"},
        {"name": "No Address"},
    ]);
    let made = server.book(json!({"guests": nameless})).await;
    let path = format!("{}/messages", path_of(&made));
    tell_all(&server, &made).await;
    let ana: PersonId = made["guests"][0]["id"].as_str().unwrap().parse().unwrap();
    let of = |told: Vec<(PersonId, Told)>| told.into_iter().find(|(id, _)| *id == ana).unwrap().1;

    let ask = |body: Value, key: &'static str| {
        server.ask(Method::POST, &path).header("Idempotency-Key", key).body(body).send()
    };
    let confirmation = json!({"person": ana, "occasion": "confirmation"});
    let said = ask(confirmation.clone(), "one").await;
    assert_eq!(said.status, 202, "{}", said.text);
    let expected = json!({"person": ana, "occasion": "confirmation", "state": "queued"});
    assert_eq!(said.body, expected);
    // The engine says it once more: the number of what was said goes on from where it was.
    let now = of(told(&server, &made).await);
    assert_eq!((now.said, now.sequence), (None, 0));
    tell_all(&server, &made).await;
    assert_eq!(ask(confirmation, "one").await.body, expected, "a repeat says so");
    assert!(of(told(&server, &made).await).said.is_some(), "and sends nothing");
    for whom in ["host", "ext:u-1"] {
        let said = server.post(&path, json!({"person": whom, "occasion": "confirmation"})).await;
        assert_eq!(said.status, 202, "{whom} {}", said.text);
    }

    // What is not true is not said, nor to whom nobody can write.
    tell_all(&server, &made).await;
    for (whom, occasion) in [("host", "cancellation"), ("ext:u-1", "change")] {
        let said = server.post(&path, json!({"person": whom, "occasion": occasion})).await;
        assert_eq!(said.problem(409), "nothing_to_say", "{whom} {occasion}");
    }
    let silent = made["guests"][1]["id"].clone();
    let said = server.post(&path, json!({"person": silent, "occasion": "confirmation"})).await;
    assert_eq!(said.problem(409), "nothing_to_say");
    let nobody = json!({"person": "gst_01hq3v8x5cj6tq2x9m4w7r5n1d", "occasion": "confirmation"});
    assert_eq!(server.post(&path, nobody).await.problem(404), "not_found");
    let said = server.post(&path, json!({"person": "Ana", "occasion": "birthday", "x": 1})).await;
    assert_eq!(said.pointers(), ["/occasion", "/person", "/x"]);

    server.post(&format!("{}/cancel", path_of(&made)), json!({})).await.ok();
    let said = server.post(&path, json!({"person": ana, "occasion": "confirmation"})).await;
    assert_eq!(said.problem(409), "nothing_to_say");
    let said = server.post(&path, json!({"person": ana, "occasion": "cancellation"})).await;
    assert_eq!(said.status, 202, "{}", said.text);
    assert!(of(told(&server, &made).await).said.unwrap().on, "so that a cancellation is due");
    server.stop().await;
}
