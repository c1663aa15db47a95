//! The lines at the edges: title, tabs, plan, hints.

use std::collections::HashSet;

use ratatui::layout::Rect;
use ratatui::style::Style;

use super::difference::{Subject, subject};
use super::element::{Sign, collision_sign, counts, difference_sign, next_generation};
use super::{preview, registry_edit, states};
use crate::core::change::Change;
use crate::core::difference::DifferenceKind;
use crate::core::nix_commands::Tool;
use crate::core::plan::{LeftReason, Plan, PlanState, PlannedElement};
use crate::core::resolution::CollisionKind;
use crate::core::visible;
use crate::tui::action::Action;
use crate::tui::keymap::Scope;
use crate::tui::layout::inner;
use crate::tui::model::{JobKind, Model, Overlay, Pane, PreviewTab, ProfileLoad};
use crate::tui::overlays::toast;
use crate::tui::pointer::Target;
use crate::tui::theme;
use crate::tui::view::canvas::Canvas;
use crate::tui::view::row::Row;
use crate::tui::view::words::{counted, cut_end, cut_start, grouped};

/// ` firn  ~/.local/state/nix/profiles/profile   gen 42 ●   18 elements      staged 4   ! 1`
pub fn title(canvas: &mut Canvas<'_>, area: Rect) {
    let model = canvas.model;
    let right = staged_counts(canvas);
    let gap = if area.width < 100 { "  " } else { "   " };
    let around = 8 + gap.len() + 2 + right.width();
    let room = |facts: &Row| usize::from(area.width).saturating_sub(facts.width() + around);
    let lengths = [FactsLength::Long, FactsLength::Short, FactsLength::Least];
    let mut lengths =
        lengths.into_iter().skip(usize::from(area.width < 100)).map(|length| profile_facts(canvas, length));
    let fitting = lengths.clone().find(|facts| room(facts) >= 9);
    let Some(facts) = fitting.or_else(|| lengths.next_back()) else { return };
    let room = room(&facts);
    let path = cut_start(&model.profile_title, room.max(8));
    let left =
        Row::new().put(" firn", canvas.theme.title).to(8).put(path, Style::new()).put(gap, Style::new());
    ends(canvas, area, left.join(facts), right);
}

/// How much of the profile's facts there is room for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum FactsLength {
    Long,
    Short,
    Least,
}

fn profile_facts(canvas: &Canvas<'_>, length: FactsLength) -> Row {
    let (model, theme) = (canvas.model, canvas.theme);
    let mut row = Row::new();
    let short = length != FactsLength::Long;
    let gap = if short { "  " } else { "   " };
    match (&model.profile, model.loaded().and_then(|loaded| loaded.current)) {
        (ProfileLoad::Loading, _) => return row.put("reading…", theme.faint),
        (ProfileLoad::Failed(_), _) => return row.put("cannot be read", theme.error),
        (ProfileLoad::Loaded(_), Some(current)) => {
            row = row.put(format!("gen {current} "), Style::new()).put(theme::LIVE, theme.live);
            let only_registry = |plan: &Plan| plan.state() == PlanState::Ready && !plan.makes_generation();
            let makes_next =
                model.transaction.touches_profile() && !model.plan.as_deref().is_some_and(only_registry);
            if let (Some(Overlay::Review(_)), Some(next), true) =
                (model.overlays.last(), next_generation(model), makes_next)
            {
                row = row.put(format!(" {} {next}", theme::ARROW), Style::new());
            }
        }
        (ProfileLoad::Loaded(loaded), None) => {
            let words =
                if loaded.generations.is_empty() { "no generation yet" } else { "no live generation" };
            row = row.put(words, theme.faint);
        }
    }
    if model.commands.tool == Tool::NixEnv && length != FactsLength::Least {
        let words = if short { "nix-env" } else { "nix-env profile" };
        row = row.put(gap, Style::new()).put(words, theme.changed);
    }
    if let Some(plan) = model.plan.as_ref().filter(|_| length != FactsLength::Least) {
        let (elements, _, _) = counts(plan);
        let text = if short { format!("{} el", grouped(elements)) } else { counted(elements, "element") };
        row = row.put(gap, Style::new()).put(text, Style::new());
    }
    if !model.options.run.is_empty() && length == FactsLength::Long {
        row = row
            .put(gap, Style::new())
            .put(cut_end(&visible::text(&model.options.run.line()), 24), theme.changed);
    }
    if model.why_read_only().is_some() {
        row = row.put(gap, Style::new()).put("read-only", theme.changed);
    }
    if let Some(error) = &model.store_trouble {
        return row.put(gap, Style::new()).put(states::trouble(error), theme.error);
    }
    let is_nix = model.store_title.starts_with("nix");
    if length != FactsLength::Least && (!short || !is_nix) {
        row = row.put(gap, Style::new()).put(&model.store_title, theme.faint);
    }
    row
}

/// `staged 4   ! 1   ~ 2   . 1`
fn staged_counts(canvas: &Canvas<'_>) -> Row {
    let (model, theme) = (canvas.model, canvas.theme);
    let Some(plan) = &model.plan else { return Row::new() };
    let gap = if model.size.0 < 100 { "  " } else { "   " };
    let staged = model.transaction.changes().len();
    let mut row = match staged {
        // where there is little room the plan line alone says so
        0 if model.size.0 < 80 => Row::new(),
        0 => Row::new().put("nothing staged", theme.faint),
        _ => Row::new().put(format!("staged {}", grouped(staged)), theme.strong),
    };
    if plan.state() == PlanState::Unknown {
        return row.put(gap, Style::new()).put("checking… ", theme.faint);
    }
    let mut none = true;
    for (kinds, sign) in [
        (&[CollisionKind::Tie, CollisionKind::TypeClash][..], collision_sign(CollisionKind::Tie, theme)),
        (&[CollisionKind::Shadowed][..], collision_sign(CollisionKind::Shadowed, theme)),
        (&[CollisionKind::Latent][..], collision_sign(CollisionKind::Latent, theme)),
    ] {
        let mut count = model.groups.iter().filter(|group| kinds.contains(&group.kind)).count();
        if kinds.contains(&CollisionKind::Tie) {
            // Inside an environment, which is why it could not be built.
            count += plan.left.iter().filter(|left| left.collision_inside().is_some()).count();
        }
        if count > 0 {
            none = false;
            row = row.put(gap, Style::new()).put(format!("{} {count}", sign.glyph), sign.style);
        }
    }
    if none {
        row = row.put(gap, Style::new()).put("no collisions", theme.good);
    }
    row.put(" ", Style::new())
}

/// ` ▌1 Installed▐   3 History   0 Preview`
pub fn tabs(canvas: &mut Canvas<'_>, area: Rect) {
    let theme = canvas.theme;
    let mut row = Row::text(" ");
    for (pane, words) in [
        (Pane::Installed, "1 Installed"),
        (Pane::Registry, "2 Registry"),
        (Pane::History, "3 History"),
        (Pane::Preview, "0 Preview"),
    ] {
        let start = area.x + row.cells();
        row = tab(row, words, canvas.model.focus == pane, theme.focus, theme.faint);
        let place = Rect { x: start, width: area.x + row.cells() - start, ..area };
        canvas.target(place, Target::PaneTab(pane));
    }
    canvas.row(area, 0, &row);
}

/// Appends one tab; the shown one stands between bars, so that it shows without colour.
pub fn tab(row: Row, words: &str, shown: bool, style: Style, other: Style) -> Row {
    let (left, right) = if shown { theme::TAB } else { (" ", " ") };
    let style = if shown { style } else { other };
    row.put(left, style).put(words, style).put(right, style)
}

/// What happened last, or what is staged and whether it can be applied.
pub fn plan(canvas: &mut Canvas<'_>, area: Rect) {
    let (model, theme) = (canvas.model, canvas.theme);
    let toast = toast::in_plan_line(model).map(|toast| {
        let style = if toast.error { theme.error } else { theme.strong };
        (toast.error, Row::text(" ").put(&toast.text, style))
    });
    if let Some((true, words)) = toast {
        return canvas.row(area, 0, &words);
    }
    let job = model.job.as_ref().filter(|job| job.kind != JobKind::Learn);
    if let Some(job) = job {
        let words = super::super::overlays::progress::words(model, job);
        return canvas.row(area, 0, &Row::text(" ").put(words, theme.strong));
    }
    let plan = match (&model.plan, &toast) {
        (Some(plan), None) => plan,
        // good news stands beside the plan if there is room, else in its place for a moment
        (Some(plan), Some((_, words))) if words.width() + 50 < usize::from(area.width) => plan,
        (_, Some((_, words))) => return canvas.row(area, 0, words),
        (None, None) => {
            let words = states::no_plan(model);
            return canvas.row(area, 0, &Row::text(" ").put(words, theme.faint));
        }
    };
    let keys = match toast {
        Some((_, words)) if !plan.changes.is_empty() => words.put(" ", Style::new()),
        Some((_, words)) => return canvas.row(area, 0, &words),
        None => plan_keys(canvas, plan),
    };
    let state = plan_words(model, plan);
    let state_style = match plan.state() {
        PlanState::Blocked | PlanState::Impossible => theme.blocking,
        PlanState::Ready => theme.good,
        PlanState::Nothing | PlanState::Unknown => theme.faint,
    };
    if plan.changes.is_empty() {
        return ends(canvas, area, Row::text(" ").put(state, state_style), keys);
    }
    let room = usize::from(area.width).saturating_sub(crate::tui::view::words::width(&state) + 4);
    let changes = staged_words(canvas, plan, room.saturating_sub(keys.width()).max(room.min(30)));
    let left = Row::new().put(" plan  ", theme.strong).join(changes).put("   ", Style::new());
    ends(canvas, area, left.put(state, state_style), keys);
}

/// `+ fltk   ↑ bat ripgrep   - tmux`, as many as fit; several changes of one kind to an element name it once.
fn staged_words(canvas: &Canvas<'_>, plan: &Plan, room: usize) -> Row {
    let mut row = Row::new();
    let mut last: Option<Sign> = None;
    let mut named = HashSet::new();
    let words = plan.changes.iter().enumerate();
    let words = words.map(|(index, change)| staged_word(canvas, plan, index, change));
    let words: Vec<(Sign, String)> =
        words.filter(|(sign, name)| named.insert((sign.glyph, name.clone()))).collect();
    let mut left = words.len();
    for (sign, name) in words {
        let lead = if last == Some(sign) {
            Row::text(" ")
        } else {
            Row::text(if last.is_some() { "   " } else { "" })
                .put(sign.glyph, sign.style)
                .put(" ", Style::new())
        };
        let next = lead.put(name, Style::new());
        if row.width() + next.width() + 9 > room && last.is_some() {
            return row.put(format!("   and {left} more"), canvas.theme.faint);
        }
        row = row.join(next);
        last = Some(sign);
        left -= 1;
    }
    row
}

fn staged_word(canvas: &Canvas<'_>, plan: &Plan, index: usize, change: &Change) -> (Sign, String) {
    let theme = canvas.theme;
    let (kind, name) = match change {
        Change::Remove { element } => (DifferenceKind::Removed, element.clone()),
        Change::Priority { element, .. } => (DifferenceKind::Priority, element.clone()),
        Change::Active { element, .. } => (DifferenceKind::Active, element.clone()),
        Change::Upgrade { element } | Change::UpgradeFrom { element, .. } => {
            (DifferenceKind::Upgraded, element.clone())
        }
        Change::Outputs { element, .. }
        | Change::Retarget { element, .. }
        | Change::Attach { element, .. }
        | Change::Keep { element, .. } => (DifferenceKind::Source, element.clone()),
        Change::UserEnvironment { .. } => (DifferenceKind::Added, "packages of nix-env".to_owned()),
        Change::Convert => (DifferenceKind::Reference, "the whole profile".to_owned()),
        Change::Add { installable, .. } => {
            let is_refused = |row: &PlannedElement| row.added_by == Some(index) && row.refused.is_some();
            if let Some(row) = plan.elements.iter().find(|row| is_refused(row)) {
                let sign = Sign { glyph: theme::FAILED, style: theme.error, word: "failed" };
                // All of a file is asked for by no name.
                let name = if installable.is_empty() { &row.name } else { installable };
                return (sign, name.clone());
            }
            let named = plan.added.iter().find(|added| added.change == index);
            (DifferenceKind::Added, named.map_or_else(|| installable.clone(), |added| added.name.clone()))
        }
        Change::RegistryAdd { .. } | Change::RegistryRemove { .. } | Change::RegistryPin { .. } => {
            return registry_edit::sign(change, theme);
        }
    };
    (difference_sign(kind, theme), name)
}

/// Whether the plan can be applied, in words.
pub fn plan_words(model: &Model, plan: &Plan) -> String {
    match plan.state() {
        PlanState::Nothing if plan.changes.is_empty() => match plan.collisions.blocking() {
            0 => "nothing staged".to_owned(),
            _ => "nothing staged; the profile as it is holds collisions".to_owned(),
        },
        PlanState::Nothing => "leaves the profile as it is".to_owned(),
        PlanState::Unknown if !plan.needs.locks.is_empty() => "checking… finding out revisions".to_owned(),
        PlanState::Unknown if !plan.needs.evaluations.is_empty() || !plan.needs.packages.is_empty() => {
            let asked = plan.needs.evaluations.len() + plan.needs.packages.len();
            format!("checking… {}", counted(asked, "package"))
        }
        PlanState::Unknown => match plan.needs.installables.len() {
            0 => "checking… reading packages".to_owned(),
            number => format!("checking… {}", counted(number, "addition")),
        },
        PlanState::Blocked => {
            let kinds = model.groups.iter().filter(|group| group.kind.is_blocking());
            format!("blocked: {}", counted(kinds.count(), "collision"))
        }
        PlanState::Impossible if plan.left.iter().any(|left| left.reason == LeftReason::Registry) => {
            "cannot be applied: a registry edit failed".to_owned()
        }
        PlanState::Impossible if plan.left.iter().any(|left| left.collision_inside().is_some()) => {
            "cannot be applied: an environment collides inside".to_owned()
        }
        PlanState::Impossible if plan.tree_after.problems.is_empty() => {
            "cannot be applied: an addition failed".to_owned()
        }
        PlanState::Impossible => "cannot be applied: a package cannot be read".to_owned(),
        PlanState::Ready => "ready".to_owned(),
    }
}

/// What to press next; nothing while a screen on top takes the keys.
fn plan_keys(canvas: &Canvas<'_>, plan: &Plan) -> Row {
    let (model, theme) = (canvas.model, canvas.theme);
    if !model.overlays.is_empty() {
        return Row::new();
    }
    let mut offers = Vec::new();
    if !model.groups.is_empty() && plan.collisions.blocking() > 0 {
        offers.push((Action::Collisions, "resolve"));
    }
    if plan.changes.is_empty() {
        let earlier = model.loaded().is_some_and(|loaded| loaded.last_live.is_some());
        if earlier && model.why_read_only().is_none() {
            offers.push((Action::GoBack, "back to the last live generation"));
        }
    } else {
        offers.push((Action::Undo, "undo"));
        offers.push((Action::Review, "review & apply"));
    }
    let mut row = Row::new();
    for (action, words) in offers {
        let key = model.keymap.name(Scope::Installed, action);
        if !key.is_empty() {
            row = row.put("   ", Style::new()).put(key, theme.key).put(format!(" {words}"), Style::new());
        }
    }
    row.put(" ", Style::new())
}

/// The keys that count now, from the key table.
pub fn hints(canvas: &mut Canvas<'_>, area: Rect) {
    let (model, theme) = (canvas.model, canvas.theme);
    let width = usize::from(area.width).saturating_sub(2);
    let mut row = Row::text(" ");
    let no_tree = model.scope() == Scope::Preview && preview::shown_tab(model) != PreviewTab::Tree;
    let cannot_apply = model.scope() == Scope::Review && !model.can_apply();
    let nothing_to_write = match model.overlays.last() {
        Some(Overlay::Contained(screen)) => screen.row().is_none_or(|row| row.is_linked),
        _ => false,
    };
    let is_worth = |action| match action {
        Action::Accept => !nothing_to_write,
        Action::Unfold | Action::Fold | Action::ToggleFold | Action::ShowUnchanged => !no_tree,
        Action::Yes => !cannot_apply,
        Action::CompareClosures => model.scope() != Scope::Preview || subject(model) != Subject::Plan,
        Action::Realise => model.plan.as_ref().is_some_and(|plan| !plan.realise.is_empty()),
        _ => true,
    };
    let hints = model.keymap.hints_for(model.scope(), width, is_worth);
    for (index, (key, word)) in hints.into_iter().enumerate() {
        let gap = if index > 0 { "  " } else { "" };
        row = row.put(gap, Style::new()).put(key, theme.key).put(format!(" {word}"), theme.faint);
    }
    canvas.row(area, 0, &row);
}

/// The keys again on the last inner line of a popup that covers the whole screen.
pub fn popup_hints(canvas: &mut Canvas<'_>, area: Rect) {
    if area.height == canvas.model.size.1 {
        let inside = inner(area);
        let line = Rect { y: inside.bottom().saturating_sub(1), height: inside.height.min(1), ..inside };
        hints(canvas, line);
    }
}

/// A line with something at both ends; the right end goes if both do not fit.
pub fn ends(canvas: &mut Canvas<'_>, area: Rect, left: Row, right: Row) {
    let room = usize::from(area.width);
    let row = if left.width() + right.width() < room {
        let column = room - right.width();
        left.to(column).join(right)
    } else {
        left
    };
    canvas.row(area, 0, &row);
}
