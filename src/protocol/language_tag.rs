//! A language that a person may prefer (BCP 47).

use super::checked_text::checked_text;

checked_text! {
    /// A language tag such as `de` or `fr-CA`: up to 35 bytes of letters, digits and inner hyphens.
    #[derive(Debug)]
    LanguageTag, is_language_tag
}

impl LanguageTag {
    /// Reads `ui_locales` or `claims_locales`, in order of preference. OpenID Connect Core §3.1.2.1 forbids
    /// an error for unsupported languages, so malformed tags, and tags after the sixteenth, are left out.
    pub fn parse_list(text: &str) -> Vec<Self> {
        text.split(' ').filter_map(Self::parse).take(16).collect()
    }
}

fn is_language_tag(text: &str) -> bool {
    let is_subtag =
        |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    text.len() <= 35 && text.split('-').all(is_subtag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn malformed_language_tags_are_left_out_and_the_rest_keeps_its_order() {
        let tags = LanguageTag::parse_list("se fr-CA <b> de_DE  -x en- zh-Hant-TW");
        assert_eq!(tags.iter().map(LanguageTag::as_str).collect::<Vec<_>>(), ["se", "fr-CA", "zh-Hant-TW"]);
        assert_eq!(LanguageTag::parse_list(&"en ".repeat(1000)).len(), 16);
    }
}
