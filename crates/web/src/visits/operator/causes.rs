//! What is wrong, by cause: however many sessions lack a room for the same reason, it is told
//! once, with how many they are and with what mends it.

use std::collections::HashMap;

use roomkey_core::failure::Reason;
use roomkey_core::id::HostId;
use roomkey_core::{Instant, Zone};
use roomkey_store::host::Host;
use roomkey_store::schedule::{Filter, Lack, Wanting};
use roomkey_store::{StoreError, Tenant, Tx, schedule};

use super::choices;
use super::rows::rows;
use crate::pages::operator::bookings::Filter as Address;
use crate::pages::operator::cause::{Cause, CauseLine};
use crate::pages::operator::row::BookingRow;
use crate::pages::pill::{Action, Tone};
use crate::pages::when;

/// So many bookings that wait for a word are told one by one.
const NAMED: u32 = 5;
/// The code of what a vendor says when it does not know who should hold a room.
const USER_UNKNOWN: &str = "zoom_user_unknown";

/// What sessions lack, and everything that is needed to say so.
pub(super) struct Causes {
    all: Vec<Wanting>,
    hosts: HashMap<HostId, Host>,
    /// The soonest bookings that wait for a word.
    approvals: Vec<BookingRow>,
    /// The soonest bookings that something was paid for and that still wait.
    payments: Vec<BookingRow>,
    zone: Zone,
    now: Instant,
}

impl Causes {
    pub(super) async fn load(
        tx: &mut Tx<'_>,
        tenant: Tenant,
        zone: &Zone,
        now: Instant,
    ) -> Result<Self, StoreError> {
        let all = schedule::wanting(tx, tenant, now).await?;
        let hosts = if all.is_empty() { Vec::new() } else { choices::hosts(tx, tenant).await? };
        let approvals = soonest(tx, tenant, &all, Lack::Approval, now).await?;
        let payments = soonest(tx, tenant, &all, Lack::Payment, now).await?;
        Ok(Self {
            all,
            hosts: hosts.into_iter().map(|it| (it.id, it)).collect(),
            approvals,
            payments,
            zone: zone.clone(),
            now,
        })
    }

    /// How many sessions that are confirmed have no room, and something keeps it from being made.
    pub(super) fn without_room(&self) -> u64 {
        count(self.all.iter().filter(|it| matches!(it.lack, Lack::Room | Lack::RoomForNow)))
    }

    /// How many sessions wait for a person.
    pub(super) fn need_you(&self) -> u64 {
        count(self.all.iter().filter(|it| it.lack != Lack::RoomForNow))
    }

    /// What needs a person: rooms first, then words.
    pub(super) fn for_a_person(&self) -> Vec<Cause> {
        let mut causes = self.of_rooms(&[Lack::Room]);
        causes.extend(self.of_payments());
        causes.extend(self.of_approvals());
        causes
    }

    /// Everything that keeps rooms from being made, also what passes by itself.
    pub(super) fn for_the_record(&self) -> Vec<Cause> {
        self.of_rooms(&[Lack::Room, Lack::RoomForNow])
    }

    /// One cause for each code, the soonest session's first.
    fn of_rooms(&self, lacks: &[Lack]) -> Vec<Cause> {
        let mut by_code: Vec<(&str, Vec<&Wanting>)> = Vec::new();
        for it in self.all.iter().filter(|it| lacks.contains(&it.lack)) {
            let code = it.reason.as_ref().map_or("", |reason| reason.code.as_str());
            match by_code.iter_mut().find(|(known, _)| *known == code) {
                Some((_, group)) => group.push(it),
                None => by_code.push((code, vec![it])),
            }
        }
        by_code.into_iter().map(|(code, group)| self.of_room(code, &group)).collect()
    }

    fn of_room(&self, code: &str, group: &[&Wanting]) -> Cause {
        let many = count(group.iter().copied());
        let passes = group.iter().all(|it| it.lack == Lack::RoomForNow);
        let reasons = distinct(group);
        let (words, lines, action) = match reasons.as_slice() {
            _ if code == USER_UNKNOWN => self.of_unknown_users(group),
            [] => (
                "Roomkey keeps trying until the sessions end. What was tried stands with each of them.".to_owned(),
                Vec::new(),
                None,
            ),
            [one] => (one.message.clone(), Vec::new(), Action::of(one)),
            // The same trouble in different words: each names whom it is about.
            several => (
                "For each of these there is something to be done.".to_owned(),
                several.iter().map(|reason| line_of(reason, group)).collect(),
                several.iter().find_map(|reason| Action::of(reason)),
            ),
        };
        let address = Address {
            status: if passes { String::new() } else { "trouble".to_owned() },
            why: code.to_owned(),
            ..Address::default()
        };
        Cause {
            id: code.replace('_', "-"),
            tone: if passes { Tone::Brass } else { Tone::Stop },
            count: many,
            of_what: match (many, passes) {
                (1, false) => "session has no room",
                (_, false) => "sessions have no room",
                (1, true) => "session has no room yet",
                (_, true) => "sessions have no room yet",
            }
            .to_owned(),
            words,
            soonest: self.soonest(group, many),
            lines,
            action,
            list: see(many, &address),
        }
    }

    /// Whom the vendor does not know, each with the way to mend it.
    fn of_unknown_users(&self, group: &[&Wanting]) -> (String, Vec<CauseLine>, Option<Action>) {
        let lines: Vec<CauseLine> = by_host(group)
            .into_iter()
            .map(|(id, many)| {
                let host = self.hosts.get(&id);
                let login = host.map(login).unwrap_or_default();
                let sessions = when::count(many, "session");
                CauseLine {
                    words: host.map_or_else(|| "A host".to_owned(), |it| it.name.clone()),
                    more: [login, sessions]
                        .into_iter()
                        .filter(|it| !it.is_empty())
                        .collect::<Vec<_>>()
                        .join(" · "),
                    href: host.map(|it| address_form(it.id)),
                }
            })
            .collect();
        match lines.as_slice() {
            [one] => {
                let action = one.href.clone().map(|href| Action::new("Correct the address", href));
                let words = format!(
                    "Zoom does not know {}’s address. Correct the host’s Zoom account, or add the user in Zoom.",
                    one.words
                );
                (words, lines, action)
            }
            several => {
                let words = format!(
                    "Zoom does not know the addresses of {} hosts. Correct each host’s Zoom account, or add the users in Zoom.",
                    several.len()
                );
                (words, lines, None)
            }
        }
    }

    /// Money that came and settles nothing: each booking with why.
    fn of_payments(&self) -> Option<Cause> {
        let many = count(self.all.iter().filter(|it| it.lack == Lack::Payment));
        if many == 0 {
            return None;
        }
        let lines = self.payments.iter().map(|row| CauseLine {
            words: row.people(),
            more: row.reason.as_ref().map(|it| it.message.clone()).unwrap_or_default(),
            href: Some(row.href()),
        });
        let address = Address { status: "trouble".to_owned(), ..Address::default() };
        Some(Cause {
            id: "payment".to_owned(),
            tone: Tone::Brass,
            count: many,
            of_what: if many == 1 {
                "booking was paid for and waits"
            } else {
                "bookings were paid for and wait"
            }
            .to_owned(),
            words: "Look at what came, and confirm or cancel.".to_owned(),
            soonest: None,
            lines: lines.collect(),
            action: None,
            list: see(many, &address),
        })
    }

    fn of_approvals(&self) -> Option<Cause> {
        let group: Vec<&Wanting> = self.all.iter().filter(|it| it.lack == Lack::Approval).collect();
        let many = count(group.iter().copied());
        if many == 0 {
            return None;
        }
        let lines: Vec<CauseLine> = self
            .approvals
            .iter()
            .map(|row| CauseLine {
                words: row.people(),
                more: format!(
                    "with {} · {}",
                    row.host,
                    when::moment(row.span.start, &self.zone, self.now)
                ),
                href: Some(row.href()),
            })
            .collect();
        let address = Address { status: "pending_approval".to_owned(), ..Address::default() };
        Some(Cause {
            id: "approval".to_owned(),
            tone: Tone::Brass,
            count: many,
            of_what: if many == 1 {
                "booking waits for a word"
            } else {
                "bookings wait for a word"
            }
            .to_owned(),
            words: "Confirm or decline, and its people are told.".to_owned(),
            soonest: None,
            lines,
            action: None,
            list: see(many, &address),
        })
    }

    fn soonest(&self, group: &[&Wanting], many: u64) -> Option<String> {
        let at = group.iter().map(|it| it.soonest).min()?;
        let told = when::moment(at, &self.zone, self.now);
        Some(match (many, at <= self.now) {
            (1, false) => format!("It begins {told}."),
            (1, true) => format!("It began {told}."),
            (_, false) => format!("The soonest begins {told}."),
            (_, true) => format!("The first began {told}."),
        })
    }
}

/// The soonest bookings that wait for somebody's word.
async fn soonest(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    all: &[Wanting],
    lack: Lack,
    now: Instant,
) -> Result<Vec<BookingRow>, StoreError> {
    if !all.iter().any(|it| it.lack == lack) {
        return Ok(Vec::new());
    }
    let status = if lack == Lack::Payment { "pending_payment" } else { "pending_approval" };
    let waiting = Filter {
        side: schedule::Side::Ahead(now),
        status: Some(status.to_owned()),
        needing: true,
        ..Filter::default()
    };
    let records = schedule::page(tx, tenant, &waiting, None, NAMED).await?;
    rows(tx, tenant, records).await
}

/// Where a host's login at the vendor is typed.
pub(super) fn address_form(host: HostId) -> String {
    format!("/operator/hosts/{host}#host-zoom_account")
}

/// Hosts whom the vendor's account does not know, as their sessions ahead have found.
pub(super) fn unknown_hosts(all: &[Wanting]) -> Vec<HostId> {
    all.iter()
        .filter(|it| it.reason.as_ref().is_some_and(|reason| reason.code == USER_UNKNOWN))
        .map(|it| it.host)
        .collect()
}

fn count<'a>(all: impl IntoIterator<Item = &'a Wanting>) -> u64 {
    all.into_iter().map(|it| it.count).sum()
}

/// Who the host is at Zoom.
fn login(host: &Host) -> String {
    let login = host.accounts.get(&roomkey_core::route::Provider::Zoom);
    login.unwrap_or(&host.email).clone()
}

/// The reasons as they differ in words, in the order of the soonest.
fn distinct<'a>(group: &[&'a Wanting]) -> Vec<&'a Reason> {
    let mut reasons: Vec<&Reason> = Vec::new();
    for reason in group.iter().filter_map(|it| it.reason.as_ref()) {
        if !reasons.iter().any(|known| known.message == reason.message) {
            reasons.push(reason);
        }
    }
    reasons
}

fn line_of(reason: &Reason, group: &[&Wanting]) -> CauseLine {
    let same = |it: &&&Wanting| it.reason.as_ref().is_some_and(|it| it.message == reason.message);
    let many: u64 = group.iter().filter(same).map(|it| it.count).sum();
    CauseLine { words: reason.message.clone(), more: when::count(many, "session"), href: None }
}

fn by_host(group: &[&Wanting]) -> Vec<(HostId, u64)> {
    let mut hosts: Vec<(HostId, u64)> = Vec::new();
    for it in group {
        match hosts.iter_mut().find(|(host, _)| *host == it.host) {
            Some((_, many)) => *many += it.count,
            None => hosts.push((it.host, it.count)),
        }
    }
    // Whom most sessions wait for comes first.
    hosts.sort_by_key(|(_, many)| std::cmp::Reverse(*many));
    hosts
}

fn see(many: u64, address: &Address) -> Action {
    let words = if many == 1 { "See it".to_owned() } else { format!("See all {many}") };
    Action::new(words, address.href(""))
}
