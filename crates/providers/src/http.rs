//! The one HTTP client, and the one question that matters when it fails: can the vendor have
//! received what was sent?
//!
//! It follows no redirects, takes no proxy from the environment, repeats nothing, reads only so
//! much of an answer, and speaks plain HTTP to this machine alone.

use std::error::Error as _;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use tokio::time::Instant;
use url::{Host, Url};

pub use reqwest::Method;

/// Nothing that a vendor answers is longer; what is longer is not read to its end.
pub const MAX_ANSWER_BYTES: usize = 4 * 1024 * 1024;

const USER_AGENT: &str = concat!("Roomkey/", env!("CARGO_PKG_VERSION"));

/// The client that all vendors are called through. Cheap to clone; clones share connections.
#[derive(Debug, Clone)]
pub struct Http {
    client: reqwest::Client,
    timeout: Duration,
}

/// The client could not be made.
#[derive(Debug, thiserror::Error)]
#[error("cannot make the HTTP client")]
pub struct ClientError(#[source] reqwest::Error);

/// Until when a call, with all its requests, must have ended.
#[derive(Debug, Clone, Copy)]
pub struct Deadline {
    at: Instant,
    limit: Duration,
}

/// One request.
#[derive(Debug, Clone)]
pub struct Request {
    method: Method,
    url: Url,
    authorization: Option<SecretString>,
    accept: HeaderValue,
    most: usize,
    body: Option<Body>,
}

#[derive(Debug, Clone)]
enum Body {
    Json(serde_json::Value),
    /// Forms carry tokens.
    Form(SecretString),
}

/// What was answered, whatever the status.
#[derive(Clone)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as it came.
    pub body: Vec<u8>,
}

/// There was no answer.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    /// No connection was made, so nothing can have happened.
    #[error("the request was certainly not sent")]
    NotSent(#[source] Cause),
    /// The connection was made; whether the request took effect is anybody's guess.
    #[error("the request may have been received")]
    MaybeReceived(#[source] Cause),
}

/// Why there was no answer. Never names an address: those have ids in them.
#[derive(Debug, thiserror::Error)]
pub enum Cause {
    /// Plain HTTP to another machine would show the credentials to everybody on the way.
    #[error("plain http is only spoken to this machine")]
    PlainHttp,
    /// The credentials cannot be written in a header.
    #[error("the credentials have characters that cannot be sent")]
    BadCredentials,
    /// The call's time was over before this request began.
    #[error("there was no time left")]
    NoTime,
    /// The answer was longer than was wanted: [`MAX_ANSWER_BYTES`], if the request does not say.
    #[error("the answer was too long")]
    TooLong,
    /// The network.
    #[error("the connection failed")]
    Network(#[source] reqwest::Error),
}

impl Http {
    /// Makes the client; a call through it ends within `timeout`.
    ///
    /// # Errors
    /// [`ClientError`] if the system's certificates cannot be used.
    #[expect(clippy::disallowed_methods, reason = "this is the one place where a client is made")]
    pub fn new(timeout: Duration) -> Result<Self, ClientError> {
        let client = reqwest::Client::builder()
            .user_agent(USER_AGENT)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .no_proxy()
            .timeout(timeout)
            // Shorter than the whole, so that a connection that is never made is known as such.
            .connect_timeout(timeout / 2)
            .build()
            .map_err(ClientError)?;
        Ok(Self { client, timeout })
    }

    /// How long a call may take.
    #[must_use]
    pub const fn timeout(&self) -> Duration {
        self.timeout
    }

    /// The deadline of a call that begins now.
    #[must_use]
    pub fn deadline(&self) -> Deadline {
        Deadline { at: Instant::now() + self.timeout, limit: self.timeout }
    }

    /// Sends one request and reads the answer to its end.
    ///
    /// # Errors
    /// [`TransportError`] if there was no whole answer before the deadline.
    pub async fn send(
        &self,
        request: Request,
        deadline: Deadline,
    ) -> Result<Reply, TransportError> {
        if !is_allowed(&request.url) {
            return Err(TransportError::NotSent(Cause::PlainHttp));
        }
        let Some(remaining) = deadline.remaining() else {
            return Err(TransportError::NotSent(Cause::NoTime));
        };
        let mut builder = self
            .client
            .request(request.method, request.url)
            .header(ACCEPT, request.accept)
            .timeout(remaining);
        if let Some(authorization) = request.authorization {
            let mut value = HeaderValue::from_str(authorization.expose_secret())
                .map_err(|_| TransportError::NotSent(Cause::BadCredentials))?;
            value.set_sensitive(true);
            builder = builder.header(AUTHORIZATION, value);
        }
        builder = match request.body {
            None => builder,
            Some(Body::Json(value)) => {
                builder.header(CONTENT_TYPE, "application/json").body(value.to_string())
            }
            Some(Body::Form(form)) => builder
                .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(form.expose_secret().to_owned()),
        };
        let response = builder.send().await.map_err(TransportError::from)?;
        read(response, request.most).await
    }
}

impl Deadline {
    /// The moment, for other waits of the same call.
    #[must_use]
    pub const fn at(&self) -> Instant {
        self.at
    }

    /// The time that is left, if any.
    #[must_use]
    pub fn remaining(&self) -> Option<Duration> {
        self.at.checked_duration_since(Instant::now()).filter(|left| !left.is_zero())
    }

    /// Whether enough is left to begin something whose answer must not be missed.
    #[must_use]
    pub fn has_room(&self) -> bool {
        self.remaining().is_some_and(|left| left >= self.limit / 4)
    }
}

impl Request {
    /// A request without credentials and body.
    #[must_use]
    pub const fn new(method: Method, url: Url) -> Self {
        Self {
            method,
            url,
            authorization: None,
            // Some vendors answer in XML unless they are told.
            accept: HeaderValue::from_static("application/json"),
            most: MAX_ANSWER_BYTES,
            body: None,
        }
    }

    /// Wants a file of this kind, and no more than so many bytes of it.
    #[must_use]
    pub fn file(mut self, kind: &'static str, most: usize) -> Self {
        (self.accept, self.most) = (HeaderValue::from_static(kind), most);
        self
    }

    /// Carries a bearer token.
    #[must_use]
    pub fn bearer(mut self, token: &SecretString) -> Self {
        self.authorization = Some(format!("Bearer {}", token.expose_secret()).into());
        self
    }

    /// Carries a client's id and secret.
    #[must_use]
    pub fn basic(mut self, id: &str, secret: &SecretString) -> Self {
        let pair = STANDARD.encode(format!("{id}:{}", secret.expose_secret()));
        self.authorization = Some(format!("Basic {pair}").into());
        self
    }

    /// Carries JSON.
    #[must_use]
    pub fn json(mut self, value: serde_json::Value) -> Self {
        self.body = Some(Body::Json(value));
        self
    }

    /// Carries a form.
    #[must_use]
    pub fn form(mut self, fields: &[(&str, &str)]) -> Self {
        let form =
            url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.body = Some(Body::Form(form.into()));
        self
    }
}

impl Reply {
    /// A header, if it is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body as JSON, if it is.
    #[must_use]
    pub fn json(&self) -> Option<serde_json::Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// Whether the status is one of success.
    #[must_use]
    pub const fn is_success(&self) -> bool {
        self.status >= 200 && self.status < 300
    }
}

/// Bodies have links and passcodes in them.
impl std::fmt::Debug for Reply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reply")
            .field("status", &self.status)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

impl From<reqwest::Error> for TransportError {
    fn from(error: reqwest::Error) -> Self {
        let error = error.without_url();
        if error.is_connect() || error.is_builder() {
            Self::NotSent(Cause::Network(error))
        } else {
            Self::MaybeReceived(Cause::Network(error))
        }
    }
}

impl TransportError {
    /// Whether the vendor may have acted on it.
    #[must_use]
    pub const fn may_have_been_received(&self) -> bool {
        matches!(self, Self::MaybeReceived(_))
    }

    /// Whether more was answered than was wanted.
    #[must_use]
    pub fn is_too_long(&self) -> bool {
        let cause = self.source().and_then(|cause| cause.downcast_ref::<Cause>());
        matches!(cause, Some(Cause::TooLong))
    }

    /// Whether it was time that ran out.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        match self.source().and_then(|cause| cause.downcast_ref::<Cause>()) {
            Some(Cause::Network(error)) => error.is_timeout(),
            Some(Cause::NoTime) => true,
            Some(Cause::PlainHttp | Cause::BadCredentials | Cause::TooLong) | None => false,
        }
    }
}

/// Whether an address is one that secrets may be sent to: https, or http on this machine.
#[must_use]
pub fn is_allowed(url: &Url) -> bool {
    match url.scheme() {
        "https" => url.has_host(),
        "http" => is_loopback(url),
        _ => false,
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

async fn read(mut response: reqwest::Response, most: usize) -> Result<Reply, TransportError> {
    let status = response.status().as_u16();
    let headers = std::mem::take(response.headers_mut());
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(lost_on_the_way)? {
        if body.len() + chunk.len() > most {
            return Err(TransportError::MaybeReceived(Cause::TooLong));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Reply { status, headers, body })
}

/// An answer had begun, so the request was received, whatever the error is called.
fn lost_on_the_way(error: reqwest::Error) -> TransportError {
    TransportError::MaybeReceived(Cause::Network(error.without_url()))
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    const LIMIT: Duration = Duration::from_secs(5);

    fn url(text: &str) -> Url {
        Url::parse(text).expect("a URL")
    }

    /// Answers one connection with these bytes, and hangs up.
    async fn answers(listener: TcpListener, bytes: Vec<u8>) {
        let (mut stream, _) = listener.accept().await.expect("a connection");
        let mut head = [0; 4096];
        let _ = stream.read(&mut head).await.expect("a request");
        // The client hangs up first when it has had enough.
        let _ = stream.write_all(&bytes).await;
        let _ = stream.shutdown().await;
    }

    async fn get_from(bytes: Vec<u8>) -> Result<Reply, TransportError> {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let http = Http::new(LIMIT).expect("a client");
        let request = Request::new(Method::GET, url(&format!("http://{address}/")));
        let (reply, ()) =
            tokio::join!(http.send(request, http.deadline()), answers(listener, bytes));
        reply
    }

    #[test]
    fn plain_http_is_for_this_machine() {
        for (text, allowed) in [
            ("https://api.vendor.example/v2", true),
            ("http://127.0.0.1:9/v2", true),
            ("http://[::1]:9/", true),
            ("http://localhost/", true),
            ("http://api.vendor.example/v2", false),
            ("http://localhost.vendor.example/", false),
            ("http://192.168.0.1/", false),
            ("ftp://127.0.0.1/", false),
            ("javascript:alert(1)", false),
        ] {
            assert_eq!(is_allowed(&url(text)), allowed, "{text}");
        }
    }

    #[tokio::test]
    async fn plain_http_elsewhere_is_not_sent() {
        let http = Http::new(LIMIT).expect("a client");
        let request = Request::new(Method::GET, url("http://vendor.example/"));
        let error = http.send(request, http.deadline()).await.expect_err("refused");
        assert!(matches!(error, TransportError::NotSent(Cause::PlainHttp)), "{error:?}");
    }

    #[tokio::test]
    async fn a_closed_port_has_received_nothing() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        drop(listener);
        let http = Http::new(LIMIT).expect("a client");
        let request = Request::new(Method::POST, url(&format!("http://{address}/")));
        let error = http.send(request, http.deadline()).await.expect_err("nobody is there");
        assert!(!error.may_have_been_received(), "{error:?}");
    }

    #[tokio::test]
    async fn a_connection_that_is_cut_may_have_received_it() {
        for bytes in [&b""[..], b"HTTP/1.1 201 Created\r\ncontent-length: 10\r\n\r\nhalf"] {
            let error = get_from(bytes.to_vec()).await.expect_err("no whole answer");
            assert!(error.may_have_been_received(), "{error:?}");
        }
    }

    #[tokio::test]
    async fn redirects_are_answers() {
        let reply = get_from(
            b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n"
                .to_vec(),
        )
        .await
        .expect("an answer");
        assert_eq!(reply.status, 302);
    }

    #[tokio::test]
    async fn a_long_answer_is_not_read_to_its_end() {
        let mut bytes = b"HTTP/1.1 200 OK\r\n\r\n".to_vec();
        bytes.resize(bytes.len() + MAX_ANSWER_BYTES + 1, b'x');
        let error = get_from(bytes).await.expect_err("too long");
        assert!(matches!(error, TransportError::MaybeReceived(Cause::TooLong)), "{error:?}");
        assert!(error.is_too_long());
    }

    #[test]
    fn nothing_secret_is_printed() {
        let secret = SecretString::from("sesame");
        let request = Request::new(Method::POST, url("https://vendor.example/"))
            .basic("client", &secret)
            .form(&[("token", "sesame")]);
        assert!(!format!("{request:?}").contains("sesame"));
        let reply =
            Reply { status: 200, headers: HeaderMap::new(), body: br#"{"pwd":"sesame"}"#.to_vec() };
        assert!(!format!("{reply:?}").contains("sesame"));
    }
}
