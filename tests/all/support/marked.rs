//! A secret that tests recognize in any output, also encoded.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// The secret: too long to occur by chance, and the same in every alphabet of base64.
pub const MARK: &str = "zq7MARKq9x";

/// Every byte as `%XX`.
pub fn percent_encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// The forms in which `secret` may be printed.
pub fn forms_of(secret: &str) -> Vec<String> {
    // Base64 depends on the offset of the secret; the characters at both ends mix with the neighboring bytes.
    let base64 = (0..3).map(|shift| {
        let encoded = URL_SAFE_NO_PAD.encode([&vec![b':'; shift], secret.as_bytes()].concat());
        encoded[if shift == 0 { 0 } else { 4 }..encoded.len() - 4].to_owned()
    });
    let hexadecimal = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    [secret.to_owned(), percent_encoded(secret), hexadecimal].into_iter().chain(base64).collect()
}

/// Fails when `printed` contains the mark in any form; `what` names the input that carried it.
pub fn assert_unmarked(what: &str, printed: &str) {
    assert_secret_is_absent(what, MARK, printed);
}

/// Fails when `printed` contains a secret that the server made, in any form.
pub fn assert_secret_is_absent(what: &str, secret: &str, printed: &str) {
    let lower = printed.to_lowercase();
    for form in forms_of(secret) {
        assert!(!lower.contains(&form.to_lowercase()), "{what}: `{form}` was printed: {printed}");
    }
}

#[test]
fn the_mark_is_found_in_every_form() {
    use base64::engine::general_purpose::STANDARD;
    let encoded = ["", "a", "ab"].map(|before| STANDARD.encode(format!("{before}{MARK}:after")));
    for printed in [&encoded[..], &[percent_encoded(MARK), MARK.to_lowercase()]].concat() {
        let found = std::panic::catch_unwind(|| assert_unmarked("here", &format!("<{printed}>")));
        assert!(found.is_err(), "{printed}");
    }
    assert_unmarked("nowhere", "postgres://db.internal/c");
}
