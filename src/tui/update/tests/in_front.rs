//! Commands that get the terminal: when they are offered, and what is asked again afterwards.

use super::*;
use crate::core::evaluation::{EvaluationFailure, Question};
use crate::system::nix::Front;
use crate::tui::keymap::Scope;

fn question(name: &str) -> Question {
    Question::exactly("flake:nixpkgs", format!("legacyPackages.x.{name}"))
}

fn failing(words: &str) -> World {
    let mut world = World::new()
        .installed("bat-0.24.0", 5, &["bin/bat"])
        .installed("jq-1.7.1", 5, &["bin/jq"])
        .of_nixpkgs("bat")
        .of_nixpkgs("jq");
    for name in ["bat", "jq"] {
        world.facts.evaluations.insert(question(name), Err(EvaluationFailure::of_words(words)));
    }
    world
}

#[test]
fn what_had_to_be_asked_is_offered_once_for_its_flake_and_checked_again() {
    let mut bench = Bench::on(failing("error: git failed\nHost key verification failed."));
    bench.keys("U").learn();
    assert_eq!(bench.model.scope(), Scope::Question, "{}", bench.toast());
    bench.keys("y");
    assert_eq!(bench.ordered().last(), Some(&Effect::InFront(question("bat"), Front::Fetch)));
    assert_eq!(bench.model.scope(), Scope::Installed, "both are from one flake");
    bench.world = World::new().installed("bat-0.24.0", 5, &["bin/bat"]).of_nixpkgs("bat").newer(
        "bat",
        "bat-0.25.0",
        Some(&["bin/bat"]),
    );
    bench.tell(Msg::CameBack(question("bat"), Ok(())));
    assert_eq!(bench.staged(), ["upgrade bat", "upgrade jq"]);
    assert!(bench.toast().starts_with("Asking again"));
}

#[test]
fn a_command_that_failed_is_told_and_nothing_is_asked_again() {
    let mut bench = Bench::on(failing("terminal prompts disabled"));
    bench.keys("u").learn().keys("n");
    assert_eq!(bench.model.scope(), Scope::Installed);
    bench.ordered();
    bench.tell(Msg::CameBack(question("bat"), Err("exit status: 1".to_owned())));
    assert!(bench.toast().contains("exit status: 1") && bench.staged().is_empty());
    assert!(bench.ordered().is_empty());
}

#[test]
fn the_debugger_is_offered_only_where_it_was_wanted() {
    let mut bench = Bench::on(failing("error: it throws"));
    bench.keys("u").learn();
    assert_eq!(bench.model.scope(), Scope::Installed);
    let mut bench = Bench::on(failing("error: it throws"));
    bench.model.debugs = true;
    bench.keys("u").learn().keys("y");
    assert_eq!(bench.ordered().last(), Some(&Effect::InFront(question("bat"), Front::Debug)));
}
