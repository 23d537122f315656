//! What the tests need of the machine, and how to come by it.

use std::fs;
use std::path::Path;
use std::process::Command;

use rustix::process::geteuid;

use crate::failure::{Context, Failure, Result};
use crate::{chromium, postgres, program};

/// Keeps Debian's package from making and starting a database server of its own.
const NO_SERVER: &str = "/etc/postgresql-common/createcluster.d/roomkey.conf";

/// One thing, and the Debian package that holds it.
struct Requirement {
    what: &'static str,
    package: &'static str,
    is_there: fn() -> bool,
}

const REQUIREMENTS: [Requirement; 6] = [
    Requirement {
        what: "PostgreSQL's server programs (initdb, postgres)",
        package: "postgresql",
        is_there: || postgres::find_binaries().is_some(),
    },
    Requirement { what: "Chromium", package: "chromium", is_there: || chromium::find().is_some() },
    Requirement {
        what: "ChromeDriver",
        package: "chromium-driver",
        is_there: || program::find("chromedriver").is_some(),
    },
    Requirement {
        what: "fonts for its pictures",
        package: "fonts-dejavu-core",
        is_there: has_fonts,
    },
    Requirement {
        what: "Python 3, which users send tables of bookings with",
        package: "python3",
        is_there: || program::find("python3").is_some(),
    },
    Requirement {
        what: "the time zones that Python reads",
        package: "tzdata",
        is_there: || Path::new("/usr/share/zoneinfo/Europe/Lisbon").exists(),
    },
];

/// Makes sure that everything is there: installs it, where we may, and otherwise says how.
pub(crate) fn ensure() -> Result {
    let missing = missing();
    if missing.is_empty() {
        return Ok(());
    }
    let packages: Vec<&str> = missing.iter().map(|requirement| requirement.package).collect();
    if !may_install() {
        return Err(Failure::new(advice(&missing)));
    }
    println!("installing what is missing: {}", packages.join(", "));
    install(&packages)?;
    let still = self::missing();
    if still.is_empty() { Ok(()) } else { Err(Failure::new(advice(&still))) }
}

fn missing() -> Vec<&'static Requirement> {
    const ALL: &[Requirement] = &REQUIREMENTS;
    ALL.iter().filter(|requirement| !(requirement.is_there)()).collect()
}

fn may_install() -> bool {
    geteuid().is_root()
        && Path::new("/etc/debian_version").exists()
        && program::find("apt-get").is_some()
}

fn advice(missing: &[&Requirement]) -> String {
    let list = |text: fn(&Requirement) -> &str| -> Vec<&str> {
        missing.iter().map(|requirement| text(requirement)).collect()
    };
    format!(
        "missing on this machine: {}. On Debian and its relatives: `apt-get install {}`",
        list(|requirement| requirement.what).join("; "),
        list(|requirement| requirement.package).join(" "),
    )
}

fn install(packages: &[&str]) -> Result {
    if packages.contains(&"postgresql") && !Path::new(NO_SERVER).exists() {
        Path::new(NO_SERVER)
            .parent()
            .map_or(Ok(()), fs::create_dir_all)
            .and_then(|()| fs::write(NO_SERVER, "create_main_cluster = false\n"))
            .context(format!("writing {NO_SERVER}"))?;
    }
    program::step(Command::new("apt-get").args(["--quiet", "--quiet", "update"]))?;
    program::step(
        Command::new("apt-get")
            .env("DEBIAN_FRONTEND", "noninteractive")
            .args(["--quiet", "--quiet", "--yes", "--no-install-recommends", "install"])
            .args(packages),
    )
}

/// Any will do.
fn has_fonts() -> bool {
    ["/usr/share/fonts", "/usr/local/share/fonts", "/System/Library/Fonts"]
        .iter()
        .any(|folder| fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_advice_names_things_and_packages() {
        const ALL: &[Requirement] = &REQUIREMENTS;
        let text = advice(&[&ALL[0], &ALL[1]]);
        assert!(text.contains("initdb") && text.contains("Chromium"), "{text}");
        assert!(text.contains("`apt-get install postgresql chromium`"), "{text}");
    }
}
