//! The sandbox over real HTTP and real SMTP. Time is moved by `POST /_sandbox/clock`, never waited for.
//!
//! With `ROOMKEY_SPECS` naming the folder of `contracts.json`, every answer of every test is checked
//! against the vendor's contract.
#![cfg(test)]

mod contract;
mod control;
mod downloads;
mod events;
mod faults;
mod harness;
mod mailbox;
mod meetings;
mod past;
mod recordings;
mod rooms;
mod token;
