//! The operator's pages, over HTTP, on both databases, with the cookie of a redeemed sign-in.

mod apart;
mod desk;
mod forms;
mod pages;
mod practice;
mod story;
