//! Operator visits: what is booked, what needs a person, and what to click.
//!
//! Each page is loaded in one reading, and each form is one command. After a form that went well
//! the browser is sent to the page to see, with a code for the notice ([`done`]); after one that
//! did not, the same page is shown again with everything that was typed and what is wrong with it.
//!
//! Read first: [`sent`] (how a form comes in), [`frame`] (what surrounds every page), then
//! [`new_booking`] as the plainest form. To add a page, add a file with its `routes`.

mod answer;
mod booking;
mod bookings;
mod causes;
mod check;
mod choices;
mod connections;
mod done;
mod errors;
mod frame;
mod health;
mod hosts;
mod link;
mod new_booking;
mod rows;
mod sent;
mod services;
mod signed_in;
mod status;
mod today;

use axum::Router;
use axum::routing::get;

use crate::app::App;

/// Every route below `/operator`.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/operator", get(today::show))
        .route("/operator/live", get(today::live))
        .route("/operator/bookings", get(bookings::show).post(new_booking::book))
        .route("/operator/bookings/new", get(new_booking::show))
        .route("/operator/status", get(status::show))
        .merge(booking::routes())
        .merge(connections::routes())
        .merge(hosts::routes())
        .merge(services::routes())
}
