//! What a killed run left behind.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use std::os::unix::fs::MetadataExt as _;

use rustix::process::{Pid, Signal, geteuid, kill_process};

use super::home::{self, PREFIX, processes_inside};

/// Removes the directories, servers and segments of earlier runs that were killed, and returns the
/// directories. Those of runs that are still going on, and other people's, are left alone.
pub(crate) fn sweep() -> Vec<PathBuf> {
    home::parents().iter().flat_map(|parent| sweep_below(parent)).collect()
}

fn sweep_below(parent: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(parent) else { return Vec::new() };
    entries
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(PREFIX))
        .map(|entry| entry.path())
        .filter(|home| is_leftover(home))
        .filter(|home| {
            end_servers(home);
            home::remove_segment(home);
            fs::remove_dir_all(home).is_ok()
        })
        .collect()
}

/// Ours, and its maker is dead.
fn is_leftover(home: &Path) -> bool {
    // Not through a link: anybody may put a name into a temporary directory.
    let ours = fs::symlink_metadata(home)
        .is_ok_and(|metadata| metadata.is_dir() && metadata.uid() == geteuid().as_raw());
    // A home without an owner is being made right now, or its maker was killed in that moment.
    ours && home::owner(home).is_some_and(|owner| !owner.is_alive())
}

/// A server whose maker died without the kernel's help.
fn end_servers(home: &Path) {
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        let left = processes_inside(home);
        if left.is_empty() || Instant::now() > deadline {
            return;
        }
        for pid in left {
            if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
                let _gone = kill_process(pid, Signal::KILL);
            }
        }
        thread::sleep(Duration::from_millis(20));
    }
}

#[cfg(test)]
mod tests {
    use super::super::home::Owner;
    use super::*;

    fn furnish(parent: &Path, name: &str, owner: Option<&Owner>) -> PathBuf {
        let home = parent.join(name);
        fs::create_dir_all(home.join("data")).unwrap();
        if let Some(owner) = owner {
            fs::write(home.join("owner"), owner.to_string()).unwrap();
        }
        home
    }

    #[test]
    fn only_homes_of_dead_runs_are_swept() {
        let parent = tempfile::tempdir().unwrap();
        let alive = Owner::this_process();
        let dead = Owner { started: "1".to_owned(), ..alive.clone() };
        let swept = furnish(parent.path(), "roomkey-postgres-dead", Some(&dead));
        let kept = [
            furnish(parent.path(), "roomkey-postgres-alive", Some(&alive)),
            furnish(parent.path(), "roomkey-postgres-unfinished", None),
            furnish(parent.path(), "somebody-else", Some(&dead)),
        ];
        assert_eq!(sweep_below(parent.path()), std::slice::from_ref(&swept));
        assert!(!swept.exists());
        assert!(kept.iter().all(|home| home.exists()));
        assert_eq!(sweep_below(parent.path()), Vec::<PathBuf>::new());
    }

    #[test]
    fn a_process_that_still_works_there_is_ended() {
        let parent = tempfile::tempdir().unwrap();
        let dead = Owner { pid: u32::MAX, started: "1".to_owned() };
        let home = furnish(parent.path(), "roomkey-postgres-dead", Some(&dead));
        let mut child = std::process::Command::new("cat")
            .current_dir(home.join("data"))
            .stdin(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        // A zombie has no directory any more, so the sweep does not wait for us to collect it.
        sweep_below(parent.path());
        assert!(!child.wait().unwrap().success());
        assert!(!home.exists());
    }
}
