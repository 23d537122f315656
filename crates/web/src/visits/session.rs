//! Who is signed in on a browser.

use axum::extract::FromRequestParts;
use axum::response::Response;
use axum_extra::extract::cookie::{Cookie, CookieJar};
use http::StatusCode;
use http::request::Parts;
use roomkey_core::Zone;
use roomkey_store::session::{self, Session, Who};
use roomkey_store::{StoreError, Tenant};
use roomkey_vault::SessionToken;
use subtle::ConstantTimeEq as _;

use super::page;
use crate::app::App;
use crate::pages::error::ErrorPage;
use crate::pages::sign_in::SignInNeededPage;

/// The cookie's name.
const COOKIE: &str = "roomkey_session";
/// The cookie that says which zone the browser's clock is in; `zone.js` writes it.
const ZONE_COOKIE: &str = "roomkey_zone";

/// The cookie of a session that has begun. It is of no use to scripts or to other sites, and is
/// sent over https only where Roomkey is reached so.
pub(crate) fn cookie(
    app: &App,
    token: &SessionToken,
    lasts: std::time::Duration,
) -> Cookie<'static> {
    let secure = if app.public_url.scheme() == "https" { "; Secure" } else { "" };
    let text = format!(
        "{COOKIE}={}; Path=/; HttpOnly; SameSite=Lax; Max-Age={}{secure}",
        token.expose(),
        lasts.as_secs()
    );
    Cookie::parse(text).unwrap_or_else(|_| no_cookie())
}

/// The cookie that ends one.
pub(crate) fn no_cookie() -> Cookie<'static> {
    Cookie::build((COOKIE, "")).path("/").build()
}

/// The session of a request, if there is one.
pub(crate) async fn of(app: &App, jar: &CookieJar) -> Result<Option<Session>, StoreError> {
    let Some(token) = token(jar) else { return Ok(None) };
    let (digest, now) = (token.digest(), app.now());
    app.store().read(move |tx| Box::pin(async move { session::get(tx, &digest, now).await })).await
}

/// The token that a request brings.
pub(crate) fn token(jar: &CookieJar) -> Option<SessionToken> {
    jar.get(COOKIE)?.value().parse().ok()
}

/// An operator who is signed in.
#[derive(Clone)]
pub(crate) struct Operator {
    /// The proof that they may see the tenant.
    pub(crate) tenant: Tenant,
    /// What their forms carry.
    pub(crate) csrf: String,
    /// The zone that their clock is in, where the browser has said so.
    pub(crate) zone: Option<Zone>,
}

impl FromRequestParts<App> for Operator {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let jar = CookieJar::from_headers(&parts.headers);
        match of(app, &jar).await {
            Ok(Some(Session { tenant, who: Who::Operator, csrf, .. })) => {
                let zone = jar.get(ZONE_COOKIE).and_then(|it| it.value().parse().ok());
                Ok(Self { tenant, csrf, zone })
            }
            Ok(_) => Err(page::with_status(StatusCode::UNAUTHORIZED, &SignInNeededPage)),
            Err(error) => Err(page::fault(&error)),
        }
    }
}

/// Whether a form was sent by a page of ours; otherwise what to answer.
pub(crate) fn check_csrf(operator: &Operator, given: &str) -> Option<Response> {
    let same = bool::from(operator.csrf.as_bytes().ct_eq(given.as_bytes()));
    (!same).then(|| page::with_status(StatusCode::FORBIDDEN, &ErrorPage::form_expired()))
}
