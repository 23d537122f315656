//! Reading a JSON object member by member, so that everything wrong with it is said at once.

use std::collections::HashSet;
use std::fmt::Display;
use std::str::FromStr;
use std::time::Duration;

use roomkey_core::time::duration;
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

    /// A whole number within bounds, or null.
    pub(crate) fn number_or_null(
        &mut self,
        name: &'static str,
        least: u64,
        most: u64,
    ) -> Option<Option<u64>> {
        if self.value(name)?.is_null() {
            return Some(None);
        }
        self.number(name, least, most).map(Some)
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

    /// True or false, or null.
    pub(crate) fn flag_or_null(&mut self, name: &'static str) -> Option<Option<bool>> {
        let value = self.value(name)?;
        self.or_null(name, value, value.as_bool(), "must be true or false")
    }

    /// A length of time such as `10m`, or null.
    pub(crate) fn duration(&mut self, name: &'static str) -> Option<Option<Duration>> {
        let Some(text) = self.text(name)? else { return Some(None) };
        match duration(&text) {
            Ok(length) => Some(Some(length)),
            Err(error) => {
                self.fault(name, "invalid", error.to_string());
                None
            }
        }
    }

    /// A list of texts, or null. One that is no text keeps its place, empty.
    pub(crate) fn texts(&mut self, name: &'static str) -> Option<Option<Vec<String>>> {
        let Some(list) = self.list(name)? else { return Some(None) };
        let mut texts = Vec::new();
        for (place, value) in list.iter().enumerate() {
            if !value.is_string() {
                self.fault(&format!("{name}/{place}"), "invalid", "must be text");
            }
            texts.push(value.as_str().unwrap_or_default().to_owned());
        }
        Some(Some(texts))
    }

    /// A list of objects, or null; `ignored` are members that only the server writes. One that is no
    /// object keeps its place, so that what is said of the others names theirs.
    pub(crate) fn each<T: Default>(
        &mut self,
        name: &'static str,
        ignored: &[&str],
        read: impl Fn(&mut Members<'v>) -> T,
    ) -> Option<Option<Vec<T>>> {
        let Some(list) = self.list(name)? else { return Some(None) };
        let mut all = Vec::new();
        for (place, value) in list.iter().enumerate() {
            let at = format!("{}/{place}", self.pointer(name));
            let Some(map) = value.as_object() else {
                self.faults.push(Fault::new(at, "invalid", "must be an object"));
                all.push(T::default());
                continue;
            };
            let mut one = Members::new(map, at);
            all.push(read(&mut one));
            self.faults.extend(one.end(ignored));
        }
        Some(Some(all))
    }

    /// Notes what is wrong with what was read, but for what could not be read.
    pub(crate) fn also(&mut self, faults: Vec<Fault>) {
        let unread = self.faults.len();
        for fault in faults {
            let is_told = self.faults.iter().take(unread).any(|it| {
                let below = fault.pointer.strip_prefix(&it.pointer);
                below.is_some_and(|it| it.is_empty() || it.starts_with('/'))
            });
            if !is_told {
                self.faults.push(fault);
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
pub(crate) fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
