//! `Y`: what can be copied of the row, the line, or the plan under review.
//!
//! Texts go to the terminal's clipboard, and from there perhaps into a shell: nothing hidden
//! is in them, and commands are quoted ([`crate::core::shell_words`]).

use super::cursor::Move;
use super::profiles::own_command;
use super::{command_log, contained, history, installed, preview, words};
use crate::core::change::Change;
use crate::core::counting::counted;
use crate::core::link_tree::Node;
use crate::core::nix_commands::NoCommand;
use crate::core::nix_options::RememberedOptions;
use crate::core::plan::PlannedElement;
use crate::core::{shell_words, visible};
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::model::{
    ContainedScreen, CopyMenu, CopyRow, LogLine, Model, Overlay, Pane, PreviewTab, TreeLineKind,
};
use crate::tui::panes::element;

/// More than this terminals drop (100,000 bytes as they are sent).
const MOST_BYTES: usize = 74_000;

type Found = Option<(String, Vec<CopyRow>)>;

/// Opens the menu.
pub(super) fn open(model: &mut Model) -> Vec<Effect> {
    let options = options(model);
    model.commands.options = options;
    if let Some((about, rows)) = offers(model) {
        model.overlays.push(Overlay::Copy(CopyMenu { about, rows, ..CopyMenu::default() }));
    }
    Vec::new()
}

/// The options with which nix is asked about each element: those of this run and its own.
fn options(model: &Model) -> RememberedOptions {
    let (asked, run) = (model.options.of_questions(), &model.options.run);
    let Some(plan) = model.plan.as_deref() else { return RememberedOptions::default() };
    let mut found = RememberedOptions::default();
    for (name, element) in &plan.after.elements {
        let reference = element.source.as_ref().map_or("", |source| &source.original_url);
        let options = run.joined(&asked.of(Some(name), reference));
        if !options.is_empty() {
            found.elements.insert(name.clone(), options);
        }
    }
    for installable in plan.changes.iter().filter_map(Change::installable) {
        let reference = installable.parts().map_or("", |parts| parts.reference);
        let options = run.joined(&asked.of_addition(installable.shown(), reference));
        if !options.is_empty() {
            found.additions.insert(installable.shown().to_owned(), options);
        }
    }
    found
}

/// Why there is nothing to copy.
pub(super) fn why_off(model: &Model) -> Option<String> {
    offers(model).is_none().then(|| "There is nothing here to copy.".to_owned())
}

/// Moves, or copies.
pub(super) fn act(model: &mut Model, action: Action, digit: Option<usize>) -> Vec<Effect> {
    let Some(Overlay::Copy(menu)) = model.overlays.last_mut() else { return Vec::new() };
    let last = menu.rows.len().saturating_sub(1);
    if let Some(step) = Move::of(action, menu.rows.len()) {
        menu.cursor.selected = step.from(menu.cursor.selected, last);
        return Vec::new();
    }
    let chosen = match (action, digit) {
        (Action::Choose, Some(digit)) => digit.saturating_sub(1),
        _ => menu.cursor.selected,
    };
    let Some(row) = menu.rows.get(chosen).cloned() else {
        words::say(model, "The menu has no such line.");
        return Vec::new();
    };
    match row.text {
        Ok(text) => {
            model.overlays.pop();
            copy(model, text)
        }
        Err(reason) => {
            words::say(model, format!("Not copied: {reason}."));
            Vec::new()
        }
    }
}

/// Copies a text and shows it.
pub(super) fn copy(model: &mut Model, text: String) -> Vec<Effect> {
    if text.len() > MOST_BYTES {
        words::say(model, format!("Not copied: {} KiB are more than terminals take.", text.len() / 1024));
        return Vec::new();
    }
    let more = text.lines().count().saturating_sub(1);
    let first = visible::text(text.lines().next().unwrap_or_default());
    let rest = if more > 0 { format!(" and {}", counted(more, "more line")) } else { String::new() };
    words::say(model, format!("To the clipboard: {first}{rest}"));
    vec![Effect::Copy(text)]
}

fn offers(model: &Model) -> Found {
    match model.overlays.last() {
        Some(Overlay::Review(_)) => return of_plan(model),
        Some(Overlay::Log(_)) => return of_log(model),
        Some(Overlay::Contained(screen)) => return of_contained(screen),
        _ => {}
    }
    let on_tree = model.focus == Pane::Preview && model.preview.tab == PreviewTab::Tree;
    match model.list {
        _ if on_tree => of_line(model),
        Pane::Registry => of_entry(model),
        Pane::History => of_generation(model),
        _ => of_elements(model),
    }
}

fn offer(label: &'static str, text: impl Into<String>) -> CopyRow {
    CopyRow { label, text: Ok(text.into()) }
}

fn command(label: &'static str, command: Result<String, NoCommand>) -> CopyRow {
    CopyRow { label, text: command.map_err(|reason| visible::text(&reason.to_string())) }
}

/// What to write for an output of an environment's package.
fn of_contained(screen: &ContainedScreen) -> Found {
    let (about, offers) = contained::offers(screen)?;
    Some((about, offers.into_iter().map(|(label, text)| offer(label, visible::text(&text))).collect()))
}

/// The registry's entry under the cursor.
fn of_entry(model: &Model) -> Found {
    let (loaded, selected) = (model.registry.loaded()?, model.registry.selected()?);
    let (id, entry) = model.registry.entry(selected)?;
    let (from, to) = (visible::text(entry.from.as_str()), visible::text(entry.to.as_str()));
    let mut rows = vec![offer("reference", from.clone()), offer("what it stands for", to)];
    let path = loaded.file(id.layer).map(|file| visible::text(&file.path.display().to_string()));
    rows.extend(path.map(|path| offer("registry file", path)));
    Some((from, rows))
}

/// The marked elements, else the one under the cursor.
fn of_elements(model: &Model) -> Found {
    let plan = model.plan.as_deref()?;
    let names = installed::targets(model);
    let rows: Vec<&PlannedElement> = plan.elements.iter().filter(|row| names.contains(&row.name)).collect();
    let elements: Vec<_> = rows.iter().filter_map(|row| row.after.as_ref().or(row.before.as_ref())).collect();
    if rows.is_empty() {
        return None;
    }
    let lines =
        |texts: Vec<String>| texts.iter().map(|text| visible::text(text)).collect::<Vec<_>>().join("\n");
    let label = |one, many| if names.len() == 1 { one } else { many };
    let paths = elements.iter().flat_map(|element| &element.store_paths).map(ToString::to_string).collect();
    let sources = || elements.iter().filter_map(|element| element.source.as_ref());
    let mut offers = vec![
        offer(label("name", "names"), lines(names.clone())),
        offer(label("store path", "store paths"), lines(paths)),
    ];
    if sources().next().is_some() {
        let reference = |element: &&&crate::core::manifest::ProfileElement| element::reference(element);
        let with_source = || elements.iter().filter(|element| element.source.is_some());
        let locked = sources().map(|source| source.installable(&source.url, &source.attr_path));
        offers.push(offer("reference", lines(with_source().map(|found| reference(&found)).collect())));
        offers.push(offer("locked ref", lines(locked.collect())));
    }
    let pages: Vec<String> =
        sources().filter_map(|source| model.homepages.of(source)).map(str::to_owned).collect();
    if !pages.is_empty() {
        offers.push(offer(label("homepage", "homepages"), lines(pages)));
    }
    let adding = rows.iter().filter_map(|row| {
        let element = row.after.as_ref().or(row.before.as_ref())?;
        Some(model.commands.adding(&row.name, element))
    });
    offers.push(command("nix add", adding.collect::<Result<Vec<_>, _>>().map(|lines| together(&lines))));
    if sources().next().is_some() {
        offers.push(command("nix upgrade", model.commands.by_name("upgrade", &names)));
    }
    offers.push(command("nix remove", model.commands.by_name("remove", &names)));
    Some((words::names(&names), offers))
}

fn of_generation(model: &Model) -> Found {
    let number = history::generation_under_cursor(model)?;
    let mut generations = model.loaded()?.generations.iter();
    let loaded = generations.find(|loaded| loaded.generation.number == number)?;
    let target = visible::text(&loaded.generation.target);
    let offers = vec![
        offer("number", number.to_string()),
        offer("store path", target),
        match own_command(model, number) {
            Some(own) => offer("switch to it", visible::text(&own)),
            None => command("nix rollback", model.commands.rolling_back(number)),
        },
    ];
    Some((format!("generation {number}"), offers))
}

fn of_line(model: &Model) -> Found {
    let plan = model.plan.as_deref()?;
    let line = preview::under_cursor(model)?;
    if matches!(line.kind, TreeLineKind::Unchanged(_)) {
        return None;
    }
    let path = visible::text(&visible::bytes(&line.path));
    let mut offers = vec![
        offer("path", path.clone()),
        offer("full path", visible::text(&format!("{}/{path}", model.commands.profile))),
    ];
    let node = [&plan.tree_after, &plan.tree_before].into_iter().find_map(|tree| tree.get(&line.path));
    if let Some(Node::Link(link)) = node {
        offers.push(offer("leads to", visible::text(&visible::bytes(&link.target(&line.path)))));
        let owner = plan.element_of(&link.package).or_else(|| plan.element_before(&link.package));
        offers.extend(owner.map(|owner| offer("element", visible::text(owner))));
    }
    Some((path, offers))
}

fn of_plan(model: &Model) -> Found {
    let plan = model.plan.as_deref()?;
    let changes = model.transaction.changes();
    let commands = model.commands.of_changes(changes).map(|lines| together(&lines));
    let json = on_one_line(&model.transaction.to_json());
    let mut offers = vec![
        command("nix commands", commands),
        offer("firn command", piped_to_firn(model, &json)),
        offer("plan as JSON", json),
    ];
    if let Ok(Some(path)) = plan.result() {
        offers.push(offer("new profile", path.to_string()));
    }
    Some(("the plan".to_owned(), offers))
}

fn of_log(model: &Model) -> Found {
    let line = command_log::under_cursor(model)?;
    let (LogLine::Title(entry) | LogLine::Text(entry, _)) = line;
    let mut offers = vec![offer("this line", command_log::text_of(&line))];
    if entry.command.is_some() {
        offers.push(offer("command", entry.title.clone()));
    }
    if !entry.lines.is_empty() {
        let printed: Vec<&str> = entry.lines.iter().map(String::as_str).collect();
        offers.push(offer("all it printed", printed.join("\n")));
    }
    Some(("the log".to_owned(), offers))
}

/// The same JSON without line feeds and without hidden characters.
fn on_one_line(json: &str) -> String {
    let compact =
        serde_json::from_str(json).map_or_else(|_| json.to_owned(), |it: serde_json::Value| it.to_string());
    let mut text = String::with_capacity(compact.len());
    for character in compact.chars() {
        let alone = character.to_string();
        if visible::text(&alone) == alone {
            text.push(character);
        } else {
            text.extend(character.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")));
        }
    }
    text
}

/// Commands of which each runs if the one before did not fail.
fn together(lines: &[String]) -> String {
    lines.join(" &&\n")
}

/// Applies exactly this plan: all of it in one generation.
fn piped_to_firn(model: &Model, json: &str) -> String {
    format!("printf %s {} | {}", shell_words::quoted(json), model.commands.firn(&["apply", "-"]))
}
