//! Redacts values that errors repeat.

/// The maximum number of characters; longer values are cut.
const MAX_CHARS: usize = 120;

/// Returns `text` without user, password, query and fragment if it is a URL: the scheme and the part after
/// the last `@` remain. At most 120 characters; control characters become `?`.
///
/// The last `@` counts, so that a password with characters that are not percent-encoded is removed whole.
pub fn redacted(text: &str) -> String {
    let (scheme, rest) = match text.split_once("://") {
        Some((scheme, rest)) => (format!("{scheme}://"), rest),
        None => (String::new(), text),
    };
    let is_url = !scheme.is_empty();
    let shown = match rest.rsplit_once('@') {
        Some((before, after)) if is_url || before.contains(':') => format!("{scheme}…@{}", bare(after)),
        _ if is_url => format!("{scheme}{}", bare(rest)),
        _ => bare(rest),
    };
    let printable = |char: char| if char.is_control() { '?' } else { char };
    let mut cut: String = shown.chars().take(MAX_CHARS).map(printable).collect();
    if shown.chars().nth(MAX_CHARS).is_some() {
        cut.push('…');
    }
    cut
}

/// Returns `text` without query and fragment.
fn bare(text: &str) -> String {
    match text.find(['?', '#']) {
        Some(at) => {
            format!("{}{}…", text.get(..at).unwrap_or_default(), text.get(at..=at).unwrap_or_default())
        }
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_without_secrets_is_not_changed() {
        for text in
            ["postmaster", "10.0.0.1", "https://id.example.com/sso", "ada@example.com", "info,x=debug"]
        {
            assert_eq!(redacted(text), text);
        }
    }

    #[test]
    fn user_password_query_and_fragment_are_removed() {
        for (text, shown) in [
            ("https://user:MARK@id.example.com", "https://…@id.example.com"),
            ("https://MARK@id.example.com/a", "https://…@id.example.com/a"),
            ("https://user:MA/RK@id.example.com", "https://…@id.example.com"),
            ("https://user:MA#R?K@id.example.com", "https://…@id.example.com"),
            ("https://user:MA@RK@id.example.com", "https://…@id.example.com"),
            ("user:MARK@id.example.com", "…@id.example.com"),
            ("https://id.example.com?key=MARK", "https://id.example.com?…"),
            ("https://id.example.com/#MARK", "https://id.example.com/#…"),
        ] {
            assert_eq!(redacted(text), shown);
        }
        assert_eq!(redacted(&"x".repeat(500)).chars().count(), MAX_CHARS + 1);
        assert_eq!(redacted("a\nb"), "a?b");
    }
}
