//! What belongs to another tenant is not there, and what another site sends is not done.

use roomkey_core::booking::Status;
use roomkey_store::both_databases;

use crate::practice::Practice;

both_databases! {
    another_tenants_booking_is_not_there = apart;
    a_form_without_its_token_is_not_done = forged;
}

async fn apart(url: String) {
    let practice = Practice::open(&url).await;
    let theirs = practice.theirs().await;
    let path = format!("/operator/bookings/{theirs}");
    for path in [path.clone(), format!("{path}/live"), format!("{path}/live?poll=1")] {
        assert_eq!(practice.get(&path).await.status, 404, "{path}");
    }
    for order in ["confirm", "cancel", "meeting/regenerate", "meeting/link/remove"] {
        let order = format!("{path}/{order}");
        let answer = practice.send("/operator/bookings/new", &order, &[]).await;
        assert_eq!(answer.status, 404, "{order}");
    }
    let list = practice.get("/operator/bookings").await;
    assert!(!list.html.contains("Somebody Else"));
    practice.close().await;
}

async fn forged(url: String) {
    let practice = Practice::open(&url).await;
    let id = practice.booking().await;
    let cancel = format!("/operator/bookings/{id}/cancel");
    for fields in [&[][..], &[("csrf", "")], &[("csrf", "guessed")]] {
        let answer = practice.send_bare(&cancel, fields).await;
        assert_eq!(answer.status, 403, "{fields:?}");
    }
    assert_eq!(practice.record(id).await.booking.status, Status::Confirmed);
    practice.close().await;
}
