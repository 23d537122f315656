//! What an event makes known of a room.

use roomkey_core::Instant;
use roomkey_core::attendance::Run;
use roomkey_core::id::RoomId;
use roomkey_providers::zoom::events::News;
use roomkey_store::{StoreError, Tx, attendance, room};

use super::read::Understood;
use super::{people, recordings};
use crate::parts::Shared;
use crate::situation::Loaded;

/// Takes in an event about a room of a locked booking; whether the plan is to be asked.
pub(super) async fn apply(
    tx: &mut Tx<'_>,
    shared: &Shared,
    loaded: &mut Loaded,
    id: RoomId,
    told: &Understood,
    now: Instant,
) -> Result<bool, StoreError> {
    let (at, instance) = (told.at, told.event.instance.clone().unwrap_or_default());
    let of = instance.clone();
    match &told.event.news {
        News::Started => {
            ran(tx, loaded, Run { room: id, instance, started_at: Some(at), ended_at: None })
                .await?;
            attendance::news(tx, loaded.tenant(), loaded.id(), now).await?;
            learn(tx, loaded, id, |room| room.hear(Some(&of), true, at, now)).await
        }
        News::Ended => {
            ran(tx, loaded, Run { room: id, instance, started_at: None, ended_at: Some(at) })
                .await?;
            attendance::news(tx, loaded.tenant(), loaded.id(), now).await?;
            learn(tx, loaded, id, |room| room.hear(Some(&of), false, at, now)).await
        }
        News::Came(visitor) => {
            people::note(tx, shared, loaded, id, &instance, true, visitor, at, now).await?;
            learn(tx, loaded, id, |room| room.hear(Some(&of), true, at, now)).await
        }
        News::Went(visitor) => {
            people::note(tx, shared, loaded, id, &instance, false, visitor, at, now).await?;
            Ok(false)
        }
        News::Changed => learn(tx, loaded, id, |room| room.doubt(at, now)).await,
        News::Recorded(recorded) => {
            recordings::keep(tx, shared, loaded, id, &instance, recorded, now).await?;
            Ok(false)
        }
        News::Validation { .. } | News::Deauthorised { .. } | News::Other => Ok(false),
    }
}

async fn ran(tx: &mut Tx<'_>, loaded: &Loaded, run: Run) -> Result<(), StoreError> {
    attendance::ran(tx, loaded.tenant(), loaded.id(), &run).await
}

async fn learn(
    tx: &mut Tx<'_>,
    loaded: &mut Loaded,
    id: RoomId,
    learn: impl FnOnce(&mut roomkey_core::room::Room) -> bool,
) -> Result<bool, StoreError> {
    let tenant = loaded.tenant();
    let Some(record) = loaded.rooms.iter_mut().find(|it| it.room.id == id) else {
        return Ok(false);
    };
    let changed = learn(&mut record.room);
    if changed {
        room::update(tx, tenant, &record.room).await?;
    }
    Ok(changed)
}
