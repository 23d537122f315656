//! People who change their minds while it burns: some callers at once, each with its own bookings
//! and its own dice, so that the same seed asks the same of every database.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::api::Api;
use super::dice::Dice;
use super::when;
use super::wish::{Host, Kind, Status, Wish};
use crate::failure::{Failure, Result};
use crate::signals;

const PAUSE: Duration = Duration::from_millis(5);

/// How far the fire has burnt, for those whose whims are spread over it.
pub(crate) struct Pace {
    pub(crate) kills: AtomicU32,
    pub(crate) of: u32,
    pub(crate) over: AtomicBool,
}

impl Pace {
    pub(crate) fn new(of: u32) -> Self {
        Self { kills: AtomicU32::new(0), of, over: AtomicBool::new(false) }
    }

    /// Waits for the moment of whim number `number` of `all`.
    fn wait(&self, number: usize, all: usize) -> Result {
        let share = u64::try_from(number).unwrap_or(0) * u64::from(self.of);
        let due = share / u64::try_from(all.max(1)).unwrap_or(1);
        while u64::from(self.kills.load(Ordering::SeqCst)) < due {
            if signals::asked_to_stop() {
                return Err(signals::interrupted());
            }
            if self.over.load(Ordering::SeqCst) {
                break;
            }
            thread::sleep(PAUSE);
        }
        Ok(())
    }
}

/// What may come to somebody's mind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whim {
    Move,
    MoveAndBack,
    Cancel,
    CancelAndReopen,
    Reopen,
    Confirm,
    Reassign,
    ReassignAndBack,
    Regenerate,
    SendAgain,
}

impl Whim {
    /// Those that make sense now, the likelier ones several times.
    fn possible(wish: &Wish) -> &'static [Self] {
        match (wish.kind, wish.status) {
            (Kind::Tomorrow, _) => &[],
            (Kind::AtTheDoor, _) => &[Self::Regenerate, Self::Reassign],
            (Kind::Far, Status::Pending) => &[Self::Confirm, Self::Confirm, Self::Cancel],
            (Kind::Far, Status::Cancelled) => &[Self::Reopen],
            (Kind::Far, Status::Confirmed) if wish.online => &[
                Self::Move,
                Self::Move,
                Self::Move,
                Self::MoveAndBack,
                Self::Cancel,
                Self::Cancel,
                Self::CancelAndReopen,
                Self::Reassign,
                Self::Reassign,
                Self::ReassignAndBack,
                Self::Regenerate,
                Self::SendAgain,
            ],
            (Kind::Far, Status::Confirmed) => {
                &[Self::Move, Self::Cancel, Self::CancelAndReopen, Self::Reassign]
            }
        }
    }
}

/// Somebody who calls the API.
pub(crate) struct Caller<'a> {
    pub(crate) api: &'a Api,
    pub(crate) dice: Dice,
    pub(crate) name: String,
    pub(crate) hosts: &'a [Host],
    pub(crate) services: &'a BTreeMap<String, String>,
    /// Whims still to come, besides arrivals.
    pub(crate) whims: usize,
    pub(crate) wishes: Vec<Wish>,
    /// Bookings that arrive while it burns.
    pub(crate) late: Vec<Wish>,
}

impl Caller<'_> {
    /// Has all the whims, and answers what is wished in the end.
    pub(crate) fn call(mut self, pace: &Pace) -> Result<Vec<Wish>> {
        let all = self.whims + self.late.len();
        for number in 0..all {
            pace.wait(number, all)?;
            // Arrivals are spread evenly over the whims.
            let left = all - number;
            if !self.late.is_empty() && self.dice.below(left) < self.late.len() {
                let wish = self.late.remove(0);
                let arrived = self.arrive(wish, number)?;
                self.wishes.push(arrived);
            } else {
                self.have_a_whim(number)?;
            }
        }
        Ok(self.wishes)
    }

    /// A booking that comes with a key and without a name of its own, or by `PUT` with one.
    fn arrive(&mut self, mut wish: Wish, number: usize) -> Result<Wish> {
        let body = wish.body(service(self.services, &wish)?);
        if self.dice.one_in(2) {
            wish.reference = format!("ext:{}", wish.name);
            let path = format!("/v1/bookings/{}", wish.reference);
            self.api.put(&path, &body)?;
            wish.sent = Some(body);
        } else {
            let key = format!("{}-arrival-{number}", self.name);
            let answer = self.insist("/v1/bookings", &key, &body)?;
            let id = answer["id"].as_str().ok_or_else(|| Failure::new("a booking without id"))?;
            wish.reference = id.to_owned();
        }
        Ok(wish)
    }

    fn have_a_whim(&mut self, number: usize) -> Result {
        let place = self.dice.below(self.wishes.len());
        let Some(mut wish) = self.wishes.get(place).cloned() else { return Ok(()) };
        let possible = Whim::possible(&wish);
        if possible.is_empty() {
            return Ok(());
        }
        let whim = *self.dice.pick(possible);
        let key = format!("{}-{number}", self.name);
        self.follow(whim, &mut wish, &key)?;
        self.wishes[place] = wish;
        Ok(())
    }

    fn follow(&mut self, whim: Whim, wish: &mut Wish, key: &str) -> Result {
        match whim {
            Whim::Move => {
                let later = SignedDuration::from_mins(15 * (1 + self.below(400)));
                self.reschedule(wish, later, key)
            }
            Whim::MoveAndBack => {
                let later = SignedDuration::from_mins(15 * (1 + self.below(400)));
                self.reschedule(wish, later, key)?;
                self.reschedule(wish, -later, &format!("{key}-back"))
            }
            Whim::Cancel => self.cancel(wish, key),
            Whim::CancelAndReopen => {
                self.cancel(wish, key)?;
                self.reopen(wish, &format!("{key}-back"))
            }
            Whim::Reopen => self.reopen(wish, key),
            Whim::Confirm => {
                self.order(wish, "confirm", key, json!({}))?;
                (wish.status, wish.was_confirmed) = (Status::Confirmed, true);
                Ok(())
            }
            Whim::Reassign => {
                let host = self.other_host(wish);
                self.reassign(wish, host, key)
            }
            Whim::ReassignAndBack => {
                let (host, before) = (self.other_host(wish), wish.host.clone());
                self.reassign(wish, host, key)?;
                self.reassign(wish, before, &format!("{key}-back"))
            }
            Whim::Regenerate => self.order(wish, "meeting/regenerate", key, json!({})),
            Whim::SendAgain => match wish.sent.clone() {
                // Whatever has happened since: the same again changes nothing.
                Some(body) => {
                    self.api.put(&format!("/v1/bookings/{}", wish.reference), &body).map(drop)
                }
                None => Ok(()),
            },
        }
    }

    fn reschedule(&mut self, wish: &mut Wish, by: SignedDuration, key: &str) -> Result {
        let (start, end) = (wish.start + by, wish.end + by);
        let body = json!({"start": when::written(start), "end": when::written(end)});
        self.order(wish, "reschedule", key, body)?;
        (wish.start, wish.end) = (start, end);
        Ok(())
    }

    fn cancel(&mut self, wish: &mut Wish, key: &str) -> Result {
        self.order(wish, "cancel", key, json!({"reason": "Something came up."}))?;
        wish.status = Status::Cancelled;
        Ok(())
    }

    fn reopen(&mut self, wish: &mut Wish, key: &str) -> Result {
        self.order(wish, "reopen", key, json!({}))?;
        (wish.status, wish.was_confirmed) = (Status::Confirmed, true);
        Ok(())
    }

    fn reassign(&mut self, wish: &mut Wish, host: Host, key: &str) -> Result {
        self.order(wish, "reassign", key, json!({"host": host.id}))?;
        wish.former_hosts.push(std::mem::replace(&mut wish.host, host));
        Ok(())
    }

    /// Gives an order that changes something, once, however often it has to be said.
    fn order(&mut self, wish: &mut Wish, order: &str, key: &str, mut body: Value) -> Result {
        body["notify"] = json!("all");
        let path = format!("/v1/bookings/{}/{order}", wish.reference);
        self.insist(&path, key, &body)?;
        wish.version += 1;
        Ok(())
    }

    /// Some click twice.
    fn insist(&mut self, path: &str, key: &str, body: &Value) -> Result<Value> {
        let answer = self.api.post(path, key, body)?;
        if self.dice.one_in(6) {
            let again = self.api.post(path, key, body)?;
            if again["id"] != answer["id"] {
                return Err(Failure::new(format!("POST {path}, repeated, made another")));
            }
        }
        Ok(answer)
    }

    fn other_host(&mut self, wish: &Wish) -> Host {
        let others: Vec<&Host> = self.hosts.iter().filter(|host| **host != wish.host).collect();
        (*self.dice.pick(&others)).clone()
    }

    fn below(&mut self, end: usize) -> i64 {
        i64::try_from(self.dice.below(end)).unwrap_or(0)
    }
}

/// The id of a wish's service.
pub(crate) fn service<'a>(services: &'a BTreeMap<String, String>, wish: &Wish) -> Result<&'a str> {
    services
        .get(&wish.service)
        .map(String::as_str)
        .ok_or_else(|| Failure::new(format!("there is no service {}", wish.service)))
}
