//! Reads [`Config`](super::Config) from a tree of values, as a deserializer of serde. Called by `layers`.

use super::{
    read_error::{OneOf, ReadError},
    value::{Entry, Table, Value},
};
use serde::{
    Deserialize,
    de::{
        self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Unexpected, Visitor,
        value::{BorrowedStrDeserializer, MapAccessDeserializer},
    },
};
use std::{collections::btree_map, iter::Enumerate, slice};

/// Reads `T` from a table.
///
/// # Errors
/// For the first setting, by name, that does not exist or has a value of the wrong type.
pub(super) fn deserialize<'a, T: Deserialize<'a>>(table: &'a Table) -> Result<T, ReadError> {
    T::deserialize(MapAccessDeserializer::new(Members { rest: table.iter(), value: None }))
}

impl Value {
    fn as_unexpected(&self) -> Unexpected<'_> {
        match self {
            Self::Text(text) => Unexpected::Str(text),
            Self::Integer(number) => match u64::try_from(*number) {
                Ok(number) => Unexpected::Unsigned(number),
                Err(_) => Unexpected::Signed(i64::try_from(*number).unwrap_or(i64::MIN)),
            },
            Self::Float(number) => Unexpected::Float(*number),
            Self::Boolean(truth) => Unexpected::Bool(*truth),
            Self::Other(words) => Unexpected::Other(words),
            Self::List(_) => Unexpected::Seq,
            Self::Table(_) => Unexpected::Map,
        }
    }
}

impl<'de> Deserializer<'de> for &'de Value {
    type Error = ReadError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        match (self, self.as_unexpected()) {
            (Value::Text(text), _) => visitor.visit_borrowed_str(text),
            (_, Unexpected::Unsigned(number)) => visitor.visit_u64(number),
            (_, Unexpected::Signed(number)) => visitor.visit_i64(number),
            (Value::Float(number), _) => visitor.visit_f64(*number),
            (Value::Boolean(truth), _) => visitor.visit_bool(*truth),
            (Value::List(values), _) => visitor.visit_seq(Elements { rest: values.iter().enumerate() }),
            (Value::Table(table), _) => visitor.visit_map(Members { rest: table.iter(), value: None }),
            (Value::Other(_) | Value::Integer(_), unexpected) => {
                Err(de::Error::invalid_type(unexpected, &visitor))
            }
        }
    }

    /// A setting that is present has a value.
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        visitor.visit_newtype_struct(self)
    }

    /// Structs are tables; serde's own visitor would take a list as well.
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        match self {
            Value::Table(_) => self.deserialize_any(visitor),
            other => Err(de::Error::invalid_type(other.as_unexpected(), &"a table")),
        }
    }

    /// Variants are words.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        known: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        match self {
            Value::Text(text) => visitor.visit_enum(BorrowedStrDeserializer::new(text)),
            other => Err(de::Error::invalid_type(other.as_unexpected(), &OneOf(known))),
        }
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq
        tuple tuple_struct map identifier ignored_any
    }
}

/// The members of a table.
struct Members<'a> {
    rest: btree_map::Iter<'a, String, Entry>,
    value: Option<(&'a str, &'a Entry)>,
}

impl<'de> MapAccess<'de> for Members<'de> {
    type Error = ReadError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, ReadError> {
        let Some((name, entry)) = self.rest.next() else { return Ok(None) };
        self.value = Some((name, entry));
        let deserializer = BorrowedStrDeserializer::<ReadError>::new(name);
        seed.deserialize(deserializer).map(Some).map_err(|error| error.under(name, Some(&entry.origin)))
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, ReadError> {
        let Some((name, entry)) = self.value.take() else {
            return Err(de::Error::custom("a value was read before its key"));
        };
        seed.deserialize(&entry.value).map_err(|error| error.under(name, Some(&entry.origin)))
    }
}

/// The values of a list.
struct Elements<'a> {
    rest: Enumerate<slice::Iter<'a, Value>>,
}

impl<'de> SeqAccess<'de> for Elements<'de> {
    type Error = ReadError;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, ReadError> {
        let Some((position, value)) = self.rest.next() else { return Ok(None) };
        seed.deserialize(value).map(Some).map_err(|error| error.under(&position.to_string(), None))
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::value::{from_toml, merge, single},
        *,
    };
    use crate::config::Config;
    use toml::de::DeTable;

    fn table(content: &str) -> Table {
        let parsed = DeTable::parse(content).unwrap().into_inner();
        from_toml(parsed, &std::path::Path::new("c.toml").into())
    }

    fn error(content: &str) -> ReadError {
        deserialize::<Config>(&table(content)).unwrap_err()
    }

    #[test]
    fn an_error_names_setting_and_file_and_what_was_found_and_expected() {
        for (content, expected) in [
            ("log_level = 3", "log_level in c.toml: found integer `3`, expected a string"),
            ("log_level = 1979-05-27", "log_level in c.toml: found a date or time, expected a string"),
            ("listen = \"8080\"", "listen in c.toml: invalid socket address syntax"),
            ("migrate = 0", "migrate in c.toml: found integer `0`, expected one of `auto`, `check`, `off`"),
            ("log_format = \"xml\"", "log_format in c.toml: found `xml`, expected `text` or `json`"),
            ("limits = 3", "limits in c.toml: found integer `3`, expected a table"),
            ("push = []", "push in c.toml: found sequence, expected a table"),
            ("limits.connections = -1", "limits.connections in c.toml: found integer `-1`, expected usize"),
            (
                "limits.connections = 99999999999999999999",
                "limits.connections in c.toml: found a number of more than 64 bits, expected usize",
            ),
            ("push.hosts = [\"a\", 7]", "push.hosts.1 in c.toml: found integer `7`, expected a string"),
            (
                "trusted_proxies = [\"::1\", \"https://u:MARK@h\"]",
                "trusted_proxies.1 in c.toml: `https://…@h` is not a network; write an address (`10.1.2.3`) \
                 or a block (`10.0.0.0/8`, `fd00::/8`)",
            ),
            (
                "[limits]\nconnexions = 3",
                "limits.connexions in c.toml: unknown field: found `connexions`, expected one of \
                 `connections`, `connections_per_source`, `journeys_per_source`, \
                 `wrong_answers_per_source`, `anonymous_writes_per_source`",
            ),
        ] {
            assert_eq!(error(content).to_string(), expected, "{content}");
        }
    }

    #[test]
    fn a_variable_is_not_blamed_on_the_file_that_it_overrides() {
        let mut merged = table("limits.connections = 1\nlimits.journeys_per_source = 2");
        merge(&mut merged, single("limits.connections", Value::from("many")));
        let error = deserialize::<Config>(&merged).unwrap_err();
        assert_eq!(error.to_string(), "limits.connections: found the text `many`, expected usize");
    }

    #[test]
    fn settings_that_are_not_given_have_their_defaults() {
        let config: Config = deserialize(&table("limits.connections = 0xffffffffffffffff")).unwrap();
        assert_eq!(config.limits.connections, usize::MAX);
        assert_eq!(config.limits.journeys_per_source, 1_000);
        assert_eq!(config.push.hosts, Config::default().push.hosts);
    }

    #[test]
    fn an_error_never_contains_the_value_of_a_secret() {
        for content in ["encryption_key = 4711", "encryption_key = [[4711]]", "database_url.a.b = 4711"] {
            let error = error(content);
            let shown = format!("{error} {error:?}");
            assert!(shown.contains("what was found is not repeated"), "{shown}");
            assert!(!shown.contains("4711"), "{shown}");
        }
    }
}
