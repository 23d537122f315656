//! Signing in by a one-time link, and out.

use std::time::Duration;

use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum_extra::extract::Form;
use axum_extra::extract::cookie::CookieJar;
use http::StatusCode;
use roomkey_core::id::encode;
use roomkey_store::session::{self, Session, Who};
use roomkey_store::tenant::TenantRow;
use roomkey_store::{Priority, StoreError, Tenant, Tx, host, tenant};
use roomkey_vault::{SessionToken, SignInToken};
use serde::Deserialize;

use super::page;
use super::session as browser;
use crate::app::App;
use crate::pages::sign_in::{SignInPage, SignInSpentPage, SignedOutPage};

/// How long a session lasts.
const LASTS: Duration = Duration::from_secs(90 * 24 * 60 * 60);

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/in/{once}", get(offer).post(redeem)).route("/sign-out", post(sign_out))
}

/// Shows the button. Nothing is used up: robots and mail scanners follow links.
async fn offer(State(app): State<App>, Path(once): Path<String>) -> Response {
    let Ok(token) = once.parse::<SignInToken>() else { return spent() };
    let (digest, now) = (token.digest(), app.now());
    let promised: Result<_, StoreError> = app
        .store()
        .read(move |tx| {
            Box::pin(async move {
                match session::promised(tx, &digest, now).await? {
                    Some((tenant, who)) => Ok(Some(whom(tx, tenant, who).await?)),
                    None => Ok(None),
                }
            })
        })
        .await;
    match promised {
        Ok(Some((row, whom))) => page::shown(&SignInPage {
            practice: row.name,
            whom,
            action: format!("/in/{}", token.expose()),
        }),
        Ok(None) => spent(),
        Err(error) => page::fault(&error),
    }
}

async fn whom(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    who: Who,
) -> Result<(TenantRow, String), StoreError> {
    let row = tenant::get(tx, tenant).await?;
    let whom = match who {
        Who::Operator => "as operator".to_owned(),
        Who::Host(id) => match host::get(tx, tenant, id).await? {
            Some(host) => format!("as {}", host.name),
            None => "as host".to_owned(),
        },
    };
    Ok((row, whom))
}

/// Uses the link up and begins a session.
async fn redeem(State(app): State<App>, Path(once): Path<String>, jar: CookieJar) -> Response {
    let Ok(token) = once.parse::<SignInToken>() else { return spent() };
    let fresh = SessionToken::generate(&app.desk.entropy);
    let csrf = encode(u128::from_be_bytes(app.desk.entropy.bytes()));
    let (once, digest, now) = (token.digest(), fresh.digest(), app.now());
    let begun: Result<Option<Who>, StoreError> = app
        .store()
        .write(Priority::Interactive, move |tx| {
            let csrf = csrf.clone();
            Box::pin(async move {
                let Some((tenant, who)) = session::redeem(tx, &once, now).await? else {
                    return Ok(None);
                };
                let session = Session { tenant, who, csrf, expires_at: now.plus(LASTS) };
                session::begin(tx, &session, &digest, now).await?;
                Ok(Some(who))
            })
        })
        .await;
    let there = match begun {
        Ok(Some(Who::Operator)) => "/operator",
        // A host goes back to the lobby that is open in another tab.
        Ok(Some(Who::Host(_))) => "/",
        Ok(None) => return spent(),
        Err(error) => return page::fault(&error),
    };
    let jar = jar.add(browser::cookie(&app, &fresh, LASTS));
    (jar, page::see_other(there)).into_response()
}

fn spent() -> Response {
    page::with_status(StatusCode::GONE, &SignInSpentPage)
}

#[derive(Deserialize)]
struct SignOut {
    #[serde(default)]
    csrf: String,
}

async fn sign_out(State(app): State<App>, jar: CookieJar, Form(form): Form<SignOut>) -> Response {
    let session = match browser::of(&app, &jar).await {
        Ok(session) => session,
        Err(error) => return page::fault(&error),
    };
    // Another site may not sign people out either.
    if let (Some(session), Some(token)) = (session, browser::token(&jar))
        && session.csrf == form.csrf
    {
        let digest = token.digest();
        let ended: Result<(), StoreError> = app
            .store()
            .write(Priority::Interactive, move |tx| {
                Box::pin(async move { session::end(tx, &digest).await })
            })
            .await;
        if let Err(error) = ended {
            return page::fault(&error);
        }
    }
    (jar.remove(browser::no_cookie()), page::shown(&SignedOutPage)).into_response()
}
