//! A service's settings on its form, and presets that fill them in.

use roomkey_core::settings::{BreakoutRoom, Preset, Recording, Settings};
use roomkey_store::{Priority, StoreError, both_databases, service};

use crate::practice::Practice;

both_databases! {
    a_preset_fills_the_form_in_and_is_saved_with_it = filled;
    what_the_form_does_not_show_stays = kept;
}

fn fields<'a>(others: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let whole = [("name", "Couples"), ("duration_minutes", "80"), ("mode", "online")];
    whole.into_iter().chain(others.iter().copied()).collect()
}

async fn settings(practice: &Practice) -> Settings {
    let (tenant, id) = (practice.tenant, practice.service);
    let service = practice
        .app
        .store()
        .read(move |tx| Box::pin(async move { service::get(tx, tenant, id).await }))
        .await;
    service.expect("readable").expect("a service").settings
}

async fn filled(url: String) {
    let practice = Practice::open(&url).await;
    let path = format!("/operator/services/{}", practice.service);
    let before = settings(&practice).await;
    for (form, place) in [("/operator/services/new", "/operator/services/new"), (&path, &path)] {
        let plain = practice.get(form).await;
        for preset in Preset::ALL {
            let button = format!("formaction=\"{place}/preset/{}#settings\"", preset.as_str());
            assert!(plain.html.contains(&button), "{button} is not on the page");
        }
        let typed = [("name", "Typed <i>and</i> kept"), ("reminders", "soon")];
        let page = practice.send(form, &format!("{place}/preset/minors"), &typed).await;
        assert_eq!(page.status, 200);
        let chosen =
            |value: &str| page.html.matches(&format!("value=\"{value}\" selected")).count();
        assert_eq!((chosen("on"), chosen("off")), (3, 2), "{}", page.html);
        assert!(page.html.contains("value=\"none\" selected"));
        for words in ["Filled in for minors", "Typed &#60;i&#62;and", "value=\"soon\""] {
            assert!(page.html.contains(words), "{words} is not on the page: {}", page.html);
        }
        let unknown = practice.send(form, &format!("{place}/preset/%3Cb%3E"), &typed).await;
        assert_eq!(unknown.status, 404);
    }
    assert_eq!(settings(&practice).await, before, "looking changes nothing");

    let chosen = [
        ("agenda_template", "With {host}\r\n{start_time}"),
        ("waiting_room", "on"),
        ("passcode", "on"),
        ("join_before_host", "off"),
        ("recording", "none"),
        ("e2ee", ""),
    ];
    practice.send(&path, &path, &fields(&chosen)).await.leads_to();
    assert_eq!(settings(&practice).await, Preset::Therapy.settings());
    let page = practice.get(&path).await;
    assert!(page.html.contains("With {host}\n{start_time}</textarea>"), "{}", page.html);

    let wrong = [("waiting_room", "on"), ("join_before_host", "on"), ("agenda_template", "{x}")];
    let page = practice.send(&path, &path, &fields(&wrong)).await;
    assert_eq!(page.status, 422);
    for words in [
        "A waiting room and joining before the host exclude each other; choose one.",
        "The agenda has {x} in line 1",
    ] {
        assert!(page.html.contains(words), "{words} is not on the page: {}", page.html);
    }
    practice.close().await;
}

async fn kept(url: String) {
    let practice = Practice::open(&url).await;
    let (tenant, id) = (practice.tenant, practice.service);
    let unseen = Settings {
        alternative_hosts: Some(vec!["seat1@practice.example".to_owned()]),
        breakout_rooms: Some(vec![BreakoutRoom { name: "Pairs".to_owned(), ..<_>::default() }]),
        ..Settings::default()
    };
    let given = unseen.clone();
    practice
        .app
        .store()
        .write(Priority::Interactive, move |tx| {
            let settings = given.clone();
            Box::pin(async move {
                let service = service::get(tx, tenant, id).await?.expect("a service");
                let service = service::Service { settings, ..service };
                service::update(tx, tenant, &service).await?;
                Ok::<_, StoreError>(())
            })
        })
        .await
        .expect("written");
    let path = format!("/operator/services/{id}");
    practice.send(&path, &path, &fields(&[("recording", "cloud")])).await.leads_to();
    let expected = Settings { recording: Some(Recording::Cloud), ..unseen.clone() };
    assert_eq!(settings(&practice).await, expected);

    // What would exclude it is refused, with words.
    let page = practice.send(&path, &path, &fields(&[("e2ee", "on")])).await;
    assert_eq!(page.status, 422);
    assert!(page.html.contains("a room with end-to-end encryption has no breakout rooms"));
    assert_eq!(settings(&practice).await, expected);
    practice.close().await;
}
