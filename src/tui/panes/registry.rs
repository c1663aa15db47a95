//! Pane 2: the registries' entries in the order in which they are tried.
//!
//! ` ▸*●  nixpkgs    user    github:NixOS/nixpkgs/9f2c1de    16 el`: mark, cursor, pinned or
//! read-only, whether it has a say, what is staged, what is replaced, the layer, by what, and what
//! there is to say about it: who follows it, or that it has no say.

use ratatui::layout::Rect;
use ratatui::style::Style;

use super::installed::filter_line;
use crate::core::flake_ref::FlakeRef;
use crate::core::registry::{Entry, EntryId, Layer, Registries, Standing};
use crate::system::registry_file::RegistryFile;
use crate::tui::action::Action;
use crate::tui::keymap::Scope;
use crate::tui::model::{Model, Pane, RegistriesLoad, RegistryRow, StagedEntry, StagedKind, StagedState};
use crate::tui::pointer::Target;
use crate::tui::theme::{self, Theme};
use crate::tui::view::canvas::{Border, Canvas};
use crate::tui::view::has_focus;
use crate::tui::view::row::Row;
use crate::tui::view::words::{cut_start, grouped, width, wrapped};

/// Draws the pane.
pub fn draw(canvas: &mut Canvas<'_>, area: Rect) {
    let model = canvas.model;
    let pane = &model.registry;
    let focused = has_focus(model, Pane::Registry);
    let border = Border {
        title: Row::new().put("[2] Registry", canvas.theme.title),
        right: Row::text(summary(model)),
        below: filter_line(canvas, &pane.filter, pane.filtering),
        corner: position(model),
        focused,
    };
    let inside = canvas.pane(area, &border);
    canvas.target(area, Target::Pane(Pane::Registry));
    if pane.rows.is_empty() {
        return explain(canvas, inside);
    }
    let columns = Columns::new(model, usize::from(inside.width));
    for (line, index) in (0..inside.height).zip(pane.cursor.offset..pane.rows.len()) {
        let selected = index == pane.cursor.selected;
        let row = line_of(canvas, pane.rows[index], columns, selected);
        canvas.row(inside, line, &row);
        canvas.target_line(inside, line, Target::Row(Pane::Registry, index));
        if selected && focused {
            canvas.cursor(inside, line);
        }
    }
    legend(canvas, inside, pane.rows.len().saturating_sub(pane.cursor.offset));
}

/// What the glyphs mean, if there is room to spare.
fn legend(canvas: &mut Canvas<'_>, inside: Rect, used: usize) {
    if used + 4 > usize::from(inside.height) {
        return;
    }
    let say =
        [(theme::LIVE, "overrides another"), (theme::SHADOWED, "overridden"), (BRANCH, "only with a branch")];
    let kind = [(EXACT, "exact"), (theme::PINNED, "pinned"), (theme::READ_ONLY, "not yours to edit")];
    for (line, signs) in [(2, say), (1, kind)] {
        let words: Vec<String> = signs.iter().map(|(glyph, word)| format!("{glyph} {word}")).collect();
        let row = Row::text("      ").put(words.join("   "), canvas.theme.faint);
        canvas.row(inside, inside.height - line, &row);
    }
}

/// `user 2 · system 1 · global 38`
fn summary(model: &Model) -> String {
    let Some(registries) = model.registry.registries() else { return String::new() };
    let count = |layer: Layer| (layer, registries.layer(layer).entries.len());
    let counts = Layer::ALL.map(count);
    // All four do not fit beside the title with dots between.
    let all = counts.iter().all(|(_, count)| *count > 0);
    let name = |layer: Layer| if all && layer == Layer::System { "sys" } else { layer.name() };
    let parts = counts.into_iter().filter(|(_, count)| *count > 0);
    let parts: Vec<String> =
        parts.map(|(layer, count)| format!("{} {}", name(layer), grouped(count))).collect();
    if all { parts.join(" ") } else { parts.join(&format!(" {} ", theme::DOT)) }
}

fn position(model: &Model) -> Row {
    let pane = &model.registry;
    if pane.rows.is_empty() {
        return Row::new();
    }
    let marked = match pane.marks.len() {
        0 => String::new(),
        number => format!("{number} marked {} ", theme::DOT),
    };
    let hidden = match pane.hidden {
        0 => String::new(),
        number => format!(" ({} hidden)", grouped(number)),
    };
    Row::text(format!("{marked}{} of {}{hidden}", pane.cursor.selected + 1, grouped(pane.rows.len())))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Columns {
    from: usize,
    to: usize,
    note: usize,
}

/// `global` and a blank.
const LAYER: usize = 7;
/// `overridden`
const NOTE: usize = 10;
/// Mark, cursor, kind, say, staged, and a blank.
const GLYPHS: usize = 6;
/// Replaces one reference and no other.
const EXACT: &str = "=";
/// Has a say only where a branch, tag or commit is given, as in `nixpkgs/branch`.
const BRANCH: &str = "/";

impl Columns {
    /// Columns stand one apart. What is replaced never goes.
    fn new(model: &Model, room: usize) -> Self {
        let entries = model.registry.registries().into_iter().flat_map(Registries::entries);
        let names = entries.map(|(_, entry)| width(&short(&entry.from))).max().unwrap_or(8);
        let rest = room.saturating_sub(GLYPHS + LAYER);
        let from = names.clamp(7, (rest * 9 / 20).max(12)).min(rest);
        let rest = rest.saturating_sub(from + 1);
        let note = if rest >= NOTE + 9 { NOTE } else { 0 };
        Self { from, to: rest.saturating_sub(note + usize::from(note > 0)), note }
    }
}

fn line_of(canvas: &Canvas<'_>, row: RegistryRow, columns: Columns, selected: bool) -> Row {
    let (theme, pane) = (canvas.theme, &canvas.model.registry);
    let is_marked =
        !pane.marks.is_empty() && pane.name_of(row).is_some_and(|name| pane.marks.contains(&name));
    let start = Row::new().cell(if is_marked { theme::MARKED } else { "" }, 1, theme.marked).cell(
        if selected { theme::CURSOR } else { "" },
        1,
        theme.focus,
    );
    match row {
        RegistryRow::Entry(_) | RegistryRow::Removed(_) => entry_row(canvas, start, row, columns),
        RegistryRow::Coming(_) => coming_row(canvas, start, row, columns),
        RegistryRow::Problem(layer) => {
            let file = canvas.model.registry.loaded().and_then(|loaded| loaded.file(layer));
            let words = file.and_then(RegistryFile::problem).unwrap_or_default();
            start
                .put(theme::BLOCKING, theme.error)
                .put("   ", Style::new())
                .cell("damaged", columns.from, theme.error)
                .put(" ", Style::new())
                .cell(layer.name(), LAYER, Style::new())
                .put(words, theme.error)
        }
        RegistryRow::NotFetched => start
            .put("    ", Style::new())
            .cell("not fetched", columns.from.max(11), theme.faint)
            .put(" ", Style::new())
            .cell(Layer::Global.name(), LAYER, theme.faint)
            .put("nix has not read it yet", theme.faint),
    }
}

fn entry_row(canvas: &Canvas<'_>, start: Row, of: RegistryRow, columns: Columns) -> Row {
    let (model, theme) = (canvas.model, canvas.theme);
    let Some((id, entry)) = model.registry.entry(of) else { return start };
    let goes = matches!(of, RegistryRow::Removed(_));
    let shadowed = !goes && matches!(model.registry.standings.get(&id), Some(Standing::Shadowed(_)));
    let style = if shadowed || goes { theme.faint } else { Style::new() };
    let (glyph, glyph_style) = glyph(canvas, id, entry);
    let (say, say_style) = if goes { ("", Style::new()) } else { say(canvas, id, entry) };
    let staged = model.registry.staged_for(of);
    let (sign, sign_style) = staged.map_or(("", Style::new()), |staged| staged_sign(staged, theme));
    let (note, note_style) = match staged.map(|staged| &staged.state) {
        Some(StagedState::Checking) => ("checking…".to_owned(), theme.faint),
        Some(StagedState::Failed(_)) => ("failed".to_owned(), theme.error),
        _ if goes => ("goes".to_owned(), theme.removed),
        _ => note(canvas, id, entry),
    };
    let note_room = if columns.note > 0 { width(&note) } else { 0 };
    // What the note does not need is the target's.
    let room = columns.to + columns.note.saturating_sub(note_room);
    let to = cut_start(&short(&entry.to), room);
    let row = start
        .cell(glyph, 1, glyph_style)
        .cell(say, 1, say_style)
        .cell(sign, 1, sign_style)
        .put(" ", Style::new())
        .cell(short(&entry.from), columns.from, style)
        .put(" ", Style::new())
        .cell(id.layer.name(), LAYER, theme.faint)
        .cell(to, room, style);
    if note_room == 0 { row } else { row.put(" ", Style::new()).put(note, note_style) }
}

/// An entry that is not known yet, or cannot be made.
fn coming_row(canvas: &Canvas<'_>, start: Row, of: RegistryRow, columns: Columns) -> Row {
    let (pane, theme) = (&canvas.model.registry, canvas.theme);
    let (Some((layer, from)), Some(staged)) = (pane.name_of(of), pane.staged_for(of)) else { return start };
    let (sign, sign_style) = staged_sign(staged, theme);
    let (words, style) = match &staged.state {
        StagedState::Failed(reason) => (format!("failed: {reason}"), theme.error),
        StagedState::Checking | StagedState::Ready => ("checking…".to_owned(), theme.faint),
    };
    start
        .put("  ", Style::new())
        .cell(sign, 1, sign_style)
        .put(" ", Style::new())
        .cell(short(&from), columns.from, Style::new())
        .put(" ", Style::new())
        .cell(layer.name(), LAYER, theme.faint)
        .put(words, style)
}

/// What is staged for an entry.
pub fn staged_sign(staged: &StagedEntry, theme: &Theme) -> (&'static str, Style) {
    match (&staged.state, staged.kind) {
        (StagedState::Failed(_), _) => (theme::FAILED, theme.error),
        (_, StagedKind::Added) => (theme::ADDED, theme.added),
        (_, StagedKind::Removed) => (theme::REMOVED, theme.removed),
        (_, StagedKind::Changed) => (theme::CHANGED, theme.changed),
        (_, StagedKind::Pinned) => (theme::PINNED, theme.locked),
    }
}

fn glyph(canvas: &Canvas<'_>, id: EntryId, entry: &Entry) -> (&'static str, Style) {
    match id.layer {
        Layer::User if is_pinned(entry) => (theme::PINNED, canvas.theme.locked),
        Layer::User => ("", Style::new()),
        Layer::CommandLine | Layer::System | Layer::Global => (theme::READ_ONLY, canvas.theme.faint),
    }
}

/// Whether an entry has a say; that of most is nobody else's.
fn say(canvas: &Canvas<'_>, id: EntryId, entry: &Entry) -> (&'static str, Style) {
    let (standings, theme) = (&canvas.model.registry.standings, canvas.theme);
    let overrides = |standing: &Standing| match standing {
        Standing::Shadowed(by) | Standing::Partly(by) => *by == id,
        Standing::Winning => false,
    };
    match standings.get(&id) {
        Some(Standing::Shadowed(_)) => (theme::SHADOWED, theme.shadowed),
        Some(Standing::Partly(_)) => (BRANCH, theme.shadowed),
        _ if entry.exact => (EXACT, theme.locked),
        _ if standings.values().any(overrides) => (theme::LIVE, theme.live),
        _ => ("", Style::new()),
    }
}

/// What most deserves to be said about an entry.
fn note(canvas: &Canvas<'_>, id: EntryId, entry: &Entry) -> (String, Style) {
    let (pane, theme) = (&canvas.model.registry, canvas.theme);
    match pane.standings.get(&id) {
        Some(Standing::Shadowed(_)) => return ("overridden".to_owned(), theme.shadowed),
        Some(Standing::Partly(_)) => return ("in part".to_owned(), theme.shadowed),
        Some(Standing::Winning) | None => {}
    }
    let followers = pane.followers_of(id).len();
    match followers {
        0 if entry.exact => ("exact".to_owned(), theme.faint),
        0 => (String::new(), theme.faint),
        number => (format!("{} el", grouped(number)), Style::new()),
    }
}

/// Whether an entry always leads to the same contents.
pub fn is_pinned(entry: &Entry) -> bool {
    entry.to.is_locked(true)
}

/// A reference as it is written for short: names without `flake:`, commits of seven digits, and
/// nothing of what only makes sure that the contents are the same.
pub fn short(reference: &FlakeRef) -> String {
    let text = reference.as_str();
    let text = text.strip_prefix("flake:").unwrap_or(text);
    let (path, query) = text.split_once('?').unwrap_or((text, ""));
    let is_check =
        |pair: &&str| ["narHash=", "lastModified=", "revCount="].iter().any(|name| pair.starts_with(name));
    let kept: Vec<&str> = query.split('&').filter(|pair| !pair.is_empty() && !is_check(pair)).collect();
    let text = if kept.is_empty() { path.to_owned() } else { format!("{path}?{}", kept.join("&")) };
    // Some kinds take any text for a commit.
    let is_commit = |revision: &String| revision.bytes().all(|byte| byte.is_ascii_hexdigit());
    match reference.revision().filter(is_commit) {
        Some(revision) if revision.len() > 7 => text.replace(&revision, &revision[..7]),
        _ => text,
    }
}

fn explain(canvas: &mut Canvas<'_>, inside: Rect) {
    let model = canvas.model;
    let text = match &model.registry.load {
        RegistriesLoad::Loading => "reading…".to_owned(),
        RegistriesLoad::Failed(words) => words.clone(),
        RegistriesLoad::Loaded(_) if model.registry.hidden > 0 => {
            let close = model.keymap.name(Scope::Filter, Action::Close);
            format!("No entry matches the filter; {close} clears it.")
        }
        RegistriesLoad::Loaded(loaded) if loaded.files.is_empty() => {
            "There are no registries here: names are looked up in the store's own catalogue.".to_owned()
        }
        RegistriesLoad::Loaded(_) => {
            let add = model.keymap.name(Scope::Registry, Action::AddEntry);
            format!(
                "No registry has an entry, so no name like nixpkgs means anything. {add} adds one of your own."
            )
        }
    };
    let room = usize::from(inside.width).saturating_sub(4);
    let lines = wrapped(&text, room);
    let rows: Vec<Row> =
        lines.into_iter().map(|line| Row::text("  ").put(line, canvas.theme.faint)).collect();
    canvas.rows(inside, &rows);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_short_and_say_what_differs() {
        let revision = "9f2c1de2222222222222222222222222222222bb";
        for (text, shown) in [
            ("nixpkgs".to_owned(), "nixpkgs"),
            (format!("github:NixOS/nixpkgs/{revision}"), "github:NixOS/nixpkgs/9f2c1de"),
            (
                format!("git+file:///src?lastModified=7&ref=main&rev={revision}"),
                "git+file:///src?ref=main&rev=9f2c1de",
            ),
            ("path:/src?lastModified=7".to_owned(), "path:/src"),
            (
                "path:/src?rev=%C3%A4%C3%A4%C3%A4%C3%A4%C3%A4".to_owned(),
                "path:/src?rev=%C3%A4%C3%A4%C3%A4%C3%A4%C3%A4",
            ),
        ] {
            assert_eq!(short(&FlakeRef::parse(&text).unwrap()), shown);
        }
    }
}
