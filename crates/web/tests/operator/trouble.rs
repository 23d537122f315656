//! What is wrong is counted, told once for each cause, and never told as well.

use roomkey_core::failure::Reason;
use roomkey_core::id::BookingId;
use roomkey_core::meeting;
use roomkey_store::{booking, both_databases};

use crate::practice::Practice;

both_databases! {
    sessions_without_a_room_are_counted_by_cause = counted;
    a_host_whom_zoom_does_not_know_is_not_connected = unknown;
    a_confirmed_booking_without_a_room_says_so = confirmed;
    today_is_kept_as_it_is_now = live;
}

fn unknown_user() -> Reason {
    let words = "This Zoom account has no user miriam@practice.example. Correct the host's Zoom login, or add the user in Zoom.";
    Reason::new("zoom_user_unknown", words)
}

/// What the engine writes down when it finds that no room can be made.
async fn blocked(practice: &Practice, id: BookingId, reason: Reason) {
    let tenant = practice.tenant;
    practice
        .app
        .desk
        .change(move |tx| {
            let reason = reason.clone();
            Box::pin(async move {
                let mut record = booking::lock(tx, tenant, id).await?.expect("there");
                record.meeting = meeting::Status::Pending;
                record.meeting_reason = Some(reason);
                record.seq += 1;
                booking::update_seen(tx, &record).await?;
                Ok(())
            })
        })
        .await
        .expect("written down");
}

async fn counted(url: String) {
    let practice = Practice::open(&url).await;
    let calm = practice.get("/operator/status").await;
    assert!(calm.html.contains(r#"<span class="number__value">0</span>"#), "{}", calm.html);
    for _ in 0..3 {
        let id = practice.booking().await;
        blocked(&practice, id, unknown_user()).await;
    }
    let seats = practice.booking().await;
    blocked(&practice, seats, Reason::no_free_seat()).await;
    let works = practice.booking().await;
    let status = practice.get("/operator/status").await.html;
    assert!(status.contains(r#"<span class="number__value">4</span>"#), "{status}");
    assert_eq!(status.matches("class=\"cause ").count(), 2, "one for each cause: {status}");
    for words in [
        r#"<b class="cause__count">3</b> sessions have no room"#,
        "Zoom does not know Dr Miriam Adler’s address.",
        &format!("/operator/hosts/{}#host-zoom_account", practice.host),
        r#"<b class="cause__count">1</b> session has no room"#,
        "Every seat is taken by other sessions at this time.",
    ] {
        assert!(status.contains(words), "{words} is not on the page: {status}");
    }
    let today = practice.get("/operator").await.html;
    assert!(today.contains(r#"<span class="number__value">4</span>"#), "{today}");
    assert_eq!(today.matches("class=\"cause ").count(), 2, "{today}");
    assert!(!today.contains("No session is ahead"), "{today}");

    // A cause leads to the sessions that it concerns, and to no other.
    let address = "/operator/bookings?status=trouble&why=zoom%5Fuser%5Funknown";
    assert!(status.contains("why=zoom%5Fuser%5Funknown"), "{status}");
    let list = practice.get(address).await.html;
    assert_eq!(list.matches("class=\"rowlink\"").count(), 3, "{list}");
    assert!(!list.contains(&works.to_string()) && !list.contains(&seats.to_string()));
    practice.close().await;
}

async fn unknown(url: String) {
    let practice = Practice::open(&url).await;
    // A connection that was made on the page is the practice's route from then on.
    let path = "/operator/connections";
    let zoom = [("account_id", "acc-1"), ("client_id", "client-1"), ("client_secret", "secret-1")];
    practice.send(path, path, &zoom).await.leads_to();
    let hosts = practice.get("/operator/hosts").await.html;
    assert!(hosts.contains("Connected") && !hosts.contains("does not know"), "{hosts}");
    let another = practice.booking().await;
    blocked(&practice, another, unknown_user()).await;
    let hosts = practice.get("/operator/hosts").await.html;
    assert!(!hosts.contains("Connected"), "{hosts}");
    let mend = format!("/operator/hosts/{}#host-zoom_account", practice.host);
    assert!(hosts.contains("Zoom does not know this address.") && hosts.contains(&mend));
    let host = practice.get(&format!("/operator/hosts/{}", practice.host)).await.html;
    assert!(host.contains("Zoom does not know this host’s address."), "{host}");
    assert!(host.contains("id=\"host-zoom_account\""));
    practice.close().await;
}

async fn confirmed(url: String) {
    let practice = Practice::open(&url).await;
    let id = practice.booking().await;
    blocked(&practice, id, unknown_user()).await;
    let page = practice.get(&format!("/operator/bookings/{id}")).await.html;
    assert!(!page.contains("when the booking is"), "{page}");
    for words in [
        "There is no room yet.",
        "notice--stop",
        "has no user",
        "<title>Ana Sousa, First consultation",
        ">Ana Sousa</h1>",
    ] {
        assert!(page.contains(words), "{words} is not on the page: {page}");
    }
    practice.close().await;
}

async fn live(url: String) {
    let practice = Practice::open(&url).await;
    let page = practice.get("/operator").await.html;
    assert!(page.contains("data-live=\"/operator/live\"") && page.contains("No session is ahead"));
    let mut stream = practice.listen("/operator/live").await;
    stream.until("No session is ahead").await;
    let id = practice.booking().await;
    // The engine's sequencer numbers events; here nobody else does.
    practice.number_events().await;
    stream.until(&format!("/operator/bookings/{id}")).await;
    drop(stream);
    let part = practice.get("/operator/live?poll=1").await;
    assert!(part.html.contains("Ana Sousa") && !part.html.contains("<!doctype"));
    practice.close().await;
}
