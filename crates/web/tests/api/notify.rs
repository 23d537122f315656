//! Silence: who is not told counts as told.

use roomkey_core::id::BookingId;
use roomkey_core::told::Statement;
use roomkey_store::person::Role;
use roomkey_store::{StoreError, both_databases, message, person};
use serde_json::{Value, json};

use crate::server::{Server, path_of};

both_databases! {
    who_is_not_told_counts_as_told = silence;
}

/// What the host and the first guest were told.
async fn told(server: &Server, booking: &Value) -> (Option<Statement>, Option<Statement>) {
    let id: BookingId = booking["id"].as_str().unwrap().parse().unwrap();
    let tenant = server.tenant;
    let read: Result<_, StoreError> = server
        .app
        .store()
        .read(move |tx| {
            Box::pin(async move {
                let people = person::of_booking(tx, tenant, id).await?;
                Ok((people, message::told(tx, &[(tenant, id)]).await?))
            })
        })
        .await;
    let (people, told) = read.unwrap();
    let said = |role: Role| {
        let who = people.iter().find(|it| it.role == role && it.removed_at.is_none()).unwrap();
        told.iter().find(|it| it.person == who.id).and_then(|it| it.said.clone())
    };
    (said(Role::Host), said(Role::Guest))
}

async fn silence(url: String) {
    let server = Server::start(&url).await;
    let open = server.book(json!({})).await;
    assert_eq!(told(&server, &open).await, (None, None));
    // What was to be said is still to be said, whoever is silent about what comes after.
    let later = json!({"start": "2027-03-03T15:00:00Z", "notify": "none"});
    server.post(&format!("{}/reschedule", path_of(&open)), later.clone()).await.ok();
    assert_eq!(told(&server, &open).await, (None, None));

    let half = server.book(json!({"notify": "guests"})).await;
    let (host, guest) = told(&server, &half).await;
    assert!(host.unwrap().on && guest.is_none());
    let half = server.book(json!({"notify": "host"})).await;
    let (host, guest) = told(&server, &half).await;
    assert!(guest.unwrap().on && host.is_none());

    let quiet = server.book(json!({"notify": "none"})).await;
    let path = path_of(&quiet);
    server.post(&format!("{path}/reschedule"), later).await.ok();
    let (host, guest) = told(&server, &quiet).await;
    assert_eq!(guest, host);
    assert_eq!(guest.unwrap().start.to_string(), "2027-03-03T15:00:00Z");
    // What is said aloud afterwards is news to them.
    server.post(&format!("{path}/cancel"), json!({})).await.ok();
    assert!(told(&server, &quiet).await.1.unwrap().on);
    server.post(&format!("{path}/reopen"), json!({"notify": "none"})).await.ok();
    server.post(&format!("{path}/cancel"), json!({"notify": "none"})).await.ok();
    assert!(!told(&server, &quiet).await.1.unwrap().on);

    // A tenant may be silent where a call does not say.
    server.patch("/v1/tenant", json!({"policies": {"notify": "none"}})).await.ok();
    let quiet = server.book(json!({})).await;
    assert!(told(&server, &quiet).await.1.is_some());
    let loud = server.book(json!({"notify": "all"})).await;
    assert_eq!(told(&server, &loud).await, (None, None));
    server.stop().await;
}
