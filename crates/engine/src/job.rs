//! A call to be made: written down before it is begun.

use std::time::Duration;

use roomkey_core::Instant;
use roomkey_core::failure::{Failure, Reason};
use roomkey_core::id::{EffectId, MessageId, PersonId, RoomId};
use roomkey_core::room::{Fact, Spec};
use roomkey_core::route::Place;
use roomkey_core::told::Statement;
use roomkey_messages::Mail;
use roomkey_providers::contract::{Trace, VendorRoom};
use roomkey_store::connection;
use roomkey_store::work::Claimed;
use secrecy::SecretString;

/// A call whose intent is committed.
pub struct Job {
    pub(crate) claimed: Claimed,
    pub(crate) task: Task,
    /// Not begun with less time left than it may take.
    pub(crate) lease_end: Instant,
}

pub(crate) enum Task {
    Vendor(Box<VendorTask>),
    Mail(Vec<Outgoing>),
}

pub(crate) struct VendorTask {
    pub(crate) room: RoomId,
    pub(crate) effect: Option<EffectId>,
    pub(crate) place: Place,
    pub(crate) marker: String,
    pub(crate) connection: Option<connection::Record>,
    /// The passcode of a fixed link, which no vendor tells us; or of a room that is to be made with
    /// one.
    pub(crate) passcode: Option<SecretString>,
    pub(crate) ask: Ask,
}

/// What is asked of the vendor.
pub(crate) enum Ask {
    Create(Spec),
    Find(Spec),
    Update { vendor_id: String, spec: Spec },
    Read { vendor_id: String },
    Retire { vendor_id: String },
}

impl Ask {
    pub(crate) const fn as_str(&self) -> &'static str {
        match self {
            Self::Create(_) => "create",
            Self::Find(_) => "find",
            Self::Update { .. } => "update",
            Self::Read { .. } => "read",
            Self::Retire { .. } => "retire",
        }
    }

    /// The fact that a failure of this call is.
    pub(crate) fn failed(&self, failure: Failure) -> Fact {
        match self {
            Self::Create(_) => Fact::NotMade(failure),
            Self::Find(_) => Fact::FindFailed(failure),
            Self::Update { .. } => Fact::UpdateFailed(failure),
            Self::Read { .. } => Fact::ReadFailed(failure),
            Self::Retire { .. } => Fact::RetireFailed(failure),
        }
    }

    /// The fact that no answer within the time limit is: what may have taken effect is unknown,
    /// a look is merely to be repeated.
    pub(crate) fn unanswered(&self) -> Fact {
        let reason = Reason::new("no_answer", "The vendor did not answer in time.");
        self.failed(match self {
            Self::Create(_) | Self::Update { .. } | Self::Retire { .. } => Failure::Unknown(reason),
            Self::Find(_) | Self::Read { .. } => Failure::Transient(reason),
        })
    }
}

/// One mail to be sent.
pub(crate) struct Outgoing {
    pub(crate) person: PersonId,
    pub(crate) message: MessageId,
    pub(crate) statement: Statement,
    pub(crate) attempts: u32,
    pub(crate) mail: Mail,
}

/// A call that was made, and what came of it.
pub struct Outcome {
    pub(crate) claimed: Claimed,
    pub(crate) came: Came,
}

pub(crate) enum Came {
    Vendor(Box<VendorOutcome>),
    Mail(Vec<(Outgoing, Delivery)>),
}

pub(crate) struct VendorOutcome {
    pub(crate) task: VendorTask,
    pub(crate) fact: Fact,
    /// The room as the vendor showed it, for its doors.
    pub(crate) seen: Option<VendorRoom>,
    /// Why the call failed, if it did.
    pub(crate) failure: Option<Failure>,
    pub(crate) trace: Trace,
    pub(crate) started_at: Instant,
    pub(crate) took: Duration,
}

/// What became of a mail.
pub(crate) enum Delivery {
    /// The relay has taken it.
    Sent,
    /// It was not begun: this process was held up.
    NotBegun,
    /// The relay put us off; nothing was taken.
    Later(String),
    /// The relay works, and puts off this mail to this recipient; nothing was taken.
    PutOff(String),
    /// The relay will not have it.
    Refused(String),
    /// The relay may have taken it.
    Unknown(String),
}

impl std::fmt::Debug for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Outcome").field("claimed", &self.claimed).finish_non_exhaustive()
    }
}
