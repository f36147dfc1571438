//! Refuses a factor that is named outside its own places: its variant, its row of the registry, its folder, its step and
//! its page. Everything else that differs between factors is a column of the registry, so that a new factor is added
//! without a search for the places that tell them apart.

use super::{code_of, read, rust_files};
use countersign::{directory::FactorKind, factors::method};
use std::collections::{BTreeMap, BTreeSet};

/// The places of every factor.
const SHARED: [&str; 5] = [
    "src/directory/pool.rs",
    "src/factors/registry.rs",
    "src/signin/factor_page.rs",
    "src/signin/arrival.rs",
    "src/actions/sign_in/steps/prove.rs",
];

/// The folder, the step and the page of one factor.
fn is_own(file: &str, segment: &str) -> bool {
    file.starts_with(&format!("src/factors/{segment}/"))
        || file == format!("src/actions/sign_in/steps/{segment}.rs")
        || file == format!("src/signin/{segment}.rs")
        || file.starts_with(&format!("src/signin/{segment}/"))
}

/// The variants of `FactorKind` that a text names, each with its line.
fn named_in(text: &str) -> Vec<(usize, String)> {
    let code = code_of(text);
    let mut named = Vec::new();
    for (at, _) in code.match_indices("FactorKind::") {
        let line = code[..at].matches('\n').count() + 1;
        let rest = &code[at + "FactorKind::".len()..];
        let list = rest.strip_prefix('{').and_then(|rest| rest.split_once('}')).map(|(list, _)| list);
        let words =
            list.unwrap_or_else(|| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap());
        let variants = words.split(|c: char| !c.is_alphanumeric() && c != '_');
        let is_variant =
            |word: &&str| word.starts_with(char::is_uppercase) && word.contains(char::is_lowercase);
        named.extend(variants.filter(is_variant).map(|word| (line, word.to_owned())));
    }
    named
}

/// The segment of a kind by the name of its variant.
fn segments() -> BTreeMap<String, &'static str> {
    FactorKind::ALL.into_iter().map(|kind| (format!("{kind:?}"), method(kind).segment)).collect()
}

/// The violations in one file, as `file:line: sentence`.
fn faults(file: &str, text: &str) -> Vec<String> {
    let segments = segments();
    let is_foreign = |(_, variant): &(usize, String)| {
        let segment = segments.get(variant).unwrap_or_else(|| panic!("{file} names {variant}"));
        !SHARED.contains(&file) && !is_own(file, segment)
    };
    let named = named_in(text).into_iter().filter(is_foreign);
    named
        .map(|(line, variant)| {
            format!("{file}:{line}: {variant} has no place here; add a column to src/factors/registry.rs")
        })
        .collect()
}

#[test]
fn a_factor_is_named_in_its_own_places_only() {
    let faults: Vec<String> = rust_files("src")
        .into_iter()
        .filter(|file| !is_test(file))
        .flat_map(|file| faults(&file, &read(&file)))
        .collect();
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

/// Files that hold tests only.
fn is_test(file: &str) -> bool {
    file.ends_with("/tests.rs") || ["src/journey/walks.rs", "src/journey/diagram.rs"].contains(&file)
}

#[test]
fn each_factor_has_a_variant_a_row_a_folder_a_step_and_a_page() {
    for (variant, segment) in segments() {
        let files: BTreeSet<String> = rust_files("src")
            .into_iter()
            .filter(|file| !is_test(file) && named_in(&read(file)).iter().any(|(_, named)| *named == variant))
            .collect();
        let has = |is_place: &dyn Fn(&str) -> bool| files.iter().any(|file| is_place(file));
        for (what, is_place) in [
            ("a variant", &(|file: &str| file == SHARED[0]) as &dyn Fn(&str) -> bool),
            ("a row of the registry", &|file| file == SHARED[1]),
            ("a row of the pages", &|file| file == SHARED[2]),
            ("a page that is shown", &|file| file == SHARED[3]),
            ("a folder", &|file| file.starts_with(&format!("src/factors/{segment}/"))),
            ("a step", &|file| file.starts_with("src/actions/sign_in/steps/")),
            ("a page", &|file| file.starts_with(&format!("src/signin/{segment}"))),
        ] {
            assert!(has(is_place), "{variant} has no place as {what}: {files:?}");
        }
    }
}

#[test]
fn a_planted_name_is_found() {
    let text = "use crate::directory::FactorKind;\nfn a() { FactorKind::ALL; }\nlet b = FactorKind::Totp;";
    for (file, count) in
        [("src/journey/second.rs", 1), ("src/factors/push/qr.rs", 1), ("src/factors/totp/new.rs", 0)]
    {
        assert_eq!(faults(file, text).len(), count, "{file}");
    }
    assert!(faults("src/journey/second.rs", text)[0].starts_with("src/journey/second.rs:3: Totp "));
    let imported = "use crate::directory::FactorKind::{self, Password,\n    Push};";
    assert_eq!(faults("src/journey/second.rs", imported).len(), 2);
    assert_eq!(faults("src/journey/second.rs", "mod tests {\n    use FactorKind::Push;\n}").len(), 0);
}
