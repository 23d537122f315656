//! What vendors tell us. An event is believed by its signature, kept, and answered; what it causes
//! is the engine's.
//!
//! A vendor that is not answered in three seconds sends again, and gives up in the end; so nothing
//! is done here that is not needed for keeping the event.

mod ways;
mod zoom;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::post;

use crate::app::App;

pub(crate) use ways::Ways;

/// The largest event. Zoom's are a few kilobytes; one about many recordings, some tens.
const LARGEST: usize = 256 * 1024;

/// The addresses that vendors know.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/hooks/zoom/{address}", post(zoom::told))
        .layer(DefaultBodyLimit::max(LARGEST))
}
