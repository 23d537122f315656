//! Where PostgreSQL's server programs are. Debian keeps them out of `PATH`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::program;

const DEBIAN: &str = "/usr/lib/postgresql";

/// The folder that holds `initdb` and `postgres`.
pub(crate) fn find() -> Option<PathBuf> {
    from_pg_config().or_else(|| newest_below(Path::new(DEBIAN))).or_else(from_path)
}

fn from_pg_config() -> Option<PathBuf> {
    let folder = program::answer(Command::new(program::find("pg_config")?).arg("--bindir")).ok()?;
    let folder = PathBuf::from(folder.trim());
    is_complete(&folder).then_some(folder)
}

fn newest_below(versions: &Path) -> Option<PathBuf> {
    fs::read_dir(versions)
        .ok()?
        .flatten()
        .filter_map(|entry| {
            let version: u32 = entry.file_name().to_str()?.parse().ok()?;
            let folder = entry.path().join("bin");
            is_complete(&folder).then_some((version, folder))
        })
        .max()
        .map(|(_, folder)| folder)
}

fn from_path() -> Option<PathBuf> {
    let folder = program::find("initdb")?.parent()?.to_owned();
    is_complete(&folder).then_some(folder)
}

fn is_complete(folder: &Path) -> bool {
    ["initdb", "postgres"].iter().all(|name| folder.join(name).is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_complete_version_is_taken() {
        let versions = tempfile::tempdir().unwrap();
        for (version, names) in
            [("9", &["initdb", "postgres"][..]), ("15", &["initdb", "postgres"]), ("17", &["psql"])]
        {
            let bin = versions.path().join(version).join("bin");
            fs::create_dir_all(&bin).unwrap();
            for name in names {
                fs::write(bin.join(name), "").unwrap();
            }
        }
        assert_eq!(newest_below(versions.path()), Some(versions.path().join("15/bin")));
    }
}
