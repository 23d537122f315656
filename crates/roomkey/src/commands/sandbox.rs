//! `roomkey sandbox`: the vendors' stand-ins and the mailbox alone.

use roomkey_sandbox::Settings;
use secrecy::ExposeSecret as _;
use serde_json::json;
use tokio_util::task::TaskTracker;

use crate::arguments::{self, Global};
use crate::configuration::Need;
use crate::failure::Failure;
use crate::{log, out, stop};

pub(super) async fn run(command: arguments::Sandbox, global: &Global) -> Result<(), Failure> {
    let mut sources = super::sources(global);
    if let Some(listen) = command.listen {
        sources.flags.push((
            "--listen".to_owned(),
            "sandbox_listen".to_owned(),
            listen.to_string(),
        ));
    }
    let configuration = super::configuration(&sources, Need::Database)?;
    log::start(&configuration.log, configuration.log_format);
    let told = stop::on_signal(&TaskTracker::new())?;
    let chosen = configuration.sandbox;
    let sandbox = roomkey_sandbox::start(Settings {
        listen: chosen.listen,
        smtp_listen: chosen.smtp_listen,
        public_url: None,
        zoom_event_url: chosen.zoom_event_url,
        zoom_secret: chosen.zoom_secret.map(|it| it.expose_secret().to_owned()),
    })
    .await?;
    let (url, smtp) = (sandbox.url(), sandbox.smtp_addr());
    let root = url.as_str().trim_end_matches('/');
    if command.json.json {
        out::json(
            &json!({"sandbox": root, "smtp": format!("smtp://{smtp}"), "mailbox": format!("{root}/mail"),
            "zoom": {"token_url": format!("{root}/zoom/oauth/token"), "api_root": format!("{root}/zoom/v2")}}),
        );
    } else {
        out::data(format_args!(
            "The sandbox is at {root}, its mailbox at {root}/mail. Roomkey talks to it with\n\n  \
             ROOMKEY_ZOOM_AUTHORIZE_URL={root}/zoom/oauth/authorize\n  \
             ROOMKEY_ZOOM_TOKEN_URL={root}/zoom/oauth/token\n  \
             ROOMKEY_ZOOM_REVOKE_URL={root}/zoom/oauth/revoke\n  \
             ROOMKEY_ZOOM_API_ROOT={root}/zoom/v2\n  \
             ROOMKEY_SMTP_URL=smtp://{smtp}\n\n\
             and a connection to the Zoom account acc-1 (client-1, secret-1)."
        ));
    }
    told.cancelled().await;
    sandbox.stop().await;
    Ok(())
}
