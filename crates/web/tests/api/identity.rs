//! External ids: given once, and for ever.

use roomkey_store::both_databases;
use serde_json::{Value, json};

use crate::server::{Server, booking, path_of};

both_databases! {
    an_external_id_that_was_given_stays = stays;
    an_address_and_a_body_name_the_same = named;
    what_was_removed_comes_back_under_its_id = restored;
    a_host_is_who_it_is_however_named = named_otherwise;
}

fn host(other: Value) -> Value {
    let mut whole = json!({"name": "Ivo", "email": "ivo@practice.example", "time_zone": "UTC"});
    merge(&mut whole, other);
    whole
}

fn service(other: Value) -> Value {
    let mut whole = json!({"name": "Piano", "duration_minutes": 30});
    merge(&mut whole, other);
    whole
}

fn merge(whole: &mut Value, other: Value) {
    for (member, value) in other.as_object().unwrap() {
        whole[member] = value.clone();
    }
}

async fn stays(url: String) {
    let server = Server::start(&url).await;
    for (noun, whole) in [
        ("bookings", booking as fn(Value) -> Value),
        ("hosts", host as fn(Value) -> Value),
        ("services", service as fn(Value) -> Value),
    ] {
        let list = format!("/v1/{noun}");
        let made = server.post(&list, whole(json!({"external_id": "one"}))).await.ok();
        let path = format!("{list}/{}", made["id"].as_str().unwrap());
        for other in [json!({"external_id": "two"}), json!({"external_id": null})] {
            let said = server.patch(&path, other.clone()).await;
            assert_eq!(said.problem(422), "invalid_request", "{noun} {other}");
            assert_eq!(said.pointers(), ["/external_id"]);
        }
        let said = server.put(&path, whole(json!({"external_id": "two"}))).await;
        assert_eq!(said.pointers(), ["/external_id"], "{noun}");
        // Left out of a whole one it stays, and sent as it is it is no change.
        for same in [json!({}), json!({"external_id": null}), json!({"external_id": "one"})] {
            assert_eq!(server.put(&path, whole(same)).await.ok()["external_id"], "one", "{noun}");
        }
        assert_eq!(server.patch(&path, json!({"external_id": "one"})).await.status, 200);
        // So a late repeat of what the source sent first makes no second one.
        let late = server.put(&format!("{list}/ext:one"), whole(json!({}))).await;
        assert_eq!((late.status, &late.body["id"]), (200, &made["id"]), "{noun}");
        let again = server.post(&list, whole(json!({"external_id": "one"}))).await;
        assert_eq!(again.problem(409), "external_id_taken");
        // Who has none may be given one, which is then theirs.
        let bare = server.post(&list, whole(json!({}))).await.ok();
        let bare = format!("{list}/{}", bare["id"].as_str().unwrap());
        let taken = server.patch(&bare, json!({"external_id": "one"})).await;
        assert_eq!(taken.problem(409), "external_id_taken", "{noun}");
        server.patch(&bare, json!({"external_id": "three"})).await.ok();
        assert_eq!(server.patch(&bare, json!({"external_id": "four"})).await.status, 422);
    }
    server.stop().await;
}

async fn named(url: String) {
    let server = Server::start(&url).await;
    let other = json!({"external_id": "zz"});
    for (path, body) in [
        ("/v1/bookings/ext:a", booking(other.clone())),
        ("/v1/hosts/ext:a", host(other.clone())),
        ("/v1/services/ext:a", service(other.clone())),
    ] {
        let said = server.put(path, body.clone()).await;
        assert_eq!(said.problem(422), "invalid_request", "{path}");
        assert_eq!(said.pointers(), ["/external_id"]);
        assert_eq!(server.get(path).await.status, 404, "{path}");
        let mut same = body;
        same["external_id"] = json!("a");
        assert_eq!(server.put(path, same).await.status, 201, "{path}");
    }
    server.stop().await;
}

async fn restored(url: String) {
    let server = Server::start(&url).await;
    for (path, body) in
        [("/v1/hosts/ext:ivo", host(json!({}))), ("/v1/services/ext:piano", service(json!({})))]
    {
        let made = server.put(path, body.clone()).await.ok();
        assert_eq!(server.delete(path).await.status, 204);
        assert_eq!(server.get(path).await.problem(404), "not_found");
        let list = path.rsplit_once('/').unwrap().0;
        let mut again = body.clone();
        again["external_id"] = made["external_id"].clone();
        assert_eq!(server.post(list, again).await.problem(409), "external_id_taken");
        let mut renamed = body.clone();
        renamed["name"] = json!("Back");
        let back = server.put(path, renamed).await;
        assert_eq!(back.status, 201, "{}", back.text);
        assert_eq!((&back.body["id"], &back.body["name"]), (&made["id"], &json!("Back")));
        assert!(back.body["version"].as_i64() > made["version"].as_i64());
        assert_eq!(server.get(path).await.ok(), back.body);
    }
    let both = json!({"host": "ext:ivo", "service": "ext:piano"});
    let made = server.book(both).await;
    assert_eq!(server.get(&path_of(&made)).await.ok()["title"], "Back with Back");
    server.stop().await;
}

async fn named_otherwise(url: String) {
    let server = Server::start(&url).await;
    let zoom = json!({
        "provider": "zoom", "kind": "server_to_server", "account_id": "acc-1",
        "client_id": "client-1", "client_secret": "secret-1", "host": "ext:rui",
    });
    let made = server.post("/v1/connections", zoom).await.ok();
    let path = format!("/v1/connections/{}", made["id"].as_str().unwrap());
    for same in [json!("ext:rui"), made["host"].clone()] {
        let said = server.patch(&path, json!({"host": same})).await.ok();
        assert_eq!((&said["host"], &said["version"]), (&made["host"], &json!(1)));
    }
    for other in ["ext:eva", "ext:nobody"] {
        let said = server.patch(&path, json!({"host": other})).await;
        assert_eq!(said.pointers(), ["/host"], "{other}");
    }
    server.stop().await;
}
