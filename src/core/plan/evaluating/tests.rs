use std::sync::Arc;

use super::*;
use crate::core::file_tree::{Basis, Root};
use crate::core::nix_options::{NixOptions, RememberedOptions};
use crate::core::plan::{Plan, PlanState};
use crate::core::test_world::World;

fn upgrade(element: &str) -> Change {
    Change::Upgrade { element: element.into() }
}

fn world() -> World {
    World::new().installed("bat-1", 5, &["bin/bat"]).of_nixpkgs("bat")
}

fn outputs(element: &str, to: ExtendedOutputsSpec) -> Change {
    Change::Outputs { element: element.into(), to }
}

fn left(plan: &Plan) -> Vec<LeftReason> {
    plan.left.iter().map(|left| left.reason).collect()
}

#[test]
fn an_upgrade_asks_and_takes_what_the_flake_has() {
    let mut world = world();
    world.stage(vec![upgrade("bat")]);
    let plan = world.plan();
    assert_eq!(plan.state(), PlanState::Unknown);
    assert_eq!(plan.needs.evaluations, [Question::exactly("flake:nixpkgs", "legacyPackages.x.bat")]);
    let plan = World { ..world.newer("bat", "bat-2", Some(&["bin/bat"])) }.plan();
    let source = plan.after.elements["bat"].source.as_ref().unwrap();
    assert_eq!((plan.state(), source.url.as_str()), (PlanState::Ready, "github:NixOS/nixpkgs/new"));
    assert_eq!(plan.after.elements["bat"].versions(), "2");
    assert!(plan.realise.is_empty() && plan.left.is_empty());
}

#[test]
fn a_new_lock_alone_is_nothing_to_do_and_comes_along_with_other_changes() {
    let mut world = world().newer("bat", "bat-1", Some(&["bin/bat"])).installed("jq-3", 5, &["bin/jq"]);
    world.stage(vec![upgrade("bat")]);
    let plan = world.plan();
    assert_eq!((plan.state(), &plan.after), (PlanState::Nothing, &world.base.manifest));
    world.stage(vec![Change::Priority { element: "jq".into(), to: 4 }]);
    let url = &world.plan().after.elements["bat"].source.as_ref().unwrap().url.clone();
    assert_eq!(url, "github:NixOS/nixpkgs/new");
}

#[test]
fn what_is_not_here_is_asked_of_caches_and_must_be_realised() {
    let mut world = world().newer("bat", "bat-2", None);
    world.stage(vec![upgrade("bat")]);
    let plan = world.plan();
    assert_eq!((plan.state(), plan.needs.listings.len(), plan.realise.len()), (PlanState::Unknown, 1, 1));
    let path = plan.needs.listings[0].as_str().as_bytes();
    let package = world.facts.trees.packages.get_mut(path).unwrap();
    package.basis = Basis::Unknown;
    let plan = world.plan();
    assert_eq!((plan.state(), plan.basis()), (PlanState::Ready, Basis::Unknown));
    assert_eq!(plan.result().unwrap(), None, "nobody knows what is in it");
    let package = world.facts.trees.packages.get_mut(path).unwrap();
    package.basis = Basis::Listing;
    package.root = Root::Directory { real_path: Arc::from(path), links_followed: 0 };
    let plan = world.plan();
    assert_eq!((plan.state(), plan.basis(), plan.realise.len()), (PlanState::Ready, Basis::Listing, 1));
    assert!(plan.result().unwrap().is_some());
}

#[test]
fn what_fails_stays_as_it_was_and_the_rest_goes_on() {
    let mut world = world().newer("bat", "bat-2", Some(&["bin/bat"]));
    for name in ["gone", "locked", "path", "built"] {
        world = world.installed(&format!("{name}-7"), 5, &[&format!("bin/{name}")]);
    }
    world = world.of_nixpkgs("gone").of_nixpkgs("locked").of_nixpkgs("built");
    world = world.newer("built", "built-8", Some(&[]));
    let mut base = (*world.base).clone();
    let locked = base.manifest.elements.get_mut("locked").unwrap().source.as_mut().unwrap();
    locked.original_url = format!("github:a/b/{}", "1".repeat(40));
    world.base = Arc::new(base);
    let failure = EvaluationFailure::of_words("flake 'x' does not provide attribute 'gone'");
    let question = Question::exactly("flake:nixpkgs", "legacyPackages.x.gone");
    world.facts.evaluations.insert(question, Err(failure));
    let names = ["bat", "built", "gone", "locked", "path", "who"];
    world.stage(names.map(upgrade).to_vec());
    let key = world.plan().after.elements["built"].store_paths[0].to_string() + ".drv";
    world.facts.failed_builds.insert(key, Arc::from("builder failed"));
    let plan = world.plan();
    assert_eq!(
        left(&plan),
        [
            LeftReason::BuildFailed,
            LeftReason::AttributeGone,
            LeftReason::Locked,
            LeftReason::NoSource,
            LeftReason::NoSuchElement
        ]
    );
    assert_eq!(plan.state(), PlanState::Ready);
    let changed = |name: &&str| plan.after.elements.get(*name) != world.base.manifest.elements.get(*name);
    assert_eq!(names.into_iter().filter(changed).collect::<Vec<_>>(), ["bat"]);
}

#[test]
fn a_folder_that_has_changed_since_is_told_in_words() {
    let mut world = world();
    let mut base = (*world.base).clone();
    let url = "path:/home/ada/src?narHash=sha256-a";
    base.manifest.elements.get_mut("bat").unwrap().source.as_mut().unwrap().url = url.to_owned();
    world.base = Arc::new(base);
    let words = "NAR hash mismatch in input 'path:/home/ada/src', expected 'sha256-a' but got 'sha256-b'";
    let attribute = world.base.manifest.elements["bat"].source.as_ref().unwrap().attr_path.clone();
    let question = Question::exactly(url, attribute);
    world.facts.evaluations.insert(question, Err(EvaluationFailure::of_words(words)));
    world.stage(vec![outputs("bat", ExtendedOutputsSpec::All)]);
    let plan = world.plan();
    assert_eq!(left(&plan), [LeftReason::of(EvaluationFailure::of_words(words).kind)]);
    let message = &plan.left[0].message;
    assert!(message.contains("has changed since") && !message.contains("sha256"), "{message}");
}

#[test]
fn outputs_are_chosen_at_the_locked_revision_unless_it_is_upgraded_anyway() {
    let mut world = world().newer("bat", "bat-2", Some(&["bin/bat"]));
    world.stage(vec![outputs("bat", ExtendedOutputsSpec::All)]);
    let plan = world.plan();
    assert_eq!(
        plan.needs.evaluations,
        [Question::exactly("github:NixOS/nixpkgs/old", "legacyPackages.x.bat")]
    );
    world.stage(vec![upgrade("bat")]);
    let plan = world.plan();
    let source = plan.after.elements["bat"].source.as_ref().unwrap();
    assert_eq!((plan.state(), &source.outputs), (PlanState::Ready, &ExtendedOutputsSpec::All));
    assert_eq!(source.url, "github:NixOS/nixpkgs/new");
    world.stage(vec![outputs("bat", ExtendedOutputsSpec::Names(vec!["man".into()]))]);
    assert_eq!(left(&world.plan()), [LeftReason::NoSuchOutput]);
}

#[test]
fn another_flake_is_searched_like_a_typed_installable() {
    let mut world = world();
    world.stage(vec![Change::Retarget { element: "bat".into(), to: "nixpkgs/stable".into() }]);
    let question = Question::as_typed("nixpkgs/stable", "bat");
    assert_eq!(world.plan().needs.evaluations, std::slice::from_ref(&question));
    world = world.newer("bat", "bat-1", Some(&["bin/bat"]));
    let today = Question::exactly("flake:nixpkgs", "legacyPackages.x.bat");
    let mut evaluated = (**world.facts.evaluations[&today].as_ref().unwrap()).clone();
    evaluated.original_url = "flake:nixpkgs/stable".into();
    world.facts.evaluations.insert(question, Ok(Arc::new(evaluated)));
    let plan = world.plan();
    assert_eq!(plan.state(), PlanState::Ready, "the same package, and yet another source");
    assert_eq!(plan.after.elements["bat"].source.as_ref().unwrap().original_url, "flake:nixpkgs/stable");
}

#[test]
fn a_flake_can_be_attached_to_what_came_from_none() {
    let mut world =
        World::new().installed("bat-1", 4, &["bin/bat"]).newer("bat", "bat-1", Some(&["bin/bat"]));
    let to = |to: &str| Change::Retarget { element: "bat".into(), to: to.into() };
    world.stage(vec![to("nixpkgs")]);
    assert_eq!(left(&world.plan()), [LeftReason::NoSource]);
    world.stage(vec![to("nixpkgs#bat^out")]);
    let question = Question::as_typed("nixpkgs", "bat");
    assert_eq!(world.plan().needs.evaluations, std::slice::from_ref(&question));
    let today = Question::exactly("flake:nixpkgs", "legacyPackages.x.bat");
    let answer = world.facts.evaluations[&today].clone();
    world.facts.evaluations.insert(question, answer);
    let plan = world.plan();
    let element = &plan.after.elements["bat"];
    let source = element.source.as_ref().unwrap();
    assert_eq!((plan.state(), element.priority), (PlanState::Ready, 4));
    assert_eq!(element.identifier(), "flake:nixpkgs#legacyPackages.x.bat^out");
    assert_eq!(source.url, "github:NixOS/nixpkgs/new");
}

#[test]
fn what_comes_along_with_a_listed_package_is_asked_for_too() {
    let mut world = world().newer("bat", "bat-2", None).newer("less", "less-6", None);
    let path = |world: &World, name: &str| {
        let answer =
            &world.facts.evaluations[&Question::exactly("flake:nixpkgs", format!("legacyPackages.x.{name}"))];
        answer.as_ref().unwrap().outputs["out"].clone().unwrap()
    };
    let (bat, less) = (path(&world, "bat"), path(&world, "less"));
    let package = world.facts.trees.packages.get_mut(bat.as_str().as_bytes()).unwrap();
    let real_path = Arc::from(bat.as_str().as_bytes());
    package.root = Root::Directory { real_path, links_followed: 0 };
    package.basis = Basis::Listing;
    package.propagated = crate::core::file_tree::Propagated::Paths(vec![Arc::from(less.as_str().as_bytes())]);
    world.stage(vec![upgrade("bat")]);
    let plan = world.plan();
    assert_eq!((plan.state(), plan.needs.listings), (PlanState::Unknown, vec![less.clone()]));
    world.facts.trees.packages.get_mut(less.as_str().as_bytes()).unwrap().basis = Basis::Unknown;
    let plan = world.plan();
    assert_eq!((plan.state(), plan.basis(), plan.realise.len()), (PlanState::Ready, Basis::Unknown, 1));
}

#[test]
fn what_another_flake_lacks_is_said_of_that_flake() {
    let mut world = world();
    world.stage(vec![Change::Retarget { element: "bat".into(), to: "stable#nosuch".into() }]);
    let failure = EvaluationFailure::of_words("flake 'x' does not provide attribute 'nosuch'");
    world.facts.evaluations.insert(Question::as_typed("stable", "nosuch"), Err(failure));
    let message = world.plan().left[0].message.clone();
    assert!(message.starts_with("'bat' cannot follow 'stable', which has no 'nosuch': "), "{message}");
}

#[test]
fn remembered_options_make_it_another_question() {
    let mut world = world().newer("bat", "bat-2", Some(&["bin/bat"]));
    world.stage(vec![upgrade("bat")]);
    assert!(world.plan().needs.evaluations.is_empty());
    let mut remembered = RememberedOptions::default();
    remembered.elements.insert("bat".to_owned(), NixOptions::parse("--impure").unwrap());
    world.facts.options = Arc::new(remembered);
    let needs = world.plan().needs.evaluations;
    assert_eq!(needs.len(), 1, "what was learnt without them is another fact");
    assert_eq!(needs[0].options.words(), ["--impure"]);
    let answer = world.facts.evaluations.values().next().unwrap().clone();
    world.facts.evaluations.insert(needs[0].clone(), answer);
    assert_eq!(world.plan().after.elements["bat"].versions(), "2");
}
