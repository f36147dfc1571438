//! Values of settings before their types are checked, each with its origin.
//!
//! Reads no file and no variable. Called by `layers`, which merges the tables, and by `deserializer`.

use std::{collections::BTreeMap, path::Path, sync::Arc};
use toml::de::{DeTable, DeValue};

/// A value as written in a file, a variable or a flag. `Debug` only in tests, because it may be a secret.
#[derive(Clone, PartialEq)]
#[cfg_attr(test, derive(Debug))]
pub(super) enum Value {
    Text(String),
    /// A whole number in the range of [`INTEGERS`].
    Integer(i128),
    Float(f64),
    Boolean(bool),
    List(Vec<Self>),
    Table(Table),
    /// What no setting takes, in words.
    Other(&'static str),
}

/// The integers that serde reads without loss: `i64` and `u64`.
const INTEGERS: std::ops::RangeInclusive<i128> = i64::MIN as i128..=u64::MAX as i128;

/// Settings and tables of settings by name.
pub(super) type Table = BTreeMap<String, Entry>;

/// A value and its origin.
#[derive(Clone, PartialEq)]
#[cfg_attr(test, derive(Debug))]
pub(super) struct Entry {
    pub(super) value: Value,
    pub(super) origin: Origin,
}

/// The place that an error names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// A configuration file.
    File(Arc<Path>),
    /// A variable, a file named by one, or a flag.
    EnvironmentOrFlag,
}

/// Returns the table with the single setting `key`, in which dots separate the tables.
pub(super) fn single(key: &str, value: Value) -> Table {
    let entry = |value| Entry { value, origin: Origin::EnvironmentOrFlag };
    match key.split_once('.') {
        Some((table, rest)) => BTreeMap::from([(table.to_owned(), entry(Value::Table(single(rest, value))))]),
        None => BTreeMap::from([(key.to_owned(), entry(value))]),
    }
}

/// Converts a table of the file `path`.
pub(super) fn from_toml(table: DeTable<'_>, path: &Arc<Path>) -> Table {
    let entry = |value| Entry { value: value_from_toml(value, path), origin: Origin::File(Arc::clone(path)) };
    let members = table.into_iter();
    members.map(|(name, value)| (name.into_inner().into_owned(), entry(value.into_inner()))).collect()
}

fn value_from_toml(value: DeValue<'_>, path: &Arc<Path>) -> Value {
    match value {
        DeValue::String(text) => Value::Text(text.into_owned()),
        DeValue::Integer(number) => match i128::from_str_radix(number.as_str(), number.radix()) {
            Ok(number) if INTEGERS.contains(&number) => Value::Integer(number),
            _ => Value::Other("a number of more than 64 bits"),
        },
        DeValue::Float(number) => {
            number.as_str().parse().map_or(Value::Other("a number with a point"), Value::Float)
        }
        DeValue::Boolean(truth) => Value::Boolean(truth),
        DeValue::Datetime(_) => Value::Other("a date or time"),
        DeValue::Array(values) => {
            let values = values.into_iter();
            Value::List(values.map(|value| value_from_toml(value.into_inner(), path)).collect())
        }
        DeValue::Table(table) => Value::Table(from_toml(table, path)),
    }
}

/// Merges `upper` into `lower`: tables by name, any other value replaces the lower one.
pub(super) fn merge(lower: &mut Table, upper: Table) {
    for (name, entry) in upper {
        match (lower.get_mut(&name).map(|entry| &mut entry.value), entry.value) {
            (Some(Value::Table(lower)), Value::Table(upper)) => merge(lower, upper),
            (_, value) => drop(lower.insert(name, Entry { value, origin: entry.origin })),
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<u64> for Value {
    fn from(number: u64) -> Self {
        Self::Integer(number.into())
    }
}

impl From<Vec<&str>> for Value {
    fn from(words: Vec<&str>) -> Self {
        Self::List(words.into_iter().map(Self::from).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_merged_and_other_values_replaced() {
        let mut merged = single("limits.connections", Value::from(1));
        merge(&mut merged, single("limits.journeys_per_source", Value::from(2)));
        merge(&mut merged, single("limits.connections", Value::from(3)));
        let mut expected = single("limits.connections", Value::from(3));
        let Some(Value::Table(limits)) = expected.get_mut("limits").map(|entry| &mut entry.value) else {
            panic!("limits is a table")
        };
        limits.extend(single("journeys_per_source", Value::from(2)));
        assert_eq!(merged, expected);

        merge(&mut merged, single("limits", Value::from("text")));
        assert_eq!(merged, single("limits", Value::from("text")));
        merge(&mut merged, single("limits.connections", Value::from(4)));
        assert_eq!(merged, single("limits.connections", Value::from(4)));
        merge(&mut merged, single("trusted_proxies", Value::from(vec!["::1", "10.0.0.1"])));
        merge(&mut merged, single("trusted_proxies", Value::from(vec!["fd00::/8"])));
        assert_eq!(
            merged.get("trusted_proxies").map(|entry| &entry.value),
            Some(&Value::from(vec!["fd00::/8"]))
        );
    }
}
