//! Whether the process lives, and whether it can serve.

use std::time::Duration;

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::{StatusCode, header};
use roomkey_store::work;

use crate::app::App;
use crate::error::{Code, Problem};

/// How long the database may take.
const PATIENCE: Duration = Duration::from_secs(2);

fn yes() -> Response {
    (StatusCode::OK, [(header::CACHE_CONTROL, "no-store")], "ok\n").into_response()
}

/// The process answers.
pub(crate) async fn live() -> Response {
    yes()
}

/// The database answers.
pub(crate) async fn ready(State(app): State<App>) -> Result<Response, Problem> {
    let asked = app.store().read(|tx| Box::pin(work::next_due(tx)));
    match tokio::time::timeout(PATIENCE, asked).await {
        Ok(Ok(_)) => Ok(yes()),
        Ok(Err(error)) => {
            tracing::warn!(error.message = %error, "the database does not answer");
            Err(Problem::new(Code::Unavailable).retry_after(5))
        }
        Err(_) => {
            tracing::warn!("the database does not answer in time");
            Err(Problem::new(Code::Unavailable).retry_after(5))
        }
    }
}
