//! Describes a request that the OpenAPI library cannot parse.
//!
//! The library's own messages repeat the unexpected value, which may be an activation code or a key.

use poem_openapi::error::{ParseParamError, ParsePathError, ParseRequestPayloadError};

/// The text before the value in the library's messages.
const BEFORE_THE_VALUE: &str = ", found ";

/// Describes the error for the authenticator's developer, without any value of the request.
pub(super) fn in_words(error: &poem::Error) -> String {
    if let Some(ParseRequestPayloadError { reason }) = error.downcast_ref() {
        let reason = reason.split(BEFORE_THE_VALUE).next().unwrap_or_default();
        return format!("the body is not what this operation takes: {reason}");
    }
    let name = (error.downcast_ref::<ParseParamError>().map(|error| error.name))
        .or_else(|| error.downcast_ref::<ParsePathError>().map(|error| error.name));
    match name {
        Some(name) => {
            format!("the parameter `{name}` cannot be read; openapi/device.json says what it may be")
        }
        None => "the request cannot be read; openapi/device.json says what this operation takes".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use poem_openapi::types::ParseFromJSON;

    #[test]
    fn an_unexpected_value_is_not_repeated() {
        let wrong = u32::parse_from_json(Some(serde_json::json!("MARK"))).unwrap_err();
        let reason = wrong.into_message();
        assert!(reason.contains("MARK"), "the library repeats it: {reason}");
        let words = in_words(&ParseRequestPayloadError { reason }.into());
        assert!(words.contains("Expected input type") && !words.contains("MARK"), "{words}");
        let reason = "`MARK` is no number".to_owned();
        let words = in_words(&ParseParamError { name: "state", reason }.into());
        assert!(words.contains("`state`") && !words.contains("MARK"), "{words}");
    }
}
