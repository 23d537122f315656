//! Forms lose nothing, name everything, and carry the form token.

use std::collections::HashSet;

use super::markup::{Tag, tags};
use crate::pages::operator::connections::ZoomValues;
use crate::pages::operator::hosts::HostValues;
use crate::pages::operator::new_booking::NewBookingValues;
use crate::pages::operator::services::ServiceValues;
use crate::pages::samples;

fn page(name: &str) -> String {
    let sample = samples::all().into_iter().find(|it| it.name == name).expect("a sample");
    sample.html.expect("a page")
}

/// What a browser would send for a field.
fn sent(tags: &[Tag], id: &str) -> Option<String> {
    let at = tags.iter().position(|tag| tag.get("id") == Some(id))?;
    let tag = &tags[at];
    match tag.name.as_str() {
        "textarea" => Some(tag.text.clone()),
        "select" => tags[at + 1..]
            .iter()
            .take_while(|tag| tag.name != "/select")
            .find(|tag| tag.get("selected").is_some())
            .and_then(|tag| tag.get("value"))
            .map(str::to_owned),
        _ if tag.get("type") == Some("checkbox") => {
            Some(if tag.get("checked").is_some() { "on" } else { "" }.to_owned())
        }
        _ => tag.get("value").map(str::to_owned),
    }
}

fn assert_keeps(page_name: &str, form: &str, fields: &[&str], values: &serde_json::Value) {
    let html = page(page_name);
    let tags = tags(&html);
    for field in fields {
        let wanted = values[field].as_str().expect("a text");
        let id = format!("{form}-{field}");
        assert_eq!(sent(&tags, &id).as_deref(), Some(wanted), "{page_name}: {field}");
    }
}

#[test]
fn nothing_is_lost_on_a_fault() {
    let value = |it: &dyn Fn() -> serde_json::Result<serde_json::Value>| it().expect("values");
    let (_, faulty) = samples::new_bookings().pop().expect("a page");
    let values = value(&|| serde_json::to_value(&faulty.form.values));
    assert_keeps("new-booking-faulty", "booking", NewBookingValues::FIELDS, &values);

    let (_, faulty) = samples::hosts().into_iter().find(|it| it.0 == "faulty").expect("a page");
    let values = value(&|| serde_json::to_value(&faulty.form.values));
    assert_keeps("hosts-faulty", "host", HostValues::FIELDS, &values);

    let (_, faulty) = samples::services().into_iter().find(|it| it.0 == "faulty").expect("a page");
    let values = value(&|| serde_json::to_value(&faulty.form.values));
    assert_keeps("services-faulty", "service", ServiceValues::FIELDS, &values);

    let (_, faulty) = samples::connections().into_iter().find(|it| it.0 == "faulty").expect("it");
    let it = &faulty.zoom.values;
    // What is secret is typed again: it is neither sent back nor printed.
    let values = serde_json::json!({
        "account_id": it.account_id, "client_id": it.client_id,
        "client_secret": "", "webhook_secret": "", "seats": it.seats,
    });
    assert_keeps("connections-faulty", "zoom", ZoomValues::FIELDS, &values);
    assert!(!page("connections-faulty").contains("typed-secret"));
    assert!(!format!("{it:?}").contains("typed-secret"), "secrets print themselves");

    let (_, faulty) = samples::bookings().into_iter().find(|it| it.0 == "faulty").expect("it");
    let values = value(&|| serde_json::to_value(&faulty.actions.reschedule.values));
    let fields = ["date", "time", "time_zone", "duration_minutes"];
    assert_keeps("booking-faulty", "reschedule", &fields, &values);
    let values = value(&|| serde_json::to_value(&faulty.actions.link.values));
    assert_keeps("booking-faulty", "link", &["url", "passcode"], &values);
    let values = value(&|| serde_json::to_value(&faulty.actions.cancel.values));
    assert_keeps("booking-faulty", "cancel", &["reason"], &values);
}

#[test]
fn a_fault_is_said_in_place_of_the_help_and_opens_what_holds_it() {
    let html = page("booking-faulty");
    assert!(html.contains("Clocks are set forward over this time on that day."));
    let tags = tags(&html);
    let asks = tags.iter().filter(|it| it.get("class") == Some("ask"));
    assert_eq!(asks.filter(|it| it.get("open").is_some()).count(), 3);
    assert!(page("new-booking-faulty").contains("Two things are to be mended"));
    assert!(!page("new-booking-faulty").contains("The confirmation and the link go there."));
}

#[test]
fn every_control_has_a_name_for_people() {
    for sample in samples::all() {
        let html = sample.html.expect("a page");
        let tags = tags(&html);
        let labels: HashSet<_> = tags
            .iter()
            .filter(|tag| tag.name == "label")
            .filter_map(|tag| tag.get("for"))
            .collect();
        let mut in_label = false;
        let mut ids = HashSet::new();
        for tag in &tags {
            match tag.name.as_str() {
                "label" => in_label = true,
                "/label" => in_label = false,
                "input" | "select" | "textarea" if tag.get("type") != Some("hidden") => {
                    let named = in_label
                        || tag.get("aria-label").is_some()
                        || tag.get("id").is_some_and(|id| labels.contains(id));
                    assert!(named, "{}: a nameless {tag:?}", sample.name);
                }
                _ => {}
            }
            for reference in ["aria-describedby", "aria-labelledby"] {
                if let Some(id) = tag.get(reference) {
                    assert!(html.contains(&format!("id=\"{id}\"")), "{}: no {id}", sample.name);
                }
            }
            if let Some(id) = tag.get("id") {
                assert!(ids.insert(id), "{}: two {id}", sample.name);
            }
        }
        // This one sample shows several faulty forms at once; a visit has one.
        let most = if sample.name == "booking-faulty" { 2 } else { 1 };
        assert!(html.matches("autofocus").count() <= most, "{}", sample.name);
    }
}

#[test]
fn every_operators_form_carries_the_form_token() {
    for sample in samples::all() {
        let html = sample.html.expect("a page");
        let tags = tags(&html);
        for (at, tag) in tags.iter().enumerate().filter(|(_, tag)| tag.name == "form") {
            let action = tag.get("action").expect("where it goes");
            if tag.get("method") == Some("post")
                && !action.starts_with("/j/")
                && !action.starts_with("/in/")
            {
                let token = tags[at + 1..]
                    .iter()
                    .take_while(|tag| tag.name != "/form")
                    .find(|tag| tag.get("name") == Some("csrf"))
                    .and_then(|tag| tag.get("value"));
                assert_eq!(token, Some("sample-form-token"), "{}: {action}", sample.name);
            }
        }
    }
}
