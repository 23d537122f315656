//! The machine's processes, as `/proc` shows them.

use std::fs;

/// The numbers of all processes. None where there is no `/proc`.
pub(crate) fn all() -> Vec<u32> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
}

/// When a process started, in the kernel's ticks since boot; nothing if it has ended, collected or
/// not: in containers often nobody collects the orphans.
pub(crate) fn started(pid: u32) -> Option<String> {
    started_by_status(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
}

fn started_by_status(status: &str) -> Option<String> {
    // The name, in parentheses, may hold anything, so count from its end: state is the 3rd field,
    // the start the 22nd.
    let (_, after_name) = status.rsplit_once(')')?;
    let fields: Vec<&str> = after_name.split_whitespace().collect();
    let ended = matches!(fields.first(), Some(&("Z" | "X")));
    if ended { None } else { fields.get(19).map(|started| (*started).to_owned()) }
}

/// A process that carries our mark.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Marked {
    pub(crate) pid: u32,
    pub(crate) command: String,
}

/// Processes whose environment holds this variable with this value, ourselves excepted.
pub(crate) fn marked(name: &str, value: &str) -> Vec<Marked> {
    let mark = format!("{name}={value}");
    all()
        .into_iter()
        .filter(|&pid| pid != std::process::id())
        .filter(|pid| {
            fs::read(format!("/proc/{pid}/environ")).is_ok_and(|environment| {
                environment.split(|&byte| byte == 0).any(|entry| entry == mark.as_bytes())
            })
        })
        .map(|pid| Marked { pid, command: command(pid) })
        .collect()
}

fn command(pid: u32) -> String {
    let bytes = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    String::from_utf8_lossy(&bytes).replace('\0', " ").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn a_name_with_parentheses_and_a_dead_process_are_understood() {
        let alive = "12 (a) Z (b) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 4711 0 0";
        assert_eq!(started_by_status(alive).as_deref(), Some("4711"));
        assert_eq!(started_by_status(&alive.replace(") S", ") Z")), None);
        assert_eq!(started_by_status(""), None);
    }

    #[test]
    fn a_child_is_known_by_its_mark_until_it_ends() {
        let value = format!("{}-{}", std::process::id(), started(std::process::id()).unwrap());
        let mut child = Command::new("cat")
            .env("ROOMKEY_XTASK_MARK", &value)
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        let found = marked("ROOMKEY_XTASK_MARK", &value);
        assert_eq!(found, [Marked { pid: child.id(), command: "cat".to_owned() }]);
        drop(child.stdin.take());
        child.wait().unwrap();
        assert_eq!(marked("ROOMKEY_XTASK_MARK", &value), []);
    }
}
