//! Mails: written down, bytes and all, before they are sent.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use roomkey_core::booking::Mode;
use roomkey_core::failure::Reason;
use roomkey_core::id::MessageId;
use roomkey_core::meeting::View;
use roomkey_core::told::{Occasion, Saying};
use roomkey_core::{Instant, Zone};
use roomkey_messages::{
    Before, Letter, Mail, Mailbox, Occasion as LetterOccasion, Place as LetterPlace, Practice,
    Reader, Role as LetterRole, RoomWords, compose,
};
use roomkey_store::message::{Message, State, Told};
use roomkey_store::person::{Person, Role, guest_names};
use roomkey_store::{StoreError, Tx, message};
use roomkey_vault::Place;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::job::{Outgoing, Task};
use crate::parts::Shared;
use crate::situation::Loaded;

/// Writes down the mails that are due; those that cannot be written are off the table, with the
/// reason.
pub(crate) async fn intend(
    tx: &mut Tx<'_>,
    shared: &Shared,
    loaded: &mut Loaded,
    sayings: &[Saying],
    view: &View,
    now: Instant,
) -> Result<Option<Task>, StoreError> {
    let mut mails = Vec::new();
    for saying in sayings {
        let outgoing = match saying.again {
            Some(id) => again(tx, shared, loaded, saying, id, now).await?,
            None => first(tx, shared, loaded, saying, view, now).await?,
        };
        mails.extend(outgoing);
    }
    Ok((!mails.is_empty()).then_some(Task::Mail(mails)))
}

/// The same bytes go again.
async fn again(
    tx: &mut Tx<'_>,
    shared: &Shared,
    loaded: &Loaded,
    saying: &Saying,
    id: MessageId,
    now: Instant,
) -> Result<Option<Outgoing>, StoreError> {
    let Some(message) = loaded.queued.get(&saying.person).filter(|it| it.id == id) else {
        return Ok(None);
    };
    let tenant = loaded.tenant();
    let place = Place { table: "messages", row: id.uuid(), field: "sealed" };
    let Some(mail) = shared.ring.open_text(place, &message.sealed).ok().and_then(|it| unpack(&it))
    else {
        let why = "The mail cannot be opened with the present sealing keys.";
        message::update(tx, tenant, id, State::Failed, now, Some(now), Some(why)).await?;
        return Ok(None);
    };
    message::send_again(tx, tenant, id, now.plus(shared.lease)).await?;
    Ok(Some(Outgoing {
        person: saying.person,
        message: id,
        statement: saying.statement.clone(),
        attempts: message.attempts + 1,
        mail,
    }))
}

/// Something new is said: what was on its way is off the table.
async fn first(
    tx: &mut Tx<'_>,
    shared: &Shared,
    loaded: &mut Loaded,
    saying: &Saying,
    view: &View,
    now: Instant,
) -> Result<Option<Outgoing>, StoreError> {
    let tenant = loaded.tenant();
    let Some(person) = loaded.people.iter().find(|it| it.id == saying.person).cloned() else {
        return Ok(None);
    };
    message::supersede(tx, tenant, person.id, now).await?;
    let told = loaded.told.get(&person.id).cloned();
    let sequence = told.as_ref().map_or(0, |told| told.sequence + 1);
    let id = MessageId::new(now, shared.entropy.id());
    let host = shared.public_url.host_str().unwrap_or("localhost");
    let message_id = format!("{id}@{host}");
    let told = Told { person: person.id, said: told.and_then(|told| told.said), sequence };
    message::set_told(tx, tenant, loaded.id(), &told).await?;
    loaded.told.insert(person.id, told);
    let place = place(shared, loaded, view);
    let composed = letter(shared, loaded, &person, saying, place, (sequence, &message_id), now)
        .map_err(str::to_owned)
        .and_then(|letter| compose(&letter).map_err(|error| error.to_string()));
    let (mail, trouble) = match composed {
        Ok(mail) => (Some(mail), None),
        Err(error) => (None, Some(error)),
    };
    let place = Place { table: "messages", row: id.uuid(), field: "sealed" };
    let bytes = mail.as_ref().map(pack).unwrap_or_default();
    let sealed = shared.ring.seal(&shared.entropy, place, bytes.as_bytes());
    let message = Message {
        id,
        booking: loaded.id(),
        person: person.id,
        occasion: saying.occasion,
        statement: saying.statement.clone(),
        sequence,
        message_id,
        sealed,
        state: State::Queued,
        created_at: now,
        next_at: now,
        sending_until: Some(now.plus(shared.lease)),
        attempts: 1,
        settled_at: None,
        trouble: None,
    };
    message::insert(tx, tenant, &message).await?;
    loaded.queued.insert(person.id, message);
    if let Some(trouble) = trouble {
        // It will never be written: the person counts as told, and the reason is shown.
        message::update(tx, tenant, id, State::Failed, now, Some(now), Some(&trouble)).await?;
        let told = Told { person: person.id, said: Some(saying.statement.clone()), sequence };
        message::set_told(tx, tenant, loaded.id(), &told).await?;
        loaded.queued.remove(&person.id);
        return Ok(None);
    }
    Ok(mail.map(|mail| Outgoing {
        person: person.id,
        message: id,
        statement: saying.statement.clone(),
        attempts: 1,
        mail,
    }))
}

fn letter(
    shared: &Shared,
    loaded: &Loaded,
    person: &Person,
    saying: &Saying,
    place: LetterPlace,
    (sequence, message_id): (i64, &str),
    now: Instant,
) -> Result<Letter, &'static str> {
    let booking = &loaded.record.booking;
    let statement = &saying.statement;
    let zone: Zone =
        person.time_zone.as_deref().and_then(|zone| zone.parse().ok()).unwrap_or_else(|| {
            match person.role {
                Role::Host => loaded.host.time_zone.clone(),
                Role::Guest => booking.time_zone.clone(),
            }
        });
    let change_until = loaded
        .tenant
        .policies
        .change_until
        .as_deref()
        .and_then(|text| roomkey_core::time::duration(text).ok())
        .map(|before| statement.start.minus(before));
    // A cancellation speaks of the session that was told.
    let told = saying.before.as_ref().filter(|_| saying.occasion == Occasion::Cancellation);
    let (start, end) = told.map_or((statement.start, statement.end), |told| (told.start, told.end));
    let address = shared.mail_from.address.clone();
    Ok(Letter {
        occasion: match saying.occasion {
            Occasion::Confirmation => LetterOccasion::Confirmation,
            Occasion::Change => LetterOccasion::Change,
            Occasion::Cancellation => LetterOccasion::Cancellation,
        },
        reader: Reader {
            role: match person.role {
                Role::Host => LetterRole::Host,
                Role::Guest => LetterRole::Guest,
            },
            name: person.name.clone(),
            email: person.email.clone().ok_or("There is no address to write to.")?,
            zone,
            locale: person.locale.clone().unwrap_or_else(|| "en".to_owned()),
        },
        practice: Practice {
            name: loaded.tenant.name.clone(),
            contact: loaded.tenant.contact.clone(),
        },
        host_name: told.map_or_else(|| statement.host_name.clone(), |told| told.host_name.clone()),
        guest_names: guest_names(&loaded.people),
        service: booking.public_service(&loaded.service.name).to_owned(),
        title: statement.title.clone(),
        start,
        end,
        before: saying.before.as_ref().filter(|_| saying.occasion == Occasion::Change).map(
            |said| Before {
                start: said.start,
                end: said.end,
                host_name: (said.host != statement.host).then(|| said.host_name.clone()),
                other_link: said.link != statement.link,
            },
        ),
        place,
        link: link(shared, person)?,
        change_until: change_until.filter(|until| *until > now),
        reason: booking.public_reason(loaded.record.cancel_reason.as_deref()).map(str::to_owned),
        uid: format!("{}@{}", booking.id, shared.public_url.host_str().unwrap_or("localhost")),
        sequence: u32::try_from(sequence).unwrap_or(0),
        message_id: message_id.to_owned(),
        thread: None,
        written_at: now,
        from: Mailbox { name: loaded.tenant.name.clone(), address: address.clone() },
        reply_to: None,
        organizer: Mailbox { name: loaded.tenant.name.clone(), address },
        calendar: true,
    })
}

/// A person's own link.
fn link(shared: &Shared, person: &Person) -> Result<Url, &'static str> {
    let place = Place { table: "people", row: person.id.uuid(), field: "link" };
    let token = shared
        .ring
        .open_text(place, &person.link_sealed)
        .map_err(|_| "The link cannot be opened with the present sealing keys.")?;
    shared
        .public_url
        .join(&format!("j/{}", token.expose_secret()))
        .map_err(|_| "The public address is not one that links can be made of.")
}

fn place(shared: &Shared, loaded: &Loaded, view: &View) -> LetterPlace {
    match loaded.record.booking.mode {
        Mode::Phone => LetterPlace::Phone,
        Mode::InPerson => LetterPlace::InPerson,
        Mode::Online => {
            let current = loaded.record.booking.current.and_then(|id| loaded.room(id));
            LetterPlace::Online(match current {
                Some(record) => RoomWords::Ready {
                    provider: record.room.place.provider.label().to_owned(),
                    number: record.door.number.clone(),
                    passcode: passcode(shared, record),
                },
                None => match view.reason.as_ref().filter(|_| view.stalled) {
                    Some(reason) => RoomWords::Stalled {
                        reason: reason.message.clone(),
                        action: button(shared, reason),
                    },
                    None => RoomWords::SettingUp,
                },
            })
        }
    }
}

/// What to click, as it can be written in a mail.
fn button(shared: &Shared, reason: &Reason) -> Option<(String, Url)> {
    let address = shared.public_url.join(reason.action_url.as_deref()?.trim_start_matches('/'));
    Some((reason.action.clone()?, address.ok()?))
}

fn passcode(shared: &Shared, record: &roomkey_store::room::Record) -> Option<SecretString> {
    let place = Place { table: "rooms", row: record.room.id.uuid(), field: "door" };
    let secrets = shared.ring.open_text(place, record.door.sealed.as_deref()?).ok()?;
    let secrets: serde_json::Value = serde_json::from_str(secrets.expose_secret()).ok()?;
    Some(secrets.get("passcode")?.as_str()?.to_owned().into())
}

/// A mail as it is sealed.
#[derive(Serialize, Deserialize)]
struct Packed {
    message_id: String,
    from: (String, String),
    to: (String, String),
    subject: String,
    raw: String,
}

fn pack(mail: &Mail) -> String {
    let packed = Packed {
        message_id: mail.message_id.clone(),
        from: (mail.from.name.clone(), mail.from.address.clone()),
        to: (mail.to.name.clone(), mail.to.address.clone()),
        subject: mail.subject.clone(),
        raw: STANDARD.encode(&mail.raw),
    };
    serde_json::to_string(&packed).unwrap_or_default()
}

fn unpack(text: &SecretString) -> Option<Mail> {
    let packed: Packed = serde_json::from_str(text.expose_secret()).ok()?;
    Some(Mail {
        message_id: packed.message_id,
        from: Mailbox { name: packed.from.0, address: packed.from.1 },
        to: Mailbox { name: packed.to.0, address: packed.to.1 },
        subject: packed.subject,
        raw: STANDARD.decode(packed.raw).ok()?,
    })
}
