//! Refuses import cycles between the files of one module of `src`.
//!
//! A file imports another one if a path in it leads there. Names that a `mod.rs` re-exports count as names of
//! the file that defines them, and the re-export itself is no import: otherwise each module would be a cycle
//! with its `mod.rs`.

use super::{code_of, module_of, places_of, read, rust_files, word_at_start};
use std::collections::{BTreeMap, BTreeSet};

/// Cycles that stand today, each as all its files. The list may only shrink.
const KNOWN: [&[&str]; 0] = [];

type Path = Vec<String>;

/// The files of one module of `src`, with what each name in them leads to.
struct Files {
    /// Module path to file and code: `["oidc", "token"]` to `src/oidc/token/mod.rs`.
    code: BTreeMap<Path, (String, String)>,
    /// Module path and imported name to the full path of what is imported.
    imported: BTreeMap<(Path, String), Path>,
    /// From module path to module path, with the byte where the importing path begins.
    imports: BTreeMap<(Path, Path), usize>,
}

/// A path of a text as it is written: where it begins, its segments, the name that it binds if it is a `use`.
struct Written {
    at: usize,
    segments: Path,
    binds: Option<String>,
    is_pub_use: bool,
}

impl Files {
    /// Reads `(file, text)` pairs of one module and resolves their imports.
    fn new(texts: &[(String, String)]) -> Self {
        let code = texts.iter().map(|(file, text)| (path_of(file), (file.clone(), without_comments(text))));
        let mut files = Self { code: code.collect(), imported: BTreeMap::new(), imports: BTreeMap::new() };
        let mut written: Vec<(Path, Written)> = Vec::new();
        for (module, (_, code)) in &files.code {
            written.extend(written_paths(code).into_iter().map(|path| (module.clone(), path)));
        }
        for (module, path) in &written {
            if let (Some(name), Some(target)) = (&path.binds, files.absolute(module, &path.segments)) {
                files.imported.insert((module.clone(), name.clone()), target);
            }
        }
        for (module, path) in &written {
            if files.is_reexport(module, path) {
                continue;
            }
            let target = files.absolute(module, &path.segments).and_then(|target| files.file_of(target, 0));
            if let Some(other) = target.filter(|other| other != module) {
                files.imports.entry((module.clone(), other)).or_insert(path.at);
            }
        }
        files
    }

    /// Whether a `mod.rs` only passes the name on.
    fn is_reexport(&self, module: &Path, path: &Written) -> bool {
        path.is_pub_use && self.file(module).ends_with("/mod.rs")
    }

    /// The path from the root of the crate. Its first segment is a keyword, a child of the module or an
    /// imported name; other paths lead out of the crate.
    fn absolute(&self, module: &Path, segments: &[String]) -> Option<Path> {
        let mut base = module.clone();
        let mut rest = segments;
        match rest.first()?.as_str() {
            "crate" => base.clear(),
            "self" | "super" => {}
            child => {
                base.push(child.to_owned());
                let is_child = self.code.contains_key(&base);
                base.pop();
                if !is_child {
                    let imported = self.imported.get(&(module.clone(), child.to_owned()))?;
                    return Some([imported.as_slice(), &rest[1..]].concat());
                }
            }
        }
        while let Some(first @ ("crate" | "self" | "super")) = rest.first().map(String::as_str) {
            if first == "super" {
                base.pop();
            }
            rest = &rest[1..];
        }
        base.extend(rest.iter().cloned());
        Some(base)
    }

    /// The module path of the file that defines what `path` names; none if it is of another module.
    fn file_of(&self, path: Path, depth: usize) -> Option<Path> {
        let known = (0..=path.len()).rev().find(|length| self.code.contains_key(&path[..*length]))?;
        let (module, rest) = path.split_at(known);
        let imported = rest.first().and_then(|name| self.imported.get(&(module.to_vec(), name.clone())));
        match imported {
            Some(target) if depth < 8 => self.file_of([target.as_slice(), &rest[1..]].concat(), depth + 1),
            _ => Some(module.to_vec()),
        }
    }

    /// Modules that can be reached from `start` by one import or more.
    fn reachable<'a>(&'a self, start: &'a Path) -> BTreeSet<&'a Path> {
        let (mut reached, mut open) = (BTreeSet::new(), vec![start]);
        while let Some(module) = open.pop() {
            let next = self.imports.keys().filter(|(from, _)| from == module).map(|(_, to)| to);
            open.extend(next.filter(|to| reached.insert(*to)));
        }
        reached
    }

    /// Groups of files that import each other, directly or through others of the group.
    fn cycles(&self) -> Vec<BTreeSet<&Path>> {
        let reachable: BTreeMap<&Path, BTreeSet<&Path>> =
            self.code.keys().map(|module| (module, self.reachable(module))).collect();
        let mut cycles: Vec<BTreeSet<&Path>> = Vec::new();
        for (module, reached) in &reachable {
            let group: BTreeSet<&Path> =
                reached.iter().copied().filter(|other| reachable[*other].contains(module)).collect();
            if !group.is_empty() && !cycles.contains(&group) {
                cycles.push(group);
            }
        }
        cycles
    }

    fn file(&self, module: &Path) -> &str {
        &self.code[module].0
    }

    /// The imports inside a cycle, as `file:line: imports other file`.
    fn explain(&self, cycle: &BTreeSet<&Path>) -> String {
        let inside = self.imports.iter().filter(|((from, to), _)| cycle.contains(from) && cycle.contains(to));
        let lines = inside.map(|((from, to), at)| {
            let (file, code) = &self.code[from];
            let line = code[..*at].matches('\n').count() + 1;
            format!(
                "{file}:{line}: imports {}, which leads back: move what both need into a third file",
                self.file(to)
            )
        });
        lines.collect::<Vec<_>>().join("\n")
    }
}

/// `src/oidc/token/mod.rs` and `src/oidc/token.rs` are both `["oidc", "token"]`.
fn path_of(file: &str) -> Path {
    let path = file.trim_start_matches("src/").trim_end_matches(".rs").trim_end_matches("/mod");
    path.split('/').map(str::to_owned).collect()
}

/// The code of a file without its tests, with comments at the end of a line blanked out as well.
fn without_comments(text: &str) -> String {
    let lines = code_of(text);
    let lines = lines.lines().map(|line| line.split_once(" // ").map_or(line, |(code, _)| code));
    lines.collect::<Vec<_>>().join("\n")
}

/// The paths of a text: the leaves of its `use` trees, and paths inside the code.
fn written_paths(code: &str) -> Vec<Written> {
    let mut found = Vec::new();
    let mut in_use = Vec::new();
    for at in places_of(code, "use") {
        let line = code[..at].rsplit('\n').next().unwrap_or_default().trim();
        let Some(end) = code[at..].find(';').map(|length| at + length) else { continue };
        if line.is_empty() || line.starts_with("pub") {
            in_use.push(at..end);
            let start = at + "use".len();
            leaves(&code[start..end], start, &[], line.starts_with("pub"), &mut found);
        }
    }
    for (at, _) in code.match_indices("::") {
        let start = code[..at].rfind(|letter: char| !letter.is_alphanumeric() && letter != '_');
        let start = start.map_or(0, |before| before + 1);
        if code[..start].ends_with("::") || in_use.iter().any(|range| range.contains(&at)) {
            continue;
        }
        let end =
            code[start..].find(|letter: char| !letter.is_alphanumeric() && letter != '_' && letter != ':');
        let path = &code[start..end.map_or(code.len(), |length| start + length)];
        let segments = path.split("::").filter(|word| !word.is_empty()).map(str::to_owned).collect();
        found.push(Written { at: start, segments, binds: None, is_pub_use: false });
    }
    found
}

/// Collects the leaves of a `use` tree that begins at byte `at` of the file.
fn leaves(tree: &str, at: usize, prefix: &[String], is_pub_use: bool, found: &mut Vec<Written>) {
    let at = at + (tree.len() - tree.trim_start().len());
    let tree = tree.trim();
    if let Some(list) = tree.strip_prefix('{') {
        let (mut depth, mut start) = (0_usize, 0);
        for (place, letter) in list.char_indices() {
            match letter {
                '{' => depth += 1,
                '}' if depth == 0 => {
                    return leaves(&list[start..place], at + 1 + start, prefix, is_pub_use, found);
                }
                '}' => depth -= 1,
                ',' if depth == 0 => {
                    leaves(&list[start..place], at + 1 + start, prefix, is_pub_use, found);
                    start = place + 1;
                }
                _ => {}
            }
        }
        return;
    }
    let Some(word) = word_at_start(tree) else { return };
    let mut segments = prefix.to_vec();
    segments.push(word.to_owned());
    match tree[word.len()..].strip_prefix("::") {
        Some("*") | None => {
            let last = if word == "self" { segments.iter().rev().nth(1) } else { segments.last() };
            let binds = tree.split_once(" as ").map(|(_, name)| name.to_owned()).or(last.cloned());
            if word == "self" && segments.len() > 1 {
                segments.pop();
            }
            found.push(Written { at, segments, binds, is_pub_use });
        }
        Some(rest) => leaves(rest, at + word.len() + 2, &segments, is_pub_use, found),
    }
}

/// The files of `src` by module; test files do not count.
fn modules() -> BTreeMap<String, Vec<(String, String)>> {
    let mut modules: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for file in
        rust_files("src").into_iter().filter(|file| file != "src/lib.rs" && !file.ends_with("tests.rs"))
    {
        modules.entry(module_of(&file).to_owned()).or_default().push((file.clone(), read(&file)));
    }
    modules
}

#[test]
fn files_of_one_module_do_not_import_each_other_in_a_cycle() {
    let mut known: BTreeSet<Vec<String>> =
        KNOWN.iter().map(|files| files.iter().map(|file| (*file).to_owned()).collect()).collect();
    let mut faults = Vec::new();
    for texts in modules().values() {
        let files = Files::new(texts);
        for cycle in files.cycles() {
            let mut names: Vec<String> = cycle.iter().map(|module| files.file(module).to_owned()).collect();
            names.sort();
            if !known.remove(&names) {
                faults.push(format!("{}\n  {names:?}", files.explain(&cycle)));
            }
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n\n"));
    assert!(known.is_empty(), "no longer a cycle, or a smaller one: take it out of KNOWN\n{known:#?}");
}

fn cycles_of(texts: &[(&str, &str)]) -> Vec<String> {
    let texts: Vec<(String, String)> =
        texts.iter().map(|(file, text)| ((*file).to_owned(), (*text).to_owned())).collect();
    let files = Files::new(&texts);
    files
        .cycles()
        .iter()
        .map(|cycle| {
            files.explain(cycle).replace(", which leads back: move what both need into a third file", "")
        })
        .collect()
}

#[test]
fn a_planted_cycle_is_found() {
    let direct = [
        ("src/oidc/one.rs", "//! x\nuse super::two::Two;"),
        ("src/oidc/two.rs", "fn f() -> crate::oidc::one::One {}"),
    ];
    assert_eq!(
        cycles_of(&direct),
        ["src/oidc/one.rs:2: imports src/oidc/two.rs\nsrc/oidc/two.rs:1: imports src/oidc/one.rs"]
    );
    let through_a_reexport = [
        ("src/oidc/mod.rs", "mod one;\nmod two;\npub use {one::One, two::Two};"),
        ("src/oidc/one.rs", "use super::{\n    x,\n    Two,\n};"),
        ("src/oidc/two.rs", "use super::One as First;"),
    ];
    assert_eq!(
        cycles_of(&through_a_reexport),
        ["src/oidc/one.rs:3: imports src/oidc/two.rs\nsrc/oidc/two.rs:1: imports src/oidc/one.rs"]
    );
    let of_three = [
        ("src/oidc/a/mod.rs", "pub mod b;"),
        ("src/oidc/a/b.rs", "use super::super::c;"),
        ("src/oidc/c.rs", "use crate::{clock::Clock, oidc::{d::{self, D}, x}};"),
        ("src/oidc/d.rs", "use super::a::b::{self};"),
    ];
    assert_eq!(cycles_of(&of_three).len(), 1);
    assert_eq!(cycles_of(&of_three)[0].lines().count(), 3);
    let through_an_imported_module = [
        ("src/oidc/mod.rs", "mod one;\nmod two;"),
        ("src/oidc/one.rs", "use super::two;\nfn f() { two::g() }"),
        ("src/oidc/two/mod.rs", "mod three;\npub use three::g;"),
        ("src/oidc/two/three.rs", "use crate::oidc::one::f;"),
    ];
    assert_eq!(
        cycles_of(&through_an_imported_module),
        [
            "src/oidc/one.rs:2: imports src/oidc/two/three.rs\nsrc/oidc/two/three.rs:1: imports src/oidc/one.rs"
        ]
    );
    let with_code_in_mod = [
        ("src/oidc/mod.rs", "mod one;\npub fn f() { one::g() }"),
        ("src/oidc/one.rs", "pub fn g() { super::f() }"),
    ];
    assert_eq!(cycles_of(&with_code_in_mod).len(), 1);
}

#[test]
fn imports_in_one_direction_are_not_reported() {
    let texts = [
        ("src/oidc/mod.rs", "mod one;\nmod two;\npub use {one::One, two::Two};\npub struct Three;"),
        ("src/oidc/one.rs", "// super::two\nuse super::{Three, two::Two};\nuse std::one;"),
        ("src/oidc/two.rs", "use super::Three;\n#[cfg(test)]\nmod tests { use super::super::one::One; }"),
        ("src/oidc/three/mod.rs", "use super::One;\nmod four;\npub use four::Four;"),
        ("src/oidc/three/four.rs", "fn f() { two::g(); one::h() }"),
    ];
    assert_eq!(cycles_of(&texts), Vec::<String>::new());
}
