//! The README says what is so: its key tables come from the key table, its walk is walked, and its
//! commands are run.
//!
//! With `FIRN_UPDATE_README` set the key tables are written instead of compared. In a
//! `console` block that is marked as tried, a line that is only `…` stands for any
//! lines, and one within a line for any text.

#![allow(clippy::unwrap_used, clippy::panic, reason = "test code, also outside of test functions")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use firn::tui::action::Action;
use firn::tui::keymap::{Binding, Keymap, Scope};

const BEGIN: &str = "<!-- keys -->\n";
const END: &str = "<!-- end of keys -->";

/// The tables after the first, in order: a title and the places whose keys are in it.
const TABLES: &[(&str, &[Scope])] = &[
    ("On the main screen, and most of them elsewhere", AROUND),
    ("Installed", &[Scope::Installed]),
    ("Registry", &[Scope::Registry]),
    ("History", &[Scope::History]),
    ("Preview", &[Scope::Preview]),
    ("Collisions", &[Scope::Collisions]),
    ("Review", &[Scope::Review]),
    ("Rolling back", &[Scope::Rollback]),
    ("Deleting generations", &[Scope::Delete]),
    ("Profiles", &[Scope::Profiles]),
];

/// The places around the panes.
const AROUND: &[Scope] = &[Scope::Main, Scope::Everywhere, Scope::Always];

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")
}

fn readme() -> String {
    std::fs::read_to_string(path()).unwrap()
}

/// The key tables, as they stand between the two marks.
fn key_tables() -> String {
    let keymap = Keymap::embedded().unwrap();
    let mut text = key_table(&keymap, "Moving", AROUND, moves);
    for (title, scopes) in TABLES {
        text += &key_table(&keymap, title, scopes, |action| !moves(action));
    }
    text + "\n"
}

fn key_table(keymap: &Keymap, title: &str, scopes: &[Scope], wanted: fn(Action) -> bool) -> String {
    let mut text = format!("\n**{title}**\n\n| Key | |\n|---|---|\n");
    let mut told: Vec<&Binding> = Vec::new();
    for binding in scopes.iter().flat_map(|scope| keymap.here(*scope)).map(|(binding, _)| binding) {
        let is_here = binding.scopes.iter().any(|scope| scopes.contains(scope));
        if is_here && wanted(binding.action) && !told.contains(&binding) {
            told.push(binding);
            let keys: Vec<String> = binding.keys.iter().map(|key| format!("`{key}`")).collect();
            writeln!(text, "| {} | {} |", keys.join(" "), binding.description).unwrap();
        }
    }
    text
}

/// Whether an action only moves a cursor or scrolls; told once, they are the same everywhere.
fn moves(action: Action) -> bool {
    matches!(
        action,
        Action::Down
            | Action::Up
            | Action::Top
            | Action::Bottom
            | Action::HalfPageDown
            | Action::HalfPageUp
            | Action::PageDown
            | Action::PageUp
            | Action::ScrollDown
            | Action::ScrollUp
            | Action::ScrollLeft
            | Action::ScrollRight
    )
}

#[test]
fn the_key_tables_are_those_of_the_key_table() {
    let readme = readme();
    let (before, rest) = readme.split_once(BEGIN).unwrap();
    let (tables, after) = rest.split_once(END).unwrap();
    let expected = key_tables();
    if std::env::var_os("FIRN_UPDATE_README").is_some() {
        std::fs::write(path(), format!("{before}{BEGIN}{expected}{END}{after}")).unwrap();
        return;
    }
    assert!(
        tables == expected,
        "the README's keys are stale; run: FIRN_UPDATE_README=1 cargo test --test readme"
    );
}

fn firn(folder: &Path, words: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_firn"));
    command.args(words).env_clear().env("PATH", "/usr/bin:/bin").env("HOME", folder);
    command.env("FIRN_STATE_DIR", folder.join("state")).env("FIRN_DATA_DIR", folder.join("data"));
    let output = command.output().unwrap();
    String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap()
}

#[test]
fn every_command_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let help = firn(folder.path(), &["--help"]);
    let commands = help.split_once("Commands:\n").unwrap().1.split_once("\n\n").unwrap().0;
    let readme = readme();
    let names =
        commands.lines().filter_map(|line| line.strip_prefix("  ")).filter(|line| !line.starts_with(' '));
    for name in names.map(|line| line.split(' ').next().unwrap()).filter(|name| *name != "help") {
        assert!(readme.contains(&format!("`firn {name}")), "the README does not name the command {name}");
    }
}

#[test]
fn the_examples_print_what_is_shown() {
    let readme = readme();
    let tried = readme.split_once("<!-- tried").unwrap().1.split_once("```console\n").unwrap().1;
    let tried = tried.split_once("```").unwrap().0;
    let folder = tempfile::tempdir().unwrap();
    for example in tried.split("$ ").filter(|example| !example.is_empty()) {
        let (command, shown) = example.split_once('\n').unwrap();
        let words: Vec<&str> = command.split(' ').skip(1).collect();
        let printed = firn(folder.path(), &words);
        let printed: Vec<&str> = printed.lines().map(str::trim_end).collect();
        let shown: Vec<&str> = shown.lines().collect();
        assert!(
            matches(&shown, &printed),
            "$ {command}\n{}\nis shown as\n{}",
            printed.join("\n"),
            shown.join("\n")
        );
    }
}

/// What stands between backticks.
fn codes(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

#[test]
fn the_walk_shows_what_it_says() {
    let readme = readme();
    let walk = readme.split_once("<!-- walked").unwrap().1;
    let steps: Vec<&str> = walk
        .lines()
        .skip_while(|line| !line.starts_with("| 1 "))
        .take_while(|line| line.starts_with('|'))
        .collect();
    assert_eq!(steps.len(), 10);
    let folder = tempfile::tempdir().unwrap();
    let mut keys = String::new();
    for step in steps {
        let cells: Vec<&str> = step.split(" | ").collect();
        let [_, key, deed, seen] = cells[..] else { panic!("{step}") };
        // What is applied stays applied: what comes after it begins anew.
        let begin: &[&str] = if keys.contains(" y") { &["demo", "--fresh"] } else { &["demo"] };
        let key = codes(key)[0];
        keys += " ";
        keys += if key == "enter" { "<enter>" } else { key };
        if key == "i" {
            keys = [&keys, codes(deed)[0], "<enter>"].join(" ");
        }
        let frame = firn(folder.path(), &[begin, &["--keys", &keys, "--frame", "120x36"]].concat());
        assert!(frame.contains(codes(seen)[0]), "after {keys}\n{frame}");
    }
}

/// Whether the printed lines are the shown ones.
fn matches(shown: &[&str], printed: &[&str]) -> bool {
    match shown {
        [] => printed.is_empty(),
        ["…", rest @ ..] => (0..=printed.len()).any(|skipped| matches(rest, &printed[skipped..])),
        [line, rest @ ..] => {
            let [first, others @ ..] = printed else { return false };
            let same = line.split_once('…').map_or(line == first, |(begin, end)| {
                first.len() >= begin.len() + end.len() && first.starts_with(begin) && first.ends_with(end)
            });
            same && matches(rest, others)
        }
    }
}
