//! What carries markers, on one user: for finding rooms that nobody remembers.

use roomkey_core::Instant;
use roomkey_core::failure::Failure;
use roomkey_core::room::Seen;

use crate::contract::Sighting;

use super::errors::{self, Operation};
use super::session::Session;
use super::{agenda, meetings, wire};

pub(super) async fn sightings(
    session: &mut Session<'_>,
    beginning: &str,
    from: Instant,
    to: Instant,
) -> Result<Vec<Sighting>, Failure> {
    let mut found = Vec::new();
    for item in meetings::list(session, from, to).await? {
        for marker in agenda::markers(meetings::shown_agenda(&item), beginning) {
            let id = wire::id(&item).ok_or_else(|| errors::unreadable(Operation::List))?;
            // One whose details cannot be read is there all the same.
            let meeting = wire::read(&item);
            // Somebody's personal room is nobody else's, whatever stands in it.
            if meeting.as_ref().is_some_and(|it| it.is_personal) {
                continue;
            }
            let made = meeting.as_ref().and_then(|it| it.created_at);
            let seen = meeting
                .map_or_else(|| Seen::at(session.call.now), |it| it.room(session.call, None).seen);
            found.push((made, Sighting { marker, vendor_id: id, seen }));
        }
    }
    found.sort_by(|a, b| (a.0, &a.1.vendor_id).cmp(&(b.0, &b.1.vendor_id)));
    Ok(found.into_iter().map(|(_, sighting)| sighting).collect())
}
