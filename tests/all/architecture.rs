//! Checks that modules use only modules of lower layers, and words only where they are allowed.
//!
//! The tables below are those of `ARCHITECTURE.md`; a new module is one word in `LAYERS`.

mod factor_kinds;
mod header_fields;
mod import_cycles;
mod row_types;
mod state_columns;

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// The layers from the lowest to the highest. A module may use only modules of lower layers. Modules of the
/// lowest and of the highest layer may also use each other.
pub const LAYERS: [&[&str]; 14] = [
    &["config", "clock", "digest", "entropy", "fault"],
    &["audit", "limits"],
    &["directory"],
    &["protocol"],
    &["factors"],
    &["journey"],
    &["storage", "themes"],
    &["keys"],
    &["http", "outbox"],
    &["app"],
    &["actions"],
    &["web", "workers"],
    &["signin", "oidc", "device_api", "site"],
    &["main", "program", "cli", "routes", "demo", "operator"],
];

/// Words that only some modules may use, and why these.
pub const WORDS: [(&str, &[&str], &str); 7] = [
    ("sea_orm", &["storage", "entropy"], "queries; `entropy` takes only its type `Uuid`, for new ids"),
    ("minijinja", &["themes"], "templates"),
    ("lettre", &["outbox"], "mail"),
    (
        "Receipt::from_storage",
        &["storage"],
        "a receipt says that a single-use value was consumed, which only `storage` knows",
    ),
    (
        ".begin()",
        &["storage", "app", "actions", "workers", "demo"],
        "write transactions: interfaces call use cases, which open them",
    ),
    (
        "poem",
        &["http", "web", "signin", "oidc", "device_api", "site", "routes", "demo"],
        "requests and responses; `demo` serves the pages of its relying party",
    ),
    ("poem_openapi", &["web", "device_api"], "the API that has a document, and its problem documents"),
];

/// The modules that receive requests and commands. They call use cases, and functions of `app`.
const INTERFACES: [&str; 5] = ["signin", "oidc", "device_api", "site", "operator"];
/// Modules that interfaces do not name, although they lie in lower layers.
const BEHIND_USE_CASES: [&str; 2] = ["storage", "keys"];

/// From this layer up a function may be `async`.
pub const FIRST_ASYNC_LAYER: usize = 6;

/// The violations in one file, as `file:line: sentence`, in the order of its lines.
fn faults(file: &str, text: &str) -> Vec<String> {
    let module = module_of(file);
    let Some(layer) = layer_of(module) else {
        return vec![format!("{file}:1: {module} is in no layer of tests/all/architecture.rs")];
    };
    let code = code_of(text);
    let mut found: BTreeSet<(usize, String)> = BTreeSet::new();
    for (at, used) in modules_used(file, &code) {
        let is_higher = used != module && layer_of(used).is_some_and(|other| !may_use(layer, other));
        if is_higher || is_behind_use_cases(module, used) {
            found.insert((at, format!("{module} may not use {used}")));
        }
    }
    for (word, modules, _) in WORDS.iter().filter(|(_, modules, _)| !modules.contains(&module)) {
        found.extend(places_of(&code, word).map(|at| (at, format!("{module} may not use the word {word}"))));
        debug_assert!(
            modules.iter().all(|module| layer_of(module).is_some()),
            "{word} is allowed in a module that does not exist"
        );
    }
    if layer < FIRST_ASYNC_LAYER {
        let words = places_of(&code, "async").chain(places_of(&code, "await"));
        found.extend(words.map(|at| (at, format!("{module} may not be async"))));
    }
    let line_of = |at: usize| code[..at].matches('\n').count() + 1;
    found.into_iter().map(|(at, fault)| format!("{file}:{}: {fault}", line_of(at))).collect()
}

fn may_use(layer: usize, other: usize) -> bool {
    other < layer || (other == layer && (layer == 0 || layer + 1 == LAYERS.len()))
}

/// Whether `module` is an interface that has to call use cases instead of `used`.
fn is_behind_use_cases(module: &str, used: &str) -> bool {
    INTERFACES.contains(&module) && BEHIND_USE_CASES.contains(&used)
}

/// The text without comments and without the tests at its end; every line stays where it was.
fn code_of(text: &str) -> String {
    let tests = text.lines().position(|line| line.trim_start().starts_with("mod tests {"));
    let code = text.lines().take(tests.unwrap_or(usize::MAX));
    let code = code.map(|line| if line.trim_start().starts_with("//") { "" } else { line });
    code.collect::<Vec<_>>().join("\n")
}

/// The places where a text contains `word` as a whole word; a word that begins with a dot follows any other.
fn places_of<'a>(code: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    let is_letter = |letter: char| letter.is_alphanumeric() || letter == '_';
    let places = code.match_indices(word).map(|(at, _)| at);
    places.filter(move |at| {
        (word.starts_with('.') || !code[..*at].ends_with(is_letter))
            && !code[at + word.len()..].starts_with(is_letter)
    })
}

/// The modules that a text names from the root, as `crate::module`, `countersign::module` or by enough
/// `super`s, each with its place.
fn modules_used<'a>(file: &str, code: &'a str) -> Vec<(usize, &'a str)> {
    let depth = file.trim_end_matches("/mod.rs").matches('/').count();
    let supers = "super::".repeat(depth.max(1));
    let mut used = Vec::new();
    for root in ["crate::", "countersign::", supers.as_str()] {
        let ends = places_of(code, &root[..root.len() - 2]).map(|at| at + root.len());
        for end in ends.filter(|end| code[..*end].ends_with("::")) {
            match code[end..].strip_prefix('{') {
                Some(list) => used.extend(heads_of(list).into_iter().map(|(at, head)| (end + 1 + at, head))),
                None => used.extend(word_at_start(&code[end..]).map(|head| (end, head))),
            }
        }
    }
    used
}

/// The first word of each member of a `use` list, up to the brace that closes it, and where it stands.
fn heads_of(list: &str) -> Vec<(usize, &str)> {
    let (mut heads, mut depth, mut is_start) = (vec![], 0_usize, true);
    for (at, letter) in list.char_indices() {
        if is_start && !letter.is_whitespace() {
            heads.extend(word_at_start(&list[at..]).map(|head| (at, head)));
            is_start = false;
        }
        match letter {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => is_start = true,
            _ => {}
        }
    }
    heads
}

fn word_at_start(text: &str) -> Option<&str> {
    let end = text.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(text.len());
    (end > 0).then(|| &text[..end])
}

fn layer_of(module: &str) -> Option<usize> {
    LAYERS.iter().position(|modules| modules.contains(&module))
}

/// `src/oidc/token.rs` and `src/oidc.rs` both belong to the module `oidc`.
fn module_of(file: &str) -> &str {
    let path = file.strip_prefix("src/").unwrap_or(file);
    path.split('/').next().unwrap_or(path).trim_end_matches(".rs")
}

/// The root of the repository.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every Rust file under `folder`, as paths from the repository's root, in order.
pub fn rust_files(folder: &str) -> Vec<String> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
            if entry.is_dir() {
                walk(&entry, found);
            } else if entry.extension().is_some_and(|extension| extension == "rs") {
                found.push(entry);
            }
        }
    }
    let mut found = Vec::new();
    walk(&root().join(folder), &mut found);
    found.sort();
    found.iter().map(|path| path.strip_prefix(root()).expect("inside").display().to_string()).collect()
}

/// The text of a file of the repository.
pub fn read(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// The modules that a file declares.
fn modules_of(text: &str) -> BTreeSet<&str> {
    let lines = text.lines().map(str::trim);
    let names = lines.filter_map(|line| {
        let line = line.strip_prefix("pub ").or_else(|| line.strip_prefix("pub(crate) ")).unwrap_or(line);
        line.strip_prefix("mod ")?.strip_suffix(';')
    });
    names.collect()
}

#[test]
fn a_module_uses_only_modules_of_lower_layers() {
    let files =
        rust_files("src").into_iter().filter(|file| file != "src/lib.rs" && !file.ends_with("/tests.rs"));
    let faults: Vec<String> = files.flat_map(|file| faults(&file, &read(&file))).collect();
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn a_module_that_may_use_a_word_uses_it() {
    let files: Vec<(String, String)> =
        rust_files("src").into_iter().map(|file| (code_of(&read(&file)), file)).collect();
    for (word, modules, _) in WORDS {
        for module in modules {
            let mut own = files.iter().filter(|(_, file)| module_of(file) == *module);
            assert!(
                own.any(|(code, _)| places_of(code, word).next().is_some()),
                "{module} does not use {word}: remove it from WORDS"
            );
        }
    }
}

#[test]
fn a_planted_violation_is_found() {
    let cases = [
        (
            "src/protocol/pkce.rs",
            "use crate::storage::Storage;",
            "src/protocol/pkce.rs:1: protocol may not use storage",
        ),
        (
            "src/oidc/mod.rs",
            "//! x\nuse crate::{clock::Clock, http::Error, signin};",
            "src/oidc/mod.rs:2: oidc may not use signin",
        ),
        ("src/http/mod.rs", "fn f() { crate::outbox::send() }", "src/http/mod.rs:1: http may not use outbox"),
        ("src/keys/mod.rs", "use sea_orm::Set;", "src/keys/mod.rs:1: keys may not use the word sea_orm"),
        (
            "src/signin/step.rs",
            "let receipt = Receipt::from_storage();",
            "src/signin/step.rs:1: signin may not use the word Receipt::from_storage",
        ),
        (
            "src/factors/mod.rs",
            "use poem::Request;",
            "src/factors/mod.rs:1: factors may not use the word poem",
        ),
        (
            "src/device_api/device.rs",
            "let tx = app.storage.begin().await?;",
            "src/device_api/device.rs:1: device_api may not use the word .begin()",
        ),
        (
            "src/oidc/userinfo.rs",
            "use crate::{\n    app::App,\n    storage::{Fault, access_tokens},\n};",
            "src/oidc/userinfo.rs:3: oidc may not use storage",
        ),
        (
            "src/signin/new.rs",
            "let ring = crate::keys::KeyRing::default();",
            "src/signin/new.rs:1: signin may not use keys",
        ),
        (
            "src/site/health.rs",
            "use crate::storage::Storage;",
            "src/site/health.rs:1: site may not use storage",
        ),
        (
            "src/operator/migrate.rs",
            "use crate::storage::Storage;",
            "src/operator/migrate.rs:1: operator may not use storage",
        ),
        ("src/journey/mod.rs", "pub async fn advance() {}", "src/journey/mod.rs:1: journey may not be async"),
        (
            "src/themes/page.rs",
            "use crate::{\n    clock::Clock,\n    http::{self, Error},\n};",
            "src/themes/page.rs:3: themes may not use http",
        ),
        (
            "src/protocol/acr.rs",
            "use super::super::keys::Keys;",
            "src/protocol/acr.rs:1: protocol may not use keys",
        ),
        ("src/protocol/mod.rs", "use super::keys::Keys;", "src/protocol/mod.rs:1: protocol may not use keys"),
        (
            "src/unknown/mod.rs",
            "",
            "src/unknown/mod.rs:1: unknown is in no layer of tests/all/architecture.rs",
        ),
    ];
    for (file, text, expected) in cases {
        assert_eq!(faults(file, text), [expected], "{text}");
    }
}

#[test]
fn allowed_uses_are_not_reported() {
    let cases = [
        (
            "src/actions/tokens.rs",
            "use crate::{\n    keys::Keys,\n    storage::Storage,\n};\nuse crate::actions::x;",
        ),
        (
            "src/storage/codes.rs",
            "use sea_orm::Set;\nuse crate::journey::Journey;\nlet receipt = Receipt::from_storage();",
        ),
        (
            "src/protocol/mod.rs",
            "// crate::storage turns rows into these\n#[cfg(test)]\nmod tests { use crate::storage::X; }",
        ),
        ("src/protocol/acr.rs", "use super::storage_hint;\nuse super::keys;\nlet poems = asynchronous;"),
        ("src/journey/mod.rs", "use my_crate::signin::X;"),
        ("src/actions/action.rs", "let tx = app.storage.begin().await?;"),
        ("src/web/browser.rs", "use crate::storage::sessions;"),
        ("src/main.rs", "use countersign::{app::App, demo};"),
    ];
    for (file, text) in cases {
        assert_eq!(faults(file, text), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn the_crate_lists_every_module_and_the_layer_table_every_module_of_the_crate() {
    let lib = read("src/lib.rs");
    let mut named = modules_of(&lib);
    named.insert("main");
    let layered: BTreeSet<&str> = LAYERS.iter().flat_map(|modules| modules.iter().copied()).collect();
    assert_eq!(named, layered, "left: src/lib.rs and main; right: LAYERS");
}

#[test]
fn every_test_file_is_in_a_module_list() {
    for file in rust_files("tests/all").iter().filter(|file| *file != "tests/all/main.rs") {
        let stem = file.trim_end_matches("/mod.rs").trim_end_matches(".rs");
        let (folder, name) = stem.rsplit_once('/').expect("a folder");
        let lists = [format!("{folder}.rs"), format!("{folder}/mod.rs"), format!("{folder}/main.rs")];
        let list = lists.iter().find(|list| root().join(list).exists());
        let list = list.unwrap_or_else(|| panic!("{file}: no module list next to it"));
        assert!(modules_of(&read(list)).contains(name), "{file} is not in {list}: its tests do not run");
    }
}
