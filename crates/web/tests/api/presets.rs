//! Settings to begin with.

use reqwest::Method;
use roomkey_store::both_databases;
use serde_json::json;

use crate::server::Server;

both_databases! {
    presets_are_listed_and_can_be_sent_as_they_are = presets;
}

async fn presets(url: String) {
    let server = Server::start(&url).await;
    let listed = server.get("/v1/settings-presets").await.ok();
    assert_eq!(listed["next_cursor"], json!(null));
    let presets = listed["data"].as_array().unwrap();
    let ids: Vec<_> = presets.iter().map(|it| it["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["therapy", "minors", "coaching"]);
    let expected = [
        json!({
            "waiting_room": true, "passcode": true, "join_before_host": false, "recording": "none",
        }),
        json!({
            "waiting_room": true, "passcode": true, "join_before_host": false, "recording": "none",
            "mute_on_entry": true, "guest_video": false,
        }),
        json!({"waiting_room": false, "passcode": true, "join_before_host": true}),
    ];
    for (preset, settings) in presets.iter().zip(expected) {
        assert_eq!(preset["settings"], settings);
        assert!(preset["description"].as_str().unwrap().ends_with('.'));
        let sent = json!({ "settings": preset["settings"] });
        let service = server.patch("/v1/services/ext:algebra", sent).await.ok();
        assert_eq!(service["settings"], settings);
    }
    // A booking may have one of its own.
    let booking = server.book(json!({ "settings": presets[0]["settings"] })).await;
    assert_eq!(booking["settings"], presets[0]["settings"]);

    let key = server.key_for(&["bookings:read"]).await;
    let refused = server.ask(Method::GET, "/v1/settings-presets").key(&key).send().await;
    assert_eq!(refused.problem(403), "missing_scope");
    server.stop().await;
}
