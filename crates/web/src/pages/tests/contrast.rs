//! Every pair of colours that meet is told apart: 4.5 to 1 for text, 3 to 1 for edges and rings.

use std::collections::HashMap;

use crate::pages::assets;

type Tokens = HashMap<String, (u8, u8, u8)>;

fn style() -> String {
    let (_, bytes) = assets::all().find(|(name, _)| name == "app.css").expect("the style");
    String::from_utf8(bytes).expect("text")
}

fn tokens(block: &str) -> Tokens {
    let hex = |text: &str, at: usize| u8::from_str_radix(&text[at..at + 2], 16).expect("a colour");
    block
        .lines()
        .filter_map(|line| line.trim().strip_prefix("--")?.split_once(": #"))
        .map(|(name, value)| (name.to_owned(), (hex(value, 0), hex(value, 2), hex(value, 4))))
        .collect()
}

/// Light and dark.
fn schemes() -> [(&'static str, Tokens); 2] {
    let style = style();
    let (light, rest) =
        style.split_once("@media (prefers-color-scheme: dark)").expect("a dark scheme");
    let (dark, _) = rest.split_once("\n}").expect("its end");
    [("light", tokens(light)), ("dark", tokens(dark))]
}

fn luminance((red, green, blue): (u8, u8, u8)) -> f64 {
    let linear = |channel: u8| {
        let it = f64::from(channel) / 255.0;
        if it <= 0.04045 { it / 12.92 } else { ((it + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
}

fn contrast(one: (u8, u8, u8), other: (u8, u8, u8)) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

fn pairs() -> Vec<(String, String, f64)> {
    let mut pairs = Vec::new();
    let mut pair = |front: &str, ground: &str, least| {
        pairs.push((front.to_owned(), ground.to_owned(), least));
    };
    for ground in ["paper", "surface", "plain-soft"] {
        for front in ["ink", "quiet", "key", "brass", "stop", "fine"] {
            pair(front, ground, 4.5);
        }
    }
    for ground in ["fine", "brass", "stop", "key"] {
        pair(ground, &format!("{ground}-soft"), 4.5);
        pair("ink", &format!("{ground}-soft"), 4.5);
    }
    for ground in ["key", "key-deep"] {
        pair("on-key", ground, 4.5);
    }
    pair("on-stop", "stop", 4.5);
    for ground in ["paper", "surface"] {
        pair("edge", ground, 3.0);
    }
    pairs
}

#[test]
fn pairs_are_told_apart() {
    let mut faint = Vec::new();
    for (scheme, tokens) in schemes() {
        for (front, ground, least) in pairs() {
            let got = contrast(tokens[&front], tokens[&ground]);
            if got < least {
                faint.push(format!("{scheme}: {front} on {ground} is {got:.2}, wants {least}"));
            }
        }
    }
    assert!(faint.is_empty(), "{}", faint.join("\n"));
}

#[test]
fn the_measure_is_right() {
    assert!((contrast((0, 0, 0), (255, 255, 255)) - 21.0).abs() < 0.01);
    assert!((contrast((0x77, 0x77, 0x77), (255, 255, 255)) - 4.48).abs() < 0.01);
}

#[test]
fn both_schemes_have_the_same_tokens() {
    let [(_, light), (_, dark)] = schemes();
    let mut missing: Vec<_> = light.keys().filter(|name| !dark.contains_key(*name)).collect();
    missing.sort();
    assert!(missing.is_empty(), "without a dark value: {missing:?}");
}

#[test]
fn colours_are_named_once() {
    // Outside the tokens only the QR code has colours of its own: it is dark on light for scanners.
    let style = style();
    let (_, rest) = style.split_once("@font-face").expect("the end of the tokens");
    for line in rest.lines().filter(|line| line.contains(": #") || line.contains("rgb(")) {
        assert!(line.starts_with(".qr"), "a colour without a token: {line}");
    }
}
