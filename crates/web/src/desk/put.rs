//! Taking over a whole booking from its source, again and again.
//!
//! What the source sends is compared with what it sent last, not with what is: the same again
//! changes nothing, whatever has happened here since, and what differs is changed and nothing
//! else. So a platform that repeats itself undoes nobody's work.

use roomkey_core::id::BookingId;
use roomkey_store::{Reference, StoreError, Tenant, Tx, booking, host, service};
use serde_json::{Map, Value};

use super::asked::{Asked, Standing};
use super::booked::book_in;
use super::draft::{Draft, version_mismatch};
use super::order::{Order, perform_in};
use super::{By, Desk, Done, Terms};
use crate::error::{Code, Fault, Problem};

/// A whole booking, as its source sends it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Put {
    /// Which.
    pub reference: Reference<BookingId>,
    /// Everything about it.
    pub asked: Asked,
}

/// What must be so of a thing before a `PUT` makes or changes it. By default nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Presence {
    /// It is only changed, never made.
    pub must_exist: bool,
    /// It is only made, never changed.
    pub must_be_new: bool,
    /// It is not changed if its version is one of these.
    pub not_versions: Vec<i64>,
}

impl Presence {
    /// Whether it may be made.
    ///
    /// # Errors
    /// It had to be there.
    pub fn may_make(&self) -> Result<(), Problem> {
        if self.must_exist { Err(version_mismatch(0)) } else { Ok(()) }
    }

    /// Whether it may be changed from this version.
    ///
    /// # Errors
    /// It had to be new, or another version.
    pub fn may_change(&self, version: i64) -> Result<(), Problem> {
        if self.must_be_new || self.not_versions.contains(&version) {
            return Err(Problem::new(Code::AlreadyExists).and("version", version));
        }
        Ok(())
    }
}

/// Takes over a whole booking in a transaction; it is made if it is new.
///
/// # Errors
/// [`Problem`], with every member that is wrong.
pub async fn put_in(
    tx: &mut Tx<'_>,
    desk: &Desk,
    by: By,
    put: &Put,
    terms: &Terms,
) -> Result<Done, Problem> {
    put_if_in(tx, desk, by, put, terms, &Presence::default()).await
}

/// As [`put_in`], if the booking is there, or is not.
///
/// # Errors
/// [`Problem`]: as [`put_in`], or the booking is there and must not be, or the other way round.
pub async fn put_if_in(
    tx: &mut Tx<'_>,
    desk: &Desk,
    by: By,
    put: &Put,
    terms: &Terms,
    presence: &Presence,
) -> Result<Done, Problem> {
    // What is done is large, and every caller would carry it.
    Box::pin(done_if(tx, desk, by, put, terms, presence)).await
}

async fn done_if(
    tx: &mut Tx<'_>,
    desk: &Desk,
    by: By,
    put: &Put,
    terms: &Terms,
    presence: &Presence,
) -> Result<Done, Problem> {
    let mut asked = put.asked.clone();
    if let Reference::External(external_id) = &put.reference {
        asked.unread.extend(other_external_id(external_id, asked.external_id.as_ref()));
        asked.external_id = Some(Some(external_id.clone()));
    }
    name_by_id(tx, by.tenant, &mut asked).await?;
    let sent = asked.sent();
    let found = booking::find(tx, by.tenant, &put.reference).await?;
    // Held from here on: what was sent last is what the one before us wrote down.
    let known = match found {
        Some(found) => booking::lock(tx, by.tenant, found.booking.id).await?,
        None => None,
    };
    let Some(known) = known else {
        if matches!(put.reference, Reference::Id(_)) {
            return Err(Problem::not_found("booking"));
        }
        presence.may_make()?;
        if terms.versions.is_some() {
            return Err(version_mismatch(0));
        }
        let text = Value::Object(sent).to_string();
        return book_in(tx, desk, by, &asked, terms.notify, Some(text)).await;
    };
    presence.may_change(known.booking.version)?;
    let reference = Reference::Id(known.booking.id);
    let mut last = known.last_put.as_deref().and_then(|text| serde_json::from_str(text).ok());
    if let Some(last) = &mut last {
        name_last_by_id(tx, by.tenant, last).await?;
    }
    let mut differs = match &last {
        Some(last) => difference(asked.clone(), &sent, last),
        None => asked.clone(),
    };
    if differs.external_id == Some(None) {
        // What is left out of a whole booking is null; an external id that was given stays.
        differs.external_id = None;
    }
    let back = differs.status == Some(Standing::Confirmed) && known.booking.status.is_final();
    if back && !terms.on_purpose && differs.unread.is_empty() {
        // On purpose only: a late repeat must not bring back what was cancelled or is over.
        return Err(Problem::new(Code::IfMatchRequired));
    }
    let order = Order::Take(Box::new(differs));
    let done = perform_in(tx, desk, by, &reference, &order, terms).await?;
    let text = Value::Object(sent).to_string();
    if known.last_put.as_deref() != Some(text.as_str()) {
        let mut draft = Draft::load(tx, desk, by, &reference, &Terms::default()).await?;
        draft.record.last_put = Some(text);
        draft.save(tx, desk, by, None).await?;
    }
    Ok(done)
}

/// The address says who is meant; a body that says otherwise is about somebody else.
pub(crate) fn other_external_id(address: &str, said: Option<&Option<String>>) -> Option<Fault> {
    let said = said.and_then(Option::as_ref).filter(|it| *it != address);
    said.map(|_| Fault::new("/external_id", "conflict", "is another than the address names"))
}

/// A source names a host and a service by its own id or by ours, and by the other the next time:
/// they are compared, and written down, as who they are.
async fn name_by_id(tx: &mut Tx<'_>, tenant: Tenant, asked: &mut Asked) -> Result<(), StoreError> {
    if let Some(Reference::External(external_id)) = &asked.host
        && let Some(id) = host::id_of(tx, tenant, external_id).await?
    {
        asked.host = Some(Reference::Id(id));
    }
    if let Some(Reference::External(external_id)) = &asked.service
        && let Some(id) = service::id_of(tx, tenant, external_id).await?
    {
        asked.service = Some(Reference::Id(id));
    }
    Ok(())
}

/// The same of what was sent last, if it was written down as it was sent.
async fn name_last_by_id(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    last: &mut Map<String, Value>,
) -> Result<(), StoreError> {
    if let Some(external_id) = external_id(last, "host")
        && let Some(id) = host::id_of(tx, tenant, external_id).await?
    {
        last.insert("host".to_owned(), id.to_string().into());
    }
    if let Some(external_id) = external_id(last, "service")
        && let Some(id) = service::id_of(tx, tenant, external_id).await?
    {
        last.insert("service".to_owned(), id.to_string().into());
    }
    Ok(())
}

fn external_id<'m>(last: &'m Map<String, Value>, member: &str) -> Option<&'m str> {
    last.get(member)?.as_str()?.strip_prefix("ext:")
}

/// What was asked, without the members that were sent like this before.
fn difference(mut asked: Asked, sent: &Map<String, Value>, last: &Map<String, Value>) -> Asked {
    let same = |member: &str| sent.get(member) == last.get(member);
    macro_rules! keep_what_differs {
        ($($member:ident),*) => {$(
            if same(stringify!($member)) {
                asked.$member = None;
            }
        )*};
    }
    // A session's times go together: its length may come from the service.
    let times = same("start") && same("end");
    keep_what_differs!(
        external_id,
        service,
        host,
        status,
        time_zone,
        title,
        mode,
        notes,
        route,
        settings,
        metadata,
        guests
    );
    if times {
        (asked.start, asked.end) = (None, None);
    }
    asked
}
