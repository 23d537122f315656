//! Links between Markdown files lead somewhere.

use crate::repository::TextFile;

/// Objects to links whose file does not exist. Links to other hosts are not followed.
pub(super) fn objections(file: &TextFile, exists: impl Fn(&str) -> bool) -> Vec<String> {
    let TextFile { path, text } = file;
    if !path.ends_with(".md") {
        return Vec::new();
    }
    let mut objections = Vec::new();
    let mut fence: Option<&str> = None;
    for (number, line) in text.lines().enumerate() {
        let start = line.trim_start();
        if let Some(mark) = ["```", "~~~"].into_iter().find(|mark| start.starts_with(mark)) {
            match fence {
                None => fence = Some(mark),
                Some(open) if open == mark => fence = None,
                Some(_) => {}
            }
            continue;
        }
        if fence.is_some() {
            continue;
        }
        let line = without_code(line);
        for target in inline_targets(&line).into_iter().chain(reference_target(&line)) {
            match resolve(path, target) {
                Target::Elsewhere => {}
                Target::Outside => objections.push(format!(
                    "{path}:{}: the link to {target} leaves the repository",
                    number + 1
                )),
                Target::File(found) if exists(&found) => {}
                Target::File(_) => objections
                    .push(format!("{path}:{}: the link to {target} leads nowhere", number + 1)),
            }
        }
    }
    objections
}

enum Target {
    /// Another host, or another place on the same page.
    Elsewhere,
    Outside,
    File(String),
}

fn resolve(from: &str, target: &str) -> Target {
    let path = target.split(['#', '?']).next().unwrap_or_default().replace("%20", " ");
    let scheme = path.split_once(':').is_some_and(|(scheme, _)| {
        !scheme.is_empty() && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
    });
    if path.is_empty() || scheme || path.starts_with("//") {
        return Target::Elsewhere;
    }
    let mut parts: Vec<&str> = match path.strip_prefix('/') {
        Some(_) => Vec::new(),
        None => from.split('/').collect(),
    };
    parts.pop();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                if parts.pop().is_none() {
                    return Target::Outside;
                }
            }
            name => parts.push(name),
        }
    }
    Target::File(parts.join("/"))
}

/// `[text](target "title")`, pictures too.
fn inline_targets(line: &str) -> Vec<&str> {
    line.match_indices("](")
        .filter_map(|(at, open)| {
            let rest = &line[at + open.len()..];
            if let Some(pointed) = rest.strip_prefix('<') {
                return pointed.split_once('>').map(|(target, _)| target);
            }
            let end = rest.find(|c: char| c == ')' || c.is_whitespace())?;
            Some(&rest[..end])
        })
        .collect()
}

/// `[name]: target`, but not the footnote `[^name]: text`.
fn reference_target(line: &str) -> Option<&str> {
    let (name, target) = line.trim_start().strip_prefix('[')?.split_once("]:")?;
    if name.starts_with('^') {
        return None;
    }
    target.split_whitespace().next().map(|target| target.trim_matches(['<', '>']))
}

/// The line without what stands between backticks.
fn without_code(line: &str) -> String {
    line.split('`').step_by(2).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, text: &str) -> Vec<String> {
        let file = TextFile { path: path.to_owned(), text: text.to_owned() };
        let present = ["README.md", "docs", "docs/a b.md", "docs/api/errors.md"];
        objections(&file, |path| present.contains(&path))
    }

    #[test]
    fn links_that_lead_somewhere_pass() {
        for text in [
            "[a](errors.md)",
            "[a](./errors.md#conflict \"title\")",
            "[a](../../README.md) and [b](/README.md)",
            "[a](../a%20b.md) [b](<../a b.md>)",
            "[a](https://example.com/x.md) [b](mailto:ada@example.com) [c](#here)",
            "![picture](..)",
            "[name]: errors.md",
            "[^1]: footnotes are text",
            "`[a](nowhere.md)`",
            "```\n[a](nowhere.md)\n```",
        ] {
            assert_eq!(check("docs/api/index.md", text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn links_that_lead_nowhere_do_not() {
        for text in [
            "[a](nowhere.md)",
            "[a](README.md)",
            "see [a](errors.md) and [b](../errors.md)",
            "![picture](nowhere.png)",
            "[name]: nowhere.md",
            "[a](../../../secret.md)",
            "```\n```\n[a](nowhere.md)",
        ] {
            assert_eq!(check("docs/api/index.md", text).len(), 1, "{text}");
        }
        assert!(check("docs/a.rs", "[a](nowhere.md)").is_empty(), "only Markdown");
    }
}
