//! The lines of the picker for a typed path and for all of a file, and what is told beside them.
//!
//! `▸ ./environment.nix   a file: shows what is in it`

use ratatui::style::Style;

use crate::core::counting::counted;
use crate::core::typed_path::PathKind;
use crate::system::machine::WholeFile;
use crate::tui::action::Action;
use crate::tui::keymap::Scope;
use crate::tui::model::{Model, PathMeaning, PathRow, PathRows, PickerScreen};
use crate::tui::view::canvas::Canvas;
use crate::tui::view::row::Row;
use crate::tui::view::words::cut_start;

/// A line for a path.
pub(super) fn path_row(canvas: &Canvas<'_>, row: &PathRow, width: usize) -> Row {
    let theme = canvas.theme;
    let shown = row.choice.shown.trim_end_matches('/');
    let shown = if shown.is_empty() { "/" } else { shown };
    let path = |text: &str| cut_start(text, width.saturating_sub(24).max(16));
    match &row.meaning {
        PathMeaning::Attributes(_, attributes) | PathMeaning::FlakeAttributes(attributes) => {
            let of = match (&row.meaning, row.choice.kind) {
                (PathMeaning::FlakeAttributes(_), _) => "/, its flake.nix",
                (_, PathKind::NixFile) => "",
                _ => "/, its default.nix",
            };
            Row::new()
                .put("+ ", theme.added)
                .put("add ", theme.strong)
                .put(attributes.join(" "), Style::new())
                .put(format!(" of {}{of}", path(shown)), theme.faint)
        }
        PathMeaning::StorePath => Row::new()
            .put("+ ", theme.added)
            .put("add ", theme.strong)
            .put(path(shown), Style::new())
            .put("   a link into the store", theme.faint),
        PathMeaning::Folder => Row::text("  ").put(path(&format!("{shown}/")), Style::new()),
        PathMeaning::Flake => {
            Row::text("  ").put(path(&format!("{shown}/")), theme.strong).put("   its flake.nix", theme.faint)
        }
        PathMeaning::File(_) if row.choice.kind == PathKind::NixFile => {
            Row::text("  ").put(path(shown), theme.strong)
        }
        PathMeaning::File(_) => Row::text("  ")
            .put(path(&format!("{shown}/")), theme.strong)
            .put("   its default.nix", theme.faint),
    }
}

/// The line for all of the open file.
pub(super) fn whole_row(canvas: &Canvas<'_>) -> Row {
    let theme = canvas.theme;
    let Some((file, whole)) = canvas.model.packages.whole_file() else { return Row::new() };
    let name = file.rsplit('/').next().unwrap_or(file);
    let words = match whole {
        WholeFile::Package(package) => format!("{package}   all of {name}"),
        WholeFile::List(count) => format!("all of {name}   {}", counted(*count, "package")),
        WholeFile::Set => format!("all of {name}   every package in it, as one element"),
    };
    Row::new().put("+ ", theme.added).put("add ", theme.strong).put(words, Style::new())
}

/// What is told of all of the open file: labels and words.
pub(super) fn about_whole(model: &Model) -> Vec<(&'static str, String)> {
    let Some((file, whole)) = model.packages.whole_file() else { return Vec::new() };
    let (label, words) = match whole {
        WholeFile::Package(package) => ("package", package.clone()),
        WholeFile::List(count) => ("list", format!("{} in one element", counted(*count, "package"))),
        WholeFile::Set => {
            ("set", "all of its packages become one element, which is upgraded as one".to_owned())
        }
    };
    let kept = "firn remembers the file, so that an upgrade evaluates it again";
    vec![(label, words), ("file", file.to_owned()), ("", kept.to_owned())]
}

/// What is told of a path.
pub(super) fn about_path(model: &Model, row: &PathRow) -> Vec<(&'static str, String)> {
    let key = |action| model.keymap.name(Scope::Add, action);
    let (open, complete) = (key(Action::Accept), key(Action::Mark));
    let (label, words) = match &row.meaning {
        PathMeaning::Folder => ("folder", format!("{open} or {complete} goes into it")),
        PathMeaning::Flake => {
            ("flake", format!("{open} lists its packages: they are evaluated, and nothing is built"))
        }
        PathMeaning::File(_) => {
            ("file", format!("{open} shows what is in it: it is evaluated, and nothing is built"))
        }
        PathMeaning::FlakeAttributes(_) => {
            ("flake", "the elements follow the flake in this folder".to_owned())
        }
        PathMeaning::Attributes(..) => ("file", "firn remembers file and attribute for upgrades".to_owned()),
        PathMeaning::StorePath => ("link", "what it leads to is added as a store path".to_owned()),
    };
    let path = match &row.meaning {
        PathMeaning::File(file) | PathMeaning::Attributes(file, _) => file.clone(),
        _ => row.choice.full.clone(),
    };
    let mut told = vec![(label, path), ("", words)];
    if row.choice.kind == PathKind::FlakeAndDefaultFile {
        let both = "the folder has a flake.nix and a default.nix, which may be different things: take the line \
                    that is meant";
        told.push(("two files", both.to_owned()));
    }
    told
}

/// Why there is no line for a path.
pub(super) fn no_path(screen: &PickerScreen) -> Option<String> {
    match screen.paths.as_ref()? {
        PathRows::Asked(..) => Some("Looking at what is there…".to_owned()),
        PathRows::Known(_) => Some(
            "Nothing of that name is here: no folder, no file that ends in .nix, no link into the store."
                .to_owned(),
        ),
    }
}
