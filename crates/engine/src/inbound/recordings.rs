//! Recordings and transcripts, as they become ready.

use roomkey_core::Instant;
use roomkey_core::id::{RecordingId, RoomId};
use roomkey_providers::zoom::events::Recorded;
use roomkey_store::recording::{self, Recording};
use roomkey_store::{StoreError, Tx};
use roomkey_vault::Place;
use secrecy::ExposeSecret as _;
use serde_json::json;

use super::happened;
use crate::parts::Shared;
use crate::situation::Loaded;

/// How Zoom calls a transcript.
const TRANSCRIPT: &str = "TRANSCRIPT";

/// Keeps what is known of recordings, and tells of those that were not known.
pub(super) async fn keep(
    tx: &mut Tx<'_>,
    shared: &Shared,
    loaded: &mut Loaded,
    room: RoomId,
    instance: &str,
    recorded: &Recorded,
    now: Instant,
) -> Result<(), StoreError> {
    let (mut recordings, mut transcripts) = (Vec::new(), Vec::new());
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
        if recording::keep(tx, loaded.tenant(), loaded.id(), &kept).await? {
            if file.kind == TRANSCRIPT { &mut transcripts } else { &mut recordings }.push(id);
        }
    }
    for (kind, ids) in [("recording.ready", recordings), ("transcript.ready", transcripts)] {
        if !ids.is_empty() {
            happened(tx, shared, loaded, kind, json!({"recordings": ids}), now).await?;
        }
    }
    Ok(())
}
