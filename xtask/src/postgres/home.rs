//! The directory of one throw-away server: who owns it, its data, its log.

use std::fs::{self, Permissions};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, process};

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};

use tempfile::TempDir;

use crate::failure::{Context, Failure, Result};
use crate::program;

use super::LockFile;
use super::account::Account;

/// What the names of all our directories begin with.
pub(super) const PREFIX: &str = "roomkey-postgres-";

/// A server's directory. Dropping it removes it, and the System V segment that a killed server
/// leaves behind.
pub(super) struct Home {
    folder: TempDir,
}

impl Home {
    /// A fresh one, with a data directory that belongs to the account.
    pub(super) fn create(account: Option<&Account>) -> Result<Self> {
        let parent = parents()
            .into_iter()
            .find(|parent| account.is_none() || open_to_all(parent))
            .ok_or_else(|| Failure::new("no temporary directory that other users may enter"))?;
        let folder = tempfile::Builder::new()
            .prefix(PREFIX)
            .tempdir_in(parent)
            .context("making PostgreSQL's directory")?;
        let home = Self { folder };
        home.furnish(account).context("making PostgreSQL's directory")?;
        Ok(home)
    }

    fn furnish(&self, account: Option<&Account>) -> std::io::Result<()> {
        fs::write(owner_file(self.path()), Owner::this_process().to_string())?;
        // Others may pass through, and see nothing.
        fs::set_permissions(self.path(), Permissions::from_mode(0o711))?;
        fs::create_dir(self.data())?;
        fs::set_permissions(self.data(), Permissions::from_mode(0o700))?;
        match account {
            Some(account) => chown(self.data(), Some(account.uid), Some(account.gid)),
            None => Ok(()),
        }
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(super) fn data(&self) -> PathBuf {
        data(self.path())
    }

    pub(super) fn log(&self) -> PathBuf {
        self.path().join("log")
    }

    pub(super) fn log_text(&self) -> String {
        fs::read_to_string(self.log()).unwrap_or_default()
    }

    pub(super) fn lock_file(&self) -> Option<LockFile> {
        LockFile::read(&self.data())
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        // A server that stopped by itself has removed both already.
        remove_segment(self.path());
    }
}

/// Where homes are made.
pub(super) fn parents() -> Vec<PathBuf> {
    let mut parents = vec![env::temp_dir(), PathBuf::from("/tmp"), PathBuf::from("/var/tmp")];
    parents.dedup();
    parents.retain(|parent| parent.is_dir());
    parents
}

/// Where a home keeps the cluster.
pub(super) fn data(home: &Path) -> PathBuf {
    home.join("data")
}

/// Who made a home, if that can be read.
pub(super) fn owner(home: &Path) -> Option<Owner> {
    Owner::parse(&fs::read_to_string(owner_file(home)).ok()?)
}

/// Processes that work in this directory: a server changes into its data.
pub(crate) fn processes_inside(home: &Path) -> Vec<u32> {
    crate::processes::all()
        .into_iter()
        .filter(|pid| {
            fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|cwd| cwd.starts_with(home))
        })
        .collect()
}

/// Removes the System V segment that the lock file names, if it is certainly that one and nobody
/// uses it.
pub(super) fn remove_segment(home: &Path) {
    let data = data(home);
    let Some((key, id)) = LockFile::read(&data).and_then(|lock| lock.segment) else { return };
    let Ok(user) = fs::metadata(&data).map(|metadata| metadata.uid()) else { return };
    let segments = fs::read_to_string("/proc/sysvipc/shm").unwrap_or_default();
    if is_abandoned(&segments, key, id, user) {
        // A segment that stays is a few bytes; not worth a failing run.
        let _stays = program::answer(Command::new("ipcrm").arg("-m").arg(id.to_string()));
    }
}

fn is_abandoned(segments: &str, key: i64, id: i64, user: u32) -> bool {
    segments.lines().skip(1).any(|line| {
        let fields: Vec<i64> =
            line.split_whitespace().map(|word| word.parse().unwrap_or(-1)).collect();
        // key, shmid, perms, size, cpid, lpid, nattch, uid
        let [its_key, its_id, _, _, _, _, attached, uid, ..] = fields[..] else { return false };
        // The kernel prints keys as signed 32 bits, PostgreSQL as unsigned.
        its_key & 0xffff_ffff == key & 0xffff_ffff
            && its_id == id
            && attached == 0
            && uid == i64::from(user)
    })
}

fn owner_file(home: &Path) -> PathBuf {
    home.join("owner")
}

fn open_to_all(folder: &Path) -> bool {
    folder.ancestors().all(|folder| {
        fs::metadata(folder).is_ok_and(|metadata| metadata.permissions().mode() & 0o001 != 0)
    })
}

/// A process, told apart from a later one with the same number by when it started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Owner {
    pub(super) pid: u32,
    pub(super) started: String,
}

impl Owner {
    pub(super) fn this_process() -> Self {
        let pid = process::id();
        Self { pid, started: crate::processes::started(pid).unwrap_or_default() }
    }

    fn parse(text: &str) -> Option<Self> {
        let (pid, started) = text.trim_end().split_once(' ')?;
        Some(Self { pid: pid.parse().ok()?, started: started.to_owned() })
    }

    pub(super) fn is_alive(&self) -> bool {
        crate::processes::started(self.pid).is_some_and(|started| started == self.started)
    }
}

impl std::fmt::Display for Owner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.pid, self.started)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_owner_is_itself_and_no_later_process_with_its_number() {
        let me = Owner::this_process();
        assert_eq!(Owner::parse(&me.to_string()), Some(me.clone()));
        assert!(me.is_alive());
        assert!(!Owner { started: "1".to_owned(), ..me }.is_alive());
    }

    #[test]
    fn a_segment_is_removed_only_if_it_is_certainly_abandoned() {
        let segments = "key shmid perms size cpid lpid nattch uid gid cuid cgid atime dtime ctime rss swap\n\
                        -5 7 600 56 1 1 0 101 104 101 104 0 0 0 4096 0\n\
                        9 8 600 56 1 1 3 101 104 101 104 0 0 0 4096 0\n";
        assert!(is_abandoned(segments, 0xffff_fffb, 7, 101));
        assert!(!is_abandoned(segments, 0xffff_fffb, 7, 0), "another user's");
        assert!(!is_abandoned(segments, 4, 7, 101), "another key: the id was used again");
        assert!(!is_abandoned(segments, 9, 8, 101), "in use");
    }
}
