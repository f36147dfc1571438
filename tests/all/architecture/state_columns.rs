//! Refuses hand-written changes of a state: `src/storage/transitions.rs` alone sets a state column, with the guard
//! of the table.

use super::{code_of, read, rust_files};

/// The file that builds every change.
const BUILDER: &str = "src/storage/transitions.rs";
/// The column `state` of a journey is the document of a sign-in.
const DOCUMENT: &str = "src/storage/journeys.rs";
const CHANGE: &str = "col_expr(Column::State,";

/// The violations in one file, as `file:line: sentence`. White space does not matter.
fn faults(file: &str, text: &str) -> Vec<String> {
    let code = code_of(text);
    let lines: Vec<&str> = code.lines().collect();
    let is_change = |at: usize| {
        let rest: String = lines[at..].iter().take(2).flat_map(|line| line.chars()).collect();
        let rest: String = rest.chars().filter(|letter| !letter.is_whitespace()).collect();
        lines[at].contains("col_expr(") && rest[rest.find("col_expr(").unwrap_or(0)..].starts_with(CHANGE)
    };
    let changes = (0..lines.len()).filter(|at| ![BUILDER, DOCUMENT].contains(&file) && is_change(*at));
    changes.map(|at| format!("{file}:{}: only {BUILDER} changes a state", at + 1)).collect()
}

#[test]
fn only_the_tables_of_transitions_change_a_state() {
    let faults: Vec<String> =
        rust_files("src").into_iter().flat_map(|file| faults(&file, &read(&file))).collect();
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
    assert!(read(BUILDER).contains("col_expr(E::STATE,"), "{BUILDER} builds them");
}

#[test]
fn a_planted_change_of_a_state_is_found() {
    let file = "src/storage/outbox.rs";
    let expected = [format!("{file}:2: only {BUILDER} changes a state")];
    for change in
        ["col_expr(Column::State, Expr::value(state))", "col_expr(\n    Column::State, Expr::value(state))"]
    {
        let text = format!("Entity::update_many()\n    .{change}\n    .filter(Column::Id.eq(id))");
        assert_eq!(faults(file, &text), expected, "{change}");
    }
    let other = "Entity::update_many().col_expr(Column::StateHash, value).filter(Column::State.eq(state))";
    assert_eq!(faults(file, other), Vec::<String>::new());
}
