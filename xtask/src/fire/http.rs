//! One HTTP request to a server that may be dead, or about to die.

use std::time::Duration;

use serde_json::Value;
use ureq::http::Request;

/// Longer than any answer takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) location: Option<String>,
    pub(crate) text: String,
}

impl Answer {
    /// The body; null if it is no JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }

    pub(crate) fn is_fine(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// What a problem says.
    pub(crate) fn words(&self) -> String {
        let text: String = self.text.chars().take(400).collect();
        format!("{} {text}", self.status)
    }
}

/// Asks. Follows nothing, and takes every status for an answer.
#[derive(Clone)]
pub(crate) struct Client(ureq::Agent);

impl Client {
    pub(crate) fn new() -> Self {
        let settings = ureq::Agent::config_builder()
            .timeout_global(Some(PATIENCE))
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .build();
        Self(settings.new_agent())
    }

    pub(crate) fn ask(
        &self,
        method: &str,
        url: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<Answer, ureq::Error> {
        let mut request = Request::builder().method(method).uri(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut response = match body {
            Some(body) => self.0.run(
                request
                    .header("Content-Type", "application/json")
                    .body(body.to_string())
                    .map_err(ureq::Error::from)?,
            )?,
            None if method == "POST" => self.0.run(request.body("").map_err(ureq::Error::from)?)?,
            None => self.0.run(request.body(()).map_err(ureq::Error::from)?)?,
        };
        let location = response.headers().get("location").and_then(|it| it.to_str().ok());
        let location = location.map(str::to_owned);
        let status = response.status().as_u16();
        let text = response.body_mut().with_config().limit(1 << 30).read_to_string()?;
        Ok(Answer { status, location, text })
    }
}
