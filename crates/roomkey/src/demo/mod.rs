//! `roomkey demo`: everything in one process, on a database of its own that goes with it.

mod banner;
mod payments;
mod people;
mod practice;
mod sessions;
mod settings;
mod standins;

use roomkey_providers::Http;
use roomkey_store::Clock;
use roomkey_store::session::Who;
use roomkey_vault::{Entropy, Ring};
use tokio_util::task::TaskTracker;

use crate::arguments::{Demo, Global};
use crate::commands::{login, open};
use crate::failure::Failure;
use crate::server::{Parts, Server, unknown_address};
use crate::{log, out, stop};

pub(crate) async fn run(command: Demo, global: &Global) -> Result<(), Failure> {
    let mut configuration = settings::read(&command, global)?;
    log::start(&configuration.log, configuration.log_format);
    let told = stop::on_signal(&TaskTracker::new())?;
    let directory =
        tempfile::Builder::new().prefix("roomkey-demo-").tempdir().map_err(|source| {
            Failure::System { what: "cannot make a directory for the demo", source }
        })?;
    let listener = settings::listen(&configuration, command.listen.is_some()).await?;
    let address = listener.local_addr().map_err(unknown_address)?;
    let entropy = Entropy::system();
    let secret = standins::secret(&configuration, &entropy);
    let sandbox = standins::start(&configuration, address, &secret).await?;
    configuration.zoom_webhook_secrets = vec![secret];
    let signing_secret = payments::secret(&entropy);
    configuration.stripe_webhook_secrets = vec![signing_secret.clone()];
    let ring = Ring::generate(&entropy, "demo")
        .map_err(|error| Failure::Refused(format!("no sealing key could be made: {error}")))?;
    settings::point(&mut configuration, directory.path(), address, &sandbox, ring)?;

    let store = open(&configuration, Clock::system(), true).await?;
    let http = Http::new(configuration.http_timeout)?;
    let server = Server::start(Parts::new(&configuration, store)?, Some(listener), true).await?;
    let made = async {
        people::license(&http, &sandbox.url()).await?;
        let practice = practice::make(server.store(), &configuration, &entropy).await?;
        let (tenant, root) = (practice.tenant, sandbox.url());
        payments::point(&http, &root, &configuration, tenant, &signing_secret).await?;
        let shown = match server.app() {
            Some(app) => sessions::book_all(&app.desk, practice.tenant).await?,
            None => sessions::Shown::default(),
        };
        let (sign_in, _) = login::promise(
            server.store(),
            &entropy,
            &configuration.public_url,
            practice.tenant,
            Who::Operator,
        )
        .await?;
        let (host_sign_in, _) = login::promise(
            server.store(),
            &entropy,
            &configuration.public_url,
            practice.tenant,
            Who::Host(practice.host),
        )
        .await?;
        let sign_ins = banner::SignIns { operator: sign_in, host: host_sign_in };
        Ok::<_, Failure>(banner::Banner::new(&configuration, &sandbox, &practice, &shown, sign_ins))
    }
    .await;
    let outcome = match made {
        Ok(banner) => {
            banner.print(command.json.json);
            told.cancelled().await;
            Ok(())
        }
        Err(failure) => Err(failure),
    };
    server.stop().await;
    sandbox.stop().await;
    directory
        .close()
        .map_err(|source| Failure::System { what: "cannot remove the demo's directory", source })?;
    if outcome.is_ok() {
        out::talk("Nothing of the demo is left.");
    }
    outcome
}
