//! What can be added: the line that is typed, below it flakes or packages, and beside the list what
//! is known of the row under the cursor. Only rows that are on screen are looked at.

use ratatui::layout::Rect;
use ratatui::style::Style;

use super::{add, picker_paths};
use crate::core::change::Change;
use crate::core::installable::Installable;
use crate::core::manifest::ElementSource;
use crate::core::package_list::{ListedPackage, SourceScope, UNTOLD};
use crate::core::search_ranking::Query;
use crate::core::store_path::StorePath;
use crate::ops::search_packages::Tried;
use crate::tui::action::Action;
use crate::tui::keymap::Scope;
use crate::tui::layout;
use crate::tui::model::{Choice, FlakeChoice, Listing, ListingState, Model, PickerScreen, Trial};
use crate::tui::panes::bars;
use crate::tui::pointer::Target;
use crate::tui::theme;
use crate::tui::update::looked_at;
use crate::tui::view::canvas::{Border, Canvas};
use crate::tui::view::row::Row;
use crate::tui::view::words::{counted, grouped, wrapped};

/// Wide enough for a column with details beside the list.
const WITH_DETAILS: u16 = 100;
/// Lines below the list where there is no such column.
const BELOW: u16 = 7;
const VERSION: usize = 12;

/// How many lines of choices are shown; at least 1.
pub fn rows_shown(size: (u16, u16)) -> usize {
    usize::from(parts(area(size), size).0.height).max(1)
}

fn area(size: (u16, u16)) -> Rect {
    layout::popup(size, size.0.saturating_sub(8).min(150), size.1.saturating_sub(4).max(12))
}

/// The list, and the place for details: beside it, or below.
fn parts(area: Rect, size: (u16, u16)) -> (Rect, Rect) {
    let inside = layout::inner(area);
    let hints = u16::from(area.height == size.1);
    let rest = layout::split_rows(inside, inside.height.saturating_sub(hints)).0;
    let rest = layout::split_rows(rest, 2).1;
    if rest.width >= WITH_DETAILS {
        let list = Rect { width: rest.width * 3 / 5, ..rest };
        let x = list.right() + 1;
        return (list, Rect { x, width: rest.right().saturating_sub(x), ..rest });
    }
    layout::split_rows(rest, rest.height.saturating_sub(BELOW.min(rest.height / 2)))
}

/// Draws the picker.
pub fn draw(canvas: &mut Canvas<'_>, screen: &PickerScreen) {
    let model = canvas.model;
    let area = area(model.size);
    canvas.clear(area);
    let inside = canvas.pane(area, &border(canvas, screen));
    canvas.target(area, Target::Items);
    let field = add::field(canvas, &screen.input, usize::from(inside.width));
    canvas.row(inside, 0, &Row::text(" ").join(field));
    let (list, details) = parts(area, model.size);
    let query = Query::new(screen.input.value());
    for (line, index) in (0..list.height).zip(screen.cursor.offset..screen.len()) {
        let Some(choice) = screen.choice(index) else { break };
        let selected = index == screen.cursor.selected;
        let width = usize::from(list.width);
        let row = match choice {
            Choice::Typed(text) => typed_row(canvas, screen, text),
            Choice::Flake(flake) => flake_row(canvas, flake, width),
            Choice::Package(row) => package_row(canvas, screen, (row, &query), width),
            Choice::Whole => picker_paths::whole_row(canvas),
            Choice::Path(row) => picker_paths::path_row(canvas, row, width),
        };
        let cursor = if selected { theme::CURSOR } else { "" };
        canvas.row(list, line, &Row::text(" ").cell(cursor, 2, canvas.theme.focus).join(row));
        canvas.target_line(list, line, Target::Item(index));
        if selected {
            canvas.cursor(list, line);
        }
    }
    if screen.is_empty() {
        let told = nothing(canvas, screen, usize::from(list.width));
        canvas.rows(list, &told);
    }
    if details.height > 0 && details.width > 0 {
        let told = about(canvas, screen, usize::from(details.width).saturating_sub(2));
        canvas.rows(details, &told);
    }
    bars::popup_hints(canvas, area);
}

fn border(canvas: &Canvas<'_>, screen: &PickerScreen) -> Border {
    let (model, theme) = (canvas.model, canvas.theme);
    let title = match &model.packages.listing {
        Some(listing) if screen.packages => format!("Add from {}", listing.source.reference),
        _ => "Add".to_owned(),
    };
    let count = match model.packages.list() {
        Some(list) if screen.packages && list.is_empty() && model.packages.whole_file().is_some() => {
            String::new()
        }
        Some(list) if screen.packages => match list.failing() {
            0 => counted(list.len(), "package"),
            1 => format!("{}, 1 does not evaluate", counted(list.len(), "package")),
            failing => format!("{}, {failing} do not evaluate", counted(list.len(), "package")),
        },
        _ => String::new(),
    };
    let marked = match screen.marks.len() {
        0 => String::new(),
        count => format!("{} marked · ", grouped(count)),
    };
    let at = (screen.cursor.selected + 1).min(screen.len());
    let corner = if screen.is_empty() {
        String::new()
    } else {
        format!("{marked}{} of {}", grouped(at), grouped(screen.len()))
    };
    Border {
        title: Row::new().put(title, theme.title),
        right: Row::text(count),
        corner: Row::text(corner),
        focused: true,
        ..Border::default()
    }
}

fn typed_row(canvas: &Canvas<'_>, screen: &PickerScreen, text: &str) -> Row {
    let theme = canvas.theme;
    let word = if text.contains(['#', ' ']) || text.starts_with('/') || !screen.is_whole {
        ""
    } else {
        "   its default package"
    };
    Row::new().put("+ ", theme.added).put("add ", theme.strong).put(text, Style::new()).put(word, theme.faint)
}

fn flake_row(canvas: &Canvas<'_>, flake: &FlakeChoice, width: usize) -> Row {
    let theme = canvas.theme;
    let elements = match flake.elements {
        0 => String::new(),
        count => format!("{count} el"),
    };
    let name = (width / 3).clamp(14, 40);
    Row::text("  ")
        .cell(&flake.reference, name, theme.strong)
        .right(elements, 6, Style::new())
        .put("  ", Style::new())
        .put(&flake.about, theme.faint)
}

fn package_row(canvas: &Canvas<'_>, screen: &PickerScreen, (row, query): (u32, &Query), width: usize) -> Row {
    let (model, theme) = (canvas.model, canvas.theme);
    let Some(package) = model.packages.list().and_then(|list| list.get(row as usize)) else {
        return Row::new();
    };
    let name = (width / 3).clamp(16, 44);
    let version = if width >= 60 { VERSION } else { 0 };
    let (in_path, in_description) = query.hits(package.attribute, package.description);
    let sign = match (&package.failure, screen.marks.contains(&row), installed(model, &package)) {
        (_, true, _) => (theme::MARKED, theme.key),
        (Some(_), ..) => (theme::FAILED, theme.error),
        (_, _, Some(_)) => (theme::LIVE, theme.good),
        _ if !package.marks.is_empty() => (theme::BLOCKING, theme.blocking),
        _ => ("", Style::new()),
    };
    let plain = if package.failure.is_some() { theme.faint } else { Style::new() };
    let title = lit(canvas, package.attribute, &in_path, plain).exactly(name);
    let text = match package.failure {
        Some(reason) => Row::new().put(first_line(reason), theme.faint),
        None => lit(canvas, package.description, &in_description, theme.faint),
    };
    Row::new()
        .cell(sign.0, 2, sign.1)
        .join(title)
        .put(" ", Style::new())
        .cell(package.version, version, theme.faint)
        .put(" ", Style::new())
        .join(text)
}

fn first_line(text: &str) -> &str {
    text.lines().find(|line| !line.trim().is_empty()).unwrap_or(UNTOLD)
}

/// A text with the characters that were found standing out.
fn lit(canvas: &Canvas<'_>, text: &str, hits: &[usize], plain: Style) -> Row {
    if hits.is_empty() {
        return Row::new().put(text, plain);
    }
    let mut row = Row::new();
    for (index, character) in text.chars().enumerate() {
        let style = if hits.binary_search(&index).is_ok() { canvas.theme.key } else { plain };
        row = row.put(character.encode_utf8(&mut [0; 4]), style);
    }
    row
}

/// The version that the profile has of a package, by its attribute or its name.
fn installed(model: &Model, package: &ListedPackage<'_>) -> Option<String> {
    let elements = &model.loaded()?.base.manifest.elements;
    let is_it = |source: &ElementSource| source.short_attribute(None) == package.attribute;
    let by_source = elements.values().find(|element| element.source.as_ref().is_some_and(is_it));
    let by_name = || elements.get(package.name).filter(|_| !package.name.is_empty());
    by_source.or_else(by_name).map(crate::tui::panes::element::version)
}

/// Why there is nothing to choose, and what to do.
fn nothing(canvas: &Canvas<'_>, screen: &PickerScreen, width: usize) -> Vec<Row> {
    let (model, theme) = (canvas.model, canvas.theme);
    let key = |action| model.keymap.name(Scope::Add, action);
    let is_file = |listing: &Listing| listing.source.scope == SourceScope::File;
    let text = match &model.packages.listing {
        _ if screen.paths.is_some() => picker_paths::no_path(screen).unwrap_or_default(),
        _ if !screen.packages => {
            "Type an installable like nixpkgs#hello or github:owner/repo#name^out, a path in the store, a file \
             like ./environment.nix, or the name of a flake."
                .to_owned()
        }
        Some(Listing { state: ListingState::Running(progress, since), .. }) => {
            let seconds = model.now.saturating_sub(*since).max(0);
            let how_far = if progress.of == 0 && model.packages.listing.as_ref().is_some_and(is_file) {
                "Evaluating the file…".to_owned()
            } else if progress.of == 0 {
                "Fetching the flake and locking it…".to_owned()
            } else {
                format!(
                    "Evaluating {} of {}: {} so far. Next time it is there at once.",
                    progress.done,
                    counted(progress.of, "attribute"),
                    counted(progress.packages, "package")
                )
            };
            format!("{how_far}  {seconds} s.  {} stops.", key(Action::Close))
        }
        Some(Listing { state: ListingState::Failed(words), .. }) => {
            let (close, again) = (key(Action::Close), key(Action::ListAnew));
            format!("The packages cannot be listed: {words}\n{again} tries again, {close} shows other flakes.")
        }
        Some(_) if screen.input.value().trim().is_empty() => "This flake has no packages for this platform.".to_owned(),
        Some(_) => "No package has all of these words in its name or description.".to_owned(),
        None => format!("{} shows the flakes.", key(Action::Close)),
    };
    let lines = text.lines().flat_map(|line| wrapped(line, width.saturating_sub(4)));
    lines.map(|line| Row::text("   ").put(line, theme.faint)).collect()
}

/// What is known of the row under the cursor.
fn about(canvas: &Canvas<'_>, screen: &PickerScreen, width: usize) -> Vec<Row> {
    let (model, theme) = (canvas.model, canvas.theme);
    let mut rows = Vec::new();
    let mut tell = |label: &str, text: &str, style: Style| {
        let room = width.saturating_sub(11);
        for (index, line) in wrapped(text, room).into_iter().enumerate() {
            let label = if index == 0 { label } else { "" };
            rows.push(Row::text(" ").cell(label, 11, theme.faint).put(line, style));
        }
    };
    match screen.selected() {
        Some(Choice::Package(row)) => {
            let Some(package) = model.packages.list().and_then(|list| list.get(row as usize)) else {
                return rows;
            };
            told_of(model, &package, &mut |label, text, is_bad| {
                tell(label, text, if is_bad { theme.error } else { Style::new() });
            });
        }
        Some(Choice::Whole) => {
            for (label, words) in picker_paths::about_whole(model) {
                tell(label, &words, Style::new());
            }
        }
        Some(Choice::Path(row)) => {
            for (label, words) in picker_paths::about_path(model, row) {
                tell(label, &words, Style::new());
            }
        }
        Some(Choice::Flake(flake)) => {
            let open = model.keymap.name(Scope::Add, Action::Accept);
            tell("flake", &flake.reference, theme.strong);
            tell("", &flake.about, Style::new());
            tell(
                "",
                &format!("{open} lists its packages: they are evaluated, and nothing is built."),
                theme.faint,
            );
        }
        Some(Choice::Typed(_)) | None => {}
    }
    let together: Vec<Installable> =
        looked_at(model, screen).iter().filter_map(Change::installable).collect();
    if !together.is_empty() {
        for (label, text, style) in trial(canvas, &together) {
            tell(label, &text, style);
        }
    }
    rows
}

/// What the listing says, and where else the package is.
fn told_of(model: &Model, package: &ListedPackage<'_>, tell: &mut dyn FnMut(&str, &str, bool)) {
    let mut title = package.attribute.to_owned();
    if !package.version.is_empty() {
        title = format!("{title} {}", package.version);
    }
    tell("package", &title, false);
    if let Some(failure) = package.failure {
        tell("fails", failure, true);
    }
    for words in package.marks.words() {
        tell("marked", words, true);
    }
    for (label, text) in [
        ("about", package.description),
        ("outputs", package.outputs),
        ("homepage", package.homepage),
        ("licence", package.licence),
    ] {
        if !text.is_empty() {
            tell(label, text, false);
        }
    }
    if let Some(version) = installed(model, package) {
        tell("installed", &format!("{version}, in this profile"), false);
    }
    let system = model.packages.system.as_ref().and_then(|system| system.get(package.name));
    if let Some(version) = system {
        tell("system", &format!("{version}, in the system profile too"), false);
    }
}

/// What adding it would lead to, as far as that was asked.
fn trial(canvas: &Canvas<'_>, together: &[Installable]) -> Vec<(&'static str, String, Style)> {
    let (model, theme) = (canvas.model, canvas.theme);
    let title = if together.len() > 1 { "adding all" } else { "adding it" };
    let key = model.keymap.name(Scope::Add, Action::TryAddition);
    let found = model.packages.tried.get(together).filter(|(revision, _)| *revision == model.revision);
    match found.map(|(_, trial)| trial) {
        None => {
            vec![(title, format!("{key} finds out what is built and which files collide"), theme.faint)]
        }
        Some(Trial::Running) => vec![(title, "checking…".to_owned(), theme.faint)],
        Some(Trial::Failed(words)) => vec![(title, first_line(words).to_owned(), theme.error)],
        Some(Trial::Done(tried)) => tried_lines(canvas, title, tried),
    }
}

/// What would be built and fetched for it.
fn cost_lines(tried: &Tried) -> Vec<(&'static str, String, Style)> {
    let Some(cost) = &tried.cost else { return Vec::new() };
    let called = |path: &StorePath| path.name().strip_suffix(".drv").unwrap_or(path.name()).to_owned();
    let mut lines = Vec::new();
    for (label, paths) in [("builds", &cost.build), ("fetches", &cost.fetch)] {
        if !paths.is_empty() {
            let mut names: Vec<String> = paths.iter().take(6).map(called).collect();
            names.extend((paths.len() > 6).then(|| format!("and {} more", paths.len() - 6)));
            lines.push((label, names.join(", "), Style::new()));
        }
    }
    lines
}

fn tried_lines(
    canvas: &Canvas<'_>,
    title: &'static str,
    tried: &Tried,
) -> Vec<(&'static str, String, Style)> {
    use crate::core::file_tree::Basis;
    let theme = canvas.theme;
    if let Some(reason) = &tried.refused {
        return vec![(title, format!("fails: {}", reason.trim()), theme.error)];
    }
    let mut lines = Vec::new();
    if !tried.outputs.is_empty() {
        lines.push(("installs", format!("outputs {}", tried.outputs.join(", ")), Style::new()));
    }
    let basis = match tried.basis {
        Basis::Exact => "all of it is in the store",
        Basis::Listing => "as binary caches list it",
        Basis::Unknown => "its files are not known before it is built",
    };
    lines.extend(cost_lines(tried));
    match tried.collisions.len() {
        0 if tried.basis == Basis::Unknown => lines.push((title, basis.to_owned(), theme.faint)),
        0 => lines.push((title, format!("no file collides; {basis}"), theme.good)),
        count => {
            lines.push((title, format!("{} collide; {basis}", counted(count, "file")), theme.blocking));
            for (path, elements) in tried.collisions.iter().take(4) {
                lines.push(("", format!("{path}: {}", elements.join(" and ")), Style::new()));
            }
        }
    }
    lines
}
