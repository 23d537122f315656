//! One suite, both databases.

mod feed;
mod fixture;
mod queue;
mod schema;
mod tenancy;
mod writes;
