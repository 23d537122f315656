//! Who is told of a change. Who is not counts as told, so that what follows is a change or a
//! cancellation to them, and never news that contradicts what they know.

use std::collections::HashMap;

use roomkey_core::id::PersonId;
use roomkey_core::told;
use roomkey_store::Tx;
use roomkey_store::message::{self, Told};
use roomkey_store::person::Role;

use super::draft::Draft;
use crate::error::Problem;

/// Who is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Notify {
    /// Everybody whom it concerns.
    #[default]
    All,
    /// The guests.
    Guests,
    /// The host.
    Host,
    /// Nobody.
    None,
}

impl Notify {
    /// Every choice.
    pub const ALL: [Self; 4] = [Self::All, Self::Guests, Self::Host, Self::None];

    /// As the API writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Guests => "guests",
            Self::Host => "host",
            Self::None => "none",
        }
    }

    /// The reverse of [`Notify::as_str`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == code)
    }

    const fn tells(self, role: Role) -> bool {
        match self {
            Self::All => true,
            Self::Guests => matches!(role, Role::Guest),
            Self::Host => matches!(role, Role::Host),
            Self::None => false,
        }
    }
}

/// Writes down as told whoever is not to be told of what a draft changes. What an earlier call
/// asked to be said, and has not been said yet, is still due.
pub(crate) async fn keep(
    tx: &mut Tx<'_>,
    draft: &Draft,
    notify: Option<Notify>,
) -> Result<(), Problem> {
    let by_tenant = draft.tenant.policies.notify.as_deref().and_then(Notify::from_code);
    let notify = notify.or(by_tenant).unwrap_or_default();
    if notify == Notify::All {
        return Ok(());
    }
    let (tenant, id) = (draft.record.tenant, draft.record.booking.id);
    let told: HashMap<PersonId, Told> = message::told(tx, &[(tenant, id)])
        .await?
        .into_iter()
        .map(|told| (told.person, told))
        .collect();
    for person in draft.people.iter().filter(|person| !notify.tells(person.role)) {
        let present = person.removed_at.is_none();
        let Some(now) =
            told::wanted(&draft.record.booking, &draft.host.name, present, person.link_number)
        else {
            continue;
        };
        let known = told.get(&person.id);
        let said = known.and_then(|told| told.said.as_ref());
        let due_before = draft.before.as_ref().is_some_and(|before| {
            let was = before.people.iter().find(|it| it.id == person.id);
            was.and_then(|was| {
                let host = &before.host_name;
                let present = was.removed_at.is_none();
                told::wanted(&before.record.booking, host, present, was.link_number)
            })
            .is_some_and(|wanted| told::occasion(said, &wanted).is_some())
        });
        let due = told::occasion(said, &now).is_some();
        if !due || (due_before && now.on) {
            continue;
        }
        let sequence = known.map_or(-1, |told| told.sequence);
        let told = Told { person: person.id, said: Some(now), sequence };
        message::set_told(tx, tenant, id, &told).await?;
        message::supersede(tx, tenant, person.id, draft.now).await?;
    }
    Ok(())
}
