//! `/design`: every component in every state, with made-up people.

use std::fmt;

use askama::Template;
use roomkey_core::booking::Status;
use roomkey_core::{meeting, room};

use super::form::{Choice, Control, Errors, Field, Form, ZoneList};
use super::icon::Icon;
use super::lobby::{Lobby, LobbyLive, Role, State};
use super::operator::cause::Cause;
use super::operator::row::Day;
use super::operator::{Section, Shell};
use super::pill::{Action, Notice, Pill, Tone};
use super::{samples, words};

/// Every component in every state.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "design.html")]
pub struct DesignPage {
    /// For the parts that stand inside the operator's pages.
    shell: Shell,
    days: Vec<Day>,
    lobby: Lobby,
    long: Lobby,
}

impl Default for DesignPage {
    fn default() -> Self {
        Self::new()
    }
}

impl DesignPage {
    /// The page; it needs no data.
    #[must_use]
    pub fn new() -> Self {
        let lobby = samples::lobby(Role::Guest, State::JoinNow);
        let mut long = samples::lobby(Role::Host, State::JoinNow);
        long.path = "/j/another".to_owned();
        long.counterparts = vec![samples::LONG_NAME.to_owned()];
        let shell = samples::shell(Section::Today, None);
        let days = Day::group(samples::rows(), &shell.zone, shell.now);
        Self { shell, days, lobby, long }
    }

    fn tokens(&self) -> [&'static str; 10] {
        ["paper", "surface", "line", "edge", "ink", "quiet", "key", "brass", "stop", "fine"]
    }

    fn booking_pills(&self) -> Vec<Pill> {
        Status::ALL.map(words::booking).to_vec()
    }

    fn meeting_pills(&self) -> Vec<Pill> {
        meeting::Status::ALL.map(|it| words::meeting(it, false)).to_vec()
    }

    fn room_pills(&self) -> Vec<Pill> {
        [
            room::State::Intended,
            room::State::Unknown { finds: 0, recorded: true },
            room::State::Live,
            room::State::Doubtful { first_gone: None },
            room::State::Retiring,
            room::State::Gone(room::Ending::Removed),
            room::State::Lost { checks: 0, recorded: true },
            room::State::Stuck,
        ]
        .map(words::room)
        .to_vec()
    }

    fn notices(&self) -> Vec<Notice> {
        let plain = Notice { tone: Tone::Plain, ..Notice::fine("Nothing is due.") };
        vec![
            Notice::fine("The booking is confirmed. Its room is being made."),
            Notice::brass("The entry is on its way to the calendar."),
            Notice::stop("Zoom says your sign-in ran out. Reconnect, and your 12 waiting sessions get their rooms.")
                .with_action(Some(Action::new("Reconnect", "#"))),
            plain,
            Notice::stop(samples::LONG_NAME),
        ]
    }

    fn icons(&self) -> [Icon; 22] {
        Icon::ALL
    }

    fn fields(&self) -> Vec<Field> {
        let errors = Errors::none()
            .with("wrong", "This is not an e-mail address. Write it like ana@example.org.");
        // No order: nothing on this page takes the keyboard.
        let form = Form { id: "design", order: &[], errors: &errors };
        let choices =
            vec![Choice::new("a", "First consultation"), Choice::new("b", samples::LONG_NAME)];
        vec![
            form.field("empty", "Name", "").help("As guests read it."),
            form.field("filled", "Name", "Ana Sousa"),
            form.field("wrong", "E-mail", "ana at example").line("email").help("Not shown."),
            form.field("disabled", "Owner", "login@adler.example")
                .disabled()
                .help("Cannot be changed."),
            form.field("long", "Title", samples::LONG_NAME).optional(),
            form.field("date", "Date", "2026-03-03").line("date"),
            form.field("time", "Start", "15:00").line("time"),
            form.field("zone", "Zone", "Europe/Lisbon").zone(),
            form.field("choice", "Service", "b").control(Control::Choice(choices)),
            form.field("lines", "Seats", "seat1@oaklane.example\nseat2@oaklane.example")
                .control(Control::Lines)
                .help("One e-mail a line."),
            form.field("tick", "The host approves each booking", "on").control(Control::Tick),
        ]
    }

    fn live(&self) -> LobbyLive {
        LobbyLive { lobby: self.lobby.clone() }
    }

    /// The same part twice on one page: the second one's ids begin with a word of their own.
    fn live_with_long_names(&self) -> askama::Result<Apart> {
        Ok(Apart(apart(&LobbyLive { lobby: self.long.clone() }.render()?)))
    }

    fn causes(&self) -> Vec<Cause> {
        samples::causes()
    }
}

/// Markup whose ids were made its own.
#[derive(Debug)]
struct Apart(String);

impl fmt::Display for Apart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl askama::filters::HtmlSafe for Apart {}

fn apart(html: &str) -> String {
    ["id", "for", "aria-describedby", "aria-labelledby"].iter().fold(html.to_owned(), |html, it| {
        html.replace(&format!(" {it}=\""), &format!(" {it}=\"second-"))
    })
}
