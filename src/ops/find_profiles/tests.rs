//! What the chooser offers, and what choosing opens, beside a playground's profile.

use std::os::unix::fs::symlink;
use std::sync::Arc;

use super::*;
use crate::system::machine::SystemClock;
use crate::system::own_folders::OwnFolders;
use crate::system::playground::PlaygroundStore;

struct World {
    folder: tempfile::TempDir,
    context: Context,
    default: PathBuf,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let folders = OwnFolders { state: path("state"), data: path("data"), config: path("config") };
        let store: Arc<dyn crate::system::machine::Store> =
            Arc::new(PlaygroundStore::empty(&path("playground")).unwrap());
        let default = store.default_profile().unwrap();
        let profile = path("first");
        let context = Context { store, profile, folders, clock: Arc::new(SystemClock), read_only: false };
        Self { folder, context, default }
    }

    /// A path beside the playground's profile.
    fn beside(&self, name: &str) -> PathBuf {
        self.default.parent().unwrap().join(name)
    }

    fn found(&self) -> Vec<FoundProfile> {
        find_profiles(&self.context, &[])
    }
}

#[test]
fn a_new_user_s_link_stands_for_the_profile_to_be() {
    let world = World::new();
    let link = world.beside(".nix-profile");
    symlink(&world.default, &link).unwrap();
    let found = world.found();
    assert!(found.iter().all(|profile| profile.link != link), "{found:#?}");
    let default = found.iter().find(|profile| profile.link == world.default).unwrap();
    assert_eq!((default.generations, default.is_default), (0, true));
    assert_eq!(default.names, std::slice::from_ref(&link));
    assert_eq!(opened(&world.context, &link), world.default);
    assert_eq!(opened(&world.context, &world.default), world.default);
    let absolute = world.folder.path().join("first");
    assert_eq!(opened(&world.context, &absolute), absolute);
}

#[test]
fn a_profile_that_was_open_before_stays_in_the_list() {
    let mut world = World::new();
    let first = world.context.profile.clone();
    world.context.profile.clone_from(&world.default);
    assert!(world.found().iter().all(|profile| profile.link != first), "nothing leads there");
    let found = find_profiles(&world.context, std::slice::from_ref(&first));
    let known = found.iter().find(|profile| profile.link == first).unwrap();
    assert!(!known.is_open && known.generations == 0, "also while it is only to be made: {known:?}");
    assert_eq!(find_profiles(&world.context, std::slice::from_ref(&world.default)).len(), 1);
}
