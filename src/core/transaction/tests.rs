use super::*;
use crate::core::manifest::{ExtendedOutputsSpec, ProfileElement};

fn base() -> ProfileManifest {
    let element = ProfileElement { active: true, priority: 5, store_paths: Vec::new(), source: None };
    let names = ["bat", "hello", "jj"];
    ProfileManifest::of(names.into_iter().map(|name| (name.to_owned(), element.clone())).collect())
}

fn add(installable: &str) -> Change {
    Change::addition(installable, None)
}

fn priority(element: &str, to: i32) -> Change {
    Change::Priority { element: element.into(), to }
}

fn remove(element: &str) -> Change {
    Change::Remove { element: element.into() }
}

fn staged(steps: Vec<Change>) -> Transaction {
    let mut transaction = Transaction::default();
    for change in steps {
        transaction.stage(&base(), &[], vec![change]);
    }
    transaction
}

#[test]
fn a_second_priority_replaces_the_first_and_the_base_priority_vanishes() {
    assert_eq!(staged(vec![priority("jj", 6), priority("jj", 7)]).changes(), [priority("jj", 7)]);
    assert_eq!(staged(vec![priority("jj", 6), priority("jj", 5)]).changes(), []);
}

#[test]
fn a_removal_swallows_other_changes_of_its_element() {
    let off = Change::Active { element: "jj".into(), to: false };
    assert_eq!(staged(vec![priority("jj", 6), off, remove("jj")]).changes(), [remove("jj")]);
}

#[test]
fn a_priority_on_a_staged_addition_folds_into_it() {
    let mut transaction = staged(vec![add("nixpkgs#fltk")]);
    let added = [AddedName { change: 0, name: "fltk".into() }];
    transaction.stage(&base(), &added, vec![priority("fltk", 6)]);
    let Change::Add { priority, .. } = &transaction.changes()[0] else { panic!("not an addition") };
    assert_eq!((transaction.changes().len(), *priority), (1, Some(6)));
    transaction.stage(&base(), &added, vec![remove("fltk")]);
    assert!(transaction.is_empty());
}

#[test]
fn undo_and_redo_are_exact_and_a_new_step_forgets_what_was_undone() {
    let mut transaction = staged(vec![priority("jj", 6), remove("bat")]);
    let full = transaction.changes().to_vec();
    assert!(transaction.undo() && transaction.undo());
    assert!(!transaction.undo());
    assert!(transaction.is_empty());
    assert!(transaction.redo() && transaction.redo());
    assert_eq!(transaction.changes(), full);
    assert!(transaction.undo());
    transaction.stage(&base(), &[], vec![remove("hello")]);
    assert!(!transaction.redo());
}

#[test]
fn unstaging_drops_an_element_s_changes_and_its_addition() {
    let mut transaction = staged(vec![priority("jj", 6), add("nixpkgs#fltk"), remove("bat")]);
    let added = [AddedName { change: 1, name: "fltk".into() }];
    assert!(transaction.unstage(&added, "fltk"));
    assert!(transaction.unstage(&[], "jj"));
    assert!(!transaction.unstage(&[], "hello"));
    assert_eq!(transaction.changes(), [remove("bat")]);
}

#[test]
fn a_plan_file_is_read_in_its_order_and_normalized_once_names_are_known() {
    let text = r#"{"version":1,"changes":[{"change":"add","installable":"nixpkgs#fltk"},
        {"change":"priority","element":"fltk","to":6},{"change":"priority","element":"jj","to":5}]}"#;
    let mut transaction = Transaction::parse(text).unwrap();
    assert_eq!(transaction.changes().len(), 3);
    transaction.normalize(&base(), &[AddedName { change: 0, name: "fltk".into() }]);
    let printed = transaction.to_json();
    assert_eq!(Transaction::parse(&printed).unwrap().changes(), transaction.changes());
    assert_eq!(transaction.changes().len(), 1);
}

#[test]
fn a_long_plan_file_is_normalized_in_no_time() {
    // Quadratic work on this would take minutes.
    let steps: Vec<Change> = (0..100_000).map(|number| remove(&format!("gone-{number}"))).collect();
    let mut transaction = Transaction { changes: steps.clone(), ..Transaction::default() };
    transaction.normalize(&base(), &[]);
    assert_eq!(transaction.changes().len(), steps.len());
}

#[test]
fn a_newer_or_broken_plan_file_is_told_apart() {
    assert_eq!(Transaction::parse(r#"{"version":2,"new":1}"#), Err(TransactionError::Version(2)));
    let unknown = Transaction::parse(r#"{"version":1,"changes":[{"change":"paint","element":"x"}]}"#);
    let words = unknown.unwrap_err().to_string();
    assert!(words.starts_with("this version of firn cannot make the change 'paint'; it knows remove, "));
}

fn upgrade(element: &str) -> Change {
    Change::Upgrade { element: element.into() }
}

fn outputs(element: &str, to: ExtendedOutputsSpec) -> Change {
    Change::Outputs { element: element.into(), to }
}

fn retarget(element: &str, to: &str) -> Change {
    Change::Retarget { element: element.into(), to: to.into() }
}

#[test]
fn following_another_flake_takes_the_place_of_an_upgrade() {
    assert_eq!(staged(vec![upgrade("jj"), upgrade("jj")]).changes(), [upgrade("jj")]);
    let all = ExtendedOutputsSpec::All;
    let mut transaction = staged(vec![upgrade("jj"), outputs("jj", all.clone()), retarget("jj", "flake:x")]);
    assert_eq!(transaction.changes(), [outputs("jj", all), retarget("jj", "flake:x")]);
    transaction.stage(&base(), &[], vec![upgrade("jj")]);
    assert_eq!(transaction.changes().len(), 2);
    transaction.stage(&base(), &[], vec![retarget("jj", "flake:y")]);
    assert_eq!(transaction.changes()[1], retarget("jj", "flake:y"));
    assert!(transaction.undo() && transaction.undo());
    assert_eq!(transaction.changes().len(), 2);
}

#[test]
fn what_an_element_has_already_is_no_change() {
    let mut base = base();
    base.elements.get_mut("jj").unwrap().source = Some(crate::core::manifest::ElementSource {
        original_url: "flake:nixpkgs".into(),
        url: "github:NixOS/nixpkgs/x".into(),
        attr_path: "jj".into(),
        outputs: ExtendedOutputsSpec::Default,
    });
    let mut transaction = Transaction::default();
    transaction.stage(&base, &[], vec![outputs("jj", ExtendedOutputsSpec::All)]);
    transaction.stage(&base, &[], vec![outputs("jj", ExtendedOutputsSpec::Default)]);
    transaction.stage(&base, &[], vec![retarget("jj", "flake:nixpkgs")]);
    assert!(transaction.is_empty());
}

#[test]
fn outputs_flake_and_upgrade_of_a_staged_addition_fold_into_it() {
    let mut transaction = staged(vec![add("nixpkgs#fltk^bin")]);
    let added = [AddedName { change: 0, name: "fltk".into() }];
    let names = ExtendedOutputsSpec::Names(vec!["man".into()]);
    for change in [outputs("fltk", names), retarget("fltk", "nixpkgs/stable"), upgrade("fltk")] {
        transaction.stage(&base(), &added, vec![change]);
    }
    assert_eq!(transaction.changes(), [add("nixpkgs/stable#fltk^man")]);
}
