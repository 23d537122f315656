//! Visits: what people's browsers ask for, answered with pages.
//!
//! A visit loads what it shows, gives commands through the [`desk`](crate::desk), and renders a page from
//! [`pages`](crate::pages); it decides nothing itself.

mod lobby;
mod operator;
pub(crate) mod page;
mod session;
mod sign_in;

use axum::Router;
use axum::routing::get;

use crate::app::App;
use crate::pages::{assets, design::DesignPage, home::HomePage};

/// Every route that people visit.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/", get(|| async { page::shown(&HomePage) }))
        .route("/design", get(|| async { page::shown(&DesignPage::new()) }))
        .route(assets::ROUTE, get(assets::serve))
        .merge(sign_in::routes())
        .merge(lobby::routes())
        .merge(operator::routes())
}
