//! A form as it comes in: by an operator, from a page of ours.

use axum::extract::{FromRequest, FromRequestParts as _, Request};
use axum::response::Response;
use axum_extra::extract::Form;
use http::StatusCode;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::super::page;
use super::super::session::{Operator, check_csrf};
use crate::app::App;
use crate::pages::error::ErrorPage;

/// A form that an operator has sent. There is none without the form token of their session.
pub(super) struct Sent<V> {
    /// Who.
    pub(super) operator: Operator,
    /// What was typed.
    pub(super) values: V,
}

/// A form that is only a button.
#[derive(Deserialize)]
pub(super) struct Button {}

#[derive(Deserialize)]
struct Body<V> {
    #[serde(default)]
    csrf: String,
    #[serde(flatten)]
    values: V,
}

impl<V: DeserializeOwned> FromRequest<App> for Sent<V> {
    type Rejection = Response;

    async fn from_request(request: Request, app: &App) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let operator = Operator::from_request_parts(&mut parts, app).await?;
        let request = Request::from_parts(parts, body);
        let Ok(Form(Body { csrf, values })) = Form::<Body<V>>::from_request(request, app).await
        else {
            return Err(unreadable());
        };
        if let Some(refused) = check_csrf(&operator, &csrf) {
            return Err(refused);
        }
        Ok(Self { operator, values })
    }
}

fn unreadable() -> Response {
    let words = "What was sent is no form of this page. Go back, load the page again, and send it once more.";
    let page = ErrorPage::problem(400, "This form cannot be read.", words);
    page::with_status(StatusCode::BAD_REQUEST, &page)
}
