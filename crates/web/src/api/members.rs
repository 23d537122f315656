//! Reading a JSON object member by member, so that everything wrong with it is said at once.

use std::collections::HashSet;
use std::fmt::Display;
use std::str::FromStr;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::error::{Fault, Problem};

/// An object being read. What nobody asked for is unknown.
pub(crate) struct Members<'v> {
    map: &'v Map<String, Value>,
    at: String,
    known: HashSet<&'static str>,
    faults: Vec<Fault>,
}

impl<'v> Members<'v> {
    pub(crate) fn new(map: &'v Map<String, Value>, at: impl Into<String>) -> Self {
        Self { map, at: at.into(), known: HashSet::new(), faults: Vec::new() }
    }

    /// The member, `None` where it is not said. `null` is said.
    pub(crate) fn value(&mut self, name: &'static str) -> Option<&'v Value> {
        self.known.insert(name);
        self.map.get(name)
    }

    pub(crate) fn fault(&mut self, name: &str, code: &'static str, words: impl Into<String>) {
        self.faults.push(Fault::new(format!("{}/{name}", self.at), code, words));
    }

    pub(crate) fn pointer(&self, name: &str) -> String {
        format!("{}/{name}", self.at)
    }

    pub(crate) fn extend(&mut self, faults: Vec<Fault>) {
        self.faults.extend(faults);
    }

    /// Text, or null.
    pub(crate) fn text(&mut self, name: &'static str) -> Option<Option<String>> {
        let value = self.value(name)?;
        let text = value.as_str().map(str::to_owned);
        self.or_null(name, value, text, "must be text")
    }

    /// Text that means something, or null.
    pub(crate) fn parsed<T>(&mut self, name: &'static str) -> Option<Option<T>>
    where
        T: FromStr,
        T::Err: Display,
    {
        let Some(text) = self.text(name)? else { return Some(None) };
        match text.parse() {
            Ok(value) => Some(Some(value)),
            Err(error) => {
                self.fault(name, "invalid", error.to_string());
                None
            }
        }
    }

    /// One of several words, or null.
    pub(crate) fn word<T: Copy>(
        &mut self,
        name: &'static str,
        words: &[(&str, T)],
    ) -> Option<Option<T>> {
        let Some(text) = self.text(name)? else { return Some(None) };
        match words.iter().find(|(word, _)| *word == text) {
            Some((_, value)) => Some(Some(*value)),
            None => {
                let known: Vec<_> = words.iter().map(|(word, _)| *word).collect();
                self.fault(name, "invalid", format!("must be one of {}", known.join(", ")));
                None
            }
        }
    }

    /// True or false.
    pub(crate) fn flag(&mut self, name: &'static str) -> Option<bool> {
        let flag = self.value(name)?.as_bool();
        if flag.is_none() {
            self.fault(name, "invalid", "must be true or false");
        }
        flag
    }

    /// A whole number within bounds.
    pub(crate) fn number(&mut self, name: &'static str, least: u64, most: u64) -> Option<u64> {
        match self.value(name)?.as_u64().filter(|it| (least..=most).contains(it)) {
            Some(number) => Some(number),
            None => {
                let words = format!("must be a whole number from {least} to {most}");
                self.fault(name, "out_of_range", words);
                None
            }
        }
    }

    /// An object, or null.
    pub(crate) fn object(&mut self, name: &'static str) -> Option<Option<&'v Map<String, Value>>> {
        let value = self.value(name)?;
        self.or_null(name, value, value.as_object(), "must be an object")
    }

    /// A list, or null.
    pub(crate) fn list(&mut self, name: &'static str) -> Option<Option<&'v Vec<Value>>> {
        let value = self.value(name)?;
        self.or_null(name, value, value.as_array(), "must be a list")
    }

    fn or_null<T>(
        &mut self,
        name: &str,
        value: &Value,
        read: Option<T>,
        words: &str,
    ) -> Option<Option<T>> {
        if read.is_none() && !value.is_null() {
            self.fault(name, "invalid", words);
            return None;
        }
        Some(read)
    }

    /// An object whose shape `core` knows; its unknown members are told one by one.
    pub(crate) fn shaped<T: DeserializeOwned>(
        &mut self,
        value: &Value,
        pointer: &str,
        known: &[&str],
    ) -> Option<T> {
        let Some(map) = value.as_object() else {
            self.faults.push(Fault::new(pointer, "invalid", "must be an object"));
            return None;
        };
        let mut left = Map::new();
        for (name, value) in map {
            if !known.contains(&name.as_str()) {
                let at = format!("{pointer}/{}", escaped(name));
                self.faults.push(Fault::new(at, "unknown_field", "is not a member that is known"));
            } else if !value.is_null() {
                left.insert(name.clone(), value.clone());
            }
        }
        match T::deserialize(Value::Object(left)) {
            Ok(value) => Some(value),
            Err(error) => {
                self.faults.push(Fault::new(pointer, "invalid", error.to_string()));
                None
            }
        }
    }

    /// Everything that is wrong; `ignored` are members that only the server writes.
    pub(crate) fn end(mut self, ignored: &[&str]) -> Vec<Fault> {
        for name in self.map.keys() {
            if !self.known.contains(name.as_str()) && !ignored.contains(&name.as_str()) {
                let at = format!("{}/{}", self.at, escaped(name));
                self.faults.push(Fault::new(at, "unknown_field", "is not a member that is known"));
            }
        }
        self.faults
    }

    /// As [`Members::end`], for who reads only this object.
    pub(crate) fn done(self, ignored: &[&str]) -> Result<(), Problem> {
        let faults = self.end(ignored);
        if faults.is_empty() { Ok(()) } else { Err(Problem::invalid(faults)) }
    }

    /// Notes that a member is needed, if it was not said.
    pub(crate) fn needed(&mut self, name: &'static str, whole: bool) {
        if whole && self.map.get(name).is_none_or(Value::is_null) {
            self.fault(name, "required", "is needed");
        }
    }
}

/// A member's name inside a JSON pointer.
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
