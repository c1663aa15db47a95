use super::*;
use crate::core::change::Change;
use crate::core::test_world::{World, add};

/// A nix that runs, certificates that a folder is shared with, home-manager's package.
fn world() -> World {
    World::new()
        .installed("nix-2.34", 5, &["bin/nix", "share/man/nix.1"])
        .installed("nss-cacert-3.1", 5, &[BUNDLE])
        .installed("home-manager-path-1", 5, &["bin/vi"])
        .installed("hello-1", 5, &["bin/hello"])
        .offered("nix-9.35", 5, &["bin/nix"])
        .offered("impostor-7", 4, &["bin/nix", "etc/ssl/certs/ca-bundle.crt", "bin/vi"])
}

fn programs(world: &World) -> Vec<RunningProgram> {
    let path = &world.base.manifest.elements["nix"].store_paths[0];
    let places =
        vec![PathBuf::from(format!("{path}/bin/nix")), PathBuf::from("/nix/store/x-nix-cli/bin/nix")];
    vec![RunningProgram { essential: Essential::Nix, places }]
}

fn lost(changes: Vec<Change>) -> Vec<(String, How)> {
    let mut world = world();
    let programs = programs(&world);
    world.stage(changes);
    let plan = world.plan();
    assert!(plan.needs.is_empty());
    lost_by(&plan, &programs).into_iter().map(|lost| (lost.element, lost.how)).collect()
}

fn remove(element: &str) -> Change {
    Change::Remove { element: element.to_owned() }
}

#[test]
fn removing_and_switching_off_take_away() {
    for element in ["nix", "nss-cacert", "home-manager-path"] {
        assert_eq!(lost(vec![remove(element)]), [(element.to_owned(), How::Removed)]);
        let off = Change::Active { element: element.to_owned(), to: false };
        assert_eq!(lost(vec![off]), [(element.to_owned(), How::SwitchedOff)]);
    }
    assert!(lost(vec![remove("hello")]).is_empty());
    assert!(lost(Vec::new()).is_empty());
}

#[test]
fn a_newer_one_replaces() {
    assert!(lost(vec![remove("nix"), add("nix")]).is_empty());
}

#[test]
fn files_that_are_hidden_are_missed_and_home_manager_s_are_its_own_affair() {
    let hidden = |name: &str| (name.to_owned(), How::Hidden);
    assert_eq!(lost(vec![add("impostor")]), [hidden("nix"), hidden("nss-cacert")]);
    let weaker = Change::Priority { element: "impostor".to_owned(), to: 6 };
    assert!(lost(vec![add("impostor"), weaker]).is_empty());
}

#[test]
fn a_priority_can_hide_too() {
    let mut world =
        World::new().installed("nix-2.34", 5, &["bin/nix"]).installed("impostor-7", 6, &["bin/nix"]);
    let programs = programs(&world);
    world.stage(vec![Change::Priority { element: "impostor".to_owned(), to: 4 }]);
    assert_eq!(lost_by(&world.plan(), &programs)[0].how, How::Hidden);
}

#[test]
fn a_link_on_the_way_to_the_program_counts() {
    let mut world = world();
    let mut programs = programs(&world);
    programs[0].places.reverse();
    world.stage(vec![remove("nix")]);
    assert_eq!(lost_by(&world.plan(), &programs).len(), 1);
    programs[0].places = vec![PathBuf::from("/usr/bin/nix")];
    assert!(lost_by(&world.plan(), &programs).is_empty(), "this nix is another");
}

#[test]
fn of_two_manifests_what_goes_can_be_told() {
    let world = world();
    let before = &world.base.manifest;
    let lost = lost_between(before, &ProfileManifest::default(), &programs(&world));
    let names: Vec<&str> = lost.iter().map(|lost| lost.element.as_str()).collect();
    assert_eq!(names, ["home-manager-path", "nix", "nss-cacert"]);
    assert!(lost_between(before, before, &programs(&world)).is_empty());
    let words = lost[2].words();
    assert_eq!(words, "removing 'nss-cacert' takes away the certificates: without them downloads can fail");
}
