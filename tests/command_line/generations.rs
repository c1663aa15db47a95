//! rollback and wipe-history.

use serde_json::json;

use super::sandbox::Sandbox;

#[test]
fn rollback_goes_to_the_number_before_and_to_any_other() {
    let sandbox = Sandbox::new();
    let count = sandbox.firn("history").expect(0).lines().len();
    let target = sandbox.firn("rollback --dry-run --json").expect(0).json();
    assert_eq!(target, json!({"from": count, "to": count - 1}));
    assert_eq!(sandbox.generation(), format!("profile-{count}-link"));
    let ran = sandbox.firn("rollback").expect(0);
    assert_eq!(ran.out, "");
    assert!(ran.err.contains(&format!("from generation {count} to {}", count - 1)), "{}", ran.err);
    assert_eq!(sandbox.generation(), format!("profile-{}-link", count - 1));
    sandbox.firn(&format!("rollback --to {count}")).expect(0);
    sandbox.firn("rollback --to 1").expect(0);
    let ran = sandbox.firn("rollback").expect(1);
    assert!(ran.err.contains("error: ") && ran.err.contains("hint: "), "{}", ran.err);
    sandbox.firn("rollback --to 99").expect(1);
    assert_eq!(sandbox.generation(), "profile-1-link");
}

#[test]
fn wipe_history_keeps_the_live_generation() {
    let sandbox = Sandbox::new();
    let count = sandbox.firn("history").expect(0).lines().len() as u64;
    sandbox.firn("rollback --to 2").expect(0);
    let others: Vec<u64> = (1..=count).filter(|number| *number != 2).collect();
    let ran = sandbox.firn("wipe-history --dry-run").expect(0);
    let would = ran.lines().iter().filter(|line| line.starts_with("would delete generation ")).count();
    assert_eq!(would, others.len());
    assert!(ran.out.contains("a garbage collection then frees "), "{}", ran.out);
    assert_eq!(sandbox.firn("wipe-history --json").expect(0).json(), json!({"deleted": others}));
    assert_eq!(sandbox.firn("history --json").json().as_array().unwrap().len(), 1);
    assert_eq!(sandbox.firn("wipe-history --json").expect(0).json(), json!({"deleted": []}));
}

#[test]
fn wipe_history_by_age_keeps_what_was_live_then() {
    let sandbox = Sandbox::new();
    sandbox.firn("list").expect(0);
    let none = sandbox.firn("wipe-history --older-than 9999d --json").expect(0);
    assert_eq!(none.json(), json!({"deleted": []}));
    let list = sandbox.firn("history --json").json();
    let generations = list.as_array().unwrap();
    // A day before the newest one was made, the one before it was live.
    let deleted = sandbox.firn("wipe-history --older-than 1d --json --dry-run").expect(0).json();
    let deleted = deleted["deleted"].as_array().unwrap();
    assert!(
        deleted.len() < generations.len() && !deleted.contains(&generations[generations.len() - 1]["number"])
    );
}

#[test]
fn the_journal_tells_what_a_generation_was_made_on() {
    let sandbox = Sandbox::new();
    sandbox.firn("rollback --to 2").expect(0);
    sandbox.firn("disable bat").expect(0);
    let entries = sandbox.firn("history --json").expect(0).json();
    let last = entries.as_array().unwrap().last().unwrap();
    assert_eq!((&last["madeOn"], &last["comparedWith"]), (&json!(2), &json!(2)));
    assert_eq!(last["changes"].as_array().unwrap().len(), 1);
    let text = sandbox.firn("history").expect(0);
    assert!(text.lines()[0].contains("from 2"), "{}", text.out);
}

/// Notes about the generations of the sandbox's playground, by number.
fn write_notes(sandbox: &Sandbox, notes: &[(u64, &str, bool)]) -> std::path::PathBuf {
    let list = sandbox.firn("history --json").expect(0).json();
    let path = |number: u64| {
        let found = list.as_array().unwrap().iter().find(|it| it["number"] == number).unwrap();
        found["storePath"].as_str().unwrap().to_owned()
    };
    let notes: serde_json::Map<String, serde_json::Value> = notes
        .iter()
        .map(|(number, label, kept)| (path(*number), json!({ "label": label, "kept": kept })))
        .collect();
    let profile = sandbox.path("playground").canonicalize().unwrap().join("profiles/profile");
    let file = sandbox.path("playground/state/generation-notes.json");
    let text = json!({ "version": 1, "profiles": { profile.to_str().unwrap(): notes } }).to_string();
    std::fs::write(&file, text).unwrap();
    file
}

#[test]
fn what_is_kept_is_left_out_and_deleted_only_by_force() {
    let sandbox = Sandbox::new();
    sandbox.firn("list").expect(0);
    write_notes(&sandbox, &[(2, "before the move", true), (3, "third", false)]);
    let history = sandbox.firn("history").expect(0);
    let line = |number: &str| {
        let is_meant =
            |line: &&str| line.trim_start_matches(['*', '★', ' ']).split(' ').next() == Some(number);
        history.lines().into_iter().find(is_meant).unwrap().to_owned()
    };
    assert!(line("2").contains('★') && line("2").contains("\"before the move\""), "{}", history.out);
    assert!(line("3").contains("\"third\"") && !line("3").contains('★'), "{}", history.out);
    let ran = sandbox.firn("delete-generations 1 2").expect(1);
    assert!(ran.err.contains("generation 2 is to be kept") && ran.err.contains("--force"), "{}", ran.err);
    let ran = sandbox.firn("delete-generations +2 --json").expect(0);
    assert!(!ran.json()["deleted"].as_array().unwrap().contains(&json!(2)), "{}", ran.out);
    assert!(ran.err.contains("kept, as you wanted: 2"), "{}", ran.err);
    let ran = sandbox.firn("wipe-history --json").expect(0);
    assert!(!ran.json()["deleted"].as_array().unwrap().contains(&json!(2)), "{}", ran.out);
    let ran = sandbox.firn("delete-generations 2 99 --force --json").expect(0);
    assert_eq!(ran.json(), json!({ "deleted": [2] }));
    assert!(ran.err.contains("generation 99 does not exist"), "{}", ran.err);
}

#[test]
fn damaged_notes_keep_everything_and_are_not_written_over() {
    let sandbox = Sandbox::new();
    sandbox.firn("list").expect(0);
    let file = write_notes(&sandbox, &[]);
    std::fs::write(&file, "{\"version\":1,").unwrap();
    let count = sandbox.firn("history").expect(0).lines().len();
    let ran = sandbox.firn("wipe-history").expect(1);
    assert!(ran.err.contains("generation-notes.json") && ran.err.contains("hint: "), "{}", ran.err);
    assert_eq!(sandbox.firn("history").expect(0).lines().len(), count);
    sandbox.firn("rollback").expect(0);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "{\"version\":1,");
    assert!(sandbox.firn("doctor").out.contains("generation-notes.json"));
}

#[test]
fn undo_and_diff_work_on_the_playground() {
    let sandbox = Sandbox::new();
    sandbox.firn("list").expect(0);
    let before = sandbox.generation();
    sandbox.firn("disable bat").expect(0);
    let ran = sandbox.firn("undo --dry-run").expect(0);
    assert!(ran.out.contains("would undo what made generation"), "{}", ran.out);
    sandbox.firn("undo").expect(0);
    assert_eq!(sandbox.generation(), before);
    let difference = sandbox.firn("diff 8 9 --json").expect(0).json();
    assert_eq!(difference["elements"][0]["kinds"], json!(["active"]));
    let programs = difference["programs"].as_array().unwrap();
    assert!(programs.iter().any(|it| it["program"] == "bat" && it["change"] == "missing"), "{programs:?}");
    assert!(sandbox.firn("diff 8 9").expect(0).out.contains("bin/bat is missing: it is of bat"));
    sandbox.firn("diff 8 8").expect(0);
    sandbox.firn("diff 8 99").expect(1);
    sandbox.firn("diff 8").expect(2);
    assert!(sandbox.firn("diff-closures").expect(0).out.starts_with("Version 1 -> 2:\n  jj: ∅ → 1.9.2\n"));
}

#[test]
fn a_dry_run_of_hold_tells_what_would_be_noted() {
    let sandbox = Sandbox::new();
    let told = |line: &str| sandbox.firn(line).expect(0).err;
    let ran = told("unhold bat --dry-run");
    assert!(ran.contains("bat was not held"), "{ran}");
    let ran = told("hold bat --dry-run");
    assert!(ran.contains("bat would be held: 'firn --demo"), "{ran}");
    let ran = told("hold bat");
    assert!(ran.contains("bat is held: 'firn --demo"), "{ran}");
    let ran = told("hold bat --dry-run");
    assert!(ran.contains("bat was held already"), "{ran}");
    assert_eq!(sandbox.firn("unhold bat --dry-run --json").expect(0).json(), json!({"released": ["bat"]}));
    let ran = told("unhold bat --dry-run");
    assert!(ran.contains("bat would be upgraded again"), "{ran}");
}
