//! What was asked: each booking as it should end, kept apart from what the product says of itself.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::rows::Row;
use super::when;
use crate::failure::Result;

/// Where a session stands, as far as it was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Pending,
    Confirmed,
    Cancelled,
}

/// How near a session is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Weeks ahead: moved, cancelled and whatever else people do.
    Far,
    /// A day ahead, so that it is looked at before its session during the fire: somebody breaks
    /// its room.
    Tomorrow,
    /// In a few minutes: its door is open.
    AtTheDoor,
}

/// One booking as it should be.
#[derive(Clone, Debug)]
pub(crate) struct Wish {
    /// For people: the same on every database.
    pub(crate) name: String,
    /// How the API is asked for it, once it is there.
    pub(crate) reference: String,
    pub(crate) kind: Kind,
    pub(crate) service: String,
    pub(crate) online: bool,
    pub(crate) status: Status,
    pub(crate) start: Timestamp,
    pub(crate) end: Timestamp,
    pub(crate) time_zone: String,
    pub(crate) host: Host,
    /// Who gave it before.
    pub(crate) former_hosts: Vec<Host>,
    pub(crate) guest_name: String,
    pub(crate) guest_email: String,
    pub(crate) notes: String,
    /// How often something was changed, with its arrival: the API's version.
    pub(crate) version: i64,
    /// Whether it was ever certain: only then may anybody have heard of it.
    pub(crate) was_confirmed: bool,
    /// What its source last sent, where it was sent by `PUT`.
    pub(crate) sent: Option<Value>,
}

/// Who gives a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Host {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) email: String,
}

impl Wish {
    pub(crate) fn of_row(row: &Row, host: Host) -> Result<Self> {
        let (start, end) = when::span(row)?;
        let status = match row.status.as_str() {
            "pending" => Status::Pending,
            "cancelled" => Status::Cancelled,
            _ => Status::Confirmed,
        };
        Ok(Self {
            name: row.external_id.clone(),
            reference: format!("ext:{}", row.external_id),
            kind: Kind::Far,
            service: row.service.clone(),
            online: row.mode == "online",
            status,
            start,
            end,
            time_zone: row.time_zone.clone(),
            host,
            former_hosts: Vec::new(),
            guest_name: row.guest_name.clone(),
            guest_email: row.guest_email.clone(),
            notes: row.notes.clone(),
            version: 1,
            was_confirmed: status == Status::Confirmed,
            sent: None,
        })
    }

    pub(crate) fn wants_room(&self) -> bool {
        self.online && self.status == Status::Confirmed
    }

    /// What the words on the door should be: the service's template is the usual one.
    pub(crate) fn topic(&self) -> String {
        format!("{} with {}", self.service, self.host.name)
    }

    pub(crate) fn minutes(&self) -> i64 {
        (self.end.as_second() - self.start.as_second()) / 60
    }

    /// As a platform sends it.
    pub(crate) fn body(&self, service: &str) -> Value {
        json!({
            "service": service,
            "host": self.host.id,
            "mode": if self.online { "online" } else { "in_person" },
            "status": match self.status {
                Status::Pending => "pending",
                Status::Confirmed => "confirmed",
                Status::Cancelled => "cancelled",
            },
            "start": when::written(self.start),
            "end": when::written(self.end),
            "time_zone": self.time_zone,
            "notes": (!self.notes.is_empty()).then_some(&self.notes),
            "guests": [{"name": self.guest_name, "email": self.guest_email, "time_zone": self.time_zone}],
        })
    }
}
