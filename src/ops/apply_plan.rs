//! Applies a plan: writes the profile into the store, checks that nobody else moved
//! the profile, switches, and checks what became of it.
//!
//! The profile is imported before the lock is taken, because that may take long and
//! changes nothing anyone sees. Then, under the lock: is the profile still what the
//! plan was made on? Switch. Does the new generation follow that one? `nix profile
//! add` takes no lock, so another program can still come in between the two, or right
//! after them with a profile it had read before; its generation is then the live one,
//! ours is taken back, and the answer is [`Applied::Moved`], as if firn had come second:
//! plan again on top.
//!
//! Edits of the user's registry come last, behind the switch: killed in between, the profile is
//! the new one and the registry the old.

use anyhow::Context as _;

use crate::core::generation::Generation;
use crate::core::plan::{FinishedContents, FinishedProfile, LeftReason, Plan, PlanState, RegistryPlan};
use crate::core::store_path::StorePath;
use crate::system::journal::{Deed, Journal, JournalEntry};
use crate::system::machine::{Cancel, ProfileObject, ProgressEvent, Step, StoreError, Watch};
use crate::system::profile_folder::{ProfileFolder, ProfileLock, ProfileState};

use super::Context;
use super::hold::carry_holds;
use super::load_profile::read_manifest;
use super::lock_profile::lock_profile;
use super::own_tool;
use super::refusal::Refusal;
use super::remember_files::remember_files;
use super::remember_options::remember_plan;
use super::write_registry::{self, WrittenRegistry};

/// How often a profile is imported again when a garbage collection took it before the switch.
const IMPORTS: usize = 3;

/// What applying did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Applied {
    /// There was nothing to do; no generation was made.
    Nothing,
    /// The profile was switched.
    Switched {
        /// The live generation before.
        from: Option<u64>,
        /// The live generation now.
        to: u64,
        /// The profile's store path.
        path: StorePath,
    },
    /// The user's registry was written, after the profile was switched if the plan does that.
    Edited {
        /// The live generation before and now, if the profile was switched.
        switched: Option<(Option<u64>, u64)>,
        /// The registry.
        written: WrittenRegistry,
    },
    /// The profile was switched, but after that the registry could not be written.
    HalfDone {
        /// The live generation before.
        from: Option<u64>,
        /// The live generation now.
        to: u64,
        /// Why the registry was not written, in words.
        problem: String,
    },
    /// Another program changed the profile since the plan was made; nothing was changed.
    /// Load the profile and plan again.
    Moved,
    /// Another program changed the user's registry since the plan was made; nothing was changed.
    /// Read the registries and plan again.
    RegistryMoved,
}

/// What may be replaced by a plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Replace {
    /// A profile with a manifest, or nothing at all.
    #[default]
    Profiles,
    /// Also what Nix would silently take for an empty profile: the user was asked.
    Anything,
}

/// Applies a plan in state [`PlanState::Ready`]; any other but [`PlanState::Nothing`] is an error, and
/// so is one with something left to realise: see [`super::realise`].
/// A profile that dangles or has no manifest is refused: see [`apply_plan_onto`].
pub fn apply_plan(context: &Context, plan: &Plan, watch: &Watch<'_>) -> anyhow::Result<Applied> {
    apply_plan_onto(context, plan, Replace::Profiles, watch)
}

/// Applies a plan, replacing what the user has agreed to.
pub fn apply_plan_onto(
    context: &Context,
    plan: &Plan,
    replace: Replace,
    watch: &Watch<'_>,
) -> anyhow::Result<Applied> {
    if context.read_only {
        return Err(Refusal::ReadOnly.into());
    }
    let edits = plan.registry.as_deref().filter(|registry| registry.changes());
    if plan.state() == PlanState::Ready
        && let Some(edits) = edits
        && !write_registry::check(context, edits)?
    {
        return Ok(Applied::RegistryMoved);
    }
    let applied = match plan.state() {
        PlanState::Nothing => return add_again(context, plan, watch),
        PlanState::Ready if !plan.makes_generation() => add_again(context, plan, watch)?,
        state => make_generation(context, plan, (state, replace), watch)?,
    };
    match edits {
        Some(edits) => then_registry(context, applied, edits, watch),
        None => Ok(applied),
    }
}

/// Writes the registry behind what was applied. From a switch there is no way back: that the
/// registry could not be written is no error then, but half of the answer.
fn then_registry(
    context: &Context,
    applied: Applied,
    edits: &RegistryPlan,
    watch: &Watch<'_>,
) -> anyhow::Result<Applied> {
    let switched = match applied {
        Applied::Nothing => None,
        Applied::Switched { from, to, .. } => Some((from, to)),
        other => return Ok(other),
    };
    match (write_registry::write(context, edits, watch), switched) {
        (Ok(written), switched) => Ok(Applied::Edited { switched, written }),
        (Err(error), None) => Err(error),
        (Err(error), Some((from, to))) => Ok(Applied::HalfDone { from, to, problem: format!("{error:#}") }),
    }
}

/// Writes the profile into the store and switches to it.
fn make_generation(
    context: &Context,
    plan: &Plan,
    (state, replace): (PlanState, Replace),
    watch: &Watch<'_>,
) -> anyhow::Result<Applied> {
    check_realised(plan)?;
    let Some(finished) = plan.finished()? else { return Err(Refusal::NotReady(state).into()) };
    let folder = ProfileFolder::new(&context.profile)?;
    own_tool::check(context, &folder, None)?;
    check_replaceable(&folder, plan, replace)?;
    import(context, plan, &finished, watch)?;
    stop_if_asked(watch)?;
    let lock = lock_profile(&folder, watch.cancel)?;
    stop_if_asked(watch)?;
    let applied = switch(context, &folder, Target { plan, finished: &finished, replace }, &lock, watch)?;
    drop(lock);
    if let Applied::Switched { from, to, .. } = &applied {
        write_down(context, &folder, (Deed::Apply, *from, Some(*to)), Some(watch));
        remember_files(context, plan, watch);
        carry_holds(context, plan, watch);
        remember_plan(context, plan, watch);
    }
    Ok(applied)
}

/// Nothing to do, but for one case in which Nix still makes a generation: something was to be added
/// that is already there, while the live generation is not the newest. Rolling back afterwards goes
/// to the generation before the new one, so leaving it out would lead elsewhere than with Nix.
fn add_again(context: &Context, plan: &Plan, watch: &Watch<'_>) -> anyhow::Result<Applied> {
    let asked = plan.left.iter().any(|left| left.reason == LeftReason::AlreadyAdded);
    let (true, Some(path)) = (asked, &plan.base.store_path) else { return Ok(Applied::Nothing) };
    let folder = ProfileFolder::new(&context.profile)?;
    let newest = folder.generations()?.pop();
    if newest.is_none_or(|newest| newest.target == path.as_str()) {
        return Ok(Applied::Nothing);
    }
    let lock = lock_profile(&folder, watch.cancel)?;
    if !is_still_base(&folder, plan)? {
        return Ok(Applied::Moved);
    }
    watch.progress.report(ProgressEvent::Step(Step::Switch));
    let (from, before) = (folder.current()?, folder.generations()?);
    context.store.switch_profile(&folder.link, path, &lock, watch)?;
    let applied = follow_up((context, &folder), &before, (from, path), plan, &lock)?;
    drop(lock);
    if let Applied::Switched { from, to, .. } = &applied {
        write_down(context, &folder, (Deed::Apply, *from, Some(*to)), Some(watch));
    }
    Ok(applied)
}

/// Puts the plan's profile into the store without switching to it; tells its path. Nothing keeps
/// it there: the next garbage collection may take it.
pub fn build_profile(context: &Context, plan: &Plan, watch: &Watch<'_>) -> anyhow::Result<StorePath> {
    if matches!(plan.state(), PlanState::Nothing | PlanState::Ready)
        && !plan.makes_generation()
        && let Some(path) = &plan.base.store_path
    {
        return Ok(path.clone());
    }
    check_realised(plan)?;
    let Some(finished) = plan.finished()? else { return Err(Refusal::NotReady(plan.state()).into()) };
    import(context, plan, &finished, watch)?;
    Ok(finished.path)
}

/// A profile is made only of packages that are there and were read there.
fn check_realised(plan: &Plan) -> Result<(), Refusal> {
    match plan.realise.first() {
        Some(wanted) => Err(Refusal::NotRealised(wanted.element.clone())),
        None => Ok(()),
    }
}

/// Writes one line into the journal. A journal that cannot be written must not make a switch that
/// has happened look like a failure.
pub(super) fn write_down(
    context: &Context,
    folder: &ProfileFolder,
    (deed, from, to): (Deed, Option<u64>, Option<u64>),
    watch: Option<&Watch<'_>>,
) {
    let (time, profile) = (context.clock.now(), folder.link.clone());
    let target = to.and_then(|number| folder.generation(number).ok().flatten()).map(|found| found.target);
    let entry = JournalEntry { time, profile, deed, from, to, target };
    if let (Err(error), Some(watch)) = (Journal::new(&context.folders.state).append(&entry), watch) {
        watch.progress.report(ProgressEvent::Log(format!("firn could not write its journal: {error}")));
    }
}

fn stop_if_asked(watch: &Watch<'_>) -> Result<(), StoreError> {
    if watch.cancel.is_requested() { Err(StoreError::Cancelled) } else { Ok(()) }
}

fn check_replaceable(folder: &ProfileFolder, plan: &Plan, replace: Replace) -> anyhow::Result<()> {
    match folder.state()? {
        ProfileState::Missing | ProfileState::Present => Ok(()),
        // What is planned on the packages of nix-env keeps its manifest, or was asked to convert it.
        ProfileState::NixEnvironment if plan.base.manifest.environment.is_some() => Ok(()),
        ProfileState::NixEnvironment => Err(Refusal::NixEnvironment(folder.link.clone()).into()),
        _ if replace == Replace::Anything => Ok(()),
        state => Err(Refusal::Unreadable { profile: folder.link.clone(), state }.into()),
    }
}

/// Writes the finished profile into the store.
fn import(
    context: &Context,
    plan: &Plan,
    finished: &FinishedProfile,
    watch: &Watch<'_>,
) -> anyhow::Result<()> {
    watch.progress.report(ProgressEvent::Step(Step::Link));
    let imported = match &finished.contents {
        FinishedContents::Profile { nar, manifest } => {
            let write_nar =
                |sink: &mut dyn std::io::Write| plan.tree_after.write_nar(manifest, sink).map(drop);
            let (path, references) = (&finished.path, finished.references.as_slice());
            let object = ProfileObject { path, references, nar: *nar, write_nar: &write_nar };
            context.store.import_profile(&object, watch)
        }
        FinishedContents::UserEnvironment(objects) => context.store.build_environment(objects, watch),
    };
    imported.with_context(|| format!("cannot write '{}' into the store", finished.path))
}

/// A plan and the profile it leads to.
#[derive(Clone, Copy)]
struct Target<'a> {
    plan: &'a Plan,
    finished: &'a FinishedProfile,
    replace: Replace,
}

/// Checks, switches and checks again; the caller holds the lock.
fn switch(
    context: &Context,
    folder: &ProfileFolder,
    target: Target<'_>,
    lock: &ProfileLock,
    watch: &Watch<'_>,
) -> anyhow::Result<Applied> {
    // From here on nothing is cancelled: half a switch helps nobody.
    let unstoppable = Cancel::default();
    let watch = Watch { progress: watch.progress, cancel: &unstoppable };
    let mut imports = 1;
    loop {
        if !is_still_base(folder, target.plan)? {
            return Ok(Applied::Moved);
        }
        check_replaceable(folder, target.plan, target.replace)?;
        // In every round: importing again said that firn is linking, which may be cut short.
        watch.progress.report(ProgressEvent::Step(Step::Switch));
        let from = folder.current()?;
        let before = folder.generations()?;
        match context.store.switch_profile(&folder.link, &target.finished.path, lock, &watch) {
            Ok(()) => {
                return follow_up(
                    (context, folder),
                    &before,
                    (from, &target.finished.path),
                    target.plan,
                    lock,
                );
            }
            Err(StoreError::Vanished(_)) if imports < IMPORTS => {
                import(context, target.plan, target.finished, &watch)?;
                imports += 1;
            }
            Err(error) => return Err(error.into()),
        }
    }
}

fn is_still_base(folder: &ProfileFolder, plan: &Plan) -> anyhow::Result<bool> {
    let target = folder.target()?;
    Ok(match (&plan.base.store_path, target) {
        (Some(path), Some(target)) => path.as_str() == target,
        (None, None) => true,
        // A base without a path was planned on what is no profile: a folder without a manifest.
        (None, Some(_)) => !folder.state()?.has_manifest(),
        (Some(_), None) => false,
    })
}

/// Checks what became of the switch. `nix profile` takes no lock and writes what it read before it
/// began, so another one can have come in at any point.
fn follow_up(
    (context, folder): (&Context, &ProfileFolder),
    before: &[Generation],
    (from, path): (Option<u64>, &StorePath),
    plan: &Plan,
    lock: &ProfileLock,
) -> anyhow::Result<Applied> {
    let after = folder.generations()?;
    let current = folder.current()?;
    let highest = before.iter().map(|generation| generation.number).max().unwrap_or(0);
    let is_ours = |generation: &&Generation| generation.target == path.as_str();
    let new: Vec<&Generation> = after.iter().filter(|generation| generation.number > highest).collect();
    let ours = new.iter().copied().find(&is_ours).map(|ours| ours.number);
    let live = after.iter().find(|generation| Some(generation.number) == current);
    let theirs = new.iter().copied().rfind(|generation| !is_ours(generation));
    match (live, theirs) {
        (Some(live), None) if is_ours(&live) => {
            Ok(Applied::Switched { from, to: live.number, path: path.clone() })
        }
        // Another program came between the check and the switch.
        (Some(live), Some(theirs)) if is_ours(&live) => {
            folder.point_to(theirs.number, lock)?;
            folder.delete(&[live.number], lock)?;
            Ok(Applied::Moved)
        }
        // Another program switched after us: from ours to its own, or past ours.
        (Some(live), Some(_)) if live.number > highest => match ours {
            Some(to) if is_kept(context, folder, plan) => {
                Ok(Applied::Switched { from, to, path: path.clone() })
            }
            ours => {
                folder.delete(&Vec::from_iter(ours), lock)?;
                Ok(Applied::Moved)
            }
        },
        _ => Err(Refusal::NotAsPlanned { profile: folder.link.clone(), planned: path.to_string() }.into()),
    }
}

/// Whether the live profile was made on what the plan leads to: then it has at least one of the
/// changes, and what it does not have was changed again on purpose.
fn is_kept(context: &Context, folder: &ProfileFolder, plan: &Plan) -> bool {
    let (before, after) = (&plan.base.manifest.elements, &plan.after.elements);
    read_manifest(context, folder, None).is_ok_and(|live| {
        let is_kept = |name: &String| live.elements.get(name) == after.get(name);
        let is_changed = |name: &&String| before.get(*name) != after.get(*name);
        let mut changed = before.keys().chain(after.keys()).filter(is_changed).peekable();
        changed.peek().is_none() || changed.any(is_kept)
    })
}
