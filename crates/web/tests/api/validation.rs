//! Everything that is wrong is said at once.

use roomkey_store::both_databases;
use serde_json::json;

use crate::server::{Server, booking, path_of};

both_databases! {
    everything_wrong_is_said_at_once = at_once;
    what_a_booking_may_not_be = refused;
    a_fault_inside_a_member_is_named_where_it_is = inside;
}

async fn at_once(url: String) {
    let server = Server::start(&url).await;
    let wrong = json!({
        "service": "svc_nonsense", "host": 7, "start": "2027-03-01T15:00:00", "end": "soon",
        "time_zone": "Lisbon", "title": "a\u{7}b", "notes": "n".repeat(5001), "mode": "by_pigeon",
        "colour": "red", "route": [{"use": "link", "provider": "link", "url": "http://meet.example", "x": 1}],
        "settings": {"waiting_room": true, "join_before_host": true, "volume": 11},
        "metadata": {"big": "m".repeat(17 * 1024)},
        "guests": [{"name": "", "email": "a@b@c"}, {"email": "ana@example.org\nbcc: x@example.org", "height": 2}],
        "notify": "everybody",
    });
    let said = server.post("/v1/bookings", wrong).await;
    assert_eq!(said.problem(422), "invalid_request");
    let expected = [
        "/colour",
        "/end",
        "/guests/0/email",
        "/guests/0/name",
        "/guests/1/email",
        "/guests/1/height",
        "/guests/1/name",
        "/host",
        "/metadata",
        "/mode",
        "/notes",
        "/notify",
        "/route/0/url",
        "/route/0/x",
        "/service",
        "/settings/join_before_host",
        "/settings/volume",
        "/start",
        "/time_zone",
        "/title",
    ];
    assert_eq!(said.pointers(), expected);
    let start = said.body["errors"].as_array().unwrap().iter().find(|it| it["pointer"] == "/start");
    assert!(start.unwrap()["message"].as_str().unwrap().contains("offset"));

    let nothing = server.post("/v1/bookings", json!({})).await;
    assert_eq!(nothing.pointers(), ["/guests", "/host", "/service", "/start"]);
    let unknown = server.post("/v1/bookings", booking(json!({"a": 1, "b/c": 2}))).await;
    assert_eq!(unknown.problem(422), "unknown_field");
    assert_eq!(unknown.pointers(), ["/a", "/b~1c"]);
    let host = json!({"name": "\n", "email": "x", "time_zone": "Mars", "accounts": {"fax": "1"}});
    let host = server.post("/v1/hosts", host).await;
    assert_eq!(host.pointers(), ["/accounts/fax", "/email", "/name", "/time_zone"]);
    let service = json!({
        "name": "x", "duration_minutes": 2, "title_template": "{secret}", "reminders": ["soon"],
        "door_opens": "9d",
    });
    let service = server.post("/v1/services", service).await;
    let expected = ["/door_opens", "/duration_minutes", "/reminders/0", "/title_template"];
    assert_eq!(service.pointers(), expected);
    server.stop().await;
}

async fn inside(url: String) {
    let server = Server::start(&url).await;
    let settings = json!({
        "waiting_room": "yes", "passcode": null, "audio": "pigeon", "recording": 7, "e2ee": true,
        "volume": 11, "alternative_hosts": ["rui@practice.example", 5, "nobody"],
        "breakout_rooms": [
            {"name": 5, "participants": ["ana@example.org", 7], "size": 2},
            "room",
            {"participants": "ana@example.org"},
        ],
    });
    let of_settings = [
        "/settings/alternative_hosts/1",
        "/settings/alternative_hosts/2",
        "/settings/audio",
        "/settings/breakout_rooms",
        "/settings/breakout_rooms/0/name",
        "/settings/breakout_rooms/0/participants/1",
        "/settings/breakout_rooms/0/size",
        "/settings/breakout_rooms/1",
        "/settings/breakout_rooms/2/name",
        "/settings/breakout_rooms/2/participants",
        "/settings/recording",
        "/settings/volume",
        "/settings/waiting_room",
    ];
    let route = json!([
        {"use": "link", "provider": "link", "url": "http://meet.example", "passcode": 5},
        {"use": "nobody", "provider": "fax", "after_failures": "three", "before_start": "soon"},
        "zoom",
        {"use": "link", "provider": "link", "url": 7, "on_not_connected": "yes", "colour": "red"},
        {"on_reconnect_needed": 1, "after_failures": -1, "url": null},
    ]);
    let of_route = [
        "/0/passcode",
        "/0/url",
        "/1/after_failures",
        "/1/before_start",
        "/1/provider",
        "/1/use",
        "/2",
        "/3/colour",
        "/3/on_not_connected",
        "/3/url",
        "/4/after_failures",
        "/4/on_reconnect_needed",
        "/4/provider",
        "/4/use",
    ];
    let at = |member: &str| of_route.map(|it| format!("/{member}{it}")).to_vec();
    let both = json!({"route": route, "settings": settings});
    let mut expected = at("route");
    expected.extend(of_settings.map(str::to_owned));
    let said = server.post("/v1/bookings", booking(both.clone())).await;
    assert_eq!(said.problem(422), "invalid_request");
    assert_eq!(said.pointers(), expected);
    assert_eq!(server.patch("/v1/services/ext:algebra", both).await.pointers(), expected);
    let said = server.patch("/v1/hosts/ext:rui", json!({"route": route})).await;
    assert_eq!(said.pointers(), at("route"));
    let said = server.patch("/v1/tenant", json!({"default_route": route})).await;
    assert_eq!(said.pointers(), at("default_route"));
    // One that is no object does not move what is said of the others.
    let guests = json!(["Ana", {"name": "Bea", "email": "bea"}]);
    let said = server.post("/v1/bookings", booking(json!({"guests": guests}))).await;
    assert_eq!(said.pointers(), ["/guests/0", "/guests/1/email"]);
    let said = server.patch("/v1/hosts/ext:rui", json!({"accounts": {"a/b": "x"}})).await;
    assert_eq!(said.pointers(), ["/accounts/a~1b"]);
    server.stop().await;
}

async fn refused(url: String) {
    let server = Server::start(&url).await;
    let ana = json!({"name": "Ana", "email": "ana@example.org"});
    let again = json!({"name": "Ana again", "email": " ANA@example.org "});
    let many: Vec<_> = (0..101).map(|_| json!({"name": "Somebody"})).collect();
    for (members, pointer) in [
        (json!({"end": "2027-03-01T15:00:00Z"}), "/end"),
        (json!({"end": "2027-03-01T15:04:59Z"}), "/end"),
        (json!({"end": "2027-03-02T15:00:01Z"}), "/end"),
        (json!({"guests": []}), "/guests"),
        (json!({"guests": many}), "/guests"),
        (json!({"guests": [ana, again]}), "/guests/1/email"),
        (json!({"host": "ext:nobody"}), "/host"),
        (json!({"status": "in_progress"}), "/status"),
        (
            json!({"route": [{"use": "con_01hq3v8x5cj6tq2x9m4w7r5n1d", "provider": "zoom"}]}),
            "/route/0/use",
        ),
        (json!({"settings": {"e2ee": true, "recording": "cloud"}}), "/settings/recording"),
    ] {
        let said = server.post("/v1/bookings", booking(members.clone())).await;
        assert_eq!(said.problem(422), "invalid_request");
        assert_eq!(said.pointers(), [pointer], "{members}");
    }
    let made = server.book(json!({})).await;
    let said = server.patch(&path_of(&made), json!({"status": "pending"})).await;
    assert_eq!(said.pointers(), ["/status"]);
    let said = server.post(&format!("{}/reschedule", path_of(&made)), json!({})).await;
    assert_eq!(said.pointers(), ["/start"]);
    assert_eq!(server.get(&path_of(&made)).await.ok(), made);
    server.stop().await;
}
