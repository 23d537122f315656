//! The operator's pages: what is booked, what needs a person, and what to click.
//!
//! All share a [`Shell`]: the navigation, the one number that matters, and the form token that
//! every form sends as `csrf`.

pub mod booking;
pub mod bookings;
pub mod cause;
pub mod connections;
pub mod hosts;
pub mod length;
pub mod new_booking;
pub mod room_settings;
pub mod row;
pub mod services;
pub mod status;
pub mod today;

mod filled;
mod health;
mod shell;

pub use filled::Filled;
pub use health::Health;
pub use shell::{HeadNumber, Section, Shell};
