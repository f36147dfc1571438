//! Checks `ARCHITECTURE.md`: its tables of layers, modules and words are those of the architecture test and
//! of the modules' own headers, and the files and tests of its rule index exist.
//!
//! `COUNTERSIGN_TEST_REWRITE=1` writes the tables anew.

use super::architecture::{FIRST_ASYNC_LAYER, LAYERS, WORDS, read, root, rust_files};
use std::{collections::BTreeSet, fs};

const PAGE: &str = "ARCHITECTURE.md";
const END: &str = "<!-- end -->";

/// The file that explains a module: `src/name.rs` or `src/name/mod.rs`.
fn header_file(module: &str) -> String {
    let file = format!("src/{module}.rs");
    if root().join(&file).exists() { file } else { format!("src/{module}/mod.rs") }
}

/// The first sentence of a module's header, and the sentence that begins with "Never".
fn header(text: &str) -> (String, String) {
    let comment: Vec<&str> = text.lines().map_while(|line| line.strip_prefix("//!")).map(str::trim).collect();
    let comment = comment.join("\n");
    let paragraphs = || comment.split("\n\n").map(|paragraph| paragraph.replace('\n', " "));
    let sentence =
        |text: &str| text.split_once(". ").map_or(text, |(first, _)| first).trim_end_matches('.').to_owned();
    let does = paragraphs().next().map(|text| sentence(&text)).unwrap_or_default();
    let sentences = paragraphs().flat_map(|text| text.split(". ").map(sentence).collect::<Vec<_>>());
    let never = sentences.into_iter().find(|text| text.starts_with("Never "));
    (does, never.unwrap_or_default())
}

fn code_list(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(" ")
}

fn layers_table() -> String {
    let mut table = "| layer | modules | may be async |\n|---|---|---|\n".to_owned();
    for (layer, modules) in LAYERS.iter().enumerate().rev() {
        let may_be_async = if layer < FIRST_ASYNC_LAYER { "no" } else { "yes" };
        table += &format!("| {layer} | {} | {may_be_async} |\n", code_list(modules));
    }
    table
}

fn modules_table() -> String {
    let mut table = "| module | what it does | what it never does |\n|---|---|---|\n".to_owned();
    for module in LAYERS.iter().rev().flat_map(|modules| modules.iter()) {
        let file = header_file(module);
        let (does, never) = header(&read(&file));
        assert!(!does.is_empty(), "{file} has no header that says what the module does");
        table += &format!("| [`{module}`]({file}) | {does} | {never} |\n");
    }
    table
}

fn words_table() -> String {
    let mut table = "| word | only in | for |\n|---|---|---|\n".to_owned();
    for (word, modules, purpose) in &WORDS {
        table += &format!("| `{word}` | {} | {purpose} |\n", code_list(modules));
    }
    table
}

/// The page with `table` between the comment that begins with `<!-- name:` and the next end.
fn with_table(page: &str, name: &str, table: &str) -> String {
    let opening = format!("<!-- {name}: ");
    let at = page.find(&opening).unwrap_or_else(|| panic!("{PAGE} has no `{opening}…-->`"));
    let start = at + page[at..].find("-->\n").expect("the comment ends") + "-->\n".len();
    let end =
        start + page[start..].find(END).unwrap_or_else(|| panic!("{PAGE}: `{END}` is missing after {name}"));
    format!("{}\n{table}\n{}", &page[..start], &page[end..])
}

#[test]
fn the_tables_of_the_page_are_those_of_the_code() {
    let kept = read(PAGE);
    let mut fresh = kept.clone();
    for (name, table) in [("layers", layers_table()), ("modules", modules_table()), ("words", words_table())]
    {
        fresh = with_table(&fresh, name, &table);
    }
    if std::env::var_os("COUNTERSIGN_TEST_REWRITE").is_some() {
        fs::write(root().join(PAGE), &fresh).expect("the page is written");
        return;
    }
    assert!(kept == fresh, "{PAGE} is old: run this with COUNTERSIGN_TEST_REWRITE=1. It should be:\n{fresh}");
}

#[test]
fn a_header_is_read_to_the_end_of_its_sentence() {
    let text = "//! Adds\n//! numbers. And more.\n//!\n//! Never subtracts: it adds. Never mind.\n//! Spec: none.\n\nuse x;\n//! y";
    assert_eq!(header(text), ("Adds numbers".to_owned(), "Never subtracts: it adds".to_owned()));
    let text = "//! Adds\n//! numbers. Never\n//! subtracts.\n//! Spec: none.";
    assert_eq!(header(text), ("Adds numbers".to_owned(), "Never subtracts".to_owned()), "one paragraph");
    assert_eq!(header("use x;"), (String::new(), String::new()));
    let page = "a\n<!-- t: by a test -->\nold\n<!-- end -->\nb\n";
    assert_eq!(with_table(page, "t", "new\n"), "a\n<!-- t: by a test -->\n\nnew\n\n<!-- end -->\nb\n");
}

/// A row of the tables of rules.
struct Rule<'a> {
    rule: &'a str,
    /// The files, and names of functions and types in them.
    places: Vec<&'a str>,
    tests: Vec<&'a str>,
}

fn rules(page: &str) -> Vec<Rule<'_>> {
    let section = page.split("\n## ").find(|section| section.starts_with("Where is the rule for"));
    let section = section.expect("the section of rules");
    let rows = section.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"));
    let rows = rows.filter(|row| !row.starts_with("rule |"));
    rows.map(|row| {
        let cells: Vec<&str> = row.split(" | ").collect();
        let [rule, places, tests] = cells[..] else { panic!("a rule, files and tests: {cells:?}") };
        Rule { rule, places: code_words(places), tests: code_words(tests) }
    })
    .collect()
}

/// The words of a cell that stand between backticks.
fn code_words(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

/// The names of all tests of the program.
fn tests() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for file in ["src", "tests/all"].iter().flat_map(|folder| rust_files(folder)) {
        let text = read(&file);
        let mut is_test = false;
        for line in text.lines().map(str::trim) {
            is_test |= line == "#[test]" || line.starts_with("#[tokio::test");
            let function = line.strip_prefix("async ").unwrap_or(line).strip_prefix("fn ");
            if let (true, Some(function)) = (is_test, function) {
                names.insert(function.split(['(', '<']).next().unwrap_or(function).to_owned());
                is_test = false;
            }
        }
    }
    names
}

/// The faults of a row.
fn faults(row: &Rule<'_>, tests: &BTreeSet<String>) -> Vec<String> {
    let Rule { rule, places, tests: named } = row;
    let (files, names): (Vec<&str>, Vec<&str>) = places.iter().partition(|place| place.ends_with(".rs"));
    let mut faults = Vec::new();
    let mut text = String::new();
    for file in &files {
        if root().join(file).is_file() && (file.starts_with("src/") || file.starts_with("migration/src/")) {
            text += &read(file);
        } else {
            faults.push(format!("{rule}: there is no file {file}"));
        }
    }
    if files.is_empty() || named.is_empty() {
        faults.push(format!("{rule}: expected a file and a test"));
    }
    let is_defined = |name: &str| {
        let word = name.rsplit("::").next().unwrap_or(name);
        let words = text.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
        words.into_iter().any(|found| found == word)
    };
    let unknown = names.iter().filter(|name| !is_defined(name));
    faults.extend(unknown.map(|name| format!("{rule}: {name} is in none of {files:?}")));
    let unknown = named.iter().filter(|test| !tests.contains(**test));
    faults.extend(unknown.map(|test| format!("{rule}: there is no test {test}")));
    faults
}

#[test]
fn every_rule_of_the_page_has_its_file_and_its_test() {
    let (page, tests) = (read(PAGE), tests());
    let rules = rules(&page);
    assert!(rules.len() >= 40, "{} rules", rules.len());
    let faults: Vec<String> = rules.iter().flat_map(|rule| faults(rule, &tests)).collect();
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn a_rule_without_file_or_test_is_found() {
    let tests = tests();
    let (file, test) = ("src/protocol/pkce.rs", "a_rule_without_file_or_test_is_found");
    let page = |files: &str, tests: &str| {
        format!(
            "\n## Where is the rule for …\n\n| rule | file | test |\n|---|---|---|\n| x | {files} | {tests} |\n"
        )
    };
    let found = |files: &str, names: &str| faults(&rules(&page(files, names))[0], &tests);
    let (file, test) = (format!("`{file}`"), format!("`{test}`"));
    assert_eq!(found(&file, &test), [] as [&str; 0]);
    assert_eq!(found(&format!("{file} {file}"), &format!("{test} {test}")), [] as [&str; 0]);
    assert_eq!(found(&format!("verifiers: {file} (`CodeVerifier`)"), &test), [] as [&str; 0]);
    assert_eq!(
        found(&format!("verifiers: {file} (`CodeVerify`)"), &test),
        ["x: CodeVerify is in none of [\"src/protocol/pkce.rs\"]"]
    );
    assert_eq!(found(&format!("{file} `src/gone.rs`"), &test), ["x: there is no file src/gone.rs"]);
    assert_eq!(found(&file, "none"), ["x: expected a file and a test"]);
    assert_eq!(
        found(&file, &format!("{test} `rules`")),
        ["x: there is no test rules"],
        "a function is no test"
    );
}

/// The files and folders that a page names: between backticks with a folder of this repository, or as a link.
fn paths_named(page: &str) -> BTreeSet<&str> {
    const FOLDERS: [&str; 11] = [
        ".github/",
        "authenticator/",
        "bench/",
        "docs/",
        "entity/",
        "migration/",
        "openapi/",
        "src/",
        "tests/",
        "themes/",
        "./",
    ];
    let marked = page.split('`').skip(1).step_by(2).filter_map(|mark| mark.split_whitespace().next());
    let marked = marked.filter(|place| FOLDERS.iter().any(|folder| place.starts_with(folder)));
    let links = page.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next());
    let links = links.filter(|link| !link.is_empty() && !link.contains(':'));
    marked.chain(links).filter(|place| !place.contains(['*', '<', '…', '$'])).collect()
}

#[test]
fn every_place_that_a_page_for_contributors_names_is_there() {
    for page in [PAGE, "README.md", "CONTRIBUTING.md", "SECURITY.md", "RELEASING.md", "CHANGELOG.md"] {
        let text = read(page);
        let missing: Vec<&str> =
            paths_named(&text).into_iter().filter(|place| !root().join(place).exists()).collect();
        assert!(missing.is_empty(), "{page} names what is not there: {missing:?}");
    }
    let seen = paths_named(
        "`src/lib.rs` `cargo test` `tests/run NAME` [x](docs/gone.md#y) [z](https://example.com) `src/*`",
    );
    assert_eq!(seen, BTreeSet::from(["docs/gone.md", "src/lib.rs", "tests/run"]));
}
