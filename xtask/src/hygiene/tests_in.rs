//! Which lines of a Rust file are tests.

/// For each line, whether it is part of a test. Relies on rustfmt: a module ends at the first
/// closing brace with its own indentation.
pub(super) fn lines(path: &str, text: &str) -> Vec<bool> {
    if is_test_file(path) {
        return text.lines().map(|_| true).collect();
    }
    let mut end: Option<String> = None;
    let mut announced = false;
    text.lines()
        .map(|line| {
            let code = line.trim_start();
            let indentation = &line[..line.len() - code.len()];
            if let Some(closing) = &end {
                if line == closing {
                    end = None;
                }
                return true;
            }
            if code.starts_with("#[cfg(test)]") {
                announced = true;
                return true;
            }
            if code.starts_with("#[") || !announced {
                return announced;
            }
            announced = false;
            if code.ends_with('{') {
                end = Some(format!("{indentation}}}"));
            }
            true
        })
        .collect()
}

fn is_test_file(path: &str) -> bool {
    let stem = path.strip_suffix(".rs").unwrap_or(path);
    stem.split('/').any(|part| part == "tests")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_module_ends_where_its_brace_does() {
        let text = "\
fn product() {}
#[cfg(test)]
#[expect(clippy::panic, reason = \"a test\")]
mod tests {
    fn test() {
    }
}
fn more() {}
#[cfg(test)]
mod elsewhere;
fn last() {}
";
        let expected = [false, true, true, true, true, true, true, false, true, true, false];
        assert_eq!(lines("crates/core/src/id.rs", text), expected);
    }

    #[test]
    fn files_of_tests_are_tests_throughout() {
        for path in ["crates/store/tests/suite.rs", "crates/core/src/plan/tests.rs"] {
            assert_eq!(lines(path, "fn helper() {}"), [true], "{path}");
        }
        assert_eq!(lines("crates/core/src/latest.rs", "fn product() {}"), [false]);
    }
}
