//! One call: its deadline, its token, its trace, and as many requests as it takes.

use std::sync::Arc;

use roomkey_core::failure::Failure;
use serde_json::Value;
use url::Url;

use crate::contract::{Answer, Call, Trace};
use crate::http::{Deadline, Method, Reply, Request, TransportError};

use super::Zoom;
use super::errors::{self, Asking, Heard, Operation};
use super::paths::BadId;
use super::token::Token;

/// One call.
pub(super) struct Session<'a> {
    zoom: &'a Zoom,
    pub(super) call: &'a Call,
    deadline: Deadline,
    trace: Trace,
}

impl<'a> Session<'a> {
    pub(super) fn new(zoom: &'a Zoom, call: &'a Call) -> Self {
        Self { zoom, call, deadline: zoom.http.deadline(), trace: Trace::default() }
    }

    /// Ends the call.
    pub(super) fn answer<T>(self, result: Result<T, Failure>) -> Answer<T> {
        Answer { result, trace: self.trace }
    }

    /// The API's root.
    pub(super) fn root(&self) -> &'a Url {
        &self.zoom.addresses.api_root
    }

    /// Asks for one thing. A token that is refused is renewed once, and the request repeated once:
    /// a refused token means that nothing was done.
    pub(super) async fn ask(
        &mut self,
        operation: Operation,
        url: Result<Url, BadId>,
        body: Option<Value>,
    ) -> Result<Value, Failure> {
        let url = url.map_err(|BadId| errors::bad_id())?;
        let token = self.token().await?;
        match self.send(operation, &token, url.clone(), body.clone()).await? {
            Heard::Yes(value) => Ok(value),
            Heard::No(refusal) if errors::token_was_refused(&refusal) => {
                self.zoom.tokens.refused(&self.call.account, self.call.now, &token).await;
                let token = self.token().await?;
                match self.send(operation, &token, url, body).await? {
                    Heard::Yes(value) => Ok(value),
                    Heard::No(refusal) => Err(errors::judge(self.asking(operation), &refusal)),
                }
            }
            Heard::No(refusal) => Err(errors::judge(self.asking(operation), &refusal)),
        }
    }

    /// A token that is new, so that it proves the credentials.
    pub(super) async fn new_token(&mut self) -> Result<Arc<Token>, Failure> {
        let Self { zoom, call, deadline, trace } = self;
        zoom.tokens
            .renew(&call.account, call.now, *deadline, ask_for_token(zoom, call, *deadline, trace))
            .await
    }

    async fn token(&mut self) -> Result<Arc<Token>, Failure> {
        let Self { zoom, call, deadline, trace } = self;
        zoom.tokens
            .get(&call.account, call.now, *deadline, ask_for_token(zoom, call, *deadline, trace))
            .await
    }

    async fn send(
        &mut self,
        operation: Operation,
        token: &Token,
        url: Url,
        body: Option<Value>,
    ) -> Result<Heard, Failure> {
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
        let heard = errors::hear(&reply);
        if let Heard::No(refusal) = &heard {
            self.trace.code = refusal.code.map(|code| code.to_string());
        }
        Ok(heard)
    }

    fn asking(&self, operation: Operation) -> Asking<'a> {
        Asking { operation, user: &self.call.place.user, now: self.call.now }
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
