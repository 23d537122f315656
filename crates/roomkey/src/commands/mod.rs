//! The commands, one file each, and what they share.

mod apikey;
mod backup;
mod booking;
pub(crate) mod check;
mod import;
pub(crate) mod login;
mod migrate;
mod reconcile;
mod sandbox;
pub(crate) mod sweeps;
pub(crate) mod tenant;

use roomkey_store::{Clock, OpenError, Options, Reference, Store, Tenant};
use secrecy::ExposeSecret as _;

use crate::arguments::{Arguments, Command, Global, OfTenant};
use crate::configuration::{Configuration, Need, Sources};
use crate::failure::Failure;
use crate::{demo, out, server};

/// Does what the command line asks for.
pub(crate) async fn run(arguments: Arguments) -> Result<(), Failure> {
    let Arguments { command, global } = arguments;
    match command {
        Command::Demo(demo) => demo::run(demo, &global).await,
        Command::Serve(serve) => server::run(serve, &global).await,
        Command::Sandbox(sandbox) => sandbox::run(sandbox, &global).await,
        Command::Migrate => migrate::run(&global).await,
        Command::Check(check) => check::run(check, &global).await,
        Command::Tenant(tenant) => tenant::run(tenant, &global).await,
        Command::Apikey(apikey) => apikey::run(apikey, &global).await,
        Command::Booking(booking) => booking::run(booking, &global).await,
        Command::Import(import) => import::run(import, &global).await,
        Command::Login(login) => login::run(login, &global).await,
        Command::Backup(backup) => backup::run(backup, &global).await,
        Command::Reconcile(reconcile) => Box::pin(reconcile::run(reconcile, &global)).await,
        Command::Sweeps(sweeps) => sweeps::run(sweeps, &global).await,
    }
}

/// Where this process looks for settings.
pub(crate) fn sources(global: &Global) -> Sources {
    let mut flags: Vec<_> = global
        .set
        .iter()
        .map(|(key, value)| ("--set".to_owned(), key.clone(), value.clone()))
        .collect();
    if let Some(url) = &global.database_url {
        flags.push(("--database-url".to_owned(), "database_url".to_owned(), url.clone()));
    }
    Sources {
        file: global.config.clone(),
        usual_file: true,
        environment: std::env::vars_os().collect(),
        flags,
        defaults: Vec::new(),
    }
}

/// The configuration, and a word on what has no effect.
pub(crate) fn configuration(sources: &Sources, need: Need) -> Result<Configuration, Failure> {
    let read = Configuration::read(sources, need)?;
    for origin in read.without_effect() {
        out::talk(format_args!("roomkey: {origin} has no effect in this version"));
    }
    Ok(read)
}

/// The database of a configuration.
pub(crate) async fn open(
    configuration: &Configuration,
    clock: Clock,
    serves: bool,
) -> Result<Store, OpenError> {
    Store::open(Options {
        url: configuration.database_url.expose_secret().to_owned(),
        clock,
        serves,
        connections: configuration.database_connections,
    })
    .await
}

/// The database, beside whoever serves it.
async fn beside(global: &Global) -> Result<(Configuration, Store), Failure> {
    let configuration = configuration(&sources(global), Need::Database)?;
    let store = open(&configuration, Clock::system(), false).await?;
    Ok((configuration, store))
}

/// The tenant that was named, or the only one.
async fn tenant(store: &Store, of: &OfTenant) -> Result<Tenant, Failure> {
    let rows = tenant::all(store).await?;
    let mut fitting = rows.iter().filter(|(tenant, row)| match &of.tenant {
        Some(named) => tenant.id().to_string() == *named || row.name == *named,
        None => true,
    });
    match (fitting.next(), fitting.next(), &of.tenant) {
        (Some((tenant, _)), None, _) => Ok(*tenant),
        (Some((one, _)), Some((two, _)), Some(named)) => {
            let ids: Vec<String> = [one, two]
                .into_iter()
                .chain(fitting.map(|(tenant, _)| tenant))
                .map(|tenant| tenant.id().to_string())
                .collect();
            Err(Failure::Misused(format!(
                "{} tenants are called `{named}`; say which by its id: {}",
                ids.len(),
                ids.join(", ")
            )))
        }
        (Some(_), Some(_), None) => Err(Failure::Misused(
            "there are several tenants; say which with --tenant (`roomkey tenant list`)".to_owned(),
        )),
        (None, _, Some(named)) => Err(Failure::Refused(format!(
            "there is no tenant `{named}`; see `roomkey tenant list`"
        ))),
        (None, _, None) => Err(Failure::Refused(
            "there is no tenant yet; make one with `roomkey tenant add NAME`".to_owned(),
        )),
    }
}

/// A row that a person named.
fn reference<I: std::str::FromStr>(text: &str) -> Result<Reference<I>, Failure> {
    text.parse()
        .map_err(|error: roomkey_store::BadReference| Failure::Misused(format!("`{text}` {error}")))
}
