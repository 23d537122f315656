//! Roomkey gives every confirmed booking a working video room.
//!
//! **What it is for.** This is the program: the command line ([`arguments`]), the configuration
//! ([`configuration`]), the wiring of the other crates into one process ([`server`], [`demo`]), and
//! its end. **What it refuses to do.** It decides nothing about bookings and knows no SQL, no vendor
//! and no page. **What to read first.** [`arguments`], then [`server`]. To add a command, add it
//! there and a file in `commands/`; a test asks for its help to be written down.

mod arguments;
mod commands;
mod configuration;
mod demo;
mod failure;
mod log;
mod out;
mod server;
mod stop;

use std::process::ExitCode;

use clap::Parser as _;

use crate::arguments::Arguments;
use crate::failure::{Chain, Failure};

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            out::talk(format_args!("roomkey: {}", Chain(&failure)));
            ExitCode::from(failure.code())
        }
    }
}

fn run(arguments: Arguments) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|source| Failure::System { what: "cannot start", source })?;
    runtime.block_on(Box::pin(commands::run(arguments)))
}
