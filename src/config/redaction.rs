//! How an error repeats a value that was received: without what may be a secret.

/// Longer values are cut.
const LONGEST: usize = 120;

/// `text` for an error: the scheme and what follows the last `@` of a URL, but no user, password, query or
/// fragment; at most 120 characters, control characters as `?`.
///
/// Signs of a password that were not percent-encoded are hidden as well, because what they hide ends at the last `@`.
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
    let printable = |sign: char| if sign.is_control() { '?' } else { sign };
    let mut cut: String = shown.chars().take(LONGEST).map(printable).collect();
    if shown.chars().nth(LONGEST).is_some() {
        cut.push('…');
    }
    cut
}

/// `text` without query and fragment.
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
    fn a_value_without_secrets_is_repeated_as_it_is() {
        for text in
            ["postmaster", "10.0.0.1", "https://id.example.com/sso", "ada@example.com", "info,x=debug"]
        {
            assert_eq!(redacted(text), text);
        }
    }

    #[test]
    fn what_may_be_a_secret_is_left_out() {
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
        assert_eq!(redacted(&"x".repeat(500)).chars().count(), LONGEST + 1);
        assert_eq!(redacted("a\nb"), "a?b");
    }
}
