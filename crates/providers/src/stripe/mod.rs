//! Stripe, as far as it tells of payments. It makes no rooms, and nothing is asked of it.

pub mod events;
