//! Checks that files for different programs agree: the compiler's version, the parts of the tests, the public
//! checks.

use super::architecture::read;

/// Returns the text between `before` and the next `after`, without surrounding spaces and quotation marks.
fn between<'a>(text: &'a str, before: &str, after: char) -> &'a str {
    let rest = text.split_once(before).unwrap_or_else(|| panic!("`{before}` is missing in\n{text}")).1;
    rest.split(after).next().unwrap_or(rest).trim().trim_matches('"')
}

#[test]
fn every_file_names_the_same_compiler() {
    let toolchain = read("rust-toolchain.toml");
    let version = between(&toolchain, "\nchannel =", '\n');
    let parts: Vec<&str> = version.split('.').collect();
    assert!(parts.len() == 3 && parts.iter().all(|part| part.parse::<u16>().is_ok()), "{version}");
    assert_eq!(between(&read("Cargo.toml"), "\nrust-version =", '\n'), version, "Cargo.toml");
    assert_eq!(between(&read("Dockerfile"), "\nFROM rust:", '-'), version, "Dockerfile");
    assert_eq!(between(&read("README.md"), "You need Rust ", ' '), version, "README.md");
}

const WORKFLOW: &str = ".github/workflows/ci.yml";

#[test]
fn the_public_checks_run_every_part() {
    let (run, workflow) = (read("tests/run"), read(WORKFLOW));
    let parts: Vec<&str> = between(&run, "\nPARTS=(", ')').split_whitespace().collect();
    let jobs: Vec<&str> = between(&workflow, "\n        part: [", ']').split(',').map(str::trim).collect();
    assert_eq!(jobs, parts, "left: {WORKFLOW}; right: tests/run");
    assert_eq!(workflow.matches("run: tests/run ${{ matrix.part }}").count(), 1);
}

#[test]
fn the_parts_fail_on_a_changed_snapshot_and_write_none() {
    let run = read("tests/run");
    let export = "\nexport INSTA_UPDATE=no INSTA_FORCE_PASS=0\n";
    let (at, first_part) = (run.find(export), run.find("\npart_"));
    assert!(at.is_some() && at < first_part, "{export:?} stands before the parts");
    let ignored = read(".gitignore");
    for pattern in ["*.pending-snap", "*.snap.new"] {
        assert!(ignored.lines().any(|line| line == pattern), "git shows {pattern}");
    }
}

#[test]
fn the_command_for_one_story_names_a_story() {
    let page = read("CONTRIBUTING.md");
    for command in ["cargo test --test all ", "tests/run story "] {
        let story =
            between(&page, &format!("`{command}"), '`').split(' ').next().unwrap_or_default().to_owned();
        read(&format!("tests/all/stories/{story}.rs"));
    }
}

#[test]
fn every_action_is_pinned_by_its_commit_and_the_container_is_the_pinned_compiler() {
    let workflow = read(WORKFLOW);
    let actions: Vec<&str> =
        workflow.lines().filter_map(|line| line.trim().strip_prefix("- uses: ")).collect();
    assert!(actions.len() >= 2, "{actions:?}");
    for action in actions {
        let (_, pin) = action.split_once('@').unwrap_or_else(|| panic!("{action} has no version"));
        let (commit, version) =
            pin.split_once(" # v").unwrap_or_else(|| panic!("{action} does not say its version"));
        assert!(commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit()), "{action}");
        assert!(version.split('.').all(|part| part.parse::<u16>().is_ok()), "{action}");
    }
    let toolchain = read("rust-toolchain.toml");
    let image = format!("container: rust:{}-", between(&toolchain, "\nchannel =", '\n'));
    for container in workflow.lines().map(str::trim).filter(|line| line.starts_with("container: ")) {
        assert!(container.starts_with(&image), "{container}: expected {image}…");
    }
}

#[test]
fn every_build_setting_of_a_crate_names_a_crate_of_the_lock_file() {
    let (manifest, lock) = (read("Cargo.toml"), read("Cargo.lock"));
    let names: Vec<&str> = manifest
        .lines()
        .filter(|line| line.starts_with("[profile."))
        .filter_map(|line| line.split_once(".package.")?.1.strip_suffix(']'))
        .filter(|name| *name != "\"*\"")
        .collect();
    assert!(names.len() > 50, "{names:?}");
    for name in names {
        assert!(lock.contains(&format!("\nname = \"{name}\"\n")), "Cargo.toml sets the build of `{name}`");
    }
}
