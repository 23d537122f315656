//! The program as people start it: real processes, real ports, real signals.
#![cfg(test)]

mod beside;
mod browser;
mod check;
mod demo;
mod help;
mod import;
mod process;
mod restore;
mod send_bookings;
mod serve;
