//! The one SMTP relay that mails go through, and an honest word on what became of each.
//!
//! lettre speaks the protocol; the steps are ours, because only they say how far a mail came. A
//! connection that breaks before the mail was handed over is [`SendError::Transient`], one that
//! breaks after is [`SendError::Unknown`]: the mail may have gone.
//!
//! Every step has the whole timeout for itself. Connections are kept for the next mail.

mod error;
mod settings;

use std::fmt;
use std::future::Future;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use lettre::Address;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail as MailFrom, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use secrecy::ExposeSecret;

use error::Fault;
pub use error::{SendError, Step};
pub use settings::{BadRelay, RelaySettings};
use settings::{Target, Tls};

use crate::mail::Mail;

/// How many connections are kept while nothing is sent.
const KEPT: usize = 4;

/// A relay. Debug shows where it is, and nothing of how to sign in.
pub struct Relay {
    target: Target,
    tls: Option<TlsParameters>,
    timeout: Duration,
    kept: Mutex<Vec<AsyncSmtpConnection>>,
}

impl Relay {
    /// Reads the settings; connects to nothing yet.
    ///
    /// # Errors
    /// [`BadRelay`], which says what to write instead and never shows the address, as a password
    /// may be in it.
    pub fn new(settings: &RelaySettings) -> Result<Self, BadRelay> {
        let target = Target::read(settings)?;
        let tls = match target.tls {
            Tls::None => None,
            Tls::IfOffered | Tls::Required | Tls::Wrapped => Some(
                TlsParameters::builder(target.host.clone())
                    .build_rustls()
                    .map_err(|source| BadRelay::Tls(Box::new(source)))?,
            ),
        };
        Ok(Self { target, tls, timeout: settings.timeout, kept: Mutex::new(Vec::new()) })
    }

    /// Whether the relay is this machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.target.loopback
    }

    /// Connects and signs in, and sends nothing: for a look at whether that works.
    ///
    /// # Errors
    /// [`SendError::Transient`], with the step that failed.
    pub async fn check(&self) -> Result<(), SendError> {
        let connection = self.connect().await?;
        self.keep(connection);
        Ok(())
    }

    /// Hands a mail over.
    ///
    /// # Errors
    /// [`SendError`]: not now, not ever, or nobody knows.
    pub async fn send(&self, mail: &Mail) -> Result<(), SendError> {
        let from = address(&mail.from.address).map_err(|it| it.classify(Step::Sender))?;
        let to = address(&mail.to.address).map_err(|it| it.classify(Step::Recipient))?;
        if let Some(mut kept) = self.take_kept() {
            // The relay may have closed it long ago. Nothing was handed over then, so a new
            // connection may try.
            match self.begin(&mut kept, &from, mail).await {
                Ok(()) => return self.finish(kept, to, mail).await,
                Err(fault) if fault.is_connection() => {}
                Err(fault) => return Err(fault.classify(Step::Sender)),
            }
        }
        let mut connection = self.connect().await?;
        self.begin(&mut connection, &from, mail).await.map_err(|it| it.classify(Step::Sender))?;
        self.finish(connection, to, mail).await
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, SendError> {
        let hello = ClientId::default();
        let wrapped = self.tls.clone().filter(|_| self.target.tls == Tls::Wrapped);
        let at = (self.target.host.as_str(), self.target.port);
        let connecting =
            AsyncSmtpConnection::connect_tokio1(at, Some(self.timeout), &hello, wrapped, None);
        let mut connection =
            self.within(connecting).await.map_err(|it| it.classify(Step::Connect))?;
        if let Some(tls) = self.tls.clone().filter(|_| self.target.tls != Tls::Wrapped) {
            let offered = connection.can_starttls();
            if offered {
                self.within(connection.starttls(tls, &hello))
                    .await
                    .map_err(|it| it.classify(Step::Tls))?;
            } else if self.target.tls == Tls::Required {
                return Err(SendError::Transient {
                    step: Step::Tls,
                    code: None,
                    source: "the relay offers no STARTTLS".into(),
                });
            }
        }
        if let Some((user, password)) = &self.target.credentials {
            let in_clear = !connection.is_encrypted() && self.target.tls == Tls::IfOffered;
            if in_clear && !self.target.loopback {
                return Err(SendError::Transient {
                    step: Step::SignIn,
                    code: None,
                    source: "the relay offers no STARTTLS, and a password is not sent in clear"
                        .into(),
                });
            }
            let credentials = Credentials::new(user.clone(), password.expose_secret().to_owned());
            self.within(connection.auth(DEFAULT_MECHANISMS, &credentials))
                .await
                .map_err(|it| it.classify(Step::SignIn))?;
        }
        Ok(connection)
    }

    async fn begin(
        &self,
        connection: &mut AsyncSmtpConnection,
        from: &Address,
        mail: &Mail,
    ) -> Result<(), Fault> {
        let mut parameters = Vec::new();
        let info = connection.server_info();
        let plain = mail.from.address.is_ascii() && mail.to.address.is_ascii();
        if !plain {
            if !info.supports_feature(Extension::SmtpUtfEight) {
                return Err(Fault::Address("the relay takes no address outside ASCII"));
            }
            parameters.push(MailParameter::SmtpUtfEight);
        }
        if !mail.raw.is_ascii() && info.supports_feature(Extension::EightBitMime) {
            parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
        }
        let command = MailFrom::new(Some(from.clone()), parameters);
        self.within(connection.command(command)).await.map(drop)
    }

    async fn finish(
        &self,
        mut connection: AsyncSmtpConnection,
        to: Address,
        mail: &Mail,
    ) -> Result<(), SendError> {
        self.within(connection.command(Rcpt::new(to, Vec::new())))
            .await
            .map_err(|it| it.classify(Step::Recipient))?;
        self.within(connection.command(Data)).await.map_err(|it| it.classify(Step::Data))?;
        self.within(connection.message(&mail.raw))
            .await
            .map_err(|it| it.classify(Step::Message))?;
        self.keep(connection);
        Ok(())
    }

    /// A step, under its timeout.
    async fn within<T>(
        &self,
        step: impl Future<Output = Result<T, lettre::transport::smtp::Error>>,
    ) -> Result<T, Fault> {
        match tokio::time::timeout(self.timeout, step).await {
            Ok(Ok(done)) => Ok(done),
            Ok(Err(error)) => Err(Fault::Protocol(error)),
            Err(_) => Err(Fault::TooSlow(self.timeout)),
        }
    }

    fn take_kept(&self) -> Option<AsyncSmtpConnection> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    /// Only a connection whose last answer was good is kept.
    fn keep(&self, connection: AsyncSmtpConnection) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() < KEPT && !connection.has_broken() {
            kept.push(connection);
        }
    }
}

fn address(text: &str) -> Result<Address, Fault> {
    text.parse().map_err(|_| Fault::Address("is no e-mail address"))
}

impl fmt::Debug for Relay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Relay").field(&self.target).finish()
    }
}
