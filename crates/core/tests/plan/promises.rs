//! What is kept at every moment, whatever happens.

use std::time::Duration;

use roomkey_core::meeting;
use roomkey_core::plan::{Opening, Plan, Step};
use roomkey_core::room::{Ending, NEAR, Room, State};
use roomkey_core::route::{Place, Standing, connection_of, standing};
use roomkey_core::told::Occasion;

use crate::world::World;

const HOUR: Duration = Duration::from_secs(3600);

impl World {
    fn wants_room(&self) -> bool {
        self.situation.booking.wants_room() && self.now < self.situation.booking.end
    }

    pub(crate) fn is_near(&self) -> bool {
        self.now >= self.situation.booking.start.minus(NEAR)
    }

    /// Whether a place can be asked anything.
    fn reaches(&self, place: &Place) -> bool {
        place.connection.is_none()
            || connection_of(place, self.situation.connections.iter())
                .is_some_and(|it| it.needs_reconnect.is_none())
    }

    /// Before anything of it is written down.
    pub(crate) fn check_plan(&self, plan: &Plan) {
        let booking = &self.situation.booking;
        for due in &plan.steps {
            match &due.step {
                Step::Open(opening) => self.check_opening(opening),
                Step::Retire(id) => {
                    let later = booking.start.max(self.now.plus(HOUR));
                    assert!(due.urgency >= later, "a removal before what makes and mends");
                    assert_ne!(plan.current, Some(*id), "the room of the session is removed");
                    // New before old.
                    let was_current = booking.current == Some(*id);
                    assert!(
                        !was_current || !self.wants_room() || plan.current.is_some(),
                        "the old room goes before there is a new one"
                    );
                    assert!(self.reaches(&self.room(*id).place), "nobody can be asked");
                }
                Step::Find(id) | Step::Read(id) | Step::Update(id, _) => {
                    assert!(self.reaches(&self.room(*id).place), "nobody can be asked");
                }
                Step::Say(sayings) => {
                    let confirmed = booking.confirmed_at.expect("it is confirmed");
                    let patience = self.now < confirmed.plus(Duration::from_secs(60));
                    // A room that is opened later on purpose is nothing to wait for.
                    let on_purpose = plan.view.status == meeting::Status::Pending
                        && plan.view.next_attempt_at.is_some();
                    let waits = booking.wants_room() && patience && plan.current.is_none();
                    let waits = waits && !on_purpose;
                    let early = sayings.iter().find(|it| it.occasion == Occasion::Confirmation);
                    assert!(!waits || early.is_none(), "people are told before there is a room");
                }
            }
        }
        let inside = self.situation.rooms.iter().any(|room| {
            let is_there =
                room.state.has_door() || matches!(room.state, State::Retiring | State::Stuck);
            is_there && room.is_occupied()
        });
        let at_the_latest = booking.end.plus(24 * HOUR);
        if plan.deserted || plan.completed {
            assert!(!inside || self.now >= at_the_latest, "it is over with people inside");
        }
        assert!(!plan.completed || self.now >= booking.end.plus(HOUR), "it is over too early");
    }

    fn check_opening(&self, opening: &Opening) {
        let booking = &self.situation.booking;
        assert!(self.wants_room(), "nobody needs it");
        let current = self.situation.rooms.iter().find(|it| Some(it.id) == booking.current);
        if let Some(room) = current.filter(|room| room.state.has_door() && room.is_occupied()) {
            let silent = if self.reaches(&room.place) {
                room.unanswered_since()
            } else {
                Some(room.heard_at())
            };
            let long = silent.is_some_and(|since| self.now >= since.plus(HOUR / 2));
            assert!(long, "a room with people in it is replaced");
        }
        for (index, option) in booking.route.iter().enumerate() {
            let position = u32::try_from(index).expect("small");
            let standing = standing(
                option,
                booking.host,
                &self.situation.accounts,
                &self.situation.connections,
            );
            if position == opening.position {
                assert!(matches!(standing, Standing::Ready { .. }), "nothing is there");
                break;
            }
            let failed = self.failed.get(&(position, booking.generation, booking.host));
            let failed = failed.copied().unwrap_or_default();
            // What only a person can change is enough by itself.
            let is_refused = self.situation.rooms.iter().any(|room| {
                room.position == position && room.state == State::Gone(Ending::Rejected)
            });
            let goes_on = (option.on_not_connected
                && matches!(standing, Standing::NotConnected(_)))
                || (option.on_reconnect_needed && matches!(standing, Standing::NeedsReconnect(_)))
                || option.after_failures.is_some_and(|limit| failed >= limit || is_refused)
                || option
                    .before_start
                    .is_some_and(|before| self.now >= booking.start.minus(before));
            // Never weaker than the service demands.
            let refused = self.situation.rooms.iter().any(|room| {
                let breaches = booking.settings.breaches(&room.unmet.settings);
                room.position == position && !breaches.is_empty()
            });
            assert!(goes_on || refused, "an option was passed over after {failed} failures");
        }
    }

    /// One room, before and after something was learnt of it.
    pub(crate) fn check_change(&self, before: &Room, after: &Room) {
        if before.state == after.state {
            return;
        }
        let near = self.is_near();
        let vanished = after.state == State::Gone(Ending::Vanished);
        assert!(!vanished || near || !self.vendor.exists(after.id), "one word was believed");
        if !matches!(after.state, State::Lost { .. }) || matches!(before.state, State::Lost { .. })
        {
            return;
        }
        let hurry = near && self.wants_room();
        let place = &after.place;
        let orphaned = connection_of(place, self.situation.connections.iter()).is_none();
        let last = self.situation.booking.route.len() - 1;
        let may_go_on = usize::try_from(after.position).is_ok_and(|it| it < last);
        assert!(
            hurry || orphaned || may_go_on || !self.vendor.is_coming(after.id),
            "a room was given up that was to be waited for"
        );
    }

    /// When what the plan says of rooms is written down.
    pub(crate) fn check_rooms(&self, plan: &Plan) {
        for room in &self.situation.rooms {
            let unknown = matches!(room.state, State::Unknown { .. });
            assert!(
                !(unknown && self.is_near() && self.wants_room()),
                "so near, nobody waits for what is unknown"
            );
            let unwanted = plan.current != Some(room.id)
                && (room.state.has_door() || room.state == State::Retiring);
            assert!(
                !unwanted || room.effect.is_some() || self.reaches(&room.place),
                "a room that nobody can remove is not called stuck"
            );
            assert!(
                room.state != State::Stuck || room.reason.is_some(),
                "stuck, and nobody knows why"
            );
        }
    }
}
