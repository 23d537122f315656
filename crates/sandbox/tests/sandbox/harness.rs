//! A running sandbox, and somebody who talks to it.

use std::net::SocketAddr;

use reqwest::{Client, Method, Response};
use roomkey_sandbox::{Sandbox, Settings};
use serde_json::{Value, json};
use url::Url;

use crate::contract;

pub(crate) const HOST: &str = "host@practice.example";

pub(crate) struct Harness {
    pub(crate) sandbox: Sandbox,
    pub(crate) http: Client,
    pub(crate) token: String,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) status: u16,
    pub(crate) headers: http::HeaderMap,
    pub(crate) body: Value,
}

fn any_port() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

#[expect(clippy::disallowed_methods, reason = "a test is its own client")]
pub(crate) fn client() -> Client {
    Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

impl Harness {
    pub(crate) async fn start() -> Self {
        Self::start_with(None, None).await
    }

    pub(crate) async fn start_with(
        zoom_event_url: Option<Url>,
        zoom_secret: Option<String>,
    ) -> Self {
        let sandbox = roomkey_sandbox::start(Settings {
            listen: any_port(),
            smtp_listen: any_port(),
            public_url: None,
            zoom_event_url,
            zoom_secret,
        })
        .await
        .unwrap();
        let mut harness = Self { sandbox, http: client(), token: String::new() };
        harness.sign_in().await;
        harness
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.sandbox.url().as_str().trim_end_matches('/'))
    }

    /// A fresh token for `acc-1`.
    pub(crate) async fn sign_in(&mut self) {
        let said = self.token_call("client-1", "secret-1", "acc-1").await;
        assert_eq!(said.status, 200, "{said:?}");
        self.token = said.body["access_token"].as_str().unwrap().to_owned();
    }

    pub(crate) async fn token_call(&self, client: &str, secret: &str, account: &str) -> Said {
        let response = self
            .http
            .post(self.url("/zoom/oauth/token"))
            .basic_auth(client, Some(secret))
            .form(&[("grant_type", "account_credentials"), ("account_id", account)])
            .send()
            .await
            .unwrap();
        said(response).await
    }

    pub(crate) fn request(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> reqwest::RequestBuilder {
        let request = self
            .http
            .request(method, self.url(&format!("/zoom/v2{path}")))
            .bearer_auth(&self.token);
        match body {
            Some(body) => request.json(body),
            None => request,
        }
    }

    /// One call of Zoom's interface that is answered, and answered as the contract says.
    pub(crate) async fn zoom(&self, method: Method, path: &str, body: Option<Value>) -> Said {
        let response = self.request(method.clone(), path, body.as_ref()).send().await.unwrap();
        let said = said(response).await;
        contract::check_answer(method.as_str(), path, said.status, &said.body);
        assert!(said.headers.contains_key("x-zm-trackingid"));
        assert!(said.headers.contains_key("x-ratelimit-limit"));
        said
    }

    pub(crate) async fn get(&self, path: &str) -> Said {
        self.zoom(Method::GET, path, None).await
    }

    pub(crate) async fn create(&self, body: Value) -> Said {
        self.zoom(Method::POST, &format!("/users/{HOST}/meetings"), Some(body)).await
    }

    /// A meeting next year, with what is given on top; it has to be accepted.
    pub(crate) async fn meeting(&self, more: Value) -> Value {
        let mut body = json!({"topic": "Algebra with Ana", "type": 2, "start_time": "2027-12-01T15:00:00Z",
                              "duration": 60, "timezone": "Europe/Lisbon"});
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        let said = self.create(body).await;
        assert_eq!(said.status, 201, "{said:?}");
        said.body
    }

    pub(crate) async fn patch(&self, id: &Value, body: Value) -> Said {
        self.zoom(Method::PATCH, &format!("/meetings/{id}"), Some(body)).await
    }

    pub(crate) async fn delete(&self, id: &Value) -> Said {
        self.zoom(Method::DELETE, &format!("/meetings/{id}"), None).await
    }

    pub(crate) async fn read(&self, id: &Value) -> Value {
        let said = self.get(&format!("/meetings/{id}")).await;
        assert_eq!(said.status, 200, "{said:?}");
        said.body
    }

    /// The numbers that the host's list shows.
    pub(crate) async fn listed(&self) -> Vec<i64> {
        let said = self.get(&format!("/users/{HOST}/meetings?page_size=300")).await;
        assert_eq!(said.status, 200, "{said:?}");
        let meetings = said.body["meetings"].as_array().unwrap();
        meetings.iter().map(|meeting| meeting["id"].as_i64().unwrap()).collect()
    }

    /// One call of the sandbox's own controls, which has to succeed.
    pub(crate) async fn control(&self, method: Method, path: &str, body: Option<Value>) -> Value {
        let said = self.control_raw(method, path, body).await;
        assert!((200..300).contains(&said.status), "{said:?}");
        said.body
    }

    pub(crate) async fn control_raw(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Said {
        let request = self.http.request(method, self.url(&format!("/_sandbox{path}")));
        let request = match &body {
            Some(body) => request.json(body),
            None => request,
        };
        said(request.send().await.unwrap()).await
    }

    pub(crate) async fn fault(&self, order: Value) -> Value {
        self.control(Method::POST, "/faults", Some(order)).await
    }

    pub(crate) async fn advance(&self, by: &str) {
        self.control(Method::POST, "/clock", Some(json!({"advance": by}))).await;
    }

    /// All meetings that exist, whoever has them.
    pub(crate) async fn existing(&self) -> Vec<Value> {
        let state = self.control(Method::GET, "/state", None).await;
        let accounts = state["zoom"]["accounts"].as_array().unwrap();
        accounts
            .iter()
            .flat_map(|account| account["meetings"].as_array().unwrap().clone())
            .collect()
    }

    pub(crate) async fn calls(&self) -> Vec<Value> {
        let calls = self.control(Method::GET, "/calls", None).await;
        calls.as_array().unwrap().clone()
    }

    pub(crate) async fn page(&self, url: &str) -> (u16, String) {
        let response = self.http.get(url).send().await.unwrap();
        let status = response.status().as_u16();
        (status, response.text().await.unwrap())
    }

    /// Sends a form and gives status and where it leads.
    pub(crate) async fn form(&self, url: &str, fields: &[(&str, &str)]) -> (u16, String, String) {
        let response = self.http.post(url).form(fields).send().await.unwrap();
        let status = response.status().as_u16();
        let location = response.headers().get("location");
        let location = location.map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default();
        (status, location, response.text().await.unwrap())
    }
}

async fn said(response: Response) -> Said {
    let status = response.status().as_u16();
    let headers = response.headers().clone();
    let bytes = response.bytes().await.unwrap();
    let body = if bytes.is_empty() {
        Value::Null
    } else {
        serde_json::from_slice(&bytes)
            .unwrap_or_else(|_| json!(String::from_utf8_lossy(&bytes).into_owned()))
    };
    Said { status, headers, body }
}
