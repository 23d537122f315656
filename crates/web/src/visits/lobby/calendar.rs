//! The calendar file behind a link.

use axum::extract::{Path, State};
use axum::response::Response;
use axum_extra::extract::cookie::CookieJar;
use roomkey_store::StoreError;

use super::super::page;
use super::visit::visit;
use crate::app::App;
use crate::calendar_file;

/// The file, for whoever has the link.
pub(super) async fn file(
    State(app): State<App>,
    Path(token): Path<String>,
    jar: CookieJar,
) -> Response {
    let visit = match visit(&app, &token, &jar).await {
        Ok(visit) => visit,
        Err(turned) => return turned.page(),
    };
    let record = visit.record.clone();
    let around: Result<_, StoreError> = app
        .store()
        .read(move |tx| Box::pin(async move { calendar_file::around(tx, record).await }))
        .await;
    let around = match around {
        Ok(around) => around,
        Err(error) => return page::fault(&error),
    };
    let Ok(link) = app.url(&format!("j/{}", visit.token.expose())).parse() else {
        return page::not_found();
    };
    let file = calendar_file::file(&app, &around, &visit.person, &link);
    page::guarded(calendar_file::answer(file))
}
