//! The vendors that are stood in for, and what the sandbox asks of each. A new vendor is a new arm here.

use jiff::SignedDuration;

use crate::faults::{Drawn, Kind};
use crate::message::{Answer, Asked};
use crate::world::World;
use crate::zoom;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Vendor {
    Zoom,
}

impl Vendor {
    /// Whose interface that path belongs to. `/zoom` itself is a page for people, and so is all below
    /// `/rooms` but the files that programs fetch.
    pub(crate) fn of(path: &str) -> Option<Self> {
        let is_zooms = path.starts_with("/zoom/") || path.starts_with(zoom::DOWNLOADS);
        is_zooms.then_some(Self::Zoom)
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Zoom => "zoom",
        }
    }

    /// Who asks, in words that hold no secret.
    pub(crate) fn who(self, world: &World, asked: &Asked) -> Option<String> {
        match self {
            Self::Zoom => zoom::token::who(&world.zoom, asked),
        }
    }

    /// Carries the call out.
    pub(crate) fn act(
        self,
        world: &mut World,
        asked: &Asked,
        lag: Option<SignedDuration>,
    ) -> Answer {
        match self {
            Self::Zoom => zoom::act(world, asked, lag),
        }
    }

    /// What the vendor says when that fault strikes.
    pub(crate) fn refusal(self, world: &mut World, asked: &Asked, drawn: &Drawn) -> Answer {
        match self {
            Self::Zoom => zoom::errors::refusal(world, asked, drawn),
        }
    }

    /// Whether the call makes something that lists show, or is such a list.
    pub(crate) fn makes_or_lists(self, asked: &Asked) -> bool {
        match self {
            Self::Zoom => {
                matches!(asked.method.as_str(), "POST" | "GET") && asked.path.ends_with("/meetings")
            }
        }
    }

    /// Whether a fault makes sense for this call: a token endpoint knows no expired access tokens.
    pub(crate) fn can_strike(self, kind: Kind, asked: &Asked) -> bool {
        let is_token = match self {
            Self::Zoom => asked.path.starts_with("/zoom/oauth/"),
        };
        match kind {
            Kind::Unauthorized => !is_token,
            Kind::InvalidGrant => is_token,
            Kind::ServerError
            | Kind::Throttled
            | Kind::Quota
            | Kind::ResetBefore
            | Kind::ResetAfter
            | Kind::FailAfterEffect
            | Kind::LateEffect
            | Kind::ListLag
            | Kind::Hang
            | Kind::Slow
            | Kind::Outage => true,
        }
    }
}
