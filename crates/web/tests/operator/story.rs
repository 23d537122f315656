//! The story of a booking's rooms is told in words, with its calls folded into it.

use std::time::Duration;

use roomkey_core::id::{AttemptId, RoomId};
use roomkey_store::attempt::{self, Attempt};
use roomkey_store::both_databases;

use crate::pages::give_room;
use crate::practice::{NOW, Practice};

both_databases! {
    a_lost_answer_and_a_found_room_are_told = told;
}

async fn told(url: String) {
    let practice = Practice::open(&url).await;
    let id = practice.booking().await;
    give_room(&practice, id).await;
    let tenant = practice.tenant;
    practice
        .app
        .desk
        .change(move |tx| {
            Box::pin(async move {
                for (number, operation, outcome, status) in [
                    (1, "create", "unknown", None),
                    (2, "find", "ok", Some(200)),
                    (3, "find", "ok", Some(200)),
                    (4, "update", "throttled", Some(429)),
                ] {
                    let call = Attempt {
                        id: AttemptId::new(NOW, [number; 10]),
                        booking: id,
                        room: RoomId::new(NOW, [7; 10]),
                        operation: operation.to_owned(),
                        started_at: NOW.plus(Duration::from_secs(u64::from(number) * 40)),
                        took: Duration::from_millis(340),
                        outcome: outcome.to_owned(),
                        status,
                        code: None,
                        request_id: Some(format!("rid-{number}")),
                        message: (outcome == "throttled")
                            .then(|| "Zoom asks for patience.".to_owned()),
                    };
                    attempt::insert(tx, tenant, &call).await?;
                }
                Ok(())
            })
        })
        .await
        .expect("written down");
    let page = practice.get(&format!("/operator/bookings/{id}")).await;
    let mut rest = page.html.as_str();
    for words in [
        "Did not bring room 1 up to date. Zoom asks for patience.",
        "Put off",
        "Found room 1 (812 3456 7890) at Zoom. Only its answer was lost.",
        "Show the 2 calls",
        "Not found",
        "rid-2",
        "Found",
        "No answer from Zoom, so room 1 was looked for first.",
        "340 ms",
        "Asked Zoom for room 1, held by login@practice.example.",
        "Made the booking.",
    ] {
        let (_, after) = rest.split_once(words).unwrap_or_else(|| {
            panic!("{words} is not where it should be: {}", page.html);
        });
        rest = after;
    }
    practice.close().await;
}
