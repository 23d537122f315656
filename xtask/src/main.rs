//! The one entry for test, bench, lint and docs: what has logic and is not the product.
//!
//! Read `test.rs` first: it lists the steps that stand between a change and the main branch. One
//! more task is one more module and one more line in [`Task`].
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a tool for people at a terminal")]

mod arrows;
mod bench;
mod cargo;
mod chromium;
mod examples;
mod failure;
mod fire;
mod hygiene;
mod postgres;
mod processes;
mod program;
mod report;
mod repository;
mod requirements;
mod screenshots;
mod signals;
mod specs;
mod test;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use failure::Result;

/// Tasks for people who work on Roomkey.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Everything that continuous integration checks.
    Test {
        /// Leaves out clippy and doc examples, and runs PostgreSQL without fsync.
        #[arg(long)]
        fast: bool,
    },
    /// Runs a throw-away PostgreSQL until Ctrl-C, and prints its URL.
    Postgres {
        /// Whether commits wait for the disk.
        #[arg(long, value_enum, default_value = "on")]
        fsync: postgres::Fsync,
    },
    /// Measures, and prints what was measured.
    Bench {
        /// What.
        #[command(subcommand)]
        what: bench::Bench,
    },
    /// Kills engines while the vendor fails, and proves that every booking ends with its one room.
    Fire(fire::Fire),
    /// Takes pictures of a page, narrow and wide, light and dark.
    Screenshots {
        /// The page's address.
        url: String,
        /// The folder for `1280-light.png` and the others.
        out_dir: PathBuf,
    },
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match signals::install().and_then(|()| run(arguments.task)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("xtask: {}", failure.chain());
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> Result {
    match task {
        Task::Test { fast } => test::test(fast),
        Task::Bench { what } => bench::run(&what),
        Task::Fire(order) => fire::run(&order),
        Task::Screenshots { url, out_dir } => screenshots::take(&url, &out_dir),
        Task::Postgres { fsync } => {
            for home in postgres::sweep() {
                eprintln!("removed what a killed run had left behind: {}", home.display());
            }
            let mut server = postgres::Server::start(fsync, &[])?;
            println!("{}", server.url());
            server.wait()?;
            server.stop()
        }
    }
}
