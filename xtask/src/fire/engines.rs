//! The processes that are killed: `roomkey serve`, once on SQLite, several times on PostgreSQL.

use std::fs::{self, File};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use super::binary::Binary;
use super::http::Client;
use crate::failure::{Context as _, Failure, Result};
use crate::{program, signals};

const READY_WITHIN: Duration = Duration::from_secs(60);
const TICK: Duration = Duration::from_millis(5);

/// How all of them are set.
pub(crate) type Settings = Vec<(&'static str, String)>;

/// Running engines. They end when this goes.
pub(crate) struct Engines<'a> {
    binary: &'a Binary,
    folder: PathBuf,
    settings: Settings,
    all: Vec<Engine>,
    client: Client,
}

struct Engine {
    port: u16,
    log: PathBuf,
    child: Option<Child>,
}

impl<'a> Engines<'a> {
    /// Starts so many, on addresses that they keep.
    pub(crate) fn start(
        binary: &'a Binary,
        folder: &Path,
        ports: &[u16],
        settings: Settings,
    ) -> Result<Self> {
        let all = ports
            .iter()
            .enumerate()
            .map(|(number, &port)| Engine {
                port,
                log: folder.join(format!("serve-{number}.log")),
                child: None,
            })
            .collect();
        let client = Client::new();
        let mut engines = Self { binary, folder: folder.to_owned(), settings, all, client };
        for number in 0..ports.len() {
            engines.light(number)?;
        }
        engines.wait_until_ready()?;
        Ok(engines)
    }

    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    /// SIGKILL: nothing is tidied up.
    pub(crate) fn kill(&mut self, number: usize) -> Result {
        let Some(engine) = self.all.get_mut(number) else { return Ok(()) };
        if let Some(mut child) = engine.child.take() {
            if let Some(status) = child.try_wait().context("looking at an engine")? {
                return Err(ended_by_itself(&engine.log, &status.to_string()));
            }
            child.kill().context("killing an engine")?;
            child.wait().context("collecting a killed engine")?;
        }
        Ok(())
    }

    /// Starts one that was killed.
    pub(crate) fn light(&mut self, number: usize) -> Result {
        let Some(engine) = self.all.get_mut(number) else { return Ok(()) };
        let log = || File::options().create(true).append(true).open(&engine.log);
        let mut command = self.binary.command(&self.folder, &["serve"]);
        command
            .envs(self.settings.iter().map(|(name, value)| (*name, value)))
            .env("ROOMKEY_LISTEN", format!("127.0.0.1:{}", engine.port))
            .stdin(Stdio::null())
            .stdout(log().context("opening an engine's log")?)
            .stderr(log().context("opening an engine's log")?);
        engine.child = Some(command.spawn().context("starting an engine")?);
        Ok(())
    }

    /// Waits until everybody answers.
    pub(crate) fn wait_until_ready(&mut self) -> Result {
        let deadline = Instant::now() + READY_WITHIN;
        for engine in &mut self.all {
            let url = format!("http://127.0.0.1:{}/readyz", engine.port);
            while !self.client.ask("GET", &url, &[], None).is_ok_and(|answer| answer.is_fine()) {
                if let Some(child) = &mut engine.child
                    && let Some(status) = program::ended_within(child, TICK)?
                {
                    return Err(ended_by_itself(&engine.log, &status.to_string()));
                }
                if signals::asked_to_stop() {
                    return Err(signals::interrupted());
                }
                if Instant::now() > deadline {
                    let log = engine.log.display();
                    return Err(Failure::new(format!(
                        "an engine was not ready within {READY_WITHIN:?}; see {log}"
                    )));
                }
            }
        }
        Ok(())
    }
}

fn ended_by_itself(log: &Path, status: &str) -> Failure {
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    let last = lines[lines.len().saturating_sub(15)..].join("\n");
    Failure::new(format!("an engine ended by itself ({status}); the end of its log:\n{last}"))
}

impl Drop for Engines<'_> {
    fn drop(&mut self) {
        for child in self.all.iter_mut().filter_map(|engine| engine.child.as_mut()) {
            // A destructor has nobody to tell; the kernel ends them with us.
            let _told_nobody = program::end(child, &[]);
        }
    }
}

/// Ports of 127.0.0.1 that nobody has now.
pub(crate) fn free_ports(many: usize) -> Result<Vec<u16>> {
    let held = (0..many)
        .map(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))
        .collect::<std::io::Result<Vec<_>>>()
        .context("looking for free ports")?;
    held.iter()
        .map(|it| it.local_addr().map(|address| address.port()).context("looking for a free port"))
        .collect()
}
