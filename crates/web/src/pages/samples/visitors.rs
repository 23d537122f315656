//! Pages for people who are not signed in.

use super::{HOSTILE, Sample, render};
use crate::pages::error::ErrorPage;
use crate::pages::home::HomePage;
use crate::pages::lobby::{Contact, LinkReplacedPage};
use crate::pages::pill::Action;
use crate::pages::sign_in::{SignInNeededPage, SignInPage, SignInSpentPage, SignedOutPage};

pub(super) fn all() -> Vec<Sample> {
    let sign_in = |practice: &str| SignInPage {
        practice: practice.to_owned(),
        whom: "as operator".to_owned(),
        action: "/in/9xT2".to_owned(),
    };
    let problem = ErrorPage::problem(
        409,
        "The booking is cancelled.",
        "Reopen it first, then reschedule it.",
    )
    .with_action(Action::new("Back to the booking", "/operator/bookings"));
    vec![
        render("home", &HomePage),
        render(
            "replaced",
            &LinkReplacedPage {
                practice: "Oak Lane Practice".to_owned(),
                contact: Contact::new("hello@oaklane.example"),
            },
        ),
        render("sign-in", &sign_in("Oak Lane Practice")),
        render("sign-in-hostile-names", &sign_in(HOSTILE)),
        render("sign-in-spent", &SignInSpentPage),
        render("sign-in-needed", &SignInNeededPage),
        render("signed-out", &SignedOutPage),
        render("error-404", &ErrorPage::not_found()),
        render("error-410", &ErrorPage::gone()),
        render("error-403", &ErrorPage::form_expired()),
        render("error-429", &ErrorPage::too_many()),
        render("error-500", &ErrorPage::fault("7f3k-92mq")),
        render("error-409", &problem),
        render("error-hostile-names", &ErrorPage::problem(400, HOSTILE, HOSTILE)),
    ]
}
