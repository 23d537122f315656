//! Changes at the same moment: none undoes another, and a version is taken once.

use futures::future::join_all;
use reqwest::Method;
use roomkey_store::both_databases;
use roomkey_vault::Place;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use crate::server::Server;

both_databases! {
    of_changes_to_one_version_one_holds = versions;
    changes_of_different_members_all_hold = members;
    a_secret_that_is_pasted_survives_other_changes = secrets;
}

fn zoom() -> Value {
    json!({
        "provider": "zoom", "kind": "server_to_server", "account_id": "acc-1",
        "client_id": "client-1", "client_secret": "secret-0", "seats": ["seat0@practice.example"],
    })
}

async fn connect(server: &Server) -> String {
    let added = server.post("/v1/connections", zoom()).await.ok();
    format!("/v1/connections/{}", added["id"].as_str().unwrap())
}

async fn versions(url: String) {
    let server = Server::start(&url).await;
    server.book(json!({})).await;
    let connection = connect(&server).await;
    let app = json!({"provider": "zoom", "client_id": "c", "client_secret": "s"});
    let app = server.post("/v1/apps", app).await.ok();
    let app = format!("/v1/apps/{}", app["id"].as_str().unwrap());
    let things = [
        ("/v1/hosts/ext:rui", "name"),
        ("/v1/services/ext:algebra", "name"),
        ("/v1/tenant", "name"),
        (connection.as_str(), "client_id"),
        (app.as_str(), "client_id"),
    ];
    for (path, member) in things {
        for round in 0..6 {
            let tag = server.get(path).await.headers["etag"].to_str().unwrap().to_owned();
            let asked = (0..4).map(|it| {
                let body = json!({member: format!("{round}-{it}")});
                server.ask(Method::PATCH, path).header("if-match", tag.clone()).body(body).send()
            });
            let said = join_all(asked).await;
            let mut statuses: Vec<_> = said.iter().map(|it| it.status).collect();
            statuses.sort_unstable();
            assert_eq!(statuses, [200, 412, 412, 412], "{path} {}", said[0].text);
            let held = said.iter().position(|it| it.status == 200).unwrap();
            let now = server.get(path).await.ok();
            assert_eq!(now[member], format!("{round}-{held}"), "{path}");
        }
    }
    server.stop().await;
}

async fn members(url: String) {
    let server = Server::start(&url).await;
    server.book(json!({})).await;
    for round in 0..8 {
        let link = json!([{
            "use": "link", "url": format!("https://rooms.example/{round}"), "provider": "custom",
        }]);
        let phone = format!("+35191000000{round}");
        let (name, email) = (format!("Rui {round}"), format!("rui{round}@practice.example"));
        let asked = [json!({"name": name}), json!({"phone": phone}), json!({"email": email})];
        let path = "/v1/hosts/ext:rui";
        for said in join_all(asked.into_iter().map(|it| server.patch(path, it))).await {
            said.ok();
        }
        let now = server.get(path).await.ok();
        assert_eq!((&now["name"], &now["phone"]), (&json!(name), &json!(phone)));
        assert_eq!(now["email"], json!(email));
        let path = "/v1/services/ext:algebra";
        let (renamed, routed) = tokio::join!(
            server.patch(path, json!({"name": name})),
            server.patch(path, json!({"route": link}))
        );
        let versions = [&renamed.body["version"], &routed.body["version"]];
        assert_ne!(versions[0], versions[1], "{} {}", renamed.text, routed.text);
        assert_eq!(server.get(path).await.ok()["name"], json!(name));
    }
    server.stop().await;
}

/// What a connection's sealed secrets say.
async fn secrets_of(server: &Server, path: &str) -> Value {
    let tenant = server.tenant;
    let records = server
        .app
        .store()
        .read(|tx| Box::pin(async move { roomkey_store::connection::of_tenant(tx, tenant).await }))
        .await
        .unwrap();
    let record =
        records.iter().find(|it| path.ends_with(&it.connection.id.to_string())).expect("there");
    let place = Place { table: "connections", row: record.connection.id.uuid(), field: "secrets" };
    let opened = server.app.desk.ring.open_text(place, &record.secrets).unwrap();
    serde_json::from_str(opened.expose_secret()).unwrap()
}

async fn secrets(url: String) {
    let server = Server::start(&url).await;
    let path = connect(&server).await;
    for round in 1..10 {
        if round > 5 {
            // With sessions that wait for the account, and are held as well.
            server.book(json!({"start": format!("2027-03-01T1{round}:00:00Z")})).await;
        }
        let (secret, signs) = (format!("secret-{round}"), format!("signs-{round}"));
        let seat = format!("seat{round}@practice.example");
        let asked = [
            json!({"client_secret": secret}),
            json!({"seats": [seat]}),
            json!({"webhook_secret": signs}),
            json!({"seat_cap": round}),
        ];
        for said in join_all(asked.into_iter().map(|it| server.patch(&path, it))).await {
            said.ok();
        }
        let now = server.get(&path).await.ok();
        assert_eq!((&now["seats"], &now["seat_cap"]), (&json!([seat]), &json!(round)));
        let kept = secrets_of(&server, &path).await;
        assert_eq!(kept["client_secret"], json!(secret), "{round}");
        assert!(kept.to_string().contains(&signs), "{round}");
    }
    server.stop().await;
}
