//! Faults on demand: what shall go wrong, with which calls, how often.
//!
//! A fault is asked in the order in which faults were switched on; the first that draws wins. `list_lag`
//! is no answer of its own and combines with whatever else happens to the call.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::chance::Chance;
use crate::clock::parse_duration;

/// How long an effect, a listing or a slow answer takes if the fault does not say.
const DEFAULT_DELAY: SignedDuration = SignedDuration::from_secs(5);

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// No effect, and a server error.
    #[serde(rename = "500")]
    ServerError,
    /// No effect, and one of the vendor's throttling answers.
    #[serde(rename = "429")]
    Throttled,
    /// The vendor's own daily quota, counted from the moment the fault was switched on.
    Quota,
    /// The connection is cut before anything has happened.
    ResetBefore,
    /// The call takes effect, then the connection is cut.
    ResetAfter,
    /// The call takes effect, then a server error is answered.
    FailAfterEffect,
    /// A server error is answered at once; the call takes effect later.
    LateEffect,
    /// What is made can be read by its id at once and is listed only later.
    ListLag,
    /// No answer until the client gives up, the delay is over or the faults are removed.
    Hang,
    /// The usual answer, late.
    Slow,
    /// The access token is refused.
    #[serde(rename = "401")]
    Unauthorized,
    /// The token endpoint says that the grant is dead.
    InvalidGrant,
    /// The vendor is down.
    Outage,
}

/// How a fault shows itself, where there is a choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Form {
    /// `429`: too many a second.
    Qps,
    /// `429`: too many a day, for the account.
    Daily,
    /// `429`: too many creates and updates a day, for one user.
    UserDaily,
    /// `429`: two at once on one resource.
    Concurrent,
    /// `500`, `outage`: a web page instead of the vendor's JSON.
    Html,
    /// `outage`: the connection is cut instead of a 503.
    Refused,
    /// `401`: the token has run out (instead of: is not known).
    Expired,
    /// `500` for SMTP: a refusal for good.
    Permanent,
    /// `slow`, `hang`: the effect happens before the wait.
    EffectFirst,
    /// `slow`, `hang`: the effect happens after the wait.
    EffectLast,
}

/// What is posted to switch a fault on.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Order {
    #[serde(rename = "match")]
    pub(crate) pattern: String,
    pub(crate) fault: Kind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) times: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ratio: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) delay: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) form: Option<Form>,
    /// `quota`: how many a host may make a day; the vendor's own number if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) limit: Option<u64>,
}

/// A fault that is switched on.
#[derive(Debug, Serialize)]
pub(crate) struct Fault {
    pub(crate) id: u64,
    #[serde(flatten)]
    order: Order,
    /// How often it has struck.
    struck: u64,
    #[serde(skip)]
    delay: Option<SignedDuration>,
    /// `quota`: what each host has used, per UTC day.
    #[serde(skip)]
    used: BTreeMap<(String, String), u64>,
}

/// What a call has drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Drawn {
    pub(crate) kind: Kind,
    pub(crate) form: Option<Form>,
    /// As ordered; [`Drawn::delay_or_default`] fills it in.
    pub(crate) delay: Option<SignedDuration>,
}

impl Drawn {
    pub(crate) fn delay_or_default(&self) -> SignedDuration {
        self.delay.unwrap_or(DEFAULT_DELAY)
    }

    /// Whether the effect of a held call comes before the wait. A slow vendor has done the work and is late
    /// with the answer; one that hangs has not begun.
    pub(crate) fn effect_comes_first(&self) -> bool {
        match self.form {
            Some(Form::EffectFirst) => true,
            Some(Form::EffectLast) => false,
            _ => self.kind == Kind::Slow,
        }
    }
}

/// The name of a fault as it is written in an order.
pub(crate) fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::ServerError => "500",
        Kind::Throttled => "429",
        Kind::Quota => "quota",
        Kind::ResetBefore => "reset_before",
        Kind::ResetAfter => "reset_after",
        Kind::FailAfterEffect => "fail_after_effect",
        Kind::LateEffect => "late_effect",
        Kind::ListLag => "list_lag",
        Kind::Hang => "hang",
        Kind::Slow => "slow",
        Kind::Unauthorized => "401",
        Kind::InvalidGrant => "invalid_grant",
        Kind::Outage => "outage",
    }
}

/// Every fault, for pages that offer them.
pub(crate) const KINDS: [Kind; 13] = [
    Kind::ServerError,
    Kind::Throttled,
    Kind::Quota,
    Kind::ResetBefore,
    Kind::ResetAfter,
    Kind::FailAfterEffect,
    Kind::LateEffect,
    Kind::ListLag,
    Kind::Hang,
    Kind::Slow,
    Kind::Unauthorized,
    Kind::InvalidGrant,
    Kind::Outage,
];

/// All faults that are switched on.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    last_id: u64,
    on: Vec<Fault>,
}

impl Faults {
    /// Switches a fault on, or says what is wrong with the order.
    pub(crate) fn switch_on(&mut self, order: Order) -> Result<&Fault, String> {
        let delay = match &order.delay {
            Some(text) => Some(parse_duration(text).ok_or_else(|| {
                format!("delay: {text:?} is no duration; write 250ms, 5s, 3m, 2h or 1d")
            })?),
            None => None,
        };
        if order.ratio.is_some_and(|ratio| !(0.0..=1.0).contains(&ratio)) {
            return Err("ratio: must lie between 0 and 1".to_owned());
        }
        if order.pattern.trim().is_empty() {
            return Err("match: write a method and a path, or *".to_owned());
        }
        if let Some(form) = order.form
            && !form_fits(order.fault, form)
        {
            return Err(format!("form: does not go with {}", name(order.fault)));
        }
        self.last_id += 1;
        self.on.push(Fault { id: self.last_id, order, struck: 0, delay, used: BTreeMap::new() });
        let last = self.on.len() - 1;
        Ok(&self.on[last])
    }

    pub(crate) fn switch_off(&mut self, id: u64) -> bool {
        let before = self.on.len();
        self.on.retain(|fault| fault.id != id);
        self.on.len() < before
    }

    pub(crate) fn clear(&mut self) {
        self.on.clear();
    }

    pub(crate) fn all(&self) -> &[Fault] {
        &self.on
    }

    /// The first fault that strikes this call. `kinds` says which ones can strike at this point.
    pub(crate) fn draw(
        &mut self,
        method: &str,
        path: &str,
        chance: &mut Chance,
        kinds: impl Fn(Kind) -> bool,
    ) -> Option<Drawn> {
        self.on
            .iter_mut()
            .filter(|fault| !matches!(fault.order.fault, Kind::ListLag | Kind::Quota))
            .filter(|fault| kinds(fault.order.fault))
            .find_map(|fault| {
                fault.strikes(method, path, chance).then_some(Drawn {
                    kind: fault.order.fault,
                    form: fault.order.form,
                    delay: fault.delay,
                })
            })
    }

    /// How long what this call makes, or what this call lists, stays out of lists.
    pub(crate) fn draw_lag(
        &mut self,
        method: &str,
        path: &str,
        chance: &mut Chance,
    ) -> Option<SignedDuration> {
        self.on.iter_mut().filter(|fault| fault.order.fault == Kind::ListLag).find_map(|fault| {
            fault.strikes(method, path, chance).then(|| fault.delay.unwrap_or(DEFAULT_DELAY))
        })
    }

    /// Whether a quota that is switched on leaves nothing for this host today. `default_limit` is the vendor's.
    pub(crate) fn quota_is_used_up(
        &mut self,
        method: &str,
        path: &str,
        host: &str,
        day: &str,
        default_limit: u64,
    ) -> bool {
        let key = (host.to_owned(), day.to_owned());
        let Some(fault) = self.on.iter_mut().find(|fault| {
            fault.order.fault == Kind::Quota
                && fault.has_some_left()
                && matches(&fault.order.pattern, method, path)
                && fault.used.get(&key).copied().unwrap_or(0)
                    >= fault.order.limit.unwrap_or(default_limit)
        }) else {
            return false;
        };
        fault.struck += 1;
        true
    }

    /// Counts one use against every quota that is switched on.
    pub(crate) fn count_against_quota(&mut self, host: &str, day: &str) {
        for fault in &mut self.on {
            if fault.order.fault == Kind::Quota {
                *fault.used.entry((host.to_owned(), day.to_owned())).or_default() += 1;
            }
        }
    }
}

impl Fault {
    fn has_some_left(&self) -> bool {
        self.order.times.is_none_or(|times| self.struck < times)
    }

    fn strikes(&mut self, method: &str, path: &str, chance: &mut Chance) -> bool {
        let strikes = self.has_some_left()
            && matches(&self.order.pattern, method, path)
            && self.order.ratio.is_none_or(|ratio| chance.toss(ratio));
        if strikes {
            self.struck += 1;
        }
        strikes
    }

    /// The order in words, for pages.
    pub(crate) fn in_words(&self) -> String {
        let mut words = format!("{} for {}", name(self.order.fault), self.order.pattern);
        if let Some(times) = self.order.times {
            words.push_str(&format!(", {times} times"));
        }
        if let Some(ratio) = self.order.ratio {
            words.push_str(&format!(", in {ratio} of the calls"));
        }
        if let Some(delay) = &self.order.delay {
            words.push_str(&format!(", {delay}"));
        }
        words
    }

    pub(crate) fn struck(&self) -> u64 {
        self.struck
    }
}

fn form_fits(kind: Kind, form: Form) -> bool {
    match form {
        Form::Qps | Form::Daily | Form::UserDaily | Form::Concurrent => kind == Kind::Throttled,
        Form::Html => matches!(kind, Kind::ServerError | Kind::Outage),
        Form::Refused => kind == Kind::Outage,
        Form::Expired => kind == Kind::Unauthorized,
        Form::Permanent => kind == Kind::ServerError,
        Form::EffectFirst | Form::EffectLast => matches!(kind, Kind::Slow | Kind::Hang),
    }
}

/// `POST /zoom/v2/users/*/meetings`, `* /zoom/*`, `POST *` or `*`. Mail has to be named: `SMTP *`.
fn matches(pattern: &str, method: &str, path: &str) -> bool {
    let pattern = pattern.trim();
    let (wanted_method, wanted_path) = match pattern.split_once(char::is_whitespace) {
        Some((method, path)) => (method, path.trim()),
        None if pattern.starts_with('/') => ("*", pattern),
        None if pattern == "*" => ("*", "*"),
        None => (pattern, "*"),
    };
    let method_fits = if wanted_method == "*" {
        method != "SMTP"
    } else {
        wanted_method.eq_ignore_ascii_case(method)
    };
    method_fits && glob(wanted_path.as_bytes(), path.as_bytes())
}

/// `*` stands for anything, also for nothing and for several parts of a path.
fn glob(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        if p < pattern.len() && pattern[p] == b'*' {
            star = Some((p, t));
            p += 1;
        } else if p < pattern.len() && pattern[p] == text[t] {
            p += 1;
            t += 1;
        } else if let Some((at, eaten)) = star {
            star = Some((at, eaten + 1));
            p = at + 1;
            t = eaten + 1;
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(json: serde_json::Value) -> Order {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn patterns() {
        let create = ("POST", "/zoom/v2/users/host@practice.example/meetings");
        for pattern in [
            "POST /zoom/v2/users/*/meetings",
            "* /zoom/*",
            "*",
            "* *",
            "POST *",
            "POST",
            "/zoom/v2/*",
        ] {
            assert!(matches(pattern, create.0, create.1), "{pattern}");
        }
        for pattern in [
            "GET /zoom/v2/users/*/meetings",
            "POST /zoom/v2/users/*/meeting",
            "POST /zoom/v2/users",
            "SMTP *",
        ] {
            assert!(!matches(pattern, create.0, create.1), "{pattern}");
        }
        assert!(matches("SMTP *", "SMTP", "ana@example.org"));
        assert!(matches("SMTP *@example.org", "SMTP", "ana@example.org"));
        assert!(!matches("*", "SMTP", "ana@example.org"), "mail has to be named");
    }

    #[test]
    fn a_fault_with_a_number_wears_off() {
        let mut faults = Faults::default();
        let mut chance = Chance::seeded(1);
        faults
            .switch_on(order(serde_json::json!({"match": "*", "fault": "500", "times": 2})))
            .unwrap();
        let mut draw = || faults.draw("GET", "/zoom/v2/users", &mut chance, |_| true).is_some();
        assert_eq!([draw(), draw(), draw()], [true, true, false]);
    }

    #[test]
    fn a_ratio_is_one_draw_a_call() {
        let mut faults = Faults::default();
        let mut chance = Chance::seeded(1);
        faults
            .switch_on(order(serde_json::json!({"match": "*", "fault": "500", "ratio": 0.3})))
            .unwrap();
        let struck = (0..1_000)
            .filter(|_| faults.draw("GET", "/zoom", &mut chance, |_| true).is_some())
            .count();
        assert!((230..370).contains(&struck), "{struck}");
    }

    #[test]
    fn orders_that_make_no_sense_are_refused() {
        let mut faults = Faults::default();
        for bad in [
            serde_json::json!({"match": "*", "fault": "slow", "delay": "soon"}),
            serde_json::json!({"match": "*", "fault": "500", "ratio": 1.5}),
            serde_json::json!({"match": " ", "fault": "500"}),
            serde_json::json!({"match": "*", "fault": "500", "form": "qps"}),
        ] {
            assert!(faults.switch_on(order(bad.clone())).is_err(), "{bad}");
        }
    }
}
