//! `state`: a value of the client that is returned unchanged (RFC 6749 §4.1.1).

use super::checked_text::{checked_text, is_plain};

checked_text! {
    /// The `state` of a request: 1 to 2048 bytes without control characters, returned byte for byte.
    #[derive(Debug)]
    State, |text: &str| is_plain(text, State::MAX_BYTES)
}

impl State {
    /// The longest accepted state, in bytes.
    pub const MAX_BYTES: usize = 2048;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_of_two_kibibytes_is_accepted_and_one_byte_more_is_not() {
        assert!(State::parse(&"x".repeat(2048)).is_some());
        assert!(State::parse(&"x".repeat(2049)).is_none());
        assert!(State::parse("</script>\u{1F600}").is_some());
        assert!(State::parse("a\0b").is_none());
        assert!(State::parse("a\r\nb").is_none());
    }
}
