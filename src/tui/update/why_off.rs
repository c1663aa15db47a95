//! Why a key would do nothing now, in words that say what to do instead.
//!
//! Asked before an action is carried out, and by the help for every row. A key that can
//! do something has no reason here.

use super::{
    closures, collisions, command_log, copying, deleting, history, holding, homepage, installed, nix_options,
    notes, outputs, picker, preview, profiles, realising, rebuilding, registry, registry_edits,
    registry_fetching, rollback, sourcing, space, staging, trace, upgrading, user_environment,
};
use crate::core::counting::colliding;
use crate::core::plan::{LeftReason, Plan, PlanState};
use crate::core::visible;
use crate::tui::action::Action;
use crate::tui::keymap::Scope;
use crate::tui::layout::{claimants_shown, collisions as collision_areas};
use crate::tui::model::{JobKind, Model, Overlay, Pane, PreviewTab, ProfileLoad, TreeLineKind};
use crate::tui::panes::preview::{shown_tab, tabs_here};

/// The reason, or `None` if the action can be carried out. `scope` is the place whose keys count.
pub fn why_off(model: &Model, scope: Scope, action: Action) -> Option<String> {
    match action {
        Action::Add | Action::Remove | Action::Priority | Action::SwitchActive => {
            cannot_stage(model).or_else(|| no_target(model, scope, action))
        }
        Action::Outputs => {
            cannot_stage(model).or_else(|| no_row(model, scope)).or_else(|| outputs::why_off(model))
        }
        Action::Source => {
            cannot_stage(model).or_else(|| no_row(model, scope)).or_else(|| sourcing::why_off(model))
        }
        Action::OptionsForRun | Action::OptionsForElement => {
            not_known(model).or_else(|| busy(model)).or_else(|| nix_options::why_off(model, action))
        }
        Action::Upgrade | Action::UpgradeAll => cannot_stage(model)
            .or_else(|| no_target(model, scope, action))
            .or_else(|| upgrading::why_off(model, action)),
        Action::Realise => cannot_realise(model).or_else(|| realising::why_off(model, scope)),
        Action::Hold => {
            not_known(model).or_else(|| no_target(model, scope, action)).or_else(|| holding::why_off(model))
        }
        Action::Undo | Action::Redo | Action::DropPlan => {
            cannot_stage(model).or_else(|| no_step(model, scope, action))
        }
        Action::Review => not_known(model).or_else(|| nothing_staged(model, scope)),
        Action::Collisions => not_known(model).or_else(|| no_collisions(model)),
        Action::GoBack | Action::RollBack => {
            cannot_change(model).or_else(|| rollback::target(model, scope, action).err()).or_else(|| {
                let to = rollback::target(model, scope, action).ok()?;
                profiles::not_ours_to_switch(model, to)
            })
        }
        Action::Delete | Action::DeleteButLast | Action::DeleteOlder => {
            cannot_change(model).or_else(|| cannot_delete(model, action))
        }
        Action::MeasureHistory => not_loaded(model).or_else(|| space::why_off(model)),
        Action::CollectGarbage => cannot_collect(model),
        Action::Convert => cannot_stage(model).or_else(|| user_environment::cannot_convert(model)),
        Action::UpgradeFrom => cannot_stage(model).or_else(|| user_environment::cannot_upgrade_from(model)),
        Action::SetKeep => cannot_stage(model).or_else(|| user_environment::cannot_keep(model)),
        Action::Rebuild => cannot_change(model).or_else(|| rebuilding::why_off(model)),
        Action::Keep | Action::Label => not_loaded(model).or_else(|| notes::why_off(model)),
        Action::Mark | Action::ListAnew if scope == Scope::Add => picker::why_off(model, action),
        Action::Accept if scope == Scope::Delete => {
            cannot_change(model).or_else(|| deleting::old_sheet(model))
        }
        Action::Yes => no_yes(model, scope),
        Action::Accept if scope == Scope::TypeName && rolls_back(model) => {
            cannot_change(model).or_else(|| old_sheet(model))
        }
        Action::Accept if scope == Scope::TypeName => cannot_apply(model),
        Action::Copy => copying::why_off(model),
        Action::OpenHomepage => homepage::why_off(model),
        Action::SavePlan => nothing_staged(model, scope),
        Action::Reload | Action::Profiles | Action::Doctor => busy(model),
        Action::Compare => history::pair(model).err(),
        Action::CompareClosures => closures::why_off(model, scope),
        Action::Trace => trace::why_off(model),
        Action::AddEntry | Action::EditEntry | Action::RemoveEntry | Action::Pin => {
            registry_edits::why_off(model, action)
        }
        Action::FetchRegistry => registry_fetching::why_off(model),
        Action::Mark | Action::MarkAll | Action::Range | Action::RangeDown | Action::RangeUp => {
            no_row(model, scope)
        }
        Action::NextCommand | Action::PreviousCommand if model.log.is_empty() => {
            Some("Nothing is in the log yet.".to_owned())
        }
        Action::SearchNext | Action::SearchPrevious => no_search(model, scope),
        Action::ToggleFold | Action::Unfold | Action::ShowUnchanged => not_in_tree(model, scope, action),
        Action::NextTab | Action::PreviousTab if tabs_here(model).len() < 2 => {
            Some("Of registry entries only Info is shown.".to_owned())
        }
        Action::ZoomOut => (!model.zoomed).then(|| "All panes are shown already.".to_owned()),
        _ if scope == Scope::Collisions => in_collisions(model, action),
        _ => None,
    }
}

fn not_loaded(model: &Model) -> Option<String> {
    match &model.profile {
        ProfileLoad::Loading => Some("Still reading the profile.".to_owned()),
        ProfileLoad::Failed(_) => {
            let reload = model.keymap.name(Scope::Installed, Action::Reload);
            Some(format!("The profile could not be read. {reload} reads it again."))
        }
        ProfileLoad::Loaded(_) => None,
    }
}

/// What is live is not known: nothing can be planned on it, but one can go back.
fn not_known(model: &Model) -> Option<String> {
    not_loaded(model).or_else(|| {
        model.loaded()?.damaged.as_ref()?;
        let history = model.keymap.name(Scope::Main, Action::FocusHistory);
        Some(format!("What is live cannot be read, so nothing can be planned. {history} shows the way back."))
    })
}

/// A job that changes the profile must end first.
fn busy(model: &Model) -> Option<String> {
    let cancel = model.keymap.name(Scope::Always, Action::Interrupt);
    match model.job.as_ref()?.kind {
        JobKind::Apply => Some(format!("A plan is being applied; wait for it, or {cancel} to stop it.")),
        JobKind::RollBack => Some("A rollback is running; it takes a moment.".to_owned()),
        JobKind::Delete => Some("Generations are being deleted; it takes a moment.".to_owned()),
        JobKind::Collect => Some(format!("Garbage is being collected; wait for it, or {cancel} to stop it.")),
        JobKind::Learn
        | JobKind::Realise
        | JobKind::Homepage
        | JobKind::Measure
        | JobKind::Closures
        | JobKind::Rebuild
        | JobKind::FetchRegistry => None,
    }
}

pub(super) fn cannot_stage(model: &Model) -> Option<String> {
    not_known(model).or_else(|| busy(model)).or_else(|| profiles::not_ours(model))
}

fn cannot_change(model: &Model) -> Option<String> {
    not_loaded(model)
        .or_else(|| busy(model))
        .or_else(|| realising(model))
        .or_else(|| model.why_read_only().map(str::to_owned))
}

/// While packages come, more can be staged, but nothing else be changed.
fn realising(model: &Model) -> Option<String> {
    let cancel = model.keymap.name(Scope::Always, Action::Interrupt);
    let runs = model.job.as_ref().is_some_and(|job| job.kind == JobKind::Realise);
    runs.then(|| format!("Packages are being fetched or built; wait for them, or {cancel} to stop."))
}

fn cannot_realise(model: &Model) -> Option<String> {
    let no_nix = || {
        let trouble = model.store_trouble.as_ref()?;
        Some(format!("Nix fetches and builds, and it cannot be asked: {trouble}."))
    };
    cannot_stage(model)
        .or_else(|| realising(model))
        .or_else(|| model.why_read_only().map(str::to_owned))
        .or_else(no_nix)
}

/// Of the palette's ways the one under the cursor may be live.
fn cannot_delete(model: &Model, action: Action) -> Option<String> {
    if action == Action::Delete { deleting::why_off(model) } else { deleting::none_can_go(model) }
}

fn cannot_collect(model: &Model) -> Option<String> {
    let no_nix = model.store_trouble.as_ref().map(|trouble| format!("Nix cannot be asked: {trouble}."));
    let read_only =
        model.read_only.then(|| "Read-only: start firn without --read-only to collect.".to_owned());
    busy(model).or_else(|| realising(model)).or(read_only).or(no_nix)
}

fn no_row(model: &Model, scope: Scope) -> Option<String> {
    match scope {
        Scope::History if history::generation_under_cursor(model).is_none() => {
            Some("Only generations that exist can be marked.".to_owned())
        }
        Scope::Registry if registry::under_cursor(model).is_none() => Some(registry_edits::no_entry(model)),
        Scope::Installed if installed::under_cursor(model).is_none() => Some(empty_list(model)),
        _ => None,
    }
}

fn empty_list(model: &Model) -> String {
    let close = model.keymap.name(Scope::Installed, Action::Close);
    let show = model.keymap.name(Scope::Installed, Action::Show);
    let add = model.keymap.name(Scope::Installed, Action::Add);
    if !model.installed.filter.value().is_empty() {
        return format!("No element matches the filter; {close} clears it.");
    }
    if model.plan.as_ref().is_some_and(|plan| !plan.elements.is_empty()) {
        return format!("No element is shown; {show} shows others.");
    }
    format!("This profile is empty; {add} adds something.")
}

fn no_target(model: &Model, scope: Scope, action: Action) -> Option<String> {
    if action == Action::Add
        || action == Action::UpgradeAll && model.plan.as_ref().is_some_and(|plan| !plan.elements.is_empty())
    {
        return None;
    }
    let targets = installed::targets(model);
    if targets.is_empty() {
        return Some(no_row(model, scope).unwrap_or_else(|| empty_list(model)));
    }
    let plan = model.plan.as_deref()?;
    let rows = plan.elements.iter().filter(|row| targets.contains(&row.name));
    if matches!(action, Action::Remove | Action::Hold) || rows.clone().any(|row| !staging::is_removed(row)) {
        return None;
    }
    let remove = model.keymap.name(scope, Action::Remove);
    Some(format!("It is staged for removal; {remove} takes that back."))
}

fn no_step(model: &Model, scope: Scope, action: Action) -> Option<String> {
    let possible = match action {
        Action::Undo => model.transaction.can_undo(),
        Action::Redo => model.transaction.can_redo(),
        _ => !model.transaction.is_empty(),
    };
    if possible {
        return None;
    }
    Some(match action {
        Action::Undo => format!("Nothing staged to undo.{}", way_back(model)),
        Action::Redo => "Nothing was undone, so there is nothing to do again.".to_owned(),
        _ => nothing_staged(model, scope)?,
    })
}

/// A sentence on how to take back what was applied, if that is known.
fn way_back(model: &Model) -> String {
    let back = model.keymap.name(Scope::Installed, Action::GoBack);
    match model.loaded().and_then(|loaded| loaded.last_live) {
        Some(number) if model.why_read_only().is_none() => {
            format!(" Press {back} to go back to generation {number}.")
        }
        _ => String::new(),
    }
}

fn nothing_staged(model: &Model, scope: Scope) -> Option<String> {
    if !model.transaction.is_empty() {
        return None;
    }
    let _ = scope;
    let name = |action| model.keymap.name(Scope::Installed, action);
    let (add, remove, priority) = (name(Action::Add), name(Action::Remove), name(Action::Priority));
    Some(format!(
        "Nothing is staged. In Installed, {add} adds, {remove} removes, {priority} sets a priority."
    ))
}

fn no_collisions(model: &Model) -> Option<String> {
    if !model.groups.is_empty() {
        return None;
    }
    let plan = model.plan.as_deref();
    if let Some(words) = plan.and_then(|plan| collides_inside(model, plan)) {
        return Some(words);
    }
    let checking = plan.is_some_and(|plan| !plan.needs.is_empty());
    Some(
        if checking { "Still checking which files the packages have." } else { "Nothing collides." }
            .to_owned(),
    )
}

/// An environment that could not be built has no files yet that could collide with others: its own do.
fn collides_inside(model: &Model, plan: &Plan) -> Option<String> {
    let mut inside = plan.left.iter().filter_map(|left| Some((left, left.collision_inside()?)));
    let (left, collision) = inside.next()?;
    let details = model.keymap.name(Scope::Installed, Action::Details);
    let (name, words) = (visible::text(&left.element), visible::text(&collision.words()));
    Some(format!("{name} collides inside; {details} on its row tells what to change. {words}."))
}

fn no_yes(model: &Model, scope: Scope) -> Option<String> {
    match scope {
        Scope::Review => cannot_apply(model),
        Scope::Rollback => cannot_change(model).or_else(|| old_sheet(model)),
        _ => None,
    }
}

/// Whether a rollback is asked about.
fn rolls_back(model: &Model) -> bool {
    model.overlays.iter().any(|overlay| matches!(overlay, Overlay::Rollback(_)))
}

/// The sheet speaks of a generation that is not live any more.
fn old_sheet(model: &Model) -> Option<String> {
    let sheet = model.overlays.iter().rev().find_map(|overlay| match overlay {
        Overlay::Rollback(sheet) => Some(sheet),
        _ => None,
    })?;
    let live = model.loaded().and_then(|loaded| loaded.current);
    let close = model.keymap.name(Scope::Rollback, Action::No);
    (sheet.from != live).then(|| format!("The profile has changed since you opened this. Press {close}."))
}

/// Why the plan under review cannot be applied.
fn cannot_apply(model: &Model) -> Option<String> {
    let no_nix = || {
        let trouble = model.store_trouble.as_ref()?;
        Some(format!("Nix makes generations, and it cannot be asked: {trouble}."))
    };
    if let Some(reason) = not_known(model).or_else(|| cannot_change(model)).or_else(no_nix) {
        return Some(reason);
    }
    let plan = model.plan.as_deref()?;
    let (close, review) =
        (model.keymap.name(Scope::Review, Action::No), model.keymap.name(Scope::Installed, Action::Review));
    let reviewed = model.overlays.iter().find_map(|overlay| match overlay {
        Overlay::Review(screen) => Some(screen.revision),
        _ => None,
    });
    match plan.state() {
        PlanState::Unknown => Some("Still checking; wait until everything is known.".to_owned()),
        PlanState::Nothing => Some("The staged changes leave the profile as it is.".to_owned()),
        PlanState::Impossible => Some(impossible(plan)),
        PlanState::Blocked => {
            let collisions = model.keymap.name(Scope::Installed, Action::Collisions);
            let blocking = colliding(plan.collisions.blocking());
            Some(format!("Blocked: {blocking}. Press {close}, then {collisions} to resolve."))
        }
        PlanState::Ready if reviewed != Some(model.revision) => Some(format!(
            "The plan has changed since you opened this. Press {close}, then {review} to look again."
        )),
        PlanState::Ready => None,
    }
}

fn impossible(plan: &Plan) -> String {
    let of = |reason| plan.left.iter().find(|left| left.reason == reason);
    if let Some(left) = of(LeftReason::Registry) {
        let first = left.message.lines().next().unwrap_or_default();
        let (name, reason) = (visible::text(&left.element), visible::text(first));
        return format!("The registry cannot be changed for {name}: {reason}");
    }
    let left = of(LeftReason::Refused);
    if let Some(left) = left {
        let element = visible::text(&left.element);
        return format!("{element} cannot be added; take it out of the plan first.");
    }
    let problem = plan.tree_after.problems.first().map(ToString::to_string).unwrap_or_default();
    format!("Nix would fail: {}", visible::text(&problem))
}

fn no_search(model: &Model, scope: Scope) -> Option<String> {
    let search = model.keymap.name(scope, Action::Filter);
    let searched = command_log::searched(model).unwrap_or(model.preview.search.value());
    searched.is_empty().then(|| format!("Nothing is searched for; press {search} first."))
}

fn not_in_tree(model: &Model, scope: Scope, action: Action) -> Option<String> {
    let shown = shown_tab(model);
    if shown != PreviewTab::Tree && !tabs_here(model).contains(&PreviewTab::Tree) {
        let words = match model.list {
            Pane::Registry => "Of registry entries no tree is shown.",
            _ => "Of generations no tree is shown, only what differs.",
        };
        return Some(words.to_owned());
    }
    if shown != PreviewTab::Tree {
        let way = if shown == PreviewTab::Diff { Action::PreviousTab } else { Action::NextTab };
        let tab = model.keymap.name(scope, way);
        return Some(format!("That is for the tree; {tab} shows it."));
    }
    let line = preview::under_cursor(model);
    match line.map(|line| &line.kind) {
        _ if action == Action::ShowUnchanged => None,
        None => Some("The tree is empty.".to_owned()),
        Some(TreeLineKind::Link { folder: true, .. }) => {
            Some("The whole folder is one link into its package.".to_owned())
        }
        Some(TreeLineKind::Link { .. }) => Some("Only folders unfold.".to_owned()),
        Some(_) => None,
    }
}

fn in_collisions(model: &Model, action: Action) -> Option<String> {
    let screen = collisions::screen(model)?;
    let group = model.groups.get(screen.group.selected)?;
    let shown = claimants_shown(model.size);
    match action {
        Action::StageWay => cannot_stage(model).or_else(|| no_way(model)),
        Action::NextWay | Action::PreviousWay | Action::ChooseWay => no_way(model),
        Action::NextFile | Action::PreviousFile if group.paths.len() < 2 => {
            Some("This collision is about one file.".to_owned())
        }
        Action::NextClaimant | Action::PreviousClaimant
            if collision_areas(model.size).claimants.is_none() =>
        {
            Some("There is no room to show the claimants on a screen this low.".to_owned())
        }
        Action::NextClaimant if screen.claimant + shown >= group.elements.len() => {
            Some("There are no more claimants.".to_owned())
        }
        Action::PreviousClaimant if screen.claimant == 0 => Some("This is the first claimant.".to_owned()),
        _ => None,
    }
}

fn no_way(model: &Model) -> Option<String> {
    match collisions::ways(model).map(Vec::len) {
        None => Some("Still looking for ways out.".to_owned()),
        Some(0) => Some("No single step resolves this; change the elements in Installed.".to_owned()),
        Some(_) => None,
    }
}
