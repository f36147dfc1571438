//! Header fields that others may fill: proxies, other applications on the same host, hostile clients.
//!
//! A list is split as bytes before its elements are read as text, so that one element that is no text does not hide
//! the others. No other file reads a field of a request as text: a test refuses it.
//! Spec: RFC 9110 §5.5 (a field value is bytes), §5.6.1 (lists).

use http::{
    HeaderMap,
    header::{self, AsHeaderName},
};

/// The text of a field that a request has at most once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Single<'a> {
    /// The request does not have it.
    Absent,
    /// Its text.
    Text(&'a str),
    /// The request has it more than once, or it is no text.
    Unusable,
}

/// Returns the values of a field, one for each line; `None` for a value that is no text: visible ASCII, spaces and
/// tabs.
pub fn values(headers: &HeaderMap, name: impl AsHeaderName) -> impl DoubleEndedIterator<Item = Option<&str>> {
    headers.get_all(name).into_iter().map(|value| text(value.as_bytes()))
}

/// Returns the elements of a list, over all lines, without the white space around them; `None` for an element that is
/// no text.
pub fn elements(
    headers: &HeaderMap,
    name: impl AsHeaderName,
    separator: u8,
) -> impl DoubleEndedIterator<Item = Option<&str>> {
    let lines = headers.get_all(name).into_iter();
    lines.flat_map(move |line| line.as_bytes().split(move |byte| *byte == separator)).map(|element| {
        let element = element.trim_ascii();
        text(element)
    })
}

/// Reads a field that a request has at most once.
pub fn single(headers: &HeaderMap, name: impl AsHeaderName) -> Single<'_> {
    let mut values = values(headers, name);
    match (values.next(), values.next()) {
        (None, _) => Single::Absent,
        (Some(Some(text)), None) => Single::Text(text),
        _ => Single::Unusable,
    }
}

/// Returns the tags of `If-None-Match`, without the mark of a weak one: it is compared weakly (RFC 9110 §13.1.2).
pub fn known_tags(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let tags = elements(headers, header::IF_NONE_MATCH, b',').flatten();
    tags.map(|tag| tag.strip_prefix("W/").unwrap_or(tag))
}

impl<'a> Single<'a> {
    /// Returns the text; `None` when it is absent or unusable.
    pub fn text(self) -> Option<&'a str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Absent | Self::Unusable => None,
        }
    }
}

/// Reads a value as text: visible ASCII, spaces and tabs.
pub fn text(bytes: &[u8]) -> Option<&str> {
    let is_text = bytes.iter().all(|byte| matches!(byte, b'\t' | b' '..=b'~'));
    std::str::from_utf8(bytes).ok().filter(|_| is_text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn lines(values: &[&[u8]]) -> HeaderMap {
        let lines = values.iter().map(|value| HeaderValue::from_bytes(value).unwrap());
        lines.map(|value| (http::header::COOKIE, value)).collect()
    }

    #[test]
    fn an_element_that_is_no_text_hides_no_other() {
        let headers = lines(&["a=1; name=Jürgen; b=2".as_bytes(), b"c=\xff;d=4"]);
        let read: Vec<_> = elements(&headers, "cookie", b';').collect();
        assert_eq!(read, [Some("a=1"), None, Some("b=2"), None, Some("d=4")]);
    }

    #[test]
    fn each_value_is_read_for_itself() {
        let headers = lines(&[b"a", "ü".as_bytes(), b"c d"]);
        assert_eq!(values(&headers, "cookie").collect::<Vec<_>>(), [Some("a"), None, Some("c d")]);
    }

    #[test]
    fn a_field_is_read_once_and_neither_repeated_nor_in_other_bytes() {
        let read = |values: &[&[u8]]| match single(&lines(values), "cookie") {
            Single::Absent => "absent".to_owned(),
            Single::Text(text) => format!("text {text}"),
            Single::Unusable => "unusable".to_owned(),
        };
        assert_eq!(read(&[]), "absent");
        assert_eq!(read(&[b"a b"]), "text a b");
        assert_eq!(read(&[b""]), "text ");
        assert_eq!(read(&[b"a", b"a"]), "unusable");
        assert_eq!(read(&["ä".as_bytes()]), "unusable");
    }
}
