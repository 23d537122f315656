//! Where the fire burns: a fresh database, the vendor, the engines, and a practice with one
//! connection.

use std::collections::BTreeMap;
use std::path::Path;

use clap::ValueEnum;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::api::Api;
use super::binary::Binary;
use super::engines::{Engines, Settings, free_ports};
use super::rows::{self, Row};
use super::vendor::{ACCOUNT, Vendor};
use super::wish::Host;
use crate::failure::{Context as _, Failure, Result};
use crate::postgres::{Fsync, Server};
use crate::program;

/// 32 bytes that seal nothing worth keeping.
const KEYS: &str = "fire:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
/// Far from what anybody would choose: so that a run takes minutes and not hours.
const HURRY: [(&str, &str); 5] = [
    ("ROOMKEY_SETTLE", "1s"),
    ("ROOMKEY_HTTP_TIMEOUT", "1s"),
    ("ROOMKEY_BUDGETS", "off"),
    ("ROOMKEY_RATE_LIMITS", "off"),
    ("ROOMKEY_LOG", "info"),
];

/// Which database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Database {
    /// One file, one engine process.
    Sqlite,
    /// A throw-away server, any number of them.
    Postgres,
}

impl Database {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }
}

/// What an import came to.
#[derive(Debug)]
pub(crate) struct Imported {
    pub(crate) created: u64,
    pub(crate) changed: u64,
}

/// Everything that runs. What was started last ends first.
pub(crate) struct Site<'a> {
    pub(crate) engines: Engines<'a>,
    pub(crate) api: Api,
    pub(crate) vendor: Vendor,
    server: Option<Server>,
    binary: &'a Binary,
    settings: Settings,
    ports: Vec<u16>,
    folder: TempDir,
}

impl<'a> Site<'a> {
    pub(crate) fn build(binary: &'a Binary, database: Database, engines: usize) -> Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix("roomkey-fire-")
            .tempdir()
            .context("making a folder for the fire")?;
        let (server, url) = match database {
            Database::Sqlite => (None, format!("sqlite://{}/roomkey.db", folder.path().display())),
            Database::Postgres => {
                let server = Server::start(Fsync::On, &binary.mark())?;
                let url = server.url();
                (Some(server), url)
            }
        };
        let vendor = Vendor::start(binary, folder.path())?;
        let ports = free_ports(engines)?;
        let settings = settings(&vendor, url, ports[0]);
        let command = |words: &[&str]| {
            let mut command = binary.command(folder.path(), words);
            command.envs(settings.iter().map(|(name, value)| (*name, value)));
            program::answer(&mut command)
        };
        if server.is_some() {
            command(&["migrate"])?;
        }
        let tenant: Value = serde_json::from_str(&command(&["tenant", "add", "Fire", "--json"])?)
            .context("reading what `tenant add` said")?;
        let api_key = tenant["api_key"].as_str().unwrap_or_default();
        let engines = Engines::start(binary, folder.path(), &ports, settings.clone())?;
        let roots = ports.iter().map(|port| format!("http://127.0.0.1:{port}")).collect();
        let api = Api::new(roots, api_key);
        let connection = json!({"provider": "zoom", "kind": "server_to_server", "account_id": ACCOUNT,
            "client_id": "client-1", "client_secret": "secret-1"});
        api.post("/v1/connections", "fire-connection", &connection)?;
        if api.get("/v1/tenant")?["default_route"].is_null() {
            return Err(Failure::new("the first connection did not become the default route"));
        }
        Ok(Self { engines, api, vendor, server, binary, settings, ports, folder })
    }

    /// In one line, what is far from usual.
    pub(crate) fn hurry() -> String {
        let others = HURRY.map(|(name, value)| format!("{name}={value}")).join(" ");
        format!("{others} ROOMKEY_RETRY_SCHEDULE=200ms,300ms,500ms,1s,…")
    }

    /// Makes people licensed users at the vendor.
    pub(crate) fn license(&self, people: &[(String, String, String)]) -> Result {
        let logins: Vec<String> = people.iter().map(|(_, email, _)| email.clone()).collect();
        self.vendor.license(&logins)
    }

    /// Brings bookings in from a file, beside the engines, as an operator would.
    pub(crate) fn import(&self, rows: &[Row]) -> Result<Imported> {
        let file = self.folder().join("bookings.csv");
        std::fs::write(&file, rows::write(rows)).context("writing down the bookings")?;
        let words = ["import", "bookings.csv", "--apply", "--notify", "all", "--json"];
        let mut command = self.binary.command(self.folder(), &words);
        command.envs(self.settings.iter().map(|(name, value)| (*name, value)));
        let said: Value = serde_json::from_str(&program::answer(&mut command)?)
            .context("reading what `import` said")?;
        let count = |name: &str| said[name].as_u64().unwrap_or_default();
        let (created, changed) = (count("created"), count("changed"));
        Ok(Imported { created, changed })
    }

    /// The practice's hosts; who is missing is made.
    pub(crate) fn hosts(&self, people: &[(String, String, String)]) -> Result<Vec<Host>> {
        let known = self.known_hosts()?;
        people
            .iter()
            .map(|(name, email, zone)| {
                if let Some(host) = known.get(email) {
                    return Ok(host.clone());
                }
                let body =
                    json!({"external_id": email, "name": name, "email": email, "time_zone": zone});
                let made = self.api.post("/v1/hosts", &format!("fire-host-{email}"), &body)?;
                Ok(host(&made))
            })
            .collect()
    }

    fn known_hosts(&self) -> Result<BTreeMap<String, Host>> {
        let known = self.api.list("/v1/hosts")?;
        Ok(known.iter().map(host).map(|host| (host.email.clone(), host)).collect())
    }

    /// Makes services, and answers their ids by name.
    pub(crate) fn services(
        &self,
        services: &BTreeMap<String, (String, i64)>,
    ) -> Result<BTreeMap<String, String>> {
        let id = |service: &Value| service["id"].as_str().unwrap_or_default().to_owned();
        let mut known: BTreeMap<String, String> = self
            .api
            .list("/v1/services")?
            .iter()
            .map(|it| (it["name"].as_str().unwrap_or_default().to_owned(), id(it)))
            .collect();
        for (name, (mode, minutes)) in services {
            if !known.contains_key(name) {
                let body = json!({"name": name, "mode": mode, "duration_minutes": minutes});
                let made = self.api.post(
                    "/v1/services",
                    &format!("fire-service-{name_key}", name_key = key_of(name)),
                    &body,
                )?;
                known.insert(name.clone(), id(&made));
            }
        }
        Ok(known)
    }

    /// Ends the engines, and starts them with other settings.
    pub(crate) fn restart_with(&mut self, changed: &[(&'static str, &str)]) -> Result {
        for number in 0..self.engines.len() {
            self.engines.kill(number)?;
        }
        let mut settings = self.settings.clone();
        for (name, value) in changed {
            settings.retain(|(known, _)| known != name);
            settings.push((name, (*value).to_owned()));
        }
        self.engines = Engines::start(self.binary, self.folder.path(), &self.ports, settings)?;
        Ok(())
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Ends everything; with `keep`, the folder with logs and database stays.
    pub(crate) fn end(mut self, keep: bool) -> Result {
        self.folder.disable_cleanup(keep);
        let Self { engines, vendor, server, folder, .. } = self;
        drop(engines);
        drop(vendor);
        server.map_or(Ok(()), Server::stop)?;
        drop(folder);
        Ok(())
    }
}

fn settings(vendor: &Vendor, database_url: String, port: u16) -> Settings {
    let root = &vendor.root;
    let mut settings: Settings =
        HURRY.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    settings.extend([
        // Never used up: what comes afterwards is tried every quarter of an hour.
        ("ROOMKEY_RETRY_SCHEDULE", format!("200ms,300ms,500ms{}", ",1s".repeat(300))),
        ("ROOMKEY_DATABASE_URL", database_url),
        ("ROOMKEY_PUBLIC_URL", format!("http://127.0.0.1:{port}")),
        ("ROOMKEY_KEYS", KEYS.to_owned()),
        ("ROOMKEY_SMTP_URL", vendor.smtp.clone()),
        ("ROOMKEY_ZOOM_AUTHORIZE_URL", format!("{root}/zoom/oauth/authorize")),
        ("ROOMKEY_ZOOM_TOKEN_URL", format!("{root}/zoom/oauth/token")),
        ("ROOMKEY_ZOOM_REVOKE_URL", format!("{root}/zoom/oauth/revoke")),
        ("ROOMKEY_ZOOM_API_ROOT", format!("{root}/zoom/v2")),
    ]);
    settings
}

fn host(told: &Value) -> Host {
    let text = |name: &str| told[name].as_str().unwrap_or_default().to_owned();
    Host { id: text("id"), name: text("name"), email: text("email") }
}

/// A name, as far as it fits into a header.
fn key_of(name: &str) -> String {
    name.chars().map(|it| if it.is_ascii_alphanumeric() { it } else { '-' }).collect()
}
