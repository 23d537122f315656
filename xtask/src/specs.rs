//! Where the vendors' contracts are. They are the vendors' and not in the repository, so a newcomer
//! does not have them; continuous integration must.

use std::path::{Path, PathBuf};

use crate::failure::{Context, Failure, Result};

/// The variable that names their folder.
pub(crate) const VARIABLE: &str = "ROOMKEY_SPECS";
/// Said wherever they are not checked.
pub(crate) const NOT_CHECKED: &str =
    "!!! vendor contracts NOT CHECKED: ROOMKEY_SPECS names no folder !!!";

/// The folder as an absolute path: tests run in their crate's folder.
pub(crate) fn folder(variable: Option<&Path>, in_ci: bool) -> Result<Option<PathBuf>> {
    match variable {
        None if in_ci => Err(Failure::new("with CI=true, ROOMKEY_SPECS must be set")),
        None => Ok(None),
        Some(folder) => {
            let folder =
                folder.canonicalize().context(format!("{VARIABLE} names {}", folder.display()))?;
            if !folder.join("contracts.json").is_file() {
                let folder = folder.display();
                return Err(Failure::new(format!("{VARIABLE}: {folder} has no contracts.json")));
            }
            Ok(Some(folder))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_continuous_integration_must_have_them() {
        assert_eq!(folder(None, false).unwrap(), None);
        assert!(folder(None, true).is_err());
    }

    #[test]
    fn a_folder_that_is_named_must_hold_them() {
        let named = tempfile::tempdir().unwrap();
        assert!(folder(Some(&named.path().join("nowhere")), false).is_err());
        assert!(folder(Some(named.path()), false).is_err());
        std::fs::write(named.path().join("contracts.json"), "{}").unwrap();
        assert!(folder(Some(named.path()), true).unwrap().is_some());
    }
}
