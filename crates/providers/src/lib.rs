//! The vendors. One module each; each speaks one vendor's wire format and nothing else.

pub mod contract;
