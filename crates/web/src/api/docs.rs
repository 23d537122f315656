//! The specification, and pages made of it for people. No foreign scripts: nothing but text.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use http::header;
use serde_json::Value;
use utoipa::openapi::OpenApi;

use super::scope::Scope;
use super::specification;
use crate::app::App;
use crate::error::Code;
use crate::pages::assets;
use crate::visits::page;

/// The page of all calls.
#[derive(Template)]
#[template(path = "docs/calls.html")]
struct Calls {
    style: String,
    groups: Vec<Group>,
    scopes: &'static [(&'static str, &'static str)],
    shapes: Vec<Shape>,
}

/// Calls about one thing.
struct Group {
    name: String,
    calls: Vec<Call>,
}

/// One call.
struct Call {
    method: String,
    path: String,
    words: String,
    parameters: Vec<Parameter>,
    body: Option<String>,
    answers: Vec<(String, Option<String>)>,
}

/// A parameter or a member.
struct Parameter {
    name: String,
    place: String,
    words: String,
}

/// The shape of a body or an answer.
struct Shape {
    name: String,
    words: String,
    members: Vec<Parameter>,
}

/// The page of all problems.
#[derive(Template)]
#[template(path = "docs/problems.html")]
struct Problems {
    style: String,
    codes: &'static [Code],
}

/// The specification and its pages.
pub(crate) fn routes(given: OpenApi) -> Router<App> {
    let json: Arc<str> = pretty(&given).into();
    let calls = page_of(&specification::whole(&given));
    let calls: Arc<str> = calls.render().unwrap_or_default().into();
    Router::new()
        .route("/openapi.json", get(move || async move { text("application/json", &json) }))
        .route("/docs", get(move || async move { text("text/html; charset=utf-8", &calls) }))
        .route("/docs/problems", get(problems))
}

/// The specification as it is written down.
pub(crate) fn pretty(given: &OpenApi) -> String {
    // Through a value, so that members come in one order always.
    let value = specification::whole(given);
    let mut text = serde_json::to_string_pretty(&value).unwrap_or_default();
    text.push('\n');
    text
}

fn text(kind: &'static str, text: &str) -> Response {
    ([(header::CONTENT_TYPE, kind)], text.to_owned()).into_response()
}

async fn problems() -> Response {
    page::shown(&Problems { style: assets::url("app.css"), codes: Code::ALL })
}

fn page_of(specification: &Value) -> Calls {
    let mut groups: Vec<Group> = Vec::new();
    for (path, methods) in members(&specification["paths"]) {
        for (method, call) in members(methods) {
            let name = call["tags"][0].as_str().unwrap_or("Other").to_owned();
            let call = Call {
                method: method.to_uppercase(),
                path: path.clone(),
                words: words(&call["summary"], &call["description"]),
                parameters: call["parameters"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .map(parameter)
                    .collect(),
                body: shape_of(&call["requestBody"]["content"]),
                answers: members(&call["responses"])
                    .map(|(status, answer)| (status.clone(), shape_of(&answer["content"])))
                    .collect(),
            };
            match groups.iter_mut().find(|it| it.name == name) {
                Some(group) => group.calls.push(call),
                None => groups.push(Group { name, calls: vec![call] }),
            }
        }
    }
    let shapes = members(&specification["components"]["schemas"])
        .map(|(name, shape)| Shape {
            name: name.clone(),
            words: words(&shape["description"], &Value::Null),
            members: members(&shape["properties"])
                .map(|(name, member)| Parameter {
                    name: name.clone(),
                    place: kind(member),
                    words: words(&member["description"], &Value::Null),
                })
                .collect(),
        })
        .collect();
    Calls { style: assets::url("app.css"), groups, scopes: Scope::ALL, shapes }
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn words(first: &Value, second: &Value) -> String {
    [first, second].into_iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" ")
}

fn parameter(value: &Value) -> Parameter {
    Parameter {
        name: value["name"].as_str().unwrap_or_default().to_owned(),
        place: value["in"].as_str().unwrap_or_default().to_owned(),
        words: words(&value["description"], &Value::Null),
    }
}

/// The name of the shape that a content has.
fn shape_of(content: &Value) -> Option<String> {
    let (_, content) = members(content).next()?;
    reference(&content["schema"])
}

fn reference(schema: &Value) -> Option<String> {
    schema["$ref"].as_str()?.rsplit('/').next().map(str::to_owned)
}

/// A member's type, in a word.
fn kind(member: &Value) -> String {
    if let Some(name) = reference(member) {
        return name;
    }
    if let Some(options) = member["oneOf"].as_array() {
        return options.iter().map(kind).collect::<Vec<_>>().join(" or ");
    }
    match (member["type"].as_str(), member["type"].as_array()) {
        (Some("array"), _) => format!("list of {}", kind(&member["items"])),
        (Some(kind), _) => kind.to_owned(),
        (None, Some(kinds)) => {
            kinds.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" or ")
        }
        (None, None) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    /// `docs/openapi.json` is what programs are generated from. With `ROOMKEY_UPDATE=1` it is
    /// written anew.
    #[test]
    fn the_specification_is_written_down() {
        let (_, specification) = crate::api::routes();
        let now = super::pretty(&specification);
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json");
        if std::env::var_os("ROOMKEY_UPDATE").is_some() {
            std::fs::write(path, &now).unwrap();
        }
        let written = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            written == now,
            "docs/openapi.json is not what the handlers say; run this test with ROOMKEY_UPDATE=1"
        );
    }
}
