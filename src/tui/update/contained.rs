//! `O` on an environment: which outputs of its packages it has, which there are, and what to write in
//! its file for one more.
//!
//! Nothing is chosen here: an environment is one package, and its file decides. Enter copies the words
//! that go into the file.

use super::cursor::{self, Move};
use super::words::say;
use super::{copying, installed, planning};
use crate::core::contained_outputs::{self, ContainedPackage};
use crate::core::facts::{Facts, Needs};
use crate::core::file_tree::{Basis, PathBytes, Root};
use crate::core::store_path::StorePath;
use crate::core::visible;
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::keymap::Scope;
use crate::tui::model::{ContainedRow, ContainedScreen, Model, OutputFiles, Overlay, Told};
use crate::tui::overlays::contained::{files_shown, rows_shown};

/// Of more outputs only the one under the cursor is read, or asked for at binary caches.
const READ_AT_ONCE: usize = 60;

/// Opens the screen for the element under the cursor.
pub(super) fn open(model: &mut Model) -> Vec<Effect> {
    let Some(row) = installed::under_cursor(model) else { return Vec::new() };
    let Some(element) = &row.after else { return Vec::new() };
    let store_paths = element.store_paths.clone();
    let screen = ContainedScreen {
        element: row.name.clone(),
        store_paths: store_paths.clone(),
        cursor: crate::tui::model::ListCursor::default(),
        scroll: 0,
        rows: None,
    };
    model.overlays.push(Overlay::Contained(screen));
    let known = model.environments.contained.get(&store_paths);
    let is_known = match known {
        Some(Told::Asked) => true,
        // Nothing in it may mean that it was not built.
        Some(Told::Known(packages)) => !packages.is_empty(),
        Some(Told::Failed(_)) | None => false,
    };
    refresh(model);
    if is_known {
        return planning::ask(model);
    }
    model.environments.contained.insert(store_paths.clone(), Told::Asked);
    refresh(model);
    vec![Effect::FindContained(store_paths)]
}

fn screen(model: &Model) -> Option<&ContainedScreen> {
    model.overlays.iter().rev().find_map(|overlay| match overlay {
        Overlay::Contained(screen) => Some(screen),
        _ => None,
    })
}

fn screen_mut(model: &mut Model) -> Option<&mut ContainedScreen> {
    model.overlays.iter_mut().rev().find_map(|overlay| match overlay {
        Overlay::Contained(screen) => Some(screen),
        _ => None,
    })
}

/// What an open screen wants to know.
pub(super) fn needs(model: &Model) -> Needs {
    let mut needs = Needs::default();
    let Some(screen) = screen(model) else { return needs };
    let Some(Ok(rows)) = &screen.rows else { return needs };
    let wanted: Vec<&StorePath> = if rows.len() <= READ_AT_ONCE {
        rows.iter().filter_map(|row| row.path.as_ref()).collect()
    } else {
        screen.row().and_then(|row| row.path.as_ref()).into_iter().collect()
    };
    for path in wanted {
        match model.facts.trees.packages.get(path.as_str().as_bytes()) {
            None => needs.tree.packages.push(PathBytes::from(path.as_str().as_bytes())),
            Some(package) if package.basis == Basis::Exact && package.root == Root::Missing => {
                needs.listings.push(path.clone());
            }
            Some(_) => {}
        }
    }
    needs
}

/// Moves, scrolls, copies.
pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let size = model.size;
    match action {
        Action::Accept => return copy(model),
        Action::ScrollDown | Action::ScrollUp => {
            let Some(screen) = screen_mut(model) else { return Vec::new() };
            let length = screen.row().map_or(0, |row| match &row.files {
                OutputFiles::Known(files) => files.len(),
                _ => 0,
            });
            let most = length.saturating_sub(files_shown(size));
            let step = if action == Action::ScrollDown { Move::Down(3) } else { Move::Up(3) };
            screen.scroll = step.from(screen.scroll, most);
        }
        _ => {
            let Some(screen) = screen_mut(model) else { return Vec::new() };
            let (shown, length) = (rows_shown(size, screen), screen.length());
            if let Some(step) = Move::of(action, shown) {
                screen.cursor.selected = step.from(screen.cursor.selected, length.saturating_sub(1));
                screen.scroll = 0;
                cursor::keep(&mut screen.cursor, length, shown);
                return planning::ask(model);
            }
        }
    }
    Vec::new()
}

/// Copies what stands in the file for the output under the cursor.
fn copy(model: &mut Model) -> Vec<Effect> {
    let Some(row) = screen(model).and_then(ContainedScreen::row).cloned() else {
        say(model, "There is nothing here to copy.");
        return Vec::new();
    };
    if row.is_linked {
        let name = visible::text(&format!("{} of {}", row.output, row.package));
        say(model, format!("{name} is in the environment already."));
        return Vec::new();
    }
    copying::copy(model, visible::text(&row.in_paths))
}

/// What can be copied of the row under the cursor: labels and texts.
pub(super) fn offers(screen: &ContainedScreen) -> Option<(String, Vec<(&'static str, String)>)> {
    let row = screen.row()?;
    let all = contained_outputs::extra_outputs(std::slice::from_ref(&row.output));
    let mut offers = vec![("in its paths", row.in_paths.clone()), ("of all packages", all)];
    offers.extend(row.path.as_ref().map(|path| ("store path", path.to_string())));
    Some((format!("{} of {}", row.output, row.package), offers))
}

/// Makes the rows again, from what is known now.
pub(super) fn refresh(model: &mut Model) {
    let Some(screen) = screen(model) else { return };
    let rows = match model.environments.contained.get(&screen.store_paths) {
        None | Some(Told::Asked) => None,
        Some(Told::Failed(words)) => Some(Err(words.clone())),
        Some(Told::Known(packages)) if packages.is_empty() => Some(Err(no_environment(model, screen))),
        Some(Told::Known(packages)) => Some(Ok(rows(packages, &model.facts))),
    };
    let Some(screen) = screen_mut(model) else { return };
    screen.rows = rows;
    screen.cursor.selected = screen.cursor.selected.min(screen.length().saturating_sub(1));
}

fn no_environment(model: &Model, screen: &ContainedScreen) -> String {
    let plan = model.plan.as_ref();
    if plan.is_some_and(|plan| plan.realise.iter().any(|wanted| wanted.element == screen.element)) {
        let build = model.keymap.name(Scope::Installed, Action::Realise);
        return format!("What is in it is known once it is built; {build} builds it without applying.");
    }
    let source = model.keymap.name(Scope::Installed, Action::Source);
    format!(
        "It is no environment: it links nothing of other packages. It came from no flake, so nothing tells its \
         other outputs; {source} in Installed says where it is from."
    )
}

fn rows(packages: &[ContainedPackage], facts: &Facts) -> Vec<ContainedRow> {
    let files = |path: &Option<StorePath>| {
        let Some(path) = path else { return OutputFiles::NoPath };
        match facts.trees.packages.get(path.as_str().as_bytes()) {
            None => OutputFiles::Asking,
            Some(package) if package.basis == Basis::Exact && package.root == Root::Missing => {
                OutputFiles::Asking
            }
            Some(_) => facts.trees.files_of(path).map_or(OutputFiles::UnknownUntilBuilt, OutputFiles::Known),
        }
    };
    let of_package = |package: &ContainedPackage| {
        let row = |output: &contained_outputs::ContainedOutput| ContainedRow {
            package: package.name.clone(),
            output: output.name.clone(),
            path: output.path.clone(),
            is_linked: output.is_linked,
            in_paths: package.in_paths(&output.name),
            files: files(&output.path),
        };
        package.outputs.iter().map(row).collect::<Vec<_>>()
    };
    packages.iter().flat_map(of_package).collect()
}
