//! `i`: finding what to add. The same line takes words to find in the packages of a flake or file, the
//! name of a flake to open, a path ([`picker_paths`]), and installables typed whole (`nixpkgs#fltk^out`, a store path), several with
//! blanks between.
//!
//! Nothing is fetched or evaluated before Enter opens a flake or a key asks what an addition would
//! lead to. Searching is a lane's: an answer counts only if nothing was typed meanwhile.

use std::sync::Arc;

use super::cursor::Move;
use super::words::{complain, names, say, say_staged};
use super::{installed, picker_paths, planning};
use crate::core::change::Change;
use crate::core::installable::Installable;
use crate::core::package_list::{PackageSource, SourceScope};
use crate::core::registry::Layer;
use crate::core::search_ranking::Query;
use crate::core::typed_path::{PathChoice, TypedPath};
use crate::ops::search_packages::{SystemPackages, Tried};
use crate::system::machine::{Freshness, Listed, ListingProgress};
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::keymap::Scope;
use crate::tui::model::{
    Choice, Enter, FlakeChoice, Listing, ListingState, Model, Overlay, PathMeaning, PathRow, PathRows,
    PickerScreen, Trial,
};
use crate::tui::overlays::picker::rows_shown;

/// Opens the picker: on the packages that were listed last, else on the flakes there are.
pub(super) fn open(model: &mut Model) -> Vec<Effect> {
    // A file may be another by now; it is opened again by its path.
    let of_flake = |listing: &Listing| listing.source.scope == SourceScope::Flake;
    let packages = model.packages.listed().is_some() && model.packages.listing.as_ref().is_some_and(of_flake);
    model.overlays.push(Overlay::Picker(PickerScreen { packages, ..PickerScreen::default() }));
    typed(model)
}

fn screen(model: &Model) -> Option<&PickerScreen> {
    match model.overlays.last() {
        Some(Overlay::Picker(screen)) => Some(screen),
        _ => None,
    }
}

fn screen_mut(model: &mut Model) -> Option<&mut PickerScreen> {
    model.overlays.iter_mut().rev().find_map(|overlay| match overlay {
        Overlay::Picker(screen) => Some(screen),
        _ => None,
    })
}

/// The text has changed: other flakes, or another search.
pub(super) fn typed(model: &mut Model) -> Vec<Effect> {
    let Some(screen) = screen(model) else { return Vec::new() };
    let text = screen.input.value().trim().to_owned();
    let (packages, found) = (screen.packages, Arc::clone(&screen.found));
    let path = picker_paths::typed(model, &text);
    let flakes = if packages || path.is_some() { Vec::new() } else { flakes(model, &text) };
    let found_for = Query::new(&screen.found_for);
    let is_narrower = !screen.found.is_empty() && Query::new(&text).narrows(&found_for);
    let listed = model.packages.listed().map(Arc::clone);
    let whole = packages && model.packages.whole_file().is_some();
    let Some(screen) = screen_mut(model) else { return Vec::new() };
    screen.is_whole = is_whole(&text);
    screen.flakes = flakes;
    screen.cursor.selected = 0;
    screen.offers_whole = whole && (text.is_empty() || listed.as_ref().is_some_and(|it| it.list.is_empty()));
    screen.paths = None;
    if let Some(path) = path {
        return picker_paths::ask(screen, &path);
    }
    let (true, Some(listed)) = (packages && !screen.is_whole, listed) else { return Vec::new() };
    screen.generation += 1;
    let among = is_narrower.then_some(found);
    vec![Effect::SearchPackages { generation: screen.generation, listed, query: text, among }]
}

/// Whether a text says all itself: an attribute of a flake, a path, a reference that is no mere name.
fn is_whole(text: &str) -> bool {
    text.contains(['#', '/']) || text.contains(':')
}

/// The flakes that can be opened: those whose name has what is typed, the ones that most elements
/// follow first, and what is typed itself if it may be one.
fn flakes(model: &Model, text: &str) -> Vec<FlakeChoice> {
    let mut flakes: Vec<FlakeChoice> = Vec::new();
    let mut note = |reference: String, about: &str, elements: usize| match flakes
        .iter_mut()
        .find(|flake| flake.reference == reference)
    {
        Some(flake) => {
            flake.elements += elements;
            if flake.about.is_empty() {
                about.clone_into(&mut flake.about);
            }
        }
        None => flakes.push(FlakeChoice { reference, about: about.to_owned(), elements }),
    };
    let short = |url: &str| url.strip_prefix("flake:").unwrap_or(url).to_owned();
    let elements = model.loaded().into_iter().flat_map(|loaded| loaded.base.manifest.elements.values());
    for source in elements.filter_map(|element| element.source.as_ref()) {
        if !source.is_locked() {
            note(short(&source.original_url), "", 1);
        }
    }
    if let Some(registries) = model.registry.registries() {
        for layer in [Layer::CommandLine, Layer::User, Layer::System, Layer::Global] {
            let entries = registries.layer(layer).entries.iter();
            for entry in entries.filter(|entry| entry.from.is_indirect() && !entry.exact) {
                let about = format!("{} registry: {}", layer.name(), entry.to);
                note(short(entry.from.as_str()), &about, 0);
            }
        }
    }
    flakes.sort_by_key(|flake| std::cmp::Reverse(flake.elements));
    let query = Query::new(text);
    flakes.retain(|flake| query.score(&flake.reference, "").is_some());
    let reference = text.split(['#', '^']).next().unwrap_or_default();
    let may_be_one = !text.is_empty() && !text.contains(' ') && !reference.starts_with("/nix/store/");
    if may_be_one && is_whole(text) && flakes.iter().all(|flake| flake.reference != reference) {
        let about = "its packages".to_owned();
        flakes.push(FlakeChoice { reference: reference.to_owned(), about, elements: 0 });
    }
    flakes
}

/// Moves, marks, opens, stages.
pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let height = rows_shown(model.size);
    let Some(screen) = screen_mut(model) else { return Vec::new() };
    if let Some(step) = Move::of(action, height) {
        screen.cursor.selected = step.from(screen.cursor.selected, screen.len().saturating_sub(1));
        return Vec::new();
    }
    match action {
        Action::Mark => mark(model),
        Action::TryAddition => try_addition(model),
        Action::ListAnew => list_anew(model),
        Action::Accept => accept(model),
        _ => Vec::new(),
    }
}

/// Marks a package; completes a path.
fn mark(model: &mut Model) -> Vec<Effect> {
    let Some(screen) = screen_mut(model) else { return Vec::new() };
    match screen.selected() {
        Some(Choice::Package(row)) => {
            if !screen.marks.remove(&row) {
                screen.marks.insert(row);
            }
            let last = screen.len() - usize::from(screen.offers_whole);
            screen.cursor.selected = (screen.cursor.selected + 1).min(last.saturating_sub(1));
            Vec::new()
        }
        Some(Choice::Path(row)) => {
            let row = row.clone();
            picker_paths::complete(screen, &row);
            typed(model)
        }
        _ => Vec::new(),
    }
}

/// What taking the line under the cursor adds; nothing if it leads somewhere else.
fn additions(model: &Model) -> Vec<Change> {
    screen(model).map_or_else(Vec::new, |screen| additions_of(model, screen))
}

/// What is looked at more closely: all that is marked, else the line under the cursor.
pub fn looked_at(model: &Model, screen: &PickerScreen) -> Vec<Change> {
    match screen.selected() {
        Some(Choice::Typed(text)) if !screen.is_whole || names_a_file(text) => Vec::new(),
        _ => additions_of(model, screen),
    }
}

fn additions_of(model: &Model, screen: &PickerScreen) -> Vec<Change> {
    match screen.selected() {
        Some(Choice::Typed(text)) => {
            text.split_whitespace().map(|word| Change::addition(word, None)).collect()
        }
        Some(Choice::Package(_) | Choice::Whole) if !screen.marks.is_empty() => {
            screen.marks.iter().filter_map(|row| model.packages.addition(*row)).collect()
        }
        Some(Choice::Package(row)) => Vec::from_iter(model.packages.addition(row)),
        Some(Choice::Whole) => {
            let file = model.packages.whole_file().map(|(file, _)| Change::addition_from_file(file, ""));
            Vec::from_iter(file)
        }
        Some(Choice::Path(row)) => picker_paths::additions(row),
        Some(Choice::Flake(_)) | None => Vec::new(),
    }
}

fn accept(model: &mut Model) -> Vec<Effect> {
    let Some(screen) = screen(model) else { return Vec::new() };
    let registry = model.plan.as_ref().and_then(|plan| plan.registry.as_deref()?.edited_text());
    let source = |source: PackageSource| PackageSource { registry, ..source };
    match screen.selected() {
        Some(Choice::Flake(flake)) => {
            let source = source(PackageSource::flake(&flake.reference));
            open_source(model, source, Freshness::AsNix)
        }
        Some(Choice::Path(PathRow { meaning: PathMeaning::Flake, choice })) => {
            let source = source(PackageSource::flake(&choice.full));
            open_source(model, source, Freshness::AsNix)
        }
        Some(Choice::Path(PathRow { meaning: PathMeaning::File(file), .. })) => {
            let source = source(PackageSource::file(file));
            open_source(model, source, Freshness::Anew)
        }
        Some(Choice::Path(PathRow { meaning: PathMeaning::Folder, .. })) => mark(model),
        Some(Choice::Typed(text)) if names_a_file(text) => {
            say(model, "A file is added alone: its path, and behind it the attributes that are wanted.");
            Vec::new()
        }
        Some(_) => {
            let additions = additions(model);
            stage(model, additions)
        }
        None if matches!(screen.paths, Some(PathRows::Asked(..))) => {
            if let Some(PathRows::Asked(_, enter)) = screen_mut(model).and_then(|it| it.paths.as_mut()) {
                *enter = Enter::Pressed;
            }
            Vec::new()
        }
        None => {
            let words = match &model.packages.listing {
                Some(Listing { state: ListingState::Running(..), .. }) if screen.packages => {
                    "The packages are still being listed."
                }
                _ => "Type what to add: a store path, or an installable such as nixpkgs#hello.",
            };
            say(model, words);
            Vec::new()
        }
    }
}

/// Whether a word among several is a file, which nix would take for a flake.
fn names_a_file(text: &str) -> bool {
    let is_file = |word: &str| TypedPath::parse(word).is_some_and(|typed| typed.is_file());
    text.split_whitespace().any(is_file)
}

/// Lists the packages of a flake or a file, or shows those that are listed already. What is staged
/// decides what a name means, so it is part of the source.
fn open_source(model: &mut Model, source: PackageSource, freshness: Freshness) -> Vec<Effect> {
    let is_open =
        |listing: &&Listing| listing.source == source && !matches!(listing.state, ListingState::Failed(_));
    let is_there = model.packages.listing.as_ref().is_some_and(|listing| is_open(&listing));
    if let Some(screen) = screen_mut(model) {
        screen.packages = true;
        screen.input.reset();
        screen.marks.clear();
        screen.found = Arc::default();
        screen.found_for.clear();
        screen.paths = None;
    }
    let system = model.packages.system.is_none().then_some(Effect::ReadSystemPackages);
    let mut effects = Vec::from_iter(system);
    if !is_there || freshness == Freshness::Anew {
        let state = ListingState::Running(ListingProgress::default(), model.now);
        model.packages.listing = Some(Listing { source: source.clone(), state });
        effects.push(Effect::ListPackages { source, freshness });
    }
    effects.extend(typed(model));
    effects
}

fn list_anew(model: &mut Model) -> Vec<Effect> {
    let Some(listing) =
        model.packages.listing.as_ref().filter(|_| screen(model).is_some_and(|it| it.packages))
    else {
        return Vec::new();
    };
    let source = listing.source.clone();
    open_source(model, source, Freshness::Anew)
}

/// Esc: from the packages back to the flakes, which stops listing; from there back to the screen below.
pub(super) fn close(model: &mut Model) -> Vec<Effect> {
    let runs = matches!(&model.packages.listing, Some(Listing { state: ListingState::Running(..), .. }));
    let Some(screen) = screen_mut(model) else { return Vec::new() };
    if !screen.packages {
        model.overlays.pop();
        return Vec::new();
    }
    if !screen.input.value().is_empty() {
        screen.input.reset();
        return typed(model);
    }
    *screen = PickerScreen { generation: screen.generation + 1, ..PickerScreen::default() };
    let mut effects = typed(model);
    if runs {
        model.packages.listing = None;
        effects.push(Effect::StopListing);
    }
    effects
}

/// A listing tells how far it is.
pub(super) fn progressed(model: &mut Model, progress: ListingProgress) {
    if let Some(Listing { state: ListingState::Running(known, _), .. }) = &mut model.packages.listing {
        *known = progress;
    }
}

/// A flake was listed, or not.
pub(super) fn listed(
    model: &mut Model,
    source: &PackageSource,
    answer: Result<Arc<Listed>, String>,
) -> Vec<Effect> {
    let Some(listing) = model.packages.listing.as_mut().filter(|listing| listing.source == *source) else {
        return Vec::new();
    };
    match answer {
        Ok(listed) => {
            listing.state = ListingState::Done(listed);
            typed(model)
        }
        Err(words) => {
            complain(model, &words);
            if let Some(listing) = &mut model.packages.listing {
                listing.state = ListingState::Failed(words);
            }
            Vec::new()
        }
    }
}

/// Rows were found.
pub(super) fn found(model: &mut Model, generation: u64, query: String, rows: Arc<[u32]>) {
    if let Some(screen) = screen_mut(model).filter(|screen| screen.generation == generation) {
        screen.found = rows;
        screen.found_for = query;
    }
}

/// What the system's profiles bring was read.
pub(super) fn system_read(model: &mut Model, packages: SystemPackages) {
    model.packages.system = Some(Arc::new(packages));
}

/// Asks what adding what is marked, or the package under the cursor, would lead to.
fn try_addition(model: &mut Model) -> Vec<Effect> {
    let (Some(screen), Some(plan)) = (screen(model), model.plan.clone()) else { return Vec::new() };
    let additions = looked_at(model, screen);
    if additions.is_empty() {
        say(model, "Choose a package first.");
        return Vec::new();
    }
    let installables: Vec<Installable> = additions.iter().filter_map(Change::installable).collect();
    if matches!(model.packages.tried.get(&installables), Some((_, Trial::Running))) {
        return Vec::new();
    }
    model.packages.tried.insert(installables, (model.revision, Trial::Running));
    let (transaction, facts) = (model.transaction.clone(), Arc::clone(&model.facts));
    vec![Effect::TryAdditions { additions, plan, transaction, facts }]
}

/// It is known what additions would lead to. What was learnt on the way is known from now on.
pub(super) fn tried(model: &mut Model, installables: &[Installable], answer: Result<Box<Tried>, String>) {
    let Some(entry) = model.packages.tried.get_mut(installables) else { return };
    match answer {
        Ok(mut tried) => {
            let learnt = std::mem::take(&mut tried.learnt);
            entry.1 = Trial::Done(tried);
            Arc::make_mut(&mut model.facts).absorb(learnt);
        }
        Err(words) => entry.1 = Trial::Failed(words),
    }
}

/// It was looked up what a typed path could become.
pub(super) fn path_completed(model: &mut Model, path: &str, choices: Vec<PathChoice>) -> Vec<Effect> {
    let Some(screen) = screen_mut(model) else { return Vec::new() };
    let is_pressed = screen.paths == Some(PathRows::Asked(path.to_owned(), Enter::Pressed));
    picker_paths::completed(screen, path, choices);
    let takes = is_pressed && picker_paths::is_sure(screen, path);
    if takes { accept(model) } else { Vec::new() }
}

/// Stages additions as one step.
fn stage(model: &mut Model, additions: Vec<Change>) -> Vec<Effect> {
    let Some(plan) = model.plan.clone() else { return Vec::new() };
    let staged =
        |addition: &Change| plan.changes.iter().any(|change| change.installable() == addition.installable());
    let called = |additions: &[Change]| {
        let called = additions.iter().filter_map(|it| Some(it.installable()?.shown().to_owned()));
        names(&called.collect::<Vec<_>>())
    };
    let (again, fresh): (Vec<Change>, Vec<Change>) = additions.into_iter().partition(staged);
    if fresh.is_empty() {
        say(model, format!("{} is staged already.", called(&again)));
        return Vec::new();
    }
    let words = format!("Staged: add {}", called(&fresh));
    let done = model.packages.tried.iter().filter(|(_, (_, trial))| matches!(trial, Trial::Done(_)));
    let done: Vec<&Installable> = done.flat_map(|(together, _)| together).collect();
    let tried = |it: &Installable| done.contains(&it);
    let asked = fresh.iter().filter_map(Change::installable).filter(|it| !tried(it)).collect::<Vec<_>>();
    // An addition takes what there is today, and what failed before may work now.
    Arc::make_mut(&mut model.facts).forget_answers(&asked);
    model.transaction.stage(&plan.base.manifest, &plan.added, fresh);
    model.overlays.pop();
    let effects = planning::replan(model);
    show_added(model);
    say_staged(model, &words);
    effects
}

/// Puts the cursor on the newest addition.
fn show_added(model: &mut Model) {
    let newest = model.plan.as_ref().and_then(|plan| {
        plan.added.iter().max_by_key(|addition| addition.change).map(|addition| addition.name.clone())
    });
    if let Some(name) = newest {
        installed::point_at(model, &name);
    }
}

/// Why a key of the picker does nothing now.
pub(super) fn why_off(model: &Model, action: Action) -> Option<String> {
    let screen = screen(model)?;
    let is_package = matches!(screen.selected(), Some(Choice::Package(_) | Choice::Path(_)));
    let open = model.keymap.name(Scope::Add, Action::Accept);
    match action {
        Action::Mark if !is_package => {
            Some(format!("Only packages can be marked; {open} on a flake shows its."))
        }
        Action::ListAnew if !screen.packages => Some(format!("{open} on a flake lists its packages.")),
        _ => None,
    }
}
