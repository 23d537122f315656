//! How time goes by: a little, or to just before, at, or just after a moment that matters.

use std::time::Duration;

use proptest::prelude::*;
use roomkey_core::Instant;

use crate::world::World;

#[derive(Debug, Clone, Copy)]
pub(crate) enum Jump {
    By(u64),
    /// To one of the moments that matter, a second before it, at it, or a second after it.
    To(usize, u64),
}

pub(crate) fn jump() -> impl Strategy<Value = Jump> {
    prop_oneof![
        6 => (0u64..40).prop_map(Jump::By),
        1 => (60u64..7200).prop_map(Jump::By),
        3 => (Just(0usize), 0u64..3).prop_map(|(which, side)| Jump::To(which, side)),
        3 => (1usize..14, 0u64..3).prop_map(|(which, side)| Jump::To(which, side)),
    ]
}

impl World {
    pub(crate) fn jump(&mut self, jump: Jump, look_at: Option<Instant>) {
        let booking = &self.situation.booking;
        let (start, end) = (booking.start, booking.end);
        let minutes = |minutes: u64| Duration::from_secs(minutes * 60);
        let target = match jump {
            Jump::By(seconds) => Some(self.now.plus(Duration::from_secs(seconds))),
            Jump::To(which, side) => {
                let rooms = &self.situation.rooms;
                let matters = [
                    look_at,
                    rooms.iter().map(|it| it.deadline).max(),
                    self.vendor.late.iter().map(|it| it.at).min(),
                    Some(start.minus(minutes(24 * 60))),
                    Some(start.minus(minutes(2 * 60))),
                    Some(start.minus(minutes(75))),
                    Some(start.minus(minutes(60))),
                    Some(start.minus(minutes(30))),
                    Some(start.minus(minutes(15))),
                    Some(start),
                    Some(end),
                    Some(end.plus(minutes(10))),
                    Some(end.plus(minutes(60))),
                    Some(end.plus(minutes(24 * 60))),
                ];
                let second = Duration::from_secs(1);
                matters[which].map(|at| at.minus(second).plus(Duration::from_secs(side)))
            }
        };
        if let Some(target) = target {
            self.now = self.now.max(target);
        }
        self.vendor.happen(self.now);
    }
}
