//! Everything about a generation: when it was made and on what, where it lies, and the
//! elements it holds; of one that cannot be read, why, and what can still be done with it.

use ratatui::style::Style;

use super::sheet::Sheet;
use crate::core::live_time::{self, Sureness};
use crate::core::manifest::ProfileManifest;
use crate::ops::load_profile::{LoadedGeneration, LoadedProfile, NOT_READ_YET};
use crate::tui::action::Action;
use crate::tui::keymap::Scope;
use crate::tui::model::{Freed, Model};
use crate::tui::panes::bars::plan_words;
use crate::tui::panes::element::{next_generation, origin, version};
use crate::tui::panes::history::{changes, selected};
use crate::tui::theme;
use crate::tui::view::row::Row;
use crate::tui::view::words::{age, counted, size, width as cells};

pub(super) fn about(model: &Model) -> String {
    match selected(model) {
        Some(found) => format!("gen {}", found.generation.number),
        None => next_generation(model).map(|number| format!("gen {number}, planned")).unwrap_or_default(),
    }
}

pub(super) fn lines(model: &Model, width: usize) -> Vec<Row> {
    let mut sheet = Sheet::new(&model.theme, width);
    match selected(model) {
        Some(found) => made(model, &mut sheet, found),
        None => planned(model, &mut sheet),
    }
    sheet.finish()
}

/// The lines without the empty ones between them, for where there is little room.
pub(super) fn brief(model: &Model, width: usize) -> Vec<Row> {
    lines(model, width).into_iter().filter(|row| row.width() > 0).collect()
}

fn planned(model: &Model, sheet: &mut Sheet<'_>) {
    let (Some(plan), Some(loaded)) = (&model.plan, model.loaded()) else {
        return sheet.text("Nothing has been read yet.", sheet.theme.faint);
    };
    if plan.changes.is_empty() {
        return sheet.text("There is no generation.", sheet.theme.faint);
    }
    let number = next_generation(model).unwrap_or_default();
    sheet.line(Row::text(" ").put(format!("generation {number}, not made yet"), sheet.theme.strong));
    sheet.gap();
    sheet.fact(
        "made on",
        &loaded.current.map_or_else(|| "nothing".to_owned(), |live| format!("generation {live}")),
    );
    sheet.fact("plan", &plan_words(model, plan));
    sheet.gap();
    elements(sheet, &plan.after);
}

fn made(model: &Model, sheet: &mut Sheet<'_>, found: &LoadedGeneration) {
    let number = found.generation.number;
    let Some(loaded) = model.loaded() else { return };
    let live = loaded.current == Some(number);
    let row = Row::text(" ").put(format!("generation {number}"), sheet.theme.strong);
    let sign = Row::new().put("   ", Style::new()).put(format!("{} live", theme::LIVE), sheet.theme.live);
    let row = if live { row.join(sign) } else { row };
    let note = &found.remarks.note;
    let kept = Row::new().put("   ", Style::new()).put(format!("{} kept", theme::KEPT), sheet.theme.kept);
    sheet.line(if note.kept { row.join(kept) } else { row });
    sheet.gap();
    sheet.fact("made", &moment(model, found.generation.time));
    match found.made_on {
        Some(before) => sheet.fact("made on", &format!("generation {before}")),
        None => sheet.fact("made on", &unknown_base(loaded, found)),
    }
    if let Some(label) = &note.label {
        sheet.fact("label", label);
    }
    was_live(model, sheet, found);
    for fault in &found.remarks.faults {
        let style = if fault.is_damage() { sheet.theme.error } else { sheet.theme.faint };
        sheet.styled(if fault.is_damage() { "odd" } else { "gap" }, &fault.words(), style);
    }
    if let Ok(words) = changes(loaded, found) {
        sheet.fact("changes", &words);
    }
    sheet.fact("store path", &found.generation.target);
    if let Some(Freed::Bytes(bytes)) = model.history.only_here.get(&found.generation.target) {
        sheet.fact("only here", &format!("{}, kept alive by nothing else", size(*bytes)));
    }
    sheet.gap();
    match &found.manifest {
        Ok(manifest) => elements(sheet, manifest),
        Err(reason) if reason == NOT_READ_YET => {
            sheet.text("Its elements are still being read.", sheet.theme.faint);
        }
        Err(reason) => damaged(model, sheet, reason),
    }
}

/// What is said of the base of a generation that another program made.
fn unknown_base(loaded: &LoadedProfile, found: &LoadedGeneration) -> String {
    match (found.probably_on, loaded.base_of(found)) {
        (Some(probably), _) => {
            format!("probably generation {probably}, which was live; firn did not make it")
        }
        (None, Some(base)) if found.manifest.is_ok() => {
            format!("not known: firn did not make it; compared with generation {}", base.generation.number)
        }
        (None, _) => "not known: firn did not make it".to_owned(),
    }
}

/// Since when it is live, or for how long it was, as far as anybody knows.
fn was_live(model: &Model, sheet: &mut Sheet<'_>, found: &LoadedGeneration) {
    let spans = &found.remarks.live;
    let Some(total) = live_time::total(spans, model.now) else {
        return sheet.styled("live", "not known when", sheet.theme.faint);
    };
    let long = live_time::long(total.seconds);
    let long = match total.sure {
        Sureness::Exact => format!("for {long}"),
        Sureness::AtMost => format!("for {long} at most"),
        Sureness::Unknown => format!("for {long} at least; some of it is not known"),
    };
    let times = match spans.len() {
        0 | 1 => String::new(),
        number => format!(", {number} times"),
    };
    sheet.fact("live", &format!("{long}{times}"));
}

/// `today 09:15, 2026-05-28 09:15`
fn moment(model: &Model, time: i64) -> String {
    let ago = age(time, model.now, &model.time_zone);
    match jiff::Timestamp::from_second(time) {
        Ok(at) => format!("{ago}, {}", at.to_zoned(model.time_zone.clone()).strftime("%Y-%m-%d %H:%M")),
        Err(_) => ago,
    }
}

fn damaged(model: &Model, sheet: &mut Sheet<'_>, reason: &str) {
    sheet.text("Its list of elements cannot be read:", sheet.theme.error);
    sheet.text(reason, Style::new());
    sheet.gap();
    let back = model.keymap.name(Scope::History, Action::RollBack);
    let words = "Its links may be whole all the same. firn leaves the file as it is.";
    sheet.text(
        &format!("{words} {back} still rolls back to it; what is in it cannot be told before."),
        Style::new(),
    );
}

fn elements(sheet: &mut Sheet<'_>, manifest: &ProfileManifest) {
    let off = manifest.elements.values().filter(|element| !element.active).count();
    let heading = counted(manifest.elements.len(), "element");
    sheet.heading(&if off > 0 { format!("{heading}, {off} switched off") } else { heading });
    let names = manifest.elements.keys().map(|name| cells(name)).max().unwrap_or(0).clamp(4, 24);
    for (name, element) in &manifest.elements {
        let style = if element.active { Style::new() } else { sheet.theme.off };
        let row = Row::text("   ").cell(name, names, style).put("  ", Style::new());
        let row = row.cell(version(element), 16, style).put(" ", Style::new());
        sheet.line(row.put(origin(element), sheet.theme.faint));
    }
}
