//! What two generations differ in beside their elements: which programs come, go, show or hide,
//! which collisions appear and vanish, how many links differ in each folder, and what differs in
//! everything they need.

use std::collections::BTreeMap;

use ratatui::style::Style;

use super::element::collision_sign;
use super::history::generation;
use crate::core::closure_difference::PackageDifference;
use crate::core::comparison::{Comparison, ProgramChange, ProgramDifference, Provider};
use crate::core::folder_counts::by_folder;
use crate::core::link_tree::{Claimant, Collisions};
use crate::core::package::package_name;
use crate::core::resolution::CollisionKind;
use crate::core::visible;
use crate::tui::action::Action;
use crate::tui::keymap::Scope;
use crate::tui::model::Model;
use crate::tui::theme::{self, Theme};
use crate::tui::view::row::Row;
use crate::tui::view::words::{counted, cut_end, grouped, size, wrapped};

/// Cells before the words.
const LABEL: usize = 20;
/// Programs that are told by name in one list.
const NAMED: usize = 200;

/// The sections, with an empty line before each.
pub fn sections(model: &Model, found: &Comparison, width: usize) -> Vec<Row> {
    let text = Text { theme: &model.theme, found, width };
    let mut rows = text.lost();
    rows.extend(text.programs());
    rows.extend(text.collisions());
    rows.extend(text.problems());
    rows
}

/// What happens to programs, on one line: `- jj-lsp   visible jj   hidden hello`; empty if nothing does.
pub fn programs_in_short(model: &Model, found: &Comparison) -> Row {
    let theme = &model.theme;
    let mut row = Row::new();
    for (change, word, style) in [
        (ProgramChange::Missing, "missing", theme.removed),
        (ProgramChange::BecomesVisible, "visible", theme.changed),
        (ProgramChange::Hidden, "hidden", theme.shadowed),
    ] {
        let names: Vec<String> = of_kind(found, change).map(name).collect();
        if names.is_empty() {
            continue;
        }
        let gap = if row.is_empty() { "" } else { "   " };
        let more = names.len().saturating_sub(3);
        let end = if more > 0 { format!(" and {} more", grouped(more)) } else { String::new() };
        let shown = names.iter().take(3).map(String::as_str).collect::<Vec<_>>().join(" ");
        row = row.put(format!("{gap}{word} "), style).put(format!("{shown}{end}"), Style::new());
    }
    row
}

fn of_kind(found: &Comparison, kind: ProgramChange) -> impl Iterator<Item = &ProgramDifference> {
    found.programs.iter().filter(move |program| program.change() == kind)
}

fn name(program: &ProgramDifference) -> String {
    visible::text(&visible::bytes(&program.name))
}

struct Text<'a> {
    theme: &'a Theme,
    found: &'a Comparison,
    width: usize,
}

impl Text<'_> {
    /// A label and words that go on below themselves.
    fn told(&self, label: &str, words: &str, style: Style) -> Vec<Row> {
        let room = self.width.saturating_sub(LABEL + 3).max(12);
        let lines = wrapped(words, room).into_iter().enumerate();
        let row = |(index, line): (usize, String)| {
            let label = if index == 0 { label } else { "" };
            Row::text(" ").cell(label, LABEL, self.theme.faint).put(line, style)
        };
        lines.map(row).collect()
    }

    fn lost(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        for lost in &self.found.lost {
            let words = format!("{} {}", theme::BLOCKING, lost.words());
            let lines = wrapped(&words, self.width.saturating_sub(2));
            rows.extend(lines.into_iter().map(|line| Row::text(" ").put(line, self.theme.blocking)));
        }
        headed(rows)
    }

    fn programs(&self) -> Vec<Row> {
        let mut rows = self.names("missing from PATH", ProgramChange::Missing);
        for (change, words, style) in [
            (ProgramChange::BecomesVisible, "becomes visible", self.theme.changed),
            (ProgramChange::Hidden, "becomes hidden", self.theme.shadowed),
            (ProgramChange::ChangesHands, "changes hands", self.theme.changed),
        ] {
            for program in of_kind(self.found, change) {
                let row = Row::text(" ").cell(words, LABEL, style);
                rows.push(
                    row.put(format!("bin/{}  ", name(program)), Style::new()).join(self.hands(program)),
                );
            }
        }
        rows.extend(self.names("new on PATH", ProgramChange::Appears));
        headed(rows)
    }

    fn names(&self, label: &str, change: ProgramChange) -> Vec<Row> {
        let names: Vec<String> = of_kind(self.found, change).map(name).collect();
        if names.is_empty() {
            return Vec::new();
        }
        let more = names.len().saturating_sub(NAMED);
        let end = if more > 0 { format!(" and {} more", grouped(more)) } else { String::new() };
        let shown = names.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(" ");
        self.told(label, &format!("{shown}{end}"), Style::new())
    }

    /// `jujutsu-0.29.0 → jj-1.9.2`
    fn hands(&self, program: &ProgramDifference) -> Row {
        let package = |provider: &Option<Provider>| {
            provider.as_ref().map_or_else(|| theme::NOTHING.to_owned(), |it| package_name(&it.package))
        };
        let words = format!("{} {} {}", package(&program.before), theme::ARROW, package(&program.after));
        Row::new().put(words, self.theme.faint)
    }

    fn collisions(&self) -> Vec<Row> {
        let before = |package: &[u8]| self.found.plan.element_before(package).map(str::to_owned);
        let after = |package: &[u8]| self.found.plan.element_of(package).map(str::to_owned);
        let mut rows = self.collision_lines("appears", &self.found.appeared, &after);
        rows.extend(self.collision_lines("vanishes", &self.found.vanished, &before));
        headed(rows)
    }

    fn collision_lines(
        &self,
        verb: &str,
        collisions: &Collisions,
        owner: &dyn Fn(&[u8]) -> Option<String>,
    ) -> Vec<Row> {
        let line = |((kind, sides), files): ((CollisionKind, String), usize)| {
            let sign = collision_sign(kind, self.theme);
            Row::text(" ")
                .put(sign.glyph, sign.style)
                .put(format!(" {:<1$}", format!("{} {verb}", sign.word), LABEL - 2), sign.style)
                .put(sides, Style::new())
                .put(format!("   {}", counted(files, "file")), self.theme.faint)
        };
        counted_by_sides(collisions, owner).into_iter().map(line).collect()
    }

    fn problems(&self) -> Vec<Row> {
        let plan = &self.found.plan;
        let mut problems: Vec<String> = Vec::new();
        for problem in plan.tree_before.problems.iter().chain(&plan.tree_after.problems) {
            let words = visible::text(&problem.to_string());
            if !problems.contains(&words) {
                problems.push(words);
            }
        }
        let lines = problems.iter().flat_map(|words| self.told("cannot be read", words, self.theme.error));
        headed(lines.collect())
    }
}

/// `links   1 204 → 1 190, bin/ -2 ~41, share/ -14 ~96`
pub fn folders(model: &Model, found: &Comparison, width: usize) -> Vec<Row> {
    let text = Text { theme: &model.theme, found, width };
    let (old, new) = (found.plan.tree_before.root.counts.links, found.plan.tree_after.root.counts.links);
    let total = if old == new {
        format!("{} as before", grouped(new))
    } else {
        format!("{} {} {}", grouped(old), theme::ARROW, grouped(new))
    };
    if found.links.is_empty() {
        return headed(text.told("links", &format!("{total}, none differs"), Style::new()));
    }
    let folders = by_folder(&found.links).into_iter().map(|folder| {
        let counts = [
            (folder.removed, theme::REMOVED),
            (folder.changed, theme::CHANGED),
            (folder.added, theme::ADDED),
        ];
        let counts = counts.iter().filter(|(count, _)| *count > 0);
        let counts: Vec<String> = counts.map(|(count, sign)| format!("{sign}{}", grouped(*count))).collect();
        format!("{}/ {}", visible::text(&visible::bytes(&folder.name)), counts.join(" "))
    });
    let words = format!("{}, {}", total, folders.collect::<Vec<_>>().join(", "));
    headed(text.told("links", &words, Style::new()))
}

/// Everything two generations need, package by package with versions and sizes, if it was asked for.
pub fn closures(model: &Model, (from, to): (u64, u64), width: usize) -> Vec<Row> {
    let theme = &model.theme;
    let target = |number| {
        let found = model.loaded().and_then(|loaded| generation(loaded, number));
        found.map(|found| found.generation.target.clone())
    };
    let (Some(before), Some(after)) = (target(from), target(to)) else { return Vec::new() };
    let compared = (before, after);
    let pane = &model.history.comparisons;
    let lead = Row::text(" ").cell("all they need", LABEL, theme.faint);
    let found = match pane.closures_of(&compared) {
        Some(Ok(found)) => found,
        Some(Err(reason)) => return headed(vec![lead.put(reason, theme.error)]),
        None if pane.closures_asked.as_ref() == Some(&compared) => {
            return headed(vec![lead.put("checking…", theme.faint)]);
        }
        None => {
            let key = model.keymap.name(Scope::History, Action::CompareClosures);
            return headed(vec![lead.put(key, theme.key).put(" compares it, with sizes", theme.faint)]);
        }
    };
    let sign = if found.after < found.before { "-" } else { "+" };
    let change = format!("{sign}{}", size(found.after.abs_diff(found.before)));
    let sizes = format!("{} {} {}, {change}", size(found.before), theme::ARROW, size(found.after));
    let count = match found.packages.len() {
        0 => "the same packages in the same versions".to_owned(),
        number => counted(number, "package"),
    };
    let mut rows = vec![lead.put(sizes, theme.strong).put(format!("   {count}"), Style::new())];
    let names = (width / 3).clamp(10, 28);
    rows.extend(found.packages.iter().map(|package| package_row(theme, package, (names, width))));
    headed(rows)
}

/// `   glibc          2.40-66 → 2.40-218          +1.2 KiB`
fn package_row(theme: &Theme, package: &PackageDifference, (names, width): (usize, usize)) -> Row {
    let (sign, style) = match (package.removed.is_empty(), package.added.is_empty()) {
        (true, false) if package.before == 0 => (theme::ADDED, theme.added),
        (false, true) if package.after == 0 => (theme::REMOVED, theme.removed),
        _ => (theme::CHANGED, theme.changed),
    };
    let words = package.words();
    let words = words.strip_prefix(&format!("{}: ", package.name)).unwrap_or(&words);
    let row = Row::text("   ").put(sign, style).put(" ", Style::new());
    let row = row.cell(&package.name, names, style).put("  ", Style::new());
    let room = width.saturating_sub(row.width());
    row.put(cut_end(words, room), Style::new())
}

/// The rows with an empty one before them, if there are any.
fn headed(mut rows: Vec<Row>) -> Vec<Row> {
    if !rows.is_empty() {
        rows.insert(0, Row::new());
    }
    rows
}

/// Files by kind and by who takes part, `jujutsu hides jj`.
fn counted_by_sides(
    collisions: &Collisions,
    owner: &dyn Fn(&[u8]) -> Option<String>,
) -> BTreeMap<(CollisionKind, String), usize> {
    let owner_of =
        |claimant: &Claimant| owner(&claimant.package).unwrap_or_else(|| package_name(&claimant.package));
    let sides = |claimants: &[Claimant], between: &str| {
        let mut names: Vec<String> = claimants.iter().map(owner_of).collect();
        names.dedup();
        names.join(between)
    };
    let against = format!(" {} ", theme::AGAINST);
    let mut found = BTreeMap::new();
    let mut add = |kind, sides: String| *found.entry((kind, sides)).or_insert(0) += 1;
    for tie in &collisions.ties {
        add(CollisionKind::Tie, sides(&tie.claimants, &against));
    }
    for clash in &collisions.type_clashes {
        add(CollisionKind::TypeClash, sides(&clash.claimants, &against));
    }
    for shadowed in &collisions.shadowed {
        let losers = sides(&shadowed.losers, ", ");
        add(CollisionKind::Shadowed, format!("{} hides {losers}", owner_of(&shadowed.winner)));
    }
    for latent in &collisions.latent {
        let tied = sides(&latent.claimants, " = ");
        add(CollisionKind::Latent, format!("{} hides {tied}", owner_of(&latent.winner)));
    }
    found
}
