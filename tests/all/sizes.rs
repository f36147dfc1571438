//! Prints the ten largest files and functions. It never fails a build.
//!
//! Run it with `cargo test --test all sizes -- --nocapture`; `tests/run` prints it after the unit tests.

use super::architecture::{read, rust_files};

/// Returns the functions of a file with their number of lines. It relies on `rustfmt`: a closing brace has
/// the indentation of the line that opens the function.
fn functions_of(text: &str) -> Vec<(usize, String)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (start, line) in lines.iter().enumerate() {
        let Some(name) = function_name(line) else { continue };
        let indent = line.len() - line.trim_start().len();
        let closing = format!("{}}}", " ".repeat(indent));
        let length = lines[start..].iter().position(|line| *line == closing);
        found.extend(length.map(|length| (length + 1, name.to_owned())));
    }
    found
}

fn function_name(line: &str) -> Option<&str> {
    let words = line.trim_start();
    let rest = [
        "fn ",
        "pub fn ",
        "async fn ",
        "pub async fn ",
        "pub(crate) fn ",
        "pub(super) fn ",
        "const fn ",
        "pub const fn ",
    ]
    .iter()
    .find_map(|opening| words.strip_prefix(opening))?;
    rest.split(['(', '<']).next()
}

fn largest(mut sizes: Vec<(usize, String)>) -> String {
    sizes.sort_by(|one, other| other.cmp(one));
    let lines: Vec<String> = sizes.iter().take(10).map(|(size, name)| format!("{size:6}  {name}")).collect();
    lines.join("\n")
}

#[test]
fn the_largest_files_and_functions_are_shown() {
    let files: Vec<(String, String)> = ["src", "entity", "migration", "tests/all"]
        .iter()
        .flat_map(|folder| rust_files(folder))
        .map(|file| (read(&file), file))
        .collect();
    let lengths = files.iter().map(|(text, file)| (text.lines().count(), file.clone())).collect();
    let functions = files.iter().flat_map(|(text, file)| {
        functions_of(text).into_iter().map(move |(length, name)| (length, format!("{name} ({file})")))
    });
    println!("largest files, in lines\n{}", largest(lengths));
    println!("largest functions, in lines\n{}", largest(functions.collect()));
}

#[test]
fn a_function_is_measured_from_its_name_to_its_brace() {
    let text = "impl A {\n    pub fn one() {\n        if x {\n        }\n    }\n}\nfn two<T>(\n    a: T,\n) -> T {\n    a\n}\n";
    assert_eq!(functions_of(text), [(4, "one".to_owned()), (5, "two".to_owned())]);
    assert_eq!(largest(vec![(1, "small".to_owned()), (30, "big".to_owned())]), "    30  big\n     1  small");
}
