use std::os::unix::fs::PermissionsExt as _;

use super::*;

/// A folder with a profile `profile` whose generations point to `store/<letter>-profile`.
struct World {
    folder: tempfile::TempDir,
    profile: ProfileFolder,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let profile = ProfileFolder::new(&folder.path().join("profile")).unwrap();
        Self { folder, profile }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn object(&self, name: &str, files: &[(&str, &str)]) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(&path).unwrap();
        for (file, contents) in files {
            std::fs::write(path.join(file), contents).unwrap();
        }
        path
    }

    fn link(&self, name: &str, target: impl AsRef<Path>) {
        symlink(target, self.path(name)).unwrap();
    }

    fn numbers(&self) -> Vec<u64> {
        self.profile.generations().unwrap().iter().map(|found| found.number).collect()
    }
}

#[test]
fn states_are_told_apart() {
    let world = World::new();
    assert_eq!(world.profile.state().unwrap(), ProfileState::Missing);
    world.link("profile", "profile-1-link");
    assert_eq!(world.profile.state().unwrap(), ProfileState::Dangling);
    assert_eq!(world.profile.target().unwrap(), None);
    let object = world.object("a-profile", &[]);
    world.link("profile-1-link", &object);
    assert_eq!(world.profile.state().unwrap(), ProfileState::WithoutManifest);
    std::fs::write(object.join("manifest.nix"), "").unwrap();
    assert_eq!(world.profile.state().unwrap(), ProfileState::NixEnvironment);
    std::fs::write(object.join("manifest.json"), "{}").unwrap();
    assert_eq!(world.profile.state().unwrap(), ProfileState::Present);
    assert_eq!(world.profile.target().unwrap().as_deref(), object.to_str());
}

#[test]
fn a_profile_needs_a_folder_and_a_name() {
    let world = World::new();
    let missing = ProfileFolder::new(&world.path("no/such/profile"));
    assert!(matches!(missing, Err(ProfileError::NoFolder { .. })), "{missing:?}");
    let nameless = ProfileFolder::new(Path::new("/"));
    assert!(matches!(nameless, Err(ProfileError::NoName { .. })), "{nameless:?}");
    let mut slashed = world.path("profile").into_os_string();
    slashed.push("/");
    assert_eq!(ProfileFolder::new(Path::new(&slashed)).unwrap().link, world.path("profile"));
}

#[test]
fn the_target_is_the_text_of_the_last_link() {
    let world = World::new();
    let object = world.object("real/a-profile", &[]);
    world.link("store", object.parent().unwrap());
    world.link("profile-1-link", world.path("store/a-profile"));
    world.link("profile", "profile-1-link");
    assert_eq!(world.profile.target().unwrap().as_deref(), world.path("store/a-profile").to_str());
    world.link("loop", "loop");
    assert!(ProfileFolder::new(&world.path("loop")).unwrap().target().is_err());
}

#[test]
fn generations_are_read_from_names_that_start_right() {
    let world = World::new();
    world.link("profile-10-link", "/x/b");
    world.link("profile-9-link", "/x/a");
    world.link("profile-41-link.tmp-77-1", "/x/c");
    world.link("profile-9-link.tmp-77-2", "/x/d");
    world.link("profile-x-link", "/x/e");
    world.link("other-50-link", "/x/f");
    world.link("profile-7-lin", "/x/g");
    assert_eq!(world.numbers(), [9, 10, 41]);
    let generations = world.profile.generations().unwrap();
    assert_eq!(generations[0].target, "/x/a");
    assert_eq!(generations[2].target, "/x/c");
    let mtime = world.path("profile-9-link").symlink_metadata().unwrap().mtime();
    assert_eq!(generations[0].time, mtime);
}

#[test]
fn current_is_what_the_link_says() {
    let world = World::new();
    world.link("profile-3-link", "/x/a");
    assert_eq!(world.profile.current().unwrap(), None);
    for (target, current) in [
        (PathBuf::from("profile-3-link"), Some(3)),
        (world.path("profile-3-link"), Some(3)),
        (PathBuf::from("./profile-3-link"), Some(3)),
        (PathBuf::from("/elsewhere/profile-3-link"), None),
        (PathBuf::from("/x/a-profile"), None),
    ] {
        let _ = std::fs::remove_file(world.path("profile"));
        world.link("profile", &target);
        assert_eq!(world.profile.current().unwrap(), current, "{target:?}");
    }
}

#[test]
fn switching_numbers_as_nix_does() {
    let world = World::new();
    let lock = world.profile.lock().unwrap();
    assert_eq!(world.profile.switch_to(Path::new("/x/a"), &lock).unwrap(), 1);
    assert_eq!(world.profile.switch_to(Path::new("/x/b"), &lock).unwrap(), 2);
    assert_eq!(world.profile.switch_to(Path::new("/x/b"), &lock).unwrap(), 2);
    world.profile.point_to(1, &lock).unwrap();
    assert_eq!(world.profile.current().unwrap(), Some(1));
    assert_eq!(std::fs::read_link(world.path("profile")).unwrap(), Path::new("profile-1-link"));
    // The newest is reused, an older one with the same target is not.
    assert_eq!(world.profile.switch_to(Path::new("/x/b"), &lock).unwrap(), 2);
    assert_eq!(world.profile.switch_to(Path::new("/x/a"), &lock).unwrap(), 3);
    world.link("profile-41-link.tmp-7-7", "/x/c");
    assert_eq!(world.profile.switch_to(Path::new("/x/d"), &lock).unwrap(), 42);
    assert_eq!(world.numbers(), [1, 2, 3, 41, 42]);
}

#[test]
fn pointing_to_nothing_is_refused() {
    let world = World::new();
    let lock = world.profile.lock().unwrap();
    let refused = world.profile.point_to(4, &lock);
    assert!(matches!(refused, Err(ProfileError::NoGeneration { number: 4, .. })), "{refused:?}");
    assert!(world.path("profile").symlink_metadata().is_err());
}

#[test]
fn leftover_temporary_links_are_replaced_and_never_counted() {
    let world = World::new();
    world.link(".firn-profile", "rubbish");
    let lock = world.profile.lock().unwrap();
    assert_eq!(world.profile.switch_to(Path::new("/x/a"), &lock).unwrap(), 1);
    drop(lock);
    let mut names: Vec<_> =
        std::fs::read_dir(world.folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["profile", "profile-1-link"]);
}

#[test]
fn deleting_spares_the_live_generation() {
    let world = World::new();
    let lock = world.profile.lock().unwrap();
    for target in ["/x/a", "/x/b", "/x/c"] {
        world.profile.switch_to(Path::new(target), &lock).unwrap();
    }
    world.link("profile-1-link.tmp-1-1", "/x/a");
    let refused = world.profile.delete(&[2, 3], &lock);
    assert!(matches!(refused, Err(ProfileError::DeletesCurrent { number: 3, .. })), "{refused:?}");
    assert_eq!(world.numbers(), [1, 2, 3]);
    world.profile.delete(&[1, 2, 9], &lock).unwrap();
    assert_eq!(world.numbers(), [3]);
}

#[test]
fn manifests_have_a_limit_and_are_files() {
    let world = World::new();
    let object = world.object("a-profile", &[("manifest.json", "12345")]);
    world.link("profile-1-link", &object);
    world.link("profile", "profile-1-link");
    assert_eq!(world.profile.manifest_text(None).unwrap(), b"12345");
    assert_eq!(world.profile.manifest_text(Some(1)).unwrap(), b"12345");
    assert!(matches!(world.profile.manifest_text(Some(2)), Err(ProfileError::NoGeneration { .. })));
    let manifest = object.join("manifest.json");
    assert_eq!(read_manifest(&manifest, 5).unwrap(), b"12345");
    assert!(matches!(read_manifest(&manifest, 4), Err(ProfileError::ManifestTooLarge { limit: 4, .. })));
    let error = read_manifest(&object, 9).unwrap_err().to_string();
    assert!(error.contains("not a regular file") && error.contains("a-profile"), "{error}");
}

#[test]
fn the_lock_excludes_and_leaves_nothing() {
    let world = World::new();
    let lock = world.profile.lock().unwrap();
    let status = world.path("profile.lock").metadata().unwrap();
    assert_eq!((status.len(), status.permissions().mode() & 0o777), (0, 0o600));
    assert!(world.profile.try_lock().unwrap().is_none());
    drop(lock);
    assert!(!world.path("profile.lock").exists());
    let again = world.profile.try_lock().unwrap();
    assert!(again.is_some());
    drop(again);
    assert!(!world.path("profile.lock").exists());
}

#[test]
fn whoever_waits_on_a_released_lock_opens_it_again() {
    let world = World::new();
    let held = world.profile.lock().unwrap();
    let taken = std::sync::atomic::AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let _lock = world.profile.lock().unwrap();
                // Alone: the file on disk is the one locked, and empty.
                assert_eq!(world.path("profile.lock").metadata().unwrap().len(), 0);
                taken.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            });
        }
        drop(held);
    });
    assert_eq!(taken.into_inner(), 4);
    assert!(!world.path("profile.lock").exists());
}

#[test]
fn a_lock_file_with_contents_does_not_block_for_ever() {
    let world = World::new();
    std::fs::write(world.path("profile.lock"), "d").unwrap();
    let lock = world.profile.lock().unwrap();
    assert_eq!(world.path("profile.lock").metadata().unwrap().len(), 0);
    drop(lock);
}
