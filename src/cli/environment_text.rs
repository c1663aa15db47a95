//! What an upgrade changes inside of environments, in lines below its own.
//!
//! `  in myproject-env: zlib 1.2.11 → 1.2.13`

use crate::core::environment_difference::ContentChange;
use crate::core::plan::Plan;
use crate::core::visible;
use crate::ops::Context;
use crate::ops::compare_environments::{EnvironmentChange, compare_environments};
use crate::system::machine::Watch;

/// A line for each environment that changes. Only told beside what was asked for, so that a store which
/// cannot tell is no failure.
pub fn inside(context: &Context, plan: &Plan, watch: &Watch<'_>) -> Vec<String> {
    let of_one = |(name, change): (&str, EnvironmentChange)| {
        let changes = compare_environments(context, &change, watch).ok()??;
        let words: Vec<String> = changes.iter().map(ContentChange::words).collect();
        let words = if words.is_empty() { "the same packages".to_owned() } else { words.join(", ") };
        Some(visible::text(&format!("  in {name}: {words}")))
    };
    EnvironmentChange::of_plan(plan).into_iter().filter_map(of_one).collect()
}
