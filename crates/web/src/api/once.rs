//! Idempotency keys: the key's fate and the change are committed together, so that a repeat finds
//! either both or neither.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use futures::future::BoxFuture;
use http::request::Parts;
use http::{HeaderMap, StatusCode};
use roomkey_store::idempotency::{self, Begun};
use roomkey_store::{Priority, StoreError, Tx};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::answer::About;
use super::caller::Caller;
use crate::app::App;
use crate::error::{Code, Problem};

/// The idempotency key of a request, with its method and path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Key(Option<String>);

impl<S: Send + Sync> FromRequestParts<S> for Key {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let key = read(&parts.headers)?;
        let path = parts.uri.path_and_query().map_or("/", |it| it.as_str());
        Ok(Self(key.map(|key| format!("{} {path} {key}", parts.method))))
    }
}

fn read(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(key) = headers.get("idempotency-key") else { return Ok(None) };
    let key = key.to_str().ok().filter(|key| (1..=255).contains(&key.len()));
    key.map(|key| Some(key.to_owned())).ok_or_else(|| {
        let words = "An Idempotency-Key has 1 to 255 printable ASCII characters.";
        Problem::with(Code::InvalidHeader, words)
    })
}

/// What a request comes to: done now, or done before.
pub(crate) enum Outcome {
    Done(StatusCode, About),
    /// The problem that the first request met.
    Refused(StatusCode, Value),
}

enum Turn {
    New(StatusCode, About),
    Before(u16, String),
}

/// Does a request, or finds what came of it the first time. `wanted` is what the body asks for, or
/// why it cannot be understood.
pub(crate) async fn once<W, F>(
    app: &App,
    caller: &Caller,
    key: Key,
    body_hash: [u8; 32],
    wanted: Result<W, Problem>,
    act: F,
) -> Result<Outcome, Problem>
where
    W: Send + Sync + 'static,
    F: for<'t> Fn(&'t mut Tx<'_>, Arc<W>) -> BoxFuture<'t, Result<(StatusCode, About), Problem>>
        + Send
        + Sync
        + 'static,
{
    let act = Arc::new(act);
    let Key(Some(request)) = key else {
        let wanted = Arc::new(wanted?);
        let (status, about) = app.desk.change(move |tx| act(tx, Arc::clone(&wanted))).await?;
        return Ok(Outcome::Done(status, about));
    };
    // Who may see the tenant's answers is who has the same key; a hash keeps the row small.
    let (tenant, api_key) = (caller.tenant(), caller.key.id);
    let (wanted, refusal) = match wanted {
        Ok(wanted) => (Some(Arc::new(wanted)), None),
        Err(problem) => (None, Some(problem)),
    };
    let (store, given) = (app.desk.store.clone(), request.clone());
    let turn = app
        .desk
        .change(move |tx| {
            let (act, wanted) = (Arc::clone(&act), wanted.clone());
            let (request, now) = (given.clone(), store.now());
            Box::pin(async move {
                let begun =
                    idempotency::begin(tx, tenant, api_key, &request, &body_hash, now).await?;
                match begun {
                    Begun::New => {}
                    Begun::InProgress => {
                        return Err(Problem::new(Code::InProgress).retry_after(1));
                    }
                    Begun::Conflict => return Err(Problem::new(Code::IdempotencyConflict)),
                    Begun::Answered { status, answer } => return Ok(Turn::Before(status, answer)),
                }
                let Some(wanted) = wanted else { return Ok(Turn::Before(0, String::new())) };
                let (status, about) = act(tx, wanted).await?;
                let kept = about.kept().to_string();
                let code = status.as_u16();
                idempotency::finish(tx, tenant, api_key, &request, code, &kept).await?;
                Ok(Turn::New(status, about))
            })
        })
        .await;
    match turn {
        Ok(Turn::New(status, about)) => Ok(Outcome::Done(status, about)),
        Ok(Turn::Before(0, _)) => {
            let problem = refusal.unwrap_or_else(|| Problem::new(Code::Internal));
            keep_refusal(app, caller, &request, body_hash, &problem).await?;
            Err(problem)
        }
        Ok(Turn::Before(status, answer)) => before(status, &answer),
        Err(problem) => {
            // Nor is a condition kept that was not met: it may be met the next time.
            let passing = matches!(
                problem.code(),
                Code::InProgress
                    | Code::IdempotencyConflict
                    | Code::VersionMismatch
                    | Code::AlreadyExists
                    | Code::IfMatchRequired
            );
            let keeps = problem.code().status().is_client_error() && !passing;
            if keeps {
                keep_refusal(app, caller, &request, body_hash, &problem).await?;
            }
            Err(problem)
        }
    }
}

fn before(status: u16, answer: &str) -> Result<Outcome, Problem> {
    let status = StatusCode::from_u16(status).map_err(Problem::fault)?;
    let answer: Value = serde_json::from_str(answer).map_err(Problem::fault)?;
    if status.is_success() {
        let about = About::read(&answer).ok_or_else(|| Problem::new(Code::Internal))?;
        Ok(Outcome::Done(status, about))
    } else {
        Ok(Outcome::Refused(status, answer))
    }
}

/// A refusal changes nothing; it is kept in a transaction of its own.
async fn keep_refusal(
    app: &App,
    caller: &Caller,
    request: &str,
    body_hash: [u8; 32],
    problem: &Problem,
) -> Result<(), Problem> {
    let (tenant, api_key) = (caller.tenant(), caller.key.id);
    let (request, status) = (request.to_owned(), problem.code().status().as_u16());
    let (answer, now) = (problem.body().to_string(), app.now());
    app.store()
        .write(Priority::Interactive, move |tx| {
            let (request, answer) = (request.clone(), answer.clone());
            Box::pin(async move {
                idempotency::begin(tx, tenant, api_key, &request, &body_hash, now).await?;
                idempotency::finish(tx, tenant, api_key, &request, status, &answer).await?;
                Ok::<_, StoreError>(())
            })
        })
        .await
        .map_err(Problem::from)
}

/// The hash of no body.
pub(crate) fn no_body() -> [u8; 32] {
    Sha256::digest([]).into()
}

impl Key {
    /// No key: the method is repeatable by itself.
    pub(crate) fn none() -> Self {
        Self(None)
    }
}
