//! One call: its deadline, its token, its trace, and as many requests as it takes.

use std::sync::Arc;

use roomkey_core::failure::Failure;
use secrecy::SecretString;
use serde_json::Value;
use url::Url;

use crate::contract::{Answer, Call, Trace};
use crate::http::{Deadline, Method, Reply, Request, TransportError};

use super::Zoom;
use super::errors::{self, Asking, Operation};
use super::paths::BadId;
use super::refusal::{Heard, Refusal, hear};
use super::token::Token;

/// Where something is, below the root of the API that the token is for.
pub(super) trait Path: Fn(&Url) -> Result<Url, BadId> + Send + Sync {}

impl<T: Fn(&Url) -> Result<Url, BadId> + Send + Sync> Path for T {}

/// One call.
pub(super) struct Session<'a> {
    zoom: &'a Zoom,
    pub(super) call: &'a Call,
    deadline: Deadline,
    trace: Trace,
}

/// What came of fetching a file.
pub(super) enum Fetched {
    /// An answer, whatever the status.
    Reply(Reply),
    /// More than was wanted.
    TooLong,
    /// The address is none that is asked.
    NotAsked,
}

impl<'a> Session<'a> {
    pub(super) fn new(zoom: &'a Zoom, call: &'a Call) -> Self {
        Self { zoom, call, deadline: zoom.http.deadline(), trace: Trace::default() }
    }

    /// Ends the call.
    pub(super) fn answer<T>(self, result: Result<T, Failure>) -> Answer<T> {
        Answer { result, trace: self.trace }
    }

    /// Asks for one thing, and takes nothing but success for an answer.
    pub(super) async fn ask(
        &mut self,
        operation: Operation,
        path: impl Path,
        body: Option<Value>,
    ) -> Result<Value, Failure> {
        match self.hear(operation, &path, body).await? {
            Heard::Yes(value) => Ok(value),
            Heard::No(refusal) => Err(self.judge(operation, &refusal)),
        }
    }

    /// Asks for one thing, and hears the answer. A token that is refused is renewed once, and the
    /// request repeated once: a refused token means that nothing was done.
    pub(super) async fn hear(
        &mut self,
        operation: Operation,
        path: &impl Path,
        body: Option<Value>,
    ) -> Result<Heard, Failure> {
        // An id that no path can hold is known before anybody is called.
        path(&self.zoom.addresses.api_root).map_err(|BadId| errors::bad_id())?;
        let token = self.token().await?;
        let heard = self.send(operation, &token, path, body.clone()).await?;
        if !matches!(&heard, Heard::No(refusal) if errors::token_was_refused(refusal)) {
            return Ok(heard);
        }
        self.zoom.tokens.refused(&self.call.account, self.call.now, self.deadline, &token).await;
        let token = self.token().await?;
        self.send(operation, &token, path, body).await
    }

    /// What a refusal means.
    pub(super) fn judge(&self, operation: Operation, refusal: &Refusal) -> Failure {
        let asking = Asking { operation, user: &self.call.place.user, now: self.call.now };
        errors::judge(asking, refusal)
    }

    /// A token that is new, so that it proves the credentials.
    pub(super) async fn new_token(&mut self) -> Result<Arc<Token>, Failure> {
        let Self { zoom, call, deadline, trace } = self;
        zoom.tokens
            .renew(&call.account, call.now, *deadline, ask_for_token(zoom, call, *deadline, trace))
            .await
    }

    /// The token that calls are made with.
    pub(super) async fn token(&mut self) -> Result<Arc<Token>, Failure> {
        let Self { zoom, call, deadline, trace } = self;
        zoom.tokens
            .get(&call.account, call.now, *deadline, ask_for_token(zoom, call, *deadline, trace))
            .await
    }

    /// Fetches a file, or hears where it is instead. The token is shown to none but those who may
    /// know it.
    pub(super) async fn fetch(
        &mut self,
        url: Url,
        token: &SecretString,
        kind: &'static str,
        most: usize,
    ) -> Result<Fetched, Failure> {
        let addresses = &self.zoom.addresses;
        if !addresses.may_be_asked(&url) {
            return Ok(Fetched::NotAsked);
        }
        if !self.deadline.has_room() {
            return Err(errors::no_time());
        }
        let knows = addresses.may_know_tokens(&url);
        let mut request = Request::new(Method::GET, url).file(kind, most);
        if knows {
            request = request.bearer(token);
        }
        match traced(self.zoom, request, self.deadline, &mut self.trace).await {
            Ok(reply) => Ok(Fetched::Reply(reply)),
            Err(error) if error.is_too_long() => Ok(Fetched::TooLong),
            Err(error) => Err(errors::unanswered(Operation::Read, &error)),
        }
    }

    async fn send(
        &mut self,
        operation: Operation,
        token: &Token,
        path: &impl Path,
        body: Option<Value>,
    ) -> Result<Heard, Failure> {
        let root = self.zoom.addresses.root_for(token.api_root.as_ref());
        let url = path(root).map_err(|BadId| errors::bad_id())?;
        if !self.deadline.has_room() {
            return Err(errors::no_time());
        }
        let method = match operation {
            Operation::Create => Method::POST,
            Operation::List | Operation::Read => Method::GET,
            Operation::Update => Method::PATCH,
            Operation::Delete => Method::DELETE,
        };
        let mut request = Request::new(method, url).bearer(&token.value);
        if let Some(body) = body {
            request = request.json(body);
        }
        if matches!(operation, Operation::Create | Operation::Update) {
            self.trace.writes += 1;
        }
        let reply = traced(self.zoom, request, self.deadline, &mut self.trace)
            .await
            .map_err(|error| errors::unanswered(operation, &error))?;
        let heard = hear(&reply);
        if let Heard::No(refusal) = &heard {
            self.trace.code = refusal.code.map(|code| code.to_string());
        }
        Ok(heard)
    }
}

async fn ask_for_token(
    zoom: &Zoom,
    call: &Call,
    deadline: Deadline,
    trace: &mut Trace,
) -> Result<Token, Failure> {
    let account = &call.account;
    let request = Request::new(Method::POST, zoom.addresses.token_url.clone())
        .basic(&account.client_id, &account.client_secret)
        .form(&[("grant_type", "account_credentials"), ("account_id", &account.account)]);
    let reply = traced(zoom, request, deadline, trace)
        .await
        .map_err(|error| errors::token_unanswered(&error))?;
    let token = reply.json().filter(|_| reply.is_success());
    match token.and_then(|answer| Token::read(&answer, call.now)) {
        Some(token) => Ok(token),
        None => {
            trace.code = reply.json().and_then(|it| Some(it.get("error")?.as_str()?.to_owned()));
            Err(errors::judge_token(call.now, &call.place.user, &reply))
        }
    }
}

/// Sends, and writes down how it went: status and names, no bodies.
async fn traced(
    zoom: &Zoom,
    request: Request,
    deadline: Deadline,
    trace: &mut Trace,
) -> Result<Reply, TransportError> {
    *trace = Trace { requests: trace.requests + 1, writes: trace.writes, ..Trace::default() };
    let reply = zoom.http.send(request, deadline).await?;
    trace.status = Some(reply.status);
    trace.request_id = reply.header("x-zm-trackingid").map(str::to_owned);
    Ok(reply)
}
