//! Files that name the same thing for different programs agree: the compiler's version.

use super::architecture::read;

/// The text between `before` and the next `after`, without spaces and quotation marks around it.
fn between<'a>(text: &'a str, before: &str, after: char) -> &'a str {
    let rest = text.split_once(before).unwrap_or_else(|| panic!("`{before}` is missing in\n{text}")).1;
    rest.split(after).next().unwrap_or(rest).trim().trim_matches('"')
}

#[test]
fn every_file_names_the_same_compiler() {
    let toolchain = read("rust-toolchain.toml");
    let version = between(&toolchain, "\nchannel =", '\n');
    let parts: Vec<&str> = version.split('.').collect();
    assert!(parts.len() == 3 && parts.iter().all(|part| part.parse::<u16>().is_ok()), "{version}");
    assert_eq!(between(&read("Cargo.toml"), "\nrust-version =", '\n'), version, "Cargo.toml");
    assert_eq!(between(&read("Dockerfile"), "\nFROM rust:", '-'), version, "Dockerfile");
    assert_eq!(between(&read("README.md"), "You need Rust ", ' '), version, "README.md");
}
