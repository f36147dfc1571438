//! Refuses row types of tables outside of `storage`: a new column is an edit in one file.
//!
//! The crate `entity` has a module for each table. Its modules `ids` and `enums` belong to no table.

use super::{code_of, heads_of, module_of, places_of, read, rust_files, word_at_start};

/// The tables whose rows only `storage` reads and writes.
const TABLES: [&str; 7] =
    ["authenticator", "challenge", "challenge_device", "enrollment", "journey", "outbox", "transport"];

/// The violations in one file of `src`, as `file:line: sentence`.
fn faults(file: &str, text: &str) -> Vec<String> {
    if module_of(file) == "storage" {
        return Vec::new();
    }
    let code = code_of(text);
    let mut named = Vec::new();
    let ends = places_of(&code, "entity").map(|at| at + "entity::".len());
    for end in ends.filter(|end| code.get(..*end).is_some_and(|code| code.ends_with("entity::"))) {
        match code[end..].strip_prefix('{') {
            Some(list) => named.extend(heads_of(list).into_iter().map(|(at, head)| (end + 1 + at, head))),
            None => named.extend(word_at_start(&code[end..]).map(|head| (end, head))),
        }
    }
    let rows = named.into_iter().filter(|(_, module)| TABLES.contains(module));
    let line_of = |at: usize| code[..at].matches('\n').count() + 1;
    rows.map(|(at, module)| format!("{file}:{}: only storage may name the rows of {module}", line_of(at)))
        .collect()
}

#[test]
fn only_storage_names_the_row_types_of_aggregates() {
    let faults: Vec<String> =
        rust_files("src").into_iter().flat_map(|file| faults(&file, &read(&file))).collect();
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

/// The queue knows no other table: what follows a delivery is a use case.
fn tables_beside_the_outbox(text: &str) -> Vec<String> {
    let code = code_of(text);
    let modules = rust_files("src/storage").into_iter().filter_map(|file| {
        let name = file.strip_prefix("src/storage/")?.split(['/', '.']).next()?.to_owned();
        // What every table uses.
        (!["executor", "insert", "mod", "outbox", "tests", "transitions", "stored"].contains(&name.as_str()))
            .then_some(name)
    });
    // A column or a method may have the name of a module.
    let imports: String = code.lines().filter(|line| line.starts_with("use ")).collect::<Vec<_>>().join("\n");
    let names = |module: &String| {
        code.contains(&format!("{module}::")) || places_of(&imports, module).next().is_some()
    };
    let mut found: Vec<String> = modules.filter(names).collect();
    found.extend(TABLES.iter().filter(|table| **table != "outbox").filter_map(|table| {
        let path = format!("entity::{table}");
        let in_list = format!("    {table}::");
        (code.contains(&path) || code.contains(&in_list)).then_some((*table).to_owned())
    }));
    found.sort_unstable();
    found.dedup();
    found
}

#[test]
fn the_queue_of_deliveries_names_no_other_table() {
    assert_eq!(tables_beside_the_outbox(&read("src/storage/outbox.rs")), Vec::<String>::new());
    let planted = "use super::{Fault, transports};\nuse ::entity::authenticator;\nuse super::insert::insert;";
    assert_eq!(tables_beside_the_outbox(planted), ["authenticator", "transports"]);
}

#[test]
fn a_planted_row_type_is_found() {
    for (file, text, expected) in [
        (
            "src/actions/devices/remove.rs",
            "use crate::app::App;\nuse ::entity::challenge::Model;",
            "src/actions/devices/remove.rs:2: only storage may name the rows of challenge",
        ),
        (
            "src/signin/push/ring.rs",
            "use ::entity::{\n    ids::PersonId,\n    outbox::{Column, Model},\n};",
            "src/signin/push/ring.rs:3: only storage may name the rows of outbox",
        ),
        (
            "src/workers/queue.rs",
            "fn f(row: entity::transport::Model) {}",
            "src/workers/queue.rs:1: only storage may name the rows of transport",
        ),
    ] {
        assert_eq!(faults(file, text), [expected], "{text}");
    }
}

#[test]
fn ids_enumerations_and_the_rows_in_storage_are_not_reported() {
    for (file, text) in [
        ("src/storage/outbox.rs", "use ::entity::outbox::Model;"),
        ("src/signin/mod.rs", "use ::entity::{enums::ChallengeState, ids::ChallengeId};"),
        ("src/demo/identity.rs", "use super::identity::{challenge, outbox};"),
        ("src/audit/mod.rs", "// entity::challenge is its row\nuse ::entity::ids::PersonId;"),
    ] {
        assert_eq!(faults(file, text), Vec::<String>::new(), "{text}");
    }
}
