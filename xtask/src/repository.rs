//! The repository's files.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::{Context, Failure, Result};
use crate::program;

/// Folders that are never part of the repository's text.
const NEVER: [&str; 2] = [".git", "target"];

/// Where the workspace begins.
pub(crate) fn root() -> Result<PathBuf> {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .map(Path::to_owned)
        .ok_or_else(|| Failure::new("xtask has no folder above it"))
}

/// A text file: its path from the root, with slashes, and what is in it.
#[derive(Clone, Debug)]
pub(crate) struct TextFile {
    pub(crate) path: String,
    pub(crate) text: String,
}

/// All files that git tracks or would track; all files, where git is not there to ask.
pub(crate) fn files(root: &Path) -> Result<Vec<String>> {
    let mut files = match tracked(root) {
        Some(files) => files,
        None => walked(root).context("walking through the repository")?,
    };
    files.sort();
    files.dedup();
    Ok(files)
}

/// Those of the files that are text. Deleted ones that git still lists are left out.
pub(crate) fn texts(root: &Path, files: &[String]) -> Vec<TextFile> {
    files
        .iter()
        .filter_map(|path| {
            let text = fs::read_to_string(root.join(path)).ok()?;
            Some(TextFile { path: path.clone(), text })
        })
        .collect()
}

fn tracked(root: &Path) -> Option<Vec<String>> {
    let mut git = Command::new(program::find("git")?);
    git.arg("-C").arg(root).args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let names = program::answer(&mut git).ok()?;
    Some(names.split('\0').filter(|name| !name.is_empty()).map(str::to_owned).collect())
}

fn walked(root: &Path) -> std::io::Result<Vec<String>> {
    let mut files = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            if NEVER.iter().any(|never| entry.file_name() == *never) {
                continue;
            }
            if entry.file_type()?.is_dir() {
                folders.push(entry.path());
            } else if let Ok(path) = entry.path().strip_prefix(root) {
                files.push(path.to_string_lossy().into_owned());
            }
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_git_every_file_counts_but_the_build() {
        let root = tempfile::tempdir().unwrap();
        for path in ["README.md", "crates/core/lib.rs", "target/debug/x", ".git/config"] {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "text").unwrap();
        }
        let mut files = walked(root.path()).unwrap();
        files.sort();
        assert_eq!(files, ["README.md", "crates/core/lib.rs"]);
    }
}
