//! What vendors tell us. An event is believed by its signature, kept, and answered. What is told of
//! rooms is seen to by the engine; what is told of payments is a command on a booking, and seen to
//! here.
//!
//! A vendor that is not answered in three seconds sends again, and gives up in the end; so nothing
//! is done here that is not needed for keeping the event.

mod kept;
mod payments;
mod stripe;
mod ways;
mod zoom;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::post;

use crate::app::App;

pub(crate) use payments::{keep_seeing_to, see_to};
pub(crate) use ways::Ways;

/// The largest event. Zoom's are a few kilobytes; one about many recordings, some tens.
const LARGEST: usize = 256 * 1024;

/// The addresses that vendors know.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/hooks/zoom/{address}", post(zoom::told))
        .route("/hooks/stripe/{address}", post(stripe::told))
        .layer(DefaultBodyLimit::max(LARGEST))
}
