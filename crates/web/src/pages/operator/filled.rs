//! A form as it was filled in.

use crate::pages::form::Errors;

/// What was typed, and what is wrong with it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filled<V> {
    /// What was typed.
    pub values: V,
    /// What is wrong.
    pub errors: Errors,
}

impl<V> Filled<V> {
    /// Nothing wrong with it yet.
    #[must_use]
    pub const fn with(values: V) -> Self
    where
        V: Sized,
    {
        Self { values, errors: Errors::NONE }
    }
}
