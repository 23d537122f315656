//! How a form is answered.

use axum::response::{IntoResponse as _, Response};

use super::super::page;
use super::done::Done;
use crate::error::{Code, Problem};
use crate::pages::error::ErrorPage;

/// It went well: off to the page to see.
pub(super) fn see(path: &str, done: Done) -> Response {
    page::see_other(&done.at(path))
}

/// A refusal that no form can show.
pub(super) fn refused(problem: Problem) -> Response {
    if problem.code() == Code::NotFound {
        return page::not_found();
    }
    let status = problem.code().status();
    let words = if status.is_server_error() {
        "Nothing has changed. Try again in a moment."
    } else {
        problem.detail()
    };
    let page = ErrorPage::problem(status.as_u16(), problem.code().title(), words);
    let answer = page::with_status(status, &page);
    if status.is_server_error() {
        // Answering is what logs the cause.
        drop(problem.into_response());
    }
    answer
}

/// Whether a form can show why it was refused.
pub(super) fn is_for_the_form(problem: &Problem) -> bool {
    problem.code() != Code::NotFound && problem.code().status().is_client_error()
}
