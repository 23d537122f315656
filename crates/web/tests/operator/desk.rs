//! What is asked through the forms is what the database then has.

use std::time::Duration;

use roomkey_core::booking::{Mode, Status};
use roomkey_core::route::Provider;
use roomkey_store::{StoreError, both_databases, connection, host, service};

use crate::practice::{NOW, Practice};

both_databases! {
    a_booking_is_made_moved_and_cancelled = booking;
    hosts_and_services_are_added_changed_and_removed = hosts;
    a_connection_is_added_switched_and_removed = connections;
}

async fn booking(url: String) {
    let practice = Practice::open(&url).await;
    let (given, service) = (practice.host.to_string(), practice.service.to_string());
    let fields = [
        ("service", service.as_str()),
        ("host", &given),
        ("date", "2027-07-01"),
        ("time", "15:00"),
        ("time_zone", "Europe/Lisbon"),
        ("duration_minutes", ""),
        ("mode", ""),
        ("guest_name", "Ana Sousa"),
        ("guest_email", "ana@example.org"),
        ("guest_time_zone", ""),
        ("title", ""),
    ];
    let booked = practice.send("/operator/bookings/new", "/operator/bookings", &fields).await;
    let path = booked.leads_to().to_owned();
    let id = path.rsplit('/').next().expect("an id").parse().expect("a booking's id");
    assert_eq!(booked.location, format!("{path}?done=booked"));
    let page = practice.get(&booked.location).await;
    assert_eq!(page.status, 200);
    for words in ["It is booked.", "First consultation with Dr Miriam Adler", "Made the booking."] {
        assert!(page.html.contains(words), "{words} is not on the page");
    }
    let record = practice.record(id).await;
    assert_eq!(record.booking.start, "2027-07-01T14:00:00Z".parse().expect("an instant"));
    assert_eq!(record.booking.minutes(), 50);
    assert_eq!(record.booking.mode, Mode::Online);

    let fields = [
        ("date", "2027-07-02"),
        ("time", "16:00"),
        ("time_zone", "Europe/Lisbon"),
        ("duration_minutes", "30"),
    ];
    let moved = practice.send(&path, &format!("{path}/reschedule"), &fields).await;
    assert_eq!(moved.leads_to(), path);
    let record = practice.record(id).await;
    assert_eq!(record.booking.start, "2027-07-02T15:00:00Z".parse().expect("an instant"));
    assert_eq!(record.booking.minutes(), 30);
    let page = practice.get(&path).await;
    assert!(page.html.contains("Moved the session to Fri 2 July, 16:00 – 16:30 (Lisbon)."));

    let reason = [("reason", "Ana is ill.")];
    let cancelled = practice.send(&path, &format!("{path}/cancel"), &reason).await;
    assert_eq!(cancelled.leads_to(), path);
    let record = practice.record(id).await;
    assert_eq!(record.booking.status, Status::Cancelled);
    assert_eq!(record.cancel_reason.as_deref(), Some("Ana is ill."));
    let reopened = practice.send(&path, &format!("{path}/reopen"), &[]).await;
    assert_eq!(reopened.leads_to(), path);
    assert_eq!(practice.record(id).await.booking.status, Status::Confirmed);
    let generation = practice.record(id).await.booking.generation;
    practice.send(&path, &format!("{path}/meeting/regenerate"), &[]).await.leads_to();
    assert_eq!(practice.record(id).await.booking.generation, generation + 1);
    let fields: &[(&str, &str)] = &[];
    let host = format!("{path}/people/host/replace-link");
    let replaced = practice.send(&path, &host, fields).await;
    assert_eq!(replaced.location, format!("{path}?done=link-replaced"));
    let page = practice.get(&replaced.location).await;
    for words in ["There is a new link.", "Gave Dr Miriam Adler another link."] {
        assert!(page.html.contains(words), "{words} is not on the page");
    }
    assert_eq!(practice.send(&path, &host.replace("host", "gst_x"), fields).await.status, 404);
    let link = [("url", "https://meet.example/ana"), ("passcode", "")];
    practice.send(&path, &format!("{path}/meeting/link"), &link).await.leads_to();
    assert_eq!(practice.record(id).await.booking.route[0].provider, Provider::Link);
    practice.send(&path, &format!("{path}/meeting/link/remove"), &[]).await.leads_to();
    assert_eq!(practice.record(id).await.own.route, None);
    practice.close().await;
}

async fn hosts(url: String) {
    let practice = Practice::open(&url).await;
    let fields = [
        ("name", "Tom Reed"),
        ("email", "tom@practice.example"),
        ("time_zone", "Europe/London"),
        ("zoom_account", "tr@zoom.example"),
        ("phone", ""),
    ];
    practice.send("/operator/hosts", "/operator/hosts", &fields).await.leads_to();
    let tenant = practice.tenant;
    let all = || async {
        let read: Result<_, StoreError> = practice
            .app
            .store()
            .read(move |tx| {
                Box::pin(async move {
                    let hosts = host::list(tx, tenant, None, 10).await?;
                    Ok((hosts, service::list(tx, tenant, None, 10).await?))
                })
            })
            .await;
        read.expect("readable")
    };
    let (hosts, _) = all().await;
    let tom = hosts.iter().find(|it| it.name == "Tom Reed").expect("added");
    assert_eq!(tom.accounts.get(&Provider::Zoom).map(String::as_str), Some("tr@zoom.example"));

    // Who has sessions ahead stays, and the page says how many there are.
    let id = practice.booking().await;
    let path = format!("/operator/hosts/{}", practice.host);
    let page = practice.send(&path, &format!("{path}/remove"), &[]).await;
    assert_eq!(page.status, 409);
    assert!(page.html.contains("1 session ahead."), "{}", page.html);
    let booking = format!("/operator/bookings/{id}");
    let to = tom.id.to_string();
    practice.send(&booking, &format!("{booking}/reassign"), &[("host", &to)]).await.leads_to();
    assert_eq!(practice.record(id).await.booking.host, tom.id);
    let page = practice.get(&booking).await;
    assert!(page.html.contains("Gave the session from Dr Miriam Adler to Tom Reed."));
    practice.send(&path, &format!("{path}/remove"), &[]).await.leads_to();
    assert_eq!(all().await.0.len(), 1);

    let fields = [
        ("name", "Couples"),
        ("duration_minutes", "80"),
        ("mode", "in_person"),
        ("title_template", ""),
        ("reminders", "24h, 10m"),
        ("door_opens", "15m"),
        ("requires_payment", "on"),
    ];
    practice.send("/operator/services/new", "/operator/services", &fields).await.leads_to();
    let path = format!("/operator/services/{}", practice.service);
    practice.send(&path, &path, &fields).await.leads_to();
    for it in all().await.1 {
        assert_eq!(
            (it.name.as_str(), it.duration_minutes, it.mode),
            ("Couples", 80, Mode::InPerson)
        );
        assert_eq!(it.reminders, ["1d", "10m"]);
        assert_eq!(it.door_opens, Duration::from_secs(15 * 60));
        assert!(it.requires_payment && !it.requires_approval);
    }
    practice.close().await;
}

async fn connections(url: String) {
    let practice = Practice::open(&url).await;
    let fields = [
        ("provider", "zoom"),
        ("kind", "server_to_server"),
        ("account_id", "acc-1"),
        ("client_id", "client-1"),
        ("client_secret", "secret-1"),
        ("webhook_secret", ""),
        ("seats", "seat1@practice.example"),
    ];
    let path = "/operator/connections";
    // Nobody answers for Zoom here: it is kept, and the page says that it was not tested.
    let added = practice.send(path, path, &fields).await;
    assert_eq!(added.location, "/operator/connections?done=untested");
    let tenant = practice.tenant;
    let all = || async {
        let read: Result<_, StoreError> = practice
            .app
            .store()
            .read(move |tx| Box::pin(async move { connection::of_tenant(tx, tenant).await }))
            .await;
        read.expect("readable")
    };
    let known = all().await;
    let one = format!("{path}/{}", known[0].connection.id);
    assert_eq!(known[0].checked_at, None);
    let tested = practice.send(path, &format!("{one}/test"), &[]).await;
    assert_eq!(tested.status, 422);
    let before = known[0].clone();
    let empty = practice.send(path, &format!("{one}/reconnect"), &[("client_secret", " ")]).await;
    assert_eq!((empty.status, all().await), (422, known));
    practice.send(path, &format!("{one}/reconnect"), &[("client_secret", "secret-2")]).await;
    let after = all().await.remove(0);
    assert_eq!((after.revision, &after.client_id), (before.revision + 1, &before.client_id));
    assert_ne!(after.secrets, before.secrets);
    // A card that works has the form too: what is left empty stays, and nothing typed says so.
    let nothing = [("client_id", before.client_id.as_str()), ("client_secret", "")];
    let nothing = practice.send(path, &format!("{one}/reconnect"), &nothing).await;
    assert_eq!((nothing.status, &all().await[0]), (422, &after));
    assert!(nothing.html.contains("Nothing was changed."), "{}", nothing.html);
    let events = [("client_id", "client-2"), ("webhook_secret", "token-2")];
    practice.send(path, &format!("{one}/reconnect"), &events).await;
    let last = all().await.remove(0);
    assert_eq!((last.revision, last.client_id.as_str()), (after.revision + 1, "client-2"));
    assert_ne!(last.secrets, after.secrets);
    practice.send(path, &format!("{one}/disable"), &[]).await.leads_to();
    assert!(all().await[0].connection.disabled);
    practice.send(path, &format!("{one}/enable"), &[]).await.leads_to();
    assert!(!all().await[0].connection.disabled);
    practice.send(path, &format!("{one}/remove"), &[]).await.leads_to();
    assert_eq!(all().await, []);
    assert_eq!(practice.app.now(), NOW);
    practice.close().await;
}
