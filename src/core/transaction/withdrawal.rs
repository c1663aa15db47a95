//! Taking single changes back: by the user, which is a step like any other, or because they turned
//! out to be void, which is none.

use super::Transaction;
use crate::core::change::Change;

impl Transaction {
    /// Drops the changes that are meant, as one step; tells whether there were any.
    pub fn unstage_where(&mut self, is_meant: &dyn Fn(&Change) -> bool) -> bool {
        let after = self.changes.iter().filter(|change| !is_meant(change)).cloned().collect();
        self.step_to(after)
    }

    /// Drops changes that turned out to be void, as if they had never been staged: no undo and no redo
    /// brings them back.
    pub fn withdraw(&mut self, is_void: &dyn Fn(&Change) -> bool) {
        let stays = |change: &Change| !is_void(change);
        self.changes.retain(stays);
        for steps in [&mut self.done, &mut self.undone] {
            for step in steps.iter_mut() {
                step.before.retain(stays);
                step.after.retain(stays);
            }
            steps.retain(|step| step.before != step.after);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::manifest::ProfileManifest;

    fn upgrade(element: &str) -> Change {
        Change::Upgrade { element: element.to_owned() }
    }

    fn is_of(name: &'static str) -> impl Fn(&Change) -> bool {
        move |change| change.element() == Some(name)
    }

    #[test]
    fn what_is_withdrawn_was_never_staged() {
        let base = ProfileManifest::default();
        let mut transaction = Transaction::default();
        transaction.stage(&base, &[], vec![upgrade("bat")]);
        transaction.stage(&base, &[], vec![upgrade("jq"), upgrade("fd")]);
        transaction.withdraw(&is_of("bat"));
        assert_eq!(transaction.changes(), [upgrade("jq"), upgrade("fd")]);
        assert!(transaction.undo() && transaction.changes().is_empty());
        assert!(!transaction.can_undo(), "the step that staged only it is gone");
        assert!(transaction.redo());
        assert_eq!(transaction.changes(), [upgrade("jq"), upgrade("fd")]);
    }

    #[test]
    fn what_is_unstaged_can_be_brought_back() {
        let base = ProfileManifest::default();
        let mut transaction = Transaction::default();
        transaction.stage(&base, &[], vec![upgrade("bat"), upgrade("jq")]);
        assert!(transaction.unstage_where(&is_of("bat")));
        assert!(!transaction.unstage_where(&is_of("bat")));
        assert_eq!(transaction.changes(), [upgrade("jq")]);
        assert!(transaction.undo());
        assert_eq!(transaction.changes().len(), 2);
    }
}
