//! What Zoom says when it says no, and the headers that come with everything it says.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::accounts::Plan;
use super::token;
use crate::clock::{after, seconds};
use crate::faults::{Drawn, Form, Kind};
use crate::message::{Answer, Asked};
use crate::world::World;

/// `{"code", "message"}`.
pub(crate) fn problem(status: u16, code: u32, message: &str) -> Answer {
    Answer::json(status, &json!({"code": code, "message": message}))
}

/// A field of a request that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FieldError {
    pub(crate) field: String,
    pub(crate) message: String,
}

/// 400 with code 300 and what is wrong with which field.
pub(crate) fn validation(errors: &[FieldError]) -> Answer {
    let errors: Vec<_> = errors
        .iter()
        .map(|error| json!({"field": error.field, "message": error.message}))
        .collect();
    Answer::json(400, &json!({"code": 300, "message": "Validation Failed.", "errors": errors}))
}

/// The token endpoint's own shape.
pub(crate) fn oauth_problem(status: u16, error: &str, reason: &str) -> Answer {
    Answer::json(status, &json!({"reason": reason, "error": error}))
}

/// Too many creates and updates for one host today.
pub(crate) fn user_daily_limit() -> Answer {
    problem(
        429,
        429,
        "You have exceeded the daily rate limit (100) of Meeting Create/Update API requests \
         permitted for this particular user. You may resume these requests after GMT 00:00:00.",
    )
}

/// What a fault makes Zoom say.
pub(crate) fn refusal(world: &mut World, asked: &Asked, drawn: &Drawn) -> Answer {
    let answer = match drawn.kind {
        Kind::Throttled => throttled(world, asked, drawn.form),
        Kind::Unauthorized if drawn.form == Some(Form::Expired) => {
            problem(401, 124, "Access token is expired.")
        }
        Kind::Unauthorized => problem(401, 124, "Invalid access token."),
        Kind::InvalidGrant => oauth_problem(400, "invalid_grant", "Invalid Token!"),
        Kind::Outage if drawn.form == Some(Form::Html) => gateway_page(502, "Bad gateway"),
        Kind::Outage => gateway_page(503, "Service temporarily unavailable"),
        Kind::ServerError
        | Kind::Quota
        | Kind::ResetBefore
        | Kind::ResetAfter
        | Kind::FailAfterEffect
        | Kind::LateEffect
        | Kind::ListLag
        | Kind::Hang
        | Kind::Slow => {
            if drawn.form == Some(Form::Html) {
                gateway_page(500, "Internal server error")
            } else {
                problem(500, 500, "Internal server error.")
            }
        }
    };
    with_headers(world, asked, answer)
}

fn gateway_page(status: u16, words: &str) -> Answer {
    Answer::html(
        status,
        format!(
            "<html><head><title>{status} {words}</title></head><body><h1>{status} {words}</h1></body></html>\n"
        ),
    )
}

fn throttled(world: &World, asked: &Asked, form: Option<Form>) -> Answer {
    let (now, limit) = (world.clock.now(), per_second(world, asked));
    match form {
        Some(Form::Daily) => {
            let tomorrow = midnight_after(now);
            problem(
                429,
                429,
                "You have reached the maximum daily rate limit for this API. Refer to the response \
                 header for details on when you can make another request.",
            )
            .with("x-ratelimit-type", "Daily-limit")
            .with("x-ratelimit-limit", "6000")
            .with("x-ratelimit-remaining", "0")
            .with("retry-after", seconds(tomorrow))
        }
        Some(Form::UserDaily) => user_daily_limit(),
        Some(Form::Concurrent) => problem(
            429,
            429,
            "Too many concurrent requests. A request to disassociate this user has already been made.",
        ),
        _ => problem(
            429,
            429,
            "You have reached the maximum per-second rate limit for this API. Try again later.",
        )
        .with("x-ratelimit-type", "QPS")
        .with("x-ratelimit-limit", limit.to_string())
        .with("x-ratelimit-remaining", "0")
        .with("x-ratelimit-reset", (now.as_second() + 1).to_string()),
    }
}

fn midnight_after(now: Timestamp) -> Timestamp {
    let into_the_day = now.as_second().rem_euclid(86_400);
    after(now, SignedDuration::from_secs(86_400 - into_the_day))
}

/// What a call weighs, and so how many of its kind are let through in a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Weight {
    Light,
    Medium,
    Heavy,
}

impl Weight {
    fn of(asked: &Asked) -> Self {
        let path = asked.path.as_str();
        if path.starts_with("/zoom/v2/report/") {
            return Self::Heavy;
        }
        let is_medium = ["/meetings", "/users", "/instances", "/participants"]
            .into_iter()
            .any(|end| path.ends_with(end));
        if is_medium { Self::Medium } else { Self::Light }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Light => "Light",
            Self::Medium => "Medium",
            Self::Heavy => "Heavy",
        }
    }

    fn per_second(self, plan: Plan) -> u32 {
        let [light, medium, heavy] = match plan {
            Plan::Free => [4, 2, 1],
            Plan::Pro => [30, 20, 10],
            Plan::Business => [80, 60, 40],
        };
        match self {
            Self::Light => light,
            Self::Medium => medium,
            Self::Heavy => heavy,
        }
    }
}

fn per_second(world: &World, asked: &Asked) -> u32 {
    let plan = token::account(&world.zoom, asked).map(|account| account.plan).unwrap_or_default();
    Weight::of(asked).per_second(plan)
}

/// The trace id, and the rate limit headers unless the answer has its own.
pub(crate) fn with_headers(world: &mut World, asked: &Asked, answer: Answer) -> Answer {
    let trace = format!("v=2.0;clid=us02;rid=WEB_{}", world.chance.word(32).to_lowercase());
    let mut answer = answer.with("x-zm-trackingid", trace);
    if !asked.path.starts_with("/zoom/v2/") {
        return answer;
    }
    answer = answer.with("x-ratelimit-category", Weight::of(asked).word());
    let has_limit = answer.headers.iter().any(|(name, _)| *name == "x-ratelimit-limit");
    if has_limit {
        return answer;
    }
    let (limit, kind) =
        if answer.status == 429 { (6000, None) } else { (per_second(world, asked), Some("QPS")) };
    if let Some(kind) = kind {
        answer = answer.with("x-ratelimit-type", kind);
    }
    answer
        .with("x-ratelimit-limit", limit.to_string())
        .with("x-ratelimit-remaining", (limit - 1).to_string())
}
