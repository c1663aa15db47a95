//! A plan whose outcome is given: another generation's manifest in place of staged changes.
//!
//! Comparing two generations and making one again ask what planning asks: which trees, which
//! collisions, what is missing. So the answer is a [`Plan`], without changes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Base, Plan, active_paths, fold, owners};
use crate::core::facts::{Facts, Needs};
use crate::core::link_tree::LinkTree;
use crate::core::manifest::ProfileManifest;

impl Plan {
    /// The plan that leads from the base to these elements. `previous` only speeds things up.
    pub fn between(
        base: &Arc<Base>,
        after: &ProfileManifest,
        facts: &Facts,
        previous: Option<&Self>,
    ) -> Self {
        let like = previous.map(|plan| &*plan.tree_before);
        let tree_before = match previous.filter(|previous| previous.base == *base) {
            Some(previous) if previous.tree_before.needs.is_empty() => Arc::clone(&previous.tree_before),
            _ => Arc::new(LinkTree::build(&active_paths(&base.manifest), &facts.trees, like)),
        };
        let tree_after = match previous.filter(|previous| previous.after == *after) {
            _ if *after == base.manifest => Arc::clone(&tree_before),
            Some(previous) if previous.tree_after.needs.is_empty() => Arc::clone(&previous.tree_after),
            _ => Arc::new(LinkTree::build(&active_paths(after), &facts.trees, Some(&tree_before))),
        };
        let mut tree_needs = tree_after.needs.clone();
        tree_needs.absorb(&tree_before.needs);
        Self {
            realise: Vec::new(),
            questions: BTreeMap::new(),
            looked_for: BTreeMap::new(),
            base: Arc::clone(base),
            changes: Vec::new(),
            elements: fold::rows(&base.manifest, &fold::Folded::given(after.clone())),
            added: Vec::new(),
            collisions: Arc::new(tree_after.collisions()),
            tree_before,
            tree_after,
            left: Vec::new(),
            registry: None,
            files: BTreeMap::new(),
            failed: BTreeMap::new(),
            options: BTreeMap::new(),
            awaited: BTreeSet::new(),
            needs: Needs { tree: tree_needs, ..Needs::default() },
            owners_before: Arc::new(owners(&base.manifest)),
            owners_after: owners(after),
            after: after.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::plan::PlanState;
    use crate::core::test_world::World;

    #[test]
    fn it_is_the_plan_that_changes_would_lead_to() {
        let world =
            World::new().installed("jj-1", 5, &["bin/jj", "share/doc/jj"]).installed("fd-1", 5, &["bin/fd"]);
        let mut after = world.base.manifest.clone();
        after.elements.remove("fd");
        let plan = Plan::between(&world.base, &after, &world.facts, None);
        assert_eq!(plan.state(), PlanState::Ready);
        assert_eq!(plan.elements.iter().filter(|row| row.after.is_none()).count(), 1);
        let mut staged = World { base: Arc::clone(&world.base), facts: world.facts.clone(), ..World::new() };
        staged.stage(vec![crate::core::change::Change::Remove { element: "fd".to_owned() }]);
        assert_eq!(plan.result().unwrap(), staged.plan().result().unwrap());
        let again = Plan::between(&world.base, &after, &world.facts, Some(&plan));
        assert!(Arc::ptr_eq(&plan.tree_after, &again.tree_after));
        let same = Plan::between(&world.base, &world.base.manifest, &world.facts, Some(&plan));
        assert_eq!(same.state(), PlanState::Nothing);
        assert!(Arc::ptr_eq(&plan.tree_before, &same.tree_after));
    }
}
