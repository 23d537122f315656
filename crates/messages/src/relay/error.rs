//! What became of a mail that did not go well.

use std::error::Error;
use std::fmt;
use std::time::Duration;

/// How far it came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// Reaching the relay, and its greeting.
    Connect,
    /// Agreeing on TLS.
    Tls,
    /// Signing in.
    SignIn,
    /// Naming the sender.
    Sender,
    /// Naming the recipient.
    Recipient,
    /// Asking to hand the mail over.
    Data,
    /// Handing it over, and waiting for the receipt.
    Message,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => "connecting",
            Self::Tls => "agreeing on TLS",
            Self::SignIn => "signing in",
            Self::Sender => "naming the sender",
            Self::Recipient => "naming the recipient",
            Self::Data => "asking to hand the mail over",
            Self::Message => "handing the mail over",
        })
    }
}

/// Why a mail is not known to be with the relay.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// The relay did not take it, and may do so later: it could not be reached, is busy, or does
    /// not want us as a client.
    #[error("the relay did not take the mail while {step}{}", code.map(|it| format!(" ({it})")).unwrap_or_default())]
    Transient {
        /// Where it stopped.
        step: Step,
        /// The relay's reply code, if it replied.
        code: Option<u16>,
        /// What happened.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The relay refused this mail to this recipient, for good.
    #[error("the relay refused the mail ({code}): {message}")]
    Rejected {
        /// Its reply code, 5xx.
        code: u16,
        /// Its words. They may hold the address.
        message: String,
    },
    /// It was handed over, and no receipt came: it may have gone.
    #[error("the mail was handed over, but no receipt came")]
    Unknown {
        /// What happened.
        source: Box<dyn Error + Send + Sync>,
    },
}

/// The relay closes the connection: it says nothing of a mail.
const CLOSING: u16 = 421;

impl SendError {
    /// Whether the relay itself works, and what it says is of this mail to this recipient alone.
    #[must_use]
    pub const fn is_about_this_mail(&self) -> bool {
        match self {
            Self::Transient { step, code: Some(code), .. } => {
                step.is_about_the_mail() && *code != CLOSING
            }
            Self::Rejected { .. } => true,
            Self::Transient { code: None, .. } | Self::Unknown { .. } => false,
        }
    }
}

impl Step {
    /// Whether an answer there is about the mail. A refusal of the connection, of our credentials
    /// or of our own address is nothing that the recipient could help.
    const fn is_about_the_mail(self) -> bool {
        match self {
            Self::Connect | Self::Tls | Self::SignIn | Self::Sender => false,
            Self::Recipient | Self::Data | Self::Message => true,
        }
    }
}

/// What a step ran into.
pub(super) enum Fault {
    /// What lettre says.
    Protocol(lettre::transport::smtp::Error),
    /// Nothing came in this time.
    TooSlow(Duration),
    /// An address that this mail or this relay cannot have.
    Address(&'static str),
}

#[derive(Debug, thiserror::Error)]
#[error("no answer within {0:?}")]
struct TooSlow(Duration);

impl Fault {
    /// Whether the connection is to blame, and another may do better.
    pub(super) fn is_connection(&self) -> bool {
        match self {
            Self::Protocol(error) => error.status().is_none_or(|it| u16::from(it) == CLOSING),
            Self::TooSlow(_) => true,
            Self::Address(_) => false,
        }
    }

    pub(super) fn classify(self, step: Step) -> SendError {
        let (code, source): (Option<u16>, Box<dyn Error + Send + Sync>) = match self {
            Self::Address(message) => {
                return SendError::Rejected { code: 553, message: message.to_owned() };
            }
            Self::Protocol(error) => (error.status().map(u16::from), Box::new(error)),
            Self::TooSlow(limit) => (None, Box::new(TooSlow(limit))),
        };
        match code {
            Some(code) if code >= 500 && step.is_about_the_mail() => SendError::Rejected {
                code,
                message: source.source().map(ToString::to_string).unwrap_or_default(),
            },
            None if step == Step::Message => SendError::Unknown { source },
            code => SendError::Transient { step, code, source },
        }
    }
}
