//! Secrets: where randomness comes from, how secrets rest, and the tokens that people carry.
//!
//! For: sealing what a database must not show (vendors' tokens, passcodes, link tokens, webhook
//! secrets), and making and looking up the tokens that open something.
//!
//! Refuses: to know what a secret means, to read a configuration file or a clock, to print key
//! material or a token (the one way out is an `expose`), and to open a value in another place
//! than the one it was sealed for.
//!
//! Read first: [`Ring`] (sealing and opening), then [`Token`] (tokens), then [`Entropy`].
//!
//! To add one more kind of token: an empty enum and its [`TokenKind`] in `token.rs`, with a
//! prefix that no other kind has. To add a new envelope: a new version byte in `envelope.rs`,
//! while the old one can still be read.

mod entropy;
mod envelope;
mod ring;
mod token;

pub use entropy::Entropy;
pub use envelope::{OpenError, Place, sealed_by};
pub use ring::{BadRing, Ring, SealingKeyId};
pub use token::{
    ApiKeyToken, ApiKeyTokenKind, BadToken, LinkToken, LinkTokenKind, SessionToken,
    SessionTokenKind, SignInToken, SignInTokenKind, Token, TokenKind,
};
