//! Everything about an entry of a registry: what it replaces by what, where it stands,
//! whether it has a say, where its name leads, and the elements that follow it; of a file
//! that is damaged or was never fetched, what that means.

use ratatui::style::Style;

use super::sheet::Sheet;
use crate::core::manifest::ElementSource;
use crate::core::registry::{Entry, EntryId, Hop, Layer, LookUpError, Standing};
use crate::ops::load_registries::LoadedRegistries;
use crate::system::registry_file::{FileState, RegistryFile};
use crate::tui::action::Action;
use crate::tui::keymap::Scope;
use crate::tui::model::{Model, RegistriesLoad, RegistryRow};
use crate::tui::panes::element::version;
use crate::tui::panes::registry::{is_pinned, short};
use crate::tui::theme;
use crate::tui::view::row::Row;
use crate::tui::view::words::{age, counted, width as cells};

pub(super) fn about(model: &Model) -> String {
    let Some(loaded) = model.registry.loaded() else { return String::new() };
    match model.registry.selected() {
        Some(RegistryRow::Entry(id)) => {
            let from = loaded.registries.entry(id).map(|entry| short(&entry.from)).unwrap_or_default();
            format!("{from}, {}", id.layer.name())
        }
        Some(RegistryRow::Problem(layer)) => format!("{} registry", layer.name()),
        Some(RegistryRow::NotFetched) => "global registry".to_owned(),
        None => String::new(),
    }
}

pub(super) fn lines(model: &Model, width: usize) -> Vec<Row> {
    let mut sheet = Sheet::new(&model.theme, width);
    let loaded = match &model.registry.load {
        RegistriesLoad::Loaded(loaded) => loaded,
        RegistriesLoad::Loading => {
            sheet.text("The registries are being read.", sheet.theme.faint);
            return sheet.finish();
        }
        RegistriesLoad::Failed(words) => {
            sheet.text(words, sheet.theme.error);
            return sheet.finish();
        }
    };
    match model.registry.selected() {
        Some(RegistryRow::Entry(id)) => {
            if let Some(entry) = loaded.registries.entry(id) {
                of_entry(model, &mut sheet, loaded, (id, entry));
            }
        }
        Some(RegistryRow::Problem(layer)) => damaged(model, &mut sheet, loaded, layer),
        Some(RegistryRow::NotFetched) => not_fetched(model, &mut sheet, loaded),
        None => nothing(&mut sheet, loaded),
    }
    sheet.finish()
}

/// The row in a few lines.
pub(super) fn brief(model: &Model, width: usize) -> Vec<Row> {
    let (Some(loaded), Some(RegistryRow::Entry(id))) = (model.registry.loaded(), model.registry.selected())
    else {
        return lines(model, width);
    };
    let Some(entry) = loaded.registries.entry(id) else { return Vec::new() };
    let mut sheet = Sheet::new(&model.theme, width);
    sheet.line(
        Row::text(" ")
            .put(short(&entry.from), sheet.theme.strong)
            .put(format!(" {} {}", theme::ARROW, short(&entry.to)), Style::new()),
    );
    sheet.fact("layer", &format!("{}, {}", id.layer.name(), layer_words(id.layer)));
    standing(model, &mut sheet, loaded, id);
    let followers = model.registry.followers_of(id);
    if followers.is_empty() {
        sheet.styled("followed by", "no element of this profile", sheet.theme.faint);
    } else {
        let number = counted(followers.len(), "element");
        sheet.fact("followed by", &format!("{number}: {}", followers.join(", ")));
    }
    sheet.finish()
}

fn of_entry(model: &Model, sheet: &mut Sheet<'_>, loaded: &LoadedRegistries, (id, entry): (EntryId, &Entry)) {
    sheet.line(Row::text(" ").put(short(&entry.from), sheet.theme.strong));
    sheet.gap();
    sheet.fact("from", entry.from.as_str());
    sheet.fact("to", entry.to.as_str());
    sheet.fact("matches", matches(entry));
    standing(model, sheet, loaded, id);
    if let Some(words) = pin(model, entry) {
        sheet.styled("pinned", &words, sheet.theme.locked);
    }
    sheet.gap();
    let of = loaded.registries.layer(id.layer).entries.len();
    let (name, words) = (id.layer.name(), layer_words(id.layer));
    sheet.fact("layer", &format!("{name}, entry {} of {of}; {words}", id.index + 1));
    if let Some(file) = loaded.file(id.layer) {
        sheet.fact("file", &file.path.display().to_string());
        time_of_file(model, sheet, loaded, file);
    }
    if matches!(id.layer, Layer::User | Layer::System) {
        sheet.fact("inputs", "of flakes do not see it, from Nix 2.29 on");
    }
    look_up(sheet, loaded, entry);
    followers(model, sheet, (id, entry));
}

fn matches(entry: &Entry) -> &'static str {
    if entry.exact {
        return "this very reference and no other (exact)";
    }
    if entry.from.reference().is_some() || entry.from.revision().is_some() {
        return "this reference with its branch, tag or commit";
    }
    "the bare name, and the name with a branch, tag or commit, which carry over"
}

fn layer_words(layer: Layer) -> &'static str {
    match layer {
        Layer::CommandLine => "from --override-flake, tried first",
        Layer::User => "tried before system and global",
        Layer::System => "not yours to edit, tried after user",
        Layer::Global => "not yours to edit, tried last",
    }
}

fn standing(model: &Model, sheet: &mut Sheet<'_>, loaded: &LoadedRegistries, id: EntryId) {
    let by = |by: EntryId| {
        let target = loaded.registries.entry(by).map(|entry| short(&entry.to)).unwrap_or_default();
        format!("{} entry {}, {} {target}", by.layer.name(), by.index + 1, theme::ARROW)
    };
    match model.registry.standings.get(&id) {
        Some(Standing::Shadowed(other)) => {
            sheet.styled("has a say", &format!("no: overridden by {}", by(*other)), sheet.theme.shadowed);
        }
        Some(Standing::Partly(other)) => {
            let words = format!("with a branch, tag or commit; the bare name goes to {}", by(*other));
            sheet.styled("has a say", &words, sheet.theme.shadowed);
        }
        Some(Standing::Winning) | None => sheet.fact("has a say", "yes: nothing before it matches"),
    }
}

/// What a pinned entry is pinned to, and how old that is.
fn pin(model: &Model, entry: &Entry) -> Option<String> {
    if !is_pinned(entry) {
        return None;
    }
    let what = match entry.to.revision() {
        Some(revision) => format!("to revision {revision}"),
        None => "to the contents it names".to_owned(),
    };
    let time = entry.to.last_modified().and_then(|time| i64::try_from(time).ok());
    let ago = time.map(|time| format!(", from {}", age(time, model.now, &model.time_zone)));
    Some(format!("{what}{}", ago.unwrap_or_default()))
}

fn time_of_file(model: &Model, sheet: &mut Sheet<'_>, loaded: &LoadedRegistries, file: &RegistryFile) {
    let FileState::Present { modified: Some(time) } = file.state else { return };
    let ago = age(time, model.now, &model.time_zone);
    match &loaded.global_url {
        Some(url) if file.layer == Layer::Global => {
            sheet.fact("fetched", &format!("{ago}, by nix, from {url}; firn fetches nothing by itself"));
        }
        _ => sheet.fact("written", &ago),
    }
}

/// Where the entry's own name leads, replacement by replacement.
fn look_up(sheet: &mut Sheet<'_>, loaded: &LoadedRegistries, entry: &Entry) {
    sheet.heading(&format!("where {} leads", short(&entry.from)));
    let found = loaded.registries.look_up(&entry.from, loaded.reach);
    let hops = match &found {
        Ok(found) => found.hops.as_slice(),
        Err(error) => LookUpError::hops(error),
    };
    for hop in hops {
        hop_line(sheet, hop);
    }
    match &found {
        Ok(found) if found.hops.is_empty() => {
            sheet.text("  nowhere else: registries are not used", sheet.theme.faint);
        }
        Ok(_) => {}
        Err(error) => sheet.text(&error.to_string(), sheet.theme.error),
    }
}

fn hop_line(sheet: &mut Sheet<'_>, hop: &Hop) {
    let words = format!("{} {} {}", short(&hop.before), theme::ARROW, short(&hop.after));
    let place = format!("{} entry {}", hop.entry.layer.name(), hop.entry.index + 1);
    sheet.line(Row::text("   ").put(words, Style::new()).put(format!("   {place}"), sheet.theme.faint));
}

fn followers(model: &Model, sheet: &mut Sheet<'_>, (id, entry): (EntryId, &Entry)) {
    let names = model.registry.followers_of(id);
    let Some(plan) = model.plan.as_deref() else { return };
    if names.is_empty() {
        sheet.heading("no element of this profile follows it");
        return;
    }
    let verb = if names.len() == 1 { "follows" } else { "follow" };
    sheet.heading(&format!("{} {verb} it", counted(names.len(), "element")));
    let room = names.iter().map(|name| cells(name)).max().unwrap_or(0).clamp(4, 24);
    for name in names {
        let Some(element) = plan.after.elements.get(name) else { continue };
        let locked = element.source.as_ref().and_then(ElementSource::revision);
        let row = Row::text("   ").cell(name, room, Style::new()).put("  ", Style::new());
        let row = row.cell(version(element), 14, Style::new()).put(" ", Style::new());
        let row = row.cell(locked.map_or("-", |revision| &revision[..7]), 8, sheet.theme.faint);
        sheet.line(match (locked, entry.to.revision()) {
            (Some(own), Some(entry)) if own == entry => row.put(" the entry's revision", sheet.theme.good),
            (Some(_), Some(_)) => row.put(" another revision", sheet.theme.changed),
            _ => row,
        });
    }
}

fn damaged(model: &Model, sheet: &mut Sheet<'_>, loaded: &LoadedRegistries, layer: Layer) {
    let Some(file) = loaded.file(layer) else { return };
    sheet.text(&format!("The {} registry is damaged", layer.name()), sheet.theme.error);
    sheet.gap();
    sheet.fact("file", &file.path.display().to_string());
    sheet.fact("fault", &file.problem().unwrap_or_default());
    sheet.gap();
    let again = model.keymap.name(Scope::Registry, Action::Reload);
    let words = match file.registry.entries.len() {
        0 => "None of it counts, neither here nor for nix.".to_owned(),
        number => format!(
            "The {} before the fault count, here and for nix.",
            counted(number, "entry").replace("entrys", "entries")
        ),
    };
    sheet.text(
        &format!("{words} Correct the file, then {again} reads it again. firn leaves it as it is."),
        Style::new(),
    );
}

fn not_fetched(model: &Model, sheet: &mut Sheet<'_>, loaded: &LoadedRegistries) {
    sheet.text("The global registry is not here", sheet.theme.strong);
    sheet.gap();
    sheet.fact("setting", "flake-registry");
    sheet.fact("from", loaded.global_url.as_deref().unwrap_or_default());
    if let Some(file) = loaded.file(Layer::Global) {
        sheet.fact("kept at", &file.path.display().to_string());
    }
    sheet.gap();
    let again = model.keymap.name(Scope::Registry, Action::Reload);
    let words = "Nix fetches it when it first looks a name up, for instance by 'nix registry list'. firn fetches nothing by itself.";
    sheet.text(&format!("{words} {again} reads what is there then."), Style::new());
}

fn nothing(sheet: &mut Sheet<'_>, loaded: &LoadedRegistries) {
    sheet.text("No registry has an entry.", sheet.theme.strong);
    sheet.gap();
    for file in &loaded.files {
        let words = match file.state {
            FileState::Missing => "is not there",
            FileState::NotFetched => "was not fetched yet",
            FileState::Present { .. } | FileState::Unreadable(_) => "has no entries",
        };
        sheet.fact(file.layer.name(), &format!("{} {words}", file.path.display()));
    }
}
