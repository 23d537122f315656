//! The specification, completed with what is true of every call: a name of its own, words for each
//! answer, and the problems that any call may be answered with.

use http::StatusCode;
use serde_json::{Map, Value, json};
use utoipa::openapi::OpenApi;

/// What calls may be answered with besides what each says itself.
const ANY: [u16; 4] = [401, 403, 429, 503];
/// The same, of calls with a body.
const WITH_BODY: [u16; 4] = [400, 413, 415, 422];
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];
const PROBLEM: &str = "#/components/schemas/Problem";

/// The specification as a value, whole.
pub(super) fn whole(specification: &OpenApi) -> Value {
    let mut value = serde_json::to_value(specification).unwrap_or_default();
    let mut patches = Map::new();
    let schemas = value["components"]["schemas"].clone();
    if let Some(paths) = value["paths"].as_object_mut() {
        for (path, calls) in paths {
            let Some(calls) = calls.as_object_mut() else { continue };
            for (method, call) in calls.iter_mut().filter(|(it, _)| METHODS.contains(&it.as_str()))
            {
                call["operationId"] = json!(name(method, path));
                if method == "patch" {
                    patches.extend(leave_out(call, &schemas));
                }
                complete(path, call);
            }
        }
    }
    if let Some(schemas) = value["components"]["schemas"].as_object_mut() {
        schemas.extend(patches);
    }
    value
}

/// A name that no other call has: `post_bookings_by_booking_cancel`.
fn name(method: &str, path: &str) -> String {
    let mut words = vec![method.to_owned()];
    for part in path.split('/').filter(|it| !it.is_empty() && *it != "v1") {
        let inner = part.trim_start_matches('{').trim_end_matches('}');
        let inner: String =
            inner.chars().map(|it| if it.is_ascii_alphanumeric() { it } else { '_' }).collect();
        words.push(if part.starts_with('{') { format!("by_{inner}") } else { inner });
    }
    words.join("_")
}

/// What is left out of a change stays: a body of which everything may be left out.
fn leave_out(call: &mut Value, schemas: &Value) -> Option<(String, Value)> {
    let taken = call.pointer_mut("/requestBody/content/application~1json/schema/$ref")?;
    let shape = taken.as_str()?.rsplit('/').next()?.to_owned();
    let mut patch = schemas.get(&shape)?.clone();
    patch.as_object_mut()?.remove("required")?;
    let shape = if shape.ends_with("Patch") {
        shape
    } else {
        format!("{}Patch", shape.trim_end_matches("Input"))
    };
    *taken = json!(format!("#/components/schemas/{shape}"));
    Some((shape, patch))
}

fn complete(path: &str, call: &mut Value) {
    let has_body = call.get("requestBody").is_some();
    let Some(answers) = call["responses"].as_object_mut() else { return };
    let mut more: Vec<u16> = ANY.to_vec();
    if has_body {
        more.extend(WITH_BODY);
    } else {
        more.push(400);
    }
    if path.contains('{') {
        more.push(404);
    }
    for status in more {
        answers.entry(status.to_string()).or_insert_with(|| json!({}));
    }
    for (status, answer) in answers {
        let Some(answer) = answer.as_object_mut() else { continue };
        let said = answer.get("description").and_then(Value::as_str).unwrap_or_default();
        if said.is_empty() {
            answer.insert("description".to_owned(), json!(words(status)));
        }
        let status: u16 = status.parse().unwrap_or_default();
        if status >= 400 {
            let problem = json!({"application/problem+json": {"schema": {"$ref": PROBLEM}}});
            answer.insert("content".to_owned(), problem);
        }
    }
}

fn words(status: &str) -> &str {
    let code = status.parse().ok().and_then(|it| StatusCode::from_u16(it).ok());
    code.and_then(|it| it.canonical_reason()).unwrap_or("As it is")
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn calls_have_names_of_their_own() {
        assert_eq!(name("post", "/v1/bookings"), "post_bookings");
        assert_eq!(
            name("post", "/v1/bookings/{booking}/no-show"),
            "post_bookings_by_booking_no_show"
        );
    }

    #[test]
    fn every_answer_has_words_and_every_call_a_name() {
        let (_, specification) = super::super::routes();
        let value = whole(&specification);
        let mut names = HashSet::new();
        for (path, calls) in value["paths"].as_object().expect("paths") {
            for (method, call) in calls.as_object().expect("calls") {
                let name = call["operationId"].as_str().expect("a name");
                assert!(names.insert(name.to_owned()), "{name} twice");
                for (status, answer) in call["responses"].as_object().expect("answers") {
                    let said = answer["description"].as_str().unwrap_or_default();
                    assert!(!said.is_empty(), "{method} {path} {status}");
                }
                let shape = &call["requestBody"]["content"]["application/json"]["schema"]["$ref"];
                let shape = shape.as_str().and_then(|it| it.rsplit('/').next());
                if let Some(shape) = shape {
                    assert!(value["components"]["schemas"].get(shape).is_some(), "{shape}");
                }
            }
        }
        let patch = &value["components"]["schemas"]["HostPatch"];
        assert!(patch["properties"]["name"].is_object() && patch.get("required").is_none());
    }
}
