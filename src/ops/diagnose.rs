//! Looks for everything that is known to go wrong with a profile, and tells what mends it.
//!
//! Nothing is changed and nothing is fetched. Each look is on its own: one that cannot be
//! taken is a finding or leaves the others as they are.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use crate::core::counting::{colliding, counted};
use crate::core::diagnosis::{Finding, Problem, TwoVersions, twice, two_versions, wholly_hidden};
use crate::core::facts::Facts;
use crate::core::manifest::ProfileManifest;
use crate::core::plan::Plan;
use crate::core::shell_words::quoted;
use crate::core::store_path::StorePath;
use crate::core::transaction::Transaction;
use crate::core::user_environment::UserEnvironment;
use crate::system::file_place;
use crate::system::journal::Journal;
use crate::system::machine::{ProfileLinks, Watch};
use crate::system::notes::Notes;
use crate::system::profile_folder::{ProfileFolder, ProfileState};
use crate::system::profile_leftovers::{self, Leftovers};
use crate::system::registry_file::RegistryFile;
use crate::system::search_path::SearchPath;

use super::Context;
use super::diagnose_files::environment_files;
use super::foresee_switch::foresee_switch;
use super::gather_facts::complete_plan;
use super::hint::{about_profile, hint};
use super::load_profile::load_base;
use super::load_registries::load_registries;

/// Looks at the profile of the context and what it rests on. `program` is how firn is called for
/// this profile, for the commands that mend.
pub fn diagnose(
    context: &Context,
    search_path: &SearchPath,
    program: &str,
    watch: &Watch<'_>,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.extend(nix(context));
    if context.store.is_default_profile(&context.profile)
        && let Some(links) = context.store.profile_links()
    {
        findings.extend(user_links(context, &links));
        findings.extend(on_path(context, &links, search_path));
    }
    findings.extend(no_profile(context, program));
    findings.extend(profile_link(context, program));
    findings.extend(beside(context));
    findings.extend(contents(context, program, watch));
    findings.extend(registries(context));
    findings.extend(journal(context));
    findings.extend(notes(context));
    findings
}

fn nix(context: &Context) -> Option<Finding> {
    let error = anyhow::Error::from(context.store.check().err()?);
    let mend = hint(&error).unwrap_or_else(|| "install a current Nix, https://nixos.org/download".to_owned());
    Some(Finding::new(Problem::Nix, error.to_string(), mend))
}

fn shown(path: &Path) -> String {
    quoted(&path.to_string_lossy())
}

fn user_links(context: &Context, links: &ProfileLinks) -> Vec<Finding> {
    let (used, other) = (&links.used, &links.other);
    let mut findings = Vec::new();
    let profile = shown(&context.profile);
    let there = context.profile.symlink_metadata().is_ok();
    if used.symlink_metadata().is_err() && there {
        let message = format!("{} is missing, so what is installed is not on PATH", shown(used));
        findings.push(Finding::new(Problem::LinkChain, message, format!("ln -s {profile} {}", shown(used))));
    } else if used.symlink_metadata().is_ok_and(|status| !status.is_symlink()) {
        let message = format!("{} is no link, so it is not the profile that nix works on", shown(used));
        let mend = format!("mv {0} {0}.old && ln -s {profile} {0}", shown(used));
        findings.push(Finding::new(Problem::LinkChain, message, mend));
    }
    let target = |link: &PathBuf| link.read_link().ok().map(|to| link.parent().unwrap_or(link).join(to));
    if let (Some(one), Some(two)) = (target(used), target(other))
        && one != two
        && file_place::resolved(&one) != file_place::resolved(&two)
    {
        let message = format!(
            "{} leads to {} and {} to {}; nix works on the first",
            shown(used),
            shown(&one),
            shown(other),
            shown(&two)
        );
        let mend = format!("ln -sfn {} {}", shown(&one), shown(other));
        findings.push(Finding::new(Problem::TwoProfiles, message, mend));
    }
    findings
}

fn on_path(context: &Context, links: &ProfileLinks, search_path: &SearchPath) -> Option<Finding> {
    let programs = [context.profile.join("bin"), links.used.join("bin")];
    let found = |folder: &PathBuf| search_path.names(folder) || search_path.entry_of(folder).is_some();
    if programs.iter().any(found) {
        return None;
    }
    let folder = shown(&links.used.join("bin"));
    let message = format!("{folder} is not on PATH: programs that are installed are not found");
    Some(Finding::new(Problem::NotOnPath, message, format!("export PATH={folder}:\"$PATH\"")))
}

/// A profile that was named and is not there. The one that nobody names is made by the first addition.
fn no_profile(context: &Context, program: &str) -> Option<Finding> {
    let is_there = context.profile.symlink_metadata().is_ok();
    let folder = ProfileFolder::new(&context.profile).ok();
    let generations = folder.and_then(|folder| folder.generations().ok()).unwrap_or_default();
    if is_there || !generations.is_empty() || context.store.is_default_profile(&context.profile) {
        return None;
    }
    let message = format!("there is no profile at {}", shown(&context.profile));
    let mend = format!("name one with --profile; '{program} add PACKAGE' would make this one");
    Some(Finding::new(Problem::NoProfile, message, mend))
}

/// The profile's own link, down to the live generation.
fn profile_link(context: &Context, program: &str) -> Vec<Finding> {
    let Ok(folder) = ProfileFolder::new(&context.profile) else { return Vec::new() };
    let name = shown(&folder.link);
    let (Ok(generations), Ok(state), Ok(current)) = (folder.generations(), folder.state(), folder.current())
    else {
        return Vec::new();
    };
    let whole = |generation: &&crate::core::generation::Generation| Path::new(&generation.target).exists();
    let back = generations.iter().rev().find(whole);
    let back = back.map_or_else(
        || format!("'{program} add --force PACKAGE' starts with an empty profile in place of {name}"),
        |generation| rollback(program, generation.number),
    );
    let finding = |message: String, mend: String| vec![Finding::new(Problem::LinkChain, message, mend)];
    match (state, current) {
        (ProfileState::Missing, _) if generations.is_empty() => Vec::new(),
        (ProfileState::Missing, _) => {
            finding(format!("{name} is missing, and its generations are there"), back)
        }
        (ProfileState::Dangling, _) => finding(format!("{name} leads to nothing"), back),
        (ProfileState::WithoutManifest, _) => finding(format!("{name} has no manifest"), back),
        (_, None) => finding(
            format!("{name} leads to none of its generations, so nobody can tell which one is live"),
            back,
        ),
        (_, Some(number)) if folder.link.read_link().is_ok_and(|target| target.is_absolute()) => finding(
            format!(
                "{name} is an absolute link: nix takes no generation for the live one, and its wipe-history deletes all"
            ),
            rollback(program, number),
        ),
        _ => Vec::new(),
    }
}

fn rollback(program: &str, number: u64) -> String {
    format!("{program} rollback --to {number}")
}

fn beside(context: &Context) -> Vec<Finding> {
    let Ok(Leftovers { stale_lock, temporary, dangling }) = profile_leftovers::look(&context.profile) else {
        return Vec::new();
    };
    let lock = stale_lock.map(|lock| {
        let message = format!("{} is not empty: nix waits on it for ever", shown(&lock));
        Finding::new(Problem::StaleLock, message, format!("rm {}", shown(&lock)))
    });
    let temporary = temporary.into_iter().map(|path| {
        let message = format!("{} was left behind when a program was stopped", shown(&path));
        Finding::new(Problem::Leftover, message, format!("rm {}", shown(&path)))
    });
    let live = ProfileFolder::new(&context.profile).ok().and_then(|folder| folder.current().ok().flatten());
    let dangling = dangling.into_iter().filter(|(number, _)| live != Some(*number)).map(|(number, path)| {
        let message = format!("generation {number} leads to nothing; one cannot go back to it");
        Finding::new(Problem::DanglingGeneration, message, format!("rm {}", shown(&path)))
    });
    lock.into_iter().chain(temporary).chain(dangling).collect()
}

/// The manifest, and the tree it stands for.
fn contents(context: &Context, program: &str, watch: &Watch<'_>) -> Vec<Finding> {
    let (state, base) = match load_base(context) {
        Ok(loaded) => loaded,
        Err(error) => {
            let mend =
                hint(&error).unwrap_or_else(|| "'firn history' shows where one can go back to".to_owned());
            let mend = about_profile(&mend, program);
            return vec![Finding::new(Problem::Unreadable, error.to_string(), mend)];
        }
    };
    if !state.has_manifest() {
        return Vec::new();
    }
    let mut findings = Vec::new();
    if state == ProfileState::Present {
        findings.extend(both_manifests(context, program, &base.manifest));
    }
    findings.extend(packages_twice(program, &base.manifest));
    findings.extend(packages_in_versions(program, &base.manifest));
    findings.extend(environment_files(context, program, &base.manifest, watch));
    let missing = missing_paths(program, &base.manifest);
    if missing.is_empty() {
        let mut facts = Facts::default();
        if let Ok(plan) = complete_plan(context, &base, &Transaction::default(), &mut facts, watch) {
            findings.extend(tree(program, &plan));
            let trouble = foresee_switch(context, &plan, &mut facts, watch).unwrap_or_default();
            findings.extend(
                trouble.map(|trouble| {
                    Finding::new(Problem::NextSwitch, trouble.words(), trouble.to_type(program))
                }),
            );
        }
    }
    findings.extend(missing);
    findings
}

/// Nix goes by `manifest.json`, and the next change drops what only `manifest.nix` names.
fn both_manifests(context: &Context, program: &str, manifest: &ProfileManifest) -> Option<Finding> {
    const SHOWN: usize = 6;
    let found = second_manifest(context).transpose()?;
    let both =
        format!("{} has manifest.json and manifest.nix; nix goes by the first", shown(&context.profile));
    let file = shown(&context.profile.join("manifest.nix"));
    let finding = |message, mend| Some(Finding::new(Problem::BothManifests, message, mend));
    let Ok(environment) = found else {
        let message = format!("{both}, and the second cannot be read: what it names is ignored");
        return finding(message, format!("look at it with 'cat {file}': the next change drops it"));
    };
    let installed: HashSet<&StorePath> =
        manifest.elements.values().flat_map(|element| &element.store_paths).collect();
    let elements = environment.elements();
    let ignored =
        elements.iter().filter(|(_, one)| !one.store_paths.iter().all(|path| installed.contains(path)));
    let (names, paths): (Vec<&str>, Vec<&[StorePath]>) =
        ignored.map(|(name, element)| (name.as_str(), element.store_paths.as_slice())).unzip();
    if names.is_empty() {
        let message = format!("{both}, which has all that the second names");
        let mend = format!("any change leaves manifest.nix out, for example '{program} add PACKAGE'");
        return finding(message, mend);
    }
    let more = names.len().saturating_sub(SHOWN);
    let end = if more > 0 { format!(" and {more} more") } else { String::new() };
    let message = format!(
        "{both}. {} of nix-env in the second ignored, and the next change drops {}: {}{end}",
        if names.len() == 1 { "1 package is".to_owned() } else { format!("{} packages are", names.len()) },
        if names.len() == 1 { "it" } else { "them" },
        names.iter().take(SHOWN).copied().collect::<Vec<_>>().join(", ")
    );
    let paths: Vec<String> = paths.concat().iter().map(ToString::to_string).collect();
    finding(message, format!("'cat {file}' shows them; none is lost by: {program} add {}", paths.join(" ")))
}

/// The `manifest.nix` that stands beside a `manifest.json`, if one does.
fn second_manifest(context: &Context) -> anyhow::Result<Option<UserEnvironment>> {
    let folder = ProfileFolder::new(&context.profile)?;
    let Some(text) = folder.second_manifest_text()? else { return Ok(None) };
    let derivations = context.store.environment_derivations();
    Ok(Some(UserEnvironment::parse(&text, context.store.store_dir(), derivations)?))
}

fn packages_twice(program: &str, manifest: &ProfileManifest) -> Vec<Finding> {
    let finding = |names: Vec<String>| {
        let message = format!("{} are the same package", listed(&names));
        let last = names.last().map_or("", String::as_str);
        let mend = format!("{program} remove {}", quoted(last));
        Finding::new(Problem::Twice, message, mend)
    };
    twice(manifest).into_iter().map(finding).collect()
}

fn packages_in_versions(program: &str, manifest: &ProfileManifest) -> Vec<Finding> {
    let finding = |TwoVersions { package, elements }| {
        let each: Vec<String> =
            elements.iter().map(|(name, version)| format!("'{name}' ({version})")).collect();
        let message = format!("{} are versions of one package, '{package}'", each.join(" and "));
        let (older, _) = &elements[0];
        Finding::new(Problem::TwoVersions, message, format!("{program} remove {}", quoted(older)))
    };
    two_versions(manifest).into_iter().map(finding).collect()
}

fn missing_paths(program: &str, manifest: &ProfileManifest) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, element) in &manifest.elements {
        for path in &element.store_paths {
            if file_place::stands_at(path.as_str().as_bytes()).is_none() {
                let message = format!("'{path}' of '{name}' is not in the store any more");
                let mend = format!(
                    "nix-store --realise {path}, or if no cache has it: {program} remove {}",
                    quoted(name)
                );
                findings.push(Finding::new(Problem::MissingPath, message, mend));
            }
        }
    }
    findings
}

fn tree(program: &str, plan: &Plan) -> Vec<Finding> {
    let blocking = plan.collisions.blocking();
    let collisions = (blocking > 0).then(|| {
        let message = format!("{} in what is live: nix refuses the next change", colliding(blocking));
        Finding::new(Problem::Collisions, message, format!("{program} collisions"))
    });
    let hidden = wholly_hidden(plan).into_iter().map(|hidden| {
        let name = quoted(&hidden.element);
        let message = format!("nothing of '{}' is seen: {} hides it", hidden.element, listed(&hidden.by));
        let mend = format!("{program} priority {name} {}, or {program} remove {name}", hidden.winning);
        Finding::new(Problem::WhollyHidden, message, mend)
    });
    collisions.into_iter().chain(hidden).collect()
}

fn listed(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("'{name}'")).collect();
    quoted.join(" and ")
}

fn notes(context: &Context) -> Option<Finding> {
    let notes = Notes::new(&context.folders.state);
    let error = notes.read(&context.profile).err()?;
    let message = format!("{error}; which generations are to be kept is not known, so none is deleted");
    let file = shown(notes.path());
    Some(Finding::new(Problem::Notes, message, format!("mv {file} {file}.old")))
}

/// Nix goes on with what it could read of a registry, and loses the rest when it writes the file.
fn registries(context: &Context) -> Vec<Finding> {
    let files = load_registries(context).files;
    let damaged = files.iter().filter_map(|file| Some((file, file.problem()?)));
    let finding = |(file, problem): (&RegistryFile, String)| {
        let message = format!("{}: {problem}; what cannot be read of it does not count", shown(&file.path));
        let mend = "mend the file; firn does not write it until it can be read whole";
        Finding::new(Problem::Registry, message, mend)
    };
    damaged.map(finding).collect()
}

fn journal(context: &Context) -> Option<Finding> {
    let journal = Journal::new(&context.folders.state);
    let file = shown(journal.path());
    match journal.damaged_lines() {
        Ok(lines) if lines.is_empty() => None,
        Ok(lines) => {
            let drop: Vec<String> = lines.iter().map(|line| format!("{line}d")).collect();
            let message = format!(
                "{file} has {} that cannot be read; firn goes on without",
                counted(lines.len(), "line")
            );
            Some(Finding::new(Problem::Journal, message, format!("sed -i '{}' {file}", drop.join(";"))))
        }
        Err(error) => {
            let message = format!("{file}: {error}; which generation was live before is not known");
            Some(Finding::new(Problem::Journal, message, format!("mv {file} {file}.old")))
        }
    }
}
