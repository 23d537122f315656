//! Access tokens: how they are had, how long they live, and what a call without a good one is told.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::Zoom;
use super::accounts::Account;
use super::errors::{oauth_problem, problem};
use crate::clock::after;
use crate::message::{Answer, Asked};
use crate::world::World;

/// Seconds that a token lives.
const LIFETIME: i64 = 3599;

/// One token that is out.
#[derive(Debug)]
pub(crate) struct Token {
    account: String,
    scopes: Vec<String>,
    expires_at: Timestamp,
}

/// Who a call is from.
#[derive(Debug)]
pub(crate) struct Bearer {
    pub(crate) account: String,
    scopes: Vec<String>,
}

impl Bearer {
    /// The refusal of a call that needs a scope which the token has in neither of its spellings.
    pub(crate) fn lacks(&self, scope: &str) -> Option<Answer> {
        let wide = format!("{scope}:admin");
        let older = classic(scope);
        let has = self.scopes.iter().any(|held| {
            *held == wide
                || held == scope
                || held == older
                || held.strip_suffix(":admin") == Some(older)
        });
        (!has).then(|| {
            problem(
                400,
                4711,
                &format!("Invalid access token, does not contain scopes:[{scope}, {wide}]."),
            )
        })
    }
}

/// What apps of before 2024 have instead of a granular scope.
fn classic(scope: &str) -> &'static str {
    match scope.split(':').take(2).collect::<Vec<_>>().as_slice() {
        ["meeting", "read"] => "meeting:read",
        ["meeting", _] => "meeting:write",
        ["user", _] => "user:read",
        ["cloud_recording", _] => "recording:read",
        ["report", _] => "report:read",
        _ => "",
    }
}

/// `POST /oauth/token`.
pub(crate) fn issue(world: &mut World, asked: &Asked) -> Answer {
    let parameter = |name: &str| asked.query(name).or_else(|| asked.field(name));
    let Some(grant) = parameter("grant_type") else {
        return oauth_problem(400, "invalid_request", "Missing grant type");
    };
    let Some((client_id, client_secret)) = asked.basic() else {
        return oauth_problem(400, "invalid_client", "Missing or malformed client credentials");
    };
    let Some(app) =
        world.zoom.accounts.iter().find(|account| {
            account.client_id == client_id && account.client_secret == client_secret
        })
    else {
        return oauth_problem(400, "invalid_client", "Invalid client_id or client_secret");
    };
    if app.disabled {
        return oauth_problem(400, "invalid_client", "The app has been disabled");
    }
    if grant != "account_credentials" {
        return oauth_problem(400, "unsupported_grant_type", "unsupported grant type");
    }
    if parameter("account_id").as_deref() != Some(app.id.as_str()) {
        return oauth_problem(400, "invalid_request", "Bad Request");
    }
    let (account, scopes) = (app.id.clone(), app.scopes.clone());
    let now = world.clock.now();
    let value = world.chance.token();
    let body = json!({
        "access_token": value,
        "token_type": "bearer",
        "expires_in": LIFETIME,
        "scope": scopes.join(" "),
        "api_url": world.link("/zoom"),
    });
    let token =
        Token { account, scopes, expires_at: after(now, SignedDuration::from_secs(LIFETIME)) };
    world.zoom.tokens.insert(value, token);
    Answer::json(200, &body)
}

/// `POST /oauth/revoke`.
pub(crate) fn revoke(world: &mut World, asked: &Asked) -> Answer {
    let Some((client_id, client_secret)) = asked.basic() else {
        return oauth_problem(400, "invalid_client", "Missing or malformed client credentials");
    };
    let knows = |zoom: &Zoom| {
        zoom.accounts
            .iter()
            .any(|account| account.client_id == client_id && account.client_secret == client_secret)
    };
    if !knows(&world.zoom) {
        return oauth_problem(400, "invalid_client", "Invalid client_id or client_secret");
    }
    let token = asked.query("token").or_else(|| asked.field("token"));
    match token.and_then(|token| world.zoom.tokens.remove(&token)) {
        Some(_) => Answer::json(200, &json!({"status": "success"})),
        None => oauth_problem(400, "invalid_request", "Invalid Token!"),
    }
}

/// The account that a call speaks for, or the answer to a call that speaks for none.
pub(crate) fn bearer(world: &World, asked: &Asked) -> Result<Bearer, Answer> {
    let invalid = || problem(401, 124, "Invalid access token.");
    let token =
        asked.bearer().and_then(|token| world.zoom.tokens.get(token)).ok_or_else(invalid)?;
    let account = world.zoom.account(&token.account).ok_or_else(invalid)?;
    if account.disabled {
        return Err(invalid());
    }
    if token.expires_at <= asked.at {
        return Err(problem(401, 124, "Access token is expired."));
    }
    Ok(Bearer { account: token.account.clone(), scopes: token.scopes.clone() })
}

/// The account that a call says it speaks for, good or not.
pub(crate) fn account<'a>(zoom: &'a Zoom, asked: &Asked) -> Option<&'a Account> {
    zoom.account(&zoom.tokens.get(asked.bearer()?)?.account)
}

/// Who asks, for the list of calls: the account or the app, never the secret.
pub(crate) fn who(zoom: &Zoom, asked: &Asked) -> Option<String> {
    asked.authorization.as_ref()?;
    if let Some((client_id, _)) = asked.basic() {
        return Some(format!("Basic {client_id}"));
    }
    let account = asked
        .bearer()
        .and_then(|token| zoom.tokens.get(token))
        .map_or("unknown", |token| token.account.as_str());
    Some(format!("Bearer {account}"))
}

impl Zoom {
    /// Ends every token of an account.
    pub(crate) fn forget_tokens(&mut self, account: &str) {
        self.tokens.retain(|_, token| token.account != account);
    }
}
