//! The list of bookings.

use axum::extract::{Query, State};
use axum::response::Response;
use jiff::civil::Date;
use roomkey_core::id::{BookingId, HostId};
use roomkey_core::{Instant, Zone};
use roomkey_store::schedule::{self, Side};
use roomkey_store::{StoreError, Tenant, Tx, booking};

use super::super::page;
use super::super::session::Operator;
use super::choices;
use super::frame::Frame;
use super::rows::rows;
use crate::app::App;
use crate::pages::local;
use crate::pages::operator::Section;
use crate::pages::operator::bookings::{BookingsPage, Filter};
use crate::pages::operator::row::Day;

/// Bookings on one page.
const PAGE: u32 = 50;

pub(super) async fn show(
    State(app): State<App>,
    operator: Operator,
    Query(filter): Query<Filter>,
) -> Response {
    let (now, tenant, filter) = (app.now(), operator.tenant, filter.put_right());
    let loaded = app
        .store()
        .read::<_, StoreError, _>(move |tx| {
            Box::pin(async move {
                let frame = Frame::load(tx, &operator, now).await?;
                let hosts = choices::of_hosts(&choices::hosts(tx, tenant).await?);
                let wanted = wanted(&filter, &frame.zone, now);
                let after = after(tx, tenant, &filter.cursor).await?;
                let mut records = schedule::page(tx, tenant, &wanted, after, PAGE + 1).await?;
                let page = usize::try_from(PAGE).unwrap_or(usize::MAX);
                let more = records.len() > page;
                records.truncate(page);
                let last = records.last().filter(|_| more);
                let next_cursor = last.map(|it| it.booking.id.to_string());
                let days = Day::group(rows(tx, tenant, records).await?, &frame.zone, now);
                Ok(BookingsPage {
                    shell: frame.shell(Section::Bookings, None, None),
                    filter,
                    hosts,
                    days,
                    next_cursor,
                })
            })
        })
        .await;
    match loaded {
        Ok(list) => page::shown(&list),
        Err(error) => page::fault(&error),
    }
}

/// Where a page begins: after the booking that its cursor names.
async fn after(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    cursor: &str,
) -> Result<Option<(Instant, BookingId)>, StoreError> {
    let Ok(id) = cursor.parse::<BookingId>() else { return Ok(None) };
    let last = booking::get(tx, tenant, id).await?;
    Ok(last.map(|it| (it.booking.start, id)))
}

/// What the address asks for. What makes no sense is not asked for; days are those of whoever looks.
fn wanted(filter: &Filter, zone: &Zone, now: Instant) -> schedule::Filter {
    let said = |text: &str| (!text.trim().is_empty()).then(|| text.trim().to_owned());
    let midnight = |date: Date| local::instant(&date.to_string(), "00:00", zone).ok();
    let from = filter.from.parse::<Date>().ok();
    let to = filter.to.parse::<Date>().ok().and_then(|it| it.tomorrow().ok());
    let status = said(&filter.status);
    let needing = status.as_deref() == Some("trouble");
    // An address is looked for among the guests, anything else among names and titles.
    let (guest_email, words) = match said(&filter.q) {
        Some(q) if q.contains('@') => (Some(q), None),
        q => (None, q),
    };
    schedule::Filter {
        side: match filter.side.as_str() {
            "past" => Side::Past(now),
            "any" => Side::Both,
            _ => Side::Ahead(now),
        },
        status: status.filter(|_| !needing),
        host: filter.host.parse::<HostId>().ok(),
        from: from.and_then(midnight),
        to: to.and_then(midnight),
        guest_email,
        words,
        needing,
        reason: said(&filter.why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_the_operators_and_the_last_is_included() {
        let zone: Zone = "Europe/Lisbon".parse().expect("a zone");
        let filter = Filter {
            from: "2026-07-03".to_owned(),
            to: "2026-07-03".to_owned(),
            status: "trouble".to_owned(),
            q: "ana@example.org".to_owned(),
            ..Filter::default()
        };
        let now = Instant::default();
        let wanted = wanted(&filter, &zone, now);
        let at = |text: &str| text.parse::<Instant>().ok();
        assert_eq!(wanted.from, at("2026-07-02T23:00:00Z"));
        assert_eq!(wanted.to, at("2026-07-03T23:00:00Z"));
        assert_eq!((wanted.needing, wanted.status), (true, None));
        assert_eq!(wanted.side, Side::Ahead(now));
        assert_eq!(wanted.guest_email.as_deref(), Some("ana@example.org"));
    }
}
