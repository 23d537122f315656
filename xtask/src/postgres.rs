//! A throw-away PostgreSQL: made in a fresh directory, listening on a free port of 127.0.0.1 only,
//! stopped and removed with its guard. What a killed run leaves behind, the next one sweeps.

mod account;
mod binaries;
mod home;
mod sweep;

use std::fs::{self, File};
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use std::os::unix::process::CommandExt as _;

use clap::ValueEnum;
use rustix::process::Signal;

use crate::failure::{Context, Failure, Result};
use crate::{program, signals};

use account::Account;
use home::Home;

pub(crate) use binaries::find as find_binaries;
pub(crate) use home::processes_inside;
pub(crate) use sweep::sweep;

const READY_WITHIN: Duration = Duration::from_secs(60);
const TICK: Duration = Duration::from_millis(20);
/// Another program may take the port between our look and PostgreSQL's.
const TRIES: u32 = 3;

/// Whether commits wait for the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Fsync {
    /// As in production: what the kill tests need.
    On,
    /// Faster, and nothing survives a crash.
    Off,
}

/// A running PostgreSQL. Dropping it stops the server and removes its directory.
pub(crate) struct Server {
    // Fields are dropped in this order: first the process, then its home.
    process: Process,
    home: Home,
    port: u16,
}

impl Server {
    /// Makes a fresh cluster and starts it.
    pub(crate) fn start(fsync: Fsync, environment: &[(&str, &str)]) -> Result<Self> {
        let binaries = binaries::find().ok_or_else(|| {
            Failure::new("PostgreSQL's server programs (initdb, postgres) were not found")
        })?;
        let account = Account::choose()?;
        let home = Home::create(account.as_ref())?;
        initialise(&binaries, &home, account.as_ref())?;
        let mut last = None;
        for _ in 0..TRIES {
            let port = free_port()?;
            let mut command = server_command(&binaries, &home, account.as_ref(), port, fsync)?;
            command.envs(environment.iter().copied());
            let child = command.spawn().context("starting postgres")?;
            let mut process = Process { child };
            match process.wait_until_ready(&home) {
                Ok(()) => return Ok(Self { process, home, port }),
                Err(failure) if signals::asked_to_stop() => return Err(failure),
                Err(failure) => last = Some(failure),
            }
        }
        let log = home.log_text();
        let failure = last.unwrap_or_else(|| Failure::new("PostgreSQL was not started"));
        Err(failure).context(format!("PostgreSQL's log:\n{log}\nPostgreSQL did not start"))
    }

    /// The superuser's address of the database `postgres`.
    pub(crate) fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// What the server has logged.
    pub(crate) fn log_text(&self) -> String {
        self.home.log_text()
    }

    /// Waits until the server ends by itself, which is a failure, or Ctrl-C.
    pub(crate) fn wait(&mut self) -> Result {
        while !signals::asked_to_stop() {
            let patience = Duration::from_secs(1);
            if let Some(status) = program::ended_within(&mut self.process.child, patience)? {
                let log = self.log_text();
                return Err(Failure::new(format!("{log}\nPostgreSQL ended with {status}")));
            }
        }
        Ok(())
    }

    /// Stops the server, removes its directory, and makes sure of both.
    pub(crate) fn stop(self) -> Result {
        let Self { mut process, home, .. } = self;
        process.end()?;
        let folder = home.path().to_owned();
        drop(home);
        let left = processes_inside(&folder);
        if !left.is_empty() {
            return Err(Failure::new(format!("PostgreSQL left processes behind: {left:?}")));
        }
        if folder.exists() {
            return Err(Failure::new(format!("{} was not removed", folder.display())));
        }
        Ok(())
    }
}

/// The postmaster. Dropping it stops it.
struct Process {
    child: Child,
}

impl Process {
    fn wait_until_ready(&mut self, home: &Home) -> Result {
        let deadline = Instant::now() + READY_WITHIN;
        while Instant::now() < deadline {
            if let Some(status) = program::ended_within(&mut self.child, TICK)? {
                return Err(Failure::new(format!("postgres ended with {status}")));
            }
            if signals::asked_to_stop() {
                return Err(signals::interrupted());
            }
            if home.lock_file().is_some_and(|lock| lock.ready) {
                return Ok(());
            }
            thread::sleep(TICK);
        }
        Err(Failure::new(format!("postgres was not ready within {READY_WITHIN:?}")))
    }

    /// Fast shutdown; after that, shutdown without a checkpoint; after that, the end.
    fn end(&mut self) -> Result {
        let patience = Duration::from_secs(10);
        program::end(&mut self.child, &[(Signal::INT, patience), (Signal::QUIT, patience)])
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // A destructor has nobody to tell; `Server::stop` and the next sweep look again.
        let _told_elsewhere = self.end();
    }
}

fn initialise(binaries: &Path, home: &Home, account: Option<&Account>) -> Result {
    let mut command = Command::new(binaries.join("initdb"));
    command.arg("--pgdata").arg(home.data()).args([
        "--username=postgres",
        "--auth=trust",
        "--encoding=UTF8",
        "--locale=C",
        "--no-sync",
    ]);
    run_as(&mut command, home, account);
    // Ctrl-C must not leave half a cluster that nobody removes: initdb has a group of its own.
    program::answer(command.process_group(0)).map(drop)
}

fn server_command(
    binaries: &Path,
    home: &Home,
    account: Option<&Account>,
    port: u16,
    fsync: Fsync,
) -> Result<Command> {
    let mut command = program::bound(binaries.join("postgres"), "KILL");
    command.arg("-D").arg(home.data());
    let mut settings = vec![
        "listen_addresses=127.0.0.1".to_owned(),
        format!("port={port}"),
        "unix_socket_directories=".to_owned(),
        "max_connections=200".to_owned(),
        "shared_buffers=64MB".to_owned(),
    ];
    if fsync == Fsync::Off {
        settings.extend(
            ["fsync=off", "synchronous_commit=off", "full_page_writes=off"].map(str::to_owned),
        );
    }
    for setting in settings {
        command.arg("-c").arg(setting);
    }
    let log = File::options()
        .create(true)
        .append(true)
        .open(home.log())
        .context("opening PostgreSQL's log")?;
    let also = log.try_clone().context("opening PostgreSQL's log")?;
    run_as(&mut command, home, account);
    command.stdin(Stdio::null()).stdout(log).stderr(also).process_group(0);
    Ok(command)
}

/// As this user, in a directory that it may enter, and without a developer's own settings.
fn run_as(command: &mut Command, home: &Home, account: Option<&Account>) {
    command.current_dir(home.path());
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("PG") {
            command.env_remove(name);
        }
    }
    command.env("LC_ALL", "C");
    if let Some(account) = account {
        command.gid(account.gid).uid(account.uid);
    }
}

fn free_port() -> Result<u16> {
    let listener =
        TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("looking for a free port")?;
    Ok(listener.local_addr().context("looking for a free port")?.port())
}

/// What PostgreSQL says of itself in `postmaster.pid`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct LockFile {
    pid: u32,
    /// Key and id of the System V segment.
    segment: Option<(i64, i64)>,
    ready: bool,
}

impl LockFile {
    fn read(data: &Path) -> Option<Self> {
        Self::parse(&fs::read_to_string(data.join("postmaster.pid")).ok()?)
    }

    fn parse(text: &str) -> Option<Self> {
        let lines: Vec<&str> = text.lines().collect();
        let segment = lines.get(6).and_then(|line| {
            let mut words = line.split_whitespace().map(str::parse);
            Some((words.next()?.ok()?, words.next()?.ok()?))
        });
        Some(Self {
            pid: lines.first()?.trim().parse().ok()?,
            segment,
            ready: lines.get(7).is_some_and(|line| line.trim() == "ready"),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpStream;

    use super::*;

    #[test]
    fn a_server_answers_while_it_is_held_and_is_gone_afterwards() {
        if find_binaries().is_none() {
            println!("not run: there is no PostgreSQL on this machine");
            return;
        }
        let server = Server::start(Fsync::Off, &[]).unwrap();
        let address = (Ipv4Addr::LOCALHOST, server.port);
        assert!(TcpStream::connect(address).is_ok());
        let folder = server.home.path().to_owned();
        assert!(!processes_inside(&folder).is_empty());
        assert!(!sweep().contains(&folder), "its maker is alive");
        server.stop().unwrap();
        assert!(TcpStream::connect(address).is_err());

        let dropped = Server::start(Fsync::Off, &[]).unwrap();
        let folder = dropped.home.path().to_owned();
        drop(dropped);
        assert_eq!(processes_inside(&folder), Vec::<u32>::new());
        assert!(!folder.exists());
    }

    #[test]
    fn the_lock_file_is_read_while_it_grows() {
        let text = "4711\n/data\n1700000000\n5432\n\n127.0.0.1\n  123  45\nstarting\n";
        let early = LockFile::parse("4711\n").unwrap();
        assert_eq!(early, LockFile { pid: 4711, segment: None, ready: false });
        let starting = LockFile::parse(text).unwrap();
        assert_eq!(starting, LockFile { pid: 4711, segment: Some((123, 45)), ready: false });
        assert!(LockFile::parse(&text.replace("starting", "ready   ")).unwrap().ready);
        assert_eq!(LockFile::parse(""), None);
    }
}
