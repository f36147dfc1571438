//! Refuses to read a header field of a request as text outside of `src/http/fields.rs`: where one element of a list is
//! no text, such code drops the whole field without a word.

use super::{code_of, module_of, read, rust_files};

/// The file that reads fields.
const READER: &str = "src/http/fields.rs";
/// The modules that receive requests.
const RECEIVERS: [&str; 6] = ["http", "web", "signin", "oidc", "device_api", "site"];

/// The violations in one file, as `file:line: sentence`.
fn faults(file: &str, text: &str) -> Vec<String> {
    if file == READER || !RECEIVERS.contains(&module_of(file)) || file.contains("/fuzz/") {
        return Vec::new();
    }
    let code = code_of(text);
    // `Request::header` of the framework reads the first value as text, and drops another one.
    let is_reading = |line: &str| line.contains(".to_str()") || line.contains("request.header(");
    let lines = code.lines().enumerate().filter(|(_, line)| is_reading(line));
    lines.map(|(at, _)| format!("{file}:{}: read the field by {READER}", at + 1)).collect()
}

#[test]
fn one_file_reads_the_header_fields_of_requests_as_text() {
    let faults: Vec<String> =
        rust_files("src").into_iter().flat_map(|file| faults(&file, &read(&file))).collect();
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn a_planted_field_that_is_read_as_text_is_found() {
    let text = "let line = headers.get(COOKIE);\nlet line = line.and_then(|line| line.to_str().ok());";
    let file = "src/http/cookies.rs";
    assert_eq!(faults(file, text), [format!("{file}:2: read the field by {READER}")]);
    assert_eq!(faults(file, "let host = request.header(HOST);").len(), 1);
    assert_eq!(
        faults("src/outbox/push_answer.rs", text),
        Vec::<String>::new(),
        "the answer of another server"
    );
}
