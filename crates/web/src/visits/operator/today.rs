//! Today: what needs a person, the next session, and the rest by day.

use std::time::Duration;

use axum::extract::{Query, State};
use axum::response::Response;
use roomkey_core::Instant;
use roomkey_core::booking::Status;
use roomkey_store::booking::{self, Record};
use roomkey_store::{StoreError, Tenant, Tx};

use super::super::page;
use super::super::session::Operator;
use super::done::After;
use super::frame::Frame;
use super::rows::rows;
use crate::app::App;
use crate::pages::operator::today::{Day, NextSession, TodayPage};
use crate::pages::operator::{HeadNumber, Section};
use crate::pages::pill::Tone;
use crate::pages::when;

/// How far ahead the page looks.
const AHEAD: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// The longest session: one that began so long ago may still be under way.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);
/// So many sessions are shown at the most.
const MOST: u32 = 50;

pub(super) async fn show(
    State(app): State<App>,
    Operator { tenant, csrf }: Operator,
    Query(after): Query<After>,
) -> Response {
    let now = app.now();
    let loaded = app
        .store()
        .read::<_, StoreError, _>(move |tx| {
            Box::pin(async move {
                let frame = Frame::load(tx, tenant, csrf, now).await?;
                let need_you = booking::needing(tx, tenant, now, MOST).await?;
                let ahead = ahead(tx, tenant, now).await?;
                Ok((frame, rows(tx, tenant, need_you).await?, rows(tx, tenant, ahead).await?))
            })
        })
        .await;
    let (frame, need_you, mut ahead) = match loaded {
        Ok(loaded) => loaded,
        Err(error) => return page::fault(&error),
    };
    let next = (!ahead.is_empty()).then(|| ahead.remove(0));
    let number = (!need_you.is_empty()).then(|| {
        let many = u64::try_from(need_you.len()).unwrap_or(u64::MAX);
        let words = if many == 1 { "session needs you" } else { "sessions need you" };
        HeadNumber::new(many, words, Tone::Stop)
    });
    let number = number.or_else(|| {
        let start = next.as_ref()?.span.start;
        (start > now).then(|| {
            HeadNumber::new(when::figure(start.since(now)), "until the next session", Tone::Plain)
        })
    });
    page::shown(&TodayPage {
        shell: frame.shell(Section::Today, number, after.notice()),
        need_you,
        next: next.map(|row| NextSession { row, lobby: None }),
        days: Day::group(ahead, now),
    })
}

/// The sessions that are on or ahead, soonest first.
async fn ahead(tx: &mut Tx<'_>, tenant: Tenant, now: Instant) -> Result<Vec<Record>, StoreError> {
    let (from, to) = (now.minus(LONGEST), now.plus(AHEAD));
    let mut records = booking::agenda(tx, tenant, from, to, None, MOST * 4).await?;
    records.retain(|it| it.booking.end > now && is_ahead(it.booking.status));
    records.truncate(usize::try_from(MOST).unwrap_or(usize::MAX));
    Ok(records)
}

const fn is_ahead(status: Status) -> bool {
    match status {
        Status::Pending(_) | Status::Confirmed | Status::InProgress => true,
        Status::Completed | Status::Cancelled | Status::NoShow => false,
    }
}
