//! Every call that came in, in order, with what it was answered. Secrets are blacked out as they are written down.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::message::{Answer, Asked, pairs};

const REDACTED: &str = "redacted";

/// Members and parameters that are never written down.
const SECRET_NAMES: [&str; 10] = [
    "access_token",
    "download_access_token",
    "refresh_token",
    "id_token",
    "token",
    "client_secret",
    "code",
    "assertion",
    "code_verifier",
    "zak",
];

/// One call.
#[derive(Debug, Serialize)]
pub(crate) struct Call {
    index: usize,
    at: Timestamp,
    method: String,
    /// With the query.
    path: String,
    vendor: &'static str,
    request_body: Value,
    /// Who asked, never with what secret.
    authorization: Option<String>,
    /// `null` until there is an answer; for ever, if the connection was cut or the client gave up.
    status: Option<u16>,
    response_body: Value,
    fault: Option<&'static str>,
}

impl Call {
    pub(crate) fn at(&self) -> Timestamp {
        self.at
    }

    pub(crate) fn line(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    pub(crate) fn outcome(&self) -> String {
        self.status.map_or_else(|| "no answer".to_owned(), |status| status.to_string())
    }

    pub(crate) fn fault(&self) -> Option<&'static str> {
        self.fault
    }
}

/// All of them.
#[derive(Debug, Default)]
pub(crate) struct Calls(Vec<Call>);

impl Calls {
    pub(crate) fn begin(
        &mut self,
        at: Timestamp,
        vendor: &'static str,
        asked: &Asked,
        authorization: Option<String>,
    ) -> usize {
        let index = self.0.len();
        self.0.push(Call {
            index,
            at,
            method: asked.method.clone(),
            path: redacted_path(asked),
            vendor,
            request_body: request_body(asked),
            authorization,
            status: None,
            response_body: Value::Null,
            fault: None,
        });
        index
    }

    /// A mail's delivery, which is a call of its own kind.
    pub(crate) fn mail(
        &mut self,
        at: Timestamp,
        recipients: &str,
        status: Option<u16>,
        fault: Option<&'static str>,
    ) {
        self.0.push(Call {
            index: self.0.len(),
            at,
            method: "SMTP".to_owned(),
            path: recipients.to_owned(),
            vendor: "smtp",
            request_body: Value::Null,
            authorization: None,
            status,
            response_body: Value::Null,
            fault,
        });
    }

    pub(crate) fn struck(&mut self, index: usize, fault: &'static str) {
        if let Some(call) = self.0.get_mut(index) {
            call.fault = Some(fault);
        }
    }

    pub(crate) fn answered(&mut self, index: usize, answer: &Answer) {
        if let Some(call) = self.0.get_mut(index) {
            call.status = Some(answer.status);
            call.response_body = body(&answer.body);
        }
    }

    pub(crate) fn since(&self, index: usize) -> &[Call] {
        self.0.get(index..).unwrap_or_default()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}

fn redacted_path(asked: &Asked) -> String {
    match &asked.query {
        Some(query) => format!("{}?{}", asked.path, redacted_form(query.as_bytes())),
        None => asked.path.clone(),
    }
}

fn request_body(asked: &Asked) -> Value {
    if asked.is_form() {
        return json!(redacted_form(&asked.body));
    }
    body(&asked.body)
}

fn body(bytes: &[u8]) -> Value {
    if bytes.is_empty() {
        return Value::Null;
    }
    let mut value = serde_json::from_slice(bytes)
        .unwrap_or_else(|_| json!(String::from_utf8_lossy(bytes).into_owned()));
    redact(&mut value);
    value
}

fn redact(value: &mut Value) {
    if let Some(members) = value.as_object_mut() {
        for (name, member) in members {
            if let Some(text) = member.as_str() {
                if name == "start_url" {
                    *member = json!(text.split_once('?').map_or(text, |(head, _)| head));
                } else if SECRET_NAMES.contains(&name.as_str()) {
                    *member = json!(REDACTED);
                }
            } else {
                redact(member);
            }
        }
    } else if let Some(items) = value.as_array_mut() {
        items.iter_mut().for_each(redact);
    }
}

/// The same text, byte for byte, unless it holds a secret.
fn redacted_form(encoded: &[u8]) -> String {
    let fields = pairs(encoded);
    if !fields.iter().any(|(name, _)| SECRET_NAMES.contains(&name.as_str())) {
        return String::from_utf8_lossy(encoded).into_owned();
    }
    let mut out = form_urlencoded::Serializer::new(String::new());
    for (name, value) in &fields {
        let secret = SECRET_NAMES.contains(&name.as_str());
        out.append_pair(name, if secret { REDACTED } else { value });
    }
    out.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_not_written_down() {
        let mut value = json!({"access_token": "abc", "start_url": "http://x/s/1?zak=abc",
                               "items": [{"refresh_token": "abc"}], "code": 124, "topic": "Algebra"});
        redact(&mut value);
        assert!(!value.to_string().contains("abc"), "{value}");
        assert_eq!(value["code"], 124);
        assert_eq!(value["topic"], "Algebra");
        assert_eq!(
            redacted_form(b"grant_type=refresh_token&refresh_token=abc"),
            "grant_type=refresh_token&refresh_token=redacted"
        );
        assert_eq!(
            redacted_form(b"from=2026-12-01&type=scheduled"),
            "from=2026-12-01&type=scheduled"
        );
    }
}
