//! Cargo, called from a program that cargo itself has started.

use std::env;
use std::path::Path;
use std::process::Command;

use crate::program;

/// Set by `cargo run` for us and meant for nobody else: build scripts that watch them would run
/// again each time.
const OURS: [&str; 4] = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_CRATE_NAME", "CARGO_BIN_NAME"];

/// `cargo` with these words, in the workspace.
pub(crate) fn cargo(root: &Path, words: &[&str]) -> Command {
    let mut command = program::bound("cargo", "TERM");
    command.args(words).current_dir(root);
    for (name, _) in env::vars_os() {
        if OURS.iter().any(|prefix| name.to_string_lossy().starts_with(prefix)) {
            command.env_remove(name);
        }
    }
    command
}

/// Whether `cargo nextest` is there. Building it from source would cost a newcomer minutes.
pub(crate) fn has_nextest() -> bool {
    program::find("cargo-nextest").is_some()
}
