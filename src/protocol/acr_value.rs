//! A single requested authentication context class reference (OpenID Connect Core §3.1.2.1).

use super::checked_text::{checked_text, is_nqchar};

checked_text! {
    /// A requested `acr`: printable ASCII without spaces, quotation marks and backslashes, 1 to 128 bytes.
    #[derive(Debug)]
    AcrValue, |text: &str| text.len() <= 128 && is_nqchar(text)
}

impl AcrValue {
    /// Reads a list separated by spaces, in order of preference; `None` when a single value is malformed.
    pub fn parse_list(text: &str) -> Option<Vec<Self>> {
        text.split(' ').filter(|value| !value.is_empty()).map(Self::parse).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_acr_value_is_never_empty_and_holds_no_quotation_mark() {
        assert!(AcrValue::parse("2fa").is_some());
        assert!(AcrValue::parse("urn:mace:incommon:iap:silver").is_some());
        for wrong in ["", "2 fa", "2\"fa", "2\\fa", "zwei\u{e9}", "a\n", &"a".repeat(129)] {
            assert_eq!(AcrValue::parse(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn a_list_keeps_its_order_and_one_malformed_value_refuses_all_of_it() {
        let list = AcrValue::parse_list(" 2fa  1fa").unwrap();
        assert_eq!(list.iter().map(AcrValue::as_str).collect::<Vec<_>>(), ["2fa", "1fa"]);
        assert_eq!(AcrValue::parse_list("2fa \"1fa\""), None);
    }

    #[test]
    fn a_stored_acr_value_is_checked_when_it_is_read() {
        assert!(serde_json::from_str::<AcrValue>("\"2fa\"").is_ok());
        assert!(serde_json::from_str::<AcrValue>("\"\"").is_err());
    }
}
