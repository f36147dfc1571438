//! The changed fields of an event, with the values before and after.

use serde::Serialize;
use serde_json::{Map, Value, json};

/// The changed fields, by the names under which commands show them. Never holds a secret.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes(Map<String, Value>);

impl Changes {
    /// Adds a field, if its value differs.
    pub fn note(&mut self, field: &'static str, before: &impl Serialize, after: &impl Serialize) {
        let shown = |value: Result<Value, serde_json::Error>| value.unwrap_or_default();
        let (before, after) = (shown(serde_json::to_value(before)), shown(serde_json::to_value(after)));
        if before != after {
            self.0.insert(field.to_owned(), json!({ "before": before, "after": after }));
        }
    }

    /// Whether nothing has changed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the names of the fields.
    pub fn fields(&self) -> Vec<String> {
        self.0.keys().cloned().collect()
    }

    /// Returns the stored document: an object with a member for each field.
    pub fn to_value(&self) -> Value {
        Value::Object(self.0.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_noted_only_where_its_value_differs() {
        let mut changes = Changes::default();
        changes.note("name", &"Wiki", &"Wiki");
        assert!(changes.is_empty());
        changes.note("pools", &["a"], &["a", "b"]);
        assert_eq!(changes.fields(), ["pools"]);
        assert_eq!(changes.to_value(), json!({ "pools": { "before": ["a"], "after": ["a", "b"] } }));
    }
}
