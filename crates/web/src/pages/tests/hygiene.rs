//! Nothing foreign, nothing internal, nothing hostile.

use std::collections::HashSet;

use super::markup::{tags, words};
use crate::pages::samples;

fn pages() -> impl Iterator<Item = (String, String)> {
    samples::all().into_iter().map(|sample| {
        let html = sample.html.unwrap_or_else(|error| panic!("{}: {error}", sample.name));
        (sample.name, html)
    })
}

#[test]
fn every_sample_renders_and_has_a_name_of_its_own() {
    let mut seen = HashSet::new();
    for (name, html) in pages() {
        assert!(seen.insert(name.clone()), "two samples are called {name}");
        assert_eq!(html.starts_with("<!doctype html>"), !name.starts_with("live-"), "{name}");
        if !name.starts_with("live-") {
            assert_eq!(html.matches("<h1").count(), if name == "design" { 3 } else { 1 }, "{name}");
            let title = tags(&html).into_iter().find(|tag| tag.name == "title");
            assert!(!title.expect("a title").text.trim().is_empty(), "{name}");
        }
    }
}

#[test]
fn nothing_but_our_own_files_is_loaded_and_nothing_is_inline() {
    for (name, html) in pages() {
        for tag in tags(&html) {
            for (key, value) in &tag.attributes {
                assert!(!key.starts_with("on"), "{name}: {key} on <{}>", tag.name);
                assert_ne!(key, "style", "{name}: an inline style on <{}>", tag.name);
                let loads = matches!(
                    (tag.name.as_str(), key.as_str()),
                    ("link", "href") | ("script" | "img" | "iframe" | "source", "src")
                );
                assert!(!loads || value.starts_with("/assets/"), "{name} loads {value}");
                if key == "href" {
                    let kinds = ["/", "#", "https://", "mailto:", "tel:"];
                    assert!(
                        kinds.iter().any(|it| value.starts_with(it)),
                        "{name} leads to {value}"
                    );
                }
                if key == "action" {
                    assert!(value.starts_with('/'), "{name} sends to {value}");
                }
                if key == "target" {
                    let rel = tag.get("rel").unwrap_or("");
                    assert!(rel.contains("noopener") && rel.contains("noreferrer"), "{name}");
                }
            }
            assert_ne!(tag.name, "style", "{name}");
            if tag.name == "script" {
                assert!(tag.get("src").is_some() && tag.text.trim().is_empty(), "{name}");
            }
        }
    }
}

#[test]
fn hostile_names_stay_words() {
    let hostile: Vec<_> = pages().filter(|(name, _)| name.contains("hostile")).collect();
    assert!(hostile.len() >= 6);
    for (name, html) in hostile {
        assert!(words(&html).contains(samples::HOSTILE), "{name} does not show the name");
        for tag in tags(&html) {
            assert_ne!(tag.get("src"), Some("x"), "{name}");
        }
    }
}

#[test]
fn words_stand_where_codes_do_not_belong() {
    let prefixes = ["bkg_", "hst_", "svc_", "con_", "mtg_", "rom_", "gst_"];
    for (name, html) in pages() {
        let words = words(&html);
        for trace in ["[object", "Some(", "None,", "::", "NaN", "undefined", "{{", "%}", "null"] {
            assert!(!words.contains(trace), "{name} holds {trace}");
        }
        // Names in braces are for people to type.
        let typed = words.split('{').map(|it| it.split_once('}').map_or(it, |(_, rest)| rest));
        let words = typed.collect::<Vec<_>>().join(" ");
        // A vendor's scopes are named as people find them there.
        let named = words.split_whitespace().filter(|it| it.matches(':').count() < 2);
        let words = named.collect::<Vec<_>>().join(" ");
        for word in words.split(|it: char| !(it.is_ascii_alphanumeric() || it == '_')) {
            let joined = word
                .split('_')
                .filter(|part| !part.is_empty() && part.chars().all(|it| it.is_ascii_lowercase()));
            let is_id = prefixes.iter().any(|prefix| word.starts_with(prefix)) && word.len() == 30;
            assert!(is_id || !word.contains('_') || joined.count() < 2, "{name} holds {word}");
        }
        assert!(!words.contains('!') || name.contains("hostile"), "{name} exclaims");
        assert!(!words.contains("Oops"), "{name}");
    }
}

#[test]
fn a_fault_reveals_nothing_but_its_reference() {
    let (_, html) = pages().find(|(name, _)| name == "error-500").expect("the page");
    let words = words(&html);
    assert!(words.contains("7f3k-92mq"));
    assert!(!words.contains("500"));
}

#[test]
fn the_live_part_is_the_pages_own() {
    let all: Vec<_> = pages().collect();
    for (name, live) in all.iter().filter(|(name, _)| name.starts_with("live-")) {
        let page = name.replacen("live-", "lobby-", 1);
        let (_, page) = all.iter().find(|(name, _)| *name == page).expect("its page");
        assert!(page.contains(live.trim_end()), "{name} differs from what its page shows");
    }
}

#[test]
fn scripts_are_small() {
    for (name, bytes) in crate::pages::assets::all() {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if name.ends_with(".js") {
            assert!(text.lines().count() < 100, "{name} has grown");
            for word in ["eval(", "new Function", "document.write", "http:", "https:"] {
                assert!(!text.contains(word), "{name} holds {word}");
            }
        }
    }
}
