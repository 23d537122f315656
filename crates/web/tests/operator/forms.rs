//! Forms that are wrong are shown again, with what was typed and with words.

use roomkey_store::both_databases;

use crate::practice::Practice;

both_databases! {
    a_booking_that_is_wrong_is_not_lost = new_booking;
    a_reschedule_that_is_wrong_is_not_lost = reschedule;
    a_connection_that_is_wrong_is_not_lost = connection;
    hosts_and_services_that_are_wrong_are_not_lost = others;
    a_button_that_came_too_late_says_why = late;
    a_booking_in_the_past_is_asked_about_first = past;
}

async fn new_booking(url: String) {
    let practice = Practice::open(&url).await;
    let (host, service) = (practice.host.to_string(), practice.service.to_string());
    let fields = [
        ("service", service.as_str()),
        ("host", &host),
        ("date", "2027-03-28"),
        ("time", "01:30"),
        ("time_zone", "Europe/Lisbon"),
        ("duration_minutes", "soon"),
        ("guest_name", "Ana <b>Sousa</b>"),
        ("guest_email", "ana at example"),
        ("title", ""),
    ];
    let page = practice.send("/operator/bookings/new", "/operator/bookings", &fields).await;
    assert_eq!(page.status, 422);
    for words in [
        "Clocks are set forward over this time",
        "Give a number of minutes",
        "The guest’s e-mail is not an e-mail address",
        "value=\"ana at example\"",
        "value=\"2027-03-28\"",
        "value=\"soon\"",
        &format!("value=\"{service}\" selected"),
    ] {
        assert!(page.html.contains(words), "{words} is not on the page: {}", page.html);
    }
    assert!(!page.html.contains("<b>Sousa</b>"));
    assert_eq!(
        practice.get("/operator/bookings?side=any").await.html.matches("class=\"rowlink\"").count(),
        0
    );
    practice.close().await;
}

async fn reschedule(url: String) {
    let practice = Practice::open(&url).await;
    let id = practice.booking().await;
    let path = format!("/operator/bookings/{id}");
    let before = practice.record(id).await;
    let fields = [
        ("date", "2027-13-01"),
        ("time", "15:00"),
        ("time_zone", "Lisbon"),
        ("duration_minutes", "3"),
    ];
    let page = practice.send(&path, &format!("{path}/reschedule"), &fields).await;
    assert_eq!(page.status, 422);
    for words in
        ["Give a date", "Choose a zone", "Give a number of minutes", "value=\"2027-13-01\""]
    {
        assert!(page.html.contains(words), "{words} is not on the page");
    }
    let fields = [("url", "http://meet.example"), ("passcode", "typed")];
    let page = practice.send(&path, &format!("{path}/meeting/link"), &fields).await;
    assert_eq!(page.status, 422);
    for words in ["The link is not an address that begins with https://.", "value=\"typed\""] {
        assert!(page.html.contains(words), "{words} is not on the page");
    }
    assert_eq!(practice.record(id).await, before);
    practice.close().await;
}

async fn connection(url: String) {
    let practice = Practice::open(&url).await;
    let fields = [
        ("account_id", "acc-1"),
        ("client_id", ""),
        ("client_secret", "s3cret"),
        ("seats", "seat1@practice.example\nseat two"),
    ];
    let path = "/operator/connections";
    let page = practice.send(path, path, &fields).await;
    assert_eq!(page.status, 422);
    for words in
        ["The client ID must not be empty.", "“seat two” is not an e-mail address", "acc-1"]
    {
        assert!(page.html.contains(words), "{words} is not on the page");
    }
    assert!(!page.html.contains("s3cret"), "what is secret is typed again");
    practice.close().await;
}

async fn others(url: String) {
    let practice = Practice::open(&url).await;
    let fields = [("name", "Tom Reed"), ("email", "tom"), ("time_zone", "Mars/Base")];
    let page = practice.send("/operator/hosts", "/operator/hosts", &fields).await;
    assert_eq!(page.status, 422);
    for words in ["The e-mail is not an e-mail address", "Choose a zone", "value=\"Tom Reed\""] {
        assert!(page.html.contains(words), "{words} is not on the page");
    }
    let fields = [
        ("name", "Couples"),
        ("duration_minutes", ""),
        ("mode", "online"),
        ("title_template", "{secret}"),
        ("reminders", "24h, soon"),
        ("requires_approval", "on"),
    ];
    let page = practice.send("/operator/services/new", "/operator/services", &fields).await;
    assert_eq!(page.status, 422);
    for words in [
        "Give a number of minutes",
        "“soon” is not a duration",
        "The title has {secret}",
        " checked",
    ] {
        assert!(page.html.contains(words), "{words} is not on the page");
    }
    practice.close().await;
}

async fn late(url: String) {
    let practice = Practice::open(&url).await;
    let id = practice.booking().await;
    let path = format!("/operator/bookings/{id}");
    let cancelled = practice.send(&path, &format!("{path}/cancel"), &[]).await;
    assert_eq!(cancelled.leads_to(), path);
    let page = practice.send(&path, &format!("{path}/no-show"), &[]).await;
    assert_eq!(page.status, 409);
    assert!(page.html.contains("The booking is cancelled; reopen it first."), "{}", page.html);
    practice.close().await;
}

async fn past(url: String) {
    let practice = Practice::open(&url).await;
    let (host, service) = (practice.host.to_string(), practice.service.to_string());
    let mut fields = vec![
        ("service", service.as_str()),
        ("host", &host),
        ("date", "2026-07-01"),
        ("time", "15:00"),
        ("time_zone", "Europe/Lisbon"),
        ("duration_minutes", "50"),
        ("guest_name", "Ana Sousa"),
        ("guest_email", "ana@example.org"),
    ];
    let page = practice.send("/operator/bookings/new", "/operator/bookings", &fields).await;
    assert_eq!(page.status, 422);
    for words in ["This session is over: it began", "Book it all the same", "value=\"2026-07-01\""]
    {
        assert!(page.html.contains(words), "{words} is not on the page: {}", page.html);
    }
    fields.push(("past", "on"));
    let booked = practice.send("/operator/bookings/new", "/operator/bookings", &fields).await;
    let path = booked.leads_to().to_owned();
    let ahead = practice.get("/operator/bookings").await.html;
    assert!(!ahead.contains(&path) && ahead.contains("side=any"), "{ahead}");
    let past = practice.get("/operator/bookings?side=past").await.html;
    assert!(past.contains(&path) && past.contains("The latest first"), "{past}");
    practice.close().await;
}
