//! The operators' page has every command of the program, and no other.

use clap::{Command, CommandFactory};
use countersign::cli::Cli;
use std::collections::BTreeSet;

/// The names of the commands with two words.
fn names(program: &Command) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for group in program.get_subcommands() {
        let verbs = group.get_subcommands().filter(|verb| verb.get_name() != "help");
        names.extend(verbs.map(|verb| format!("{} {}", group.get_name(), verb.get_name())));
    }
    names
}

#[test]
fn the_operators_page_lists_the_commands_of_the_program() {
    let page = include_str!("../../../../docs/operators.md");
    let chapter = page.split("\n## Commands\n").nth(1).expect("the chapter");
    let chapter = chapter.split("\n## ").next().expect("its text");
    let rows = chapter.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
    let listed = rows.map(|(line, _)| line.split(' ').take(2).collect::<Vec<_>>().join(" "));
    assert_eq!(listed.collect::<BTreeSet<_>>(), names(&Cli::command()));
}

/// Every option of a command is explained by its own help.
#[test]
fn every_command_and_every_option_has_a_help_text() {
    fn check(command: &Command, path: &str) {
        let path = format!("{path} {}", command.get_name());
        assert!(command.get_about().is_some(), "{path}");
        for argument in command.get_arguments() {
            assert!(argument.get_help().is_some(), "{path}: {}", argument.get_id());
        }
        for verb in command.get_subcommands() {
            check(verb, &path);
        }
    }
    check(&Cli::command(), "");
}
