//! Whether doc comments hold examples that cargo would run. Building a test for each crate only to
//! learn that there are none costs time.

use crate::repository::TextFile;

/// Words after a fence that still mean Rust which is at least compiled.
const RUST: [&str; 6] = ["", "rust", "should_panic", "no_run", "compile_fail", "edition2024"];

/// Files of libraries whose doc comments hold examples.
pub(crate) fn files(texts: &[TextFile]) -> Vec<&str> {
    texts
        .iter()
        .filter(|file| file.path.starts_with("crates/") && file.path.ends_with(".rs"))
        .filter(|file| has_example(&file.text))
        .map(|file| file.path.as_str())
        .collect()
}

fn has_example(text: &str) -> bool {
    let mut open = false;
    text.lines().any(|line| {
        let line = line.trim_start();
        let Some(comment) = line.strip_prefix("///").or_else(|| line.strip_prefix("//!")) else {
            open = false;
            return false;
        };
        let Some(words) = comment.trim().strip_prefix("```") else { return false };
        open = !open;
        open && words.split(',').all(|word| RUST.contains(&word.trim()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_rust_in_a_doc_comment_is_an_example() {
        for yes in [
            "/// ```\n/// let a = 1;\n/// ```",
            "//! ```rust,no_run\n//! ```",
            "/// ```text\n/// a\n/// ```\n/// ```\n/// b();\n/// ```",
        ] {
            assert!(has_example(yes), "{yes}");
        }
        for no in [
            "/// ```text\n/// a\n/// ```",
            "let a = \"```\";",
            "/// ```json\n/// {}\n/// ```\nfn a() {}",
        ] {
            assert!(!has_example(no), "{no}");
        }
    }
}
