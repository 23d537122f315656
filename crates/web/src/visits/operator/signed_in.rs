//! Whether whoever watches a page is still signed in.

use axum_extra::extract::cookie::CookieJar;
use roomkey_store::session::Who;

use super::super::session::{self, Operator};
use crate::app::App;

/// Whoever has signed out meanwhile is shown nothing more.
pub(super) async fn is_signed_in(app: &App, jar: &CookieJar, operator: &Operator) -> bool {
    let known = session::of(app, jar).await;
    known.is_ok_and(|it| {
        it.is_some_and(|it| it.tenant == operator.tenant && it.who == Who::Operator)
    })
}
