//! `cargo xtask fire`: the first promise, proved by burning.
//!
//! Real processes, real HTTP, real databases, real SIGKILL; nothing of the product runs in here.
//! The vendor fails, lies and forgets, engines are killed after every so many calls, people change
//! their minds meanwhile, and somebody breaks rooms by hand. When it is over, each confirmed online
//! booking has exactly one room, as it should be, and there is none else.
//!
//! [`burn`] is the script; read it top down.

mod api;
mod binary;
mod dice;
mod engines;
mod http;
mod invented;
mod kills;
mod quota;
mod rows;
mod settle;
mod site;
mod special;
mod vendor;
mod verdict;
mod weather;
mod when;
mod whims;
mod wish;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Instant;

use clap::Args;

use crate::failure::{Context as _, Failure, Result};

use api::Api;
use dice::Dice;
use kills::Killed;
use rows::Row;
use site::Site;
use verdict::{Mailbox, Table};
use whims::{Caller, Pace};
use wish::{Host, Wish};

pub(crate) use binary::{Binary, Build};
pub(crate) use site::Database;

/// People who change their minds at once, and who book at once.
const CALLERS: usize = 3;

/// What is to burn, and how long.
#[derive(Args, Clone, Debug)]
pub(crate) struct Fire {
    /// On which database.
    #[arg(long, value_enum)]
    pub(crate) database: Database,
    /// Engine processes at once [default: 1 on SQLite, which allows no more, 3 on PostgreSQL]
    #[arg(long)]
    pub(crate) engines: Option<usize>,
    /// How often engines are killed.
    #[arg(long, default_value_t = 200)]
    pub(crate) kills: u32,
    /// What the kills, the whims and the invented bookings are drawn from.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// The bookings, as a CSV file; without it they are invented.
    #[arg(long)]
    pub(crate) file: Option<PathBuf>,
    /// How many bookings are invented, or taken from the file.
    #[arg(long, default_value_t = 1000)]
    pub(crate) bookings: usize,
    /// Leaves out the part about the vendor's daily quota.
    #[arg(long)]
    pub(crate) no_quota: bool,
    /// Burns a development build.
    #[arg(long)]
    pub(crate) development: bool,
}

/// What came of it.
pub(crate) struct Burnt {
    pub(crate) table: Table,
}

/// Builds the program and burns it.
pub(crate) fn run(fire: &Fire) -> Result {
    let build = if fire.development { Build::Development } else { Build::Release };
    burn(&Binary::build(build)?, fire).map(drop)
}

/// The script.
pub(crate) fn burn(binary: &Binary, fire: &Fire) -> Result<Burnt> {
    let engines = fire.engines()?;
    println!(
        "fire: {} with {engines} engine(s), {} kills, seed {}, {}",
        fire.database.name(),
        fire.kills,
        fire.seed,
        Site::hurry()
    );
    let mut site = Site::build(binary, fire.database, engines)?;
    let outcome = burn_down(&mut site, fire);
    if outcome.is_err() {
        println!(
            "logs and database stay in {}; to burn it again:\n  {}",
            site.folder().display(),
            fire.command()
        );
    }
    site.end(outcome.is_err())?;
    outcome
}

fn burn_down(site: &mut Site<'_>, fire: &Fire) -> Result<Burnt> {
    let rows = fire.rows()?;
    let (early, late) = rows.split_at(rows.len() - rows.len() / 10);
    let people = people(&rows);
    site.license(&people)?;

    let begun = Instant::now();
    let imported = site.import(early)?;
    println!("  {} bookings imported in {:.1} s", imported.created, begun.elapsed().as_secs_f64());
    let hosts = site.hosts(&people)?;
    let services = site.services(&services(&rows))?;
    let mut wishes = wishes(early, &hosts)?;
    let mut mailbox = Mailbox::default();
    settle::settle(site, &wishes, &mut mailbox, "before the fire")?.or_tell(site, &wishes)?;
    wishes.extend(special::arrive_and_break(site, &hosts, &services)?);

    for fault in weather::faults() {
        site.vendor.fault(&fault)?;
    }
    let begun = Instant::now();
    let late = self::wishes(late, &hosts)?;
    let (killed, mut wishes) = blaze(site, fire, (wishes, late), &hosts, &services)?;
    println!(
        "  {} kills in {:.1} s, {} of them while nothing was called; {} calls of ours had to be repeated",
        killed.kills,
        begun.elapsed().as_secs_f64(),
        killed.quiet,
        site.api.repeats()
    );
    println!("  what struck: {}", site.vendor.struck()?);
    site.vendor.no_faults()?;
    // Whatever has happened since: the same file again changes nothing.
    let again = site.import(early)?;
    if (again.created, again.changed) != (0, 0) {
        return Err(Failure::new(format!(
            "the same file, imported again, did something: {again:?}"
        )));
    }

    wishes.sort_by(|a, b| a.name.cmp(&b.name));
    let settled = settle::settle(site, &wishes, &mut mailbox, "after the fire")?;
    let (took, found) = settled.or_tell(site, &wishes)?;
    let counts = site.vendor.counts()?;
    let table = Table::new(&wishes, &found, &mailbox);
    println!(
        "  settled in {:.1} s: {} bookings, {} with a room; {} calls made {} meetings, {} exist; {} mails delivered of {} messages",
        took.as_secs_f64(),
        wishes.len(),
        wishes.iter().filter(|wish| wish.wants_room()).count(),
        counts.calls,
        counts.made,
        counts.meetings,
        mailbox.delivered,
        mailbox.messages()
    );
    println!("  digest of how it ended: {}", table.digest());
    if !fire.no_quota {
        quota::spend(site)?;
    }
    Ok(Burnt { table })
}

/// Kills on this thread, so that what it starts dies with us; whims on others.
fn blaze(
    site: &mut Site<'_>,
    fire: &Fire,
    (wishes, late): (Vec<Wish>, Vec<Wish>),
    hosts: &[Host],
    services: &BTreeMap<String, String>,
) -> Result<(Killed, Vec<Wish>)> {
    let pace = Pace::new(fire.kills);
    let whims = wishes.len() + wishes.len() / 2;
    let (mut shares, mut arrivals) = (dealt(wishes), dealt(late));
    thread::scope(|scope| {
        let mut callers = Vec::new();
        for number in 0..CALLERS {
            let caller = Caller {
                api: &site.api,
                dice: Dice::of(&format!("caller {number}"), fire.seed),
                name: format!("fire-{number}"),
                hosts,
                services,
                whims: whims / CALLERS,
                wishes: std::mem::take(&mut shares[number]),
                late: std::mem::take(&mut arrivals[number]),
            };
            let pace = &pace;
            let called = move || {
                let outcome = caller.call(pace);
                if outcome.is_err() {
                    pace.over.store(true, Ordering::SeqCst);
                }
                outcome
            };
            let builder = thread::Builder::new().name(format!("caller {number}"));
            callers.push(builder.spawn_scoped(scope, called).context("starting a caller")?);
        }
        let mut dice = Dice::of("kills", fire.seed);
        let killed = kills::kill(&mut site.engines, &site.vendor, &pace, &mut dice);
        pace.over.store(true, Ordering::SeqCst);
        let mut wishes = Vec::new();
        for caller in callers {
            wishes.extend(caller.join().map_err(|_| Failure::new("a caller failed"))??);
        }
        Ok((killed?, wishes))
    })
}

/// Sends bookings, each as a whole, several at once.
fn book(api: &Api, services: &BTreeMap<String, String>, wishes: &mut [Wish]) -> Result {
    let share = wishes.len().div_ceil(CALLERS).max(1);
    thread::scope(|scope| {
        let mut callers = Vec::new();
        for some in wishes.chunks_mut(share) {
            let send = move || -> Result {
                for wish in some {
                    let body = wish.body(whims::service(services, wish)?);
                    api.put(&format!("/v1/bookings/{}", wish.reference), &body)?;
                    wish.sent = Some(body);
                }
                Ok(())
            };
            let builder = thread::Builder::new().name("caller".to_owned());
            callers.push(builder.spawn_scoped(scope, send).context("starting a caller")?);
        }
        for caller in callers {
            caller.join().map_err(|_| Failure::new("a caller failed"))??;
        }
        Ok(())
    })
}

/// In turn, so that the same callers have the same wishes every time.
fn dealt(wishes: Vec<Wish>) -> Vec<Vec<Wish>> {
    let mut shares: Vec<Vec<Wish>> = (0..CALLERS).map(|_| Vec::new()).collect();
    for (place, wish) in wishes.into_iter().enumerate() {
        shares[place % CALLERS].push(wish);
    }
    shares
}

fn wishes(rows: &[Row], hosts: &[Host]) -> Result<Vec<Wish>> {
    rows.iter()
        .map(|row| {
            let host = hosts.iter().find(|host| host.email == row.host_email);
            let host = host.ok_or_else(|| Failure::new(format!("{}: no host", row.external_id)))?;
            Wish::of_row(row, host.clone())
        })
        .collect()
}

/// Name, e-mail and zone of everybody who gives a session.
fn people(rows: &[Row]) -> Vec<(String, String, String)> {
    let people: BTreeMap<&str, &Row> =
        rows.iter().map(|row| (row.host_email.as_str(), row)).collect();
    people
        .into_values()
        .map(|row| (row.host_name.clone(), row.host_email.clone(), row.host_time_zone.clone()))
        .collect()
}

/// Mode and minutes of each service, by name.
fn services(rows: &[Row]) -> BTreeMap<String, (String, i64)> {
    rows.iter()
        .map(|row| {
            let minutes = row.duration_minutes.parse().unwrap_or(60);
            (row.service.clone(), (row.mode.clone(), minutes))
        })
        .collect()
}

impl Fire {
    /// One that everybody has time for.
    pub(crate) fn small(database: Database) -> Self {
        Self {
            database,
            engines: None,
            kills: 30,
            seed: 1,
            file: None,
            bookings: 150,
            no_quota: false,
            development: true,
        }
    }

    fn engines(&self) -> Result<usize> {
        match (self.database, self.engines) {
            (Database::Sqlite, None | Some(1)) => Ok(1),
            (Database::Sqlite, Some(_)) => {
                Err(Failure::new("on SQLite there is one engine process; leave --engines out"))
            }
            (Database::Postgres, engines) => Ok(engines.unwrap_or(3).max(1)),
        }
    }

    fn rows(&self) -> Result<Vec<Row>> {
        let rows = match &self.file {
            Some(file) => {
                let text = std::fs::read_to_string(file);
                rows::read(&text.context(format!("reading {}", file.display()))?)?
            }
            None => invented::rows(self.bookings, self.seed),
        };
        let now = when::now();
        rows.into_iter().take(self.bookings).map(|row| when::moved_ahead(row, now)).collect()
    }

    /// What to type to see the same again.
    fn command(&self) -> String {
        let mut words = format!(
            "cargo xtask fire --database {} --kills {} --seed {} --bookings {}",
            self.database.name(),
            self.kills,
            self.seed,
            self.bookings
        );
        if let Some(engines) = self.engines {
            words.push_str(&format!(" --engines {engines}"));
        }
        if let Some(file) = &self.file {
            words.push_str(&format!(" --file {}", file.display()));
        }
        if self.no_quota {
            words.push_str(" --no-quota");
        }
        if self.development {
            words.push_str(" --development");
        }
        words
    }
}
