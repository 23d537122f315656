//! The commands on connections. Secrets go in and never come out.

use std::ops::RangeInclusive;
use std::time::Duration;

use roomkey_core::id::{ConnectionId, HostId};
use roomkey_core::route::{Connection, Provider, RouteOption};
use roomkey_core::seats::Rules;
use roomkey_providers::contract::Account;
use roomkey_store::connection::{self, Record};
use roomkey_store::{Reference, Tenant, Tx, attendance, host, recording, tenant};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

use super::hook_secrets::{HookSecrets, connection_place as place};
use super::waiting::hold_housed;
use super::{Desk, Held, check, hold_waiting, look_at, look_at_held};
use crate::error::{Code, Fault, Problem};

/// How a connection by credentials of the practice's own app is authorised.
pub const SERVER_TO_SERVER: &str = "server_to_server";

/// What is asked of a connection; what is not said stays.
#[derive(Debug, Clone, Default)]
pub struct ConnectionAsked {
    /// The vendor's name for the account; it never changes.
    pub account_id: Option<String>,
    /// The client's name at the vendor.
    pub client_id: Option<String>,
    /// The client's secret.
    pub client_secret: Option<SecretString>,
    /// What the vendor signs its events with.
    pub hook_secrets: HookSecrets,
    /// Whose it is; it never changes.
    pub host: Option<Reference<HostId>>,
    /// Vendor users who lend their rooms.
    pub seats: Option<Vec<String>>,
    /// Sessions that one seat can run at once.
    pub seat_cap: Option<u32>,
    /// Kept free after each session on a seat.
    pub seat_buffer: Option<Duration>,
    /// So long before its start a room is opened on a seat.
    pub seat_lead: Option<Duration>,
    /// Whether it is switched off.
    pub disabled: Option<bool>,
}

/// Fewer and more than any plan of a vendor's lets one user run at once.
const SEAT_CAP: RangeInclusive<u32> = 1..=100;
/// Longer would leave a seat idle for most of a day.
const LONGEST_BUFFER: Duration = Duration::from_secs(4 * 60 * 60);
/// A room must be there before hosts come, and need not be there for ever.
const SEAT_LEAD: RangeInclusive<Duration> =
    Duration::from_secs(2 * 60 * 60)..=Duration::from_secs(90 * 24 * 60 * 60);

impl ConnectionAsked {
    /// How seats may be used; what is not said stays.
    fn seat_rules(&self, before: Rules) -> Rules {
        Rules {
            cap: self.seat_cap.unwrap_or(before.cap),
            buffer: self.seat_buffer.unwrap_or(before.buffer),
            lead: self.seat_lead.unwrap_or(before.lead),
        }
    }

    /// What is wrong with it by itself.
    #[must_use]
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        let lines = [
            ("/account_id", self.account_id.as_deref()),
            ("/client_id", self.client_id.as_deref()),
            ("/client_secret", self.client_secret.as_ref().map(|it| it.expose_secret())),
        ];
        for (pointer, text) in lines {
            if text.is_some_and(|it| it.trim().is_empty()) {
                faults.push(Fault::new(pointer, "required", "must not be empty"));
            } else if let Some(Err((code, words))) = text.map(|it| check::name(it, 500)) {
                faults.push(Fault::new(pointer, code, words));
            }
        }
        if self.seat_cap.is_some_and(|it| !SEAT_CAP.contains(&it)) {
            faults.push(Fault::new("/seat_cap", "out_of_range", "must be 1 to 100"));
        }
        if self.seat_buffer.is_some_and(|it| it > LONGEST_BUFFER) {
            faults.push(Fault::new("/seat_buffer", "out_of_range", "must be 0m to 4h"));
        }
        if self.seat_lead.is_some_and(|it| !SEAT_LEAD.contains(&it)) {
            faults.push(Fault::new("/seat_lead", "out_of_range", "must be 2h to 90d"));
        }
        let seats = self.seats.as_deref().unwrap_or_default();
        for (place, seat) in seats.iter().enumerate() {
            let twice = seats.iter().take(place).any(|it| it == seat);
            if twice || check::name(seat, 254).is_err() {
                let words = "must be a vendor user's login that is not in the list already";
                faults.push(Fault::new(format!("/seats/{place}"), "invalid", words));
            }
        }
        faults
    }
}

/// Makes a connection. The first one becomes the tenant's default route if it has none, and
/// bookings that waited for it are looked at.
///
/// # Errors
/// [`Problem`]: the host is nobody of this tenant.
pub async fn add_connection_in(
    tx: &mut Tx<'_>,
    desk: &Desk,
    proof: Tenant,
    asked: &ConnectionAsked,
) -> Result<ConnectionId, Problem> {
    let now = desk.now();
    let owner = match &asked.host {
        None => None,
        Some(reference) => {
            let words = "is no host of this tenant";
            let fault = || Problem::invalid(vec![Fault::new("/host", "not_found", words)]);
            Some(host::find(tx, proof, reference).await?.ok_or_else(fault)?.id)
        }
    };
    let id = ConnectionId::new(now, desk.entropy.id());
    let mut secrets =
        json!({"client_secret": asked.client_secret.as_ref().map(|it| it.expose_secret())});
    asked.hook_secrets.write(&mut secrets);
    let record = Record {
        tenant: proof,
        connection: Connection {
            id,
            provider: Provider::Zoom,
            host: owner,
            account: asked.account_id.clone().unwrap_or_default(),
            seats: asked.seats.clone().unwrap_or_default(),
            seat_rules: asked.seat_rules(Rules::default()),
            disabled: asked.disabled.unwrap_or(false),
            needs_reconnect: None,
            credentials_at: now,
        },
        kind: SERVER_TO_SERVER.to_owned(),
        client_id: asked.client_id.clone().unwrap_or_default(),
        secrets: seal(desk, id, &secrets),
        revision: 1,
        created_at: now,
        checked_at: None,
    };
    let waiting = hold_waiting(tx, proof, now).await?;
    // Whoever adds the same at the same time waits here.
    let mut row = tenant::lock(tx, proof).await?;
    alone(tx, &record).await?;
    connection::insert(tx, &record).await?;
    if row.default_route.is_none() {
        row.default_route = Some(vec![RouteOption::host(Provider::Zoom)]);
        tenant::update(tx, proof, &row).await?;
    }
    look_at(tx, proof, waiting, now).await?;
    Ok(id)
}

/// One app of one account belongs to each owner once: of two, nobody could say which is used, and one
/// of them would be forgotten when the secret changes.
async fn alone(tx: &mut Tx<'_>, record: &Record) -> Result<(), Problem> {
    let others = connection::of_tenant(tx, record.tenant).await?;
    let same = others.iter().find(|other| {
        let (one, two) = (&other.connection, &record.connection);
        (one.id != two.id && other.client_id == record.client_id)
            && (one.provider, &one.account, one.host) == (two.provider, &two.account, two.host)
    });
    let Some(same) = same else { return Ok(()) };
    let id = same.connection.id;
    let words =
        format!("{id} is this app of this account already. Change its credentials instead.");
    Err(Problem::with(Code::ConnectionExists, words).and("connection", id.to_string()))
}

/// A connection of a tenant.
///
/// # Errors
/// [`Problem`]: there is no such connection.
pub async fn find_connection_in(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    id: ConnectionId,
) -> Result<Record, Problem> {
    connection::of_tenant(tx, tenant)
        .await?
        .into_iter()
        .find(|it| it.connection.id == id)
        .ok_or_else(|| Problem::not_found("connection"))
}

/// A connection of a tenant, held to be changed like this.
///
/// # Errors
/// [`Problem`]: there is no such connection.
pub async fn hold_connection_in(
    tx: &mut Tx<'_>,
    desk: &Desk,
    tenant: Tenant,
    id: ConnectionId,
    asked: &ConnectionAsked,
) -> Result<Held<Record>, Problem> {
    let seen = find_connection_in(tx, tenant, id).await?;
    let mut next = seen.clone();
    fill(desk, asked, &mut next)?;
    let waiting = match next == seen {
        true => None,
        false => Some(hold_waiting(tx, tenant, desk.now()).await?),
    };
    let missing = || Problem::not_found("connection");
    let row = connection::lock(tx, tenant, id).await?.ok_or_else(missing)?;
    Ok(Held { row, waiting })
}

/// Changes a connection. New credentials clear its trouble, and bookings that waited for it are
/// looked at.
///
/// # Errors
/// [`Problem`]: something is asked that never changes.
pub async fn change_connection_in(
    tx: &mut Tx<'_>,
    desk: &Desk,
    held: Held<Record>,
    asked: &ConnectionAsked,
) -> Result<(), Problem> {
    let Held { row: mut record, waiting } = held;
    fixed(tx, asked, &record).await?;
    let before = record.clone();
    fill(desk, asked, &mut record)?;
    if record.client_id != before.client_id {
        alone(tx, &record).await?;
    }
    if record != before {
        connection::update(tx, &record).await?;
        look_at_held(tx, record.tenant, waiting, desk.now()).await?;
    }
    Ok(())
}

/// Removes a connection and its secrets, and what it let us know of people: with the secrets goes the
/// address at which the vendor could ask for that. Refused while rooms depend on it, unless forced:
/// they could then no longer be removed.
///
/// # Errors
/// [`Problem`], with how many rooms would be stranded.
pub async fn remove_connection_in(
    tx: &mut Tx<'_>,
    desk: &Desk,
    tenant: Tenant,
    id: ConnectionId,
    force: bool,
) -> Result<(), Problem> {
    let stranded = connection::stranded(tx, tenant, id).await?;
    if stranded > 0 && !force {
        let words = format!("{stranded} room(s) that it made could no longer be moved or removed.");
        return Err(Problem::with(Code::ConnectionInUse, words).and("stranded", stranded));
    }
    // Their people learn what has become of their rooms.
    let housed = hold_housed(tx, tenant, id).await?;
    let now = desk.now();
    attendance::forget_people(tx, tenant, id, now).await?;
    recording::forget_links(tx, tenant, id, now).await?;
    connection::delete(tx, tenant, id, now).await?;
    look_at_held(tx, tenant, Some(housed), now).await?;
    Ok(())
}

/// The credentials of a connection, unsealed for one call; `None` if the sealing key is missing.
#[must_use]
pub(crate) fn account(desk: &Desk, record: &Record) -> Option<Account> {
    let id = record.connection.id;
    let secrets = desk.ring.open_text(place(id), &record.secrets).ok()?;
    let account = &record.connection.account;
    Account::from_secrets(id, record.revision, account, &record.client_id, &secrets)
}

/// The vendor account and the owner of a connection never change: rooms depend on them.
async fn fixed(tx: &mut Tx<'_>, asked: &ConnectionAsked, record: &Record) -> Result<(), Problem> {
    let mut faults = Vec::new();
    if asked.account_id.as_ref().is_some_and(|it| *it != record.connection.account) {
        let words = "never changes; make another connection";
        faults.push(Fault::new("/account_id", "conflict", words));
    }
    // However they are named: it is who they are that counts.
    let named = match &asked.host {
        Some(Reference::Id(id)) => Some(Some(*id)),
        Some(Reference::External(name)) => Some(host::id_of(tx, record.tenant, name).await?),
        None => None,
    };
    if named.is_some_and(|it| it.is_none() || it != record.connection.host) {
        faults.push(Fault::new("/host", "conflict", "never changes; make another connection"));
    }
    if faults.is_empty() { Ok(()) } else { Err(Problem::invalid(faults)) }
}

fn fill(desk: &Desk, asked: &ConnectionAsked, record: &mut Record) -> Result<(), Problem> {
    if let Some(client_id) = &asked.client_id {
        record.client_id.clone_from(client_id);
    }
    if let Some(seats) = &asked.seats {
        record.connection.seats.clone_from(seats);
    }
    record.connection.seat_rules = asked.seat_rules(record.connection.seat_rules);
    if let Some(disabled) = asked.disabled {
        record.connection.disabled = disabled;
    }
    let id = record.connection.id;
    if asked.client_secret.is_some() || asked.hook_secrets.is_asked() {
        let opened = desk.ring.open_text(place(id), &record.secrets).map_err(Problem::fault)?;
        let mut secrets: Value =
            serde_json::from_str(opened.expose_secret()).map_err(Problem::fault)?;
        if let Some(secret) = &asked.client_secret {
            secrets["client_secret"] = json!(secret.expose_secret());
        }
        asked.hook_secrets.write(&mut secrets);
        record.secrets = seal(desk, id, &secrets);
    }
    if asked.client_id.is_some() || asked.client_secret.is_some() {
        record.connection.needs_reconnect = None;
        record.connection.credentials_at = desk.now();
    }
    Ok(())
}

fn seal(desk: &Desk, id: ConnectionId, secrets: &Value) -> Vec<u8> {
    desk.ring.seal(&desk.entropy, place(id), secrets.to_string().as_bytes())
}
