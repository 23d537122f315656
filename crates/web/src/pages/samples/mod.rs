//! Every page in every state, with made-up people: for tests, for `/design` and for looking.

mod booking;
mod lists;
mod lobby;
mod shell;
mod visitors;

use askama::Template;
use roomkey_core::id::Id;
use roomkey_core::{Instant, Zone};

pub use booking::bookings;
pub use lists::{
    bookings_lists, causes, connections, hosts, new_bookings, rows, services, statuses, todays,
};
pub use lobby::{lobbies, lobby};
pub use shell::shell;

use super::when::Span;
use crate::pages::design::DesignPage;
use crate::pages::lobby::{LobbyLive, LobbyPage};

/// A rendered sample.
#[derive(Debug)]
pub struct Sample {
    /// What it shows, usable as a file's name.
    pub name: String,
    /// The page.
    pub html: Result<String, askama::Error>,
}

/// Every page in every state.
#[must_use]
pub fn all() -> Vec<Sample> {
    let mut samples = Vec::new();
    for (name, lobby) in lobbies() {
        let live = LobbyLive { lobby: lobby.clone() };
        samples.push(render(format!("lobby-{name}"), &LobbyPage { lobby }));
        samples.push(render(format!("live-{name}"), &live));
    }
    samples.extend(visitors::all());
    samples.extend(todays().into_iter().map(|(name, page)| render(format!("today-{name}"), &page)));
    let lists = bookings_lists().into_iter();
    samples.extend(lists.map(|(name, page)| render(format!("bookings-{name}"), &page)));
    let forms = new_bookings().into_iter();
    samples.extend(forms.map(|(name, page)| render(format!("new-booking-{name}"), &page)));
    samples.extend(
        bookings().into_iter().map(|(name, page)| render(format!("booking-{name}"), &page)),
    );
    let cards = connections().into_iter();
    samples.extend(cards.map(|(name, page)| render(format!("connections-{name}"), &page)));
    samples.extend(hosts().into_iter().map(|(name, page)| render(format!("hosts-{name}"), &page)));
    samples.extend(
        services().into_iter().map(|(name, page)| render(format!("services-{name}"), &page)),
    );
    samples
        .extend(statuses().into_iter().map(|(name, page)| render(format!("status-{name}"), &page)));
    samples.push(render("design", &DesignPage::new()));
    samples
}

fn render(name: impl Into<String>, page: &impl Template) -> Sample {
    Sample { name: name.into(), html: page.render() }
}

/// What time it is in the samples.
#[must_use]
pub fn now() -> Instant {
    at("2026-03-03T14:38:00Z")
}

fn at(text: &str) -> Instant {
    text.parse().unwrap_or_default()
}

fn zone(name: &str) -> Zone {
    name.parse().unwrap_or_else(|_| Zone::utc())
}

fn span(start: &str, end: &str) -> Span {
    Span { start: at(start), end: at(end), zone: zone("Europe/Lisbon") }
}

fn id<K>(number: u8) -> Id<K> {
    Id::new(now(), [number; 10])
}

/// Names that are longer than anybody planned for.
pub(super) const LONG_NAME: &str =
    "Maria-Magdalena von Wolkenstein-Trostburg y Fernández de la Vega Castellanos-Montgomery";

/// A name that tries to be a page.
pub(super) const HOSTILE: &str = "\"><script>alert('x')</script><img src=x onerror=alert(1)>";
