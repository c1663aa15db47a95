//! Everything about an element: what it is, whom it meets, where it comes from, what it
//! weighs, and which generations changed it.

use std::collections::BTreeMap;

use ratatui::style::Style;

use super::decides;
use super::sheet::Sheet;
use crate::core::difference::DifferenceKind;
use crate::core::home_manager;
use crate::core::manifest::{DEFAULT_PRIORITY, ElementSource, ExtendedOutputsSpec, ProfileElement};
use crate::core::plan::PlannedElement;
use crate::core::resolution::CollisionKind;
use crate::core::user_environment::EnvironmentPackage;
use crate::core::visible;
use crate::tui::model::{Model, Weight};
use crate::tui::panes::details::selected_element;
use crate::tui::panes::difference::difference_words;
use crate::tui::panes::element::{
    self, collision_sign, difference_sign, member_name, planned_difference, relations, versions,
};
use crate::tui::panes::element_history::{self, Beginning};
use crate::tui::panes::{environment, states, upgrade};
use crate::tui::theme;
use crate::tui::view::row::Row;
use crate::tui::view::words::{age, counted, cut_store_path, size};

pub(super) fn about(model: &Model) -> String {
    let plan = model.plan.as_deref();
    plan.and_then(|plan| selected_element(model, plan)).map(|found| found.name.clone()).unwrap_or_default()
}

pub(super) fn lines(model: &Model, width: usize) -> Vec<Row> {
    let mut sheet = Sheet::new(&model.theme, width);
    let Some(found) = model.plan.as_deref().and_then(|plan| selected_element(model, plan)) else {
        nothing(model, &mut sheet);
        return sheet.finish();
    };
    sheet.line(Row::text(" ").put(&found.name, sheet.theme.strong));
    sheet.gap();
    if let Some(reason) = &found.refused {
        sheet.text("It cannot be added:", sheet.theme.error);
        for line in reason.lines() {
            sheet.text(line, Style::new());
        }
        if let Some(words) = upgrade::allowing(model, &found.name) {
            sheet.text(&words, Style::new());
        }
        sheet.gap();
        decides::lines(model, &mut sheet, found);
        return sheet.finish();
    }
    let Some(element) = found.after.as_ref().or(found.before.as_ref()) else {
        sheet.text("It is being looked up; this takes as long as Nix takes.", Style::new());
        sheet.gap();
        decides::lines(model, &mut sheet, found);
        return sheet.finish();
    };
    what_it_is(model, &mut sheet, found, element);
    whom_it_meets(model, &mut sheet, found, element);
    how_it_moves(model, &mut sheet, found);
    where_from(model, &mut sheet, found, element);
    what_it_weighs(model, &mut sheet, element);
    what_happened(model, &mut sheet, found);
    sheet.finish()
}

fn nothing(model: &Model, sheet: &mut Sheet<'_>) {
    if model.plan.as_ref().is_some_and(|plan| !plan.elements.is_empty()) {
        return sheet.text("No element is shown.", sheet.theme.faint);
    }
    let (heading, paragraphs) = states::reason(model);
    sheet.text(&heading, sheet.theme.strong);
    for paragraph in paragraphs {
        sheet.gap();
        sheet.text(&paragraph, Style::new());
    }
}

fn what_it_is(model: &Model, sheet: &mut Sheet<'_>, found: &PlannedElement, element: &ProfileElement) {
    let (old, new) = versions(found.before.as_ref(), found.after.as_ref());
    sheet.fact("version", &new.map_or(old.clone(), |new| format!("{old} {} {new}", theme::ARROW)));
    if let Some(difference) = planned_difference(found) {
        let kind = difference.kinds.first().copied().unwrap_or(DifferenceKind::Source);
        let sign = difference_sign(kind, &model.theme);
        let words = match kind {
            DifferenceKind::Added => "an addition".to_owned(),
            DifferenceKind::Removed => "its removal".to_owned(),
            _ => difference_words(&difference),
        };
        sheet.styled("staged", &format!("{} {words}", sign.glyph), sign.style);
    }
    for (index, words) in environment::inside(model, &found.name).iter().enumerate() {
        sheet.fact(if index == 0 { "inside" } else { "" }, words);
    }
    sheet.fact("priority", &priority_words(element.priority));
    if element.active {
        sheet.fact("state", "on: its files are linked into the profile");
    } else {
        sheet.styled("state", "off: it stays installed, and none of its files are linked", sheet.theme.off);
    }
}

/// A priority in words; the lower number wins.
fn priority_words(priority: i32) -> String {
    let words = match priority.cmp(&DEFAULT_PRIORITY) {
        std::cmp::Ordering::Equal => "the default".to_owned(),
        std::cmp::Ordering::Less => format!("stronger than the default {DEFAULT_PRIORITY}"),
        std::cmp::Ordering::Greater => format!("weaker than the default {DEFAULT_PRIORITY}"),
    };
    format!("{priority}, {words}; the lower number wins")
}

fn whom_it_meets(model: &Model, sheet: &mut Sheet<'_>, found: &PlannedElement, element: &ProfileElement) {
    let checking = model.plan.as_ref().is_some_and(|plan| !plan.needs.tree.is_empty());
    if checking {
        return sheet.styled("meets", "checking… packages are being read", sheet.theme.faint);
    }
    if found.after.is_none() || !element.active {
        return sheet.fact("meets", "nobody: none of its files are linked");
    }
    let (wins, loses) = shadows(model, &found.name);
    sheet.fact("wins over", &wins);
    sheet.fact("loses to", &loses);
    let others = relations(&model.groups, &found.name);
    for (kind, words) in others.into_iter().filter(|(kind, _)| *kind != CollisionKind::Shadowed) {
        let sign = collision_sign(kind, &model.theme);
        sheet.styled("", &format!("{} {words}", sign.glyph), sign.style);
    }
}

/// Whom an element hides and who hides it: `jj (9 files)`, or `nobody`.
fn shadows(model: &Model, name: &str) -> (String, String) {
    let (mut wins, mut loses): (BTreeMap<String, usize>, BTreeMap<String, usize>) = Default::default();
    for group in model.groups.iter().filter(|group| group.kind == CollisionKind::Shadowed) {
        let own = group.elements.iter().find(|member| member.element.as_deref() == Some(name));
        let Some(own) = own else { continue };
        for other in group.elements.iter().filter(|other| other.winner != own.winner) {
            let side = if own.winner { &mut wins } else { &mut loses };
            *side.entry(member_name(other)).or_default() += group.paths.len();
        }
    }
    let words = |side: BTreeMap<String, usize>| {
        let each = side.into_iter().map(|(name, files)| format!("{name} ({})", counted(files, "file")));
        let all: Vec<String> = each.collect();
        if all.is_empty() { "nobody".to_owned() } else { all.join(", ") }
    };
    (words(wins), words(loses))
}

/// What makes it move, what keeps it from moving, and what went wrong when it should.
fn how_it_moves(model: &Model, sheet: &mut Sheet<'_>, found: &PlannedElement) {
    let is_home_manager_s = found.before.as_ref().is_some_and(home_manager::is_its_own);
    if is_home_manager_s || found.package().is_some() {
        return;
    }
    sheet.gap();
    for (title, words) in upgrade::moves(model, found) {
        sheet.fact(title, &words);
    }
    let Some((_, message)) = model.upgrades.failure(&found.name) else { return };
    let mut title = "failed";
    for line in message.lines() {
        sheet.styled(title, &visible::text(line), sheet.theme.error);
        title = "";
    }
}

fn where_from(model: &Model, sheet: &mut Sheet<'_>, found: &PlannedElement, element: &ProfileElement) {
    sheet.gap();
    if let Some(package) = found.package() {
        return of_nix_env(sheet, package);
    }
    if home_manager::is_its_own(element) {
        sheet.fact(
            "kept by",
            "home-manager: its next switch takes this out, installs what your configuration says then, and \
             sets priority 5",
        );
        if let Some(trouble) = &model.next_switch {
            let words = format!("{} {}; {}", theme::BLOCKING, trouble.words(), trouble.to_stage());
            sheet.styled("", &words, sheet.theme.blocking);
        }
        return;
    }
    // What nix-env finds by a name in a file means nothing to an element of nix profile.
    if let Some(file) = model.file_of(&found.name, element).filter(|file| file.question().is_some()) {
        return sheet.fact("file", &visible::text(&file.words()));
    }
    let Some(source) = &element.source else {
        return sheet
            .fact("source", "none: it was added by store path, file or expression, and no upgrade finds it");
    };
    sheet.fact("follows", &element::reference(element));
    decides::lines(model, sheet, found);
    sheet.fact("original", &source.original_url);
    sheet.fact("locked", &source.url);
    match source.revision() {
        Some(revision) => sheet.fact("revision", revision),
        None => sheet.fact("revision", "none: the reference is locked in another way, or not at all"),
    }
    if let Some(words) = lock_age(model, found, source) {
        sheet.fact("", &words);
    }
    if source.is_locked() {
        let words = "the original names it, so no upgrade moves it";
        sheet.styled("", &format!("{} {words}", theme::LOCKED), sheet.theme.locked);
    }
    if let Some(address) = model.homepages.of(source) {
        sheet.fact("homepage", address);
    }
    sheet.fact("attribute", &source.attr_path);
    sheet.fact(
        "outputs",
        &match &source.outputs {
            ExtendedOutputsSpec::Default => "those that the package installs by default".to_owned(),
            ExtendedOutputsSpec::All => "all of them".to_owned(),
            ExtendedOutputsSpec::Names(names) => names.join(", "),
        },
    );
}

/// What nix-env records of a package.
fn of_nix_env(sheet: &mut Sheet<'_>, package: &EnvironmentPackage) {
    sheet.fact("name", &visible::text(&package.name));
    if let Some(description) = package.description() {
        sheet.fact("is", &visible::text(description));
    }
    sheet.fact("outputs", &package.outputs.keys().cloned().collect::<Vec<_>>().join(", "));
    if package.keep() {
        sheet.fact("kept", "nix-env leaves it alone when another version is installed or upgraded");
    }
}

/// How old the revision is: by its own date if the reference has one, else since when it is here.
fn lock_age(model: &Model, found: &PlannedElement, source: &ElementSource) -> Option<String> {
    let ago = |time| age(time, model.now, &model.time_zone);
    if let Some(time) = last_modified(&source.url) {
        return Some(format!("from {}", ago(time)));
    }
    if found.before.as_ref().and_then(|before| before.source.as_ref()) != Some(source) {
        return Some("locked while this was staged".to_owned());
    }
    let (number, time) = element_history::of(model.loaded()?, &found.name).locked_since?;
    Some(format!("in use since generation {number}, {}", ago(time)))
}

/// When the sources were last changed, if the locked reference says so.
pub(in crate::tui) fn last_modified(url: &str) -> Option<i64> {
    let (_, query) = url.split_once('?')?;
    query.split('&').find_map(|pair| pair.strip_prefix("lastModified="))?.parse().ok()
}

fn what_it_weighs(model: &Model, sheet: &mut Sheet<'_>, element: &ProfileElement) {
    sheet.gap();
    match model.measured.of_element(element) {
        Weight::Exact(all) => {
            sheet.fact("size", &format!("{} in {}", size(all.bytes), counted(all.files, "file")));
        }
        Weight::Unknown => sheet.styled("size", "measuring…", sheet.theme.faint),
        Weight::Unreadable(reason) => {
            sheet.styled("size", &format!("unknown: {reason}"), sheet.theme.error);
        }
    }
    let several = element.store_paths.len() > 1;
    for (index, path) in element.store_paths.iter().enumerate() {
        let weight = match model.measured.sizes.get(path) {
            Some(Ok(weight)) if several => size(weight.bytes),
            _ => String::new(),
        };
        let room = sheet.room().saturating_sub(if several { 11 } else { 0 }).max(8);
        let label = if index == 0 { "store path" } else { "" };
        let label = if several && index == 0 { "store paths" } else { label };
        let text = cut_store_path(path.as_str(), room);
        let row = Row::text(" ").cell(label, 12, sheet.theme.faint).put(" ", Style::new());
        let row = if several { row.cell(text, room, Style::new()) } else { row.put(text, Style::new()) };
        sheet.line(row.right(weight, if several { 10 } else { 0 }, sheet.theme.faint));
    }
}

fn what_happened(model: &Model, sheet: &mut Sheet<'_>, found: &PlannedElement) {
    let Some(loaded) = model.loaded() else { return };
    sheet.heading("in the history");
    let history = element_history::of(loaded, &found.name);
    for event in &history.events {
        let kind = event.difference.kinds.first().copied().unwrap_or(DifferenceKind::Source);
        let sign = difference_sign(kind, &model.theme);
        let words = match kind {
            DifferenceKind::Added => format!("added, {}", difference_words(&event.difference)),
            _ => difference_words(&event.difference),
        };
        sheet.line(
            Row::text(" ")
                .cell(event.number.to_string(), 5, Style::new())
                .cell(age(event.time, model.now, &model.time_zone), 13, sheet.theme.faint)
                .put(sign.glyph, sign.style)
                .put(format!(" {words}"), Style::new()),
        );
    }
    let words = match history.beginning {
        Beginning::Added => return,
        Beginning::NotLive => "it is not in the live generation".to_owned(),
        Beginning::Oldest(number) => format!("generation {number}, the oldest that is left, has it already"),
        Beginning::Reading => "older generations are still being read".to_owned(),
    };
    sheet.text(&words, sheet.theme.faint);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn priorities_are_told_in_words() {
        assert_eq!(priority_words(5), "5, the default; the lower number wins");
        assert!(priority_words(-3).contains("stronger") && priority_words(6).contains("weaker"));
    }

    #[test]
    fn only_a_reference_that_says_its_date_has_one() {
        assert_eq!(last_modified("git+file:///src?lastModified=1700000000&rev=ab"), Some(1_700_000_000));
        assert_eq!(last_modified("github:NixOS/nixpkgs/ab?narHash=x"), None);
        assert_eq!(last_modified("path:/lastModified=1"), None);
    }
}
