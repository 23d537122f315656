//! What may be asked of a booking that exists.

use roomkey_core::Instant;
use roomkey_core::booking::{Command, DoorTimes, Status};
use roomkey_core::id::{BookingId, HostId, PersonId};
use roomkey_core::room::State;
use roomkey_core::told::Occasion;
use roomkey_store::booking::Record;
use roomkey_store::host::Host;
use roomkey_store::{Reference, Tx, booking, host, room, service};

use super::asked::{Asked, GuestAsked, Standing, keep_external_id, span};
use super::booked::settings_faults;
use super::draft::{Draft, needs_room};
use super::people::Whose;
use super::resend::resend;
use super::{By, Desk, Done, Terms, check, people, pin, strange_connections};
use crate::error::{Code, Fault, Problem, add_faults};

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
    /// Take over what differs in its source. What is cancelled or over takes it too, as a correction
    /// of what is known: nothing follows from it at a vendor.
    Take(Box<Asked>),
    /// Another room.
    Regenerate,
    /// Try again now, instead of when it would be tried.
    Retry,
    /// A room at the route's next option.
    PlanB,
    /// Tell one person once more what is true now.
    Resend(Whose, Occasion),
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
    /// An order that could not be read whole: never done, and everything wrong with it is told at
    /// once, also what makes no sense in the part that could be read.
    Unread(Option<Box<Order>>, Vec<Fault>),
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
        Order::Change(asked) => {
            let back = asked.status == Some(Standing::Confirmed);
            let ended = draft.record.booking.status.is_final();
            if back && ended && !terms.on_purpose && asked.faults().is_empty() {
                return Err(Problem::new(Code::IfMatchRequired));
            }
            change(tx, desk, &mut draft, asked, Wish::Order).await?;
        }
        Order::Take(asked) => change(tx, desk, &mut draft, asked, Wish::Source).await?,
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
        Order::PlanB => {
            needs_room(&draft.record)?;
            plan_b(tx, &mut draft).await?;
        }
        Order::Resend(whose, occasion) => {
            guest = Some(resend(tx, &mut draft, whose, *occasion).await?);
            return Ok(Done { booking, changed: true, created: false, guest });
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
        Order::Unread(part, faults) => {
            let refusal = match part {
                Some(part) => {
                    Box::pin(perform_in(tx, desk, by, reference, part, terms)).await.err()
                }
                None => None,
            };
            return Err(unread(faults.clone(), refusal));
        }
    }
    let changed = draft.save(tx, desk, by, terms.notify).await?;
    Ok(Done { booking, changed, created: false, guest })
}

/// Everything that is wrong with an order that could not be read whole: `refusal` is of the part of
/// it that could. Whatever that part did is taken back with the refusal.
fn unread(mut faults: Vec<Fault>, refusal: Option<Problem>) -> Problem {
    match refusal {
        Some(refusal) if refusal.code().status().is_server_error() => refusal,
        Some(refusal) => {
            add_faults(&mut faults, refusal.faults().to_vec());
            Problem::invalid(faults)
        }
        None => Problem::invalid(faults),
    }
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
    let host =
        meant(tx, draft, reference).await?.ok_or_else(|| Problem::invalid(vec![nobody()]))?;
    if host.id == draft.record.booking.host {
        return Ok(());
    }
    draft.command(Command::Reassign)?;
    seat_host(desk, draft, host);
    Ok(())
}

/// Who is meant as the host. One who was removed and still gives this session may go on being named.
async fn meant(
    tx: &mut Tx<'_>,
    draft: &Draft,
    reference: &Reference<HostId>,
) -> Result<Option<Host>, Problem> {
    let found = host::find(tx, draft.record.tenant, reference).await?;
    let still = *reference == Reference::Id(draft.host.id);
    Ok(found.or_else(|| still.then(|| draft.host.clone())))
}

fn nobody() -> Fault {
    Fault::new("/host", "not_found", "is no host of this tenant")
}

fn seat_host(desk: &Desk, draft: &mut Draft, host: Host) {
    let (tenant, booking) = (draft.record.tenant, draft.record.booking.id);
    people::seat_host(&mut draft.people, desk, tenant, booking, &host, draft.now);
    draft.record.booking.host = host.id;
    draft.host = host;
    draft.pin();
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

/// Leaves the option behind at which the room is, or is tried for, and whatever stands before it. The
/// next one opens first, then the old room goes.
async fn plan_b(tx: &mut Tx<'_>, draft: &mut Draft) -> Result<(), Problem> {
    let rooms = room::of_booking(tx, draft.record.tenant, draft.record.booking.id).await?;
    let booking = &draft.record.booking;
    let asked_for: Vec<_> = rooms
        .iter()
        .map(|it| &it.room)
        .filter(|it| it.host == booking.host && it.generation == booking.generation)
        .collect();
    let current = asked_for.iter().find(|it| Some(it.id) == booking.current);
    let tried = asked_for.iter().max_by_key(|it| (it.opened_at, it.id));
    let position = current.or(tried).map_or(0, |it| it.position);
    let left_behind = usize::try_from(position).unwrap_or(usize::MAX).saturating_add(1);
    if left_behind >= booking.route.len() {
        return Err(Problem::new(Code::NoPlanB));
    }
    pin::leave_behind(&mut draft.record, left_behind);
    draft.record.booking.generation += 1;
    Ok(())
}

/// Whose wish it is that members change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wish {
    /// Somebody's who gives an order.
    Order,
    /// The source's, which knows better of what is cancelled or over.
    Source,
}

/// Changes members. What is asked for and is so already changes nothing.
async fn change(
    tx: &mut Tx<'_>,
    desk: &Desk,
    draft: &mut Draft,
    asked: &Asked,
    wish: Wish,
) -> Result<(), Problem> {
    let tenant = draft.record.tenant;
    let mut faults = asked.faults();
    let mut more = Vec::new();
    let mut pins = false;
    // What its service says holds when it is confirmed, at the latest.
    let mut private = draft.record.booking.private || draft.service.private;
    if let Some(reference) = &asked.service {
        match service::find(tx, tenant, reference).await? {
            Some(service) if service.id != draft.service.id => {
                draft.record.service = service.id;
                draft.service = service;
                private = draft.service.private;
                pins = true;
            }
            Some(_) => {}
            None if *reference == Reference::Id(draft.service.id) => {}
            None => {
                let words = "is no service of this tenant";
                more.push(Fault::new("/service", "not_found", words));
            }
        }
    }
    let host = match &asked.host {
        Some(reference) => {
            let found = meant(tx, draft, reference).await?;
            more.extend(found.is_none().then(nobody));
            found.filter(|it| it.id != draft.host.id)
        }
        None => None,
    };
    let route = asked.route.as_ref().and_then(Option::as_deref);
    more.extend(strange_connections(tx, tenant, route, "/route").await?);
    // What it has said before gives way, where the session is private by now.
    if let Some(settings) = &asked.settings
        && (!private || *settings != draft.record.own.settings)
    {
        more.extend(settings_faults(settings.as_ref(), &draft.service, private));
    }
    if private && let Some(Some(title)) = own_title(&draft.record, asked) {
        more.extend(check::private_title(title));
    }
    let mut taken = false;
    if let Some(external_id) = &asked.external_id {
        if let Some(other) =
            external_id.as_ref().filter(|it| draft.record.external_id.as_ref() != Some(*it))
        {
            let other = Reference::External(other.clone());
            taken = booking::find(tx, tenant, &other).await?.is_some();
        }
        more.extend(keep_external_id(&mut draft.record.external_id, external_id.as_ref()));
    }
    let unspoilt = !faults.iter().any(|it| it.pointer.starts_with("/guests"));
    if let Some(guests) = asked.guests.as_ref().filter(|_| unspoilt) {
        let (people, id) = (&mut draft.people, draft.record.booking.id);
        more.extend(people::seat_guests(people, guests, desk, tenant, id, draft.now));
    }
    let times = times(draft, asked);
    more.extend(times.and_then(|(start, end)| span(start, end)));
    more.extend(asked.status.and_then(|it| unaskable(it, draft.record.booking.status)));
    add_faults(&mut faults, more);
    if taken && faults.iter().all(|it| it.pointer == "/external_id") {
        return Err(Problem::new(Code::ExternalIdTaken));
    }
    if !faults.is_empty() {
        return Err(Problem::invalid(faults));
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
    own(draft, asked);
    // What comes back is moved afterwards; what ends was moved before.
    if asked.status == Some(Standing::Confirmed) {
        stand(draft, Standing::Confirmed)?;
    }
    let corrects = wish == Wish::Source && draft.record.booking.status.is_final();
    if let Some((start, end)) = times {
        if corrects {
            correct(draft, start, end)?;
        } else {
            reschedule(draft, start, Some(end))?;
        }
    }
    if let Some(host) = host {
        if !corrects {
            draft.command(Command::Reassign)?;
        }
        seat_host(desk, draft, host);
    }
    if pins {
        draft.pin();
    }
    match asked.status {
        Some(standing) => stand(draft, standing),
        None => Ok(()),
    }
}

/// The title that is asked for, if that is a change. One that it shows anyway is none: whoever
/// reads, modifies and writes says it without meaning it.
fn own_title<'a>(record: &Record, asked: &'a Asked) -> Option<&'a Option<String>> {
    let is_shown = |title: &Option<String>| title.as_ref() == Some(&record.booking.title);
    asked.title.as_ref().filter(|title| !is_shown(title) && **title != record.own.title)
}

/// When the session is to be, if that is another time than now.
fn times(draft: &Draft, asked: &Asked) -> Option<(Instant, Instant)> {
    let booking = &draft.record.booking;
    let usual = std::time::Duration::from_secs(u64::from(draft.service.duration_minutes) * 60);
    let start = asked.start.unwrap_or(booking.start);
    let end = match asked.end {
        Some(end) => end.unwrap_or_else(|| start.plus(usual)),
        None => start.plus(booking.end.since(booking.start)),
    };
    ((start, end) != (booking.start, booking.end)).then_some((start, end))
}

/// Takes over when a session was that is cancelled or over. What is over cannot lie ahead.
fn correct(draft: &mut Draft, start: Instant, end: Instant) -> Result<(), Problem> {
    let booking = &mut draft.record.booking;
    if booking.status != Status::Cancelled && end > draft.now {
        let words = "The session is over, and cannot be moved ahead. Send its times as they were; or, if it takes place after all, send `status` as `confirmed` with `If-Match`.";
        let ahead =
            |pointer: &str| Fault::new(pointer, "conflict", "is ahead; the session is over");
        let ahead = [("/start", start != booking.start), ("/end", end != booking.end)]
            .into_iter()
            .filter(|(_, differs)| *differs)
            .map(|(pointer, _)| ahead(pointer));
        return Err(Problem::with(Code::BookingOver, words).about(ahead.collect()));
    }
    (booking.start, booking.end) = (start, end);
    Ok(())
}

/// Takes over what the booking says instead of its service. A title or mode that is what it shows
/// anyway is no change: whoever reads, modifies and writes says it without meaning it.
fn own(draft: &mut Draft, asked: &Asked) {
    let record = &mut draft.record;
    if let Some(title) = own_title(record, asked) {
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
        pin::pin_settings(record, &draft.service);
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
        // It is refused before, with everything else that is wrong.
        (Standing::Pending | Standing::InProgress, _) => Ok(()),
    }
}

/// What a booking becomes by itself and nobody can ask for.
fn unaskable(standing: Standing, status: Status) -> Option<Fault> {
    let asked = match standing {
        Standing::Pending | Standing::InProgress => !standing.is(status),
        Standing::Confirmed | Standing::Completed | Standing::Cancelled | Standing::NoShow => false,
    };
    let words = "cannot be asked for; a booking becomes that by itself";
    asked.then(|| Fault::new("/status", "invalid", words))
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
