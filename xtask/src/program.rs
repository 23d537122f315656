//! Programs that we run: quietly for their answer, or in the open as a step.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};
use std::{env, thread};

use std::os::unix::process::CommandExt as _;

use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use crate::failure::{Context, Failure, Result};
use crate::signals;

const SETPRIV: &str = "setpriv";
/// How often a child is asked whether it has ended.
const TICK: Duration = Duration::from_millis(20);
/// How long a step that was told to end may take before it is killed.
const PATIENCE: Duration = Duration::from_secs(10);

/// Finds a program in `PATH`.
pub(crate) fn find(name: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?)
        .map(|folder| folder.join(name))
        .find(|path| path.is_file())
}

/// A command that the kernel sends this signal if we die before it does, where the machine has
/// util-linux. What remains elsewhere, the next run sweeps.
pub(crate) fn bound(program: impl AsRef<OsStr>, signal: &str) -> Command {
    match find(SETPRIV) {
        None => Command::new(program),
        Some(setpriv) => {
            let mut command = Command::new(setpriv);
            command.args(["--pdeathsig", signal, "--"]).arg(program);
            command
        }
    }
}

/// Runs a step: its output goes where ours goes. On Ctrl-C it is ended with all its children.
pub(crate) fn step(command: &mut Command) -> Result {
    let shown = show(command);
    println!("$ {shown}");
    // Without a terminal to read from, nobody below us changes the terminal's settings from the
    // background; with a group of its own, the whole family can be ended at once.
    let mut child = command
        .stdin(Stdio::null())
        .process_group(0)
        .spawn()
        .context(format!("starting `{shown}`"))?;
    let status = loop {
        if let Some(status) = ended_within(&mut child, Duration::from_secs(1))? {
            break status;
        }
        if signals::asked_to_stop() {
            end_group(&mut child)?;
            return Err(signals::interrupted());
        }
    };
    if status.success() {
        Ok(())
    } else {
        Err(Failure::new(format!("`{shown}` ended with {status}")))
    }
}

/// Runs a program for its standard output; what it complains of is part of the failure.
pub(crate) fn answer(command: &mut Command) -> Result<String> {
    let shown = show(command);
    let output = command.stdin(Stdio::null()).output().context(format!("starting `{shown}`"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(Failure::new(format!(
        "`{shown}` ended with {}: {}{}",
        output.status,
        String::from_utf8_lossy(&output.stderr).trim(),
        String::from_utf8_lossy(&output.stdout).trim(),
    )))
}

/// Waits for a child, but not longer than this, and not longer than until Ctrl-C.
pub(crate) fn ended_within(child: &mut Child, patience: Duration) -> Result<Option<ExitStatus>> {
    let deadline = Instant::now() + patience;
    loop {
        if let Some(status) = child.try_wait().context("waiting for a child")? {
            return Ok(Some(status));
        }
        if Instant::now() >= deadline || signals::asked_to_stop() {
            return Ok(None);
        }
        thread::sleep(TICK);
    }
}

/// Ends a child with signals of growing force, each with its own patience, and collects it.
/// Ctrl-C does not shorten this.
pub(crate) fn end(child: &mut Child, signals: &[(Signal, Duration)]) -> Result {
    let pid = Pid::from_child(child);
    for &(signal, patience) in signals {
        if child.try_wait().context("waiting for a child")?.is_some() {
            return Ok(());
        }
        // The child may have ended since: then there is nobody to tell.
        let _gone = kill_process(pid, signal);
        let deadline = Instant::now() + patience;
        while Instant::now() < deadline {
            if child.try_wait().context("waiting for a child")?.is_some() {
                return Ok(());
            }
            thread::sleep(TICK);
        }
    }
    child.kill().context("killing a child")?;
    child.wait().context("waiting for a killed child")?;
    Ok(())
}

/// The command as one would type it.
fn show(command: &Command) -> String {
    let mut words: Vec<&OsStr> =
        std::iter::once(command.get_program()).chain(command.get_args()).collect();
    if Path::new(words[0]).file_name() == Some(OsStr::new(SETPRIV)) {
        words.drain(..=words.iter().position(|word| *word == "--").unwrap_or_default());
    }
    words
        .iter()
        .enumerate()
        .map(|(at, word)| match at {
            0 => Path::new(word).file_name().unwrap_or(word).to_string_lossy(),
            _ => word.to_string_lossy(),
        })
        .collect::<Vec<_>>()
        .join(" ")
}

fn end_group(child: &mut Child) -> Result {
    let group = Pid::from_child(child);
    let _gone = kill_process_group(group, Signal::TERM);
    end(child, &[(Signal::TERM, PATIENCE)])?;
    let _gone = kill_process_group(group, Signal::KILL);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_what_was_printed() {
        assert_eq!(answer(Command::new("echo").arg("room")).unwrap(), "room\n");
    }

    #[test]
    fn a_command_is_shown_as_one_would_type_it() {
        assert_eq!(show(Command::new("/usr/bin/echo").args(["--", "a/b"])), "echo -- a/b");
        assert_eq!(show(bound("/usr/bin/echo", "TERM").args(["--", "a/b"])), "echo -- a/b");
    }

    #[test]
    fn a_failing_program_is_named_with_its_complaint() {
        let failure = answer(Command::new("sh").args(["-c", "echo no key >&2; exit 3"]));
        let text = failure.unwrap_err().chain();
        assert!(text.contains("sh -c") && text.contains("no key") && text.contains('3'), "{text}");
    }

    #[test]
    fn a_child_that_ignores_us_is_killed() {
        let mut child = Command::new("sh")
            .args(["-c", "trap '' TERM; while :; do read x; done"])
            .spawn()
            .unwrap();
        end(&mut child, &[(Signal::TERM, Duration::from_millis(50))]).unwrap();
        assert!(child.try_wait().unwrap().is_some());
    }
}
