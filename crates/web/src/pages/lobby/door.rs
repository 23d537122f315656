//! The door as one person sees it: what the button says and whom it lets in.

use roomkey_core::Instant;
use roomkey_core::booking::Mode;

use super::{HostSession, Lobby, Role, State};
use crate::pages::pill::Action;

/// What stands where the button is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Door {
    /// Nothing: the session has no door, or no longer.
    None,
    /// A button that cannot be pressed yet, and says why.
    Closed(&'static str),
    /// A button that cannot be pressed yet, and says how long still.
    Opens(Instant),
    /// The guest's door.
    Guest(&'static str),
    /// The host's door: `as=host`.
    Host(&'static str),
    /// A host without a session on this browser: signing in first, the guest's door second.
    SignInFirst,
    /// Somewhere else first: paying, mending.
    Elsewhere(Action),
}

pub(super) fn of(lobby: &Lobby) -> Door {
    if lobby.mode != Mode::Online {
        return match &lobby.state {
            State::WaitingForPayment { pay: Some(pay) } if lobby.role == Role::Guest => pay_at(pay),
            State::WaitingForApproval
            | State::WaitingForPayment { .. }
            | State::SettingUp
            | State::Ready { .. }
            | State::StartingSoon { .. }
            | State::JoinNow
            | State::InProgress
            | State::Ended
            | State::Cancelled { .. }
            | State::Trouble(_) => Door::None,
        };
    }
    match &lobby.state {
        State::Ended | State::Cancelled { .. } => Door::None,
        State::WaitingForApproval => Door::Closed("Opens when it is confirmed"),
        State::WaitingForPayment { pay: Some(pay) } if lobby.role == Role::Guest => pay_at(pay),
        State::WaitingForPayment { .. } => Door::Closed("Opens when it is paid"),
        State::SettingUp => Door::Closed("Setting up the room"),
        State::Trouble(trouble) => match (&trouble.action, lobby.role) {
            (Some(action), Role::Host) => Door::Elsewhere(action.clone()),
            (Some(_) | None, Role::Host | Role::Guest) => Door::Closed("The room is not ready yet"),
        },
        State::Ready { opens_at } | State::StartingSoon { opens_at } => Door::Opens(*opens_at),
        State::JoinNow => open(lobby, "Start the session"),
        State::InProgress => open(lobby, "Join the session"),
    }
}

fn open(lobby: &Lobby, as_host: &'static str) -> Door {
    match (lobby.role, &lobby.host_session) {
        (Role::Guest, _) => Door::Guest("Join now"),
        (Role::Host, HostSession::Here) => Door::Host(as_host),
        (Role::Host, HostSession::Missing | HostSession::Sent { .. }) => Door::SignInFirst,
    }
}

fn pay_at(address: &str) -> Door {
    Door::Elsewhere(Action::new("Pay now", address))
}
