//! The Diff tab: what a plan changes, element by element and link by link, or what
//! going to another generation would change. Of generations the trees are compared on a lane;
//! until that is done only the elements are told.
//!
//! Lines are found by their index, so that a difference of 27,000 links costs only
//! the lines on the screen.

use ratatui::layout::Rect;
use ratatui::style::Style;

use super::element::{collides_at, difference_sign, origin, reference, shown_path, versions};
use super::{comparison_text, history, states};
use crate::core::difference::{self, DifferenceKind, ElementDifference, outputs_words};
use crate::core::link_tree::{Link, LinkDifference};
use crate::core::manifest::ProfileElement;
use crate::core::package::package_name;
use crate::core::plan::Plan;
use crate::core::resolution::CollisionGroup;
use crate::tui::layout::{self, Shape};
use crate::tui::model::{ComparedAnswer, Model, Overlay, Pane};
use crate::tui::theme;
use crate::tui::view::canvas::Canvas;
use crate::tui::view::row::Row;
use crate::tui::view::words::{cut_start, grouped, wrapped};

/// What the preview is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The staged changes.
    Plan,
    /// From one generation to another.
    Generations(u64, u64),
}

/// What the preview is about now: a rollback that is asked for, a comparison, the generation
/// under the cursor of History, else the plan.
pub fn subject(model: &Model) -> Subject {
    let current = model.loaded().and_then(|loaded| loaded.current);
    if let Some(Overlay::Rollback(sheet)) = model.overlays.last() {
        return sheet.from.map_or(Subject::Plan, |from| Subject::Generations(from, sheet.to));
    }
    if model.list != Pane::History {
        return Subject::Plan;
    }
    if let Some((older, newer)) = model.history.compared {
        return Subject::Generations(older, newer);
    }
    match (current, history::selected(model)) {
        (Some(current), Some(found)) if found.generation.number != current => {
            Subject::Generations(current, found.generation.number)
        }
        _ => Subject::Plan,
    }
}

/// The elements that differ between two generations, or why that cannot be told.
pub fn between_generations(model: &Model, from: u64, to: u64) -> Result<Vec<ElementDifference>, String> {
    let manifest = |number| {
        let loaded = model.loaded().ok_or_else(|| "nothing has been read yet".to_owned())?;
        if let Some(reason) = loaded.damaged.as_ref().filter(|_| loaded.current == Some(number)) {
            return Err(format!("generation {number} cannot be read: {reason}"));
        }
        let found = history::generation(loaded, number);
        let found = found.ok_or_else(|| format!("generation {number} does not exist"))?;
        found.manifest.as_ref().map_err(|reason| format!("generation {number} cannot be read: {reason}"))
    };
    Ok(difference::between(manifest(from)?, manifest(to)?))
}

/// What is known of two generations and their trees; nothing before they were compared.
pub fn comparison(model: &Model, from: u64, to: u64) -> Option<&ComparedAnswer> {
    let loaded = model.loaded()?;
    let target = |number| history::generation(loaded, number).map(|found| found.generation.target.clone());
    model.history.comparisons.of(&(target(from)?, target(to)?))
}

/// Lines of the Diff tab, known by their number before any is made.
pub struct Lines<'a> {
    heading: Vec<Row>,
    elements: Vec<ElementDifference>,
    /// Between the elements and the links.
    sections: Vec<Row>,
    /// Where among the sections that of the closures begins.
    closures: Option<usize>,
    links: Option<&'a LinkDifference>,
}

impl<'a> Lines<'a> {
    /// What the tab shows now.
    pub fn new(model: &'a Model, width: usize) -> Self {
        match subject(model) {
            Subject::Plan => model.plan.as_ref().map_or_else(
                || Self {
                    heading: vec![Row::text(" ").put(states::no_tree(model), model.theme.faint)],
                    elements: Vec::new(),
                    sections: Vec::new(),
                    closures: None,
                    links: None,
                },
                |plan| Self::of_plan(model, plan),
            ),
            Subject::Generations(from, to) => Self::of_generations(model, from, to, width),
        }
    }

    fn of_plan(model: &'a Model, plan: &'a Plan) -> Self {
        let elements = difference::between(&plan.base.manifest, &plan.after);
        let links = &*model.preview.difference;
        let text = match (plan.changes.is_empty(), elements.is_empty()) {
            (true, _) => " nothing is staged: the profile stays as it is",
            (false, true) if !plan.makes_generation() && plan.edits_registry() => {
                " no element changes; only your registry does"
            }
            (false, true) => " no element changes",
            (false, false) if plan.collisions.blocking() > 0 => " applying would, if nothing collided",
            (false, false) => " applying would",
        };
        let heading = vec![Row::text(text), Row::new()];
        Self { heading, elements, sections: Vec::new(), closures: None, links: Some(links) }
    }

    fn of_generations(model: &'a Model, from: u64, to: u64, width: usize) -> Self {
        let current = model.loaded().and_then(|loaded| loaded.current);
        let (elements, text) = match between_generations(model, from, to) {
            Err(reason) => (Vec::new(), reason),
            Ok(elements) if elements.is_empty() => {
                (elements, format!("{from} and {to} hold the same elements, in the same builds"))
            }
            Ok(elements) if current == Some(from) => (elements, format!("going from {from} to {to} would")),
            Ok(elements) => (elements, format!("from {from} to {to}")),
        };
        let words = wrapped(&text, width.saturating_sub(2));
        let mut heading: Vec<Row> = words.into_iter().map(|line| Row::text(format!(" {line}"))).collect();
        heading.push(Row::new());
        let faint = |words: &str| vec![Row::new(), Row::text(" ").put(words, model.theme.faint)];
        let readable = between_generations(model, from, to).is_ok();
        let (mut sections, links) = match comparison(model, from, to) {
            Some(Ok(found)) => (comparison_text::sections(model, found, width), Some(&found.links)),
            Some(Err(reason)) => {
                let lines =
                    wrapped(&format!("the links cannot be compared: {reason}"), width.saturating_sub(2));
                let rows = lines.into_iter().map(|line| Row::text(" ").put(line, model.theme.error));
                (std::iter::once(Row::new()).chain(rows).collect(), None)
            }
            None if readable => (faint("checking… which links and programs differ"), None),
            None => (Vec::new(), None),
        };
        let closures = sections.len();
        sections.extend(comparison_text::closures(model, (from, to), width));
        if let Some(Ok(found)) = comparison(model, from, to) {
            sections.extend(comparison_text::folders(model, found, width));
        }
        Self { heading, elements, sections, closures: Some(closures), links }
    }

    /// How many lines there are.
    pub fn len(&self) -> usize {
        let links = self.links.map_or(0, |links| {
            [links.added.len(), links.changed.len(), links.removed.len()]
                .iter()
                .map(|n| n + 2 * usize::from(*n > 0))
                .sum()
        });
        self.heading.len() + self.elements.len() + self.sections.len() + links
    }

    /// The line at which what the generations need is told, of two generations.
    pub fn closures_at(&self) -> Option<usize> {
        Some(self.heading.len() + self.elements.len() + self.closures? + 1)
    }

    /// How many lines there are without the heading, unless it is all there is.
    pub fn told(&self) -> usize {
        match self.len() - self.heading.len() {
            0 => self.len(),
            told => told,
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// One line by its number.
    pub fn line(&self, canvas: &Canvas<'_>, index: usize, width: usize) -> Row {
        if let Some(row) = self.heading.get(index) {
            return row.clone();
        }
        let index = index - self.heading.len();
        if let Some(element) = self.elements.get(index) {
            return element_line(canvas, element, width);
        }
        let index = index - self.elements.len();
        if let Some(row) = self.sections.get(index) {
            return row.clone();
        }
        self.link_line(canvas, index - self.sections.len(), width)
    }

    fn link_line(&self, canvas: &Canvas<'_>, index: usize, width: usize) -> Row {
        let Some(links) = self.links else { return Row::new() };
        let theme = canvas.theme;
        let mut index = index;
        for (words, kind, count) in [
            ("new", DifferenceKind::Added, links.added.len()),
            ("changed", DifferenceKind::Rebuilt, links.changed.len()),
            ("gone", DifferenceKind::Removed, links.removed.len()),
        ] {
            if count == 0 {
                continue;
            }
            let sign = difference_sign(kind, theme);
            match index {
                0 => return Row::new(),
                1 => {
                    let noun = if count == 1 { "link" } else { "links" };
                    return Row::text(" ").put(format!("{} {words} {noun}", grouped(count)), theme.strong);
                }
                _ if index - 2 < count => {
                    let row = Row::text("   ").put(sign.glyph, sign.style).put(" ", Style::new());
                    return row.join(link_words(canvas, links, (kind, index - 2), width));
                }
                _ => index -= count + 2,
            }
        }
        Row::new()
    }
}

/// Path and what becomes of it: `bin/bat   bat-0.24.0 → bat-0.25.0`.
fn link_words(
    canvas: &Canvas<'_>,
    links: &LinkDifference,
    (kind, index): (DifferenceKind, usize),
    width: usize,
) -> Row {
    let package = |link: &Link| package_name(&link.package);
    let found = match kind {
        DifferenceKind::Added => links.added.get(index).map(|(path, link)| (path, package(link))),
        DifferenceKind::Removed => links.removed.get(index).map(|(path, link)| (path, package(link))),
        _ => links.changed.get(index).map(|(path, old, new)| {
            let (old, new) = (package(old), package(new));
            let same = old == new;
            (path, if same { format!("{new}, new build") } else { format!("{old} {} {new}", theme::ARROW) })
        }),
    };
    let Some((path, words)) = found else { return Row::new() };
    let collides = |group: &CollisionGroup| group.kind.is_blocking() && collides_at(group, path);
    let row = Row::new();
    let room = (width.saturating_sub(6) / 2).max(16);
    let row = row.cell(cut_start(&shown_path(path), room), room, Style::new()).put("  ", Style::new());
    if canvas.model.groups.iter().any(collides) {
        return row.put("undecided: it collides", canvas.theme.blocking);
    }
    row.put(words, Style::new())
}

/// `   ↑ bat           0.24.0 → 0.25.0      nixpkgs@9f2c`
pub fn element_line(canvas: &Canvas<'_>, found: &ElementDifference, width: usize) -> Row {
    let theme = canvas.theme;
    let kind = found.kinds.first().copied().unwrap_or(DifferenceKind::Source);
    let sign = difference_sign(kind, theme);
    let name = (width / 4).clamp(10, 24);
    let mut row = Row::text("   ").put(sign.glyph, sign.style).put(" ", Style::new());
    row = row.cell(&found.name, name, sign.style).put(" ", Style::new());
    row.put(difference_words(found), Style::new())
}

/// What happens to an element, in words: `0.24.0 → 0.25.0, priority 5 → 6`.
pub fn difference_words(found: &ElementDifference) -> String {
    let mut parts = Vec::new();
    let (old, new) = versions(found.before.as_ref(), found.after.as_ref());
    let sides = found.before.as_ref().zip(found.after.as_ref());
    for kind in &found.kinds {
        parts.push(match (kind, sides) {
            (DifferenceKind::Added, _) => {
                let after = found.after.as_ref();
                let from = after.map(origin).unwrap_or_default();
                format!("{}   from {from}", new.as_deref().unwrap_or("-"))
            }
            (DifferenceKind::Removed, _) => format!("{old} {} {}", theme::ARROW, theme::NOTHING),
            (DifferenceKind::Upgraded | DifferenceKind::Downgraded, _) => {
                format!("{old} {} {}", theme::ARROW, new.as_deref().unwrap_or("-"))
            }
            (DifferenceKind::Rebuilt, _) => "same version, new build".to_owned(),
            (DifferenceKind::Priority, Some((before, after))) => {
                format!("priority {} {} {}", before.priority, theme::ARROW, after.priority)
            }
            (DifferenceKind::Active, Some((_, after))) => {
                if after.active {
                    "switched on".to_owned()
                } else {
                    "switched off".to_owned()
                }
            }
            (DifferenceKind::Outputs, _) => outputs_words(found.before.as_ref(), found.after.as_ref()),
            (DifferenceKind::Reference, Some((before, after))) => {
                format!("from {} {} {}", followed(before), theme::ARROW, followed(after))
            }
            (DifferenceKind::Source, Some((before, after))) if origin(before) != origin(after) => {
                format!("from {} {} {}", origin(before), theme::ARROW, origin(after))
            }
            (DifferenceKind::Kept, _) => "kept when another version comes".to_owned(),
            (DifferenceKind::LetGo, _) => "not kept any more".to_owned(),
            (DifferenceKind::Renamed, _) => {
                format!("was called {}", found.name_before.as_deref().unwrap_or_default())
            }
            _ => "same files, other source".to_owned(),
        });
    }
    parts.join(", ")
}

/// Reference and attribute that an element follows, if it follows any.
fn followed(element: &ProfileElement) -> String {
    if element.source.is_some() { reference(element) } else { origin(element) }
}

/// Draws the lines from the scroll position on.
pub fn draw(canvas: &mut Canvas<'_>, inside: Rect) {
    let width = usize::from(inside.width);
    let lines = Lines::new(canvas.model, width);
    let (height, scroll) = window(canvas.model, inside);
    let first = scroll.min(lines.len().saturating_sub(usize::from(height)));
    for (line, index) in (0..height).zip(first..lines.len()) {
        let row = lines.line(canvas, index, width);
        canvas.row(inside, line, &row);
    }
}

/// How many lines of the tab are in sight, and the first of them: the rollback sheet covers some,
/// and has the keys that scroll.
pub fn window(model: &Model, inside: Rect) -> (u16, usize) {
    let Some(Overlay::Rollback(sheet)) = model.overlays.last() else {
        return (inside.height, model.preview.scroll);
    };
    let covered = layout::rollback_sheet(&Shape::of(model)).intersection(inside);
    if covered.is_empty() {
        return (inside.height, model.preview.scroll);
    }
    (covered.y.saturating_sub(inside.y), sheet.scroll)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::manifest::{ElementSource, ExtendedOutputsSpec};

    #[test]
    fn flags_names_and_references_are_told_as_what_they_are() {
        let element = |source| ProfileElement { active: true, priority: 5, store_paths: Vec::new(), source };
        let source = ElementSource {
            original_url: "flake:nixpkgs".to_owned(),
            url: "flake:nixpkgs".to_owned(),
            attr_path: "legacyPackages.x86_64-linux.bat".to_owned(),
            outputs: ExtendedOutputsSpec::Default,
        };
        let words = |kind, name_before: Option<&str>| {
            difference_words(&ElementDifference {
                name: "bat".to_owned(),
                name_before: name_before.map(str::to_owned),
                kinds: vec![kind],
                before: Some(element(None)),
                after: Some(element(Some(source.clone()))),
            })
        };
        assert_eq!(words(DifferenceKind::Kept, None), "kept when another version comes");
        assert_eq!(words(DifferenceKind::LetGo, None), "not kept any more");
        assert_eq!(words(DifferenceKind::Renamed, Some("cat")), "was called cat");
        assert_eq!(words(DifferenceKind::Reference, None), "from store path → nixpkgs#bat");
    }
}
