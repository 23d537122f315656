//! The web listener: its own accept loop, so that a connection can be cut at any point of a call.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use jiff::Timestamp;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::message::{Answer, Asked};
use crate::vendors::Vendor;
use crate::world::{Step, World};
use crate::{control, pages, zoom};

/// The largest request that is read.
const BODY_LIMIT: usize = 32 * 1024 * 1024;

/// How long a connection may take to end once the sandbox stops.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// What all connections share.
pub(crate) struct Shared {
    world: Mutex<World>,
    /// Wakes whoever waits for time to pass or for faults to go.
    stir: watch::Sender<Stir>,
    pub(crate) tasks: TaskTracker,
    pub(crate) stop: CancellationToken,
    pub(crate) http: reqwest::Client,
}

/// Counts what may end a wait.
#[derive(Debug, Clone, Copy, Default)]
struct Stir {
    releases: u64,
    changes: u64,
}

/// The connection is closed without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the connection was cut on demand")]
struct Cut;

/// A place in a queue that only the clock or a release moves.
pub(crate) struct Hold {
    watch: watch::Receiver<Stir>,
    releases: u64,
}

impl Shared {
    pub(crate) fn new(world: World, http: reqwest::Client) -> Self {
        Self {
            world: Mutex::new(world),
            stir: watch::Sender::new(Stir::default()),
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
            http,
        }
    }

    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets every held call go on.
    pub(crate) fn release(&self) {
        self.stir.send_modify(|stir| stir.releases += 1);
    }

    /// Something has changed that waiting tasks should look at.
    pub(crate) fn changed(&self) {
        self.stir.send_modify(|stir| stir.changes += 1);
    }

    /// Takes a place; call it under the lock, so that no release is missed.
    pub(crate) fn hold(&self) -> Hold {
        let mut watch = self.stir.subscribe();
        let releases = watch.borrow_and_update().releases;
        Hold { watch, releases }
    }

    /// Waits until then, until the faults are removed, or until the sandbox stops.
    pub(crate) async fn wait(&self, mut hold: Hold, until: Option<Timestamp>) {
        loop {
            if hold.watch.borrow_and_update().releases != hold.releases {
                return;
            }
            let now = self.world().clock.now();
            let left = until.map(|until| until.duration_since(now));
            if left.is_some_and(|left| !left.is_positive()) {
                return;
            }
            let pause = async {
                match left {
                    Some(left) => tokio::time::sleep(left.unsigned_abs()).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = self.stop.cancelled() => return,
                changed = hold.watch.changed() => if changed.is_err() { return },
                () = pause => {}
            }
        }
    }

    /// Waits until something changes or the time has come, whichever is first.
    pub(crate) async fn wait_for_change(&self, mut hold: Hold, until: Option<Timestamp>) {
        let now = self.world().clock.now();
        let pause = async {
            match until {
                Some(until) => tokio::time::sleep(until.duration_since(now).unsigned_abs()).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = self.stop.cancelled() => {}
            _ = hold.watch.changed() => {}
            () = pause => {}
        }
    }
}

/// Serves until the sandbox stops.
pub(crate) async fn serve(shared: Arc<Shared>, listener: TcpListener) {
    loop {
        let accepted = tokio::select! {
            () = shared.stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, _)) => {
                // Answers are small and waited for.
                let _ = stream.set_nodelay(true);
                let shared = Arc::clone(&shared);
                let tasks = shared.tasks.clone();
                tasks.spawn(connection(shared, stream));
            }
            Err(error) => tracing::warn!(%error, "sandbox could not accept a connection"),
        }
    }
}

async fn connection(shared: Arc<Shared>, stream: TcpStream) {
    let service = service_fn(|request| {
        let shared = Arc::clone(&shared);
        async move { exchange(&shared, request).await }
    });
    let mut connection = std::pin::pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .serve_connection(TokioIo::new(stream), service)
    );
    let result = tokio::select! {
        result = connection.as_mut() => result,
        () = shared.stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            // Whoever does not take the answer by then goes without it.
            tokio::time::timeout(LAST_WORDS, connection).await.unwrap_or(Ok(()))
        }
    };
    if let Err(error) = result {
        // Clients hang up, and connections are cut on purpose: nothing to shout about.
        tracing::debug!(%error, "sandbox connection ended");
    }
}

async fn exchange(
    shared: &Shared,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Cut> {
    let (parts, body) = request.into_parts();
    let Ok(body) = Limited::new(body, BODY_LIMIT).collect().await else {
        let refusal = Answer::bytes(413, "text/plain", "This is more than the sandbox reads.\n");
        return Ok(response(refusal));
    };
    let text = |name: HeaderName| {
        let value = parts.headers.get(name)?;
        Some(value.to_str().ok()?.to_owned())
    };
    let asked = Asked {
        at: shared.world().clock.now(),
        method: match parts.method.as_str() {
            "HEAD" => "GET".to_owned(),
            other => other.to_owned(),
        },
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().map(str::to_owned),
        authorization: text(header::AUTHORIZATION),
        content_type: text(header::CONTENT_TYPE),
        body: body.to_bytes(),
    };
    let answer = answer(shared, &asked).await;
    // Whatever was asked may have put something off or queued an event.
    shared.changed();
    answer.map(response)
}

async fn answer(shared: &Shared, asked: &Asked) -> Result<Answer, Cut> {
    if let Some(vendor) = Vendor::of(&asked.path) {
        return vendor_call(shared, vendor, asked).await;
    }
    if asked.path == "/_sandbox/webhooks" && asked.method == "POST" {
        return Ok(control::send_now(shared, asked).await);
    }
    let mut world = shared.world();
    world.settle();
    let answer = if asked.path.starts_with("/_sandbox/") {
        control::answer(shared, &mut world, asked)
    } else if asked.path.starts_with("/rooms/") {
        let index = {
            let now = world.clock.now();
            world.calls.begin(now, "rooms", asked, None)
        };
        let answer = zoom::rooms::answer(&mut world, asked);
        world.calls.answered(index, &Answer::empty(answer.status));
        answer
    } else {
        pages::answer(shared, &mut world, asked)
    };
    Ok(answer)
}

async fn vendor_call(shared: &Shared, vendor: Vendor, asked: &Asked) -> Result<Answer, Cut> {
    let (index, step, hold) = {
        let mut world = shared.world();
        let (index, step) = world.begin(vendor, asked);
        (index, step, shared.hold())
    };
    let answer = match step {
        Step::Answer(answer) => return Ok(answer),
        Step::Cut => return Err(Cut),
        Step::HoldThenAct { until, lag } => {
            shared.wait(hold, until).await;
            let mut world = shared.world();
            world.settle();
            vendor.act(&mut world, asked, lag)
        }
        Step::HoldThenAnswer { answer, until } => {
            shared.changed();
            shared.wait(hold, until).await;
            answer
        }
    };
    shared.world().calls.answered(index, &answer);
    Ok(answer)
}

fn response(answer: Answer) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(answer.body));
    *response.status_mut() =
        StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in answer.headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().append(HeaderName::from_static(name), value);
        }
    }
    response
}
