//! Who calls: an API key, and what it may do.

use axum::extract::FromRequestParts;
use http::header;
use http::request::Parts;
use roomkey_store::{Tenant, api_key};
use roomkey_vault::ApiKeyToken;

use super::scope::Scope;
use crate::app::App;
use crate::desk::{Actor, By};
use crate::error::{Code, Problem};
use crate::layers::Line;
use crate::limits;

/// An API key that was shown.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) key: api_key::ApiKey,
}

impl Caller {
    pub(crate) fn tenant(&self) -> Tenant {
        self.key.tenant
    }

    pub(crate) fn by(&self) -> By {
        By { tenant: self.key.tenant, actor: Actor::Api }
    }

    pub(crate) fn may(&self, scope: Scope) -> bool {
        self.key.may(scope.as_str())
    }

    /// Refuses if the key lacks a scope.
    pub(crate) fn must(&self, scope: Scope) -> Result<(), Problem> {
        if self.may(scope) {
            return Ok(());
        }
        let words = format!("The API key lacks the scope `{}`.", scope.as_str());
        Err(Problem::with(Code::Forbidden, words))
    }
}

impl FromRequestParts<App> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let nobody = || Problem::new(Code::Unauthorized);
        let token: ApiKeyToken = parts
            .headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .and_then(|(_, token)| token.trim().parse().ok())
            .ok_or_else(nobody)?;
        let hash = token.digest();
        let (address, now) = (limits::address_of(app, parts), app.now());
        app.limits.before_api_key(&hash, now)?;
        let key = app
            .store()
            .read(|tx| Box::pin(async move { api_key::authenticate(tx, &hash).await }))
            .await
            .map_err(Problem::from)?;
        app.limits.after_api_key(&hash, key.is_some(), address, now)?;
        let key = key.ok_or_else(nobody)?;
        if let Some(line) = parts.extensions.get::<Line>() {
            line.caller(key.tenant.id(), Some(key.id));
        }
        Ok(Self { key })
    }
}
