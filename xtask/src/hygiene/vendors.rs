//! Vendors' specification files are theirs: they are read from beside the repository, and not
//! committed.

/// Objects to files by their names.
pub(super) fn objections(files: &[String]) -> Vec<String> {
    files
        .iter()
        .filter(|path| is_vendors(path.rsplit('/').next().unwrap_or(path)))
        .map(|path| format!("{path}: a vendor's specification does not belong here"))
        .collect()
}

fn is_vendors(name: &str) -> bool {
    ["zoom-openapi.json", "contracts.json"].contains(&name) || name.ends_with(".discovery.json")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vendors_files_are_found_by_name_anywhere() {
        let files = [
            "zoom-openapi.json",
            "crates/providers/tests/contracts.json",
            "specs/google-meet-v2.discovery.json",
            "docs/openapi.json",
            "crates/providers/src/contracts.rs",
        ]
        .map(str::to_owned);
        let found = objections(&files);
        assert_eq!(found.len(), 3, "{found:?}");
    }
}
