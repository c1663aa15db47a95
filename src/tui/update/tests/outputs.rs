//! The outputs of a package: what is asked for them, and what choosing stages.

use super::staging::of_nix_env;
use super::*;
use crate::core::evaluation::{EvaluationFailure, FailureKind, Question};
use crate::core::user_environment::offered::{OfferedPackage, PackageQuestion};
use crate::tui::model::{OutputFiles, OutputsScreen};

fn at_lock() -> Question {
    Question::exactly("github:NixOS/nixpkgs/old", "legacyPackages.x.bat")
}

/// bat has `out`, which is installed, and `doc`, which is here too; `debug` nobody knows.
fn several() -> World {
    let mut world = World::new()
        .installed("bat-0.24.0", 5, &["bin/bat"])
        .installed("jq-1.7.1", 5, &["bin/jq", "share/doc/bat"])
        .installed("tmux-3.5", 5, &["bin/tmux"])
        .of_nixpkgs("bat")
        .newer("bat", "bat-0.24.0-doc", Some(&["share/doc/bat", "share/doc/more"]));
    let upgrade = Question::exactly("flake:nixpkgs", "legacyPackages.x.bat");
    let Some(Ok(answer)) = world.facts.evaluations.remove(&upgrade) else { panic!() };
    let mut package = (*answer).clone();
    let doc = package.outputs.remove("out").unwrap();
    let out = world.base.manifest.elements["bat"].store_paths[0].clone();
    package.outputs =
        [("out".to_owned(), Some(out)), ("doc".to_owned(), doc), ("debug".to_owned(), None)].into();
    world.facts.evaluations.insert(at_lock(), Ok(Arc::new(package)));
    world
}

fn screen(bench: &Bench) -> &OutputsScreen {
    match bench.overlay() {
        Some(Overlay::Outputs(screen)) => screen,
        other => panic!("{other:?}"),
    }
}

fn rows(bench: &Bench) -> Vec<(String, bool)> {
    let rows = screen(bench).rows.clone().unwrap().unwrap();
    rows.into_iter().map(|row| (row.name, row.chosen)).collect()
}

#[test]
fn the_package_at_its_lock_is_asked_when_the_screen_opens() {
    let mut bench = Bench::on(several());
    bench.keys("O");
    assert!(screen(&bench).rows.is_none());
    let asked = |effect: &Effect| match effect {
        Effect::LearnFacts(needs) => needs.evaluations.clone(),
        _ => Vec::new(),
    };
    assert_eq!(bench.effects.iter().flat_map(asked).collect::<Vec<_>>(), [at_lock()]);
    bench.keys("<enter>");
    assert!(bench.toast().contains("not known") && bench.staged().is_empty());
    bench.learn();
    let expected = [("debug", false), ("doc", false), ("out", true)];
    assert_eq!(rows(&bench), expected.map(|(name, chosen)| (name.to_owned(), chosen)));
    let rows = screen(&bench).rows.clone().unwrap().unwrap();
    assert_eq!(rows[0].files, OutputFiles::NoPath);
    assert!(matches!(&rows[1].files, OutputFiles::Known(files) if files.len() == 2));
    assert!(rows[2].installed && rows[2].default);
}

#[test]
fn choosing_tells_what_it_would_do_and_enter_stages_it() {
    let mut bench = Bench::on(several());
    bench.keys("O").learn().keys("j j <space>");
    assert!(bench.toast().contains("only once it is built"), "debug has no path");
    bench.keys("j <space>");
    assert!(screen(&bench).blocks, "{:?}", screen(&bench).outcome);
    assert!(bench.staged().is_empty(), "only tried");
    bench.keys("<space>");
    assert_eq!(screen(&bench).outcome, ["the tree stays as it is"]);
    bench.keys("<space> j <space>");
    assert_eq!(rows(&bench)[2], ("out".to_owned(), false));
    bench.keys("k <space>");
    assert!(bench.toast().starts_with("An element has one output at least"));
    bench.keys("<enter>").learn();
    assert_eq!(bench.staged(), ["outputs bat^doc"]);
    assert!(bench.toast().contains("outputs default → doc"), "{}", bench.toast());
    bench.keys("z");
    assert!(bench.staged().is_empty());
}

#[test]
fn a_choice_that_is_there_already_stages_nothing() {
    let mut bench = Bench::on(several());
    bench.keys("O").learn().keys("j j j <space> <space> <enter>");
    assert!(bench.staged().is_empty() && bench.toast().contains("already"), "{}", bench.toast());
}

#[test]
fn what_fails_says_what_to_do() {
    let mut bench = Bench::on(several());
    let failure = EvaluationFailure { kind: FailureKind::Flake, message: "error: gone\u{1b}".into() };
    bench.world.facts.evaluations.insert(at_lock(), Err(failure));
    bench.keys("g O").learn();
    assert_eq!(screen(&bench).rows, Some(Err("error: gone\u{1b}".to_owned())));
    bench.keys("<esc> O");
    assert!(screen(&bench).rows.is_none(), "it is asked again");
}

#[test]
fn a_package_of_nix_env_has_the_outputs_of_its_derivation() {
    let mut bench = of_nix_env();
    let path = bench.model.loaded().unwrap().base.manifest.elements["hello"].store_paths[0].clone();
    let question = PackageQuestion::Outputs(path.clone());
    bench.keys("O");
    let asked = |effect: &Effect| match effect {
        Effect::LearnFacts(needs) => needs.packages.clone(),
        _ => Vec::new(),
    };
    let all_asked: Vec<_> = bench.effects.iter().flat_map(asked).collect();
    assert_eq!(all_asked.as_slice(), std::slice::from_ref(&question));
    bench.keys("j j <space>");
    assert!(bench.toast().contains("not known yet"), "{}", bench.toast());
    let doc = bench.world.base.manifest.elements["tmux"].store_paths[0].clone();
    let mut offered = OfferedPackage::of_store_path(&path);
    offered.outputs.insert("doc".to_owned(), doc);
    let mut facts = Facts::default();
    facts.packages.insert(question, Ok([offered].into()));
    bench.tell(Msg::FactsLearnt(Ok(Box::new(facts))));
    let expected = [("doc", false), ("out", true)];
    assert_eq!(rows(&bench), expected.map(|(name, chosen)| (name.to_owned(), chosen)));
    bench.keys("j <space> <enter>");
    assert_eq!(bench.staged(), ["outputs hello^doc,out"]);
    // What is installed is chosen again: nothing is staged any more.
    bench.keys("O <space> <enter>");
    assert!(bench.staged().is_empty(), "{:?}", bench.staged());
}
