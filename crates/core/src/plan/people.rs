//! What people are to be told.

use super::{MAIL_PATIENCE, Planner, Step};
use crate::route::Lane;
use crate::told::{self, Listener, Occasion, Saying, Statement};

/// Mails that are sent in one go.
const MAILS_AT_ONCE: usize = 8;

impl Planner<'_> {
    /// People as they are after messages whose answers were lost: those count as told.
    pub(super) fn listeners(&self) -> (Vec<Listener>, Vec<Listener>) {
        let mut all = self.situation.listeners.clone();
        let mut changed = Vec::new();
        for listener in &mut all {
            let lost = listener
                .queued
                .as_ref()
                .is_some_and(|it| it.sending_until.is_some_and(|until| until <= self.now));
            if lost && let Some(queued) = &mut listener.queued {
                queued.sending_until = None;
                listener.said = Some(queued.statement.clone());
                changed.push(listener.clone());
            }
        }
        (changed, all)
    }

    pub(super) fn tell(&mut self, listeners: &[Listener], ready: bool) {
        let mut sayings = Vec::new();
        for listener in listeners.iter().filter(|it| it.reachable) {
            if let Some(saying) = self.saying(listener, ready) {
                sayings.push(saying);
            }
        }
        // A lease must outlast them; the rest is said at the next look.
        sayings.truncate(MAILS_AT_ONCE);
        if !sayings.is_empty() {
            self.due(Lane::Mail, 0, Step::Say(sayings), self.booking.start);
        }
    }

    fn saying(&mut self, listener: &Listener, ready: bool) -> Option<Saying> {
        let wanted =
            told::wanted(self.booking, &self.situation.host_name, listener.present, listener.link);
        if let Some(queued) = &listener.queued {
            if let Some(until) = queued.sending_until {
                self.look_later(until);
                return None;
            }
            // Nothing new to say: the same bytes go again until they are off the table.
            if wanted.as_ref() == Some(&queued.statement) {
                if self.now >= told::worth_until(&queued.statement, listener.said.as_ref()) {
                    return None;
                }
                if queued.next_at > self.now {
                    self.look_later(queued.next_at);
                    return None;
                }
                return Some(Saying {
                    person: listener.person,
                    occasion: queued.occasion,
                    statement: queued.statement.clone(),
                    before: listener.said.clone(),
                    again: Some(queued.message),
                });
            }
        }
        let wanted = wanted?;
        let occasion = told::occasion(listener.said.as_ref(), &wanted)?;
        if self.now >= told::worth_until(&wanted, listener.said.as_ref()) {
            return None;
        }
        if occasion == Occasion::Confirmation && !ready && self.booking.wants_room() {
            let confirmed = self.booking.confirmed_at.unwrap_or(self.now);
            let patience = confirmed.plus(MAIL_PATIENCE);
            if self.now < patience {
                self.look_later(patience);
                return None;
            }
        }
        Some(Saying {
            person: listener.person,
            occasion,
            statement: wanted,
            before: listener.said.clone().filter(|said: &Statement| said.on),
            again: None,
        })
    }
}
