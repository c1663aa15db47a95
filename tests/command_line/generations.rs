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
    assert_eq!(ran.lines().len(), others.len());
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
