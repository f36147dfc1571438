//! `application/x-www-form-urlencoded`, read strictly: text that does not decode exactly is refused.

/// A query string or form body that is not well-formed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the parameters are not well-formed: expected application/x-www-form-urlencoded text in UTF-8")]
pub struct MalformedForm;

/// Decodes a query string or form body into names and values, in the order received.
pub fn form_pairs(text: &str) -> Result<Vec<(String, String)>, MalformedForm> {
    text.split('&').filter(|pair| !pair.is_empty()).map(pair).collect()
}

fn pair(text: &str) -> Result<(String, String), MalformedForm> {
    let (name, value) = text.split_once('=').unwrap_or((text, ""));
    Ok((decode(name)?, decode(value)?))
}

/// Decodes one name or value: `+` is a space, `%` is followed by two hexadecimal digits, the bytes are UTF-8.
pub(super) fn decode(text: &str) -> Result<String, MalformedForm> {
    let mut bytes = text.bytes();
    let mut decoded = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'+' => b' ',
            b'%' => hex(bytes.next())? * 16 + hex(bytes.next())?,
            other => other,
        });
    }
    String::from_utf8(decoded).map_err(|_| MalformedForm)
}

fn hex(digit: Option<u8>) -> Result<u8, MalformedForm> {
    let value = digit.and_then(|digit| char::from(digit).to_digit(16)).ok_or(MalformedForm)?;
    u8::try_from(value).map_err(|_| MalformedForm)
}

/// Encodes one value so that form decoders and plain percent decoders read the same: a space is `%20`.
pub(super) fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_and_values_are_decoded_in_order() {
        let pairs = form_pairs("scope=openid+profile&&state=%C3%A9%20&flag").unwrap();
        let expected = [("scope", "openid profile"), ("state", "\u{e9} "), ("flag", "")];
        assert_eq!(pairs, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }

    #[test]
    fn text_that_does_not_decode_exactly_is_refused() {
        for wrong in ["a=%", "a=%4", "a=%zz", "a=%+1", "a=%FF", "%C3=b"] {
            assert_eq!(form_pairs(wrong), Err(MalformedForm), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn encoded_text_decodes_to_the_original(text in any::<String>()) {
            prop_assert_eq!(decode(&encode(&text)), Ok(text));
        }

        #[test]
        fn no_text_makes_the_decoder_panic(text in any::<String>()) {
            let _ = form_pairs(&text);
        }
    }
}
