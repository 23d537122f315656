//! The page at the root: what this is, and where to go.

use askama::Template;

use super::icon::Icon;

/// The page at the root.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "home.html")]
pub struct HomePage;
