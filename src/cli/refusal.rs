//! Refuses an invalid command line without repeating its values, which may be secrets.
//!
//! `clap` repeats unexpected text, so a password given as an argument would appear on the terminal and in the
//! journal.

use crate::config::redacted;
use clap::error::{ContextKind, ContextValue, ErrorKind};

/// The replacement of a hidden value.
const HIDDEN: &str = "…";

/// Hides values in `refusal`, except names of options and values of known options.
pub fn without_secrets(mut refusal: clap::Error) -> clap::Error {
    let is_about_a_value = matches!(refusal.kind(), ErrorKind::InvalidValue | ErrorKind::ValueValidation);
    let mut hides = false;
    for kind in [ContextKind::InvalidArg, ContextKind::InvalidSubcommand, ContextKind::InvalidValue] {
        let Some(ContextValue::String(text)) = refusal.get(kind) else { continue };
        let shown = match kind {
            ContextKind::InvalidValue if is_about_a_value => redacted(text),
            // `clap`'s own text for a known option, or the text that was typed as one.
            ContextKind::InvalidArg if refusal.kind() != ErrorKind::UnknownArgument => continue,
            ContextKind::InvalidArg if is_option_name(text) => continue,
            _ => HIDDEN.to_owned(),
        };
        hides |= shown == HIDDEN;
        refusal.insert(kind, ContextValue::String(shown));
    }
    if hides {
        // Suggestions repeat the value too.
        refusal.remove(ContextKind::Suggested);
        refusal.remove(ContextKind::TrailingArg);
    }
    refusal
}

/// Whether `text` has the form of this program's options: `-x`, or `--` and lower-case words.
fn is_option_name(text: &str) -> bool {
    let is_word = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase());
    match text.strip_prefix("--") {
        Some(name) => name.split('-').all(is_word),
        None => text.strip_prefix('-').is_some_and(|letter| letter.len() == 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Cli;
    use clap::Parser;

    fn refusal(line: &str) -> String {
        let refused = Cli::try_parse_from(line.split(' ')).expect_err(line);
        without_secrets(refused).to_string()
    }

    #[test]
    fn an_unexpected_value_is_not_repeated() {
        for line in [
            "countersign person add ada zq7-MARK",
            "countersign person add ada --password=zq7-MARK",
            "countersign person add ada --password zq7-MARK",
            "countersign person add ada -pzq7-MARK",
            "countersign person add ada --zq7-MARK",
            "countersign person add ada --json=zq7-MARK",
            "countersign client add --name W --redirect-uri https://w.example/cb --secret=zq7-MARK",
            "countersign client add zq7-MARK",
            "countersign migrate postgres://u:zq7-MARK@h/d",
            "countersign postgres://u:zq7-MARK@h/d",
            "countersign serve --listen postgres://u:zq7-MARK@h/d",
            "countersign serve zq7-MARK",
            "countersign demo zq7-MARK",
            "countersign healthcheck zq7-MARK",
            "countersign openapi zq7-MARK",
            "countersign person reset-mfa ada zq7-MARK",
        ] {
            let refusal = refusal(line);
            assert!(!refusal.contains("MARK"), "{line}: {refusal}");
            assert!(refusal.contains("--help"), "{line}: {refusal}");
        }
    }

    #[test]
    fn options_and_their_values_are_repeated() {
        for (line, named) in [
            ("countersign person add ada --pasword-file x", "--pasword-file"),
            ("countersign person add ada --pasword-file x", "'--password-file'"),
            ("countersign serv", "'serve'"),
            ("countersign serve --listen 8080", "'8080' for '--listen <ADDR:PORT>'"),
            ("countersign person add", "<USERNAME>"),
        ] {
            let refusal = refusal(line);
            assert!(refusal.contains(named), "{line}: {refusal}");
        }
    }
}
