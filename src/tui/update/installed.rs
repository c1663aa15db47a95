//! Pane 1: which elements are shown in which order, the filter, the marks, and whom an action is for.

use std::collections::{BTreeMap, HashMap};

use super::cursor::Move;
use super::{ranges, words};
use crate::core::counting::counted;
use crate::core::plan::{Plan, PlannedElement};
use crate::core::search_ranking;
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::layout::{self, Shape};
use crate::tui::model::{Found, Model, Pane, PreviewTab, ShowFilter, SortKey};
use crate::tui::panes::element;
use crate::tui::panes::info::last_modified;
use crate::tui::view::words::age;

/// Moves, marks, sorts.
pub(super) fn act(model: &mut Model, action: Action) {
    let height = layout::areas(&Shape::of(model)).rows(Pane::Installed);
    if let Some(step) = Move::of(action, height) {
        go(model, step);
        return ranges::moved(model);
    }
    match action {
        Action::Mark => {
            ranges::end(model);
            mark(model);
            go(model, Move::Down(1));
        }
        Action::MarkAll => {
            ranges::end(model);
            mark_all(model);
        }
        Action::Filter => model.installed.filtering = true,
        Action::Sort => sort(model, order_after(model.installed.sort)),
        Action::SortByName => sort(model, SortKey::Name),
        Action::SortByPriority => sort(model, SortKey::Priority),
        Action::SortBySource => sort(model, SortKey::Source),
        Action::SortByRevision => sort(model, SortKey::Revision),
        Action::Reverse => {
            model.installed.reversed = !model.installed.reversed;
            arrange(model);
        }
        Action::Show => show(model, filter_after(model.installed.show)),
        Action::ShowAll => show(model, ShowFilter::All),
        Action::ShowOutdated => show(model, ShowFilter::Outdated),
        Action::ShowHeld => show(model, ShowFilter::Held),
        Action::ShowStaged => show(model, ShowFilter::Staged),
        Action::ShowColliding => show(model, ShowFilter::Colliding),
        _ => {}
    }
}

fn order_after(order: SortKey) -> SortKey {
    match order {
        SortKey::Name => SortKey::Priority,
        SortKey::Priority => SortKey::Source,
        SortKey::Source => SortKey::Revision,
        SortKey::Revision => SortKey::Name,
    }
}

fn filter_after(filter: ShowFilter) -> ShowFilter {
    match filter {
        ShowFilter::All => ShowFilter::Outdated,
        ShowFilter::Outdated => ShowFilter::Staged,
        ShowFilter::Staged => ShowFilter::Colliding,
        ShowFilter::Colliding => ShowFilter::Held,
        ShowFilter::Held => ShowFilter::All,
    }
}

/// Moves and nothing else.
pub(super) fn walk(model: &mut Model, action: Action) {
    if let Some(step) = Move::of(action, 1) {
        go(model, step);
    }
}

/// Keys while the filter is typed.
pub(super) fn filter(model: &mut Model, action: Action) -> Vec<Effect> {
    if action == Action::Accept {
        model.installed.filtering = false;
    } else {
        act(model, action);
    }
    Vec::new()
}

fn go(model: &mut Model, step: Move) {
    let last = model.installed.rows.len().saturating_sub(1);
    let selected = step.from(model.installed.cursor.selected, last);
    if selected != model.installed.cursor.selected && model.preview.tab == PreviewTab::Info {
        model.preview.scroll = 0;
    }
    model.installed.cursor.selected = selected;
}

fn mark(model: &mut Model) {
    let Some(name) = under_cursor(model).map(|row| row.name.clone()) else { return };
    if !model.installed.marks.remove(&name) {
        model.installed.marks.insert(name);
    }
}

fn mark_all(model: &mut Model) {
    let Some(plan) = model.plan.clone() else { return };
    let shown = || model.installed.rows.iter().filter_map(|row| plan.elements.get(*row)).map(|row| &row.name);
    let all = shown().all(|name| model.installed.marks.contains(name));
    let names: Vec<String> = shown().cloned().collect();
    for name in names {
        if all {
            model.installed.marks.remove(&name);
        } else {
            model.installed.marks.insert(name);
        }
    }
}

fn sort(model: &mut Model, key: SortKey) {
    model.installed.sort = key;
    arrange(model);
    if key == SortKey::Revision
        && let Some(text) = revisions(model)
    {
        words::say(model, text);
    }
}

fn show(model: &mut Model, filter: ShowFilter) {
    model.installed.show = filter;
    arrange(model);
    let text = match filter {
        ShowFilter::All => "Showing every element.",
        ShowFilter::Outdated => "Showing elements for which something newer was found.",
        ShowFilter::Held => "Showing elements that are held.",
        ShowFilter::Staged => "Showing elements with something staged.",
        ShowFilter::Colliding => "Showing elements that collide.",
    };
    words::say(model, text);
}

/// The row under the cursor.
pub(super) fn under_cursor(model: &Model) -> Option<&PlannedElement> {
    let row = model.installed.rows.get(model.installed.cursor.selected)?;
    model.plan.as_deref()?.elements.get(*row)
}

/// Whom an action is for: the marked rows, else the cursor's. By name, in byte order.
pub(super) fn targets(model: &Model) -> Vec<String> {
    if model.installed.marks.is_empty() {
        return under_cursor(model).map(|row| row.name.clone()).into_iter().collect();
    }
    model.installed.marks.iter().cloned().collect()
}

/// Makes the shown rows again; the cursor stays on its element.
pub(super) fn arrange(model: &mut Model) {
    let selected = under_cursor(model).map(|row| row.name.clone());
    model.installed.rows = rows(model);
    if let Some(name) = selected {
        point_at(model, &name);
    }
}

/// Puts the cursor on an element, if it is shown; tells whether it is.
pub(super) fn point_at(model: &mut Model, name: &str) -> bool {
    let Some(plan) = &model.plan else { return false };
    let position = model.installed.rows.iter().position(|row| plan.elements[*row].name == name);
    if let Some(position) = position {
        model.installed.cursor.selected = position;
    }
    position.is_some()
}

fn rows(model: &Model) -> Vec<usize> {
    let Some(plan) = model.plan.as_deref() else { return Vec::new() };
    let query = model.installed.filter.value();
    let mut kept: Vec<(i64, usize)> = Vec::new();
    for (index, row) in plan.elements.iter().enumerate().filter(|(_, row)| is_shown(model, plan, row)) {
        let score =
            if query.is_empty() { Some(0) } else { search_ranking::score(query, &row.name, &origin(row)) };
        kept.extend(score.map(|score| (score, index)));
    }
    let times =
        if model.installed.sort == SortKey::Revision { revision_times(model) } else { HashMap::new() };
    let key = |index: usize| {
        let row = &plan.elements[index];
        let (number, text) = match model.installed.sort {
            SortKey::Name => (0, String::new()),
            SortKey::Priority => (i64::from(priority(row)), String::new()),
            SortKey::Source => (0, followed(row)),
            SortKey::Revision => {
                let origin = origin(row);
                (time_of(&origin, &times), origin)
            }
        };
        (number, text, &row.name)
    };
    kept.sort_by_cached_key(|(_, index)| key(*index));
    if model.installed.reversed {
        kept.reverse();
    }
    // Best matches first; among equal ones the chosen order stays.
    kept.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    kept.into_iter().map(|(_, index)| index).collect()
}

/// Since when locked references have been in the profile, as far as its generations tell.
fn revision_times(model: &Model) -> HashMap<String, i64> {
    let mut times: HashMap<String, i64> = HashMap::new();
    let generations = model.loaded().into_iter().flat_map(|loaded| &loaded.generations);
    for found in generations {
        let elements = found.manifest.iter().flat_map(|manifest| manifest.elements.values());
        for url in elements.filter_map(|element| Some(&element.source.as_ref()?.url)) {
            if !times.contains_key(url) {
                times.insert(url.clone(), found.generation.time);
            }
        }
    }
    times
}

/// When a locked reference is from: by its own date, else since when it is here. What is not known is
/// the newest there is, and what has no source comes last of all.
fn time_of(url: &str, times: &HashMap<String, i64>) -> i64 {
    let known = last_modified(url).or_else(|| times.get(url).copied());
    known.unwrap_or(if url.is_empty() { i64::MAX } else { i64::MAX - 1 })
}

/// How many revisions there are, and how old the oldest is.
fn revisions(model: &Model) -> Option<String> {
    let plan = model.plan.as_deref()?;
    let times = revision_times(model);
    let mut counts: BTreeMap<(i64, String), usize> = BTreeMap::new();
    for url in plan.elements.iter().map(origin).filter(|url| !url.is_empty()) {
        *counts.entry((time_of(&url, &times), url)).or_default() += 1;
    }
    let ((time, url), elements) = counts.first_key_value()?;
    let row = plan.elements.iter().find(|row| origin(row) == *url)?;
    let shown = element::origin(row.after.as_ref().or(row.before.as_ref())?);
    let age = if *time >= i64::MAX - 1 {
        String::new()
    } else {
        format!(", {}", age(*time, model.now, &model.time_zone))
    };
    Some(format!(
        "By revision, oldest first: {}; the oldest is {shown}{age}, with {}.",
        counted(counts.len(), "revision"),
        counted(*elements, "element")
    ))
}

fn is_shown(model: &Model, plan: &Plan, row: &PlannedElement) -> bool {
    match model.installed.show {
        ShowFilter::All => true,
        ShowFilter::Outdated => model.upgrades.found.get(&row.name) == Some(&Found::Newer),
        ShowFilter::Held => model.upgrades.held.contains(&row.name),
        ShowFilter::Staged => is_staged(plan, row),
        ShowFilter::Colliding => {
            let mut members = model.groups.iter().flat_map(|group| &group.elements);
            members.any(|member| member.element.as_deref() == Some(row.name.as_str()))
        }
    }
}

fn is_staged(plan: &Plan, row: &PlannedElement) -> bool {
    row.added_by.is_some() || plan.changes.iter().any(|change| change.element() == Some(row.name.as_str()))
}

fn priority(row: &PlannedElement) -> i32 {
    let element = row.after.as_ref().or(row.before.as_ref());
    element.map_or(crate::core::manifest::DEFAULT_PRIORITY, |element| element.priority)
}

/// The reference as the user gave it; what has none comes last.
fn followed(row: &PlannedElement) -> String {
    let source = row.after.as_ref().or(row.before.as_ref()).and_then(|element| element.source.as_ref());
    source.map_or("~".to_owned(), |source| source.original_url.clone())
}

fn origin(row: &PlannedElement) -> String {
    let source = row.after.as_ref().or(row.before.as_ref()).and_then(|element| element.source.as_ref());
    source.map(|source| source.url.clone()).unwrap_or_default()
}
