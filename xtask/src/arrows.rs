//! Arrows between crates point one way, and each outside thing has one crate that knows it.
//!
//! The tables below are the picture. To draw a new arrow, change a table and say why; most of the
//! time the better answer is to move the code.

use std::collections::BTreeSet;
use std::path::Path;

use cargo_metadata::{DependencyKind, MetadataCommand};

use crate::failure::{Context, Failure, Result};

/// Each crate, and which of ours it may depend on.
const ROOMS: &[(&str, &[&str])] = &[
    ("roomkey-core", &[]),
    ("roomkey-store", &["roomkey-core"]),
    ("roomkey-vault", &["roomkey-core"]),
    ("roomkey-providers", &["roomkey-core"]),
    ("roomkey-messages", &["roomkey-core"]),
    ("roomkey-engine", BELOW_ENGINE_AND_WEB),
    ("roomkey-web", BELOW_ENGINE_AND_WEB),
    // Written from the vendors' contracts, so that it cannot agree with our own mistakes.
    ("roomkey-sandbox", &["roomkey-core"]),
    (
        "roomkey",
        &[
            "roomkey-core",
            "roomkey-store",
            "roomkey-vault",
            "roomkey-providers",
            "roomkey-messages",
            "roomkey-engine",
            "roomkey-web",
            "roomkey-sandbox",
        ],
    ),
    // Starts programs; knows none of the product's crates.
    ("xtask", &[]),
];

const BELOW_ENGINE_AND_WEB: &[&str] =
    &["roomkey-core", "roomkey-store", "roomkey-vault", "roomkey-providers", "roomkey-messages"];

/// Further arrows, for tests only: from, to, why.
const IN_TESTS: &[(&str, &str, &str)] = &[
    ("roomkey-store", "roomkey-store", "its own tests turn its test databases on"),
    ("roomkey-engine", "roomkey-sandbox", "the loop runs against stand-ins over real HTTP"),
    ("roomkey-providers", "roomkey-sandbox", "adapters are observed at a stand-in's own side"),
    ("roomkey-web", "roomkey-sandbox", "sign-in at vendors and webhooks, over real HTTP"),
    ("roomkey-web", "roomkey-engine", "a test of a page runs the queue until it is idle"),
];

/// Outside things: their library, the crates that may name it, and whether others' tests may too.
const OUTSIDE: &[Outside] = &[
    Outside { library: "sqlx", known_to: &["roomkey-store"], in_tests: Tests::Nobody },
    Outside {
        library: "axum",
        known_to: &["roomkey-web", "roomkey-sandbox"],
        in_tests: Tests::Everybody,
    },
    Outside {
        library: "reqwest",
        // The sandbox sends vendors' webhooks.
        known_to: &["roomkey-providers", "roomkey-sandbox"],
        in_tests: Tests::Everybody,
    },
    Outside { library: "lettre", known_to: &["roomkey-messages"], in_tests: Tests::Everybody },
];

/// The crate that is pure, and what it must not name, as far as `OUTSIDE` does not say so already.
const PURE: &str = "roomkey-core";
const IMPURE: &[&str] = &["tokio", "futures", "async-trait", "hyper", "rand", "getrandom"];

struct Outside {
    library: &'static str,
    known_to: &'static [&'static str],
    in_tests: Tests,
}

/// Who may name a library among its dev-dependencies.
#[derive(PartialEq, Eq)]
enum Tests {
    Nobody,
    Everybody,
}

/// Checks the workspace at this path.
pub(crate) fn check(root: &Path) -> Result {
    let (crates, arrows) = read(root)?;
    let wrong = wrong_arrows(&crates, &arrows);
    if wrong.is_empty() {
        println!(
            "{} crates, {} dependencies: every arrow is in the picture",
            crates.len(),
            arrows.len()
        );
        return Ok(());
    }
    Err(Failure::new(format!("arrows that are not in the picture:\n  {}", wrong.join("\n  "))))
}

/// One line of a manifest.
#[derive(Clone, Debug)]
struct Arrow {
    from: String,
    to: String,
    only_in_tests: bool,
}

fn read(root: &Path) -> Result<(BTreeSet<String>, Vec<Arrow>)> {
    let metadata = MetadataCommand::new()
        .manifest_path(root.join("Cargo.toml"))
        .no_deps()
        .exec()
        .context("reading the manifests")?;
    let crates = metadata.packages.iter().map(|package| package.name.to_string()).collect();
    let arrows = metadata
        .packages
        .iter()
        .flat_map(|package| {
            package.dependencies.iter().map(|dependency| Arrow {
                from: package.name.to_string(),
                to: dependency.name.clone(),
                only_in_tests: dependency.kind == DependencyKind::Development,
            })
        })
        .collect();
    Ok((crates, arrows))
}

fn wrong_arrows(crates: &BTreeSet<String>, arrows: &[Arrow]) -> Vec<String> {
    let strangers = crates
        .iter()
        .filter(|name| room(name).is_none())
        .map(|name| format!("{name} is not in the table of crates"));
    let missing = ROOMS
        .iter()
        .filter(|(name, _)| !crates.contains(*name))
        .map(|(name, _)| format!("{name} is in the table of crates, but not in the workspace"));
    strangers.chain(missing).chain(arrows.iter().filter_map(objection)).collect()
}

fn objection(arrow: &Arrow) -> Option<String> {
    let Arrow { from, to, only_in_tests } = arrow;
    let tests = if *only_in_tests { " in its tests" } else { "" };
    if room(to).is_some() {
        let drawn = room(from).is_some_and(|below| below.contains(&to.as_str()))
            || *only_in_tests && IN_TESTS.iter().any(|(a, b, _)| a == from && b == to);
        return (!drawn).then(|| format!("{from} → {to}{tests}: no such arrow"));
    }
    if let Some(outside) = OUTSIDE.iter().find(|outside| names(to, outside.library)) {
        let known = outside.known_to.contains(&from.as_str())
            || *only_in_tests && outside.in_tests == Tests::Everybody;
        return (!known).then(|| {
            let those = outside.known_to.join(" and ");
            format!("{from} → {to}{tests}: only {those} may know {}", outside.library)
        });
    }
    let impure = from == PURE && !only_in_tests && IMPURE.iter().any(|library| names(to, library));
    impure.then(|| format!("{from} → {to}: {from} is pure"))
}

fn room(name: &str) -> Option<&'static [&'static str]> {
    ROOMS.iter().find(|(room, _)| *room == name).map(|(_, below)| *below)
}

/// Whether a package is a library or belongs to it: `axum-extra` is axum.
fn names(package: &str, library: &str) -> bool {
    package
        .strip_prefix(library)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '_']))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrow(from: &str, to: &str) -> Arrow {
        Arrow { from: from.to_owned(), to: to.to_owned(), only_in_tests: false }
    }

    fn in_tests(from: &str, to: &str) -> Arrow {
        Arrow { only_in_tests: true, ..arrow(from, to) }
    }

    fn is_wrong(arrow: &Arrow) -> bool {
        objection(arrow).is_some()
    }

    #[test]
    fn the_picture_itself_is_right() {
        for (from, below) in ROOMS {
            for to in *below {
                assert_eq!(objection(&arrow(from, to)), None);
            }
        }
        for right in [
            arrow("roomkey-store", "sqlx"),
            arrow("roomkey-web", "axum-extra"),
            arrow("roomkey-sandbox", "reqwest"),
            arrow("roomkey-core", "jiff"),
            in_tests("roomkey-core", "rand"),
            in_tests("roomkey-messages", "axum"),
            in_tests("roomkey-web", "roomkey-engine"),
        ] {
            assert_eq!(objection(&right), None);
        }
    }

    #[test]
    fn arrows_that_point_up_or_sideways_are_wrong() {
        for (from, to) in [
            ("roomkey-core", "roomkey-store"),
            ("roomkey-store", "roomkey-vault"),
            ("roomkey-messages", "roomkey-store"),
            ("roomkey-providers", "roomkey-messages"),
            ("roomkey-web", "roomkey-engine"),
            ("roomkey-engine", "roomkey-web"),
            ("roomkey-engine", "roomkey"),
            ("roomkey-sandbox", "roomkey-providers"),
            ("roomkey-web", "roomkey-sandbox"),
            ("xtask", "roomkey-core"),
        ] {
            assert!(is_wrong(&arrow(from, to)), "{from} → {to}");
        }
    }

    #[test]
    fn tests_cross_only_where_the_table_says_so() {
        assert!(is_wrong(&in_tests("roomkey-engine", "roomkey-web")));
        assert!(is_wrong(&in_tests("roomkey-sandbox", "roomkey-providers")));
        assert!(is_wrong(&in_tests("roomkey-store", "roomkey-engine")));
    }

    #[test]
    fn each_outside_thing_has_its_crate() {
        for wrong in [
            arrow("roomkey-engine", "sqlx"),
            arrow("roomkey-web", "sqlx-core"),
            in_tests("roomkey-engine", "sqlx"),
            arrow("roomkey", "axum"),
            arrow("roomkey-messages", "reqwest"),
            arrow("roomkey-engine", "lettre"),
        ] {
            assert!(is_wrong(&wrong), "{wrong:?}");
        }
    }

    #[test]
    fn core_is_pure() {
        for library in ["tokio", "tokio-util", "sqlx", "reqwest", "axum", "rand", "lettre"] {
            assert!(is_wrong(&arrow("roomkey-core", library)), "{library}");
        }
    }

    #[test]
    fn every_crate_is_in_the_table_and_every_line_of_the_table_is_a_crate() {
        let all: BTreeSet<String> = ROOMS.iter().map(|(name, _)| (*name).to_owned()).collect();
        assert!(wrong_arrows(&all, &[]).is_empty());
        let mut one_more = all.clone();
        one_more.insert("roomkey-utils".to_owned());
        assert_eq!(wrong_arrows(&one_more, &[]).len(), 1);
        let mut one_less = all;
        one_less.remove("roomkey-web");
        assert_eq!(wrong_arrows(&one_less, &[]).len(), 1);
    }
}
