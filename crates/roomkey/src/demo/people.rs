//! Who gives sessions at the demo's practice, and their licences at the stand-in for Zoom.

use roomkey_providers::Http;
use roomkey_providers::http::{Method, Request};
use serde_json::json;
use url::Url;

use crate::failure::Failure;

/// A host of the demo.
pub(super) struct Person {
    pub(super) external_id: &'static str,
    pub(super) name: &'static str,
    pub(super) email: &'static str,
    pub(super) time_zone: &'static str,
}

/// The hosts, the first of whom the sandbox knows already.
pub(super) const HOSTS: [Person; 3] = [
    Person {
        external_id: "maren",
        name: "Dr Maren Hollis",
        email: "host@practice.example",
        time_zone: "Europe/London",
    },
    Person {
        external_id: "ines",
        name: "Inês Duarte",
        email: "ines@practice.example",
        time_zone: "Europe/Lisbon",
    },
    Person {
        external_id: "tomasz",
        name: "Tomasz Zieliński",
        email: "tomasz@practice.example",
        time_zone: "Europe/Warsaw",
    },
];

/// Gives all hosts a licence at the stand-in for Zoom.
pub(super) async fn license(http: &Http, sandbox: &Url) -> Result<(), Failure> {
    let users: Vec<_> =
        HOSTS.iter().map(|host| json!({"email": host.email, "licensed": true})).collect();
    let order = json!({"vendor": "zoom", "account": "acc-1", "users": users});
    let wrong =
        |why: String| Failure::Refused(format!("the sandbox did not take the hosts: {why}"));
    let url = sandbox.join("/_sandbox/accounts").map_err(|error| wrong(error.to_string()))?;
    let reply = http
        .send(Request::new(Method::POST, url).json(order), http.deadline())
        .await
        .map_err(|error| wrong(error.to_string()))?;
    if reply.is_success() { Ok(()) } else { Err(wrong(format!("status {}", reply.status))) }
}
