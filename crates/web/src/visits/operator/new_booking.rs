//! A new booking.

use std::time::Duration;

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use roomkey_core::booking::Mode;
use roomkey_core::{Instant, Zone};
use roomkey_store::{Reference, StoreError};

use super::super::page;
use super::super::session::Operator;
use super::done::Done;
use super::errors::{self, Name};
use super::frame::Frame;
use super::sent::Sent;
use super::{answer, choices};
use crate::app::App;
use crate::desk::{self, Actor, Asked, By, GuestAsked};
use crate::pages::form::Errors;
use crate::pages::local::{self, BadLocal};
use crate::pages::operator::new_booking::{NewBookingPage, NewBookingValues};
use crate::pages::operator::{Filled, Section};
use crate::pages::when;

const NAMES: &[Name] = &[
    ("/service", "service", "The service"),
    ("/host", "host", "The host"),
    ("/start", "time", "The start"),
    ("/end", "duration_minutes", "The end"),
    ("/guests/0/name", "guest_name", "The guest’s name"),
    ("/guests/0/email", "guest_email", "The guest’s e-mail"),
    ("/title", "title", "The title"),
];

pub(super) async fn show(State(app): State<App>, operator: Operator) -> Response {
    match form(&app, operator, None).await {
        Ok(form) => page::shown(&form),
        Err(error) => page::fault(&error),
    }
}

pub(super) async fn book(
    State(app): State<App>,
    Sent { operator, values }: Sent<NewBookingValues>,
) -> Response {
    let tenant = operator.tenant;
    let read = read(&values).and_then(|asked| not_by_mistake(asked, &values, app.now()));
    let (status, errors) = match read {
        Err(errors) => (StatusCode::UNPROCESSABLE_ENTITY, errors),
        Ok(asked) => {
            let by = By { tenant, actor: Actor::Operator };
            match desk::book(&app.desk, by, asked, None).await {
                Ok(done) => {
                    return answer::see(
                        &format!("/operator/bookings/{}", done.booking),
                        Done::Booked,
                    );
                }
                Err(problem) if answer::is_for_the_form(&problem) => {
                    (problem.code().status(), errors::of(&problem, NAMES))
                }
                Err(problem) => return answer::refused(problem),
            }
        }
    };
    match form(&app, operator, Some(Filled { values, errors })).await {
        Ok(form) => page::with_status(status, &form),
        Err(error) => page::fault(&error),
    }
}

/// A time in the past may be meant, and is asked about first; what comes of it is said then.
fn not_by_mistake(asked: Asked, values: &NewBookingValues, now: Instant) -> Result<Asked, Errors> {
    let Some(start) = asked.start.filter(|start| *start < now && values.past != "on") else {
        return Ok(asked);
    };
    // Without a length of its own it is as long as the service, which may reach into the future.
    let is_over = asked.end.flatten().is_some_and(|end| end <= now);
    let began = when::ago(start, now);
    let words = if is_over {
        format!(
            "This session is over: it began {began}. It would be written down, without a room, and nobody would be told."
        )
    } else {
        format!(
            "This session began {began}. Unless it is over, its room would be made at once and its people told."
        )
    };
    Err(Errors::none().with("past", words))
}

/// The form as it was filled in, or with what can be known beforehand.
async fn form(
    app: &App,
    operator: Operator,
    filled: Option<Filled<NewBookingValues>>,
) -> Result<NewBookingPage, StoreError> {
    let (now, tenant) = (app.now(), operator.tenant);
    app.store()
        .read(move |tx| {
            Box::pin(async move {
                let frame = Frame::load(tx, &operator, now).await?;
                let hosts = choices::of_hosts(&choices::hosts(tx, tenant).await?);
                let services = choices::of_services(&choices::services(tx, tenant).await?);
                let form = filled.unwrap_or_else(|| {
                    let only = |choices: &[crate::pages::Choice]| match choices {
                        [one] => one.value.clone(),
                        _ => String::new(),
                    };
                    Filled::with(NewBookingValues {
                        service: only(&services),
                        host: only(&hosts),
                        time_zone: frame.zone.to_string(),
                        ..NewBookingValues::default()
                    })
                });
                Ok(NewBookingPage {
                    shell: frame.shell(Section::Bookings, None, None),
                    form,
                    hosts,
                    services,
                })
            })
        })
        .await
}

/// What the form asks for, or everything that is wrong with it.
fn read(values: &NewBookingValues) -> Result<Asked, Errors> {
    let mut errors = Errors::none();
    let service = values.service.parse().map(Reference::Id).ok();
    if service.is_none() {
        errors.add("service", "Choose a service.");
    }
    let host = values.host.parse().map(Reference::Id).ok();
    if host.is_none() {
        errors.add("host", "Choose a host.");
    }
    let time_zone = zone(&values.time_zone, "time_zone", &mut errors);
    let start = start(values, time_zone.as_ref(), &mut errors);
    let length = minutes(&values.duration_minutes, &mut errors);
    let mode = mode(&values.mode, &mut errors);
    let guest_zone = if values.guest_time_zone.trim().is_empty() {
        time_zone.clone()
    } else {
        zone(&values.guest_time_zone, "guest_time_zone", &mut errors)
    };
    let email = values.guest_email.trim();
    if email.is_empty() {
        errors.add("guest_email", "The guest’s e-mail must not be empty.");
    }
    let title = values.title.trim();
    let asked = Asked {
        service,
        host,
        start,
        end: start.zip(length).map(|(start, length)| Some(start.plus(length))),
        time_zone: time_zone.map(Some),
        title: (!title.is_empty()).then(|| Some(title.to_owned())),
        mode: mode.map(Some),
        guests: Some(vec![GuestAsked {
            name: values.guest_name.trim().to_owned(),
            email: (!email.is_empty()).then(|| email.to_owned()),
            time_zone: guest_zone,
            ..GuestAsked::default()
        }]),
        ..Asked::default()
    };
    let named = errors::of_faults(&asked.faults(), NAMES);
    for field in NewBookingValues::FIELDS {
        if let Some(words) = named.of(field) {
            errors.add(field, words);
        }
    }
    if errors.is_empty() { Ok(asked) } else { Err(errors) }
}

fn start(values: &NewBookingValues, zone: Option<&Zone>, errors: &mut Errors) -> Option<Instant> {
    // Without a zone the fields are still looked at, so that all faults are told at once.
    let utc = Zone::utc();
    match local::instant(&values.date, &values.time, zone.unwrap_or(&utc)) {
        Ok(start) => zone.map(|_| start),
        Err(bad) => {
            let field = match bad {
                BadLocal::Date => "date",
                BadLocal::Time | BadLocal::LeftOut => "time",
            };
            errors.add(field, bad.to_string());
            None
        }
    }
}

/// A zone by its IANA name.
pub(super) fn zone(text: &str, field: &str, errors: &mut Errors) -> Option<Zone> {
    let zone = text.trim().parse().ok();
    if zone.is_none() {
        errors.add(field, "Choose a zone, such as Europe/Lisbon.");
    }
    zone
}

/// How long, if it is said.
pub(super) fn minutes(text: &str, errors: &mut Errors) -> Option<Duration> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let minutes = text.parse::<u64>().ok().filter(|it| (5..=24 * 60).contains(it));
    if minutes.is_none() {
        errors.add("duration_minutes", "Give a number of minutes, 5 to 1440.");
    }
    minutes.map(|it| Duration::from_secs(it * 60))
}

/// How a session is held, if it is said.
pub(super) fn mode(text: &str, errors: &mut Errors) -> Option<Mode> {
    let modes = [Mode::Online, Mode::Phone, Mode::InPerson];
    let mode = modes.into_iter().find(|it| it.as_str() == text);
    if mode.is_none() && !text.is_empty() {
        errors.add("mode", "Choose how the session is held.");
    }
    mode
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_in_the_past_is_asked_about_first() {
        let now: Instant = "2026-03-03T12:00:00Z".parse().expect("an instant");
        let hours = |many: u64| Duration::from_secs(many * 60 * 60);
        let asked = |start| Asked {
            start: Some(start),
            end: Some(Some(start.plus(hours(1)))),
            ..Asked::default()
        };
        let first = NewBookingValues::default();
        let said = NewBookingValues { past: "on".to_owned(), ..NewBookingValues::default() };
        let words = |asked: Asked, values: &NewBookingValues| {
            let refused = not_by_mistake(asked, values, now).err();
            refused.and_then(|errors| errors.of("past").map(str::to_owned)).unwrap_or_default()
        };
        let over = words(asked(now.minus(hours(3))), &first);
        assert!(over.contains("is over: it began 3 h ago"), "{over}");
        let begun = words(asked(now.minus(Duration::from_secs(600))), &first);
        assert!(begun.contains("This session began 10 min ago."), "{begun}");
        assert_eq!(words(asked(now.minus(hours(3))), &said), "");
        assert_eq!(words(asked(now.plus(hours(3))), &first), "");
    }

    #[test]
    fn every_fault_is_told_at_once() {
        let errors = read(&NewBookingValues::default()).expect_err("all is missing");
        for field in ["service", "host", "date", "time_zone", "guest_name", "guest_email"] {
            assert!(errors.of(field).is_some(), "{field}");
        }
        assert_eq!(errors.whole(), None);
        for field in ["duration_minutes", "mode", "guest_time_zone", "title"] {
            assert!(errors.of(field).is_none(), "{field} may be empty");
        }
    }
}
