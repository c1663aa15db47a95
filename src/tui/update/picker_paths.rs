//! Paths in the picker: a file of expressions, a folder, a link into the store.
//!
//! What stands at a path is the machine's to tell ([`Effect::CompletePath`]); until it has, nothing is
//! offered, so that Enter never takes a file for a flake. A folder that is both offers both.

use crate::core::change::Change;
use crate::core::typed_path::{PathChoice, PathKind, TypedPath};
use crate::tui::effect::Effect;
use crate::tui::model::{Enter, Model, PathMeaning, PathRow, PathRows, PickerScreen};

/// What is typed, if it is a path outside of the store.
pub(super) fn typed<'a>(model: &Model, text: &'a str) -> Option<TypedPath<'a>> {
    let store_dir = model.plan.as_ref().map(|plan| plan.base.store_dir.as_str().to_owned());
    let is_in_store = store_dir.is_some_and(|dir| text.starts_with(&format!("{dir}/")));
    TypedPath::parse(text).filter(|typed| typed.is_file() || !is_in_store)
}

/// Asks what the typed path could become.
pub(super) fn ask(screen: &mut PickerScreen, typed: &TypedPath<'_>) -> Vec<Effect> {
    screen.paths = Some(PathRows::Asked(typed.path.to_owned(), Enter::Awaited));
    vec![Effect::CompletePath(typed.path.to_owned())]
}

/// It was looked up; an answer about what is not typed any more is dropped.
pub(super) fn completed(screen: &mut PickerScreen, path: &str, choices: Vec<PathChoice>) {
    let is_asked = |rows: &PathRows| matches!(rows, PathRows::Asked(asked, _) if asked == path);
    if !screen.paths.as_ref().is_some_and(is_asked) {
        return;
    }
    let text = screen.input.value().trim().to_owned();
    let attributes = TypedPath::parse(&text).map(|typed| typed.attributes).unwrap_or_default();
    let attributes: Vec<String> = attributes.into_iter().map(str::to_owned).collect();
    let rows = choices.into_iter().flat_map(|choice| {
        let is_whole = choice.shown == path.trim_end_matches('/') || choice.shown == path;
        let wanted = if is_whole { attributes.as_slice() } else { &[] };
        meanings(&choice, wanted).into_iter().map(move |meaning| PathRow { choice: choice.clone(), meaning })
    });
    screen.paths = Some(PathRows::Known(rows.collect()));
}

/// Whether the first line is all that the path can mean.
pub(super) fn is_sure(screen: &PickerScreen, path: &str) -> bool {
    match &screen.paths {
        Some(PathRows::Known(rows)) => match rows.as_slice() {
            [only] => only.choice.shown == path,
            [first, second, ..] => first.choice.shown == path && second.choice.shown != path,
            [] => false,
        },
        _ => false,
    }
}

fn meanings(choice: &PathChoice, attributes: &[String]) -> Vec<PathMeaning> {
    let file = |path: String| match attributes {
        [] => PathMeaning::File(path),
        wanted => PathMeaning::Attributes(path, wanted.to_vec()),
    };
    let flake = || match attributes {
        [] => PathMeaning::Flake,
        wanted => PathMeaning::FlakeAttributes(wanted.to_vec()),
    };
    let default = || file(format!("{}/default.nix", choice.full.trim_end_matches('/')));
    match choice.kind {
        PathKind::NixFile => vec![file(choice.full.clone())],
        PathKind::Folder => vec![PathMeaning::Folder],
        PathKind::Flake => vec![flake()],
        PathKind::DefaultFile => vec![default()],
        PathKind::FlakeAndDefaultFile => vec![flake(), default()],
        PathKind::StoreLink => vec![PathMeaning::StorePath],
    }
}

/// The path of a row in place of what was typed: a folder is gone into.
pub(super) fn complete(screen: &mut PickerScreen, row: &PathRow) {
    let is_folder = !matches!(row.choice.kind, PathKind::NixFile | PathKind::StoreLink);
    let shown = row.choice.shown.trim_end_matches('/');
    let text = if is_folder { format!("{shown}/") } else { shown.to_owned() };
    screen.input = text.into();
}

/// What taking a row adds, if it adds something by itself.
pub(super) fn additions(row: &PathRow) -> Vec<Change> {
    match &row.meaning {
        PathMeaning::Attributes(file, attributes) => {
            attributes.iter().map(|attribute| Change::addition_from_file(file, attribute)).collect()
        }
        PathMeaning::FlakeAttributes(attributes) => {
            let folder = row.choice.full.trim_end_matches('/');
            let installable = |attribute: &String| Change::addition(format!("{folder}#{attribute}"), None);
            attributes.iter().map(installable).collect()
        }
        PathMeaning::StorePath => vec![Change::addition(row.choice.full.clone(), None)],
        PathMeaning::Folder | PathMeaning::Flake | PathMeaning::File(_) => Vec::new(),
    }
}
