//! Whose door is on whose page.

use askama::Template;
use roomkey_core::booking::Mode;

use super::markup::{tags, words};
use crate::pages::lobby::{Door, HostSession, LobbyPage, Role};
use crate::pages::samples;

#[test]
fn the_hosts_door_is_on_no_guests_page() {
    let mut hosts = 0;
    for (name, lobby) in samples::lobbies() {
        let may = lobby.role == Role::Host && lobby.host_session == HostSession::Here;
        let html = LobbyPage { lobby: lobby.clone() }.render().expect("a page");
        let host_door = tags(&html).iter().any(|tag| tag.get("name") == Some("as"));
        if host_door {
            hosts += 1;
            assert!(may, "{name} holds the host's door");
        }
        assert!(!host_door || matches!(lobby.door(), Door::Host(_)), "{name}");
        if lobby.role == Role::Guest {
            let words = words(&html);
            for word in ["Start the session", "start as host", "Sign in", "Reconnect"] {
                assert!(!words.contains(word), "{name} says {word}");
            }
            assert!(!html.contains("/operator"), "{name} leads to the operator's pages");
        }
    }
    assert!(hosts >= 3, "the host's door is on the host's pages");
}

#[test]
fn a_guests_door_is_a_form_with_nothing_in_it() {
    let (_, lobby) =
        samples::lobbies().into_iter().find(|(name, _)| name == "guest-join-now").expect("it");
    let html = LobbyPage { lobby: lobby.clone() }.render().expect("a page");
    let go = format!("{}/go", lobby.path);
    let tags = tags(&html);
    let at = tags.iter().position(|tag| tag.get("action") == Some(&go)).expect("the door");
    assert_eq!(tags[at].get("method"), Some("post"));
    assert_eq!(tags[at + 1].name, "button");
}

#[test]
fn a_host_without_a_session_has_both_ways() {
    let (_, lobby) =
        samples::lobbies().into_iter().find(|(name, _)| name == "host-sign-in-first").expect("it");
    let html = LobbyPage { lobby: lobby.clone() }.render().expect("a page");
    assert!(html.contains(&format!(r#"action="{}/sign-in""#, lobby.path)));
    assert!(html.contains(&format!(r#"action="{}/go""#, lobby.path)));
    assert!(!html.contains(r#"value="host""#));
}

#[test]
fn a_closed_door_is_no_form() {
    for (name, lobby) in samples::lobbies() {
        let html = LobbyPage { lobby: lobby.clone() }.render().expect("a page");
        let open = html.contains(r#"/go""#);
        match lobby.door() {
            Door::None | Door::Closed(_) | Door::Opens(_) | Door::Elsewhere(_) => {
                assert!(!open, "{name}");
            }
            Door::Guest(_) | Door::Host(_) | Door::SignInFirst => {
                assert!(open, "{name}");
                assert_eq!(lobby.mode, Mode::Online, "{name}");
            }
        }
    }
}

#[test]
fn the_room_itself_is_on_no_page() {
    for (name, lobby) in samples::lobbies() {
        let html = LobbyPage { lobby }.render().expect("a page");
        assert!(!html.contains("zoom.us"), "{name}");
    }
}
