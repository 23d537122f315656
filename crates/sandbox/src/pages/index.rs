//! The front page, with the switchboard for faults, and the list of calls.

use askama::Template;

use super::controls::{CONTROLS, Control};
use super::render;
use crate::clock::for_people;
use crate::faults::{KINDS, Order, name};
use crate::message::{Answer, Asked};
use crate::world::World;
use serde_json::{Value, json};

/// How many calls the page shows.
const CALLS_SHOWN: usize = 200;

struct FaultRow {
    words: String,
    struck: u64,
}

#[derive(Template)]
#[template(path = "index.html")]
struct IndexPage {
    now: String,
    is_ahead: bool,
    meetings: usize,
    mails: usize,
    calls: usize,
    faults: Vec<FaultRow>,
    kinds: Vec<&'static str>,
    problem: String,
    controls: [Control; CONTROLS.len()],
    zoom_root: String,
    zoom_token_url: String,
}

struct CallRow {
    at: String,
    line: String,
    outcome: String,
    fault: &'static str,
}

#[derive(Template)]
#[template(path = "calls.html")]
struct CallsPage {
    total: usize,
    calls: Vec<CallRow>,
}

pub(super) fn index(world: &World) -> Answer {
    page(world, String::new())
}

fn page(world: &World, problem: String) -> Answer {
    let now = world.clock.now();
    let status = if problem.is_empty() { 200 } else { 400 };
    render(
        status,
        &IndexPage {
            now: for_people(now),
            is_ahead: !world.clock.ahead().is_zero(),
            meetings: world.zoom.meetings.values().filter(|meeting| meeting.exists(now)).count(),
            mails: world.mailbox.len(),
            calls: world.calls.len(),
            faults: world
                .faults
                .all()
                .iter()
                .map(|fault| FaultRow { words: fault.in_words(), struck: fault.struck() })
                .collect(),
            kinds: KINDS.into_iter().map(name).collect(),
            problem,
            controls: CONTROLS,
            zoom_root: world.link("/zoom/v2"),
            zoom_token_url: world.link("/zoom/oauth/token"),
        },
    )
}

/// The form on the front page: the same order as programs post, field by field.
pub(super) fn switch_on(world: &mut World, asked: &Asked) -> Answer {
    let mut order = json!({});
    for field in ["match", "fault", "delay", "form"] {
        if let Some(value) = asked.field(field) {
            order[field] = json!(value);
        }
    }
    for field in ["times", "ratio"] {
        if let Some(value) = asked.field(field) {
            order[field] = serde_json::from_str::<Value>(&value).unwrap_or(json!(value));
        }
    }
    let outcome = serde_json::from_value::<Order>(order)
        .map_err(|error| error.to_string())
        .and_then(|order| world.faults.switch_on(order).map(|_| ()));
    match outcome {
        Ok(()) => Answer::see_other("/"),
        Err(problem) => page(world, problem),
    }
}

pub(super) fn calls(world: &World) -> Answer {
    let all = world.calls.since(0);
    let calls = all
        .iter()
        .rev()
        .take(CALLS_SHOWN)
        .map(|call| CallRow {
            at: call.at().strftime("%H:%M:%S%.3f").to_string(),
            line: call.line(),
            outcome: call.outcome(),
            fault: call.fault().unwrap_or_default(),
        })
        .collect();
    render(200, &CallsPage { total: all.len(), calls })
}
