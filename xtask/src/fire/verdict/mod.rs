//! The verdict: what was asked, beside what is, at the practice, at the vendor and in the mailbox.

mod doors;
mod letters;
mod rooms;
mod table;

use std::collections::BTreeMap;

use serde_json::Value;

use super::site::Site;
use super::wish::Wish;
use crate::failure::Result;

pub(crate) use letters::Mailbox;
pub(crate) use rooms::digits;
pub(crate) use table::Table;

/// One thing that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wrong {
    /// Of which booking, where it is one's.
    pub(crate) wish: Option<String>,
    pub(crate) words: String,
    /// Waiting mends it no more.
    for_ever: bool,
}

impl Wrong {
    fn of(wish: &Wish, words: impl Into<String>) -> Self {
        Self { wish: Some(wish.name.clone()), words: words.into(), for_ever: false }
    }

    fn somewhere(words: impl Into<String>) -> Self {
        Self { wish: None, words: words.into(), for_ever: false }
    }

    /// What was said cannot be unsaid.
    fn for_ever(words: impl Into<String>) -> Self {
        Self { for_ever: true, ..Self::somewhere(words) }
    }

    pub(crate) fn is_for_ever(&self) -> bool {
        self.for_ever
    }
}

/// What is, as the practice and the vendor say it.
pub(crate) struct Found {
    /// The API's bookings, in the order of the wishes.
    bookings: Vec<Option<Value>>,
    /// Bookings that nobody asked for.
    strangers: Vec<Value>,
    /// The vendor's meetings, by number.
    meetings: BTreeMap<String, Value>,
    status: Value,
}

impl Found {
    fn read(site: &Site<'_>, wishes: &[Wish]) -> Result<Self> {
        let mut by_reference: BTreeMap<String, Value> = site
            .api
            .list("/v1/bookings")?
            .into_iter()
            .map(|booking| (booking["id"].as_str().unwrap_or_default().to_owned(), booking))
            .collect();
        let ids: BTreeMap<String, String> = by_reference
            .iter()
            .filter_map(|(id, it)| {
                Some((format!("ext:{}", it["external_id"].as_str()?), id.clone()))
            })
            .collect();
        let bookings = wishes
            .iter()
            .map(|wish| by_reference.remove(ids.get(&wish.reference).unwrap_or(&wish.reference)))
            .collect();
        let meetings = site.vendor.meetings()?;
        let number = |meeting: &Value| meeting["id"].to_string();
        Ok(Self {
            bookings,
            strangers: by_reference.into_values().collect(),
            meetings: meetings.into_iter().map(|it| (number(&it), it)).collect(),
            status: site.api.get("/v1/status")?,
        })
    }

    pub(crate) fn booking(&self, place: usize) -> &Value {
        self.bookings.get(place).and_then(Option::as_ref).unwrap_or(&Value::Null)
    }
}

/// Looks at everything that can be seen in few calls.
pub(crate) fn look(
    site: &Site<'_>,
    wishes: &[Wish],
    mailbox: &mut Mailbox,
) -> Result<(Found, Vec<Wrong>)> {
    let found = Found::read(site, wishes)?;
    mailbox.empty(&site.vendor)?;
    let mut wrong = rooms::judge(wishes, &found);
    wrong.extend(mailbox.judge(wishes, &found));
    Ok((found, wrong))
}

/// Looks behind every door.
pub(crate) fn look_closely(site: &Site<'_>, wishes: &[Wish], found: &Found) -> Result<Vec<Wrong>> {
    doors::judge(site, wishes, found)
}
