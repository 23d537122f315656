//! The words of a session's title.

use super::check;

/// The template of services that have none.
const DEFAULT: &str = "{service} with {host}";
const NAMES: [&str; 4] = ["service", "host", "guest", "guest_first_name"];

/// What a title is made of.
pub(crate) struct Words<'a> {
    pub(crate) service: &'a str,
    pub(crate) host: &'a str,
    pub(crate) guest: &'a str,
}

/// Whether a template can be filled.
///
/// # Errors
/// The fault's code and words.
pub fn check(template: &str) -> Result<(), (&'static str, String)> {
    check::name(template, check::NAME)?;
    for piece in pieces(template) {
        match piece {
            Ok(_) => {}
            Err(name) if NAMES.contains(&name) => {}
            Err(name) => {
                return Err((
                    "invalid",
                    format!(
                        "has {{{name}}}, which is not one of {{service}}, {{host}}, {{guest}} and {{guest_first_name}}"
                    ),
                ));
            }
        }
    }
    Ok(())
}

/// Fills a template; the result is a title that can be kept.
pub(crate) fn fill(template: Option<&str>, words: &Words<'_>) -> String {
    let filled: String = pieces(template.unwrap_or(DEFAULT))
        .map(|piece| match piece {
            Ok(text) => text,
            Err("service") => words.service,
            Err("host") => words.host,
            Err("guest") => words.guest,
            Err("guest_first_name") => words.guest.split_whitespace().next().unwrap_or_default(),
            Err(other) => other,
        })
        .collect();
    filled.chars().take(check::NAME).collect()
}

/// The template in pieces: `Ok` for text, `Err` for a name in braces. A brace that is never closed
/// is text.
fn pieces(template: &str) -> impl Iterator<Item = Result<&str, &str>> {
    let mut rest = template;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        if let Some(name) = rest.strip_prefix('{').and_then(|it| it.split_once('}')) {
            rest = name.1;
            return Some(Err(name.0));
        }
        let end =
            rest.char_indices().skip(1).find(|(_, c)| *c == '{').map_or(rest.len(), |it| it.0);
        let (text, after) = rest.split_at(end);
        rest = after;
        Some(Ok(text))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_filled_and_a_strange_one_refused() {
        let words = Words { service: "Algebra", host: "Ana {guest}", guest: "Rui Costa" };
        assert_eq!(fill(None, &words), "Algebra with Ana {guest}");
        assert_eq!(fill(Some("{guest_first_name}: {service}!"), &words), "Rui: Algebra!");
        assert_eq!(fill(Some("{ open"), &words), "{ open");
        assert_eq!(check("{service}"), Ok(()));
        assert!(check("{secret}").is_err());
        assert!(check("").is_err());
    }
}
