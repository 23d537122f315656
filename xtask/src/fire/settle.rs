//! Waiting until all is as it should be, and stays so.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::site::Site;
use super::verdict::{self, Found, Mailbox, Wrong};
use super::wish::Wish;
use crate::failure::{Failure, Result};
use crate::signals;

/// Longer than the last look for a lost room: 120 settle times after its call.
const PATIENCE: Duration = Duration::from_secs(240);
const PAUSE: Duration = Duration::from_millis(500);
/// What is settled is looked at once more, after every lease and every wait of that moment.
const HOLD: Duration = Duration::from_secs(4);
/// How much of what is wrong is told.
const TOLD: usize = 8;

/// How it stood at the end.
pub(crate) struct Settled {
    took: Duration,
    found: Found,
    wrong: Vec<Wrong>,
}

/// Waits until nothing is wrong, twice, and then looks behind the doors too.
pub(crate) fn settle(
    site: &Site<'_>,
    wishes: &[Wish],
    mailbox: &mut Mailbox,
    when: &str,
) -> Result<Settled> {
    let begun = Instant::now();
    let (mut told, mut took) = (Instant::now(), None);
    loop {
        let (found, mut wrong) = verdict::look(site, wishes, mailbox)?;
        if wrong.is_empty() && took.is_some() {
            wrong = verdict::look_closely(site, wishes, &found)?;
            return Ok(Settled { took: took.unwrap_or_default(), found, wrong });
        }
        if begun.elapsed() > PATIENCE || (!wrong.is_empty() && wrong.iter().all(Wrong::is_for_ever))
        {
            return Ok(Settled { took: begun.elapsed(), found, wrong });
        }
        if signals::asked_to_stop() {
            return Err(signals::interrupted());
        }
        if wrong.is_empty() {
            took = Some(begun.elapsed());
            thread::sleep(HOLD);
        } else {
            took = None;
            if told.elapsed() > Duration::from_secs(5) {
                told = Instant::now();
                println!(
                    "  {when}: {} differences left after {:.0} s",
                    wrong.len(),
                    begun.elapsed().as_secs_f64()
                );
            }
            thread::sleep(PAUSE);
        }
    }
}

impl Settled {
    /// How long it took and what was found; or everything that a person needs to understand.
    pub(crate) fn or_tell(self, site: &Site<'_>, wishes: &[Wish]) -> Result<(Duration, Found)> {
        if self.wrong.is_empty() {
            return Ok((self.took, self.found));
        }
        for wrong in self.wrong.iter().take(TOLD) {
            let name = wrong.wish.as_deref().unwrap_or("at all");
            println!("WRONG {name}: {}", wrong.words);
            if let Some(place) = wishes.iter().position(|it| Some(&it.name) == wrong.wish.as_ref())
            {
                tell(site, &wishes[place], self.found.booking(place));
            }
        }
        for wrong in self.wrong.iter().skip(TOLD) {
            let name = wrong.wish.as_deref().unwrap_or("at all");
            println!("WRONG {name}: {}", wrong.words);
        }
        let seconds = self.took.as_secs_f64();
        let many = self.wrong.len();
        Err(Failure::new(format!("{many} things are not as they should be after {seconds:.0} s")))
    }
}

/// A booking, its calls, and what the vendor has at that time.
fn tell(site: &Site<'_>, wish: &Wish, booking: &Value) {
    println!("  wished: {wish:?}\n  booking: {booking}");
    let of = |what: &str| site.api.get(&format!("/v1/bookings/{}/{what}", wish.reference));
    let attempts = of("attempts").unwrap_or_default();
    for attempt in attempts["data"].as_array().into_iter().flatten().rev() {
        println!(
            "  call: {} {} {} {} {} {}",
            attempt["started_at"],
            attempt["operation"],
            attempt["room"],
            attempt["outcome"],
            attempt["status"],
            attempt["message"]
        );
    }
    let messages = of("messages").unwrap_or_default();
    for message in messages["data"].as_array().into_iter().flatten().rev() {
        println!("  message: {message}");
    }
    for meeting in site.vendor.meetings().unwrap_or_default() {
        if meeting["topic"].as_str() == Some(&wish.topic()) {
            println!(
                "  at the vendor: {} of {} at {}, made at {}: {}",
                meeting["id"],
                meeting["host_email"],
                meeting["start_time"],
                meeting["created_at"],
                meeting["agenda"]
            );
        }
    }
}
