//! Where a reference leads: each hop with the entry that makes it, its layer and its file, and in
//! words how it ends.

use ratatui::layout::Rect;
use ratatui::style::Style;

use super::add;
use crate::core::flake_ref::FlakeRef;
use crate::core::registry::trace::{Trace, TraceEnd};
use crate::core::registry::{EntryId, Hop, Layer, Reach, Registries};
use crate::ops::load_registries::LoadedRegistries;
use crate::tui::layout;
use crate::tui::model::{Model, TraceAnswer, TraceScreen};
use crate::tui::panes::bars;
use crate::tui::panes::info::sheet::Sheet;
use crate::tui::panes::registry::short;
use crate::tui::pointer::Target;
use crate::tui::theme;
use crate::tui::view::canvas::{Border, Canvas};
use crate::tui::view::row::Row;
use crate::tui::view::words::{cells, counted};

const WIDTH: u16 = 96;
const HEIGHT: u16 = 30;
/// Lines for the field, the known names and what parts them from the rest.
const HEAD: u16 = 3;

/// Draws the popup.
pub fn draw(canvas: &mut Canvas<'_>, screen: &TraceScreen) {
    let (model, theme) = (canvas.model, canvas.theme);
    let area = area(model);
    canvas.clear(area);
    let lines = lines(model, screen);
    let height = text_rows(model);
    let border = Border {
        title: Row::new().put("Trace a reference", theme.title),
        right: Row::text("nothing is fetched"),
        corner: position(screen, lines.len(), height),
        focused: true,
        ..Border::default()
    };
    let inside = canvas.pane(area, &border);
    canvas.target(area, Target::Scrolled);
    let (head, rest) = layout::split_rows(inside, HEAD);
    canvas.row(head, 0, &Row::text(" ").join(add::field(canvas, &screen.input, usize::from(head.width))));
    names(canvas, screen, Rect { y: head.y + 1, height: 1, ..head });
    let first = screen.scroll.min(lines.len().saturating_sub(height));
    canvas.rows(Rect { height: rest.height.min(cells_of(height)), ..rest }, &lines[first..]);
    bars::popup_hints(canvas, area);
}

fn area(model: &Model) -> Rect {
    layout::popup(model.size, WIDTH, HEIGHT)
}

fn cells_of(rows: usize) -> u16 {
    u16::try_from(rows).unwrap_or(u16::MAX)
}

/// How many lines of the answer are shown; a popup over the whole screen keeps its last for hints.
fn text_rows(model: &Model) -> usize {
    let area = area(model);
    let hints = u16::from(area.height == model.size.1);
    usize::from(layout::inner(area).height.saturating_sub(HEAD + hints)).max(1)
}

fn position(screen: &TraceScreen, lines: usize, height: usize) -> Row {
    let hidden = lines.saturating_sub(height);
    if hidden == 0 {
        return Row::new();
    }
    Row::text(format!("{} of {lines} lines", (screen.scroll.min(hidden) + height).min(lines)))
}

/// How far the answer can be scrolled.
pub fn max_scroll(model: &Model, screen: &TraceScreen) -> usize {
    lines(model, screen).len().saturating_sub(text_rows(model))
}

/// The known names in one line, as many as fit, the one in the field among them.
fn names(canvas: &mut Canvas<'_>, screen: &TraceScreen, line: Rect) {
    let theme = canvas.theme;
    if screen.names.is_empty() {
        return canvas.row(line, 0, &Row::text("   ").put("no known name is like that", theme.faint));
    }
    let first = first_shown(screen, usize::from(line.width));
    let mut row = Row::text(if first > 0 { " " } else { "   " });
    if first > 0 {
        row = row.put(theme::CUT, theme.faint).put(" ", Style::new());
    }
    let mut shown = Vec::new();
    for (index, name) in screen.names.iter().enumerate().skip(first) {
        let style = if screen.chosen == Some(index) { theme.key } else { theme.faint };
        let next = Row::new().put(name, style);
        let start = line.x + row.cells();
        if row.width() + next.width() + 3 > usize::from(line.width) {
            row = row.put(theme::CUT, theme.faint);
            break;
        }
        shown.push((Rect { x: start, width: next.cells(), ..line }, index));
        row = row.join(next).put("  ", Style::new());
    }
    canvas.row(line, 0, &row);
    for (place, index) in shown {
        canvas.target(place, Target::Item(index));
    }
}

/// The first name to show so that the chosen one fits into the line.
fn first_shown(screen: &TraceScreen, width: usize) -> usize {
    let Some(chosen) = screen.chosen else { return 0 };
    let mut room = width.saturating_sub(8);
    let mut first = chosen;
    for index in (0..=chosen.min(screen.names.len().saturating_sub(1))).rev() {
        let needed = usize::from(cells(&screen.names[index])) + 2;
        if needed > room {
            break;
        }
        (room, first) = (room - needed, index);
    }
    first
}

/// The answer.
fn lines(model: &Model, screen: &TraceScreen) -> Vec<Row> {
    let width = usize::from(layout::inner(area(model)).width);
    let mut sheet = Sheet::new(&model.theme, width);
    let known = (model.registry.loaded(), model.registry.registries());
    match (&screen.answer, known) {
        (TraceAnswer::Traced(trace), (Some(loaded), Some(registries))) => {
            let teller = Teller { loaded, registries, trace };
            teller.hops(&mut sheet);
            teller.end(&mut sheet);
            followers(&mut sheet, screen);
        }
        (TraceAnswer::Unreadable(reason), _) => {
            sheet.text("This is no reference yet.", sheet.theme.strong);
            sheet.text(reason, sheet.theme.error);
            if screen.input.value().trim_start().starts_with(['.', '~']) {
                sheet.text("A path is written whole here, from / on.", sheet.theme.faint);
            }
        }
        _ => {
            let text = "A name like nixpkgs, one with a branch or tag like nixpkgs/nixos-26.05, or any other \
                        flake reference: each entry that it passes is shown, and where it ends.";
            sheet.text(text, sheet.theme.faint);
        }
    }
    sheet.finish()
}

struct Teller<'a> {
    loaded: &'a LoadedRegistries,
    registries: &'a Registries,
    trace: &'a Trace,
}

impl Teller<'_> {
    fn hops(&self, sheet: &mut Sheet<'_>) {
        for (index, hop) in self.trace.hops.iter().enumerate() {
            sheet.gap();
            let words = format!("{} {} {}", short(&hop.before), theme::ARROW, short(&hop.after));
            let row = Row::text(" ").cell(format!("{}.", index + 1), 4, sheet.theme.faint);
            sheet.line(row.put(words, sheet.theme.strong));
            self.entry(sheet, hop);
        }
    }

    fn entry(&self, sheet: &mut Sheet<'_>, hop: &Hop) {
        sheet.fact("entry", &self.entry_words(hop.entry));
        match self.loaded.file_of(hop.entry) {
            Some(file) => sheet.fact("file", &file.path.display().to_string()),
            None => sheet.fact("file", "none: --override-flake on the command line"),
        }
        self.passed_over(sheet, &hop.before, Some(hop.entry));
    }

    /// `user entry 2 of 3: nixpkgs → github:NixOS/nixpkgs, exact`
    fn entry_words(&self, id: EntryId) -> String {
        let Some(entry) = self.registries.entry(id) else { return id.layer.name().to_owned() };
        let of = self.registries.layer(id.layer).entries.len();
        let exact = if entry.exact { ", exact" } else { "" };
        let (from, to) = (short(&entry.from), short(&entry.to));
        format!("{} entry {} of {of}: {from} {} {to}{exact}", id.layer.name(), id.index + 1, theme::ARROW)
    }

    fn passed_over(&self, sheet: &mut Sheet<'_>, reference: &FlakeRef, entry: Option<EntryId>) {
        for id in self.registries.passed_over(reference, entry) {
            let words = format!("{}: it matches the bare name only", self.entry_words(id));
            sheet.styled("passed over", &words, sheet.theme.shadowed);
        }
    }

    fn end(&self, sheet: &mut Sheet<'_>) {
        match &self.trace.end {
            TraceEnd::Direct(result) => self.direct(sheet, result),
            TraceEnd::Circle(Some(back)) => {
                let words = format!("goes round in a circle: it is at {} again", short(back));
                ends(sheet, &words, "Nix gives up after 100 replacements, and so does firn.");
            }
            TraceEnd::Circle(None) => {
                ends(sheet, "leads on and on", "Nix gives up after 100 replacements, and so does firn.");
            }
            TraceEnd::Unknown(unknown) => {
                ends(sheet, &format!("leads nowhere: no registry knows {}", short(unknown)), "");
                self.passed_over(sheet, unknown, None);
            }
            TraceEnd::Unfit { matched, entry, problem } => {
                let words = format!("leads nowhere: what {} matches does not fit", short(matched));
                ends(sheet, &words, "");
                sheet.fact("entry", &self.entry_words(*entry));
                sheet.styled("problem", &problem.to_string(), sheet.theme.error);
            }
        }
        self.inputs(sheet);
        if self.loaded.reach == Reach::Nothing {
            let words = "are not looked up now, as registries are switched off (use-registries)";
            sheet.styled("installables", words, sheet.theme.changed);
        }
    }

    fn direct(&self, sheet: &mut Sheet<'_>, result: &FlakeRef) {
        sheet.gap();
        sheet.styled("ends at", &short(result), sheet.theme.good);
        let words = match (result.is_locked(true), self.trace.hops.is_empty()) {
            (true, _) => "locked: it always means the same contents",
            (false, true) => "no entry replaces it: it says itself where it leads",
            (false, false) => "no entry replaces that; which revision it is today is known by asking only",
        };
        sheet.fact("which is", words);
        if !self.trace.asked.is_indirect() && !self.trace.hops.is_empty() {
            let words = "'registry resolve' and 'registry pin' look it up like that; what is installed from it \
                         is fetched as it is written";
            sheet.styled("but", words, sheet.theme.changed);
        }
    }

    /// What the same reference means as an input of a flake, if that is something else.
    fn inputs(&self, sheet: &mut Sheet<'_>) {
        let own = |hop: &Hop| matches!(hop.entry.layer, Layer::User | Layer::System);
        let ends = matches!(self.trace.end, TraceEnd::Direct(_));
        if !ends || !self.trace.hops.iter().any(own) || !self.trace.asked.is_indirect() {
            return;
        }
        let there = self.registries.trace(&self.trace.asked, Reach::Inputs);
        let words = match &there.end {
            TraceEnd::Direct(result) if *result == *self.trace.last() => return,
            TraceEnd::Direct(result) => format!("{} there", short(result)),
            TraceEnd::Circle(_) => "a circle there".to_owned(),
            TraceEnd::Unknown(_) => "nothing there".to_owned(),
            TraceEnd::Unfit { .. } => "an entry that does not fit there".to_owned(),
        };
        let why = "user and system entries do not apply to a flake's own inputs, from Nix 2.29 on";
        sheet.styled("as an input", &format!("{words}: {why}"), sheet.theme.changed);
    }
}

/// How it ends where it leads to nothing that can be fetched.
fn ends(sheet: &mut Sheet<'_>, words: &str, more: &str) {
    sheet.gap();
    sheet.text(words, sheet.theme.error);
    sheet.text(more, sheet.theme.faint);
}

fn followers(sheet: &mut Sheet<'_>, screen: &TraceScreen) {
    match screen.followers.len() {
        0 => sheet.styled("followed by", "no element of this profile", sheet.theme.faint),
        number => {
            let names = screen.followers.join(", ");
            sheet.fact("followed by", &format!("{}: {names}", counted(number, "element")));
        }
    }
}
