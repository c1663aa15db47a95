//! What is known about the thing under the cursor: a link of the tree, or an element.
//!
//! Comes with what to do next if something is wrong with it.

use ratatui::style::Style;

use super::element::{self, collision_sign, member_title, origin, reference, relations, versions};
use super::{environment, upgrade};
use crate::core::link_tree::Node;
use crate::core::manifest::ProfileElement;
use crate::core::plan::{Plan, PlannedElement};
use crate::core::resolution::{CollisionGroup, CollisionKind};
use crate::core::visible;
use crate::tui::action::Action;
use crate::tui::keymap::Scope;
use crate::tui::model::{Model, Pane, PreviewTab, TreeLine, TreeLineKind, TreeMark};
use crate::tui::theme;
use crate::tui::view::canvas::Canvas;
use crate::tui::view::row::Row;
use crate::tui::view::words::{counted, cut_end, cut_start, cut_store_path, grouped};

/// At most `height` lines of `width` cells.
pub fn lines(canvas: &Canvas<'_>, width: usize, height: usize) -> Vec<Row> {
    let model = canvas.model;
    let Some(plan) = &model.plan else { return Vec::new() };
    let on_tree = model.focus == Pane::Preview && model.preview.tab == PreviewTab::Tree;
    let mut rows = match model.preview.lines.get(model.preview.cursor.selected).filter(|_| on_tree) {
        Some(line) => of_line(canvas, plan, line, width),
        None => selected_element(model, plan)
            .map_or_else(Vec::new, |found| of_element(canvas, found, width, height)),
    };
    rows.truncate(height);
    rows
}

/// The element under the cursor of pane 1.
pub fn selected_element<'a>(model: &'a Model, plan: &'a Plan) -> Option<&'a PlannedElement> {
    let index = model.installed.rows.get(model.installed.cursor.selected)?;
    plan.elements.get(*index)
}

fn of_line(canvas: &Canvas<'_>, plan: &Plan, line: &TreeLine, width: usize) -> Vec<Row> {
    let group = canvas.model.groups.iter().find(|group| element::collides_at(group, &line.path));
    if let Some(group) = group {
        let mut rows = of_collision(canvas, group, &line.path, width);
        rows.extend(on_path(canvas, line, width));
        return rows;
    }
    let path = Row::text(" ").put(visible::bytes(&line.path), canvas.theme.strong);
    match &line.kind {
        TreeLineKind::Unchanged(count) => {
            vec![path.put(format!("   {} stay as they are", grouped(*count)), Style::new())]
        }
        TreeLineKind::Folder { links, .. } => {
            let words = format!(
                "/   a real folder with {}, because several packages bring it",
                counted(*links, "link")
            );
            vec![path.put(words, Style::new())]
        }
        TreeLineKind::Link { folder, .. } => {
            let mut rows = vec![path];
            let goes = matches!(line.mark, TreeMark::Removed | TreeMark::Awaited);
            let tree = if goes { &plan.tree_before } else { &plan.tree_after };
            if let Some(Node::Link(link)) = tree.get(&line.path) {
                let target = visible::text(&visible::bytes(&link.target(&line.path)));
                let target = cut_store_path(&target, width.saturating_sub(5));
                rows.push(Row::text(format!("  {} {target}", theme::ARROW)));
                let owner =
                    if goes { plan.element_before(&link.package) } else { plan.element_of(&link.package) };
                rows.push(Row::text(match owner {
                    Some(owner) => format!("    from {owner}, priority {}", link.priority),
                    None => "    propagated by another package".to_owned(),
                }));
            }
            rows.extend(on_path(canvas, line, width));
            if *folder {
                rows.push(Row::new().put(
                    "    one link to the whole folder, as only one package brings it",
                    canvas.theme.faint,
                ));
            }
            rows
        }
    }
}

/// Whether the program of a line is the one that runs, once that was looked up.
fn on_path(canvas: &Canvas<'_>, line: &TreeLine, width: usize) -> Option<Row> {
    let found = canvas.model.preview.on_path.get(line.path.strip_prefix(b"bin/")?)?;
    let words = visible::text(&found.words());
    let style = if found.ours { Style::new() } else { canvas.theme.changed };
    Some(Row::text("    on PATH: ").put(cut_end(&words, width.saturating_sub(14)), style))
}

fn of_element(canvas: &Canvas<'_>, found: &PlannedElement, width: usize, height: usize) -> Vec<Row> {
    let model = canvas.model;
    let involved = |group: &&CollisionGroup| {
        group.kind.is_blocking()
            && group.elements.iter().any(|side| side.element.as_deref() == Some(&found.name))
    };
    if let Some(group) = model.groups.iter().find(involved)
        && let Some(path) = group.paths.first()
    {
        return of_collision(canvas, group, path, width);
    }
    let theme = canvas.theme;
    let name = Row::text(" ").put(&found.name, theme.strong);
    if let Some(reason) = &found.refused {
        let words = reason.lines().map(|line| Row::text(format!("   {}", visible::text(line))));
        let mend = upgrade::allowing(model, &found.name).map(|words| Row::text(format!("   {words}")));
        return std::iter::once(name.put("   cannot be added", theme.error))
            .chain(mend)
            .chain(words)
            .collect();
    }
    let Some(element) = found.after.as_ref().or(found.before.as_ref()) else {
        return vec![name.put("   is being looked up", theme.faint)];
    };
    let mut rows = element_rows(canvas, found, element);
    let room = height.saturating_sub(rows.len()).max(1);
    for path in element.store_paths.iter().take(room) {
        let path = cut_store_path(path.as_str(), width.saturating_sub(4));
        rows.push(Row::new().put(format!("   {path}"), theme.faint));
    }
    rows
}

/// Everything about an element but its store paths.
fn element_rows(canvas: &Canvas<'_>, found: &PlannedElement, element: &ProfileElement) -> Vec<Row> {
    let theme = canvas.theme;
    let (old, new) = versions(found.before.as_ref(), found.after.as_ref());
    let version = new.map_or(old.clone(), |new| format!("{old} {} {new}", theme::ARROW));
    let mut rows = vec![
        Row::text(" ")
            .put(&found.name, theme.strong)
            .put(format!("  {version}   priority {}", element.priority), Style::new()),
        Row::text(format!(
            "   from {}",
            match (&element.source, canvas.model.file_of(&found.name, element), found.package()) {
                (Some(_), _, _) => format!("{}   {}", reference(element), origin(element)),
                (None, Some(file), _) => format!("the file {}", visible::text(&file.words())),
                (None, None, Some(package)) => {
                    format!("nix-env   {}", visible::text(package.description().unwrap_or_default()))
                }
                (None, None, None) => "a store path".to_owned(),
            }
        )),
    ];
    if !element.active {
        rows.push(
            Row::text("   ").put("switched off: installed, but none of its files are linked", theme.off),
        );
    }
    let inside = environment::inside(canvas.model, &found.name);
    if !inside.is_empty() {
        rows.push(Row::text("   ").put(format!("inside: {}", inside.join(", ")), theme.changed));
    }
    rows.extend(upgrade::detail(canvas.model, found));
    for (kind, words) in relations(&canvas.model.groups, &found.name) {
        let sign = collision_sign(kind, theme);
        rows.push(Row::text(" ").put(sign.glyph, sign.style).put(format!(" {words}"), Style::new()));
    }
    rows
}

fn of_collision(canvas: &Canvas<'_>, group: &CollisionGroup, path: &[u8], width: usize) -> Vec<Row> {
    let theme = canvas.theme;
    let sign = collision_sign(group.kind, theme);
    let path_words = cut_start(&element::shown_path(path), width / 2);
    let mut rows = vec![
        Row::text(" ")
            .put(sign.glyph, sign.style)
            .put(" ", Style::new())
            .put(path_words, theme.strong)
            .put(format!("   {}", meaning(group)), Style::new()),
    ];
    let names: Vec<String> = group.elements.iter().map(member_title).collect();
    let names_room =
        names.iter().map(|name| crate::tui::view::words::width(name)).max().unwrap_or(0).min(width / 3);
    for (member, name) in group.elements.iter().zip(&names) {
        let target = format!("{}/{}", visible::bytes(&member.package), visible::bytes(path));
        let target = cut_store_path(&visible::text(&target), width.saturating_sub(names_room + 8));
        rows.push(
            Row::text("     ").cell(name, names_room, Style::new()).put(format!("  {target}"), theme.faint),
        );
    }
    if group.paths.len() > 1 {
        rows.push(
            Row::new().put(format!("     and {}", counted(group.paths.len() - 1, "more file")), theme.faint),
        );
    }
    if group.kind.is_blocking() {
        let key = canvas.model.keymap.name(Scope::Installed, Action::Collisions);
        let row = Row::text("   nix would refuse this profile.  ")
            .put(key, theme.key)
            .put(" shows ways out.", Style::new());
        rows.push(row);
    }
    rows
}

/// What a collision means, in one sentence.
pub fn meaning(group: &CollisionGroup) -> String {
    let winner =
        group.elements.iter().find(|member| member.winner).map(element::member_name).unwrap_or_default();
    let losers: Vec<String> =
        group.elements.iter().filter(|member| !member.winner).map(element::member_name).collect();
    match group.kind {
        CollisionKind::Tie => {
            let priority = group.elements.first().map(|member| member.priority).unwrap_or_default();
            format!(
                "tie: {} at priority {priority}",
                if losers.len() == 2 { "both".to_owned() } else { losers.len().to_string() }
            )
        }
        CollisionKind::TypeClash => "a file meets a folder; no priority helps".to_owned(),
        CollisionKind::Shadowed => format!("{winner} hides {}", losers.join(", ")),
        CollisionKind::Latent => format!("{} would tie without {winner}", losers.join(" and ")),
    }
}
