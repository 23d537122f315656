//! The program that is set on fire: built here, and started with nothing of our own settings.

use std::path::{Path, PathBuf};
use std::process::Command;

use cargo_metadata::MetadataCommand;

use crate::cargo::cargo;
use crate::failure::{Context as _, Result};
use crate::{program, repository};

/// How it is built.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Build {
    /// As for measurements.
    Release,
    /// As for tests, which have it ready.
    Development,
}

/// The built program.
pub(crate) struct Binary {
    path: PathBuf,
    /// What all its processes carry, to be known by afterwards.
    mark: Option<(&'static str, String)>,
}

impl Binary {
    pub(crate) fn build(how: Build) -> Result<Self> {
        let root = repository::root()?;
        let mut words = vec!["build", "--locked", "--package", "roomkey"];
        let folder = match how {
            Build::Release => {
                words.push("--release");
                "release"
            }
            Build::Development => "debug",
        };
        program::step(&mut cargo(&root, &words))?;
        let metadata = MetadataCommand::new()
            .manifest_path(root.join("Cargo.toml"))
            .no_deps()
            .exec()
            .context("asking cargo where it builds")?;
        let path = metadata.target_directory.join(folder).join("roomkey").into();
        Ok(Self { path, mark: None })
    }

    /// With a variable in the environment of all its processes.
    pub(crate) fn marked(self, name: &'static str, value: &str) -> Self {
        Self { mark: Some((name, value.to_owned())), ..self }
    }

    /// The mark, as an environment.
    pub(crate) fn mark(&self) -> Vec<(&str, &str)> {
        self.mark.iter().map(|(name, value)| (*name, value.as_str())).collect()
    }

    /// The program in a folder of its own. The kernel kills it if we die first.
    pub(crate) fn command(&self, folder: &Path, words: &[&str]) -> Command {
        let mut command = program::bound(&self.path, "KILL");
        command.args(words).current_dir(folder).env("TMPDIR", folder);
        for (name, _) in std::env::vars_os() {
            let name = name.to_string_lossy().into_owned();
            if name.starts_with("ROOMKEY_") && !name.starts_with("ROOMKEY_TEST_") {
                command.env_remove(name);
            }
        }
        command.envs(self.mark());
        command
    }
}
