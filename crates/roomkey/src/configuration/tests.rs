//! What is read, what is refused, and what the default file says.

use super::*;

fn sources(environment: &[(&str, &str)]) -> Sources {
    Sources {
        environment: environment.iter().map(|(a, b)| ((*a).into(), (*b).into())).collect(),
        ..Sources::default()
    }
}

fn faults(sources: &Sources, need: Need) -> String {
    Configuration::read(sources, need)
        .map(|_| ())
        .expect_err("a configuration with faults")
        .to_string()
}

const KEYS_TEXT: &str = "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

#[test]
fn nothing_is_enough_for_commands_and_keys_are_for_serving() {
    assert!(Configuration::read(&sources(&[]), Need::Database).is_ok());
    let refusal = faults(&sources(&[]), Need::Serve);
    assert!(refusal.contains("ROOMKEY_KEYS is not set"), "{refusal}");
    assert!(refusal.contains("openssl rand -base64 32"), "{refusal}");
    assert!(Configuration::read(&sources(&[("ROOMKEY_KEYS", KEYS_TEXT)]), Need::Serve).is_ok());
}

#[test]
fn all_faults_are_named_at_once_and_no_secret_is_shown() {
    let given = [
        ("ROOMKEY_LISTEN", "8080"),
        ("ROOMKEY_SETTLE", "soon"),
        ("ROOMKEY_RATE_LIMITS", "maybe"),
        ("ROOMKEY_SMPT_URL", "smtp://u:hunter2@mail.example.org"),
        ("ROOMKEY_SMTP_URL", "smtp://u:hunter2@mail.example.org/x"),
        ("ROOMKEY_KEYS", "hunter2"),
        ("ROOMKEY_DATABASE_URL", "mysql://u:hunter2@host/db"),
        ("ROOMKEY_ZOOM_API_ROOT", "http://zoom.example.org/v2"),
        ("ROOMKEY_PUBLIC_URL", "http://rooms.example.org"),
    ];
    let refusal = faults(&sources(&given), Need::Serve);
    for (name, _) in given {
        assert!(refusal.contains(name), "{name} is not named in:\n{refusal}");
    }
    assert!(refusal.contains("did you mean `ROOMKEY_SMTP_URL`"), "{refusal}");
    assert!(refusal.contains("9 faults"), "{refusal}");
    assert!(!refusal.contains("hunter2"), "{refusal}");
}

#[test]
fn what_has_no_effect_yet_is_checked_like_the_rest() {
    let given = [
        ("ROOMKEY_ALLOW_PRIVATE_TARGETS", "banana"),
        ("ROOMKEY_WEBHOOK_RETRY_SCHEDULE", "zzz"),
        ("ROOMKEY_GOOGLE_TOKEN_URL", "notaurl"),
        ("ROOMKEY_DAILY_API_ROOT", "http://daily.example.org"),
    ];
    let refusal = faults(&sources(&given), Need::Database);
    for (name, _) in given {
        assert!(refusal.contains(name), "{name} is not named in:\n{refusal}");
    }
    let good = [
        ("ROOMKEY_ALLOW_PRIVATE_TARGETS", "on"),
        ("ROOMKEY_WEBHOOK_RETRY_SCHEDULE", "5s,5m"),
        ("ROOMKEY_GOOGLE_TOKEN_URL", "http://127.0.0.1:8081/google/token"),
    ];
    assert!(Configuration::read(&sources(&good), Need::Database).is_ok());
}

#[test]
fn mails_do_not_leave_the_machine_with_links_that_only_it_understands() {
    let given = |public: &'static str, relay: &'static str| {
        sources(&[("ROOMKEY_PUBLIC_URL", public), ("ROOMKEY_SMTP_URL", relay)])
    };
    let refusal =
        faults(&given("http://127.0.0.1:8080", "smtps://mail.example.org"), Need::Database);
    assert!(refusal.contains("ROOMKEY_PUBLIC_URL"), "{refusal}");
    for good in [
        given("http://127.0.0.1:8080", "smtp://127.0.0.1:8025"),
        given("https://rooms.example.org", "smtps://mail.example.org"),
    ] {
        let read = Configuration::read(&good, Need::Database).map_err(|it| it.to_string());
        let sender = read.expect("a configuration").mail_from.address;
        assert!(["roomkey@localhost", "roomkey@rooms.example.org"].contains(&sender.as_str()));
    }
}

#[test]
fn the_environment_is_stronger_than_the_file_and_flags_than_both() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("mine.toml");
    std::fs::write(
        &path,
        "settle = \"1s\"\nhttp_timeout = \"2s\"\nbudgets = false\nlog = \"warn\"\n",
    )
    .expect("a file");
    let sources = Sources {
        file: Some(path),
        flags: vec![("--set".to_owned(), "settle".to_owned(), "9s".to_owned())],
        ..sources(&[("ROOMKEY_SETTLE", "5s"), ("ROOMKEY_LOG", "debug"), ("ROOMKEY_LISTEN", "")])
    };
    let read = Configuration::read(&sources, Need::Database).map_err(|it| it.to_string());
    let read = read.expect("a configuration");
    assert_eq!(read.policy.settle, Duration::from_secs(9));
    assert_eq!(read.http_timeout, Duration::from_secs(2));
    assert_eq!(read.log, "debug");
    assert!(!read.budgets);
}

#[test]
fn secrets_are_read_from_files_and_never_from_flags() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("keys");
    std::fs::write(&path, format!("{KEYS_TEXT}\n")).expect("a file");
    let path = path.to_str().expect("a path");
    assert!(Configuration::read(&sources(&[("ROOMKEY_KEYS_FILE", path)]), Need::Serve).is_ok());
    let both =
        faults(&sources(&[("ROOMKEY_KEYS_FILE", path), ("ROOMKEY_KEYS", KEYS_TEXT)]), Need::Serve);
    assert!(both.contains("keep one of them"), "{both}");
    let missing = faults(&sources(&[("ROOMKEY_KEYS_FILE", "/nowhere/keys")]), Need::Database);
    assert!(missing.contains("ROOMKEY_KEYS_FILE"), "{missing}");
    let flag = Sources {
        flags: vec![("--set".to_owned(), "keys".to_owned(), KEYS_TEXT.to_owned())],
        ..Sources::default()
    };
    assert!(faults(&flag, Need::Database).contains("ROOMKEY_KEYS_FILE"));
}

#[test]
fn what_comes_later_is_known_and_said_to_have_no_effect() {
    let given = sources(&[("ROOMKEY_GOOGLE_TOKEN_URL", "http://127.0.0.1:1/google/token")]);
    let read = Configuration::read(&given, Need::Database).map_err(|it| it.to_string());
    let named: Vec<_> =
        read.expect("a configuration").without_effect().map(|it| it.to_string()).collect();
    assert_eq!(named, ["ROOMKEY_GOOGLE_TOKEN_URL"]);
}

#[test]
fn the_default_file_is_complete_true_and_can_be_read_whole() {
    // Every line that looks like a setting, without the `#`.
    let settings: Vec<&str> = DEFAULT_FILE
        .lines()
        .filter_map(|line| line.strip_prefix("# "))
        .filter(|line| {
            line.split_once(" = ").is_some_and(|(name, _)| {
                name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
            })
        })
        .collect();
    let table: toml::Table = settings.join("\n").parse().expect("TOML");
    for key in KEYS.iter().filter(|key| !key.later) {
        let shown = table.get(key.name);
        assert!(shown.is_some(), "{} is not in the default file", key.name);
        if let Some(default) = key.default.filter(|it| !it.is_empty()) {
            let shown = match shown {
                Some(toml::Value::String(text)) => text.clone(),
                Some(other) => other.to_string(),
                None => String::new(),
            };
            assert_eq!(shown, default, "{}", key.name);
        }
    }
    assert_eq!(table.len(), KEYS.iter().filter(|key| !key.later).count());

    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("roomkey.toml");
    std::fs::write(&path, settings.join("\n")).expect("a file");
    let sources = Sources { file: Some(path), ..Sources::default() };
    let read = Configuration::read(&sources, Need::Serve);
    assert_eq!(read.err().map(|it| it.to_string()), None);
}
