//! Everything that is seen: typed contexts, their templates, and the files they need.
//!
//! Pure: a page is a struct with words and instants in it, and `render()` makes HTML of it. What
//! loads the data and answers requests lives elsewhere and fills these structs. Every context has
//! samples in [`samples`], so every template is rendered by a test, on `/design` and by the
//! `gallery` example. No page holds a script or a style of its own: `default-src 'self'` is enough.
//!
//! Read first: [`lobby`], then [`operator`]. To add a page, add a struct with a template and its
//! samples; to add a state, add it to the enum and the compiler names the places.

pub mod add_to;
pub mod assets;
pub mod design;
pub mod error;
pub mod form;
pub mod home;
pub mod icon;
pub mod lobby;
pub mod local;
pub mod operator;
pub mod pill;
pub mod qr;
pub mod samples;
pub mod sign_in;
pub mod when;
pub mod words;

pub use form::{Choice, Errors, Field};
pub use icon::{Glyph, Icon};
pub use pill::{Action, Notice, Pill, Tone};
pub use when::Span;

#[cfg(test)]
mod tests;
