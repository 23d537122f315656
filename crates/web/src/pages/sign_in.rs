//! Signing in and out.
//!
//! A one-time link is used up by `POST` only, so its page is a button: mail scanners that follow
//! links sign nobody in.

use askama::Template;

use super::icon::Icon;
use super::pill::{Pill, Tone};

/// What a one-time link opens: a button, and nothing is used up yet.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "sign_in/page.html")]
pub struct SignInPage {
    /// The practice's name.
    pub practice: String,
    /// Who is to be signed in, as the person knows it: "as operator", "as Dr Miriam Adler".
    pub whom: String,
    /// Where the button goes: `POST /in/{once}`.
    pub action: String,
}

/// A one-time link that was used, or ran out.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "sign_in/spent.html")]
pub struct SignInSpentPage;

/// Nobody is signed in where somebody should be.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "sign_in/needed.html")]
pub struct SignInNeededPage;

/// Signed out.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "sign_in/out.html")]
pub struct SignedOutPage;
