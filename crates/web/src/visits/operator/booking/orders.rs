//! What can be asked of a booking from its page: each form is one order.

use axum::extract::{Path, State};
use axum::response::Response;
use http::StatusCode;
use roomkey_core::Instant;
use roomkey_core::id::BookingId;
use roomkey_store::Reference;

use super::super::super::page;
use super::super::super::session::Operator;
use super::super::done::Done;
use super::super::errors::{self, Name};
use super::super::sent::{Button, Sent};
use super::super::{answer, new_booking};
use super::{facts, path, view};
use crate::app::App;
use crate::desk::{self, Actor, By, Order, Terms};
use crate::pages::form::Errors;
use crate::pages::local::{self, BadLocal};
use crate::pages::operator::Filled;
use crate::pages::operator::booking::{
    BookingPage, CancelValues, LinkValues, ReassignValues, RescheduleValues,
};
use crate::pages::pill::Notice;

type Id = Path<String>;

macro_rules! buttons {
    ($($name:ident = $order:ident, $done:ident;)*) => {$(
        pub(super) async fn $name(
            State(app): State<App>,
            Path(id): Id,
            Sent { operator, .. }: Sent<Button>,
        ) -> Response {
            give(&app, &operator, &id, Order::$order, Done::$done, noticed).await
        }
    )*};
}

buttons! {
    confirm = Confirm, Confirmed;
    reopen = Reopen, Reopened;
    complete = Complete, Completed;
    no_show = NoShow, NoShow;
    regenerate = Regenerate, Regenerated;
    retry = Retry, Retried;
    untype_link = UntypeLink, Unlinked;
}

pub(super) async fn replace_link(
    State(app): State<App>,
    Path((id, person)): Path<(String, String)>,
    Sent { operator, .. }: Sent<Button>,
) -> Response {
    let Ok(whose) = person.parse() else { return page::not_found() };
    give(&app, &operator, &id, Order::ReplaceLink(whose), Done::LinkReplaced, noticed).await
}

pub(super) async fn decline(
    State(app): State<App>,
    Path(id): Id,
    Sent { operator, values }: Sent<CancelValues>,
) -> Response {
    let order = Order::Decline { reason: reason(&values) };
    give(&app, &operator, &id, order, Done::Declined, |page, it| ended(page, it, values)).await
}

pub(super) async fn cancel(
    State(app): State<App>,
    Path(id): Id,
    Sent { operator, values }: Sent<CancelValues>,
) -> Response {
    let order = Order::Cancel { reason: reason(&values) };
    give(&app, &operator, &id, order, Done::Cancelled, |page, it| ended(page, it, values)).await
}

pub(super) async fn reschedule(
    State(app): State<App>,
    Path(id): Id,
    Sent { operator, values }: Sent<RescheduleValues>,
) -> Response {
    let show = |values: RescheduleValues| {
        |page: &mut BookingPage, refusal: Refusal<'_>| {
            const NAMES: &[Name] =
                &[("/start", "time", "The start"), ("/end", "duration_minutes", "The end")];
            page.actions.reschedule = Filled { values, errors: refusal.errors(NAMES) };
        }
    };
    match another_time(&values) {
        Ok(order) => give(&app, &operator, &id, order, Done::Rescheduled, show(values)).await,
        Err(errors) => again(&app, &operator, &id, Refusal::Read(errors), show(values)).await,
    }
}

pub(super) async fn reassign(
    State(app): State<App>,
    Path(id): Id,
    Sent { operator, values }: Sent<ReassignValues>,
) -> Response {
    let show = |values: ReassignValues| {
        |page: &mut BookingPage, refusal: Refusal<'_>| {
            const NAMES: &[Name] = &[("/host", "host", "This")];
            page.actions.reassign = Filled { values, errors: refusal.errors(NAMES) };
        }
    };
    match values.host.parse() {
        Ok(host) => {
            let order = Order::Reassign { host: Reference::Id(host) };
            give(&app, &operator, &id, order, Done::Reassigned, show(values)).await
        }
        Err(_) => {
            let errors = Errors::none().with("host", "Choose a host.");
            again(&app, &operator, &id, Refusal::Read(errors), show(values)).await
        }
    }
}

pub(super) async fn type_link(
    State(app): State<App>,
    Path(id): Id,
    Sent { operator, values }: Sent<LinkValues>,
) -> Response {
    const NAMES: &[Name] =
        &[("/url", "url", "The link"), ("/passcode", "passcode", "The passcode")];
    let passcode = values.passcode.trim();
    let order = Order::TypeLink {
        url: values.url.trim().to_owned(),
        passcode: (!passcode.is_empty()).then(|| passcode.to_owned()),
    };
    give(&app, &operator, &id, order, Done::Linked, |page, refusal| {
        page.actions.link = Filled { values, errors: refusal.errors(NAMES) };
    })
    .await
}

fn reason(values: &CancelValues) -> Option<String> {
    let reason = values.reason.trim();
    (!reason.is_empty()).then(|| reason.to_owned())
}

/// The order that the form asks for, or everything that is wrong with it.
fn another_time(values: &RescheduleValues) -> Result<Order, Errors> {
    let mut errors = Errors::none();
    let zone = new_booking::zone(&values.time_zone, "time_zone", &mut errors);
    let length = new_booking::minutes(&values.duration_minutes, &mut errors);
    let utc = roomkey_core::Zone::utc();
    let start = local::instant(&values.date, &values.time, zone.as_ref().unwrap_or(&utc));
    match start {
        Err(bad @ BadLocal::Date) => errors.add("date", bad.to_string()),
        Err(bad @ (BadLocal::Time | BadLocal::LeftOut)) => errors.add("time", bad.to_string()),
        Ok(_) => {}
    }
    match start {
        Ok(start) if errors.is_empty() => {
            let end: Option<Instant> = length.map(|length| start.plus(length));
            Ok(Order::Reschedule { start, end })
        }
        Ok(_) | Err(_) => Err(errors),
    }
}

/// Why a form was not done.
enum Refusal<'a> {
    /// It makes no sense by itself.
    Read(Errors),
    /// The command was refused.
    Command(&'a crate::error::Problem),
}

impl Refusal<'_> {
    fn errors(self, names: &[Name]) -> Errors {
        match self {
            Self::Read(errors) => errors,
            Self::Command(problem) => errors::of(problem, names),
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::Read(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Command(problem) => problem.code().status(),
        }
    }
}

/// A button has no field: why it was refused stands above the page.
fn noticed(page: &mut BookingPage, refusal: Refusal<'_>) {
    if let Some(words) = refusal.errors(&[]).whole() {
        page.shell.notice = Some(Notice::stop(words));
    }
}

fn ended(page: &mut BookingPage, refusal: Refusal<'_>, values: CancelValues) {
    const NAMES: &[Name] = &[("/reason", "reason", "The reason")];
    page.actions.cancel = Filled { values, errors: refusal.errors(NAMES) };
}

/// Gives an order; on a refusal the page is shown with what was typed.
async fn give(
    app: &App,
    operator: &Operator,
    id: &str,
    order: Order,
    done: Done,
    show: impl FnOnce(&mut BookingPage, Refusal<'_>),
) -> Response {
    let Ok(booking) = id.parse::<BookingId>() else { return page::not_found() };
    let by = By { tenant: operator.tenant, actor: Actor::Operator };
    let reference = Reference::Id(booking);
    match desk::perform(&app.desk, by, reference, order, Terms::default()).await {
        Ok(_) => answer::see(&path(booking), done),
        Err(problem) if answer::is_for_the_form(&problem) => {
            again(app, operator, id, Refusal::Command(&problem), show).await
        }
        Err(problem) => answer::refused(problem),
    }
}

/// The page once more, with what was typed and what is wrong with it.
async fn again(
    app: &App,
    operator: &Operator,
    id: &str,
    refusal: Refusal<'_>,
    show: impl FnOnce(&mut BookingPage, Refusal<'_>),
) -> Response {
    let Ok(id) = id.parse::<BookingId>() else { return page::not_found() };
    match facts::facts(app, operator, id).await {
        Ok(Some(facts)) => {
            let status = refusal.status();
            let mut shown = view::page(app, facts);
            show(&mut shown, refusal);
            page::with_status(status, &shown)
        }
        Ok(None) => page::not_found(),
        Err(error) => page::fault(&error),
    }
}
