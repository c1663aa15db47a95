//! The use cases on a playground store: who switches, what another program's doings do
//! to it, and what is refused.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use firn::core::change::Change;
use firn::core::facts::Facts;
use firn::core::flake_ref::FlakeRef;
use firn::core::generation::Deletion;
use firn::core::installable::{Installable, ResolvedInstallable};
use firn::core::plan::Plan;
use firn::core::store_path::{StoreDir, StorePath};
use firn::core::transaction::Transaction;
use firn::ops::Context;
use firn::ops::apply_plan::{Applied, Replace, apply_plan, apply_plan_onto, build_profile};
use firn::ops::delete_generations::delete_generations;
use firn::ops::gather_facts::complete_plan;
use firn::ops::load_profile::{load_base, load_profile, load_shown};
use firn::ops::refusal::Refusal;
use firn::ops::roll_back::roll_back;
use firn::system::machine::{Cancel, Clock, NoProgress, ProfileObject, Store, StoreError, Watch};
use firn::system::own_folders::OwnFolders;
use firn::system::playground::{PackageFile, PlaygroundStore};
use firn::system::profile_folder::{ProfileFolder, ProfileLock, ProfileState};
use firn::system::registry_file::RegistryPlaces;

#[path = "use_cases/registry.rs"]
mod registry;

/// Something that happens once, at a moment of the store's.
type Once = Mutex<Option<Box<dyn FnOnce(&PlaygroundStore) + Send>>>;

/// A playground in which other things happen right before and right after a switch.
struct EventfulStore {
    inner: PlaygroundStore,
    before_switch: Once,
    after_switch: Once,
    vanishes: Mutex<usize>,
    imports: Mutex<usize>,
}

fn happen(once: &Once, store: &PlaygroundStore) {
    if let Some(event) = once.lock().unwrap().take() {
        event(store);
    }
}

impl Store for EventfulStore {
    fn store_dir(&self) -> &StoreDir {
        self.inner.store_dir()
    }
    fn default_profile(&self) -> Result<PathBuf, StoreError> {
        self.inner.default_profile()
    }
    fn resolve(
        &self,
        installables: &[Installable],
        watch: &Watch<'_>,
    ) -> Result<Vec<Result<ResolvedInstallable, StoreError>>, StoreError> {
        self.inner.resolve(installables, watch)
    }
    fn import_profile(&self, profile: &ProfileObject<'_>, watch: &Watch<'_>) -> Result<(), StoreError> {
        *self.imports.lock().unwrap() += 1;
        self.inner.import_profile(profile, watch)
    }
    fn switch_profile(
        &self,
        profile: &Path,
        path: &StorePath,
        lock: &ProfileLock,
        watch: &Watch<'_>,
    ) -> Result<(), StoreError> {
        let mut vanishes = self.vanishes.lock().unwrap();
        if *vanishes > 0 {
            *vanishes -= 1;
            return Err(StoreError::Vanished(path.to_string()));
        }
        happen(&self.before_switch, &self.inner);
        self.inner.switch_profile(profile, path, lock, watch)?;
        happen(&self.after_switch, &self.inner);
        Ok(())
    }
    fn nar_sizes(&self, paths: &[StorePath], watch: &Watch<'_>) -> Result<Vec<(StorePath, u64)>, StoreError> {
        self.inner.nar_sizes(paths, watch)
    }
    fn closure_size(&self, paths: &[StorePath], watch: &Watch<'_>) -> Result<Option<u64>, StoreError> {
        self.inner.closure_size(paths, watch)
    }
    fn registry_places(&self) -> RegistryPlaces {
        self.inner.registry_places()
    }
    fn lock_reference(
        &self,
        from: &FlakeRef,
        target: &FlakeRef,
        watch: &Watch<'_>,
    ) -> Result<FlakeRef, StoreError> {
        self.inner.lock_reference(from, target, watch)
    }
    fn title(&self) -> String {
        self.inner.title()
    }
}

struct FixedClock;

impl Clock for FixedClock {
    fn now(&self) -> i64 {
        1_750_000_000
    }
}

struct World {
    _folder: tempfile::TempDir,
    store: Arc<EventfulStore>,
    context: Context,
    cancel: Cancel,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let inner = PlaygroundStore::empty(&folder.path().join("store")).unwrap();
        let profile = inner.default_profile().unwrap();
        let store = Arc::new(EventfulStore {
            inner,
            before_switch: Once::default(),
            after_switch: Once::default(),
            vanishes: Mutex::default(),
            imports: Mutex::default(),
        });
        let folders = OwnFolders {
            state: folder.path().join("state"),
            data: folder.path().join("data"),
            config: folder.path().join("config"),
        };
        let context =
            Context { store: store.clone(), profile, folders, clock: Arc::new(FixedClock), read_only: false };
        Self { _folder: folder, store, context, cancel: Cancel::default() }
    }

    fn package(&self, name: &str) -> String {
        let file = PackageFile::text(format!("bin/{name}"), name);
        self.store.inner.add_package(&format!("{name}-1"), &[file]).unwrap().to_string()
    }

    fn plan(&self, changes: Vec<Change>) -> Plan {
        let (_, base) = load_base(&self.context).unwrap();
        let mut transaction = Transaction::default();
        transaction.stage(&base.manifest, &[], changes);
        let watch = Watch { progress: &NoProgress, cancel: &self.cancel };
        complete_plan(&self.context, &base, &transaction, &mut Facts::default(), &watch).unwrap()
    }

    fn adding(&self, names: &[&str]) -> Plan {
        let addition = |name: &&str| Change::addition(self.package(name), None);
        self.plan(names.iter().map(addition).collect())
    }

    fn apply(&self, plan: &Plan) -> anyhow::Result<Applied> {
        apply_plan(&self.context, plan, &Watch { progress: &NoProgress, cancel: &self.cancel })
    }

    /// Puts what the plan leads to into the store, and nothing else.
    fn build(&self, plan: &Plan) -> String {
        let watch = Watch { progress: &NoProgress, cancel: &self.cancel };
        build_profile(&self.context, plan, &watch).unwrap().to_string()
    }

    fn add(&self, name: &str) {
        let plan = self.adding(&[name]);
        assert!(matches!(self.apply(&plan).unwrap(), Applied::Switched { .. }));
    }

    fn folder(&self) -> ProfileFolder {
        ProfileFolder::new(&self.context.profile).unwrap()
    }

    fn numbers(&self) -> Vec<u64> {
        self.folder().generations().unwrap().iter().map(|generation| generation.number).collect()
    }

    fn elements(&self) -> Vec<String> {
        load_base(&self.context).unwrap().1.manifest.elements.keys().cloned().collect()
    }
}

/// What another program does: makes a generation of a profile that stands in the store already.
fn other_program(profile: PathBuf, number: u64, target: String) -> Box<dyn FnOnce(&PlaygroundStore) + Send> {
    Box::new(move |_| {
        let name = format!("{}-{number}-link", profile.file_name().unwrap().to_str().unwrap());
        // As Nix does, in the place of one that another program has just made.
        let _ = std::fs::remove_file(profile.with_file_name(&name));
        symlink(target, profile.with_file_name(&name)).unwrap();
        std::fs::remove_file(&profile).unwrap();
        symlink(name, &profile).unwrap();
    })
}

fn refusal(error: &anyhow::Error) -> &Refusal {
    error.downcast_ref().unwrap_or_else(|| panic!("not a refusal: {error:?}"))
}

#[test]
fn a_plan_makes_one_generation_and_the_journal_knows_what_it_was_made_on() {
    let world = World::new();
    let plan = world.adding(&["a", "b"]);
    let applied = world.apply(&plan).unwrap();
    let path = plan.result().unwrap().unwrap();
    assert_eq!(applied, Applied::Switched { from: None, to: 1, path });
    world.add("c");
    let profile = load_profile(&world.context).unwrap();
    assert_eq!(profile.current, Some(2));
    assert_eq!(profile.last_live, Some(1));
    assert_eq!(profile.generations[1].made_on, Some(1));
    assert_eq!(world.elements(), ["a", "b", "c"]);
    assert!(!world.context.profile.with_extension("lock").exists());
}

#[test]
fn nothing_to_do_makes_nothing() {
    let world = World::new();
    let plan = world.plan(Vec::new());
    assert_eq!(world.apply(&plan).unwrap(), Applied::Nothing);
    assert!(world.numbers().is_empty());
}

#[test]
fn a_profile_that_moved_since_planning_is_left_alone() {
    let world = World::new();
    world.add("a");
    let plan = world.adding(&["b"]);
    world.add("c");
    assert_eq!(world.apply(&plan).unwrap(), Applied::Moved);
    assert_eq!(world.numbers(), [1, 2]);
    assert_eq!(world.elements(), ["a", "c"]);
}

#[test]
fn a_program_that_slips_in_before_the_switch_keeps_its_change() {
    let world = World::new();
    world.add("a");
    world.add("c");
    let theirs = world.folder().target().unwrap().unwrap();
    roll_back(&world.context, None, false).unwrap();
    let plan = world.adding(&["b"]);
    let event = other_program(world.context.profile.clone(), 3, theirs);
    *world.store.before_switch.lock().unwrap() = Some(event);
    assert_eq!(world.apply(&plan).unwrap(), Applied::Moved);
    assert_eq!(world.folder().current().unwrap(), Some(3));
    assert_eq!(world.numbers(), [1, 2, 3], "ours was taken back");
    assert_eq!(world.elements(), ["a", "c"]);
    let again = world.adding(&["b"]);
    assert!(matches!(world.apply(&again).unwrap(), Applied::Switched { from: Some(3), to: 4, .. }));
    assert_eq!(world.elements(), ["a", "b", "c"]);
}

#[test]
fn a_program_that_goes_on_from_ours_is_no_failure() {
    let world = World::new();
    world.add("a");
    let plan = world.adding(&["b", "c"]);
    let theirs = world.build(&plan);
    let plan = world.adding(&["b"]);
    let event = other_program(world.context.profile.clone(), 3, theirs);
    *world.store.after_switch.lock().unwrap() = Some(event);
    assert!(matches!(world.apply(&plan).unwrap(), Applied::Switched { from: Some(1), to: 2, .. }));
    assert_eq!(world.folder().current().unwrap(), Some(3));
}

#[test]
fn a_program_that_writes_over_ours_is_planned_on_again() {
    for number in [2, 3] {
        let world = World::new();
        world.add("a");
        let plan = world.adding(&["c"]);
        let theirs = world.build(&plan);
        let plan = world.adding(&["b"]);
        let event = other_program(world.context.profile.clone(), number, theirs);
        *world.store.after_switch.lock().unwrap() = Some(event);
        assert_eq!(world.apply(&plan).unwrap(), Applied::Moved);
        assert_eq!(world.numbers(), [1, number], "ours is gone");
        assert!(matches!(world.apply(&world.adding(&["b"])).unwrap(), Applied::Switched { .. }));
        assert_eq!(world.elements(), ["a", "b", "c"]);
    }
}

#[test]
fn a_profile_that_a_collection_took_is_imported_again_but_not_for_ever() {
    let world = World::new();
    let plan = world.adding(&["a"]);
    *world.store.vanishes.lock().unwrap() = 2;
    assert!(matches!(world.apply(&plan).unwrap(), Applied::Switched { .. }));
    assert_eq!(*world.store.imports.lock().unwrap(), 3);
    let plan = world.adding(&["b"]);
    *world.store.vanishes.lock().unwrap() = 99;
    let error = world.apply(&plan).unwrap_err();
    assert!(matches!(error.downcast_ref(), Some(StoreError::Vanished(_))), "{error:?}");
    assert_eq!(world.elements(), ["a"]);
}

#[test]
fn the_newest_generation_is_used_again_if_it_is_what_is_wanted() {
    let world = World::new();
    world.add("a");
    world.add("b");
    roll_back(&world.context, None, false).unwrap();
    let plan = world.adding(&["b"]);
    assert!(matches!(world.apply(&plan).unwrap(), Applied::Switched { from: Some(1), to: 2, .. }));
    assert_eq!(world.numbers(), [1, 2]);
}

#[test]
fn read_only_refuses_every_change_and_tells_what_it_would_be() {
    let mut world = World::new();
    world.add("a");
    world.add("b");
    world.context.read_only = true;
    let plan = world.adding(&["c"]);
    assert_eq!(refusal(&world.apply(&plan).unwrap_err()), &Refusal::ReadOnly);
    assert_eq!(refusal(&roll_back(&world.context, None, false).unwrap_err()), &Refusal::ReadOnly);
    let deletion = Deletion::AllOld;
    assert_eq!(
        refusal(&delete_generations(&world.context, &deletion, false).unwrap_err()),
        &Refusal::ReadOnly
    );
    assert_eq!(roll_back(&world.context, None, true).unwrap().to, 1);
    assert_eq!(delete_generations(&world.context, &deletion, true).unwrap(), [1]);
    assert_eq!(world.numbers(), [1, 2]);
}

#[test]
fn a_dangling_profile_is_replaced_only_on_demand() {
    let world = World::new();
    symlink("profile-7-link", &world.context.profile).unwrap();
    let (state, base) = load_base(&world.context).unwrap();
    assert_eq!((state, base.store_path.clone()), (ProfileState::Dangling, None));
    let plan = world.adding(&["a"]);
    assert!(matches!(refusal(&world.apply(&plan).unwrap_err()), Refusal::Unreadable { .. }));
    let watch = Watch { progress: &NoProgress, cancel: &world.cancel };
    let applied = apply_plan_onto(&world.context, &plan, Replace::Anything, &watch).unwrap();
    assert!(matches!(applied, Applied::Switched { .. }), "{applied:?}");
    assert_eq!(world.elements(), ["a"]);
}

#[test]
fn a_broken_profile_can_still_be_rolled_back_to_a_generation_by_number() {
    let world = World::new();
    world.add("a");
    std::fs::remove_file(&world.context.profile).unwrap();
    let rolled_back = roll_back(&world.context, Some(1), false).unwrap();
    assert_eq!((rolled_back.from, rolled_back.to), (None, 1));
    assert_eq!(world.elements(), ["a"]);
}

#[test]
fn a_damaged_generation_keeps_its_line() {
    let world = World::new();
    world.add("a");
    symlink("/nowhere", world.context.profile.with_file_name("profile-9-link")).unwrap();
    let profile = load_profile(&world.context).unwrap();
    let words = profile.generations[1].manifest.as_ref().unwrap_err();
    assert!(words.contains("profile-9-link"), "{words}");
    assert!(profile.generations[0].manifest.is_ok());
}

#[test]
fn a_damaged_live_generation_is_shown_with_the_others() {
    let world = World::new();
    world.add("a");
    let link = &world.context.profile;
    let object = format!("{}/{}-profile", world.context.store.store_dir(), "0".repeat(32));
    std::fs::create_dir(&object).unwrap();
    std::fs::write(Path::new(&object).join("manifest.json"), "{").unwrap();
    symlink(&object, link.with_file_name("profile-2-link")).unwrap();
    std::fs::remove_file(link).unwrap();
    symlink("profile-2-link", link).unwrap();
    let error = load_profile(&world.context).unwrap_err().to_string();
    assert!(error.contains("profile/manifest.json"), "{error}");
    let shown = load_shown(&world.context).unwrap();
    assert_eq!(shown.damaged, Some(error));
    assert_eq!((shown.current, shown.generations.len(), shown.writable), (Some(2), 2, true));
    assert!(shown.base.manifest.elements.is_empty());
    roll_back(&world.context, Some(1), false).unwrap();
    assert_eq!(load_shown(&world.context).unwrap().damaged, None);
}

#[test]
fn cancelling_before_the_switch_leaves_the_profile_as_it_was() {
    let world = World::new();
    world.add("a");
    let plan = world.adding(&["b"]);
    world.cancel.request();
    let error = world.apply(&plan).unwrap_err();
    assert!(matches!(error.downcast_ref(), Some(StoreError::Cancelled)), "{error:?}");
    assert_eq!(world.numbers(), [1]);
}

#[test]
fn waiting_for_the_lock_can_be_cancelled() {
    let world = World::new();
    world.add("a");
    let plan = world.adding(&["b"]);
    let lock = world.folder().lock().unwrap();
    let error = std::thread::scope(|scope| {
        let applying = scope.spawn(|| world.apply(&plan));
        // The import is over before the lock is wanted.
        while *world.store.imports.lock().unwrap() < 2 {
            std::thread::yield_now();
        }
        world.cancel.request();
        applying.join().unwrap().unwrap_err()
    });
    drop(lock);
    assert!(matches!(error.downcast_ref(), Some(StoreError::Cancelled)), "{error:?}");
    assert_eq!(world.elements(), ["a"]);
}
