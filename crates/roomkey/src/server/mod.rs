//! `roomkey serve`: the web and the engine on one database, from start to end.

mod figures;
mod parts;

use std::net::SocketAddr;
use std::time::Duration;

use roomkey_engine::Engine;
use roomkey_store::{Clock, Store};
use roomkey_web::App;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::arguments::{Global, Only, Serve};
use crate::configuration::Need;
use crate::failure::Failure;
use crate::{commands, log, out, stop};

pub(crate) use parts::Parts;

/// How long requests may take to end once the program is told to stop.
const LAST_REQUESTS: Duration = Duration::from_secs(10);

/// What of the product runs in this process.
pub(crate) struct Server {
    store: Store,
    web: Option<Web>,
    engine: Option<CancellationToken>,
    clock: CancellationToken,
    tasks: TaskTracker,
}

struct Web {
    app: App,
    serving: tokio::task::JoinHandle<std::io::Result<()>>,
    stop: CancellationToken,
}

pub(crate) async fn run(command: Serve, global: &Global) -> Result<(), Failure> {
    let mut sources = commands::sources(global);
    if let Some(listen) = command.listen {
        sources.flags.push(("--listen".to_owned(), "listen".to_owned(), listen.to_string()));
    }
    let mut configuration = commands::configuration(&sources, Need::Serve)?;
    log::start(&configuration.log, configuration.log_format);
    let told = stop::on_signal(&TaskTracker::new())?;
    let store = commands::open(&configuration, Clock::system(), true).await?;
    if let Some(ring) = &configuration.ring {
        commands::check::ring_opens(&store, ring).await?;
    }
    if command.only.is_some() && !store.is_shared() {
        return Err(Failure::Misused(
            "--only is for several processes on one database, which needs PostgreSQL; on SQLite one \
             process does everything"
                .to_owned(),
        ));
    }
    if let Some(address) = configuration.metrics_listen {
        figures::tell(address)?;
    }
    let listener = match command.only {
        Some(Only::Engine) => None,
        Some(Only::Web) | None => Some(listen(configuration.listen).await?),
    };
    if let Some(listener) = &listener {
        configuration.find_at(listener.local_addr().map_err(unknown_address)?);
    }
    let engine = command.only != Some(Only::Web);
    if engine && configuration.relay.is_none() {
        out::talk("roomkey: ROOMKEY_SMTP_URL is not set: mails wait until there is a relay");
    }
    let off = commands::sweeps::off_since(&store).await?;
    let server = Server::start(Parts::new(&configuration, store)?, listener, engine).await?;
    if let Some(since) = off {
        out::talk(format_args!(
            "roomkey: sweeps are off since {since}, as after a restored backup: look with `roomkey reconcile plan`, \
             then switch them on with `roomkey sweeps on`"
        ));
    }
    match (command.only, configuration.public_url.as_str().trim_end_matches('/')) {
        (Some(Only::Engine), _) => out::talk("Roomkey's engine is at work."),
        (Some(Only::Web) | None, url) => out::talk(format_args!("Roomkey is ready: {url}")),
    }
    told.cancelled().await;
    server.stop().await;
    Ok(())
}

/// What is said if the operating system does not know where we listen.
pub(crate) const fn unknown_address(source: std::io::Error) -> Failure {
    Failure::System { what: "cannot tell where Roomkey listens", source }
}

/// Takes an address to listen on.
pub(crate) async fn listen(address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|source| Failure::listen(address, source))
}

impl Server {
    /// Starts serving on `listener`, if there is one, and the engine, if it is wanted.
    pub(crate) async fn start(
        parts: Parts,
        listener: Option<TcpListener>,
        engine: bool,
    ) -> Result<Self, Failure> {
        let (store, tasks) = (parts.store.clone(), TaskTracker::new());
        let clock = CancellationToken::new();
        tasks.spawn(roomkey_engine::keep_clock(
            store.clone(),
            parts.lease(),
            parts.policy.settle,
            clock.clone(),
        ));
        let engine = if engine {
            let stop = CancellationToken::new();
            let engine = Engine::new(parts.for_engine()?).await?;
            let told = stop.clone();
            tasks.spawn(async move { engine.run(told).await });
            Some(stop)
        } else {
            None
        };
        let web = listener.map(|listener| {
            let app = App::new(parts.for_web());
            let stop = CancellationToken::new();
            app.background(&tasks, stop.clone());
            let serving = roomkey_web::serve(listener, roomkey_web::router(&app), stop.clone());
            Web { app, serving: tasks.spawn(serving), stop }
        });
        Ok(Self { store, web, engine, clock, tasks })
    }

    /// The database that is served.
    pub(crate) const fn store(&self) -> &Store {
        &self.store
    }

    /// The web, where it is served.
    pub(crate) fn app(&self) -> Option<&App> {
        self.web.as_ref().map(|web| &web.app)
    }

    /// Ends everything in its order: no new requests; the last ones answered; the engine's calls
    /// ended and written down; the database closed.
    pub(crate) async fn stop(self) {
        if let Some(web) = self.web {
            web.stop.cancel();
            let abort = web.serving.abort_handle();
            match tokio::time::timeout(LAST_REQUESTS, web.serving).await {
                Ok(Ok(Ok(()))) => {}
                Ok(Ok(Err(error))) => tracing::error!(%error, "the web ended badly"),
                Ok(Err(error)) => tracing::error!(%error, "the web ended badly"),
                Err(_) => {
                    tracing::warn!("some requests had not ended in time");
                    abort.abort();
                }
            }
        }
        if let Some(engine) = self.engine {
            engine.cancel();
        }
        self.clock.cancel();
        self.tasks.close();
        self.tasks.wait().await;
        self.store.close().await;
    }
}
