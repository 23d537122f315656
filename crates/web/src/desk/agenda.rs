//! The words of a session's agenda: what people read in the room's invitation at the vendor.

use super::check;
use super::template::{self, Words};

/// The longest template. Vendors take two thousand characters, and the marker's line is first.
const TEMPLATE: usize = 1500;
/// The longest agenda that is kept; an adapter cuts it to what its vendor takes.
const AGENDA: usize = 5000;

/// A template as it is kept: without blanks around it, with one kind of line ends; none, if nothing
/// is left.
pub(crate) fn normal(template: &str) -> Option<String> {
    let text = template.replace("\r\n", "\n").replace('\r', "\n");
    Some(text.trim()).filter(|it| !it.is_empty()).map(str::to_owned)
}

/// Whether a template can be filled.
///
/// # Errors
/// The fault's code and words.
pub(crate) fn check(template: &str) -> Result<(), (&'static str, String)> {
    let Some(template) = normal(template) else { return Ok(()) };
    check::text(&template, TEMPLATE)?;
    match template::strange(&template) {
        None => Ok(()),
        Some((name, line)) => Err((
            "invalid",
            format!("has {{{name}}} in line {line}, which is not one of {}", template::names()),
        )),
    }
}

/// Fills a template.
pub(crate) fn fill(template: &str, words: &Words<'_>) -> String {
    template::fill(template, words).trim().chars().take(AGENDA).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_has_lines_and_a_length() {
        assert_eq!(normal(" a\r\nb\rc \n").as_deref(), Some("a\nb\nc"));
        assert_eq!(normal(" \r\n"), None);
        assert_eq!(check(&format!("  {}\n", "é".repeat(TEMPLATE))), Ok(()));
        assert_eq!(check(&"x".repeat(TEMPLATE + 1)).map_err(|it| it.0), Err("too_long"));
        let strange = check("With {host}\nand {secret}").expect_err("a fault").1;
        assert!(strange.starts_with("has {secret} in line 2, which is not one of"), "{strange}");
        assert!(check("a\u{7}b").is_err());
    }
}
