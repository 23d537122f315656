//! What was answered, before anybody judges it.

use serde_json::Value;

use crate::http::Reply;

/// An answer, before it is judged.
#[derive(Debug)]
pub(super) enum Heard {
    /// Success, and what came with it; null if nothing did.
    Yes(Value),
    /// Anything else.
    No(Refusal),
}

/// What there is to judge by.
#[derive(Debug, Clone, Default)]
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) code: Option<i64>,
    pub(super) message: String,
    pub(super) fields: Vec<FieldError>,
    pub(super) retry_after: Option<String>,
    pub(super) limit_type: Option<String>,
    /// Zoom itself spoke, and not something between us and Zoom.
    pub(super) spoken: bool,
}

/// What is wrong with one field of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FieldError {
    pub(super) field: String,
    pub(super) message: String,
}

/// Hears an answer. Status and body both have to say yes: some refusals come with status 200, and
/// some in XML.
pub(super) fn hear(reply: &Reply) -> Heard {
    let value = if reply.body.iter().all(u8::is_ascii_whitespace) {
        Some(Value::Null)
    } else {
        reply.json()
    };
    let code = value.as_ref().and_then(|it| number(it.get("code")?)).filter(|code| *code != 0);
    let message = value.as_ref().and_then(|it| it.get("message")?.as_str());
    let complains = code.is_some() && message.is_some();
    match value {
        Some(value) if reply.is_success() && !complains => return Heard::Yes(value),
        _ => {}
    }
    let mut refusal = Refusal {
        status: reply.status,
        code,
        message: message.unwrap_or_default().to_owned(),
        fields: value.as_ref().map(field_errors).unwrap_or_default(),
        retry_after: reply.header("retry-after").map(str::to_owned),
        limit_type: reply.header("x-ratelimit-type").map(str::to_owned),
        spoken: code.is_some(),
    };
    if value.is_none() {
        refusal.read_xml(&reply.body);
    }
    Heard::No(refusal)
}

impl Refusal {
    /// Whether it names a field whose name has this in it.
    pub(super) fn is_about(&self, field: &str) -> bool {
        self.fields.iter().any(|it| it.field.to_lowercase().contains(field))
    }

    /// All that was said, in one text.
    pub(super) fn words(&self) -> String {
        let mut words = self.message.clone();
        for FieldError { message, .. } in &self.fields {
            words.push('\n');
            words.push_str(message);
        }
        words
    }

    /// Zoom's older way to refuse: `<result><code>300</code><message>…</message></result>`.
    fn read_xml(&mut self, body: &[u8]) {
        let text = String::from_utf8_lossy(body);
        let Some(result) = element(&text, "result") else { return };
        self.code =
            element(result, "code").and_then(|it| it.trim().parse().ok()).filter(|it| *it != 0);
        self.message = element(result, "message").unwrap_or_default().to_owned();
        self.spoken = self.code.is_some();
    }

    /// What a body means with this status.
    #[cfg(test)]
    pub(super) fn of_body(status: u16, body: &str) -> Self {
        let reply = Reply { status, headers: reqwest::header::HeaderMap::new(), body: body.into() };
        match hear(&reply) {
            Heard::No(refusal) => refusal,
            Heard::Yes(value) => panic!("no refusal: {value}"),
        }
    }
}

fn element<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(&format!("<{name}>"))?;
    rest.split_once(&format!("</{name}>")).map(|(inside, _)| inside)
}

/// Codes are written as numbers and as texts.
pub(super) fn number(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.trim().parse().ok())
}

fn field_errors(value: &Value) -> Vec<FieldError> {
    let errors = value.get("errors").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    errors
        .iter()
        .filter_map(|it| {
            Some(FieldError {
                field: it.get("field")?.as_str()?.to_owned(),
                message: it.get("message")?.as_str()?.trim_end_matches('.').to_owned(),
            })
        })
        .collect()
}
