//! Everything about an entry of a registry: what it replaces by what, where it stands,
//! whether it has a say, where its name leads, and the elements that follow it; of a file
//! that is damaged or was never fetched, what that means.

use ratatui::style::Style;

use super::sheet::Sheet;
use super::{followers, staged_entry};
use crate::core::registry::{Entry, EntryId, Hop, Layer, LookUpError, Reach, Registries, Standing};
use crate::ops::load_registries::LoadedRegistries;
use crate::system::registry_file::past::{self, Replaced};
use crate::system::registry_file::{FileState, RegistryFile};
use crate::tui::action::Action;
use crate::tui::keymap::Scope;
use crate::tui::model::{Model, RegistriesLoad, RegistryRow};
use crate::tui::panes::registry::{is_pinned, short};
use crate::tui::theme;
use crate::tui::view::row::Row;
use crate::tui::view::words::{age, counted};

pub(super) fn about(model: &Model) -> String {
    match model.registry.selected() {
        Some(row @ (RegistryRow::Entry(_) | RegistryRow::Removed(_) | RegistryRow::Coming(_))) => {
            let name = model.registry.name_of(row);
            name.map(|(layer, from)| format!("{}, {}", short(&from), layer.name())).unwrap_or_default()
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
        Some(row @ RegistryRow::Entry(_)) => {
            if let Some(entry) = model.registry.entry(row) {
                of_entry(model, &mut sheet, loaded, entry);
            }
        }
        Some(row @ (RegistryRow::Removed(_) | RegistryRow::Coming(_))) => {
            staged_entry::of_row(model, &mut sheet, row);
        }
        Some(RegistryRow::Problem(layer)) => damaged(model, &mut sheet, loaded, layer),
        Some(RegistryRow::NotFetched) => not_fetched(model, &mut sheet, loaded),
        None => nothing(&mut sheet, loaded),
    }
    sheet.finish()
}

/// The row in a few lines.
pub(super) fn brief(model: &Model, width: usize) -> Vec<Row> {
    let Some(RegistryRow::Entry(id)) = model.registry.selected() else {
        return lines(model, width);
    };
    let Some(registries) = model.registry.registries() else { return Vec::new() };
    let Some(entry) = registries.entry(id) else { return Vec::new() };
    let mut sheet = Sheet::new(&model.theme, width);
    sheet.line(
        Row::text(" ")
            .put(short(&entry.from), sheet.theme.strong)
            .put(format!(" {} {}", theme::ARROW, short(&entry.to)), Style::new()),
    );
    sheet.fact("layer", &format!("{}, {}", id.layer.name(), layer_words(id.layer)));
    standing(model, &mut sheet, registries, id);
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
    staged_entry::fact(model, sheet, (id, entry));
    sheet.fact("from", entry.from.as_str());
    sheet.fact("to", entry.to.as_str());
    sheet.fact("matches", matches(entry));
    let Some(registries) = model.registry.registries() else { return };
    standing(model, sheet, registries, id);
    if is_pinned(entry) {
        pin(model, sheet, loaded, (id, entry));
    }
    sheet.gap();
    let of = registries.layer(id.layer).entries.len();
    let (name, words) = (id.layer.name(), layer_words(id.layer));
    sheet.fact("layer", &format!("{name}, entry {} of {of}; {words}", id.index + 1));
    if let Some(file) = loaded.file(id.layer) {
        sheet.fact("file", &file.path.display().to_string());
        time_of_file(model, sheet, loaded, file);
    }
    if matches!(id.layer, Layer::User | Layer::System) {
        sheet.fact("inputs", "a flake's own inputs do not see it, from Nix 2.29 on");
    }
    look_up(sheet, (registries, loaded.reach), entry);
    followers::list(model, sheet, (id, entry));
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

fn standing(model: &Model, sheet: &mut Sheet<'_>, registries: &Registries, id: EntryId) {
    let by = |by: EntryId| {
        let target = registries.entry(by).map(|entry| short(&entry.to)).unwrap_or_default();
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
    let over = registries.overridden_by(id);
    if !over.is_empty() {
        sheet.fact("overrides", &over.into_iter().map(by).collect::<Vec<_>>().join("; "));
    }
}

/// What a pinned entry is pinned to, how old that is, and when it was pinned.
fn pin(model: &Model, sheet: &mut Sheet<'_>, loaded: &LoadedRegistries, (id, entry): (EntryId, &Entry)) {
    let what = match entry.to.revision() {
        Some(revision) => format!("to revision {revision}"),
        None => "to the contents it names".to_owned(),
    };
    let ago = |time| age(time, model.now, &model.time_zone);
    let time = entry.to.last_modified().and_then(|time| i64::try_from(time).ok());
    let from = time.map(|time| format!(", from {}", ago(time))).unwrap_or_default();
    sheet.styled("pinned", &format!("{what}{from}"), sheet.theme.locked);
    if id.layer != Layer::User || !loaded.registries.layer(Layer::User).entries.contains(entry) {
        return;
    }
    let written = match loaded.file(id.layer).map(|file| &file.state) {
        Some(FileState::Present { modified }) => *modified,
        _ => None,
    };
    let made = past::age(&loaded.past, entry, written);
    match (made.after.map(ago), made.before.map(ago)) {
        (Some(after), Some(before)) if after == before => sheet.fact("since", &before),
        (Some(after), Some(before)) => sheet.fact("since", &format!("between {after} and {before}")),
        (None, Some(before)) => sheet.fact("since", &format!("{before}, or before that")),
        (_, None) => {}
    }
    if let Replaced::Entry(before) = past::replaced(&loaded.past, entry) {
        sheet.fact("replaced", &format!("{}, which removing the pin brings back", short(&before)));
    }
}

fn time_of_file(model: &Model, sheet: &mut Sheet<'_>, loaded: &LoadedRegistries, file: &RegistryFile) {
    let FileState::Present { modified: Some(time) } = file.state else { return };
    let ago = age(time, model.now, &model.time_zone);
    match &loaded.global_url {
        Some(url) if file.layer == Layer::Global => {
            let fetch = model.keymap.name(Scope::Registry, Action::FetchRegistry);
            sheet.fact("fetched", &format!("{ago} or before, by nix, from {url}; {fetch} fetches it again"));
        }
        _ => sheet.fact("written", &ago),
    }
}

/// Where the entry's own name leads, replacement by replacement.
fn look_up(sheet: &mut Sheet<'_>, (registries, reach): (&Registries, Reach), entry: &Entry) {
    sheet.heading(&format!("where {} leads", short(&entry.from)));
    let found = registries.look_up(&entry.from, reach);
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
    let fetch = model.keymap.name(Scope::Registry, Action::FetchRegistry);
    let words = "Nix fetches it when it first looks a name up. firn fetches nothing by itself;";
    sheet.text(&format!("{words} {fetch} has nix fetch it now."), Style::new());
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
