//! Edits of the user's registry in the normal form of a transaction.
//!
//! They name no element, and what they do depends on their own order only: adding moves an entry
//! to the end of the file, and a pin means what its name means behind the edits before it. So
//! a later edit of the same name takes the place of an earlier one, at the end, unless a pin of
//! another name stands between, which may have been looked up through it. A pin leaves what is
//! set or removed before it, because it pins just that:
//!
//! `add n → a, add n → b` is `add n → b`; `add n → a, pin n` stays; `pin n, remove n` is `remove n`.

use serde_json::Value;

use super::{Transaction, TransactionError};
use crate::core::change::Change;
use crate::core::flake_ref::FlakeRef;
use crate::core::registry::{Entry, Registry};

impl Transaction {
    /// Stages edits of the user's registry, which holds `user` now, as one step. An edit that only takes
    /// an earlier one back vanishes with it.
    pub fn stage_registry(&mut self, user: &Registry, edits: Vec<Change>) {
        self.restage_registry(user, &[], edits);
    }

    /// Drops changes that are staged, and stages edits of the user's registry as
    /// [`Self::stage_registry`] does, all as one step.
    pub fn restage_registry(&mut self, user: &Registry, dropped: &[Change], edits: Vec<Change>) {
        let mut changes = self.changes.clone();
        changes.retain(|change| !dropped.contains(change));
        for edit in edits {
            let void = made_void(&changes, &edit);
            let takes_back = !void.is_empty();
            for index in void.into_iter().rev() {
                changes.remove(index);
            }
            let is_first = !changes.iter().any(|other| same_name(other, &edit));
            if !(is_first && leaves_as_it_is(user, &edit, takes_back)) {
                changes.push(edit);
            }
        }
        self.step_to(changes);
    }

    /// Drops the edits of the user's registry that are staged for a name, as one step; tells whether
    /// there were any.
    pub fn unstage_registry(&mut self, from: &FlakeRef) -> bool {
        let from = from.with_dir(b"");
        let is_kept = |change: &&Change| change.registry_from().is_none_or(|it| it.with_dir(b"") != from);
        let after = self.changes.iter().filter(is_kept).cloned().collect();
        self.step_to(after)
    }

    /// The edits of the user's registry that are staged for a name, in their order.
    pub fn registry_edits_of<'a>(&'a self, from: &FlakeRef) -> impl Iterator<Item = &'a Change> {
        let from = from.with_dir(b"");
        self.changes.iter().filter(move |it| it.registry_from().is_some_and(|it| it.with_dir(b"") == from))
    }
}

/// The places of earlier edits that lose their meaning when `edit` follows them, in order.
pub(super) fn made_void(changes: &[Change], edit: &Change) -> Vec<usize> {
    let is_pin = |change: &Change| matches!(change, Change::RegistryPin { .. });
    let other_pin = changes.iter().rposition(|other| is_pin(other) && !same_name(other, edit));
    let first = other_pin.map_or(0, |place| place + 1);
    let mut void: Vec<usize> = Vec::new();
    for (index, other) in changes.iter().enumerate().skip(first) {
        if same_name(other, edit) && (is_pin(other) || !is_pin(edit)) {
            void.push(index);
        }
    }
    void
}

fn same_name(one: &Change, other: &Change) -> bool {
    match (one.registry_from(), other.registry_from()) {
        (Some(one), Some(other)) => one.same_input(other),
        _ => false,
    }
}

/// Whether an edit asks for what the registry says without it. That there is nothing to remove is
/// an error, unless it was staged before.
fn leaves_as_it_is(user: &Registry, edit: &Change, takes_back: bool) -> bool {
    let entries_of = |from: &FlakeRef| {
        let from = from.with_dir(b"");
        user.entries.iter().filter(move |entry| entry.from == from).collect::<Vec<&Entry>>()
    };
    match edit {
        Change::RegistryRemove { from } => takes_back && entries_of(from).is_empty(),
        Change::RegistryAdd { from, to } => {
            *entries_of(from) == [&Entry::new(from.with_dir(b""), to.clone())]
        }
        _ => false,
    }
}

/// The first registry edit of a plan file that names something else than a flake reference.
pub(super) fn bad_reference(text: &str) -> Option<TransactionError> {
    let document: Value = serde_json::from_str(text).ok()?;
    let changes = document.get("changes")?.as_array()?;
    for (change, number) in changes.iter().zip(1..) {
        let kind = change.get("change").and_then(Value::as_str).unwrap_or_default();
        if !["registry-add", "registry-remove", "registry-pin"].contains(&kind) {
            continue;
        }
        for key in ["from", "to"] {
            let Some(text) = change.get(key).and_then(Value::as_str) else { continue };
            if let Err(reason) = FlakeRef::parse(text) {
                return Some(TransactionError::Reference { number, change: kind.to_owned(), key, reason });
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::manifest::ProfileManifest;

    fn reference(text: &str) -> FlakeRef {
        FlakeRef::parse(text).unwrap()
    }

    fn add(from: &str, to: &str) -> Change {
        Change::RegistryAdd { from: reference(from), to: reference(to) }
    }

    fn remove(from: &str) -> Change {
        Change::RegistryRemove { from: reference(from) }
    }

    fn pin(from: &str) -> Change {
        Change::RegistryPin { from: reference(from), to: None }
    }

    fn user() -> Registry {
        let entries = [("a", "path:/1"), ("b", "path:/2")];
        let entries = entries.map(|(from, to)| Entry::new(reference(from), reference(to)));
        Registry { entries: entries.into(), fault: None }
    }

    fn staged(edits: Vec<Change>) -> Transaction {
        let mut transaction = Transaction::default();
        for edit in edits {
            transaction.stage_registry(&user(), vec![edit]);
        }
        transaction
    }

    #[test]
    fn a_second_edit_of_a_name_replaces_the_first() {
        for (edits, left) in [
            (vec![add("n", "path:/x"), add("m", "path:/x"), add("n", "path:/y")], vec![1, 2]),
            (vec![add("n", "path:/x"), remove("n")], vec![]),
            (vec![add("a", "path:/x"), remove("a")], vec![1]),
            (vec![remove("n")], vec![0]),
            (vec![add("a", "path:/x"), add("a", "path:/1")], vec![]),
            (vec![add("a", "path:/1")], vec![]),
            (vec![add("a", "path:/x"), pin("a")], vec![0, 1]),
            (vec![add("a", "path:/x"), pin("a"), pin("a")], vec![0, 2]),
            (vec![add("a", "path:/x"), pin("a"), add("flake:a?dir=d", "path:/y")], vec![2]),
            (vec![pin("a"), remove("a")], vec![1]),
            (vec![add("n", "path:/x"), pin("m"), add("n", "path:/y")], vec![0, 1, 2]),
            (vec![add("n", "path:/x"), pin("m"), remove("n")], vec![0, 1, 2]),
        ] {
            let expected: Vec<Change> = left.into_iter().map(|index: usize| edits[index].clone()).collect();
            assert_eq!(staged(edits.clone()).changes(), expected, "{edits:?}");
        }
    }

    #[test]
    fn steps_are_undone_and_edits_unstaged_by_name() {
        let mut transaction = staged(vec![add("n", "path:/x"), pin("m"), add("n", "path:/y")]);
        assert!(transaction.undo());
        assert_eq!(transaction.changes(), [add("n", "path:/x"), pin("m")]);
        assert!(transaction.redo() && transaction.unstage_registry(&reference("n")));
        assert_eq!(transaction.changes(), [pin("m")]);
        assert!(!transaction.unstage_registry(&reference("n")));
        assert_eq!(transaction.registry_edits_of(&reference("m")).count(), 1);
    }

    #[test]
    fn plan_files_hold_them_in_their_short_form() {
        let text = r#"{"version":1,"changes":[{"change":"registry-add","from":"nixpkgs","to":"github:o/r"},
            {"change":"registry-add","from":"nixpkgs","to":"github:o/r/x"},
            {"change":"remove","element":"a"},
            {"change":"registry-remove","from":"flake:x"},{"change":"registry-pin","from":"y/main"},
            {"change":"registry-pin","from":"z","to":"path:/z"}]}"#;
        let mut transaction = Transaction::parse(text).unwrap();
        assert_eq!(transaction.changes().len(), 6);
        transaction.normalize(&ProfileManifest::default(), &[]);
        let printed: Value = serde_json::from_str(&transaction.to_json()).unwrap();
        let expected = serde_json::json!([
            {"change":"registry-add","from":"nixpkgs","to":"github:o/r/x"},
            {"change":"remove","element":"a"},
            {"change":"registry-remove","from":"x"},
            {"change":"registry-pin","from":"y/main"},
            {"change":"registry-pin","from":"z","to":"path:/z"},
        ]);
        assert_eq!(printed["changes"], expected);
    }

    #[test]
    fn a_bad_reference_is_named_with_its_change() {
        let words = |change: &str| {
            let text = format!(r#"{{"version":1,"changes":[{{"change":"remove","element":"a"}},{change}]}}"#);
            Transaction::parse(&text).unwrap_err().to_string()
        };
        let bad = words(r#"{"change":"registry-add","from":"nixpkgs","to":"./here"}"#);
        assert!(bad.starts_with("change 2 (registry-add), 'to': './here' is not a flake reference"), "{bad}");
        let bad = words(r#"{"change":"registry-pin","from":"a b"}"#);
        assert!(bad.starts_with("change 2 (registry-pin), 'from': "), "{bad}");
        assert!(words(r#"{"change":"registry-add","from":"nixpkgs"}"#).contains("missing field `to`"));
    }
}
