//! Private services on the operator's pages.

use roomkey_core::private::TITLE;
use roomkey_store::both_databases;

use crate::practice::Practice;

both_databases! {
    a_service_is_made_private_on_its_form = on_the_form;
    an_operator_still_sees_what_a_private_session_is = seen;
}

fn fields<'a>(others: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let whole = [("name", "First consultation"), ("duration_minutes", "50"), ("mode", "online")];
    whole.into_iter().chain(others.iter().copied()).collect()
}

async fn on_the_form(url: String) {
    let practice = Practice::open(&url).await;
    let path = format!("/operator/services/{}", practice.service);
    let ticked = "name=\"private\" value=\"on\" checked";
    let page = practice.get(&path).await;
    assert!(page.html.contains("name=\"private\"") && !page.html.contains(ticked));
    assert!(page.html.contains("say “Appointment” and nothing else"), "{}", page.html);

    let wrong = [("private", "on"), ("recording", "cloud"), ("join_before_host", "on")];
    let page = practice.send(&path, &path, &fields(&wrong)).await;
    assert_eq!(page.status, 422);
    for words in [
        "A private session is not recorded; leave this out",
        "A private session cannot be joined before the host; leave this out",
        ticked,
    ] {
        assert!(page.html.contains(words), "{words} is not on the page: {}", page.html);
    }

    let fits = [("private", "on"), ("recording", "none")];
    practice.send(&path, &path, &fields(&fits)).await.leads_to();
    let page = practice.get(&path).await;
    assert!(page.html.contains(ticked), "{}", page.html);
    let list = practice.get("/operator/services").await;
    assert!(list.html.contains("<span class=\"quiet\">Private</span>"), "{}", list.html);
    practice.send(&path, &path, &fields(&[])).await.leads_to();
    assert!(!practice.get(&path).await.html.contains(ticked));
    practice.close().await;
}

async fn seen(url: String) {
    let practice = Practice::open(&url).await;
    let path = format!("/operator/services/{}", practice.service);
    practice.send(&path, &path, &fields(&[("private", "on")])).await.leads_to();
    let (host, service) = (practice.host.to_string(), practice.service.to_string());
    let titled = [
        ("service", service.as_str()),
        ("host", &host),
        ("date", "2027-03-01"),
        ("time", "15:00"),
        ("time_zone", "Europe/Lisbon"),
        ("guest_name", "Ana Sousa"),
        ("guest_email", "ana@example.org"),
        ("title", "Our hour"),
    ];
    let page = practice.send("/operator/bookings/new", "/operator/bookings", &titled).await;
    assert_eq!(page.status, 422);
    let words = "The title cannot be chosen, because a private session is called “Appointment”";
    assert!(page.html.contains(words), "{}", page.html);

    let id = practice.booking().await;
    assert_eq!(practice.record(id).await.booking.title, TITLE);
    let page = practice.get(&format!("/operator/bookings/{id}")).await;
    for words in [
        "First consultation",
        "Its people and the vendor read “Appointment”.",
        "Its people are not told it, because the session is private.",
    ] {
        assert!(page.html.contains(words), "{words} is not on the page: {}", page.html);
    }
    for list in ["/operator/bookings", "/operator"] {
        let page = practice.get(list).await;
        assert!(page.html.contains("First consultation"), "{list}: {}", page.html);
    }
    practice.close().await;
}
