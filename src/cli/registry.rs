//! `firn registry`: what references mean, and changes; the list is in [`super::registry_list`].
//!
//! `resolve` prints Nix's line per reference; with --json, every hop with its entry and file. Changes
//! print nothing on standard output, as Nix's; what was done is told on standard error.

use std::path::Path;

use serde_json::{Value, json};

use super::failure::Failure;
use super::interrupt::Interrupt;
use super::meant::Invocation;
use super::place::StoreChoice;
use super::printer::Printer;
use super::registry_list::{self, entry_json, reference_json};
use super::registry_places::EntryPlaces;
use super::registry_request::RegistryRequest;
use super::registry_text;
use crate::core::flake_ref::{FlakeRef, NotUtf8};
use crate::core::registry::{Hop, Layer, LookUp, LookUpError, Reach};
use crate::core::shell_words::quoted;
use crate::core::visible;
use crate::ops::Context;
use crate::ops::edit_registry::{Carry, EditedRegistry, RegistryEdit, edit_registry};
use crate::ops::load_registries::{LoadedRegistries, load_as_nix, load_registries, load_registry_file};
use crate::system::machine::{Freshness, Watch};
use crate::system::registry_file::FileState;

/// Carries out a request.
pub fn run(context: &Context, invocation: &Invocation, request: &RegistryRequest) -> Result<(), Failure> {
    let interrupt = Interrupt::watch(invocation.printer)?;
    match request {
        RegistryRequest::List(file) => {
            let loaded = match file {
                Some(file) => load_file(&std::path::absolute(file)?, invocation)?,
                None => load(context, invocation, &interrupt)?,
            };
            registry_list::print(&loaded, context.clock.now(), invocation)
        }
        RegistryRequest::Resolve(words) => {
            resolve(&load(context, invocation, &interrupt)?, invocation, words)
        }
        RegistryRequest::Edit(file, edit) => {
            let file = file.as_deref().map(std::path::absolute).transpose()?;
            let watch = Watch { progress: &interrupt, cancel: &interrupt.cancel };
            if matches!(edit, RegistryEdit::Pin { .. }) {
                // What is pinned may stand in the global registry, which is to be as Nix would see it.
                load(context, invocation, &interrupt)?;
            }
            let carry = if invocation.changing.dry_run { Carry::DryRun } else { Carry::Out };
            let edited = edit_registry(context, file.as_deref(), edit, carry, &watch)?;
            interrupt.done();
            tell_edit(&edited, edit, (invocation, file.as_deref()))
        }
    }
}

fn freshness(invocation: &Invocation) -> Freshness {
    match &invocation.place.store {
        StoreChoice::Nix(words) if words.iter().any(|word| word == "--refresh") => Freshness::Anew,
        _ => Freshness::AsNix,
    }
}

/// Reads the registries; warns about what does not count.
fn load(
    context: &Context,
    invocation: &Invocation,
    interrupt: &Interrupt,
) -> Result<LoadedRegistries, Failure> {
    let watch = Watch { progress: interrupt, cancel: &interrupt.cancel };
    let freshness = freshness(invocation);
    let loaded = match load_as_nix(context, freshness, &watch) {
        // Without a network the other registries still say what they say.
        Err(error) if freshness == Freshness::AsNix && !interrupt.cancel.is_requested() => {
            invocation.printer.warn(&format!("{error:#}"));
            load_registries(context)
        }
        loaded => loaded?,
    };
    warn_of_problems(&loaded, invocation.printer);
    for problem in &loaded.bad_overrides {
        invocation.printer.warn(&format!("--override-flake: {problem}"));
    }
    Ok(loaded)
}

/// Reads one registry alone; where nothing can be read, the name is likely to be wrong.
fn load_file(path: &Path, invocation: &Invocation) -> Result<LoadedRegistries, Failure> {
    let loaded = load_registry_file(path);
    let reason = loaded.files.iter().find_map(|file| match &file.state {
        FileState::Missing => Some("there is no such file"),
        FileState::Unreadable(reason) => Some(reason),
        FileState::Present { .. } | FileState::NotFetched => None,
    });
    if let Some(reason) = reason {
        return Err(anyhow::anyhow!("{}: {reason}", path.display()).into());
    }
    warn_of_problems(&loaded, invocation.printer);
    Ok(loaded)
}

fn warn_of_problems(loaded: &LoadedRegistries, printer: Printer) {
    for file in &loaded.files {
        if let Some(problem) = file.problem() {
            let path = file.path.display();
            printer.warn(&format!("{path}: {problem}; what cannot be read of it does not count"));
        }
    }
}

/// Prints what references mean. One that leads nowhere costs only itself; the status is 1 then.
fn resolve(loaded: &LoadedRegistries, invocation: &Invocation, words: &[String]) -> Result<(), Failure> {
    let (mut lines, mut values) = (Vec::new(), Vec::new());
    let mut failures: Vec<anyhow::Error> = Vec::new();
    let places = EntryPlaces::of(loaded);
    for word in words {
        let found = look_up(loaded, word);
        let hops = match &found {
            Ok(found) => found.hops.as_slice(),
            Err(error) => error.downcast_ref().map_or(&[][..], LookUpError::hops),
        };
        if invocation.json {
            let result = found.as_ref().ok().map(|found| reference_json(&found.result)).transpose()?;
            let hops: Vec<Value> =
                hops.iter().map(|hop| hop_json(loaded, &places, hop)).collect::<Result<_, NotUtf8>>()?;
            let error = found.as_ref().err().map(ToString::to_string);
            values.push(json!({ "reference": word, "result": result, "hops": hops, "error": error }));
        }
        match found {
            Ok(found) => lines.push(visible::text(found.result.as_str())),
            Err(error) => failures.push(error),
        }
    }
    if invocation.json {
        invocation.printer.json(&Value::Array(values))?;
    } else {
        invocation.printer.data(&lines)?;
    }
    let mut failures = failures.into_iter().map(|error| with_advice(&places, error)).collect::<Vec<_>>();
    let last = failures.pop();
    for failure in failures {
        failure.lines(&invocation.place.program()).iter().for_each(|line| invocation.printer.error(line));
    }
    last.map_or(Ok(()), Err)
}

/// What to do about it, where the entries to blame are known.
fn with_advice(places: &EntryPlaces<'_>, error: anyhow::Error) -> Failure {
    match error.downcast_ref().and_then(|error| places.advice(error)) {
        Some(advice) => Failure::with_hint(error, advice),
        None => error.into(),
    }
}

fn look_up(loaded: &LoadedRegistries, word: &str) -> anyhow::Result<LookUp> {
    // As in Nix, asking what a reference means is not a use that `use-registries` forbids.
    Ok(loaded.registries.look_up(&FlakeRef::parse(word)?, Reach::All)?)
}

fn hop_json(loaded: &LoadedRegistries, places: &EntryPlaces<'_>, hop: &Hop) -> Result<Value, NotUtf8> {
    let entry = loaded.registries.entry(hop.entry);
    let entry = entry.map(|entry| entry_json(places, hop.entry, entry, None)).transpose()?;
    Ok(json!({ "before": hop.before.as_str(), "after": hop.after.as_str(), "entry": entry }))
}

/// Tells what was done; `file` is the registry that was named.
fn tell_edit(
    edited: &EditedRegistry,
    edit: &RegistryEdit,
    (invocation, file): (&Invocation, Option<&Path>),
) -> Result<(), Failure> {
    let printer = invocation.printer;
    if edited.is_loose {
        printer.warn("what it is pinned to is not locked: it can mean something else one day");
    }
    if let Some(overruled) = &edited.overruled {
        let layer = Some(edited.layer.unwrap_or(Layer::User));
        printer.warn(&registry_text::overruled(overruled, layer, &command(invocation, file)));
    }
    if invocation.json {
        let registry = |registry: &crate::core::registry::Registry| -> anyhow::Result<Value> {
            Ok(serde_json::from_str(&registry.to_text()?)?)
        };
        return Ok(printer.json(&json!({
            "file": edited.file.display().to_string(),
            "before": registry(&edited.before)?,
            "after": registry(&edited.after)?,
        }))?);
    }
    let sentence = sentence(edited, edit, invocation.changing.dry_run);
    if invocation.changing.dry_run {
        return Ok(printer.data(&[visible::text(&sentence)])?);
    }
    printer.note(&sentence);
    if let Some(removed) = &edited.removed {
        for line in registry_text::removed(edit.from(), removed, &command(invocation, file)) {
            printer.note(&line);
        }
    }
    if let Some(backup) = &edited.backup {
        printer.note(&format!("the old file is kept as {}", backup.display()));
    }
    Ok(())
}

/// `firn registry --registry FILE`, up to the verb.
fn command(invocation: &Invocation, file: Option<&Path>) -> String {
    let program = invocation.place.program();
    match file {
        Some(file) => format!("{program} registry --registry {}", quoted(&file.to_string_lossy())),
        None => format!("{program} registry"),
    }
}

fn sentence(edited: &EditedRegistry, edit: &RegistryEdit, dry_run: bool) -> String {
    let (file, done) = (edited.file.display(), |done, would| if dry_run { would } else { done });
    let now = edited.after.entries.last().map(|entry| entry.to.to_string()).unwrap_or_default();
    match edit {
        RegistryEdit::Add { from, .. } => format!("{} {from} → {now} in {file}", done("set", "would set")),
        RegistryEdit::Pin { from, .. } => {
            format!("{} {from} → {now} in {file}", done("pinned", "would pin"))
        }
        RegistryEdit::Remove { from } => format!("{} {from} from {file}", done("removed", "would remove")),
    }
}
