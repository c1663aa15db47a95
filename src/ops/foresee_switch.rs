//! Foresees whether the next `home-manager switch` works after a plan was applied: asks
//! [`home_manager::next_switch`], and reads the folders it needs to know. Starts nothing.

use super::Context;
use super::gather_facts::gather_facts;
use crate::core::facts::{Facts, Needs};
use crate::core::home_manager::{self, NextSwitch, SwitchTrouble};
use crate::core::plan::Plan;
use crate::system::machine::Watch;
use crate::system::package_reader::Depth;

/// Why it fails, if it does. What is learnt on the way is added to `facts`.
pub fn foresee_switch(
    context: &Context,
    plan: &Plan,
    facts: &mut Facts,
    watch: &Watch<'_>,
) -> anyhow::Result<Option<SwitchTrouble>> {
    let mut next = home_manager::next_switch(plan, facts);
    while let NextSwitch::Unknown(tree) = &next {
        if tree.is_empty() {
            return Ok(None);
        }
        let needs = Needs { tree: tree.clone(), ..Needs::default() };
        facts.absorb(gather_facts(context, &needs, Depth::Meeting, watch)?);
        let again = home_manager::next_switch(plan, facts);
        if again == next {
            return Ok(None);
        }
        next = again;
    }
    match next {
        NextSwitch::Fails(trouble) => Ok(Some(trouble)),
        NextSwitch::NotUsed | NextSwitch::Unknown(_) | NextSwitch::Works => Ok(None),
    }
}
