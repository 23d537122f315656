//! What people and programs carry to be let in.
//!
//! One type for all of them: a prefix that says what it is, then random bits in lower-case
//! Crockford base 32. A database keeps the digest for look-up, and the token only sealed.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use roomkey_core::id::{decode, encode};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::Entropy;

/// What a token opens.
pub trait TokenKind {
    /// What its text begins with.
    const PREFIX: &'static str;
    /// How many times 128 random bits it has, of 26 characters each.
    const WORDS: usize;
    /// What people call it: "link".
    const NOUN: &'static str;
}

/// A token. Neither Debug nor Display shows it; [`Token::expose`] does.
pub struct Token<K> {
    text: SecretString,
    kind: PhantomData<fn() -> K>,
}

/// The address of one person for one booking.
#[derive(Debug)]
pub enum LinkTokenKind {}
impl TokenKind for LinkTokenKind {
    const PREFIX: &'static str = "";
    const WORDS: usize = 1;
    const NOUN: &'static str = "link";
}

/// What programs sign in with.
#[derive(Debug)]
pub enum ApiKeyTokenKind {}
impl TokenKind for ApiKeyTokenKind {
    const PREFIX: &'static str = "rk_";
    const WORDS: usize = 2;
    const NOUN: &'static str = "API key";
}

/// What a browser keeps once somebody has signed in.
#[derive(Debug)]
pub enum SessionTokenKind {}
impl TokenKind for SessionTokenKind {
    const PREFIX: &'static str = "ses_";
    const WORDS: usize = 2;
    const NOUN: &'static str = "session";
}

/// What a sign-in link carries; good once.
#[derive(Debug)]
pub enum SignInTokenKind {}
impl TokenKind for SignInTokenKind {
    const PREFIX: &'static str = "sgn_";
    const WORDS: usize = 1;
    const NOUN: &'static str = "sign-in link";
}

/// The token in a link: 26 characters.
pub type LinkToken = Token<LinkTokenKind>;
/// An API key: `rk_` and 52 characters.
pub type ApiKeyToken = Token<ApiKeyTokenKind>;
/// A browser's session: `ses_` and 52 characters.
pub type SessionToken = Token<SessionTokenKind>;
/// A one-time sign-in: `sgn_` and 26 characters.
pub type SignInToken = Token<SignInTokenKind>;

/// A text is no token of the wanted kind. Does not say the text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("is no {noun} of this server")]
pub struct BadToken {
    noun: &'static str,
}

impl<K: TokenKind> Token<K> {
    /// A new one.
    #[must_use]
    pub fn generate(entropy: &Entropy) -> Self {
        let mut text = K::PREFIX.to_owned();
        for _ in 0..K::WORDS {
            text.push_str(&encode(u128::from_be_bytes(entropy.bytes())));
        }
        Self { text: text.into(), kind: PhantomData }
    }

    /// The text, for the one who is to have it.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.text.expose_secret()
    }

    /// SHA-256 of the text: what a database looks up. The bits are random, so no salt is needed.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        Sha256::digest(self.expose().as_bytes()).into()
    }
}

impl<K: TokenKind> FromStr for Token<K> {
    type Err = BadToken;

    /// Reads a token; people's upper case is understood.
    fn from_str(text: &str) -> Result<Self, BadToken> {
        let bad = BadToken { noun: K::NOUN };
        let mut rest = text.strip_prefix(K::PREFIX).ok_or_else(|| bad.clone())?;
        let mut read = K::PREFIX.to_owned();
        for _ in 0..K::WORDS {
            let (word, after) = rest.split_at_checked(26).ok_or_else(|| bad.clone())?;
            read.push_str(&encode(decode(word).ok_or_else(|| bad.clone())?));
            rest = after;
        }
        if !rest.is_empty() {
            return Err(bad);
        }
        Ok(Self { text: read.into(), kind: PhantomData })
    }
}

impl<K> Clone for Token<K> {
    fn clone(&self) -> Self {
        Self { text: self.text.clone(), kind: PhantomData }
    }
}

impl<K: TokenKind> PartialEq for Token<K> {
    fn eq(&self, other: &Self) -> bool {
        self.expose().as_bytes().ct_eq(other.expose().as_bytes()).into()
    }
}
impl<K: TokenKind> Eq for Token<K> {}

impl<K: TokenKind> fmt::Debug for Token<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}…", K::PREFIX)
    }
}

impl<K: TokenKind> fmt::Display for Token<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reads_back<K: TokenKind>(length: usize) {
        let token = Token::<K>::generate(&Entropy::seeded(3));
        assert_eq!(token.expose().len(), length);
        let upper = K::PREFIX.to_owned()
            + &token.expose().trim_start_matches(K::PREFIX).to_ascii_uppercase();
        for text in [token.expose(), &upper] {
            let read: Token<K> = text.parse().expect("a token");
            assert_eq!(read, token);
            assert_eq!(read.digest(), token.digest());
        }
        for text in ["", "x", &format!("{}0", token.expose()), &token.expose()[1..], "ü"] {
            assert!(text.parse::<Token<K>>().is_err());
        }
        for shown in [format!("{token}"), format!("{token:?}")] {
            assert_eq!(shown, format!("{}…", K::PREFIX));
        }
    }

    #[test]
    fn every_kind_reads_back_and_hides_itself() {
        reads_back::<LinkTokenKind>(26);
        reads_back::<ApiKeyTokenKind>(3 + 52);
        reads_back::<SessionTokenKind>(4 + 52);
        reads_back::<SignInTokenKind>(4 + 26);
    }

    #[test]
    fn one_kind_is_not_taken_for_another() {
        let session = SessionToken::generate(&Entropy::seeded(3));
        assert!(session.expose().parse::<ApiKeyToken>().is_err());
        assert!(session.expose().parse::<LinkToken>().is_err());
        let refusal = "rk_short".parse::<ApiKeyToken>().expect_err("too short");
        assert_eq!(refusal.to_string(), "is no API key of this server");
    }

    #[test]
    fn tokens_differ() {
        let entropy = Entropy::seeded(3);
        assert_ne!(LinkToken::generate(&entropy), LinkToken::generate(&entropy));
    }
}
