//! Finding packages: lists a flake, and looks through a listing on all processors.

use std::num::NonZero;
use std::sync::Arc;

use crate::core::change::Change;
use crate::core::facts::Facts;
use crate::core::file_tree::Basis;
use crate::core::link_tree::Claimant;
use crate::core::package_list::{PackageList, PackageSource};
use crate::core::package_search::{ordered, scores};
use crate::core::plan::Base;
use crate::core::plan::cost::Cost;
use crate::core::search_ranking::Query;
use crate::core::transaction::Transaction;
use crate::core::typed_path::PathChoice;
use crate::core::visible;
use crate::system::machine::{Cancel, Freshness, Listed, ListingTold, Watch};
use crate::system::{path_completion, system_packages};

use super::Context;
use super::gather_facts::complete_plan;
use super::measure_cost::measure_cost;

/// More threads find nothing sooner.
const MOST_THREADS: usize = 4;

/// How many rows are scored before it is asked whether anybody still wants to know.
const STEP: u32 = 4096;

/// Packages of the system's profiles: name and version, by the name.
pub use crate::system::system_packages::SystemPackages;

/// Lists the packages of a flake; what was listed before comes from disk, unless the flake is locked to
/// something else by now.
pub fn list_packages(
    context: &Context,
    source: &PackageSource,
    freshness: Freshness,
    told: &ListingTold<'_>,
    watch: &Watch<'_>,
) -> anyhow::Result<Listed> {
    Ok(context.store.list_packages(source, freshness, told, watch)?)
}

/// What profiles beside the user's own bring, by reading their links.
pub fn system_packages(context: &Context) -> SystemPackages {
    system_packages::read(&context.store.system_profiles(), &context.profile, context.store.store_dir())
}

/// What an addition would lead to.
#[derive(Clone, Debug, Default)]
pub struct Tried {
    /// What was learnt to tell it.
    pub learnt: Facts,
    /// Why it cannot be added, in words.
    pub refused: Option<String>,
    /// The outputs that would be installed, by name.
    pub outputs: Vec<String>,
    /// Files that would collide, each with the elements it is in.
    pub collisions: Vec<(String, Vec<String>)>,
    /// How sure that is.
    pub basis: Basis,
    /// What would be fetched and built, if anything would be and it can be told.
    pub cost: Option<Cost>,
}

/// What a typed path could become.
pub fn complete_path(context: &Context, typed: &str) -> Vec<PathChoice> {
    path_completion::complete(typed, context.store.store_dir())
}

/// Plans an addition on top of what is staged, and tells what it would lead to. Evaluates it and asks
/// binary caches what is in it; fetches and builds nothing.
pub fn try_addition(
    context: &Context,
    (base, staged): (&Arc<Base>, &Transaction),
    addition: &Change,
    known: &Facts,
    watch: &Watch<'_>,
) -> anyhow::Result<Tried> {
    let mut facts = known.clone();
    let before = complete_plan(context, base, staged, &mut facts, watch)?;
    let mut transaction = staged.clone();
    transaction.stage(&base.manifest, &before.added, vec![addition.clone()]);
    let plan = complete_plan(context, base, &transaction, &mut facts, watch)?;
    let change = plan.changes.len().saturating_sub(1);
    let row = plan.elements.iter().find(|row| row.added_by == Some(change));
    let name = row.map(|row| row.name.clone()).unwrap_or_default();
    let ties = plan.collisions.ties.iter().map(|tie| (&tie.path, &tie.claimants));
    let clashes = plan.collisions.type_clashes.iter().map(|clash| (&clash.path, &clash.claimants));
    let collisions = ties.chain(clashes).filter_map(|(path, claimants)| {
        let of = |claimant: &Claimant| plan.element_of(&claimant.package).unwrap_or("?").to_owned();
        let elements: Vec<String> = claimants.iter().map(of).collect();
        elements.contains(&name).then(|| (visible::bytes(path), elements))
    });
    let wanted = plan.realise.iter().find(|wanted| wanted.element == name);
    let is_there = plan.realise.is_empty() || row.is_none_or(|row| row.refused.is_some());
    let cost = (!is_there).then(|| measure_cost(context, &plan, watch).ok()).flatten();
    Ok(Tried {
        cost,
        refused: row.and_then(|row| row.refused.clone()),
        outputs: wanted
            .map(|it| it.outputs.iter().map(|(name, _)| name.clone()).collect())
            .unwrap_or_default(),
        collisions: collisions.collect(),
        basis: plan.basis(),
        learnt: facts,
    })
}

/// The rows that a query keeps, the best first; `among` are those that an earlier query kept, where this
/// one narrows it. `None` if it was cancelled.
pub fn search_packages(
    list: &PackageList,
    query: &Query,
    among: Option<&[u32]>,
    cancel: &Cancel,
) -> Option<Arc<[u32]>> {
    let all = u32::try_from(list.len()).unwrap_or(u32::MAX);
    let count = among.map_or(all, |among| u32::try_from(among.len()).unwrap_or(u32::MAX));
    if query.is_empty() {
        return Some((0..all).collect());
    }
    let threads = std::thread::available_parallelism().map_or(1, NonZero::get).clamp(1, MOST_THREADS);
    let part = count.div_ceil(u32::try_from(threads).unwrap_or(1)).max(STEP);
    let score = |start: u32| {
        let mut scored = Vec::new();
        let end = start.saturating_add(part).min(count);
        for begin in (start..end).step_by(STEP as usize) {
            if cancel.is_requested() {
                break;
            }
            let places = begin..begin.saturating_add(STEP).min(end);
            let rows = places.filter_map(|place| match among {
                Some(among) => among.get(place as usize).copied(),
                None => Some(place),
            });
            scored.extend(scores(list, query, rows));
        }
        scored
    };
    let starts: Vec<u32> = (0..count).step_by(part as usize).collect();
    let scored = std::thread::scope(|scope| {
        let running: Vec<_> = starts.iter().skip(1).map(|start| scope.spawn(|| score(*start))).collect();
        let mut scored = starts.first().map(|start| score(*start)).unwrap_or_default();
        for thread in running {
            scored.extend(thread.join().unwrap_or_default());
        }
        scored
    });
    (!cancel.is_requested()).then(|| ordered(scored).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::package_list::ListedPackage;

    #[test]
    fn parts_find_what_one_would_find() {
        let mut list = PackageList::default();
        let names: Vec<String> = (0..20_000).map(|number| format!("package-{number}")).collect();
        for attribute in &names {
            list.push(&ListedPackage { attribute, ..ListedPackage::default() });
        }
        let list = list.finished();
        let query = |text: &str| Query::new(text);
        let cancel = Cancel::default();
        let short = search_packages(&list, &query("k-1"), None, &cancel).unwrap();
        let long = search_packages(&list, &query("k-199"), None, &cancel).unwrap();
        assert!(query("k-199").narrows(&query("k-1")));
        assert_eq!(search_packages(&list, &query("k-199"), Some(&short), &cancel).unwrap(), long);
        assert_eq!(list.get(long[0] as usize).unwrap().attribute, "package-199");
        assert_eq!(search_packages(&list, &query(""), Some(&long), &cancel).unwrap().len(), 20_000);
        cancel.request();
        assert_eq!(search_packages(&list, &query("k"), None, &cancel), None);
    }
}
