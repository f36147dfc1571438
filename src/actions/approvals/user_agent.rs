//! Describes a browser in words that its owner recognizes.

use woothee::{parser::Parser, woothee::VALUE_UNKNOWN};

/// Returns for example "Firefox on Windows"; "Unknown browser" when the header does not say.
pub(super) fn in_words(agent: &str) -> String {
    let parsed = Parser::new().parse(agent).unwrap_or_default();
    let (name, system) = (known(parsed.name), known(parsed.os).map(plain));
    match (name, system) {
        (Some(name), Some(system)) => format!("{name} on {system}"),
        (Some(name), None) => name.to_owned(),
        (None, Some(system)) => format!("Unknown browser on {system}"),
        (None, None) => "Unknown browser".to_owned(),
    }
}

fn known(word: &str) -> Option<&str> {
    Some(word).filter(|word| !word.is_empty() && *word != VALUE_UNKNOWN)
}

/// Returns the name of a system without its version: Windows 11 also sends "Windows 10".
fn plain(system: &str) -> &str {
    match system {
        "Mac OSX" => "macOS",
        system if system.starts_with("Windows") => "Windows",
        system => system,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_agent_is_described_by_its_everyday_names() {
        for (agent, words) in [
            ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0",
                "Firefox on Windows",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.4 Safari/605.1.15",
                "Safari on macOS",
            ),
            (
                "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36",
                "Chrome on Android",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.4 Mobile/15E148 Safari/604.1",
                "Safari on iPhone",
            ),
            ("", "Unknown browser"),
            ("\u{202E}<b>", "Unknown browser"),
        ] {
            assert_eq!(in_words(agent), words, "{agent}");
        }
    }
}
