//! The program under measurement: `roomkey demo`, built for release, in a process of its own.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::cargo::cargo;
use crate::failure::{Context as _, Failure, Result};
use crate::{program, repository};

/// A running demo. It ends when this goes.
pub(crate) struct Demo {
    child: Child,
    said: Value,
}

impl Demo {
    /// Builds it and waits until it is ready.
    pub(crate) fn start() -> Result<Self> {
        let root = repository::root()?;
        program::step(&mut cargo(
            &root,
            &["build", "--release", "--locked", "--package", "roomkey"],
        ))?;
        let mut child = Command::new(root.join("target/release/roomkey"))
            .args(["demo", "--json", "--listen", "127.0.0.1:0"])
            .env("ROOMKEY_LOG", "warn")
            .env("ROOMKEY_RATE_LIMITS", "off")
            .stdout(Stdio::piped())
            .spawn()
            .context("starting the demo")?;
        let stdout = child.stdout.take().ok_or_else(|| Failure::new("the demo has no output"))?;
        let said = first_object(stdout)?;
        Ok(Self { child, said })
    }

    /// One of the texts that the demo says when it is ready.
    pub(crate) fn text(&self, name: &str) -> Result<&str> {
        self.said[name]
            .as_str()
            .ok_or_else(|| Failure::new(format!("the demo does not say `{name}`")))
    }
}

/// Reads JSON until it is whole.
fn first_object(stdout: std::process::ChildStdout) -> Result<Value> {
    let mut reader = BufReader::new(stdout);
    let mut text = String::new();
    while reader.read_line(&mut text).context("reading what the demo says")? > 0 {
        if let Ok(said) = serde_json::from_str(&text) {
            // What it says afterwards is nobody's business, but must go somewhere.
            std::thread::Builder::new()
                .name("demo output".to_owned())
                .spawn(move || reader.read_to_end(&mut Vec::new()))
                .context("reading on")?;
            return Ok(said);
        }
    }
    Err(Failure::new("the demo ended before it was ready"))
}

impl Drop for Demo {
    fn drop(&mut self) {
        if let Ok(pid) = i32::try_from(self.child.id())
            && let Some(pid) = Pid::from_raw(pid)
        {
            let _ = kill_process(pid, Signal::TERM);
        }
        let _ = self.child.wait();
    }
}
