//! Columns that hold a value as JSON.

use super::Fault;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

/// The value as the column holds it; `what` names the column.
pub(super) fn to_column(what: &str, value: &impl Serialize) -> Result<Value, Fault> {
    serde_json::to_value(value)
        .map_err(|error| Fault::because(format!("{what} cannot be written as JSON"), error))
}

/// The value that the column holds; `what` names the column and the row.
pub(super) fn from_column<T: DeserializeOwned>(what: &str, column: Value) -> Result<T, Fault> {
    serde_json::from_value(column)
        .map_err(|error| Fault::because(format!("{what} is not what it should be"), error))
}
