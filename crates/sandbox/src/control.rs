//! What tests and curious people talk to: `/_sandbox/…`.

use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::clock::parse_duration;
use crate::faults;
use crate::mailbox;
use crate::message::{Answer, Asked};
use crate::server::Shared;
use crate::stripe;
use crate::world::World;
use crate::zoom;

/// 400, with the reason in words.
pub(crate) fn refused(reason: &str) -> Answer {
    Answer::json(400, &json!({"error": reason}))
}

fn not_found(reason: &str) -> Answer {
    Answer::json(404, &json!({"error": reason}))
}

/// Everything below `/_sandbox` that does not have to wait.
pub(crate) fn answer(shared: &Shared, world: &mut World, asked: &Asked) -> Answer {
    let segments = asked.segments();
    let parts: Vec<&str> = segments.iter().skip(1).map(String::as_str).collect();
    match (asked.method.as_str(), parts.as_slice()) {
        ("GET", ["state"]) => state(world, asked),
        ("GET", ["counts"]) => Answer::json(200, &counts(world)),
        ("GET", ["calls"]) => calls(world, asked),
        ("DELETE", ["calls"]) => {
            world.calls.clear();
            Answer::empty(204)
        }
        ("GET", ["mail"]) => mail(world, asked),
        ("DELETE", ["mail"]) => {
            world.mailbox.clear();
            Answer::empty(204)
        }
        ("GET", ["faults"]) => Answer::json(200, &json!(world.faults.all())),
        ("POST", ["faults"]) => switch_on(world, asked),
        ("DELETE", ["faults"]) => {
            world.faults.clear();
            shared.release();
            Answer::empty(204)
        }
        ("DELETE", ["faults", id]) => {
            let gone = id.parse().is_ok_and(|id| world.faults.switch_off(id));
            if gone {
                shared.release();
                Answer::empty(204)
            } else {
                not_found("there is no such fault")
            }
        }
        ("GET", ["clock"]) => clock(world),
        ("POST", ["clock"]) => advance(shared, world, asked),
        ("POST", ["accounts"]) => account(world, asked),
        ("POST", ["meetings", id]) => meeting(world, id, asked),
        ("GET", ["webhooks"]) => Answer::json(200, &json!(world.zoom.events.sent())),
        ("POST", ["reset"]) => reset(shared, world, asked),
        _ => not_found("the sandbox has no such control"),
    }
}

fn state(world: &mut World, asked: &Asked) -> Answer {
    let with_deleted =
        asked.query("deleted").is_some_and(|value| matches!(value.as_str(), "1" | "true" | "on"));
    let zoom = zoom::control::state(world, with_deleted);
    let counts = counts(world);
    Answer::json(
        200,
        &json!({"now": world.clock.now().to_string(), "zoom": zoom, "counts": counts}),
    )
}

/// How much there is of everything: cheap enough to be asked again and again.
fn counts(world: &World) -> Value {
    json!({
        "zoom": zoom::control::counts(world),
        "mail": world.mailbox.len(),
        "calls": world.calls.len(),
        "postponed": world.later.len(),
        "faults": world.faults.all().len(),
    })
}

fn calls(world: &World, asked: &Asked) -> Answer {
    let since = match asked.query("since").map(|since| since.parse::<usize>()) {
        None => 0,
        Some(Ok(since)) => since,
        Some(Err(_)) => return refused("since: the index of a call"),
    };
    Answer::json(200, &json!(world.calls.since(since)))
}

/// All mail; or what came after one, and no more than so many at a time.
fn mail(world: &World, asked: &Asked) -> Answer {
    let number = |name: &str| asked.query(name).map(|text| text.parse::<u64>()).transpose();
    let (Ok(since), Ok(limit)) = (number("since"), number("limit")) else {
        return refused("since: the id of a mail; limit: how many at a time");
    };
    let limit = limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX);
    let mails = world.mailbox.after(since.unwrap_or(0)).iter().take(limit);
    Answer::json(200, &mailbox::json::all(mails))
}

fn switch_on(world: &mut World, asked: &Asked) -> Answer {
    let order: faults::Order = match serde_json::from_slice(&asked.body) {
        Ok(order) => order,
        Err(error) => return refused(&error.to_string()),
    };
    match world.faults.switch_on(order) {
        Ok(fault) => Answer::json(201, &json!(fault)),
        Err(reason) => refused(&reason),
    }
}

fn clock(world: &World) -> Answer {
    Answer::json(
        200,
        &json!({
            "now": world.clock.now().to_string(),
            "ahead_ms": i64::try_from(world.clock.ahead().as_millis()).unwrap_or(i64::MAX),
        }),
    )
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    advance: String,
}

fn advance(shared: &Shared, world: &mut World, asked: &Asked) -> Answer {
    let by: Option<SignedDuration> = serde_json::from_slice::<Advance>(&asked.body)
        .ok()
        .and_then(|order| parse_duration(&order.advance));
    let Some(by) = by else {
        return refused("advance: a duration such as 5s, 3m or 2h");
    };
    world.clock.advance(by);
    world.settle();
    shared.changed();
    clock(world)
}

/// Which vendor a body is about, as it says.
fn vendor(asked: &Asked) -> Option<String> {
    asked.json().ok().and_then(|body: Value| Some(body.get("vendor")?.as_str()?.to_owned()))
}

/// `POST /_sandbox/webhooks`: Zoom's, if nothing else is said.
pub(crate) async fn send_now(shared: &Shared, asked: &Asked) -> Answer {
    match vendor(asked).as_deref() {
        Some("stripe") => stripe::send_now(shared, asked).await,
        Some(_) | None => zoom::events::send_now(shared, asked).await,
    }
}

fn account(world: &mut World, asked: &Asked) -> Answer {
    match vendor(asked).as_deref() {
        Some("zoom") => match serde_json::from_slice(&asked.body) {
            Ok(order) => Answer::json(200, &zoom::control::account(world, order)),
            Err(error) => refused(&error.to_string()),
        },
        Some("stripe") => match serde_json::from_slice(&asked.body) {
            Ok(order) => Answer::json(200, &stripe::account(world, order)),
            Err(error) => refused(&error.to_string()),
        },
        Some(other) => refused(&format!("vendor: {other:?} is not stood in for")),
        None => refused("vendor: say which one"),
    }
}

fn meeting(world: &mut World, id: &str, asked: &Asked) -> Answer {
    let order = match serde_json::from_slice(&asked.body) {
        Ok(order) => order,
        Err(error) => return refused(&error.to_string()),
    };
    let Ok(id) = id.parse() else {
        return refused("the meeting's number belongs into the path");
    };
    match zoom::control::meeting(world, id, order) {
        Ok(meeting) => Answer::json(200, &meeting),
        Err(reason) => not_found(&reason),
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Reset {
    #[serde(default)]
    seed: Option<u64>,
}

fn reset(shared: &Shared, world: &mut World, asked: &Asked) -> Answer {
    let order: Reset = if asked.body.is_empty() {
        Reset::default()
    } else {
        match serde_json::from_slice(&asked.body) {
            Ok(order) => order,
            Err(error) => return refused(&error.to_string()),
        }
    };
    world.reset(order.seed);
    shared.release();
    Answer::empty(204)
}
