//! What the demo says when it is ready: where to look, and what to try.

use std::time::Duration;

use roomkey_core::Instant;
use roomkey_core::time::duration_text;
use roomkey_sandbox::Sandbox;
use secrecy::ExposeSecret as _;
use serde::Serialize;

use super::practice::Practice;
use super::sessions::{Shown, UNPAID};
use crate::configuration::Configuration;
use crate::out;

/// Everything that one needs to look around.
#[derive(Debug, Serialize)]
pub(super) struct Banner {
    roomkey: String,
    tenant: TenantShown,
    sign_in: String,
    host_sign_in: String,
    operator: String,
    guest_lobby: String,
    host_lobby: String,
    sandbox: String,
    zoom: String,
    mailbox: String,
    smtp: String,
    database_url: String,
    api_key: String,
    host: &'static str,
    service: &'static str,
    settle: String,
    http_timeout: String,
    retry_schedule: String,
    curl: String,
    pay: String,
}

/// The links that sign somebody in, once.
pub(super) struct SignIns {
    pub(super) operator: String,
    pub(super) host: String,
}

#[derive(Debug, Serialize)]
struct TenantShown {
    id: String,
    name: &'static str,
}

/// The host and the service of the line to paste.
const HOST: &str = "ext:maren";
const SERVICE: &str = "ext:online-session";

impl Banner {
    pub(super) fn new(
        configuration: &Configuration,
        sandbox: &Sandbox,
        practice: &Practice,
        shown: &Shown,
        sign_ins: SignIns,
    ) -> Self {
        let roomkey = configuration.public_url.as_str().trim_end_matches('/').to_owned();
        let root = sandbox.url();
        let root = root.as_str().trim_end_matches('/');
        let api_key = practice.api_key.expose().to_owned();
        Self {
            tenant: TenantShown { id: practice.tenant.id().to_string(), name: practice.name },
            sign_in: sign_ins.operator,
            host_sign_in: sign_ins.host,
            operator: format!("{roomkey}/operator"),
            guest_lobby: format!("{roomkey}/j/{}", shown.guest),
            host_lobby: format!("{roomkey}/j/{}", shown.host),
            sandbox: root.to_owned(),
            zoom: format!("{root}/zoom"),
            mailbox: format!("{root}/mail"),
            smtp: format!("smtp://{}", sandbox.smtp_addr()),
            database_url: configuration.database_url.expose_secret().to_owned(),
            host: HOST,
            service: SERVICE,
            settle: duration_text(configuration.policy.settle),
            http_timeout: duration_text(configuration.http_timeout),
            retry_schedule: configuration
                .layers
                .get("retry_schedule")
                .map_or_else(String::new, |given| given.text.expose_secret().to_owned()),
            pay: pay(root),
            curl: curl(&roomkey, &api_key, in_two_days(practice.now)),
            roomkey,
            api_key,
        }
    }

    /// Prints it: data, and nothing but data, on stdout.
    pub(super) fn print(&self, json: bool) {
        if json {
            out::json(self);
        } else {
            out::data(self.text());
        }
    }

    fn text(&self) -> String {
        let Self { roomkey, sign_in, operator, guest_lobby, host_lobby, zoom, mailbox, .. } = self;
        let Self {
            host_sign_in,
            api_key,
            curl,
            pay,
            settle,
            http_timeout,
            sandbox,
            database_url,
            ..
        } = self;
        let schedule = &self.retry_schedule;
        format!(
            "\
Roomkey is ready with a sample practice. Nothing of it leaves this machine; Ctrl-C removes it.

  Sign in        {sign_in}
                 as the practice's operator: once, within ten minutes; then {operator}
  Guest's lobby  {guest_lobby}
                 of a session that starts in about five minutes: its door is open
  Host's lobby   {host_lobby}
                 its host's door opens once this browser is signed in as that host:
                 {host_sign_in}
  Zoom           {zoom}
                 what exists at the vendor's stand-in; faults to switch on at {sandbox}
  Mailbox        {mailbox}
                 every mail that was sent
  API            {roomkey}/v1
  API key        {api_key}
  Database       {database_url}

Book a session in two days, and wait until its room is there:

  {curl}

Pay for the session that waits for that, as Stripe would tell it, and see it confirmed:

  {pay}

To be lively, the demo waits {http_timeout} for a vendor, tries again after {schedule}, and looks after {settle} for
what a lost answer left behind; in earnest it is 10s, 1s,3s,10s,30s,2m,8m and 30s."
        )
    }
}

/// A full hour, two days from now.
fn in_two_days(now: Instant) -> Instant {
    const HOUR: i64 = 60 * 60 * 1_000_000;
    let then = now.plus(Duration::from_secs(2 * 24 * 60 * 60)).as_micros();
    Instant::from_micros((then.div_euclid(HOUR) + 1) * HOUR)
}

fn curl(roomkey: &str, api_key: &str, start: Instant) -> String {
    format!(
        "curl -sS {roomkey}/v1/bookings -H 'Authorization: Bearer {api_key}' -H 'Prefer: wait=20' \
         -H 'Content-Type: application/json' -d '{{\"service\":\"{SERVICE}\",\"host\":\"{HOST}\",\
         \"start\":\"{start}\",\"guests\":[{{\"name\":\"Ana Sousa\",\"email\":\"ana@example.org\"}}]}}'"
    )
}

fn pay(sandbox: &str) -> String {
    format!(
        "curl -sS {sandbox}/_sandbox/webhooks \
         -d '{{\"vendor\":\"stripe\",\"event\":\"checkout.session.completed\",\"booking\":\"ext:{UNPAID}\"}}'"
    )
}
