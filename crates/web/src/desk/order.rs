//! What may be asked of a booking that exists.

use roomkey_core::Instant;
use roomkey_core::booking::{Command, DoorTimes, Status};
use roomkey_core::id::{BookingId, HostId, PersonId};
use roomkey_core::room::State;
use roomkey_store::{Reference, Tx, booking, host, room, service};

use super::asked::{Asked, GuestAsked, Standing, span};
use super::booked::settings_faults;
use super::draft::{Draft, needs_room};
use super::people::Whose;
use super::{By, Desk, Done, Terms, check, people, pin, strange_connections};
use crate::error::{Code, Fault, Problem};

/// What may be asked of a booking that exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    /// It is certain.
    Confirm,
    /// The host does not want it.
    Decline {
        /// In the host's words.
        reason: Option<String>,
    },
    /// It will not take place.
    Cancel {
        /// In the canceller's words.
        reason: Option<String>,
    },
    /// It takes place after all.
    Reopen,
    /// It took place.
    Complete,
    /// Somebody did not come.
    NoShow,
    /// Another time; without an end, as long as before.
    Reschedule {
        /// The new start.
        start: Instant,
        /// The new end.
        end: Option<Instant>,
    },
    /// Another host.
    Reassign {
        /// Who.
        host: Reference<HostId>,
    },
    /// Change these members.
    Change(Box<Asked>),
    /// Another room.
    Regenerate,
    /// Try again now, instead of when it would be tried.
    Retry,
    /// This room, which somebody has already.
    TypeLink {
        /// Its address.
        url: String,
        /// Its passcode.
        passcode: Option<String>,
    },
    /// The room that was before one was typed.
    UntypeLink,
    /// One more guest.
    AddGuest(Box<GuestAsked>),
    /// A guest's particulars, all of them.
    ChangeGuest(PersonId, Box<GuestAsked>),
    /// One guest less.
    RemoveGuest(PersonId),
    /// Another link for one person; the old one says so and opens nothing.
    ReplaceLink(Whose),
}

/// Gives an order in a transaction.
///
/// # Errors
/// [`Problem`]: there is no such booking, or the order makes no sense now.
pub async fn perform_in(
    tx: &mut Tx<'_>,
    desk: &Desk,
    by: By,
    reference: &Reference<BookingId>,
    order: &Order,
    terms: &Terms,
) -> Result<Done, Problem> {
    let mut draft = Draft::load(tx, desk, by, reference, terms).await?;
    let booking = draft.record.booking.id;
    let mut guest = None;
    match order {
        Order::Confirm => draft.command(Command::Confirm)?,
        Order::Decline { reason } => end(&mut draft, Command::Decline, reason.as_deref())?,
        Order::Cancel { reason } => end(&mut draft, Command::Cancel, reason.as_deref())?,
        Order::Reopen => draft.command(Command::Reopen)?,
        Order::Complete => draft.command(Command::Complete)?,
        Order::NoShow => draft.command(Command::NoShow)?,
        Order::Reschedule { start, end } => reschedule(&mut draft, *start, *end)?,
        Order::Reassign { host } => reassign(tx, desk, &mut draft, host).await?,
        Order::Change(asked) => change(tx, desk, &mut draft, asked).await?,
        Order::Regenerate => {
            needs_room(&draft.record)?;
            draft.record.booking.generation += 1;
        }
        Order::Retry => {
            needs_room(&draft.record)?;
            if retry(tx, &mut draft).await? {
                return Ok(Done { booking, changed: true, created: false, guest });
            }
        }
        Order::TypeLink { url, passcode } => type_link(&mut draft, url, passcode.as_deref())?,
        Order::UntypeLink => {
            if pin::untype_link(&mut draft.record) {
                draft.record.booking.generation += 1;
                if draft.record.booking.route.is_empty() {
                    let Draft { record, host, service, tenant, .. } = &mut draft;
                    pin::pin_route(record, host, service, tenant);
                }
            }
        }
        Order::AddGuest(asked) => {
            let mut guests = people::guests(&draft.people);
            let at = format!("/guests/{}", guests.len());
            guests.push(asked.as_ref().clone());
            seat(desk, &mut draft, &guests, &at)?;
            guest = newcomer(&draft);
        }
        Order::ChangeGuest(id, asked) => {
            people::guest_mut(&mut draft.people, *id)?;
            let mut guests = people::guests(&draft.people);
            let place = guests.iter().position(|it| it.id == Some(*id)).unwrap_or(0);
            if let Some(known) = guests.get_mut(place) {
                *known = GuestAsked { id: Some(*id), ..asked.as_ref().clone() };
            }
            seat(desk, &mut draft, &guests, &format!("/guests/{place}"))?;
            guest = Some(*id);
        }
        Order::RemoveGuest(id) => {
            people::guest_mut(&mut draft.people, *id)?;
            if people::guests(&draft.people).len() == 1 {
                return Err(Problem::new(Code::LastGuest));
            }
            let now = draft.now;
            people::guest_mut(&mut draft.people, *id)?.removed_at = Some(now);
            guest = Some(*id);
        }
        Order::ReplaceLink(whose) => {
            people::replace_link(people::named_mut(&mut draft.people, whose)?, desk);
        }
    }
    let changed = draft.save(tx, desk, by, terms.notify).await?;
    Ok(Done { booking, changed, created: false, guest })
}

/// Ends a booking, with a reason; a reason that was given stays.
fn end(draft: &mut Draft, command: Command, reason: Option<&str>) -> Result<(), Problem> {
    if let Some(Err((code, words))) = reason.map(|it| check::text(it, check::NOTES)) {
        return Err(Problem::invalid(vec![Fault::new("/reason", code, words)]));
    }
    let was = draft.record.booking.status;
    draft.command(command)?;
    if was != Status::Cancelled {
        draft.record.cancel_reason = reason.map(str::to_owned);
    }
    Ok(())
}

fn reschedule(draft: &mut Draft, start: Instant, end: Option<Instant>) -> Result<(), Problem> {
    draft.command(Command::Move)?;
    let booking = &mut draft.record.booking;
    let length = booking.end.since(booking.start);
    let end = end.unwrap_or_else(|| start.plus(length));
    if let Some(fault) = span(start, end) {
        return Err(Problem::invalid(vec![fault]));
    }
    (booking.start, booking.end) = (start, end);
    // Who came for the old time has not come for a new one that is still ahead.
    if booking.status == Status::InProgress && draft.now < start.minus(DoorTimes::HOSTS_BEFORE) {
        booking.status = Status::Confirmed;
    }
    Ok(())
}

async fn reassign(
    tx: &mut Tx<'_>,
    desk: &Desk,
    draft: &mut Draft,
    reference: &Reference<HostId>,
) -> Result<(), Problem> {
    let (tenant, booking) = (draft.record.tenant, draft.record.booking.id);
    let found = host::find(tx, tenant, reference).await?;
    let host = match found {
        Some(host) => host,
        // A host who was removed and still gives this session may go on being named.
        None if *reference == Reference::Id(draft.host.id) => draft.host.clone(),
        None => {
            let fault = Fault::new("/host", "not_found", "is no host of this tenant");
            return Err(Problem::invalid(vec![fault]));
        }
    };
    if host.id == draft.record.booking.host {
        return Ok(());
    }
    draft.command(Command::Reassign)?;
    people::seat_host(&mut draft.people, desk, tenant, booking, &host, draft.now);
    draft.record.booking.host = host.id;
    draft.host = host;
    draft.pin();
    Ok(())
}

fn type_link(draft: &mut Draft, url: &str, passcode: Option<&str>) -> Result<(), Problem> {
    let mut faults = Vec::new();
    if let Err((code, words)) = check::address(url) {
        faults.push(Fault::new("/url", code, words));
    }
    if let Some(Err((code, words))) = passcode.map(|it| check::name(it, 100)) {
        faults.push(Fault::new("/passcode", code, words));
    }
    if !faults.is_empty() {
        return Err(Problem::invalid(faults));
    }
    needs_room(&draft.record)?;
    let before = draft.record.own.route.clone();
    pin::type_link(&mut draft.record, url, passcode);
    if draft.record.own.route != before {
        draft.record.booking.generation += 1;
    }
    Ok(())
}

/// Lets waiting rooms wait no longer. With no room to try anything with, another is asked for, so
/// that the route is tried from its beginning; whether nothing more is to be saved.
async fn retry(tx: &mut Tx<'_>, draft: &mut Draft) -> Result<bool, Problem> {
    let (tenant, id) = (draft.record.tenant, draft.record.booking.id);
    let rooms = room::of_booking(tx, tenant, id).await?;
    let alive = |state: State| !matches!(state, State::Gone(_) | State::Lost { .. });
    // An answer that is being looked for takes its time, however often one asks.
    let hurries = |state: State| alive(state) && !state.is_open();
    // What is being removed, or cannot be, will never be the session's room.
    if !rooms.iter().any(|it| it.room.state.is_open() || it.room.state.has_door()) {
        draft.record.booking.generation += 1;
        return Ok(false);
    }
    for mut record in rooms.into_iter().filter(|it| hurries(it.room.state)) {
        let refused = record.room.unmet.change.take();
        if record.room.next_at > draft.now || refused.is_some() {
            record.room.next_at = record.room.next_at.min(draft.now);
            room::update(tx, tenant, &record.room).await?;
        }
    }
    // Whoever waits for the outcome waits until the engine has looked.
    let record = &mut draft.record;
    record.settled_version = record.settled_version.min(record.booking.version - 1);
    record.seq += 1;
    record.updated_at = draft.now;
    booking::update_seen(tx, record).await?;
    let start = record.booking.start;
    let lane = roomkey_core::route::Lane::Plan;
    roomkey_store::work::enqueue(tx, tenant, id, lane, start, draft.now, draft.now).await?;
    Ok(true)
}

/// Changes members. What is asked for and is so already changes nothing.
async fn change(
    tx: &mut Tx<'_>,
    desk: &Desk,
    draft: &mut Draft,
    asked: &Asked,
) -> Result<(), Problem> {
    let tenant = draft.record.tenant;
    let mut faults = asked.faults();
    let mut pins = false;
    if let Some(reference) = &asked.service {
        match service::find(tx, tenant, reference).await? {
            Some(service) if service.id != draft.service.id => {
                draft.record.service = service.id;
                draft.service = service;
                pins = true;
            }
            Some(_) => {}
            None if *reference == Reference::Id(draft.service.id) => {}
            None => {
                let words = "is no service of this tenant";
                faults.push(Fault::new("/service", "not_found", words));
            }
        }
    }
    let route = asked.route.as_ref().and_then(Option::as_deref);
    faults.extend(strange_connections(tx, tenant, route, "/route").await?);
    if let Some(settings) = &asked.settings {
        faults.extend(settings_faults(settings.as_ref(), &draft.service));
    }
    if !faults.is_empty() {
        return Err(Problem::invalid(faults));
    }
    if let Some(external_id) = &asked.external_id {
        draft.record.external_id.clone_from(external_id);
    }
    if let Some(notes) = &asked.notes {
        draft.record.notes.clone_from(notes);
    }
    if let Some(metadata) = &asked.metadata {
        draft.record.metadata = serde_json::Value::Object(metadata.clone()).to_string();
    }
    if let Some(zone) = &asked.time_zone {
        let zone = zone.clone().unwrap_or_else(|| draft.host.time_zone.clone());
        draft.record.booking.time_zone = zone;
    }
    if let Some(guests) = &asked.guests {
        seat(desk, draft, guests, "")?;
    }
    own(draft, asked, &mut pins);
    // What comes back is moved afterwards; what ends was moved before.
    if asked.status == Some(Standing::Confirmed) {
        stand(draft, Standing::Confirmed)?;
    }
    if let Some(start) = asked.start.filter(|start| *start != draft.record.booking.start) {
        let length = std::time::Duration::from_secs(u64::from(draft.service.duration_minutes) * 60);
        let end = asked.end.map(|end| end.unwrap_or_else(|| start.plus(length)));
        reschedule(draft, start, end)?;
    } else if let Some(end) = asked.end {
        let start = draft.record.booking.start;
        let length = std::time::Duration::from_secs(u64::from(draft.service.duration_minutes) * 60);
        let end = end.unwrap_or_else(|| start.plus(length));
        if end != draft.record.booking.end {
            reschedule(draft, start, Some(end))?;
        }
    }
    if let Some(reference) = &asked.host {
        reassign(tx, desk, draft, reference).await?;
    }
    if pins {
        draft.pin();
    }
    match asked.status {
        Some(standing) => stand(draft, standing),
        None => Ok(()),
    }
}

/// Takes over what the booking says instead of its service. A title or mode that is what it shows
/// anyway is no change: whoever reads, modifies and writes says it without meaning it.
fn own(draft: &mut Draft, asked: &Asked, pins: &mut bool) {
    let record = &mut draft.record;
    let shown = &record.booking;
    if let Some(title) = &asked.title
        && title.as_ref() != Some(&shown.title)
        && *title != record.own.title
    {
        record.own.title.clone_from(title);
        pin::pin_title(record, &draft.people, &draft.host, &draft.service);
    }
    if let Some(mode) = asked.mode
        && mode != Some(record.booking.mode)
        && mode != record.own.mode
    {
        record.own.mode = mode;
        record.booking.mode = pin::mode(record, &draft.service);
    }
    if let Some(route) = &asked.route
        && *route != record.own.route
    {
        record.own.route.clone_from(route);
        pin::pin_route(record, &draft.host, &draft.service, &draft.tenant);
    }
    if let Some(settings) = &asked.settings
        && *settings != record.own.settings
    {
        record.own.settings.clone_from(settings);
        *pins = true;
    }
}

/// Brings a booking where somebody wants it to stand.
fn stand(draft: &mut Draft, standing: Standing) -> Result<(), Problem> {
    let status = draft.record.booking.status;
    if standing.is(status) {
        return Ok(());
    }
    match (standing, status) {
        (Standing::Confirmed, Status::Cancelled | Status::Completed | Status::NoShow) => {
            draft.command(Command::Reopen)
        }
        (Standing::Confirmed, Status::Pending(_) | Status::Confirmed) => {
            draft.command(Command::Confirm)
        }
        // A source that says "confirmed" of a session under way does not mean to stop it.
        (Standing::Confirmed, Status::InProgress) => Ok(()),
        (Standing::Cancelled, _) => draft.command(Command::Cancel),
        (Standing::Completed, _) => draft.command(Command::Complete),
        (Standing::NoShow, _) => draft.command(Command::NoShow),
        (Standing::Pending | Standing::InProgress, _) => {
            let words = "cannot be asked for; a booking becomes that by itself";
            Err(Problem::invalid(vec![Fault::new("/status", "invalid", words)]))
        }
    }
}

/// Seats guests, if what is asked is whole. Faults at `about` are told as the request's own.
fn seat(desk: &Desk, draft: &mut Draft, guests: &[GuestAsked], about: &str) -> Result<(), Problem> {
    let asked = Asked { guests: Some(guests.to_vec()), ..Asked::default() };
    let mut faults = asked.faults();
    if faults.is_empty() {
        let (tenant, id) = (draft.record.tenant, draft.record.booking.id);
        faults = people::seat_guests(&mut draft.people, guests, desk, tenant, id, draft.now);
    }
    for fault in &mut faults {
        if let Some(rest) = fault.pointer.strip_prefix(about) {
            fault.pointer = rest.to_owned();
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(Problem::invalid(faults)) }
}

/// The guest who is of the booking and was not before.
fn newcomer(draft: &Draft) -> Option<PersonId> {
    let before = draft.before.as_ref().map_or(&[][..], |before| &before.people);
    let was = |id| before.iter().any(|it| it.id == id && it.removed_at.is_none());
    draft.people.iter().find(|it| it.removed_at.is_none() && !was(it.id)).map(|it| it.id)
}
