//! What surrounds every page.

use roomkey_core::{Instant, Zone};
use roomkey_store::tenant::TenantRow;
use roomkey_store::{StoreError, Tenant, Tx, host, tenant};

use crate::pages::operator::{HeadNumber, Section, Shell};
use crate::pages::pill::Notice;

/// What every page needs of the tenant.
pub(super) struct Frame {
    pub(super) tenant: TenantRow,
    /// Where the practice is: where its first host is.
    pub(super) zone: Zone,
    pub(super) csrf: String,
    pub(super) now: Instant,
}

impl Frame {
    pub(super) async fn load(
        tx: &mut Tx<'_>,
        proof: Tenant,
        csrf: String,
        now: Instant,
    ) -> Result<Self, StoreError> {
        let tenant = tenant::get(tx, proof).await?;
        let zone = host::first_zone(tx, proof).await?.unwrap_or_else(Zone::utc);
        Ok(Self { tenant, zone, csrf, now })
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
