use super::*;
use crate::core::evaluation::EvaluationFailure;
use crate::core::registry::Registry;
use crate::core::test_world::World;

fn registries(layer: Layer, to: &str) -> Registries {
    let parse = |text: &str| FlakeRef::parse(text).unwrap();
    let entries = vec![Entry::new(parse("nixpkgs"), parse(to))];
    Registries::default().with(layer, Registry { entries, fault: None })
}

fn row(world: &World, registries: &Registries) -> UpgradeRow {
    let element = &world.base.manifest.elements["bat"];
    UpgradeRow::of("bat", element, false, &world.facts, (registries, Reach::All))
}

fn world() -> World {
    World::new().installed("bat-1", 5, &["bin/bat"]).of_nixpkgs("bat")
}

fn words(row: &UpgradeRow) -> String {
    row.follows.words(&|seconds| format!("second {seconds}"))
}

#[test]
fn versions_tell_what_a_check_found() {
    let registries = registries(Layer::Global, "github:NixOS/nixpkgs/nixpkgs-unstable");
    assert_eq!(row(&world(), &registries).state, UpgradeState::NotChecked);
    for (package, state) in
        [("bat-1", UpgradeState::Same), ("bat-2", UpgradeState::Upgrade), ("bat-0", UpgradeState::Downgrade)]
    {
        let row = row(&world().newer("bat", package, Some(&[])), &registries);
        assert_eq!((row.state, row.from.as_str()), (state, "1"), "{package}");
        assert!(row.mend().is_none());
    }
    let paths = |names: &[&str]| -> Vec<StorePath> {
        let store_dir = crate::core::store_path::StoreDir::new("/s");
        names.iter().map(|name| StorePath::parse(&store_dir, &format!("/s/{name}")).unwrap()).collect()
    };
    let (a, b) = ("0".repeat(32) + "-x-1", "1".repeat(32) + "-x-1");
    assert_eq!(compare(&paths(&[&a]), &paths(&[&b])), UpgradeState::Rebuilt);
}

#[test]
fn the_reason_tells_what_holds_an_element_back() {
    let pinned = format!("github:NixOS/nixpkgs/{}?lastModified=7", "a".repeat(40));
    let global = registries(Layer::Global, "github:NixOS/nixpkgs/nixpkgs-unstable");
    assert!(words(&row(&world(), &global)).starts_with("tracks github:NixOS/nixpkgs/nixpkgs-unstable"));
    let found = row(&world(), &registries(Layer::User, &pinned));
    assert!(words(&found).starts_with("flake:nixpkgs is pinned by the user registry"), "{}", words(&found));
    assert!(matches!(found.mend(), Some(Mend::Unpin { .. })));
    let found = row(&world(), &registries(Layer::System, &pinned));
    assert!(words(&found).ends_with("moves with the OS"));
    assert_eq!(found.mend(), Some(Mend::UpdateSystem));
    let found = row(&world(), &Registries::default());
    assert!(matches!(found.follows, Follows::Nowhere { .. }));
    let found = row(&World::new().installed("bat-1", 5, &[]), &global);
    assert_eq!((&found.follows, found.mend()), (&Follows::NoSource, Some(Mend::AttachSource)));
}

/// A world's row with these entries of the user's own, before a global nixpkgs that moves.
fn row_of_user(lines: &[(&str, &str)]) -> UpgradeRow {
    let parse = |text: &str| FlakeRef::parse(text).unwrap();
    let entries = lines.iter().map(|(from, to)| Entry::new(parse(from), parse(to))).collect();
    let global = registries(Layer::Global, "github:NixOS/nixpkgs/nixpkgs-unstable");
    row(&world(), &global.with(Layer::User, Registry { entries, fault: None }))
}

#[test]
fn a_pin_on_the_way_is_told_by_its_own_name() {
    let commit = "a".repeat(40);
    let pinned = format!("github:NixOS/nixpkgs/{commit}");
    let unpin = |name: &str, index| {
        Some(Mend::Unpin { name: name.into(), entry: EntryId { layer: Layer::User, index } })
    };
    let found = row_of_user(&[("nixpkgs", "flake:fone"), ("fone", &pinned)]);
    assert_eq!(words(&found), "flake:nixpkgs leads to flake:fone, which is pinned by the user registry");
    assert_eq!(found.mend(), unpin("flake:fone", 1));
    // The commit of an entry is carried over by the next.
    let by_name = format!("flake:fone/{commit}");
    let found = row_of_user(&[("nixpkgs", &by_name), ("fone", "github:NixOS/nixpkgs")]);
    assert_eq!(found.mend(), unpin("flake:nixpkgs", 0));
    let found = row(&world(), &registries(Layer::Global, &pinned));
    assert_eq!(found.mend(), Some(Mend::Retarget), "it is not the user's to remove");
}

#[test]
fn what_is_no_pin_is_not_called_one() {
    // As Nix since 2.33 marks a pin, here of a folder without a hash.
    let text = r#"{"version":2,"flakes":[{"from":{"type":"indirect","id":"nixpkgs"},
        "to":{"type":"path","path":"/src/nixpkgs","__final":true}}]}"#;
    let user = Registry::parse(text.as_bytes());
    assert!(user.entries[0].to.is_pinned());
    let found = row(&world(), &Registries::default().with(Layer::User, user));
    assert!(matches!(found.follows, Follows::Registry { .. }), "{:?}", found.follows);
    assert_eq!(found.mend(), None);
    let world = world();
    let mut element = world.base.manifest.elements["bat"].clone();
    element.source.as_mut().unwrap().original_url = format!("flake:nixpkgs/{}", "a".repeat(40));
    let registries = registries(Layer::User, "github:NixOS/nixpkgs");
    let found = UpgradeRow::of("bat", &element, false, &world.facts, (&registries, Reach::All));
    assert!(matches!(found.follows, Follows::Locked { .. }), "{:?}", found.follows);
    assert_eq!(found.mend(), Some(Mend::Retarget));
}

#[test]
fn only_a_store_path_of_the_system_registry_moves_with_the_system() {
    let of = |to: &str| words(&row(&self::world(), &registries(Layer::System, to)));
    assert_eq!(
        of("path:/src/nixpkgs"),
        "tracks path:/src/nixpkgs, which the system registry calls flake:nixpkgs"
    );
    let store = format!("path:/nix/store/{}-source", "0".repeat(32));
    assert!(of(&store).ends_with("by the system registry, moves with the OS"), "{}", of(&store));
}

#[test]
fn a_failure_keeps_its_reason() {
    let mut world = world();
    let failure = EvaluationFailure::of_words("Package x has an unfree license (x), refusing to evaluate.");
    let element = &world.base.manifest.elements["bat"];
    world
        .facts
        .evaluations
        .insert(question("bat", element, &RememberedFiles::default()).unwrap(), Err(failure));
    let found = row(&world, &registries(Layer::Global, "github:a/b"));
    assert_eq!(
        (found.state, found.mend()),
        (UpgradeState::Failed(LeftReason::Unfree), Some(Mend::Impure(Some("NIXPKGS_ALLOW_UNFREE"))))
    );
    assert!(found.problem.unwrap().contains("unfree"));
}

#[test]
fn a_pin_is_taken_back_to_what_was_followed_before() {
    let world = world();
    let mut element = world.base.manifest.elements["bat"].clone();
    assert_eq!(pin("bat", &element), None, "'old' is no revision");
    let locked = format!("github:NixOS/nixpkgs/{}", "a".repeat(40));
    element.source.as_mut().unwrap().url.clone_from(&locked);
    let to = |to: &str| Some(Change::Retarget { element: "bat".into(), to: to.into() });
    assert_eq!(pin("bat", &element), to(&locked));
    element.source.as_mut().unwrap().original_url = locked;
    assert_eq!(pin("bat", &element), None);
    let empty = ProfileManifest::default();
    assert_eq!(unpin("bat", &element, [&empty, &world.base.manifest]), to("flake:nixpkgs"));
    assert_eq!(unpin("bat", &element, [&empty]), None);
    assert_eq!(unpin("bat", &world.base.manifest.elements["bat"], [&empty]), None, "it is not pinned");
}
