//! What was recorded of a session, opened for whoever may know it.

use roomkey_core::Instant;
use roomkey_core::failure::Reason;
use roomkey_core::id::{BookingId, RecordingId};
use roomkey_store::recording::{self, Recording};
use roomkey_store::transcript::{self, Standing, State};
use roomkey_store::{StoreError, Tenant, Tx};
use roomkey_vault::{Place, Ring};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;

use crate::app::App;
use crate::error::Problem;

/// The vendor's pages for one file of a recording; nothing once they are forgotten.
#[derive(Default)]
pub(crate) struct Links {
    /// With all files of the recording.
    pub(crate) share_url: Option<String>,
    /// With this file.
    pub(crate) play_url: Option<String>,
    /// What those pages ask for.
    pub(crate) passcode: Option<String>,
}

/// The vendor's pages for one file.
pub(crate) fn links(ring: &Ring, recording: &Recording) -> Links {
    let place = Place { table: "recordings", row: recording.id.uuid(), field: "sealed" };
    let links: Value = recording
        .sealed
        .as_deref()
        .and_then(|sealed| ring.open_text(place, sealed).ok())
        .and_then(|it| serde_json::from_str(it.expose_secret()).ok())
        .unwrap_or_default();
    let link = |name: &str| links.get(name)?.as_str().map(str::to_owned);
    Links { share_url: link("share_url"), play_url: link("play_url"), passcode: link("passcode") }
}

/// One file, and where its text stands if it is a transcript.
pub(crate) struct Recorded {
    pub(crate) recording: Recording,
    pub(crate) text: Option<Standing>,
}

/// More files than any session has.
pub(crate) const MOST: u32 = 1_000;

/// What was recorded of a booking, the latest first.
pub(crate) async fn recorded(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    booking: BookingId,
    after: Option<(Instant, RecordingId)>,
    limit: u32,
) -> Result<Vec<Recorded>, StoreError> {
    let recordings = recording::of_booking(tx, tenant, booking, after, limit).await?;
    let mut standings = transcript::of_booking(tx, tenant, booking).await?;
    let mut of = |recording: &Recording| {
        let at = standings.iter().position(|(id, _)| *id == recording.id)?;
        Some(standings.swap_remove(at).1)
    };
    Ok(recordings
        .into_iter()
        .map(|recording| Recorded {
            text: recording
                .is_transcript()
                .then(|| of(&recording).unwrap_or_else(|| never_asked(&recording))),
            recording,
        })
        .collect())
}

/// Transcripts that were known before texts were fetched are left where they are.
fn never_asked(recording: &Recording) -> Standing {
    let reason = Reason::new(
        "transcript_never_asked",
        "Roomkey did not ask for this text when it became known. Read it at the vendor.",
    );
    Standing { state: State::NotFetched, reason: Some(reason), changed_at: recording.created_at }
}

/// The text of a transcript, or where it stands.
pub(crate) enum Text {
    /// It is here.
    Here(SecretString),
    /// It is not.
    Not(Standing),
}

/// The text of a booking's transcript; nothing if there is no such transcript.
pub(crate) async fn text(
    app: &App,
    tenant: Tenant,
    booking: BookingId,
    id: RecordingId,
) -> Result<Option<Text>, Problem> {
    let (all, sealed) = app
        .store()
        .read(move |tx| {
            Box::pin(async move {
                let all = recorded(tx, tenant, booking, None, MOST).await?;
                Ok::<_, StoreError>((all, transcript::text(tx, tenant, booking, id).await?))
            })
        })
        .await?;
    let found = all.into_iter().find(|it| it.recording.id == id).and_then(|it| it.text);
    let Some(standing) = found else { return Ok(None) };
    let Some(sealed) = sealed else { return Ok(Some(Text::Not(standing))) };
    let place = Place { table: "transcripts", row: id.uuid(), field: "sealed" };
    let text = app.desk.ring.open_text(place, &sealed).map_err(Problem::fault)?;
    Ok(Some(Text::Here(text)))
}

/// Where a text stands, in a sentence.
pub(crate) fn sentence(standing: &Standing) -> String {
    let why = |words: &str| {
        standing.reason.as_ref().map_or_else(|| words.to_owned(), |it| it.message.clone())
    };
    match standing.state {
        State::Pending => why("Roomkey is fetching the text."),
        State::Stored => "The text is here.".to_owned(),
        State::Refused => why("The text is not to be had."),
        State::NotFetched => why("The text is not fetched."),
        State::Forgotten => why("The text was deleted here."),
    }
}
