//! What was recorded, on a booking's page, and the text of a transcript for whoever is signed in.

use roomkey_core::id::{BookingId, RecordingId, RoomId};
use roomkey_store::recording::{self, Recording};
use roomkey_store::{both_databases, transcript};
use roomkey_vault::Place;

use crate::pages::give_room;
use crate::practice::{NOW, Practice, seen};

both_databases! {
    a_transcript_is_read_on_the_page_by_whoever_is_signed_in = read;
}

const TEXT: &str = "WEBVTT\n\n00:00.000 --> 00:02.000\nAna Sousa: <b>Bom dia</b>.\n";

/// A file of the booking's room, with the vendor's pages.
async fn file(practice: &Practice, booking: BookingId, number: u8, kind: &str) -> RecordingId {
    let (tenant, desk) = (practice.tenant, practice.app.desk.clone());
    let id = RecordingId::new(NOW, [number; 10]);
    let place = Place { table: "recordings", row: id.uuid(), field: "sealed" };
    let links = br#"{"share_url":"https://rec.example/share/1","play_url":"https://rec.example/play/2","passcode":"Q9zz"}"#;
    let kept = Recording {
        id,
        room: RoomId::new(NOW, [7; 10]),
        instance: "a/b==".to_owned(),
        vendor_id: format!("file-{number}"),
        kind: kind.to_owned(),
        view: None,
        started_at: Some(NOW),
        ended_at: None,
        size: Some(48_211),
        sealed: Some(desk.ring.seal(&desk.entropy, place, links)),
        created_at: NOW,
    };
    practice
        .app
        .desk
        .change(move |tx| {
            let kept = kept.clone();
            Box::pin(async move {
                assert!(recording::keep(tx, tenant, booking, &kept).await?);
                if kept.is_transcript() {
                    transcript::known(tx, tenant, booking, id, None, NOW).await?;
                }
                Ok(())
            })
        })
        .await
        .expect("kept");
    id
}

async fn store(practice: &Practice, id: RecordingId) {
    let (tenant, desk) = (practice.tenant, practice.app.desk.clone());
    let place = Place { table: "transcripts", row: id.uuid(), field: "sealed" };
    let sealed = desk.ring.seal(&desk.entropy, place, TEXT.as_bytes());
    let change = practice.app.desk.change(move |tx| {
        let sealed = sealed.clone();
        Box::pin(async move { Ok(transcript::store(tx, tenant, id, &sealed, NOW).await?) })
    });
    assert!(change.await.expect("stored"));
}

async fn read(url: String) {
    let practice = Practice::open(&url).await;
    let booking = practice.booking().await;
    let path = format!("/operator/bookings/{booking}");
    assert!(!practice.get(&path).await.html.contains("Recordings"), "there are none");
    give_room(&practice, booking).await;
    file(&practice, booking, 1, "MP4").await;
    let id = file(&practice, booking, 2, "TRANSCRIPT").await;
    let text = format!("{path}/recordings/{id}/transcript");
    let page = practice.get(&path).await.html;
    for shown in
        ["Recordings", "Video", "https://rec.example/play/2", "Q9zz", "48 kB", "Being fetched"]
    {
        assert!(page.contains(shown), "{shown}: {page}");
    }
    assert!(!page.contains(&text), "there is nothing to read yet");
    assert_eq!(practice.get(&text).await.status, 404);

    store(&practice, id).await;
    assert!(practice.get(&path).await.html.contains(&format!("href=\"{text}\"")));
    let answer = practice.get(&text).await;
    assert_eq!((answer.status, answer.html.as_str()), (200, TEXT));
    for (query, kind, is_file) in
        [("", "text/plain; charset=utf-8", false), ("?file=vtt", "text/vtt; charset=utf-8", true)]
    {
        let answer = practice.headers(&format!("{text}{query}")).await;
        assert_eq!(answer["content-type"], kind);
        assert_eq!(answer["cache-control"], "no-store");
        assert_eq!(answer["x-content-type-options"], "nosniff");
        assert_eq!(answer.contains_key("content-disposition"), is_file);
    }
    // Nobody else: not without a session, and not of another practice's booking.
    let stranger = seen(practice.client.get(format!("{}{text}", practice.url))).await;
    assert_eq!(stranger.status, 401);
    assert!(!stranger.html.contains("Bom dia"));
    let theirs = practice.theirs().await;
    let elsewhere = format!("/operator/bookings/{theirs}/recordings/{id}/transcript");
    assert_eq!(practice.get(&elsewhere).await.status, 404);
    practice.close().await;
}
