//! Does the booking call feel the vendor?

use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::demo::Demo;
use super::latencies::Latencies;
use crate::failure::{Context as _, Failure, Result};

/// The promise: a booking is answered in less, whatever the vendor does.
const PROMISE: Duration = Duration::from_millis(300);
/// Callers at once.
const CALLERS: u32 = 4;

pub(crate) fn run(bookings: u32, rate: u32) -> Result {
    let demo = Demo::start()?;
    let sandbox = demo.text("sandbox")?.to_owned();
    part(&demo, "w", bookings.min(100), rate)?;
    println!(
        "{bookings} bookings at {rate} a second, by {CALLERS} callers, on SQLite, release build"
    );
    let answering = part(&demo, "a", bookings, rate)?;
    println!("vendor answers   {answering}");
    let fault = json!({ "match": "* /zoom/*", "fault": "hang", "ratio": 1.0 });
    ureq::post(format!("{sandbox}/_sandbox/faults"))
        .send_json(fault)
        .context("making the vendor hang")?;
    let hanging = part(&demo, "h", bookings, rate)?;
    println!("vendor hangs     {hanging}");
    ureq::delete(format!("{sandbox}/_sandbox/faults")).call().context("letting it go on")?;
    let worst = answering.within(99).max(hanging.within(99));
    if worst >= PROMISE {
        return Err(Failure::new(format!("p99 is {worst:?}; the promise is {PROMISE:?}")));
    }
    Ok(())
}

/// Books at a steady rate, whether or not earlier calls have been answered.
fn part(demo: &Demo, name: &str, bookings: u32, rate: u32) -> Result<Latencies> {
    let (api, key) = (demo.text("roomkey")?.to_owned(), demo.text("api_key")?.to_owned());
    let (host, service) = (demo.text("host")?.to_owned(), demo.text("service")?.to_owned());
    let began = Instant::now();
    let callers: Vec<_> = (0..CALLERS)
        .map(|caller| {
            let (api, key, name) = (api.clone(), key.clone(), name.to_owned());
            let (host, service) = (host.clone(), service.clone());
            thread::Builder::new()
                .name(format!("caller {caller}"))
                .spawn(move || -> Result<Vec<Duration>> {
                    let agent = ureq::Agent::new_with_defaults();
                    let mut times = Vec::new();
                    for number in (caller..bookings).step_by(usize::try_from(CALLERS).unwrap_or(1))
                    {
                        let due = began + Duration::from_secs(1) * number / rate;
                        thread::sleep(due.saturating_duration_since(Instant::now()));
                        let body = booking(&host, &service, &name, number);
                        let call = Instant::now();
                        agent
                            .post(format!("{api}/v1/bookings"))
                            .header("Authorization", format!("Bearer {key}"))
                            .send_json(body)
                            .context("booking")?;
                        times.push(call.elapsed());
                    }
                    Ok(times)
                })
                .context("starting a caller")
        })
        .collect::<Result<_>>()?;
    let mut times = Vec::new();
    for caller in callers {
        times.extend(caller.join().map_err(|_| Failure::new("a caller failed"))??);
    }
    Ok(Latencies::new(times))
}

fn booking(host: &str, service: &str, part: &str, number: u32) -> Value {
    let day = 1 + number % 28;
    let hour = number / 28 % 24;
    json!({
        "external_id": format!("bench-{part}-{number}"),
        "service": service,
        "host": host,
        "start": format!("2031-03-{day:02}T{hour:02}:00:00Z"),
        "end": format!("2031-03-{day:02}T{hour:02}:50:00Z"),
        "time_zone": "UTC",
        "guests": [{ "name": "Ana Sousa", "email": format!("guest-{part}-{number}@example.org") }],
    })
}
