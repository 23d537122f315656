//! Where the room is made if not where it was to be made: by the route's own rules, told, and never
//! otherwise. And whose credentials remove what was made.

use std::collections::BTreeSet;
use std::time::Duration;

use roomkey_core::booking::{Awaiting, Booking, Status};
use roomkey_core::id::BookingId;
use roomkey_core::meeting;
use roomkey_core::route::{Provider, RouteOption, Use};
use roomkey_store::both_databases;
use serde_json::{Value, json};

use crate::world::World;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
const CREATE: &str = "POST /zoom/v2/users/*/meetings";
const LINK: &str = "https://rooms.example/algebra";

both_databases! {
    the_next_is_taken_at_once_where_nothing_is_connected = not_connected;
    the_next_is_taken_at_once_where_a_person_is_needed = reconnect_needed;
    the_next_is_taken_after_so_many_failures = after_failures;
    the_next_is_taken_so_long_before_the_start = before_start;
    what_was_made_with_one_account_is_removed_with_it = own_credentials;
    what_an_account_left_behind_waits_until_it_is_back = account_gone;
    a_session_that_waits_for_somebody_has_its_room_and_its_mails_when_it_is_certain = certain;
    so_many_sessions_have_so_many_rooms = many;
    a_practice_that_has_connected_nothing_is_told_what_to_connect = nothing_connected;
}

/// Zoom, with a rule for going on or none, then a fixed link.
fn route(rule: impl FnOnce(&mut RouteOption)) -> Vec<RouteOption> {
    let mut zoom = RouteOption::host(Provider::Zoom);
    rule(&mut zoom);
    vec![zoom, RouteOption::link(LINK.to_owned(), None)]
}

/// A booking that takes this route from the beginning.
async fn book(world: &World, ahead: Duration, route: Vec<RouteOption>) -> BookingId {
    let id = world.book(&world.first, ahead).await;
    world.change(id, move |booking, _| booking.route = route.clone()).await;
    id
}

/// Which provider's room it is now, if there is one.
async fn provider(world: &World, id: BookingId) -> Option<Provider> {
    let current = world.record(id).await.booking.current?;
    let rooms = world.rooms(id).await;
    rooms.iter().find(|it| it.room.id == current).map(|it| it.room.place.provider)
}

/// Both have been written to once, with Roomkey's own link and not the room's.
async fn assert_told(world: &World) {
    let mails = world.get("_sandbox/mail").await;
    let mails = mails.as_array().expect("a list");
    assert_eq!(mails.len(), 2, "{mails:#?}");
    for mail in mails {
        let text = mail.to_string();
        assert!(text.contains("https://rooms.practice.example/j/"), "{text}");
        assert!(!text.contains(LINK), "the room may change, the link does not: {text}");
    }
}

/// There is no room, people know why, and nobody was sent elsewhere.
async fn assert_none(world: &World, id: BookingId, code: &str) {
    let record = world.record(id).await;
    assert_eq!(record.booking.current, None);
    let reason = record.meeting_reason.expect("why");
    assert_eq!(reason.code, code);
    let rooms = world.rooms(id).await;
    assert!(rooms.iter().all(|it| it.room.place.provider == Provider::Zoom), "{rooms:#?}");
}

async fn not_connected(url: String) {
    let world = World::new(url).await;
    world.disconnect(world.connection).await;
    let silent = book(&world, HOUR * 3, route(|_| {})).await;
    world.settle(MINUTE * 2).await;
    assert_none(&world, silent, "not_connected").await;
    assert_told(&world).await;
    world.post("_sandbox/reset", &json!({})).await;
    let goes_on = book(&world, HOUR * 3, route(|zoom| zoom.on_not_connected = true)).await;
    world.settle(Duration::ZERO).await;
    assert_eq!(provider(&world, goes_on).await, Some(Provider::Link));
    assert_told(&world).await;
}

async fn reconnect_needed(url: String) {
    let world = World::new(url).await;
    let dead = json!({ "match": "POST /zoom/oauth/token", "fault": "invalid_grant", "ratio": 1.0 });
    world.fault(dead).await;
    let silent = book(&world, HOUR * 3, route(|_| {})).await;
    world.settle(HOUR).await;
    assert_none(&world, silent, "zoom_grant_refused").await;
    assert_told(&world).await;
    let goes_on = book(&world, HOUR * 3, route(|zoom| zoom.on_reconnect_needed = true)).await;
    world.settle(Duration::ZERO).await;
    assert_eq!(provider(&world, goes_on).await, Some(Provider::Link));
    assert_eq!(world.record(goes_on).await.meeting, meeting::Status::Active);
}

async fn after_failures(url: String) {
    let world = World::new(url).await;
    world.fault(json!({ "match": CREATE, "fault": "500", "ratio": 1.0 })).await;
    let silent = book(&world, HOUR * 4, route(|_| {})).await;
    let goes_on = book(&world, HOUR * 4, route(|zoom| zoom.after_failures = Some(2))).await;
    world.settle(HOUR).await;
    assert_eq!(provider(&world, silent).await, None, "nobody said that it may go elsewhere");
    assert_eq!(provider(&world, goes_on).await, Some(Provider::Link));
    world.forget_faults().await;
    world.settle(HOUR).await;
    assert_eq!(provider(&world, silent).await, Some(Provider::Zoom), "and it gets its room");
    assert_eq!(provider(&world, goes_on).await, Some(Provider::Link), "what works is not given up");
}

async fn before_start(url: String) {
    let world = World::new(url).await;
    world.fault(json!({ "match": CREATE, "fault": "500", "ratio": 1.0 })).await;
    let silent = book(&world, HOUR * 3, route(|_| {})).await;
    let goes_on = book(&world, HOUR * 3, route(|zoom| zoom.before_start = Some(HOUR))).await;
    world.settle(HOUR * 2 - MINUTE).await;
    assert_eq!(provider(&world, goes_on).await, None, "there is time");
    world.settle(MINUTE * 2).await;
    assert_eq!(provider(&world, goes_on).await, Some(Provider::Link));
    assert_eq!(provider(&world, silent).await, None);
    let record = world.record(silent).await;
    assert_eq!(record.meeting, meeting::Status::Failed, "and who can help knows");
}

/// How many meetings there are in an account.
async fn in_account(world: &World, account: &str) -> usize {
    let state = world.get("_sandbox/state").await;
    let accounts = state["zoom"]["accounts"].as_array().expect("accounts");
    let found = accounts.iter().find(|it| it["account"] == account);
    found.map_or(0, |it| it["meetings"].as_array().expect("meetings").len())
}

async fn second_account(world: &World) -> roomkey_core::id::ConnectionId {
    let order = json!({
        "vendor": "zoom", "account": "acc-2", "client_id": "client-2", "client_secret": "secret-2",
        "users": [{"email": world.first.email}],
    });
    world.post("_sandbox/accounts", &order).await;
    world.connect("acc-2", "client-2", "secret-2").await
}

async fn own_credentials(url: String) {
    let world = World::new(url).await;
    let other = second_account(&world).await;
    let of = |connection| RouteOption {
        uses: Use::Connection(connection),
        ..RouteOption::host(Provider::Zoom)
    };
    let id = book(&world, HOUR * 26, vec![of(world.connection)]).await;
    world.settle(Duration::ZERO).await;
    assert_eq!((in_account(&world, "acc-1").await, in_account(&world, "acc-2").await), (1, 0));
    world
        .change(id, move |booking, _| {
            booking.route = vec![of(other)];
            booking.generation += 1;
        })
        .await;
    world.settle(MINUTE).await;
    assert_eq!(
        (in_account(&world, "acc-1").await, in_account(&world, "acc-2").await),
        (0, 1),
        "each is removed by the account that made it"
    );
    world.change(id, |booking, _| booking.status = Status::Cancelled).await;
    world.settle(MINUTE).await;
    assert_eq!(in_account(&world, "acc-2").await, 0);
}

async fn account_gone(url: String) {
    let world = World::new(url).await;
    let other = second_account(&world).await;
    let id = world.book(&world.first, HOUR * 26).await;
    world.settle(Duration::ZERO).await;
    world.disconnect(world.connection).await;
    world.change(id, |booking, _| booking.status = Status::Cancelled).await;
    world.settle(HOUR).await;
    let rooms = world.rooms(id).await;
    assert_eq!(rooms[0].room.state.as_str(), "stuck", "the other account is not asked: {other}");
    assert_eq!(in_account(&world, "acc-1").await, 1);
    let record = world.record(id).await;
    assert_eq!(record.meeting, meeting::Status::Cancelling, "and it is not called cancelled");
    assert_eq!(record.meeting_reason.map(|it| it.code), Some("account_missing".to_owned()));
    world.connect("acc-1", "client-1", "secret-1").await;
    world.change(id, |booking: &mut Booking, _| booking.title.push('.')).await;
    world.settle(MINUTE).await;
    assert_eq!(in_account(&world, "acc-1").await, 0);
    assert_eq!(world.record(id).await.meeting, meeting::Status::Cancelled);
}

async fn certain(url: String) {
    let world = World::new(url).await;
    for awaiting in [Awaiting::Approval, Awaiting::Payment] {
        world.post("_sandbox/reset", &json!({})).await;
        let id = world.book(&world.first, HOUR * 48).await;
        world
            .change(id, move |booking, _| {
                booking.status = Status::Pending(awaiting);
                booking.confirmed_at = None;
            })
            .await;
        world.settle(HOUR).await;
        assert_eq!(world.record(id).await.meeting, meeting::Status::Pending);
        world.assert_no_room().await;
        assert_eq!(
            world.get("_sandbox/mail").await,
            json!([]),
            "nobody is told of what is not yet"
        );
        let now = world.store.now();
        world
            .change(id, move |booking, _| {
                booking.status = Status::Confirmed;
                booking.confirmed_at = Some(now);
            })
            .await;
        world.settle(Duration::ZERO).await;
        world.assert_one_room(id, &world.first).await;
        assert_told(&world).await;
    }
}

async fn many(url: String) {
    let world = World::new(url).await;
    let other = world.another_engine().await;
    let mut ids = Vec::new();
    for _ in 0..12 {
        ids.push(world.book(&world.first, HOUR * 26).await);
    }
    let (one, two) = tokio::join!(world.engine.run_until_idle(), other.run_until_idle());
    one.expect("it works");
    two.expect("it works");
    world.settle(MINUTE).await;
    let mut rooms = BTreeSet::new();
    for id in ids {
        let current = world.record(id).await.booking.current.expect("a room");
        let all = world.rooms(id).await;
        rooms.insert(
            all.iter().find(|it| it.room.id == current).and_then(|it| it.room.vendor_id.clone()),
        );
    }
    let there: BTreeSet<_> =
        world.at_zoom().await.iter().map(|it| Some(it["id"].to_string())).collect();
    assert_eq!(rooms.len(), 12, "no two share one");
    assert_eq!(rooms, there);
}

async fn nothing_connected(url: String) {
    let world = World::new(url).await;
    world.disconnect(world.connection).await;
    for (route, code) in
        [(vec![], "no_route"), (vec![RouteOption::host(Provider::Zoom)], "not_connected")]
    {
        let id = book(&world, HOUR * 26, route).await;
        world.settle(MINUTE * 2).await;
        let record = world.record(id).await;
        assert_eq!(record.meeting, meeting::Status::Pending, "the booking stands");
        assert!(record.is_settled(), "and waits for a person");
        let reason = record.meeting_reason.expect("why");
        assert_eq!(reason.code, code);
        assert_eq!(reason.action_url.as_deref(), Some("/operator/connections"), "{reason:?}");
    }
    let calls = world.get("_sandbox/calls").await;
    let at_zoom = |call: &&Value| call["path"].as_str().unwrap_or_default().starts_with("/zoom");
    assert_eq!(calls.as_array().expect("a list").iter().filter(at_zoom).count(), 0);
}
