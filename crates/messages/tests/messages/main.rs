//! What people receive, looked at from outside.
//!
//! The modules say `cfg(test)`, which is true anyway, so that clippy knows their helpers for tests.

#[cfg(test)]
mod ics;
#[cfg(test)]
mod letter;
#[cfg(test)]
mod private;
#[cfg(test)]
mod relay;
#[cfg(test)]
mod support;
