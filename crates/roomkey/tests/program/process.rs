//! A process of ours that never outlives its test.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

/// Longer than anything here takes on a machine that is doing something else.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// 32 bytes that seal nothing worth keeping.
pub(crate) const KEYS: &str = "test:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// The program, in a directory of its own and with none of our own settings around it.
pub(crate) fn program(directory: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_roomkey"));
    command.args(arguments).current_dir(directory).env("TMPDIR", directory).stdin(Stdio::null());
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy().into_owned();
        if name.starts_with("ROOMKEY_") && !name.starts_with("ROOMKEY_TEST_") {
            command.env_remove(name);
        }
    }
    command
}

/// What a command that ends said.
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) talk: String,
}

/// Runs a command to its end.
pub(crate) fn said(command: &mut Command) -> Said {
    let output = command.output().expect("the program starts");
    Said {
        code: output.status.code().expect("the program ends by itself"),
        out: String::from_utf8(output.stdout).expect("UTF-8"),
        talk: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

/// Runs a command that is to succeed; its data.
pub(crate) fn data(command: &mut Command) -> String {
    let said = said(command);
    assert_eq!(said.code, 0, "{}", said.talk);
    said.out
}

/// Runs a command that is to succeed; its data as JSON.
pub(crate) fn json(command: &mut Command) -> serde_json::Value {
    serde_json::from_str(&data(command)).expect("JSON")
}

/// A running program. Dropping it kills it and waits for its end.
pub(crate) struct Running {
    child: Child,
    lines: Receiver<String>,
    reader: Option<JoinHandle<()>>,
    log: PathBuf,
}

/// Which of its outputs one listens to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Listen {
    /// Data.
    Out,
    /// Talk.
    Talk,
}

impl Running {
    /// Starts it, and listens to one of its outputs; the other goes into a file.
    pub(crate) fn start(command: &mut Command, directory: &Path, listen: Listen) -> Self {
        let log = directory.join("other-output.txt");
        let other = File::create(&log).expect("a file for the other output");
        match listen {
            Listen::Out => command.stdout(Stdio::piped()).stderr(other),
            Listen::Talk => command.stderr(Stdio::piped()).stdout(other),
        };
        let mut child = command.spawn().expect("the program starts");
        let heard: Box<dyn std::io::Read + Send> = match listen {
            Listen::Out => Box::new(child.stdout.take().expect("piped")),
            Listen::Talk => Box::new(child.stderr.take().expect("piped")),
        };
        let (sender, lines) = channel();
        let reader = std::thread::Builder::new()
            .name("output of the program".to_owned())
            .spawn(move || {
                for line in BufReader::new(heard).lines().map_while(Result::ok) {
                    if sender.send(line).is_err() {
                        break;
                    }
                }
            })
            .expect("a thread");
        Self { child, lines, reader: Some(reader), log }
    }

    /// Waits for a line that holds these words, and answers it.
    pub(crate) fn line(&self, words: &str) -> String {
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) if line.contains(words) => return line,
                Ok(_) => {}
                Err(error) => panic!("never said `{words}` ({error}); {}", self.other_output()),
            }
        }
    }

    /// Everything it says until its JSON object ends.
    pub(crate) fn json(&self) -> serde_json::Value {
        let mut text = String::new();
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) => {
                    text.push_str(&line);
                    if line == "}" {
                        return serde_json::from_str(&text).expect("JSON");
                    }
                }
                Err(error) => panic!("no whole object ({error}): {text} {}", self.other_output()),
            }
        }
    }

    /// Asks it to stop.
    pub(crate) fn terminate(&self) {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw).expect("a pid");
        kill_process(pid, Signal::TERM).expect("our own child takes signals");
    }

    /// Asks it to stop, and waits until it has.
    pub(crate) fn end(mut self) -> ExitStatus {
        self.terminate();
        self.child.wait().expect("our own child ends")
    }

    fn other_output(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already; then there is nothing to kill.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if let Some(reader) = self.reader.take() {
            let _ = reader.join();
        }
    }
}
