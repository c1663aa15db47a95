//! What Review says of costs: what is downloaded and built, how large everything is afterwards, and
//! how sure what is shown is. A figure stands here only if somebody told it.

use crate::core::file_tree::Basis;
use crate::core::manifest::ProfileElement;
use crate::core::package::PackageName;
use crate::core::plan::Plan;
use crate::core::plan::cost::Cost;
use crate::core::store_path::StorePath;
use crate::core::visible;
use crate::tui::action::Action;
use crate::tui::keymap::Scope;
use crate::tui::model::Model;
use crate::tui::theme;
use crate::tui::view::words::{counted, size};

/// Titles and words, line by line.
pub(super) fn facts(model: &Model, plan: &Plan) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    let asked = model.upgrades.cost.as_ref().filter(|asked| asked.revision == model.revision);
    let answer = asked.map(|asked| asked.answer.as_ref());
    match answer {
        Some(Some(Ok(cost))) => of_cost(plan, cost, &mut facts),
        Some(None) if !plan.realise.is_empty() => facts.push(("download", "measuring…".to_owned())),
        Some(Some(Err(words))) if !plan.realise.is_empty() => {
            let first = words.lines().next().unwrap_or_default();
            facts.push(("download", format!("unknown: {}", visible::text(first))));
        }
        _ if plan.realise.is_empty() => facts.push(("download", nothing())),
        _ => {}
    }
    if let Some(words) = basis(model, plan) {
        facts.push(("shown", words));
    }
    facts
}

fn nothing() -> String {
    "nothing: every package is in the store".to_owned()
}

fn of_cost(plan: &Plan, cost: &Cost, facts: &mut Vec<(&'static str, String)>) {
    if plan.realise.is_empty() {
        facts.push(("download", nothing()));
    } else if cost.fetch.is_empty() && cost.build.is_empty() {
        facts.push(("download", "unknown: the store cannot tell".to_owned()));
    } else {
        let paths = counted(cost.fetch.len(), "store path");
        let download = match (cost.download, cost.unpacked) {
            _ if cost.fetch.is_empty() => "nothing but what building needs".to_owned(),
            (Some(bytes), Some(unpacked)) => {
                format!("{} in {paths}, {} unpacked", size(bytes), size(unpacked))
            }
            (None, Some(unpacked)) => {
                format!("{paths}, {} unpacked; how much to download is not told", size(unpacked))
            }
            (_, None) => format!("{paths}, sizes unknown: no binary cache tells"),
        };
        facts.push(("download", download));
        facts.push(("build", builds(&cost.build)));
    }
    let closure = match (cost.closure_before, cost.closure_after) {
        (Some(before), Some(after)) if before == after => format!("{} before and after", size(after)),
        (Some(before), Some(after)) => {
            let (sign, bytes) = if after > before { ("+", after - before) } else { ("-", before - after) };
            format!("{} {} {}   {sign}{}", size(before), theme::ARROW, size(after), size(bytes))
        }
        (Some(before), None) if cost.build.is_empty() => format!("{} now, unknown afterwards", size(before)),
        (Some(before), None) => format!("{} now, afterwards unknown until built", size(before)),
        (None, _) => return,
    };
    facts.push(("closure", closure));
}

/// `2 derivations: bat, ripgrep`.
fn builds(derivations: &[StorePath]) -> String {
    const SHOWN: usize = 5;
    if derivations.is_empty() {
        return "nothing".to_owned();
    }
    let name = |path: &StorePath| {
        let name = path.name().strip_suffix(".drv").unwrap_or(path.name());
        PackageName::split(name).name.to_owned()
    };
    let mut names: Vec<String> = derivations.iter().take(SHOWN).map(name).collect();
    if derivations.len() > SHOWN {
        names.push(format!("and {} more", derivations.len() - SHOWN));
    }
    format!("{}: {}", counted(derivations.len(), "derivation"), visible::text(&names.join(", ")))
}

/// `3b1aa07 → 9f2c1de`, or what is known of it.
pub(super) fn revisions(before: Option<&ProfileElement>, after: &ProfileElement) -> String {
    let short = |element: &ProfileElement| {
        let revision = element.source.as_ref()?.revision()?;
        revision.get(..7).map(str::to_owned)
    };
    match (before.and_then(short), short(after)) {
        (Some(before), Some(after)) if before != after => format!("{before} {} {after}", theme::ARROW),
        (None, Some(after)) => format!("now at {after}"),
        _ => String::new(),
    }
}

/// How sure the tree is; nothing if it was read on disk.
fn basis(model: &Model, plan: &Plan) -> Option<String> {
    let key = model.keymap.name(Scope::Review, Action::Realise);
    match plan.basis() {
        Basis::Exact => None,
        Basis::Listing => Some(format!(
            "files as binary caches list them, nothing is downloaded yet; {key} fetches now and makes it exact"
        )),
        Basis::Unknown => Some(format!(
            "some files are unknown until they are built, so a collision may still come; {key} builds now"
        )),
    }
}
