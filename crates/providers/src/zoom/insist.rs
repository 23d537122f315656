//! Asking for less, where Zoom refuses the whole for a part that a session can do without.

use roomkey_core::Zone;
use roomkey_core::failure::Failure;
use roomkey_core::room::Spec;
use secrecy::SecretString;
use serde_json::Value;

use super::errors::Operation;
use super::hosts::{Attempt, Without};
use super::refusal::{Heard, Refusal};
use super::session::{Path, Session};

/// What is asked for.
#[derive(Debug, Clone)]
pub(super) struct Wish {
    /// The room.
    pub(super) spec: Spec,
    /// What guests are to type, if Zoom is to be told.
    pub(super) passcode: Option<SecretString>,
}

/// What Zoom made of a wish.
pub(super) struct Outcome {
    /// What it answered; nothing, if there was nothing to ask for.
    pub(super) answer: Option<Value>,
    /// The alternative hosts that it would not have.
    pub(super) hosts: Without,
    /// The passcode that it took.
    pub(super) passcode: Option<SecretString>,
}

/// Asks for a room or a change, and asks again for less if Zoom refuses the whole for a part that a
/// session can do without: alternative hosts whom it will not have, a passcode of ours that its rules
/// forbid, a door without a passcode, and a zone that it does not know, which is for display alone.
/// A refused request has done nothing, but it counts against the user's day: so each part is given up
/// after so many requests.
pub(super) async fn insist(
    session: &mut Session<'_>,
    operation: Operation,
    path: impl Path,
    wish: Wish,
    body: impl Fn(&Wish) -> Option<Value> + Send + Sync,
) -> Result<Outcome, Failure> {
    let mut wish = wish;
    let mut hosts = Attempt::new(wish.spec.settings.alternative_hosts.clone());
    loop {
        wish.spec.settings.alternative_hosts = hosts.asked();
        let Some(body) = body(&wish) else {
            return Ok(Outcome { answer: None, hosts: hosts.end(), passcode: None });
        };
        let refusal = match session.hear(operation, &path, Some(body)).await? {
            Heard::Yes(answer) => {
                let (hosts, passcode) = (hosts.end(), wish.passcode);
                return Ok(Outcome { answer: Some(answer), hosts, passcode });
            }
            Heard::No(refusal) => refusal,
        };
        let user = session.call.place.user.as_str();
        if !hosts.give_way(&refusal, user) && !give_way(&refusal, &mut wish) {
            return Err(session.judge(operation, &refusal));
        }
    }
}

/// Takes out of a wish what the refusal is about; false, if the session needs it or it is not there.
fn give_way(refusal: &Refusal, wish: &mut Wish) -> bool {
    let is_about = |field| refusal.spoken && refusal.code == Some(300) && refusal.is_about(field);
    if is_about("password") {
        // The account's own rules make a better one than we did.
        if wish.passcode.take().is_some() {
            return true;
        }
        // A passcode more than was asked for keeps nobody out who comes through the link.
        let open = &mut wish.spec.settings.passcode;
        return *open == Some(false) && open.take().is_some();
    }
    let utc = Zone::utc();
    if is_about("timezone") && wish.spec.time_zone != utc {
        wish.spec.time_zone = utc;
        return true;
    }
    false
}
