//! Recordings and transcripts, as they become ready. Of a recording is told now; of a transcript when
//! its text is here, which is fetched by itself.

use roomkey_core::Instant;
use roomkey_core::id::{RecordingId, RoomId};
use roomkey_providers::zoom::events::Recorded;
use roomkey_store::recording::{self, Recording};
use roomkey_store::{StoreError, Tx, transcript};
use roomkey_vault::Place;
use secrecy::ExposeSecret as _;
use serde_json::json;

use super::happened;
use crate::parts::Shared;
use crate::situation::Loaded;
use crate::transcripts::unwanted;

/// Keeps what is known of recordings, and tells of those that were not known. The text of a
/// transcript is due from now on, unless nothing was to be recorded.
pub(super) async fn keep(
    tx: &mut Tx<'_>,
    shared: &Shared,
    loaded: &mut Loaded,
    room: RoomId,
    instance: &str,
    recorded: &Recorded,
    now: Instant,
) -> Result<(), StoreError> {
    let mut recordings = Vec::new();
    let unwanted = unwanted(&loaded.record.booking);
    let provider = loaded.room(room).map(|it| it.room.place.provider);
    let has_texts = provider.is_some_and(|it| shared.providers.get(it).capabilities().transcripts);
    for file in &recorded.files {
        let id = RecordingId::new(now, shared.entropy.id());
        let place = Place { table: "recordings", row: id.uuid(), field: "sealed" };
        let links = json!({
            "play_url": file.play_url.as_ref().map(|it| it.expose_secret()),
            "share_url": recorded.share_url.as_ref().map(|it| it.expose_secret()),
            "passcode": recorded.passcode.as_ref().map(|it| it.expose_secret()),
        });
        let kept = Recording {
            id,
            room,
            instance: instance.to_owned(),
            vendor_id: file.id.clone(),
            kind: file.kind.clone(),
            view: file.view.clone(),
            started_at: file.started_at,
            ended_at: file.ended_at,
            size: file.size,
            sealed: Some(shared.ring.seal(&shared.entropy, place, links.to_string().as_bytes())),
            created_at: now,
        };
        let (tenant, booking) = (loaded.tenant(), loaded.id());
        if !recording::keep(tx, tenant, booking, &kept).await? {
            continue;
        }
        if kept.is_transcript() && has_texts {
            transcript::known(tx, tenant, booking, id, unwanted.as_ref(), now).await?;
        } else if !kept.is_transcript() {
            recordings.push(id);
        }
    }
    if !recordings.is_empty() {
        let data = json!({ "recordings": recordings });
        happened(tx, shared, loaded, "recording.ready", data, now).await?;
    }
    Ok(())
}
