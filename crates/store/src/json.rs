//! JSON inside text columns.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::StoreError;

/// What cannot be written as JSON is a map with keys that are no text: there is none here.
pub(crate) fn write<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_else(|_| "null".to_owned())
}

pub(crate) fn write_option<T: Serialize>(value: Option<&T>) -> Option<String> {
    value.map(write)
}

pub(crate) fn read<T: DeserializeOwned>(table: &'static str, text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::corrupt(table, error))
}

pub(crate) fn read_option<T: DeserializeOwned>(
    table: &'static str,
    text: Option<&str>,
) -> Result<Option<T>, StoreError> {
    text.map(|text| read(table, text)).transpose()
}
