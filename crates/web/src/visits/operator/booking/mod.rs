//! One booking: its page, its live part, and what can be asked of it.

mod attempts;
mod facts;
mod happenings;
mod live;
mod orders;
mod recordings;
mod rooms;
mod story;
mod view;

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use axum::routing::{get, post};
use roomkey_core::id::BookingId;

use super::super::page;
use super::super::session::Operator;
use super::done::After;
use crate::app::App;

pub(super) fn routes() -> Router<App> {
    let at = |path: &str| format!("/operator/bookings/{{id}}{path}");
    Router::new()
        .route(&at(""), get(show))
        .route(&at("/live"), get(live::live))
        .route(&at("/recordings/{recording}/transcript"), get(recordings::transcript))
        .route(&at("/confirm"), post(orders::confirm))
        .route(&at("/decline"), post(orders::decline))
        .route(&at("/cancel"), post(orders::cancel))
        .route(&at("/reopen"), post(orders::reopen))
        .route(&at("/complete"), post(orders::complete))
        .route(&at("/no-show"), post(orders::no_show))
        .route(&at("/reschedule"), post(orders::reschedule))
        .route(&at("/reassign"), post(orders::reassign))
        .route(&at("/people/{person}/replace-link"), post(orders::replace_link))
        .route(&at("/meeting/regenerate"), post(orders::regenerate))
        .route(&at("/meeting/retry"), post(orders::retry))
        .route(&at("/meeting/link"), post(orders::type_link))
        .route(&at("/meeting/link/remove"), post(orders::untype_link))
}

/// Where a booking's page is.
fn path(id: BookingId) -> String {
    format!("/operator/bookings/{id}")
}

async fn show(
    State(app): State<App>,
    operator: Operator,
    Path(id): Path<String>,
    Query(after): Query<After>,
) -> Response {
    let Ok(id) = id.parse::<BookingId>() else { return page::not_found() };
    match facts::facts(&app, &operator, id).await {
        Ok(Some(facts)) => {
            let mut shown = view::page(&app, facts);
            shown.shell.notice = after.notice();
            page::shown(&shown)
        }
        Ok(None) => page::not_found(),
        Err(error) => page::fault(&error),
    }
}
