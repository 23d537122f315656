//! Each dependency of the workspace has its reason in a comment: on its line, or right above.

/// Objects to entries of the root manifest.
pub(super) fn objections(manifest: &str) -> Vec<String> {
    let mut objections = Vec::new();
    let mut inside = false;
    let mut reason_above = false;
    let mut entry = String::new();
    for (number, line) in manifest.lines().enumerate() {
        if entry.is_empty() && line.starts_with('[') {
            inside = line.trim_end() == "[workspace.dependencies]";
            continue;
        }
        if !inside {
            continue;
        }
        if entry.is_empty() && (line.trim().is_empty() || line.starts_with('#')) {
            reason_above = line.starts_with('#');
            continue;
        }
        entry.push_str(line);
        entry.push('\n');
        let (code, reason) = split(&entry);
        if !is_complete(&code) {
            continue;
        }
        let name = code.split('=').next().unwrap_or_default().trim();
        if reason.is_empty() && !reason_above && !is_ours(&code) {
            objections.push(format!("Cargo.toml:{}: {name} has no reason", number + 1));
        }
        reason_above = false;
        entry.clear();
    }
    objections
}

/// Our own crates are explained by the design.
fn is_ours(code: &str) -> bool {
    code.contains("path =")
}

fn is_complete(code: &str) -> bool {
    let count = |wanted: [char; 2]| code.chars().filter(|c| wanted.contains(c)).count();
    count(['[', '{']) == count([']', '}'])
}

/// What is written, without texts' insides, and what is said about it.
fn split(entry: &str) -> (String, String) {
    let (mut code, mut reason) = (String::new(), String::new());
    for line in entry.lines() {
        let mut quoted = false;
        for (at, letter) in line.char_indices() {
            quoted ^= letter == '"';
            if letter == '#' && !quoted {
                reason.push_str(line[at + 1..].trim());
                break;
            }
            if !quoted {
                code.push(letter);
            }
        }
    }
    (code, reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_stands_on_the_line_or_right_above() {
        let manifest = "\
[workspace]
members = []

[workspace.dependencies]
ours = { path = \"crates/ours\" }

# Reasons.
above = \"1\"
bare = \"1\"
same = \"1\"   # said here
long = { version = \"1\", features = [
    \"a\", # the one we need
    \"b\",
] }
sign = \"1#2\"
empty = \"1\" #

[workspace.lints.rust]
unsafe_code = \"forbid\"
";
        let found = objections(manifest);
        let names: Vec<&str> =
            found.iter().filter_map(|text| text.split_whitespace().nth(1)).collect();
        assert_eq!(names, ["bare", "sign", "empty"], "{found:?}");
    }
}
