//! What is answered when a request cannot be done: problem details (RFC 9457).
//!
//! A problem says what is and what to do, has a stable code with a paragraph of documentation, and
//! names all members that are wrong at once. A fault of ours is logged here, once, with its whole
//! chain, and reveals nothing.

mod code;

use std::fmt;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use roomkey_core::booking::Refusal;
use roomkey_store::{Collides, StoreError};
use serde::Serialize;
use serde_json::{Map, Value, json};

pub use code::Code;

/// One member or one query parameter of a request that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Fault {
    /// Where it is in the body, as a JSON pointer: `/guests/0/email`. Not there for a parameter.
    #[schema(example = "/guests/0/email", required = false)]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub pointer: String,
    /// The query parameter that is wrong, by its name: `limit`. Not there for a member of the body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameter: Option<String>,
    /// Stable, for programs: `required`, `unknown_field`, `invalid`, `too_long`, `out_of_range`,
    /// `duplicate`, `not_found` or `conflict`.
    #[schema(example = "invalid")]
    pub code: &'static str,
    /// What is wrong, then what to do.
    #[schema(example = "is not an e-mail address such as ana@example.org")]
    pub message: String,
}

impl Fault {
    /// A fault at a place.
    #[must_use]
    pub fn new(pointer: impl Into<String>, code: &'static str, message: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), parameter: None, code, message: message.into() }
    }

    /// A fault of a query parameter.
    #[must_use]
    pub fn of_parameter(
        name: impl Into<String>,
        code: &'static str,
        message: impl Into<String>,
    ) -> Self {
        Self { parameter: Some(name.into()), ..Self::new("", code, message) }
    }
}

/// Adds faults at places where none is known yet: what could not be read is not judged as well.
pub(crate) fn add_faults(faults: &mut Vec<Fault>, more: Vec<Fault>) {
    let known = |pointer: &str| {
        faults.iter().any(|it| {
            pointer
                .strip_prefix(&it.pointer)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    };
    let more: Vec<Fault> = more.into_iter().filter(|it| !known(&it.pointer)).collect();
    faults.extend(more);
}

/// Why a request was not done. Nothing has changed then.
pub struct Problem(Box<Inner>);

struct Inner {
    code: Code,
    detail: String,
    faults: Vec<Fault>,
    more: Map<String, Value>,
    retry_after: Option<u32>,
    source: Option<Source>,
}

enum Source {
    Store(StoreError),
    Other(Box<dyn std::error::Error + Send + Sync>),
}

impl Problem {
    /// A problem in the code's own words.
    #[must_use]
    pub fn new(code: Code) -> Self {
        Self::with(code, code.title())
    }

    /// A problem in words of its own: what is, then what to do.
    #[must_use]
    pub fn with(code: Code, detail: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            code,
            detail: detail.into(),
            faults: Vec::new(),
            more: Map::new(),
            retry_after: None,
            source: None,
        }))
    }

    /// The body has more bytes than are read there.
    #[must_use]
    pub fn too_large(most: usize) -> Self {
        let size = match most / (1024 * 1024) {
            0 => format!("{} KiB", most / 1024),
            mebibytes => format!("{mebibytes} MiB"),
        };
        Self::with(Code::TooLarge, format!("The body is larger than {size}."))
    }

    /// Members that are wrong, all at once.
    #[must_use]
    pub fn invalid(faults: Vec<Fault>) -> Self {
        let unknown = !faults.is_empty() && faults.iter().all(|it| it.code == "unknown_field");
        let code = if unknown { Code::UnknownField } else { Code::InvalidRequest };
        let mut problem = Self::new(code);
        problem.0.faults = faults;
        problem
    }

    /// With the members that it is about.
    #[must_use]
    pub fn about(mut self, faults: Vec<Fault>) -> Self {
        self.0.faults = faults;
        self
    }

    /// Parameters that are wrong, all at once.
    #[must_use]
    pub fn query(code: Code, detail: impl Into<String>, faults: Vec<Fault>) -> Self {
        let mut problem = Self::with(code, detail);
        problem.0.faults = faults;
        problem
    }

    /// There is no such thing, or not of this tenant.
    #[must_use]
    pub fn not_found(noun: &str) -> Self {
        Self::with(Code::NotFound, format!("There is no such {noun}."))
    }

    /// A fault of ours, whose cause is logged and not shown.
    #[must_use]
    pub fn fault(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        let mut problem = Self::new(Code::Internal);
        problem.0.source = Some(Source::Other(source.into()));
        problem
    }

    /// With a member of its own.
    #[must_use]
    pub fn and(mut self, member: &str, value: impl Into<Value>) -> Self {
        self.0.more.insert(member.to_owned(), value.into());
        self
    }

    /// Worth trying again in so many seconds.
    #[must_use]
    pub fn retry_after(mut self, seconds: u32) -> Self {
        self.0.retry_after = Some(seconds);
        self
    }

    /// Its code.
    #[must_use]
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// What is, then what to do.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.0.detail
    }

    /// The members that are wrong.
    #[must_use]
    pub fn faults(&self) -> &[Fault] {
        &self.0.faults
    }

    /// As it is answered.
    #[must_use]
    pub fn body(&self) -> Value {
        let code = self.0.code;
        let mut body = json!({
            "type": format!("/docs/problems#{}", code.as_str()),
            "title": code.title(),
            "status": code.status().as_u16(),
            "detail": self.0.detail,
            "code": code.as_str(),
            "errors": self.0.faults,
        });
        if let Some(body) = body.as_object_mut() {
            body.extend(self.0.more.clone());
        }
        body
    }

    fn log(&self) {
        if let Some(source) = &self.0.source {
            let cause = match source {
                Source::Store(error) => chain(error),
                Source::Other(error) => chain(error.as_ref()),
            };
            tracing::error!(error.chain = cause, "a request failed on our side");
        }
    }
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        words.push_str(": ");
        words.push_str(&cause.to_string());
        next = cause.source();
    }
    words
}

impl fmt::Debug for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Problem")
            .field("code", &self.0.code)
            .field("detail", &self.0.detail)
            .field("faults", &self.0.faults)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.detail)?;
        for fault in &self.0.faults {
            write!(f, " {} {}.", fault.pointer, fault.message)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problem {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.0.source {
            Some(Source::Store(error)) => Some(error),
            Some(Source::Other(error)) => Some(error.as_ref()),
            None => None,
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        let mut problem = Self::new(Code::Internal);
        problem.0.source = Some(Source::Store(error));
        problem
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let code = match refusal {
            Refusal::Pending => Code::BookingPending,
            Refusal::AlreadyConfirmed => Code::BookingConfirmed,
            Refusal::Over => Code::BookingOver,
            Refusal::Cancelled => Code::BookingCancelled,
            Refusal::Ahead => Code::BookingAhead,
        };
        Self::with(code, refusal.to_string())
    }
}

impl Collides for Problem {
    fn collides(&self) -> bool {
        match &self.0.source {
            Some(Source::Store(error)) => error.collides(),
            Some(Source::Other(_)) | None => false,
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        self.log();
        let mut response = render(self.0.code.status(), &self.body());
        if let Some(seconds) = self.0.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.0.code == Code::Unauthorized {
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

/// A problem's answer, also one that was kept for a repeat.
pub(crate) fn render(status: StatusCode, body: &Value) -> Response {
    let media = (header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    (status, [media], body.to_string()).into_response()
}
