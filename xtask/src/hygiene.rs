//! What a compiler does not see: paths of somebody's machine, tests that sleep, unfinished code,
//! vendors' files, dependencies without a reason, links to nothing.

mod links;
mod reasons;
mod tests_in;
mod vendors;
mod words;

use std::fs;
use std::path::Path;

use crate::failure::{Context, Failure, Result};
use crate::repository;

/// Checks the repository at this path.
pub(crate) fn check(root: &Path) -> Result {
    let files = repository::files(root)?;
    let texts = repository::texts(root, &files);
    let manifest = fs::read_to_string(root.join("Cargo.toml")).context("reading Cargo.toml")?;
    let mut objections = vendors::objections(&files);
    objections.extend(reasons::objections(&manifest));
    for file in &texts {
        objections.extend(words::objections(file));
        objections.extend(links::objections(file, |path| root.join(path).exists()));
    }
    if objections.is_empty() {
        println!("{} files, {} of them text: clean", files.len(), texts.len());
        return Ok(());
    }
    Err(Failure::new(format!("hygiene:\n  {}", objections.join("\n  "))))
}
