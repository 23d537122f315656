//! `roomkey booking`: sessions, as the database has them.

use std::time::Duration;

use roomkey_core::Instant;
use roomkey_store::booking::{self, Filter, Record};
use roomkey_store::person::{self, Person, Role};
use roomkey_store::{Store, StoreError, Tenant, room};
use serde_json::{Value, json};

use crate::arguments::{Booking, Global};
use crate::failure::Failure;
use crate::out;

/// Sessions that began so long ago may still be under way.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

pub(super) async fn run(command: Booking, global: &Global) -> Result<(), Failure> {
    let (_, store) = super::beside(global).await?;
    let done = dispatch(&store, command).await;
    store.close().await;
    done
}

async fn dispatch(store: &Store, command: Booking) -> Result<(), Failure> {
    match command {
        Booking::List { all, limit, tenant, json } => {
            let tenant = super::tenant(store, &tenant).await?;
            list(store, tenant, all, limit, json.json).await
        }
        Booking::Show { booking, tenant, json } => {
            let tenant = super::tenant(store, &tenant).await?;
            show(store, tenant, &booking, json.json).await
        }
    }
}

async fn list(
    store: &Store,
    tenant: Tenant,
    all: bool,
    limit: u32,
    json: bool,
) -> Result<(), Failure> {
    let now = store.now();
    let records: Vec<Record> = store
        .read::<_, StoreError, _>(|tx| {
            Box::pin(async move {
                if all {
                    return booking::list(tx, tenant, &Filter::default(), None, limit).await;
                }
                let from = now.minus(LONGEST);
                let mut ahead =
                    booking::agenda(tx, tenant, from, Instant::NEVER, None, limit).await?;
                ahead.retain(|record| record.booking.end > now);
                Ok(ahead)
            })
        })
        .await?;
    if json {
        let data: Vec<Value> = records.iter().map(summary).collect();
        out::json(&json!({"data": data}));
        return Ok(());
    }
    let rows: Vec<Vec<String>> = records
        .iter()
        .map(|record| {
            let booking = &record.booking;
            vec![
                booking.id.to_string(),
                booking.start.to_string(),
                booking.status.as_str().to_owned(),
                record.meeting.as_str().to_owned(),
                booking.title.clone(),
            ]
        })
        .collect();
    out::table(&["id", "start", "status", "meeting", "title"], &rows);
    Ok(())
}

async fn show(store: &Store, tenant: Tenant, named: &str, json: bool) -> Result<(), Failure> {
    let reference = super::reference(named)?;
    let found = store
        .read::<_, StoreError, _>(move |tx| {
            Box::pin(async move {
                let Some(record) = booking::find(tx, tenant, &reference).await? else {
                    return Ok(None);
                };
                let people = person::of_booking(tx, tenant, record.booking.id).await?;
                let rooms = room::of_booking(tx, tenant, record.booking.id).await?;
                Ok(Some((record, people, rooms)))
            })
        })
        .await?;
    let Some((record, people, rooms)) = found else {
        return Err(Failure::Refused(format!("there is no booking `{named}` in this tenant")));
    };
    let mut shown = summary(&record);
    if let Some(members) = shown.as_object_mut() {
        members.insert("people".to_owned(), people.iter().map(one_person).collect());
        members.insert("rooms".to_owned(), rooms.iter().map(one_room).collect());
    }
    if json {
        out::json(&shown);
    } else {
        lines(&shown, 0);
    }
    Ok(())
}

/// A booking as the API writes it, as far as one row has it.
fn summary(record: &Record) -> Value {
    let booking = &record.booking;
    json!({
        "id": booking.id,
        "external_id": record.external_id,
        "status": booking.status.as_str(),
        "version": booking.version,
        "seq": record.seq,
        "service": record.service,
        "host": booking.host,
        "mode": booking.mode.as_str(),
        "title": booking.title,
        "private": booking.private,
        "start": booking.start,
        "end": booking.end,
        "time_zone": booking.time_zone,
        "meeting": {
            "status": record.meeting.as_str(),
            "failures": record.failures,
            "next_attempt_at": record.next_attempt_at,
            "ready_at": record.ready_at,
            "reason": record.meeting_reason,
        },
    })
}

fn one_person(person: &Person) -> Value {
    let role = match person.role {
        Role::Host => "host",
        Role::Guest => "guest",
    };
    json!({"id": person.id, "role": role, "name": person.name, "email": person.email,
        "removed_at": person.removed_at})
}

fn one_room(record: &room::Record) -> Value {
    let room = &record.room;
    json!({"id": room.id, "provider": room.place.provider, "state": room.state.as_str(),
        "vendor_id": room.vendor_id, "number": record.door.number})
}

/// Each member on a line, those of members further in.
fn lines(value: &Value, depth: usize) {
    let indent = "  ".repeat(depth);
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                match value {
                    Value::Null => {}
                    Value::Object(_) | Value::Array(_) => {
                        out::data(format_args!("{indent}{name}"));
                        lines(value, depth + 1);
                    }
                    Value::String(text) => out::data(format_args!("{indent}{name}: {text}")),
                    Value::Bool(_) | Value::Number(_) => {
                        out::data(format_args!("{indent}{name}: {value}"));
                    }
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| {
            out::data(format_args!("{indent}-"));
            lines(item, depth + 1);
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            out::data(format_args!("{indent}{value}"));
        }
    }
}
