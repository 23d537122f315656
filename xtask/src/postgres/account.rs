//! Whom PostgreSQL runs as: it refuses to be root, and wants a user that the machine knows.

use std::fs;

use rustix::process::geteuid;

use crate::failure::{Context, Failure, Result};

/// In this order.
const CANDIDATES: [&str; 2] = ["postgres", "nobody"];

/// A system user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Account {
    pub(super) uid: u32,
    pub(super) gid: u32,
}

impl Account {
    /// Nobody else, unless we are root.
    pub(super) fn choose() -> Result<Option<Self>> {
        if !geteuid().is_root() {
            return Ok(None);
        }
        let users = fs::read_to_string("/etc/passwd").context("reading the list of users")?;
        Self::find(&users).map(Some).ok_or_else(|| {
            Failure::new(format!(
                "PostgreSQL refuses to run as root, and there is no user {}",
                CANDIDATES.join(" or ")
            ))
        })
    }

    fn find(users: &str) -> Option<Self> {
        CANDIDATES.iter().find_map(|name| {
            users.lines().find_map(|line| {
                let fields: Vec<&str> = line.split(':').collect();
                let [user, _, uid, gid, ..] = fields[..] else { return None };
                (user == *name)
                    .then(|| Some(Self { uid: uid.parse().ok()?, gid: gid.parse().ok()? }))
                    .flatten()
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn postgres_goes_before_nobody() {
        let nobody = "root:x:0:0::/:/bin/sh\nnobody:x:65534:65533::/:/bin/false\n";
        assert_eq!(Account::find(nobody), Some(Account { uid: 65534, gid: 65533 }));
        let both = format!("{nobody}postgres:x:101:104:,,,:/var:/bin/bash\n");
        assert_eq!(Account::find(&both), Some(Account { uid: 101, gid: 104 }));
        assert_eq!(Account::find("root:x:0:0::/:/bin/sh\n"), None);
    }
}
