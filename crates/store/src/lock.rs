//! Only one process works on a SQLite file, by whatever name it is called; commands beside it are
//! welcome.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use crate::database::OpenError;

/// Takes the lock of a file, which may not be there yet. Nothing for a database in memory.
pub(crate) fn take(file: &Path) -> Result<Option<File>, OpenError> {
    if file.as_os_str().is_empty() || file.as_os_str() == ":memory:" {
        return Ok(None);
    }
    let file = real(file);
    if has_names(&file) > 1 {
        return Err(OpenError::Linked(file));
    }
    let mut path = file.as_os_str().to_owned();
    path.push(".lock");
    let path = PathBuf::from(path);
    let lock = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(|source| OpenError::Lock { path: path.clone(), source })?;
    match lock.try_lock() {
        Ok(()) => Ok(Some(lock)),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse(file)),
        Err(TryLockError::Error(source)) => Err(OpenError::Lock { path, source }),
    }
}

/// The file behind symbolic links. One that is not there yet is where its folder really is.
fn real(file: &Path) -> PathBuf {
    if let Ok(real) = file.canonicalize() {
        return real;
    }
    let folder = match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        Some(_) | None => Path::new("."),
    };
    match (folder.canonicalize(), file.file_name()) {
        (Ok(folder), Some(name)) => folder.join(name),
        (Ok(_) | Err(_), Some(_) | None) => file.to_owned(),
    }
}

/// How many names a file has.
#[cfg(unix)]
fn has_names(file: &Path) -> u64 {
    use std::os::unix::fs::MetadataExt as _;
    file.metadata().map_or(0, |it| it.nlink())
}

/// Elsewhere it is not known.
#[cfg(not(unix))]
fn has_names(_: &Path) -> u64 {
    0
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_locked_by_whatever_name() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("roomkey.db");
        let first = take(&file).expect("nobody has it yet");
        std::fs::write(&file, b"").expect("written");
        let link = folder.path().join("link.db");
        std::os::unix::fs::symlink(&file, &link).expect("linked");
        assert!(matches!(take(&link), Err(OpenError::InUse(_))));
        drop(first);
        let second = take(&link).expect("it is free again");
        assert!(matches!(take(&file), Err(OpenError::InUse(_))));
        drop(second);
        std::fs::hard_link(&file, folder.path().join("other.db")).expect("linked");
        assert!(matches!(take(&file), Err(OpenError::Linked(_))));
    }

    #[test]
    fn a_database_in_memory_has_no_lock() {
        assert!(take(Path::new(":memory:")).expect("nothing to lock").is_none());
    }
}
