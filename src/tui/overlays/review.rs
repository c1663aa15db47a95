//! The review screen: everything that applying would do, before anything is done.
//! Only `y` applies, and the key that opened this screen does not.

use ratatui::layout::Rect;
use ratatui::style::Style;

use super::progress;
use crate::core::difference::{self, DifferenceKind, ElementDifference};
use crate::core::file_tree::Basis;
use crate::core::plan::{Plan, PlanState};
use crate::core::resolution::CollisionKind;
use crate::system::profile_folder::ProfileState;
use crate::tui::action::Action;
use crate::tui::keymap::Scope;
use crate::tui::layout;
use crate::tui::model::{JobKind, Model, Overlay, ReviewScreen};
use crate::tui::panes::bars::{self, plan_words};
use crate::tui::panes::difference::difference_words;
use crate::tui::panes::element::{
    difference_sign, is_locked, next_generation, reference, relations, version,
};
use crate::tui::theme::{self, Theme};
use crate::tui::view::canvas::{Border, Canvas};
use crate::tui::view::row::Row;
use crate::tui::view::words::{counted, cut_store_path, grouped, wrapped};

/// Draws the screen.
pub fn draw(canvas: &mut Canvas<'_>, screen: &ReviewScreen) {
    let model = canvas.model;
    canvas.clear(Rect::new(0, 0, model.size.0, model.size.1));
    let bars_of = layout::screen(model.size);
    bars::title(canvas, bars_of.title);
    let (text, panel) = split(model);
    let lines = lines(model, usize::from(layout::inner(text).width));
    let height = usize::from(layout::inner(text).height);
    let scroll = screen.scroll.min(lines.len().saturating_sub(height));
    let corner = if lines.len() > height {
        let key = |action| model.keymap.name(Scope::Review, action);
        Row::text(format!(
            "{} of {}   {}/{} scroll",
            (scroll + height).min(lines.len()),
            lines.len(),
            key(Action::ScrollDown),
            key(Action::ScrollUp)
        ))
    } else {
        Row::new()
    };
    let border = Border {
        title: Row::new().put("Review", canvas.theme.title),
        right: Row::text(if is_applying(model) { "applying" } else { "nothing has changed yet" }),
        corner,
        focused: matches!(model.overlays.last(), Some(Overlay::Review(_))),
        ..Border::default()
    };
    let inside = canvas.pane(text, &border);
    canvas.rows(inside, lines.iter().skip(scroll));
    if let Some(area) = panel {
        progress::draw(canvas, area);
    }
    note(canvas, bars_of.note, screen);
    bars::hints(canvas, bars_of.hints);
}

/// How far the text can be scrolled.
pub fn max_scroll(model: &Model, _screen: &ReviewScreen) -> usize {
    let inside = layout::inner(split(model).0);
    lines(model, usize::from(inside.width)).len().saturating_sub(usize::from(inside.height))
}

fn is_applying(model: &Model) -> bool {
    model.job.as_ref().is_some_and(|job| job.kind == JobKind::Apply)
}

/// The text above, the progress panel below while a job runs.
fn split(model: &Model) -> (Rect, Option<Rect>) {
    let body = layout::screen(model.size).body;
    if !is_applying(model) {
        return (body, None);
    }
    let panel = 7.min(body.height / 2);
    let (text, panel) = layout::split_rows(body, body.height - panel);
    (text, Some(panel))
}

fn note(canvas: &mut Canvas<'_>, area: Rect, screen: &ReviewScreen) {
    let model = canvas.model;
    if model.toast.is_some() {
        return bars::plan(canvas, area);
    }
    let wide = area.width >= 100;
    let (words, style) = match (screen.revision == model.revision, wide) {
        (true, true) => (
            " enter does nothing here on purpose; the key that opened this screen does not confirm it",
            canvas.theme.faint,
        ),
        (true, false) => (" enter does nothing here on purpose", canvas.theme.faint),
        (false, _) => (" the plan has changed: close this screen and open it again", canvas.theme.changed),
    };
    canvas.row(area, 0, &Row::new().put(words, style));
}

/// All lines of the text.
fn lines(model: &Model, width: usize) -> Vec<Row> {
    let Some(plan) = &model.plan else { return vec![Row::text("   reading the profile …")] };
    let text = Text { model, plan, theme: &model.theme, width };
    let differences = difference::between(&plan.base.manifest, &plan.after);
    let mut rows = text.state();
    rows.extend(text.changes(&differences));
    rows.extend(text.left());
    rows.push(Row::new());
    rows.extend(text.kept(&differences));
    rows.extend(text.tree());
    rows.extend(text.contents());
    rows.push(Row::new());
    rows.extend(text.steps());
    rows.extend(text.answers());
    rows
}

struct Text<'a> {
    model: &'a Model,
    plan: &'a Plan,
    theme: &'a Theme,
    width: usize,
}

impl Text<'_> {
    /// Width of the column of titles.
    fn lead(&self) -> usize {
        if self.width >= 98 { 20 } else { 14 }
    }

    fn fact(&self, title: &str, words: impl AsRef<str>) -> Row {
        Row::text(" ").cell(title, self.lead(), self.theme.faint).put(words, Style::new())
    }

    /// What stands in the way, if anything.
    fn state(&self) -> Vec<Row> {
        let style = self.theme.blocking;
        let mut rows = Vec::new();
        match self.plan.state() {
            PlanState::Ready => {}
            PlanState::Nothing | PlanState::Unknown => {
                rows.push(Row::text(" ").put(plan_words(self.model, self.plan), self.theme.strong));
            }
            PlanState::Blocked => {
                let key = self.model.keymap.name(Scope::Installed, Action::Collisions);
                let words =
                    format!("{}; {key} on the main screen shows ways out", plan_words(self.model, self.plan));
                rows.push(Row::text(" ").put(words, style));
            }
            PlanState::Impossible => {
                rows.push(Row::text(" ").put(plan_words(self.model, self.plan), style));
                let problems = self.plan.tree_after.problems.iter().map(ToString::to_string);
                for line in problems.flat_map(|problem| wrapped(&problem, self.width.saturating_sub(4))) {
                    rows.push(Row::text("   ").put(line, self.theme.error));
                }
            }
        }
        if let Some(state) = self.model.loaded().map(|loaded| &loaded.state) {
            let words = match state {
                ProfileState::Dangling => "the profile link is broken: applying replaces it",
                ProfileState::WithoutManifest => {
                    "what stands at the profile link is not a profile: applying replaces it"
                }
                ProfileState::Missing | ProfileState::NixEnvironment | ProfileState::Present => "",
            };
            if !words.is_empty() {
                rows.push(Row::text(" ").put(words, style));
            }
        }
        if !rows.is_empty() {
            rows.push(Row::new());
        }
        rows
    }

    /// Every change under its kind: `↑ upgrade (2)    bat    0.24.0 → 0.25.0`.
    fn changes(&self, differences: &[ElementDifference]) -> Vec<Row> {
        use DifferenceKind::{Active, Added, Downgraded, Priority, Rebuilt, Removed, Source, Upgraded};
        let mut rows = Vec::new();
        for kind in [Added, Upgraded, Downgraded, Rebuilt, Removed, Priority, Active, Source] {
            let sign = difference_sign(kind, self.theme);
            let found: Vec<_> = differences.iter().filter(|found| found.kinds.contains(&kind)).collect();
            for (index, difference) in found.iter().enumerate() {
                let title = match index {
                    0 => format!("{} {} ({})", sign.glyph, sign.word, found.len()),
                    _ => String::new(),
                };
                let row = Row::text(" ").cell(title, self.lead(), sign.style);
                rows.push(row.join(self.change(difference, kind)));
            }
        }
        rows
    }

    fn change(&self, found: &ElementDifference, kind: DifferenceKind) -> Row {
        let only = ElementDifference { kinds: vec![kind], ..found.clone() };
        let words = match kind {
            DifferenceKind::Added => found.after.as_ref().map(version).unwrap_or_default(),
            DifferenceKind::Removed => found.before.as_ref().map(version).unwrap_or_default(),
            DifferenceKind::Priority => difference_words(&only).replace("priority ", ""),
            _ => difference_words(&only),
        };
        let (name, version) = if self.width >= 98 { (17, 22) } else { (14, 18) };
        let row = Row::new().cell(&found.name, name, Style::new()).put("  ", Style::new());
        row.cell(words, version, Style::new())
            .put("  ", Style::new())
            .put(self.remark(found, kind), self.theme.faint)
    }

    fn remark(&self, found: &ElementDifference, kind: DifferenceKind) -> String {
        let meets = || {
            let list = relations(&self.model.groups, &found.name);
            list.into_iter().map(|(_, words)| words).collect::<Vec<_>>().join(", ")
        };
        match (kind, &found.after) {
            (DifferenceKind::Added, Some(after)) => {
                let room = self.width.saturating_sub(self.lead() + 36).max(24);
                let reference = cut_store_path(&reference(after), room);
                if after.priority == crate::core::manifest::DEFAULT_PRIORITY {
                    reference
                } else {
                    format!("{reference}   priority {}", after.priority)
                }
            }
            (DifferenceKind::Removed, _) => match self.model.loaded().and_then(|loaded| loaded.current) {
                Some(current) => format!("generation {current} still holds it"),
                None => String::new(),
            },
            (DifferenceKind::Priority, _) => meets(),
            (DifferenceKind::Active, Some(after)) if !after.active => {
                "stays installed, its files leave the tree".to_owned()
            }
            (DifferenceKind::Active, Some(_)) => meets(),
            _ => String::new(),
        }
    }

    /// What was asked for and is not in the plan.
    fn left(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        for left in &self.plan.left {
            let title = format!("{} left out", theme::FAILED);
            let lines = wrapped(&left.message, self.width.saturating_sub(self.lead() + 4));
            rows.push(
                Row::text(" ")
                    .cell(title, self.lead(), self.theme.error)
                    .put(&left.element, self.theme.strong),
            );
            rows.extend(
                lines
                    .into_iter()
                    .take(6)
                    .map(|line| Row::text(" ".repeat(self.lead() + 3)).put(line, self.theme.error)),
            );
        }
        rows
    }

    fn kept(&self, differences: &[ElementDifference]) -> Vec<Row> {
        let kept = self
            .plan
            .after
            .elements
            .iter()
            .filter(|(name, _)| !differences.iter().any(|found| found.name == **name));
        let (mut count, mut off, mut locked) = (0, Vec::new(), Vec::new());
        for (name, element) in kept {
            count += 1;
            if !element.active {
                off.push(name.as_str());
            } else if element.source.as_ref().is_some_and(is_locked) {
                locked.push(name.as_str());
            }
        }
        if count == 0 {
            return Vec::new();
        }
        let mut parts = Vec::new();
        for (names, words) in [(locked, "locked ref"), (off, "switched off")] {
            match names.as_slice() {
                [] => {}
                [name] => parts.push(format!("1 {words} ({name})")),
                names => parts.push(format!("{} {words}", names.len())),
            }
        }
        let title = if self.width >= 98 { "kept as is" } else { "kept" };
        vec![self.fact(&format!("{title} ({})", grouped(count)), parts.join(", ")), Row::new()]
    }

    fn tree(&self) -> Vec<Row> {
        if self.plan.state() == PlanState::Unknown {
            return vec![self.fact("profile tree", "not known yet: packages are still being read")];
        }
        let total = self.model.preview.total;
        let links = if total.before == total.after {
            format!("{} links", grouped(total.after))
        } else {
            format!("{} {} {} links", grouped(total.before), theme::ARROW, grouped(total.after))
        };
        let mut row = self.fact("profile tree", links).put(" ", Style::new());
        for (count, glyph, style) in [
            (total.added, theme::ADDED, self.theme.added),
            (total.changed, theme::CHANGED, self.theme.changed),
            (total.removed, theme::REMOVED, self.theme.removed),
        ] {
            if count > 0 {
                row = row.put(format!("  {glyph}{}", grouped(count)), style);
            }
        }
        vec![row.put("   ", Style::new()).join(self.collisions())]
    }

    fn collisions(&self) -> Row {
        let count = |wanted: fn(CollisionKind) -> bool| {
            self.model.groups.iter().filter(|group| wanted(group.kind)).count()
        };
        let blocking = count(CollisionKind::is_blocking);
        let row = match (blocking, self.model.groups.len()) {
            (0, 0) => Row::new().put("no collisions", self.theme.good),
            (0, _) => Row::new().put("nothing blocks", self.theme.good),
            _ => Row::new().put(counted(blocking, "blocking collision"), self.theme.blocking),
        };
        let shadowed = count(|kind| kind == CollisionKind::Shadowed);
        let latent = count(|kind| kind == CollisionKind::Latent);
        let row =
            if shadowed > 0 { row.put(format!(", {shadowed} shadowed"), self.theme.shadowed) } else { row };
        if latent > 0 { row.put(format!(", {latent} latent"), self.theme.latent) } else { row }
    }

    fn contents(&self) -> Vec<Row> {
        match (self.plan.needs.is_empty(), self.plan.basis()) {
            (true, Basis::Exact) => vec![self.fact("download", "nothing: every package is in the store")],
            (_, Basis::Listing) => {
                vec![self.fact("contents", "from a binary cache's listing, not downloaded yet")]
            }
            _ => Vec::new(),
        }
    }

    fn steps(&self) -> Vec<Row> {
        let current = self.model.loaded().and_then(|loaded| loaded.current);
        let switch = match (current, next_generation(self.model)) {
            (Some(current), Some(next)) => {
                format!("check the profile is still generation {current}, then switch it to {next}")
            }
            (None, Some(next)) => format!("make generation {next} and point the profile to it"),
            (_, None) => "switch the profile".to_owned(),
        };
        let mut rows = vec![
            Row::text(" ").put("steps", self.theme.faint),
            Row::text("   1  build the new profile tree and its manifest.json (version 3)"),
            Row::text(format!("   2  {switch}")),
            Row::new(),
        ];
        if let Some(current) = current {
            let key = self.model.keymap.name(Scope::Installed, Action::GoBack);
            let yes = self.model.keymap.name(Scope::Rollback, Action::Yes);
            let words = format!("{key} then {yes} goes back to {current}; applying deletes nothing");
            rows.push(self.fact("undo", words));
            rows.push(Row::new());
        }
        rows
    }

    fn answers(&self) -> Vec<Row> {
        let key = |action| self.model.keymap.name(Scope::Review, action);
        let can_apply = self.plan.state() == PlanState::Ready && !self.model.read_only;
        let mut row = Row::text("   ");
        if self.model.read_only {
            row = row.put("read-only: nothing can be applied      ", self.theme.changed);
        }
        let offers = [(Action::Yes, "apply"), (Action::No, "back"), (Action::SavePlan, "save plan")];
        for (action, words) in offers {
            if action == Action::Yes && !can_apply {
                continue;
            }
            row = row.put(key(action), self.theme.key).put(format!("  {words}      "), Style::new());
        }
        vec![row]
    }
}
