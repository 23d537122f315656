//! JSON, read so that a member that is there twice is noticed: which of the two was meant is for
//! the sender to say, and a reader that takes the last is one that takes the wrong one half of the
//! time.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::members::escaped;
use crate::error::Fault;

/// What was sent, and every member of it that is there twice.
///
/// # Errors
/// It is not JSON.
pub(super) fn read(bytes: &[u8]) -> Result<(Value, Vec<Fault>), serde_json::Error> {
    let mut faults = Vec::new();
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = Place { at: String::new(), faults: &mut faults }.deserialize(&mut reader)?;
    reader.end()?;
    Ok((value, faults))
}

/// One value, where it stands.
struct Place<'f> {
    at: String,
    faults: &'f mut Vec<Fault>,
}

impl<'de> DeserializeSeed<'de> for Place<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Place<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        loop {
            let at = format!("{}/{}", self.at, values.len());
            match list.next_element_seed(Place { at, faults: &mut *self.faults })? {
                Some(value) => values.push(value),
                None => return Ok(Value::Array(values)),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some(name) = object.next_key::<String>()? {
            let at = format!("{}/{}", self.at, escaped(&name));
            let place = Place { at: at.clone(), faults: &mut *self.faults };
            let value = object.next_value_seed(place)?;
            let is_told = |it: &Fault| it.pointer == at;
            if members.insert(name, value).is_some() && !self.faults.iter().any(is_told) {
                self.faults.push(Fault::new(at, "duplicate", "is there twice; send it once"));
            }
        }
        Ok(Value::Object(members))
    }
}
