//! Which doors open which way. The shelves are a table; a new room is a new word in it.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// From the ground up. A room may open only rooms on lower shelves; those on the first shelf, which are given to
/// everyone, and on the last, which wire the whole, also their neighbors.
pub const SHELVES: [&[&str]; 12] = [
    &["config", "clock", "entropy"],
    &["audit", "limits"],
    &["directory"],
    &["protocol"],
    &["factors"],
    &["journey"],
    &["storage", "themes"],
    &["keys"],
    &["http", "outbox"],
    &["app"],
    &["signin", "oidc", "device_api", "site"],
    &["main", "cli", "routes", "demo", "operator"],
];

/// Words that only some rooms may say. `Receipt` is the receipt for a factor that was used up, which storage gives.
pub const WORDS: [(&str, &[&str]); 5] = [
    ("sea_orm", &["storage", "entropy"]),
    ("minijinja", &["themes"]),
    ("Spent::by_storage", &["storage"]),
    ("poem", &["http", "signin", "oidc", "device_api", "site", "routes", "app", "demo", "operator"]),
    ("poem_openapi", &["http", "device_api", "routes", "app", "demo", "operator"]),
];

/// From this shelf up a function may be `async`.
pub const FIRST_ASYNC_SHELF: usize = 6;

/// What is wrong in one file, as `file:line: sentence`, in the order of its lines.
fn faults(file: &str, text: &str) -> Vec<String> {
    let room = room_of(file);
    let Some(shelf) = shelf_of(room) else {
        return vec![format!("{file}:1: {room} is in no shelf of tests/all/architecture.rs")];
    };
    let code = code_of(text);
    let mut found: BTreeSet<(usize, String)> = BTreeSet::new();
    for (at, opened) in rooms_opened(file, &code) {
        if opened != room && shelf_of(opened).is_some_and(|other| !may_open(shelf, other)) {
            found.insert((at, format!("{room} may not open {opened}")));
        }
    }
    for (word, rooms) in WORDS.iter().filter(|(_, rooms)| !rooms.contains(&room)) {
        found.extend(places_of(&code, word).map(|at| (at, format!("{room} may not say {word}"))));
        debug_assert!(
            rooms.iter().all(|room| shelf_of(room).is_some()),
            "a room that is not there may say {word}"
        );
    }
    if shelf < FIRST_ASYNC_SHELF {
        let words = places_of(&code, "async").chain(places_of(&code, "await"));
        found.extend(words.map(|at| (at, format!("{room} may not be async"))));
    }
    let line_of = |at: usize| code[..at].matches('\n').count() + 1;
    found.into_iter().map(|(at, fault)| format!("{file}:{}: {fault}", line_of(at))).collect()
}

fn may_open(shelf: usize, other: usize) -> bool {
    other < shelf || (other == shelf && (shelf == 0 || shelf + 1 == SHELVES.len()))
}

/// The text without comments and without the tests at its end; every line stays where it was.
fn code_of(text: &str) -> String {
    let tests = text.lines().position(|line| line.trim_start().starts_with("mod tests {"));
    let code = text.lines().take(tests.unwrap_or(usize::MAX));
    let code = code.map(|line| if line.trim_start().starts_with("//") { "" } else { line });
    code.collect::<Vec<_>>().join("\n")
}

/// Where a text says `word` as a whole word.
fn places_of<'a>(code: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    let is_letter = |letter: char| letter.is_alphanumeric() || letter == '_';
    let places = code.match_indices(word).map(|(at, _)| at);
    places.filter(move |at| {
        !code[..*at].ends_with(is_letter) && !code[at + word.len()..].starts_with(is_letter)
    })
}

/// The rooms that a text names from the root, as `crate::room`, `countersign::room` or by as many `super` as it takes.
fn rooms_opened<'a>(file: &str, code: &'a str) -> Vec<(usize, &'a str)> {
    let depth = file.trim_end_matches("/mod.rs").matches('/').count();
    let supers = "super::".repeat(depth.max(1));
    let mut opened = Vec::new();
    for root in ["crate::", "countersign::", supers.as_str()] {
        let ends = places_of(code, &root[..root.len() - 2]).map(|at| at + root.len());
        for end in ends.filter(|end| code[..*end].ends_with("::")) {
            match code[end..].strip_prefix('{') {
                Some(list) => {
                    opened.extend(heads_of(list).into_iter().map(|(at, head)| (end + 1 + at, head)))
                }
                None => opened.extend(word_at_start(&code[end..]).map(|head| (end, head))),
            }
        }
    }
    opened
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

fn shelf_of(room: &str) -> Option<usize> {
    SHELVES.iter().position(|rooms| rooms.contains(&room))
}

/// `src/oidc/token.rs` and `src/oidc.rs` are both of the room `oidc`.
fn room_of(file: &str) -> &str {
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
fn a_room_opens_only_rooms_on_lower_shelves() {
    let files =
        rust_files("src").into_iter().filter(|file| file != "src/lib.rs" && !file.ends_with("/tests.rs"));
    let faults: Vec<String> = files.flat_map(|file| faults(&file, &read(&file))).collect();
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn a_planted_violation_is_found() {
    let cases = [
        (
            "src/protocol/pkce.rs",
            "use crate::storage::Storage;",
            "src/protocol/pkce.rs:1: protocol may not open storage",
        ),
        (
            "src/oidc/mod.rs",
            "//! x\nuse crate::{clock::Clock, http::Error, signin};",
            "src/oidc/mod.rs:2: oidc may not open signin",
        ),
        (
            "src/http/mod.rs",
            "fn f() { crate::outbox::send() }",
            "src/http/mod.rs:1: http may not open outbox",
        ),
        ("src/keys/mod.rs", "use sea_orm::Set;", "src/keys/mod.rs:1: keys may not say sea_orm"),
        (
            "src/signin/step.rs",
            "let spent = Spent::by_storage();",
            "src/signin/step.rs:1: signin may not say Spent::by_storage",
        ),
        ("src/factors/mod.rs", "use poem::Request;", "src/factors/mod.rs:1: factors may not say poem"),
        ("src/journey/mod.rs", "pub async fn advance() {}", "src/journey/mod.rs:1: journey may not be async"),
        (
            "src/themes/page.rs",
            "use crate::{\n    clock::Clock,\n    http::{self, Error},\n};",
            "src/themes/page.rs:3: themes may not open http",
        ),
        (
            "src/protocol/acr.rs",
            "use super::super::keys::Keys;",
            "src/protocol/acr.rs:1: protocol may not open keys",
        ),
        (
            "src/protocol/mod.rs",
            "use super::keys::Keys;",
            "src/protocol/mod.rs:1: protocol may not open keys",
        ),
        ("src/cellar/mod.rs", "", "src/cellar/mod.rs:1: cellar is in no shelf of tests/all/architecture.rs"),
    ];
    for (file, text, expected) in cases {
        assert_eq!(faults(file, text), [expected], "{text}");
    }
}

#[test]
fn what_is_allowed_is_not_reported() {
    let cases = [
        (
            "src/oidc/token.rs",
            "use crate::{\n    keys::Keys,\n    storage::Storage,\n};\nuse crate::oidc::x;",
        ),
        (
            "src/storage/codes.rs",
            "use sea_orm::Set;\nuse crate::journey::Journey;\nlet spent = Spent::by_storage();",
        ),
        (
            "src/protocol/mod.rs",
            "// crate::storage turns rows into these\n#[cfg(test)]\nmod tests { use crate::storage::X; }",
        ),
        ("src/protocol/acr.rs", "use super::storage_hint;\nuse super::keys;\nlet poems = asynchronous;"),
        ("src/journey/mod.rs", "use my_crate::signin::X;"),
        ("src/main.rs", "use countersign::{app::App, demo};"),
    ];
    for (file, text) in cases {
        assert_eq!(faults(file, text), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn the_map_names_every_room_and_the_table_every_room_of_the_map() {
    let map = read("src/lib.rs");
    let mut named = modules_of(&map);
    named.insert("main");
    let shelved: BTreeSet<&str> = SHELVES.iter().flat_map(|rooms| rooms.iter().copied()).collect();
    assert_eq!(named, shelved, "left: src/lib.rs and main; right: the table");
}

#[test]
fn every_test_file_is_in_a_module_list() {
    for file in rust_files("tests/all").iter().filter(|file| *file != "tests/all/main.rs") {
        let stem = file.trim_end_matches("/mod.rs").trim_end_matches(".rs");
        let (folder, name) = stem.rsplit_once('/').expect("a folder");
        let lists = [format!("{folder}.rs"), format!("{folder}/mod.rs"), format!("{folder}/main.rs")];
        let list = lists.iter().find(|list| root().join(list).exists());
        let list = list.unwrap_or_else(|| panic!("{file}: nothing lists it"));
        assert!(modules_of(&read(list)).contains(name), "{file} is not in {list}: its tests do not run");
    }
}
