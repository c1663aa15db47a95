//! The text of the review: what stands in the way, every change under its kind, what
//! stays, the tree, the steps, and the keys that answer.

use std::collections::BTreeMap;

use ratatui::style::Style;

use super::review_cost;
use super::review_registry::{self, Shape};
use crate::core::difference::{self, DifferenceKind, ElementDifference};
use crate::core::file_tree::Basis;
use crate::core::home_manager;
use crate::core::manifest::{DEFAULT_PRIORITY, ElementSource};
use crate::core::plan::{Plan, PlanState, PlannedElement};
use crate::core::resolution::CollisionKind;
use crate::core::visible;
use crate::system::profile_folder::ProfileState;
use crate::tui::action::Action;
use crate::tui::keymap::Scope;
use crate::tui::model::{JobKind, Model};
use crate::tui::panes::bars::plan_words;
use crate::tui::panes::difference::difference_words;
use crate::tui::panes::element::{Sign, difference_sign, next_generation, reference, relations, version};
use crate::tui::panes::environment;
use crate::tui::theme::{self, Theme};
use crate::tui::view::row::Row;
use crate::tui::view::words::{counted, cut_store_path, grouped, width, wrapped};

/// Whether a job runs whose progress belongs below the review.
pub fn shows_progress(model: &Model) -> bool {
    let shown = |kind| matches!(kind, JobKind::Apply | JobKind::Realise);
    model.job.as_ref().is_some_and(|job| shown(job.kind))
}

/// Whether the plan is being applied right now.
pub fn is_applying(model: &Model) -> bool {
    model.job.as_ref().is_some_and(|job| job.kind == JobKind::Apply)
}

/// All lines of the text.
pub fn lines(model: &Model, width: usize) -> Vec<Row> {
    let Some(plan) = &model.plan else { return vec![Row::text("   reading the profile…")] };
    let differences = difference::between(&plan.base.manifest, &plan.after);
    let lead = titles_width(&differences, width, &model.theme);
    let text = Text { model, plan, theme: &model.theme, width, lead };
    let mut rows = text.state();
    rows.extend(text.changes(&differences));
    for (number, words) in review_registry::names(plan).iter().enumerate() {
        rows.extend(text.fact(if number == 0 { "names" } else { "" }, words));
    }
    rows.extend(text.inside());
    rows.extend(text.left());
    let shape = Shape { width, lead: text.lead, theme: text.theme };
    let registry = review_registry::section(plan, shape);
    if !registry.is_empty() && !rows.is_empty() {
        rows.push(Row::new());
    }
    rows.extend(registry);
    rows.push(Row::new());
    rows.extend(text.kept(&differences));
    rows.extend(text.tree());
    if plan.basis() != Basis::Unknown {
        rows.extend(text.commands());
    }
    if plan.state() == PlanState::Ready {
        rows.extend(text.costs());
        rows.push(Row::new());
        rows.extend(text.steps());
    } else {
        rows.push(Row::new());
    }
    if !is_applying(model) {
        rows.push(text.answers());
    }
    rows
}

/// What becomes of a profile of nix-env that is converted.
const CONVERTS: &str = "this makes the profile one of nix profile: priorities, outputs and what is switched \
    off stay, the flag 'keep' goes, and nix-env refuses the profile from then on; going back to this \
    generation gives it back to nix-env";

struct Text<'a> {
    model: &'a Model,
    plan: &'a Plan,
    theme: &'a Theme,
    width: usize,
    /// Width of the column of titles.
    lead: usize,
}

impl Text<'_> {
    /// A title and what is to say, on as many lines as it takes.
    fn fact(&self, title: &str, words: &str) -> Vec<Row> {
        let lead = |title: &str| Row::text(" ").cell(title, self.lead, self.theme.faint);
        let lines = wrapped(words, self.width.saturating_sub(self.lead + 2));
        let mut rows: Vec<Row> = lines.into_iter().map(|line| lead("").put(line, Style::new())).collect();
        match rows.first_mut() {
            Some(first) => *first = lead(title).join(std::mem::take(first).without_left(self.lead + 1)),
            None => rows.push(lead(title)),
        }
        rows
    }

    /// Words on lines of their own.
    fn says(&self, words: &str, style: Style) -> Vec<Row> {
        let lines = wrapped(words, self.width.saturating_sub(2));
        lines.into_iter().map(|line| Row::text(" ").put(line, style)).collect()
    }

    /// A warning that goes on below its first word: `! removing 'nix' takes away …`.
    fn warns(&self, words: &str) -> Vec<Row> {
        let style = self.theme.blocking;
        let lines = wrapped(words, self.width.saturating_sub(4)).into_iter().enumerate();
        let glyph = |index| if index == 0 { theme::BLOCKING } else { "" };
        lines.map(|(index, line)| Row::text(" ").cell(glyph(index), 2, style).put(line, style)).collect()
    }

    /// What stands in the way, if anything.
    fn state(&self) -> Vec<Row> {
        let style = self.theme.blocking;
        let mut rows = Vec::new();
        match self.plan.state() {
            PlanState::Ready => {}
            PlanState::Nothing | PlanState::Unknown => {
                rows.extend(self.says(&plan_words(self.model, self.plan), self.theme.strong));
            }
            PlanState::Blocked => {
                let key = self.model.keymap.name(Scope::Installed, Action::Collisions);
                let words =
                    format!("{}; {key} on the main screen shows ways out", plan_words(self.model, self.plan));
                rows.extend(self.says(&words, style));
            }
            PlanState::Impossible => {
                let words = format!("{}; {}", plan_words(self.model, self.plan), self.way_back());
                rows.extend(self.says(&words, style));
                let problems = self.plan.tree_after.problems.iter().map(ToString::to_string);
                for line in problems.flat_map(|problem| wrapped(&problem, self.width.saturating_sub(4))) {
                    rows.push(Row::text("   ").put(line, self.theme.error));
                }
            }
        }
        if let Some(loaded) = self.model.loaded() {
            let words = match &loaded.state {
                ProfileState::Dangling if loaded.generations.is_empty() => {
                    "the profile link leads to nothing yet: applying makes a profile in its place"
                }
                ProfileState::Dangling => "the profile link is broken: applying replaces it",
                ProfileState::WithoutManifest => {
                    "what stands at the profile link is not a profile: applying replaces it"
                }
                ProfileState::Missing | ProfileState::NixEnvironment | ProfileState::Present => "",
            };
            rows.extend(self.says(words, style));
        }
        if self.plan.converts() {
            rows.extend(self.warns(CONVERTS));
        }
        for lost in &self.model.lost {
            rows.extend(self.warns(&lost.words()));
        }
        for words in home_manager::taken_back(self.plan) {
            rows.extend(self.says(&words, self.theme.changed));
        }
        if let Some(trouble) = &self.model.next_switch {
            rows.extend(self.warns(&format!("{}; {}", trouble.words(), trouble.to_stage())));
        }
        if !rows.is_empty() {
            rows.push(Row::new());
        }
        rows
    }

    /// How to get rid of what cannot be done: it may not be what was staged last.
    fn way_back(&self) -> String {
        let key = |action| self.model.keymap.name(Scope::Installed, action);
        let last = self.plan.changes.len().checked_sub(1);
        let refused: Vec<_> = self.plan.elements.iter().filter(|row| row.refused.is_some()).collect();
        match refused.first() {
            Some(first) if refused.len() > 1 || first.added_by != last => {
                let names: Vec<&str> = refused.iter().map(|row| row.name.as_str()).collect();
                let names = visible::text(&names.join(", "));
                format!("{} on its row on the main screen takes it back: {names}", key(Action::Remove))
            }
            _ => format!("{} on the main screen takes back the last step", key(Action::Undo)),
        }
    }

    /// Every change under its kind: `↑ upgrade (2)    bat    0.24.0 → 0.25.0`.
    fn changes(&self, differences: &[ElementDifference]) -> Vec<Row> {
        use DifferenceKind::{
            Active, Added, Downgraded, Kept, LetGo, Outputs, Priority, Rebuilt, Reference, Removed, Renamed,
            Source, Upgraded,
        };
        let names = differences.iter().map(|found| width(&found.name)).max().unwrap_or(0).clamp(6, 26);
        let cells = |found: &ElementDifference| {
            found.kinds.iter().map(|kind| width(&change_words(found, *kind))).max().unwrap_or(0)
        };
        let widest = if self.width >= 98 { 20 } else { 15 };
        let column = differences.iter().map(cells).max().unwrap_or(0).min(widest);
        let mut rows = Vec::new();
        for kind in [
            Added, Upgraded, Downgraded, Rebuilt, Removed, Priority, Active, Kept, LetGo, Outputs, Renamed,
            Reference, Source,
        ] {
            let sign = difference_sign(kind, self.theme);
            let found: Vec<_> = differences.iter().filter(|found| found.kinds.contains(&kind)).collect();
            for (index, difference) in found.iter().enumerate() {
                let title = if index == 0 { kind_title(&sign, found.len()) } else { String::new() };
                let row = Row::text(" ").cell(title, self.lead, sign.style);
                let row = row.cell(&difference.name, names, Style::new()).put("  ", Style::new());
                rows.push(row.join(self.change((difference, kind), column)));
            }
        }
        rows
    }

    fn change(&self, (found, kind): (&ElementDifference, DifferenceKind), column: usize) -> Row {
        let row = Row::text(change_words(found, kind));
        let gap = column.saturating_sub(row.width()) + if self.width >= 98 { 4 } else { 2 };
        row.put(" ".repeat(gap), Style::new()).put(self.remark(found, kind), self.theme.faint)
    }

    fn remark(&self, found: &ElementDifference, kind: DifferenceKind) -> String {
        let meets = || {
            let list = relations(&self.model.groups, &found.name);
            list.into_iter().map(|(_, words)| words).collect::<Vec<_>>().join(", ")
        };
        match (kind, &found.after) {
            (DifferenceKind::Added, Some(after)) => {
                let room = self.width.saturating_sub(self.lead + 36).max(24);
                let reference = cut_store_path(&reference(after), room);
                if after.priority == DEFAULT_PRIORITY {
                    reference
                } else {
                    format!("{reference}   priority {}", after.priority)
                }
            }
            (DifferenceKind::Removed, _) => match self.model.loaded().and_then(|loaded| loaded.current) {
                Some(current) => format!("generation {current} still holds it"),
                None => String::new(),
            },
            (DifferenceKind::Active, Some(after)) if !after.active => {
                "stays installed, its files leave the tree".to_owned()
            }
            (
                DifferenceKind::Upgraded | DifferenceKind::Downgraded | DifferenceKind::Rebuilt,
                Some(after),
            ) => review_cost::revisions(found.before.as_ref(), after),
            (DifferenceKind::Priority, _) | (DifferenceKind::Active, Some(_)) => meets(),
            _ => String::new(),
        }
    }

    /// What was asked for and is not in the plan.
    fn left(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        for left in &self.plan.left {
            let title = format!("{} left out", theme::FAILED);
            let lines = wrapped(&left.message, self.width.saturating_sub(self.lead + 4));
            let lead = Row::text(" ").cell(title, self.lead, self.theme.error);
            rows.push(lead.put(&left.element, self.theme.strong));
            let indent = " ".repeat(self.lead + 3);
            rows.extend(lines.iter().take(6).map(|line| Row::text(&indent).put(line, self.theme.error)));
        }
        rows
    }

    fn kept(&self, differences: &[ElementDifference]) -> Vec<Row> {
        let differs =
            |name: &str| differences.binary_search_by(|found| found.name.as_str().cmp(name)).is_ok();
        let kept = self.plan.after.elements.iter().filter(|(name, _)| !differs(name));
        let (mut count, mut off, mut locked) = (0, Vec::new(), Vec::new());
        for (name, element) in kept {
            count += 1;
            if !element.active {
                off.push(name.as_str());
            } else if element.source.as_ref().is_some_and(ElementSource::is_locked) {
                locked.push(name.as_str());
            }
        }
        if count == 0 {
            return Vec::new();
        }
        let mut parts = Vec::new();
        let is_kept = |name: &&String| !differs(name);
        let failed =
            self.model.upgrades.found.keys().filter(|name| self.model.upgrades.failure(name).is_some());
        let failed: Vec<&str> = failed.filter(is_kept).map(String::as_str).collect();
        let held: Vec<&str> = self.model.upgrades.held.iter().filter(is_kept).map(String::as_str).collect();
        let of = [(locked, "locked ref"), (off, "switched off"), (held, "held"), (failed, "failed")];
        for (names, words) in of {
            match names.as_slice() {
                [] => {}
                [name] => parts.push(format!("1 {words} ({name})")),
                names => parts.push(format!("{} {words}", names.len())),
            }
        }
        let title = if self.width >= 98 { "kept as is" } else { "kept" };
        let mut rows = self.fact(&format!("{title} ({})", grouped(count)), &parts.join(", "));
        rows.push(Row::new());
        rows
    }

    /// What changes inside of environments.
    fn inside(&self) -> Vec<Row> {
        let of_one = |row: &PlannedElement| {
            let lines = environment::inside(self.model, &row.name);
            let words = format!("{}: {}", visible::text(&row.name), lines.join(", "));
            (!lines.is_empty()).then_some(words)
        };
        let told: Vec<String> = self.plan.elements.iter().filter_map(of_one).collect();
        let title = |index| if index == 0 { "inside" } else { "" };
        told.iter().enumerate().flat_map(|(index, words)| self.fact(title(index), words)).collect()
    }

    fn tree(&self) -> Vec<Row> {
        if self.plan.state() == PlanState::Unknown {
            return self.fact("profile tree", "not known yet: packages are still being read");
        }
        if self.plan.basis() == Basis::Unknown {
            return self.fact("profile tree", "not known as a whole until what is missing is built");
        }
        let total = self.model.preview.total;
        let links = if total.before == total.after {
            counted(total.after, "link")
        } else {
            format!("{} {} {}", grouped(total.before), theme::ARROW, counted(total.after, "link"))
        };
        let lead = |title: &str| Row::text(" ").cell(title, self.lead, self.theme.faint);
        let mut row = lead("profile tree").put(links, Style::new()).put(" ", Style::new());
        for (count, glyph, style) in [
            (total.added, theme::ADDED, self.theme.added),
            (total.changed, theme::CHANGED, self.theme.changed),
            (total.removed, theme::REMOVED, self.theme.removed),
        ] {
            if count > 0 {
                row = row.put(format!("  {glyph}{}", grouped(count)), style);
            }
        }
        let collisions = self.collisions();
        if row.width() + collisions.width() + 3 <= self.width {
            vec![row.put("   ", Style::new()).join(collisions)]
        } else {
            vec![row, lead("").join(collisions)]
        }
    }

    /// Which commands come and go: what people will notice first.
    fn commands(&self) -> Vec<Row> {
        let found = self.plan.command_difference();
        let mut rows = Vec::new();
        for (names, glyph) in [(found.added, theme::ADDED), (found.removed, theme::REMOVED)] {
            let shown = if self.width >= 98 { 12 } else { 6 };
            let more = names.len().saturating_sub(shown);
            let words: Vec<String> = names.iter().take(shown).map(|name| visible::bytes(name)).collect();
            let words = words.join(" ");
            let end = if more > 0 { format!(" and {} more", grouped(more)) } else { String::new() };
            if !names.is_empty() {
                let title = if rows.is_empty() { "commands" } else { "" };
                rows.extend(self.fact(title, &format!("{glyph} {words}{end}")));
            }
        }
        rows
    }

    fn collisions(&self) -> Row {
        let count = |wanted: fn(CollisionKind) -> bool| {
            self.model.groups.iter().filter(|group| wanted(group.kind)).count()
        };
        let inside = self.plan.left.iter().filter(|left| left.collision_inside().is_some()).count();
        let blocking = count(CollisionKind::is_blocking) + inside;
        let row = match (blocking, self.model.groups.len() + inside) {
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

    /// What it costs, and how sure that and the tree are.
    fn costs(&self) -> Vec<Row> {
        let facts = review_cost::facts(self.model, self.plan);
        facts.iter().flat_map(|(title, words)| self.fact(title, words)).collect()
    }

    fn realise_step(&self) -> Option<String> {
        const SHOWN: usize = 6;
        let wanted = &self.plan.realise;
        let mut names: Vec<&str> = wanted.iter().take(SHOWN).map(|wanted| wanted.element.as_str()).collect();
        let more = format!("{} more", wanted.len().saturating_sub(SHOWN));
        if wanted.len() > SHOWN {
            names.push(&more);
        }
        let names = visible::text(&names.join(", "));
        (!wanted.is_empty()).then(|| format!("fetch or build {names}; what fails stays as it is"))
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
        let mut rows = vec![Row::text(" ").put("steps", self.theme.faint)];
        let tree = match &self.plan.after.environment {
            None => "build the new profile tree and its manifest.json (version 3)",
            Some(_) => "build the user environment and its manifest.nix, as nix-env does",
        };
        let makes_generation = self.plan.makes_generation();
        let realise = self.realise_step();
        let profile = realise.as_deref().into_iter().chain([tree, switch.as_str()]);
        let profile = profile.filter(|_| makes_generation);
        for (number, words) in (1..).zip(profile.chain(review_registry::step(self.plan))) {
            for (index, line) in wrapped(words, self.width.saturating_sub(8)).into_iter().enumerate() {
                let number = if index == 0 { format!("   {number}  ") } else { "      ".to_owned() };
                rows.push(Row::text(number).put(line, Style::new()));
            }
        }
        rows.push(Row::new());
        if let Some(current) = current.filter(|_| makes_generation) {
            let keys = self.model.keys_back();
            let words = format!("{keys} goes back to {current}; applying deletes nothing");
            rows.extend(self.fact("undo", &words));
            rows.push(Row::new());
        }
        rows
    }

    fn answers(&self) -> Row {
        let key = |action| self.model.keymap.name(Scope::Review, action);
        let read_only = self.model.why_read_only().is_some();
        let no_nix = !read_only && self.model.store_trouble.is_some();
        let mut row = Row::text("   ");
        if read_only {
            row = row.put("read-only: nothing can be applied      ", self.theme.changed);
        }
        if no_nix {
            row = row.put("no nix here: nothing can be applied      ", self.theme.error);
        }
        let offers = [(Action::Yes, "apply"), (Action::No, "back"), (Action::SavePlan, "save plan")];
        for (action, words) in offers {
            if action == Action::Yes && !self.model.can_apply() {
                continue;
            }
            row = row.put(key(action), self.theme.key).put(format!("  {words}      "), Style::new());
        }
        row
    }
}

/// `+ add (3)`
fn kind_title(sign: &Sign, count: usize) -> String {
    format!("{} {} ({})", sign.glyph, sign.word, grouped(count))
}

/// Cells of the column of titles: hundreds of removals have a longer one than one.
fn titles_width(differences: &[ElementDifference], room: usize, theme: &Theme) -> usize {
    let mut counts: BTreeMap<DifferenceKind, usize> = BTreeMap::new();
    for kind in differences.iter().flat_map(|found| &found.kinds) {
        *counts.entry(*kind).or_default() += 1;
    }
    let titles = counts.into_iter().map(|(kind, count)| kind_title(&difference_sign(kind, theme), count));
    let longest = titles.map(|title| width(&title) + 1).max().unwrap_or(0);
    longest.max(if room >= 98 { 20 } else { 14 })
}

/// What one kind of difference is, under its heading: `0.24.0 → 0.25.0`.
fn change_words(found: &ElementDifference, kind: DifferenceKind) -> String {
    let only = ElementDifference { kinds: vec![kind], ..found.clone() };
    match kind {
        DifferenceKind::Added => found.after.as_ref().map(version).unwrap_or_default(),
        DifferenceKind::Removed => found.before.as_ref().map(version).unwrap_or_default(),
        DifferenceKind::Priority => difference_words(&only).replace("priority ", ""),
        _ => difference_words(&only),
    }
}
