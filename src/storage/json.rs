//! Conversion of values to and from JSON columns.

use super::Fault;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

/// Converts a value for its column; `what` names the column.
pub(super) fn to_column(what: &str, value: &impl Serialize) -> Result<Value, Fault> {
    serde_json::to_value(value)
        .map_err(|error| Fault::because(format!("{what} cannot be written as JSON"), error))
}

/// Parses the value of a column; `what` names the column and the row.
pub(super) fn from_column<T: DeserializeOwned>(what: &str, column: Value) -> Result<T, Fault> {
    serde_json::from_value(column).map_err(|error| Fault::because(format!("{what} cannot be parsed"), error))
}
