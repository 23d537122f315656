//! The words of a session's title.

use super::check;
use super::template::{self, Words};

/// The template of services that have none.
const DEFAULT: &str = "{service} with {host}";

/// Whether a template can be filled.
///
/// # Errors
/// The fault's code and words.
pub fn check(template: &str) -> Result<(), (&'static str, String)> {
    check::name(template, check::NAME)?;
    match template::strange(template) {
        None => Ok(()),
        Some((name, _)) => {
            Err(("invalid", format!("has {{{name}}}, which is not one of {}", template::names())))
        }
    }
}

/// Fills a template; the result is a title that can be kept. Vendors trim titles, so they have no
/// blanks around them.
pub(crate) fn fill(template: Option<&str>, words: &Words<'_>) -> String {
    let filled = template::fill(template.unwrap_or(DEFAULT), words);
    let cut: String = filled.trim().chars().take(check::NAME).collect();
    cut.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::template::tests::booking;
    use super::*;

    #[test]
    fn a_template_is_filled_and_a_strange_one_refused() {
        let booking = booking("2027-03-01T15:00:00Z");
        let words =
            Words { service: "Algebra", host: "Ana {guest}", guest: "Rui", booking: &booking };
        assert_eq!(fill(None, &words), "Algebra with Ana {guest}");
        assert_eq!(fill(Some("{guest_first_name}: {service}!"), &words), "Rui: Algebra!");
        assert_eq!(fill(Some("{guest_first_name} {guest_last_initial}"), &words), "Rui");
        assert_eq!(fill(Some("{start_date}, {start_time}"), &words), "Mon 1 March 2027, 15:00");
        assert_eq!(fill(Some(&"{service}".repeat(50)), &words).chars().count(), check::NAME);
        assert_eq!(check("{service}"), Ok(()));
        assert!(check("{secret}").is_err());
        assert!(check("").is_err());
    }
}
