//! What was given where: the file, the environment over it, flags over that.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret as _, SecretString};

use super::fault::{Faults, Origin, Problem};
use super::key::{FILE, Key, PREFIX};

/// The file that is read if nobody names another.
const USUAL_FILE: &str = "roomkey.toml";
/// Variables of ours that configure tests, not the program.
const NOT_OURS: [&str; 2] = ["ROOMKEY_TEST_", "ROOMKEY_SPECS"];

/// A value, and where it came from.
#[derive(Debug, Clone)]
pub(crate) struct Given {
    pub(crate) text: SecretString,
    pub(crate) origin: Origin,
}

/// Where values are looked for.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    /// The file that `--config` names.
    pub(crate) file: Option<PathBuf>,
    /// Whether the usual file is read if none is named.
    pub(crate) usual_file: bool,
    /// The environment.
    pub(crate) environment: Vec<(OsString, OsString)>,
    /// Flags: the flag, the key's name, the value.
    pub(crate) flags: Vec<(String, String, String)>,
    /// What holds instead of the usual defaults.
    pub(crate) defaults: Vec<(&'static str, String)>,
}

/// All values that were given, the strongest of each.
#[derive(Debug, Default)]
pub(crate) struct Layers {
    given: BTreeMap<&'static str, Given>,
}

impl Layers {
    /// Reads all sources, weakest first.
    pub(crate) fn read(sources: &Sources, faults: &mut Faults) -> Self {
        let mut layers = Self::default();
        for (name, value) in &sources.defaults {
            if let Some(key) = Key::named(name) {
                let origin = Origin::Default(key.variable());
                layers.given.insert(key.name, Given { text: value.as_str().into(), origin });
            }
        }
        match &sources.file {
            Some(path) => layers.lay(file(path, true, faults), faults),
            None if sources.usual_file => {
                layers.lay(file(Path::new(USUAL_FILE), false, faults), faults);
            }
            None => {}
        }
        layers.lay(environment(&sources.environment, faults), faults);
        layers.lay(flags(&sources.flags, faults), faults);
        layers
    }

    /// The value of a key, if one was given.
    pub(crate) fn get(&self, name: &str) -> Option<&Given> {
        self.given.get(name)
    }

    /// Where a key's value came from, or would.
    pub(crate) fn origin(&self, key: &Key) -> Origin {
        self.get(key.name)
            .map_or_else(|| Origin::Default(key.variable()), |given| given.origin.clone())
    }

    /// Puts one layer over what is there.
    fn lay(&mut self, layer: Vec<(String, Given)>, faults: &mut Faults) {
        let mut seen: BTreeMap<&'static str, Origin> = BTreeMap::new();
        for (name, given) in layer {
            let key = Key::named(&name);
            let from_file = name.strip_suffix(FILE).and_then(Key::named).filter(|key| key.secret);
            let (key, given) = match (key, from_file) {
                (Some(key), _) => (key, given),
                (None, Some(key)) => match std::fs::read_to_string(given.text.expose_secret()) {
                    Ok(text) => (key, Given { text: text.trim().into(), origin: given.origin }),
                    Err(error) => {
                        faults.add(given.origin, Problem::File(error));
                        continue;
                    }
                },
                (None, None) => {
                    let like = Key::like(&name).map(|key| match &given.origin {
                        Origin::Variable(_) => key.variable(),
                        Origin::File { .. } | Origin::Flag(_) | Origin::Default(_) => {
                            key.name.to_owned()
                        }
                    });
                    faults.add(given.origin, Problem::Unknown { like });
                    continue;
                }
            };
            if let Some(other) = seen.insert(key.name, given.origin.clone()) {
                faults.add(given.origin.clone(), Problem::Twice { other: other.to_string() });
            }
            self.given.insert(key.name, given);
        }
    }
}

fn file(path: &Path, must_exist: bool, faults: &mut Faults) -> Vec<(String, Given)> {
    let whole = || Origin::Flag(format!("--config {}", path.display()));
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && !must_exist => {
            return Vec::new();
        }
        Err(error) => {
            faults.add(whole(), Problem::File(error));
            return Vec::new();
        }
    };
    let table: toml::Table = match text.parse() {
        Ok(table) => table,
        Err(error) => {
            // The library's own words quote the line, in which a secret may stand.
            let line = error.span().map_or(0, |span| {
                text.as_bytes().iter().take(span.start).filter(|byte| **byte == b'\n').count() + 1
            });
            let words = format!("is not TOML: line {line}: {}", error.message());
            let origin = Origin::Flag(path.display().to_string());
            faults.add(origin, Problem::Words(words));
            return Vec::new();
        }
    };
    let mut read = Vec::new();
    for (key, value) in table {
        let origin = Origin::File { key: key.clone(), path: path.to_owned() };
        match text_of(&value) {
            Some(text) => read.push((key, Given { text: text.into(), origin })),
            None if Key::named(&key).is_none() => {
                faults.add(origin, Problem::Unknown { like: None });
            }
            None => faults.add(origin, Problem::NotText),
        }
    }
    read
}

fn text_of(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Boolean(switch) => Some(if *switch { "on" } else { "off" }.to_owned()),
        toml::Value::Array(items) => {
            let texts: Option<Vec<&str>> = items.iter().map(toml::Value::as_str).collect();
            texts.map(|texts| texts.join(","))
        }
        toml::Value::Float(_) | toml::Value::Datetime(_) | toml::Value::Table(_) => None,
    }
}

fn environment(variables: &[(OsString, OsString)], faults: &mut Faults) -> Vec<(String, Given)> {
    let mut read = Vec::new();
    for (name, value) in variables {
        let Some(name) = name.to_str().filter(|name| name.starts_with(PREFIX)) else { continue };
        if NOT_OURS.iter().any(|other| name.starts_with(other)) {
            continue;
        }
        let origin = Origin::Variable(name.to_owned());
        let key = name[PREFIX.len()..].to_ascii_lowercase();
        match value.to_str() {
            // Compose files set what nobody has filled in.
            Some("") => {}
            Some(text) => read.push((key, Given { text: text.into(), origin })),
            None => faults.add(origin, Problem::NotUnicode),
        }
    }
    read.sort_by(|(one, _), (other, _)| one.cmp(other));
    read
}

fn flags(flags: &[(String, String, String)], faults: &mut Faults) -> Vec<(String, Given)> {
    let mut read = Vec::new();
    for (flag, name, value) in flags {
        let origin = Origin::Flag(flag.clone());
        match Key::named(name) {
            // Commands beside a server name its database, mostly without a password.
            Some(key) if key.secret && key.name != "database_url" && flag == "--set" => {
                let origin = Origin::Flag(format!("--set {name}"));
                faults.add(origin, Problem::SecretFlag { variable: key.variable() });
            }
            _ => read.push((name.clone(), Given { text: value.as_str().into(), origin })),
        }
    }
    read
}
