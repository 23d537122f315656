//! What is wrong with a form, from what a command says.
//!
//! A command names members of the API, and its words go on from the member's name; a form has
//! fields of its own, and tells whole sentences.

use crate::error::{Fault, Problem};
use crate::pages::form::Errors;

/// A member, the field that asks for it, and how a sentence about it begins.
pub(super) type Name = (&'static str, &'static str, &'static str);

/// A command's refusal in words of the form.
pub(super) fn of(problem: &Problem, names: &[Name]) -> Errors {
    if problem.faults().is_empty() {
        Errors::of_the_whole(problem.detail())
    } else {
        of_faults(problem.faults(), names)
    }
}

/// Faults in words of the form. What no field asks for is a fault of the whole.
pub(super) fn of_faults(faults: &[Fault], names: &[Name]) -> Errors {
    let named = |fault: &Fault| names.iter().find(|(pointer, ..)| *pointer == fault.pointer);
    let strays: Vec<String> = faults
        .iter()
        .filter(|fault| named(fault).is_none())
        .map(|fault| format!("{} {}.", fault.pointer.trim_start_matches('/'), fault.message))
        .collect();
    let mut errors =
        if strays.is_empty() { Errors::none() } else { Errors::of_the_whole(strays.join(" ")) };
    for fault in faults {
        if let Some((_, field, subject)) = named(fault) {
            errors.add(field, format!("{subject} {}.", fault.message));
        }
    }
    errors
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_stand_by_their_fields_and_strays_above() {
        let names: [Name; 1] = [("/guests/0/email", "guest_email", "The guest’s e-mail")];
        let errors = of_faults(
            &[
                Fault::new("/guests/0/email", "invalid", "is not an e-mail address"),
                Fault::new("/route", "invalid", "needs an option"),
            ],
            &names,
        );
        assert_eq!(errors.of("guest_email"), Some("The guest’s e-mail is not an e-mail address."));
        assert_eq!(errors.whole(), Some("route needs an option."));
    }
}
