//! The elements that follow an entry: the revision each stands at, how old that is, and how far
//! the entry has moved away from it.
//!
//! Only what the machine knows by itself is told. A pinned entry names its revision; where
//! another leads today nobody knows without asking, and that is said.

use ratatui::style::Style;

use super::element::last_modified;
use super::sheet::Sheet;
use crate::core::manifest::{ElementSource, ProfileElement};
use crate::core::registry::{Entry, EntryId};
use crate::tui::model::Model;
use crate::tui::panes::element::version;
use crate::tui::panes::registry::is_pinned;
use crate::tui::view::row::Row;
use crate::tui::view::words::{age, counted, span, width as cells};

/// All of them, a line each.
pub(super) fn list(model: &Model, sheet: &mut Sheet<'_>, (id, entry): (EntryId, &Entry)) {
    let names = model.registry.followers_of(id);
    let Some(plan) = model.plan.as_deref() else { return };
    if names.is_empty() {
        sheet.heading("no element of this profile follows it");
        return;
    }
    let verb = if names.len() == 1 { "follows" } else { "follow" };
    sheet.heading(&format!("{} {verb} it", counted(names.len(), "element")));
    let elements: Vec<(&String, &ProfileElement)> =
        names.iter().filter_map(|name| Some((name, plan.after.elements.get(name)?))).collect();
    summary(sheet, entry, &elements);
    let room = names.iter().map(|name| cells(name)).max().unwrap_or(0).clamp(4, 24);
    for (name, element) in elements {
        let source = element.source.as_ref();
        let locked = source.and_then(ElementSource::revision);
        let row = Row::text("   ").cell(name, room, Style::new()).put("  ", Style::new());
        let row = row.cell(version(element), 14, Style::new()).put(" ", Style::new());
        let short = locked.map_or("-", |revision| revision.get(..7).unwrap_or(revision));
        let row = row.cell(short, 8, sheet.theme.faint);
        let time = source.and_then(|source| last_modified(&source.url));
        let ago = time.map(|time| age(time, model.now, &model.time_zone)).unwrap_or_default();
        let row = if ago.is_empty() { row } else { row.cell(ago, 12, sheet.theme.faint) };
        sheet.line(match moved(entry, source) {
            Some(Moved::Not) => row.put(" the entry's revision", sheet.theme.good),
            Some(Moved::By(words)) => row.put(format!(" {words}"), sheet.theme.changed),
            None => row,
        });
    }
}

/// How many stand at another revision than the entry, or at how many.
fn summary(sheet: &mut Sheet<'_>, entry: &Entry, elements: &[(&String, &ProfileElement)]) {
    let sources = || elements.iter().filter_map(|(_, element)| element.source.as_ref());
    if is_pinned(entry) {
        let moved = sources().filter(|source| matches!(moved(entry, Some(source)), Some(Moved::By(_))));
        match moved.count() {
            0 => {}
            number => {
                let words = format!("{number} of {} at another revision than the entry", elements.len());
                sheet.styled("moved", &words, sheet.theme.changed);
            }
        }
        return;
    }
    let mut revisions: Vec<&str> = sources().filter_map(ElementSource::revision).collect();
    revisions.sort_unstable();
    revisions.dedup();
    if revisions.len() > 1 {
        let words = format!("at {} of it", counted(revisions.len(), "revision"));
        sheet.fact("locked", &words);
    }
    sheet.styled("today", "which revision it leads to is not known without asking", sheet.theme.faint);
}

/// How far a pinned entry is from what an element is locked to.
enum Moved {
    Not,
    By(String),
}

fn moved(entry: &Entry, source: Option<&ElementSource>) -> Option<Moved> {
    let (source, to) = (source?, entry.to.revision()?);
    let own = source.revision()?;
    if own == to {
        return Some(Moved::Not);
    }
    let times =
        (last_modified(&source.url), entry.to.last_modified().and_then(|time| i64::try_from(time).ok()));
    let (Some(own), Some(to)) = times else { return Some(Moved::By("another revision".to_owned())) };
    let which = if own < to { "newer" } else { "older" };
    Some(Moved::By(format!("the entry is {} {which}", span(own.abs_diff(to)))))
}
