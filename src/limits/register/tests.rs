use super::*;
use crate::directory::{PushPolicy, TokenLifetime};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

fn sections() -> Vec<Section> {
    register(&Config::default())
}

/// The names of the constants that a text of `limits` publishes.
fn constants_of(text: &str) -> BTreeSet<String> {
    let names = text.lines().filter_map(|line| line.strip_prefix("pub const ")?.split_once(':'));
    names.map(|(name, _)| name.to_owned()).collect()
}

/// The code without comments and without the definitions of public constants.
fn uses_of(text: &str) -> String {
    let lines = text.lines().filter(|line| {
        let line = line.trim_start();
        !line.starts_with("//") && !line.starts_with("pub const ")
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn has_word(text: &str, word: &str) -> bool {
    text.split(|letter: char| !letter.is_alphanumeric() && letter != '_').any(|other| other == word)
}

#[test]
fn the_page_is_what_the_register_says() {
    let (path, fresh) = (root().join("docs/limits.md"), page());
    if std::env::var_os("COUNTERSIGN_TEST_REWRITE").is_some() {
        fs::write(&path, &fresh).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == fresh, "docs/limits.md is old: run the tests once with COUNTERSIGN_TEST_REWRITE=1");
}

#[test]
fn every_public_constant_of_limits_is_in_the_section_of_its_module() {
    let files = fs::read_dir(root().join("src/limits")).unwrap().map(|entry| entry.unwrap().path());
    let files = files.filter(|path: &PathBuf| path.extension().is_some_and(|extension| extension == "rs"));
    let mut modules = BTreeSet::new();
    for path in files {
        let module = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let defined = constants_of(&fs::read_to_string(&path).unwrap());
        let section = sections().into_iter().find(|section| section.module == module);
        let listed: Vec<_> = section.into_iter().flat_map(|section| section.limits).collect();
        let names: BTreeSet<String> = listed.iter().map(|limit| limit.name.to_owned()).collect();
        assert_eq!(names.len(), listed.len(), "a limit of src/limits/{module}.rs is listed twice");
        assert_eq!(defined, names, "left: src/limits/{module}.rs; right: src/limits/register");
        modules.insert(module);
    }
    for module in sections().iter().map(|section| section.module).filter(|module| *module != "config") {
        assert!(modules.contains(module), "the register has a section of {module}, which is no file");
    }
}

#[test]
fn a_public_constant_is_found_and_a_private_one_is_not() {
    let text =
        "/// Doc.\npub const MAX_A: usize = 1;\nconst B: usize = 2;\npub const C_SECONDS: i64 =\n    3;\n";
    assert_eq!(constants_of(text), ["C_SECONDS", "MAX_A"].map(str::to_owned).into());
}

#[test]
fn every_limit_is_named_in_a_file_that_applies_it() {
    for limit in sections().iter().flat_map(|section| &section.limits) {
        let word = limit.name.rsplit('.').next().unwrap();
        // The default of a pool's policy is applied under the name of the policy's member.
        let words = match limit.set_by {
            SetBy::PushPolicy(member) => vec![word, member],
            SetBy::Nothing | SetBy::Setting(_) | SetBy::Client(_) => vec![word],
        };
        let texts: Vec<String> = limit.enforced_in.iter().map(|file| uses_of(&read(file))).collect();
        for word in words {
            assert!(
                texts.iter().any(|text| has_word(text, word)),
                "{word} is in none of {:?}: correct its row in src/limits/register",
                limit.enforced_in
            );
        }
        assert!(!limit.caller_sees.is_empty() && !limit.caller_sees.contains('|'), "{}", limit.name);
    }
}

#[test]
fn a_limit_that_can_be_set_has_the_default_of_its_setting_or_policy() {
    let settings = serde_json::to_value(Config::default()).unwrap();
    let policy = serde_json::to_value(PushPolicy::default()).unwrap();
    for limit in sections().iter().flat_map(|section| &section.limits) {
        let default = match limit.set_by {
            SetBy::Nothing => continue,
            SetBy::Setting(key) => settings.pointer(&format!("/{}", key.replace('.', "/"))),
            SetBy::PushPolicy(member) => policy.get(member),
            SetBy::Client(setting) => {
                let lifetime = TokenLifetime::ALL.into_iter().find(|which| which.as_str() == setting);
                let default = lifetime.map(|which| which.default_seconds().to_string());
                assert_eq!(default.as_ref(), Some(&limit.value), "{}", limit.name);
                continue;
            }
        };
        assert_eq!(default.map(ToString::to_string).as_ref(), Some(&limit.value), "{}", limit.name);
    }
}
