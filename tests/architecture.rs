//! Reads `src/` and fails on an import that the design forbids.
//!
//! Imports go one way: `main → cli, tui → ops → system → core`. `core` imports no other
//! module of ours and nothing of std that touches the machine. In `tui` only the runtime
//! and the module itself call use cases; the rest may name types of their results.
//! Comments and strings do not count; the code of tests does.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::path::{Path, PathBuf};

use regex::Regex;

/// A module of ours and those it may name.
const MAY_NAME: [(&str, &[&str]); 5] = [
    ("core", &["core"]),
    ("system", &["system", "core"]),
    ("ops", &["ops", "system", "core"]),
    ("cli", &["cli", "ops", "system", "core"]),
    ("tui", &["tui", "ops", "system", "core"]),
];

/// What of std touches the machine.
const MACHINE: [&str; 5] = ["fs", "process", "env", "net", "thread"];

/// Files of `tui` that may call use cases.
const CALLERS: [&str; 2] = ["src/tui/mod.rs", "src/tui/runtime"];

struct Source {
    /// From the root of the project, `src/core/plan/mod.rs`.
    path: String,
    code: String,
}

impl Source {
    /// The module of ours the file belongs to; empty for `lib.rs` and `main.rs`.
    fn module(&self) -> &str {
        self.path.strip_prefix("src/").and_then(|path| path.split_once('/')).map_or("", |(module, _)| module)
    }

    /// How many `super::` lead from the file to the root of the crate.
    fn depth(&self) -> usize {
        let parts = self.path.trim_end_matches("/mod.rs").split('/').count();
        parts - 1
    }
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    collect(&root.join("src"), &mut found);
    found.sort();
    let read = |path: PathBuf| {
        let code = without_comments_and_strings(&std::fs::read_to_string(&path).unwrap());
        Source { path: path.strip_prefix(root).unwrap().to_str().unwrap().to_owned(), code }
    };
    found.into_iter().map(read).collect()
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

fn without_comments_and_strings(text: &str) -> String {
    let noise = Regex::new(concat!(
        r##"(?s)//[^\n]*|/\*.*?\*/"##,                              // comments
        r##"|r#"[^\x00]*?"#|r"[^"]*""##,                            // raw strings
        r##"|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\[^u]|\\u\{[^}]*\})'"##, // strings and characters
    ));
    noise.unwrap().replace_all(text, " ").into_owned()
}

/// Every path that begins at the crate's root, `ops::load_profile::LoadedProfile`; groups are
/// unfolded.
fn crate_paths(code: &str) -> Vec<String> {
    let start = Regex::new(r"\b(?:crate|firn)\s*::\s*").unwrap();
    start.find_iter(code).flat_map(|found| unfold(&code[found.end()..])).collect()
}

/// Reads one path of a `use` or of an expression: `a::{b, c::{d, e}}` is `a::b`, `a::c::d`, `a::c::e`.
fn unfold(text: &str) -> Vec<String> {
    let head: String = text.chars().take_while(|c| c.is_alphanumeric() || "_:".contains(*c)).collect();
    let rest = &text[head.len()..];
    if !head.ends_with("::") && !head.is_empty() || !rest.starts_with('{') {
        return vec![head.trim_end_matches(':').to_owned()];
    }
    let mut depth = 0;
    let mut members = vec![String::new()];
    for character in rest.chars() {
        depth += i32::from(character == '{');
        match character {
            ',' if depth == 1 => members.push(String::new()),
            '{' if depth == 1 => {}
            '}' if depth == 1 => break,
            _ => members.last_mut().unwrap().push(character),
        }
        depth -= i32::from(character == '}');
    }
    let members = members.iter().map(|member| member.trim()).filter(|member| !member.is_empty());
    members.flat_map(unfold).map(|member| format!("{head}{member}")).collect()
}

#[test]
fn imports_go_one_way() {
    for source in sources() {
        let Some((_, allowed)) = MAY_NAME.iter().find(|(module, _)| *module == source.module()) else {
            continue;
        };
        for path in crate_paths(&source.code) {
            let module = path.split("::").next().unwrap();
            let known = MAY_NAME.iter().any(|(known, _)| *known == module);
            assert!(!known || allowed.contains(&module), "{} names {path}", source.path);
        }
    }
}

#[test]
fn nothing_climbs_out_of_its_module() {
    let climb = Regex::new(r"(?:\bsuper\s*::\s*)+").unwrap();
    for source in sources().iter().filter(|source| !source.module().is_empty()) {
        // One more level inside a `mod tests { … }`.
        let inline = usize::from(source.code.contains("mod tests {"));
        for found in climb.find_iter(&source.code) {
            let levels = found.as_str().matches("super").count();
            assert!(levels < source.depth() + inline, "{}: {}", source.path, found.as_str());
        }
    }
}

#[test]
fn core_does_not_touch_the_machine() {
    let named = Regex::new(&format!(r"\bstd\s*::\s*({})\b", MACHINE.join("|"))).unwrap();
    let grouped = Regex::new(&format!(r"\bstd\s*::\s*\{{[^;]*\b({})\b[^;]*;", MACHINE.join("|"))).unwrap();
    let others = Regex::new(
        r"\b(SystemTime|Instant|stdin|stdout|stderr|println|eprintln|crossterm|ratatui|tempfile|rustix)\b",
    );
    let others = others.unwrap();
    for source in sources().iter().filter(|source| source.module() == "core") {
        for pattern in [&named, &grouped, &others] {
            let found = pattern.find(&source.code).map(|found| found.as_str());
            assert_eq!(found, None, "{} touches the machine", source.path);
        }
    }
}

#[test]
fn only_the_runtime_calls_use_cases() {
    let is_type = |path: &str| {
        let mut segments = path.split("::").skip(1);
        segments.any(|segment| segment != "Context" && segment.starts_with(char::is_uppercase))
    };
    for source in sources().iter().filter(|source| source.module() == "tui") {
        if CALLERS.iter().any(|caller| source.path.starts_with(caller)) {
            continue;
        }
        let ops = crate_paths(&source.code).into_iter().filter(|path| path.split("::").next() == Some("ops"));
        for path in ops {
            assert!(is_type(&path), "{} names {path}, which is not the type of a result", source.path);
        }
    }
}

#[test]
fn the_program_only_hands_over() {
    let main = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/main.rs")).unwrap();
    assert!(main.lines().count() <= 40, "src/main.rs has {} lines", main.lines().count());
}

#[test]
fn these_tests_would_notice() {
    let code =
        without_comments_and_strings("use crate::{core::{plan::Plan, facts}, ops::Context}; // crate::cli\n");
    assert_eq!(crate_paths(&code), ["core::plan::Plan", "core::facts", "ops::Context"]);
    assert_eq!(crate_paths("let x = crate::system::nix::open(1);"), ["system::nix::open"]);
    let code = without_comments_and_strings(r#"let x = "crate::tui\" "; let y = '"'; crate::cli::run()"#);
    assert_eq!(crate_paths(&code), ["cli::run"]);
}
