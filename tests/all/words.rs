//! Refuses words of the project's former private language, and test names without a subject.
//!
//! The glossary of `ARCHITECTURE.md` has the words to use. A word is compared as a whole and in any
//! case, an identifier exactly. The words below are written in two parts, so that this file passes its own
//! check.

use super::architecture::root;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Two halves of a refused word, and the words to use.
const WORDS: [([&str; 2], &str); 7] = [
    (["ho", "use"], "server or application"),
    (["man", "ners"], "a sentence that says what it does"),
    (["do", "ors"], "interfaces or pages"),
    (["door", "bell"], "push target or notification"),
    (["cr", "ew"], "tasks or workers"),
    (["who", "ever"], "the subject itself: the person, the client, the caller"),
    (["nobody", "'s"], "a sentence with a subject, such as `no person has …`"),
];

/// Two halves of a refused identifier, and the names to use.
const IDENTIFIERS: [([&str; 2], &str); 3] = [
    (["De", "sk"], "a name for what it is, such as Dispatcher, BatchLookup or ExtractorContext"),
    (["To", "ld"], "StatusBody or another name for the message"),
    (["Who", "se"], "a filter, such as ChallengeFilter"),
];

/// Two halves of the beginnings of test names without a subject.
const PREFIXES: [[&str; 2]; 4] = [["what", "_"], ["who", "_"], ["who", "ever_"], ["whatever", "_"]];

/// Folders and files that are checked.
const PLACES: [&str; 11] = [
    "src",
    "entity",
    "migration",
    "authenticator",
    "themes",
    "tests",
    "docs",
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
];

/// Folders and files that are left out: other people's files, common passwords, and what belongs to an
/// earlier version.
const LEFT_OUT: [&str; 4] = ["authenticator/vendor", "tests/fixtures", "tests/all/fixtures", "node_modules"];

/// The violations in one file, as `file:line: sentence`, in the order of its lines.
fn faults(file: &str, text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let mut is_test = false;
    for (index, line) in text.lines().enumerate() {
        let mut report = |fault: String| faults.push(format!("{file}:{}: {fault}", index + 1));
        let lower = line.to_lowercase().replace('’', "'");
        for (halves, instead) in WORDS {
            let word = halves.concat();
            if contains_word(&lower, &word) {
                report(format!("the word `{word}`: use {instead}"));
            }
        }
        for (halves, instead) in IDENTIFIERS {
            let name = halves.concat();
            if is_code(file) && is_identifier(line, &name) {
                report(format!("the identifier `{name}`: use {instead}"));
            }
        }
        if file.ends_with(".rs") {
            let line = line.trim_start();
            let name = function_name(line);
            for prefix in PREFIXES.map(|halves| halves.concat()) {
                if is_test && name.is_some_and(|name| name.starts_with(&prefix)) {
                    report(format!("a test name that begins with `{prefix}`: use a subject and a verb"));
                }
            }
            is_test = line.starts_with("#[test]")
                || line.starts_with("#[tokio::test")
                || (is_test && line.starts_with("#["));
        }
    }
    faults
}

/// Whether `line`, in lower case, contains `word` between characters that are no letters or digits. An
/// underscore ends a word, so that the parts of identifiers count.
fn contains_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        !line[..at].ends_with(char::is_alphanumeric)
            && !line[at + word.len()..].starts_with(char::is_alphanumeric)
    })
}

/// Whether `line` contains the identifier `name` outside of a comment.
fn is_identifier(line: &str, name: &str) -> bool {
    let code = line.split("//").next().unwrap_or(line);
    let is_letter = |letter: char| letter.is_alphanumeric() || letter == '_';
    code.match_indices(name)
        .any(|(at, _)| !code[..at].ends_with(is_letter) && !code[at + name.len()..].starts_with(is_letter))
}

fn is_code(file: &str) -> bool {
    [".rs", ".js", ".mjs", ".ts"].iter().any(|kind| file.ends_with(kind))
}

/// The name of the function that begins on this line.
fn function_name(line: &str) -> Option<&str> {
    let line = line.strip_prefix("pub ").unwrap_or(line);
    let line = line.strip_prefix("async ").unwrap_or(line).strip_prefix("fn ")?;
    line.split(['(', '<']).next()
}

/// The files of a folder, or the file itself, as paths from the repository's root.
fn files_of(place: &str) -> Vec<String> {
    fn walk(path: &Path, found: &mut Vec<PathBuf>) {
        let name = path.strip_prefix(root()).expect("inside").to_string_lossy();
        if LEFT_OUT.iter().any(|left_out| name == *left_out || name.ends_with(&format!("/{left_out}"))) {
            return;
        }
        if path.is_dir() {
            for entry in fs::read_dir(path).expect("a folder") {
                walk(&entry.expect("an entry").path(), found);
            }
        } else {
            found.push(path.to_owned());
        }
    }
    let mut found = Vec::new();
    walk(&root().join(place), &mut found);
    found.sort();
    found.iter().map(|path| path.strip_prefix(root()).expect("inside").display().to_string()).collect()
}

#[test]
fn files_use_the_words_of_the_field() {
    let files: Vec<String> = PLACES.iter().flat_map(|place| files_of(place)).collect();
    let mut violations = Vec::new();
    for file in &files {
        let bytes = fs::read(root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        // Pictures and fonts are no text.
        if let Ok(text) = String::from_utf8(bytes) {
            violations.extend(faults(file, &text));
        }
    }
    assert!(violations.is_empty(), "\n{}", violations.join("\n"));
}

#[test]
fn every_kind_of_place_is_checked() {
    for (place, file) in [
        ("src", "src/lib.rs"),
        ("entity", "entity/src/lib.rs"),
        ("migration", "migration/src/lib.rs"),
        ("authenticator", "authenticator/src/api.js"),
        ("themes", "themes/default/pages/home.html"),
        ("tests", "tests/all/words.rs"),
        ("docs", "docs/operators.md"),
        ("README.md", "README.md"),
    ] {
        assert!(files_of(place).iter().any(|found| found == file), "{file} is not checked");
    }
    let tests = files_of("tests");
    assert!(!tests.iter().any(|file| file.starts_with("tests/fixtures/") || file.contains("node_modules")));
    assert!(!files_of("authenticator").iter().any(|file| file.contains("/vendor/")));
}

#[test]
fn a_planted_word_is_found() {
    for (halves, instead) in WORDS {
        let word = halves.concat();
        let found = [format!("docs/a.md:2: the word `{word}`: use {instead}")];
        for text in
            [format!("a\nthe {word}, b"), format!("a\n{}", word.to_uppercase()), format!("a\nthe_{word}_b")]
        {
            assert_eq!(faults("docs/a.md", &text), found, "{text}");
        }
        assert_eq!(faults("docs/a.md", &format!("a{word} {word}b")), Vec::<String>::new());
    }
    let curly = ["nobody", "’s"].concat();
    assert_eq!(faults("themes/a.html", &curly).len(), 1, "{curly}");
}

#[test]
fn a_planted_identifier_is_found() {
    for (halves, instead) in IDENTIFIERS {
        let name = halves.concat();
        let found = [format!("src/a.rs:1: the identifier `{name}`: use {instead}")];
        assert_eq!(faults("src/a.rs", &format!("struct {name};")), found);
        for allowed in
            [format!("struct {name}top;"), format!("struct A{name};"), format!("// {name} the truth")]
        {
            assert_eq!(faults("src/a.rs", &allowed), Vec::<String>::new(), "{allowed}");
        }
        assert_eq!(faults("docs/a.md", &format!("{name} words are no identifiers")), Vec::<String>::new());
    }
}

#[test]
fn a_planted_test_name_is_found() {
    for prefix in PREFIXES.map(|halves| halves.concat()) {
        let fault = format!("a test name that begins with `{prefix}`: use a subject and a verb");
        for (text, line) in [
            (format!("#[test]\nfn {prefix}is_refused() {{"), 2),
            (
                format!(
                    "    #[tokio::test(start_paused = true)]\n    #[ignore]\n    async fn {prefix}is_refused() {{"
                ),
                3,
            ),
        ] {
            assert_eq!(
                faults("src/a.rs", &text).last(),
                Some(&format!("src/a.rs:{line}: {fault}")),
                "{text}"
            );
        }
        let helper = format!("#[test]\nfn a_code_is_refused() {{}}\nfn {prefix}helps() {{}}");
        assert!(!faults("src/a.rs", &helper).concat().contains("test name"), "a helper is no test");
    }
}
