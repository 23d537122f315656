//! Everything that exists in the sandbox, behind one lock: vendors, mailbox, faults, calls, time and chance.
//!
//! Nothing in here waits. A call is begun, acted on and answered in one breath, or its effect is put off.

use jiff::{SignedDuration, Timestamp};
use url::Url;

use crate::calls::Calls;
use crate::chance::Chance;
use crate::clock::{Clock, after};
use crate::faults::{Drawn, Faults, Form, Kind, name};
use crate::later::{Effect, Later};
use crate::mailbox::{Envelope, Mailbox};
use crate::message::{Answer, Asked};
use crate::stripe::Stripe;
use crate::vendors::Vendor;
use crate::zoom::Zoom;

pub(crate) struct World {
    pub(crate) clock: Clock,
    pub(crate) chance: Chance,
    pub(crate) faults: Faults,
    pub(crate) calls: Calls,
    pub(crate) later: Later,
    pub(crate) mailbox: Mailbox,
    pub(crate) zoom: Zoom,
    pub(crate) stripe: Stripe,
    /// How the sandbox writes its own addresses.
    pub(crate) base: Url,
    /// Where events go, for accounts that do not say.
    pub(crate) zoom_event_url: Option<Url>,
    pub(crate) zoom_secret: Option<String>,
}

/// What is to become of a call that has been begun.
#[derive(Debug)]
pub(crate) enum Step {
    Answer(Answer),
    /// Close the connection without an answer.
    Cut,
    /// Wait, then carry it out.
    HoldThenAct {
        until: Option<Timestamp>,
        lag: Option<SignedDuration>,
    },
    /// It has been carried out; wait, then answer.
    HoldThenAnswer {
        answer: Answer,
        until: Option<Timestamp>,
    },
}

impl World {
    pub(crate) fn new(base: Url, zoom_event_url: Option<Url>, zoom_secret: Option<String>) -> Self {
        let clock = Clock::default();
        let mut chance = Chance::new();
        let zoom = Zoom::at_the_beginning(&mut chance, clock.now());
        Self {
            clock,
            chance,
            faults: Faults::default(),
            calls: Calls::default(),
            later: Later::default(),
            mailbox: Mailbox::default(),
            zoom,
            stripe: Stripe::default(),
            base,
            zoom_event_url,
            zoom_secret,
        }
    }

    /// As at the start, but for the addresses.
    pub(crate) fn reset(&mut self, seed: Option<u64>) {
        self.clock = Clock::default();
        self.chance = seed.map_or_else(Chance::new, Chance::seeded);
        self.faults = Faults::default();
        self.calls.clear();
        self.later = Later::default();
        self.mailbox = Mailbox::default();
        self.zoom = Zoom::at_the_beginning(&mut self.chance, self.clock.now());
        self.stripe = Stripe::default();
    }

    /// An address below the sandbox's root.
    pub(crate) fn link(&self, path: &str) -> String {
        format!("{}{path}", self.base.as_str().trim_end_matches('/'))
    }

    /// Carries out what was put off and is now due.
    pub(crate) fn settle(&mut self) {
        while let Some(postponed) = self.later.take_due(self.clock.now()) {
            match postponed.what {
                Effect::Call(asked) => {
                    if let Some(vendor) = Vendor::of(&asked.path) {
                        vendor.act(self, &asked, None);
                    }
                }
                Effect::Mail(envelope) => self.receive(envelope),
            }
        }
    }

    pub(crate) fn receive(&mut self, envelope: Envelope) {
        let now = self.clock.now();
        self.mailbox.store(now, envelope);
    }

    /// Writes the call down, draws its fault and carries it out as far as the fault lets it.
    pub(crate) fn begin(&mut self, vendor: Vendor, asked: &Asked) -> (usize, Step) {
        self.settle();
        let who = vendor.who(self, asked);
        let index = self.calls.begin(self.clock.now(), vendor.name(), asked, who);
        let lag = if vendor.makes_or_lists(asked) {
            self.faults.draw_lag(&asked.method, &asked.path, &mut self.chance)
        } else {
            None
        };
        if lag.is_some() {
            self.calls.struck(index, name(Kind::ListLag));
        }
        let drawn = self.faults.draw(&asked.method, &asked.path, &mut self.chance, |kind| {
            vendor.can_strike(kind, asked)
        });
        let step = match drawn {
            Some(drawn) => {
                self.calls.struck(index, name(drawn.kind));
                self.step(vendor, asked, &drawn, lag)
            }
            None => Step::Answer(vendor.act(self, asked, lag)),
        };
        if let Step::Answer(answer) = &step {
            self.calls.answered(index, answer);
        }
        (index, step)
    }

    fn step(
        &mut self,
        vendor: Vendor,
        asked: &Asked,
        drawn: &Drawn,
        lag: Option<SignedDuration>,
    ) -> Step {
        match drawn.kind {
            Kind::ServerError | Kind::Throttled | Kind::Unauthorized | Kind::InvalidGrant => {
                Step::Answer(vendor.refusal(self, asked, drawn))
            }
            Kind::Outage if drawn.form == Some(Form::Refused) => Step::Cut,
            Kind::Outage => Step::Answer(vendor.refusal(self, asked, drawn)),
            Kind::ResetBefore => Step::Cut,
            Kind::ResetAfter => {
                vendor.act(self, asked, lag);
                Step::Cut
            }
            Kind::FailAfterEffect => {
                vendor.act(self, asked, lag);
                Step::Answer(vendor.refusal(self, asked, drawn))
            }
            Kind::LateEffect => {
                let due = after(self.clock.now(), drawn.delay_or_default());
                self.later.put_off(due, Effect::Call(asked.clone()));
                Step::Answer(vendor.refusal(self, asked, drawn))
            }
            Kind::Hang | Kind::Slow => {
                let until = if drawn.kind == Kind::Hang {
                    drawn.delay.map(|delay| after(self.clock.now(), delay))
                } else {
                    Some(after(self.clock.now(), drawn.delay_or_default()))
                };
                if drawn.effect_comes_first() {
                    let answer = vendor.act(self, asked, lag);
                    Step::HoldThenAnswer { answer, until }
                } else {
                    Step::HoldThenAct { until, lag }
                }
            }
            // These two never win a draw: one combines with every answer, the other counts inside the call.
            Kind::ListLag | Kind::Quota => Step::Answer(vendor.act(self, asked, lag)),
        }
    }
}
