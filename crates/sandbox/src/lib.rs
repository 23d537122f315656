//! Faithful local stand-ins for the vendors, a mailbox, and faults on demand.
//!
//! **What it is for.** Everything Roomkey does can be tried, demonstrated and tested without an account
//! anywhere: a Zoom that keeps meetings and has rooms one can enter, a mailbox that speaks SMTP, a list of
//! every call that came in, and a switchboard for what may go wrong on the way. [`start`] serves all of it
//! from one root; the vendors' own paths lie below it.
//!
//! **What it refuses to do.** It shares no code with the product's adapters and knows none of their types:
//! it is written from the vendors' contracts, so that it cannot agree with our mistakes. It is no mock: it
//! keeps state, checks what it is sent as strictly as the vendor does and never answers from a script. It
//! invents no limits: quotas, lags and errors come from faults alone. It reaches out to nobody but the
//! address that it was given for events. Nothing of it is part of a product that runs in earnest.
//!
//! **What to read first.** `world` holds everything that exists, behind one lock; `vendors` says what is
//! asked of a vendor; `faults` says what can go wrong, and `world::World::begin` what that does to a call;
//! `zoom` is the first vendor, and `stripe` only sends. `server` does the waiting and the cutting, `control` is what tests talk to,
//! `mailbox` is the post office, `pages` is what people see.
//!
//! **How to add a vendor.** A folder beside `zoom` with its state and one `act` function from request to
//! answer; a field in `World`; an arm in `vendors::Vendor`; its part of `GET /_sandbox/state`, of
//! `POST /_sandbox/accounts`, and a page. Faults, calls, clock and late effects then work by themselves.
//! Its tests check every answer against the vendor's closed contract.

mod calls;
mod chance;
mod clock;
mod control;
mod faults;
mod later;
mod mailbox;
mod message;
mod pages;
mod server;
mod stripe;
mod vendors;
mod world;
mod zoom;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use url::Url;

use crate::server::Shared;
use crate::world::World;

/// Where the sandbox listens, and where it sends events.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The vendors, the pages and the controls; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The mailbox's SMTP listener; port 0 takes a free one.
    pub smtp_listen: SocketAddr,
    /// How the sandbox's own links are written; `http://` and the bound address if absent.
    pub public_url: Option<Url>,
    /// Where Zoom's events go, for accounts that do not say.
    pub zoom_event_url: Option<Url>,
    /// What Zoom's events are signed with, for accounts that do not say.
    pub zoom_secret: Option<String>,
}

/// Why the sandbox did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// An address is taken, or may not be used.
    #[error("cannot listen on {address}")]
    Listen {
        /// Which one.
        address: SocketAddr,
        /// What the operating system says.
        source: std::io::Error,
    },
    /// The address that was bound cannot be written as a link.
    #[error("cannot write the sandbox's own address as a link")]
    PublicUrl(#[from] url::ParseError),
    /// The HTTP client for outgoing events could not be made.
    #[error("cannot make the HTTP client for events")]
    Client(#[from] reqwest::Error),
}

/// A running sandbox. Dropping it tells its tasks to end; [`Sandbox::stop`] waits until they have.
pub struct Sandbox {
    shared: Arc<Shared>,
    url: Url,
    smtp_addr: SocketAddr,
}

/// Binds both listeners and serves in the background.
pub async fn start(settings: Settings) -> Result<Sandbox, StartError> {
    let web = bind(settings.listen).await?;
    let smtp = bind(settings.smtp_listen).await?;
    let local = |listener: &TcpListener, address| {
        listener.local_addr().map_err(|source| StartError::Listen { address, source })
    };
    let web_addr = local(&web, settings.listen)?;
    let smtp_addr = local(&smtp, settings.smtp_listen)?;
    let url = Url::parse(&format!("http://{web_addr}"))?;
    let base = settings.public_url.unwrap_or_else(|| url.clone());

    let world = World::new(base, settings.zoom_event_url, settings.zoom_secret);
    let shared = Arc::new(Shared::new(world, event_client()?));
    shared.tasks.spawn(server::serve(Arc::clone(&shared), web));
    shared.tasks.spawn(mailbox::smtp::serve(Arc::clone(&shared), smtp));
    shared.tasks.spawn(zoom::events::keep(Arc::clone(&shared)));
    Ok(Sandbox { shared, url, smtp_addr })
}

impl Sandbox {
    /// The root of everything that is served, as it was bound.
    pub fn url(&self) -> Url {
        self.url.clone()
    }

    /// Where the mailbox takes mail.
    pub fn smtp_addr(&self) -> SocketAddr {
        self.smtp_addr
    }

    /// Closes both listeners, lets held calls go and waits until everything has ended.
    pub async fn stop(self) {
        self.shared.stop.cancel();
        self.shared.tasks.close();
        self.shared.tasks.wait().await;
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.shared.stop.cancel();
    }
}

async fn bind(address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address).await.map_err(|source| StartError::Listen { address, source })
}

#[expect(
    clippy::disallowed_methods,
    reason = "the sandbox plays the vendor, which does not call through the product's client"
)]
fn event_client() -> Result<reqwest::Client, reqwest::Error> {
    reqwest::Client::builder()
        .timeout(Duration::from_secs(3))
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
}
