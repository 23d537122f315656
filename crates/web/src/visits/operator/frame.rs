//! What surrounds every page.

use roomkey_core::{Instant, Zone};
use roomkey_store::tenant::TenantRow;
use roomkey_store::{StoreError, Tx, host, tenant};

use super::super::session::Operator;
use crate::pages::operator::{HeadNumber, Section, Shell};
use crate::pages::pill::Notice;

/// What every page needs of the tenant.
pub(super) struct Frame {
    pub(super) tenant: TenantRow,
    /// In which every time is told: the operator's own, or else where most hosts are.
    pub(super) zone: Zone,
    pub(super) csrf: String,
    pub(super) now: Instant,
}

impl Frame {
    pub(super) async fn load(
        tx: &mut Tx<'_>,
        operator: &Operator,
        now: Instant,
    ) -> Result<Self, StoreError> {
        let tenant = tenant::get(tx, operator.tenant).await?;
        let zone = match &operator.zone {
            Some(zone) => zone.clone(),
            None => host::usual_zone(tx, operator.tenant).await?.unwrap_or_else(Zone::utc),
        };
        Ok(Self { tenant, zone, csrf: operator.csrf.clone(), now })
    }

    pub(super) fn shell(
        self,
        section: Section,
        number: Option<HeadNumber>,
        notice: Option<Notice>,
    ) -> Shell {
        Shell {
            practice: self.tenant.name,
            person: "Operator".to_owned(),
            section,
            number,
            notice,
            csrf: self.csrf,
            now: self.now,
            zone: self.zone,
        }
    }
}
