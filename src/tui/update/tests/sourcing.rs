//! The source form: following another flake, pinning, letting go, attaching.

use super::*;
use crate::core::evaluation::{EvaluationFailure, FailureKind, Question};
use crate::core::manifest::ElementSource;
use crate::core::plan::LeftReason;
use crate::tui::model::{SourceForm, SourceOffer};

/// bat and jq follow nixpkgs, fd a locked reference that was nixpkgs before, tmux nothing; `stable`
/// has bat and tmux.
fn several() -> World {
    let mut world = World::new()
        .installed("bat-0.24.0", 5, &["bin/bat"])
        .installed("fd-9.0", 5, &["bin/fd"])
        .installed("jq-1.7.1", 5, &["bin/jq"])
        .installed("tmux-3.5", 5, &["bin/tmux"])
        .of_nixpkgs("bat")
        .of_nixpkgs("fd")
        .of_nixpkgs("jq")
        .newer("bat", "bat-0.25.0", Some(&["bin/bat"]))
        .newer("fd", "fd-9.0", Some(&["bin/fd"]));
    let mut base = (*world.base).clone();
    for (name, element) in &mut base.manifest.elements {
        let locked = "github:NixOS/nixpkgs/1111111111111111111111111111111111111111";
        let Some(source) = &mut element.source else { continue };
        source.url = locked.to_owned();
        if name == "fd" {
            source.original_url = locked.to_owned();
        }
    }
    world.base = Arc::new(base);
    let moved = |world: &World, question: &str| {
        let question = Question::exactly("flake:nixpkgs", format!("legacyPackages.x.{question}"));
        world.facts.evaluations[&question].clone()
    };
    let (bat, fd) = (moved(&world, "bat"), moved(&world, "fd"));
    world.facts.evaluations.insert(Question::as_typed("stable", "bat"), bat.clone());
    world.facts.evaluations.insert(Question::as_typed("flake:nixpkgs", "fd"), fd);
    world.facts.evaluations.insert(Question::as_typed("stable", "tmux"), bat);
    let gone = EvaluationFailure { kind: FailureKind::AttributeGone, message: "no jq".into() };
    world.facts.evaluations.insert(Question::as_typed("stable", "jq"), Err(gone));
    world
}

fn form(bench: &Bench) -> &SourceForm {
    match bench.overlay() {
        Some(Overlay::Source(form)) => form,
        other => panic!("{other:?}"),
    }
}

/// Empties the field and types.
fn typed<'a>(bench: &'a mut Bench, text: &str) -> &'a mut Bench {
    bench.keys("<ctrl-u>");
    let before = bench.model.overlays.len();
    bench.keys(text);
    assert_eq!(bench.model.overlays.len(), before);
    bench
}

#[test]
fn one_or_all_that_follow_it_move_as_one_step() {
    let mut bench = Bench::on(several());
    bench.keys("e");
    assert_eq!(form(&bench).to.value(), "nixpkgs");
    let names: Vec<&str> = form(&bench).along.iter().map(|follower| follower.name.as_str()).collect();
    assert_eq!(names, ["bat", "jq"], "the others follow something else");
    bench.keys("<tab>");
    typed(&mut bench, "stable").keys("<enter>");
    assert_eq!(bench.staged(), ["retarget bat stable", "retarget jq stable"]);
    bench.learn();
    assert_eq!(bench.staged(), ["retarget bat stable"], "jq is not there, which costs only itself");
    assert!(bench.toast().contains("1 cannot"), "{}", bench.toast());
    let (reason, message) = bench.model.upgrades.failure("jq").unwrap();
    assert!(reason == LeftReason::AttributeGone && message.contains("'stable'"), "{message}");
    assert_eq!(bench.state(), PlanState::Ready);
    bench.keys("z");
    assert!(bench.staged().is_empty());
    bench.keys("j j e");
    assert_eq!(form(&bench).to.value(), "stable", "what was tried is there to be mended");
}

#[test]
fn an_element_can_be_left_out() {
    let mut bench = Bench::on(several());
    bench.model.upgrades.held.insert("jq".to_owned());
    bench.keys("e <tab>");
    assert!(
        form(&bench).along.iter().all(|follower| follower.along == (follower.name == "bat")),
        "jq is held"
    );
    bench.keys("<down> <down> <down> <shift-tab> <up> <shift-tab>");
    assert!(form(&bench).along.iter().all(|follower| follower.along == (follower.name == "jq")));
    bench.keys("<enter>");
    assert!(bench.staged().is_empty() && bench.toast() == "jq does that already.", "{}", bench.toast());
}

#[test]
fn pinning_takes_the_lock_and_unpinning_the_reference_of_before() {
    let mut bench = Bench::on(several());
    bench.keys("e");
    assert_eq!(form(&bench).offers, [SourceOffer::Pin]);
    bench.keys("<down> <enter>");
    let pinned = "retarget bat github:NixOS/nixpkgs/1111111111111111111111111111111111111111";
    assert_eq!(bench.staged(), [pinned]);
    bench.keys("z j e");
    bench.ordered();
    assert!(form(&bench).offers.is_empty(), "no generation tells what it was");
    let mut past = bench.world.base.manifest.clone();
    let source: &mut ElementSource = past.elements.get_mut("fd").unwrap().source.as_mut().unwrap();
    source.original_url = "flake:nixpkgs".to_owned();
    let mut profile = bench.profile(42);
    profile.generations[0].generation.target = "/nix/store/earlier".to_owned();
    profile.generations[0].manifest = Ok(Arc::new(past));
    bench.keys("<esc>");
    bench.tell(Msg::ProfileLoaded(Ok(Box::new(profile))));
    bench.keys("e");
    assert_eq!(form(&bench).offers, [SourceOffer::Unpin]);
    bench.keys("<down> <enter>").learn();
    assert_eq!(bench.staged(), ["retarget fd flake:nixpkgs"]);
    assert!(bench.toast().contains("with the very package that is installed"), "{}", bench.toast());
}

#[test]
fn a_store_path_is_told_where_it_is_from() {
    let mut bench = Bench::on(several());
    bench.keys("G e");
    assert_eq!(form(&bench).to.value(), "");
    typed(&mut bench, "stable").keys("<enter>");
    assert!(bench.toast().contains("name the package too"), "{}", bench.toast());
    bench.keys("#tmux <enter>").learn();
    assert_eq!(bench.staged(), ["retarget tmux stable#tmux"]);
    assert!(bench.toast().contains("→"), "what would change is said: {}", bench.toast());
}

#[test]
fn what_cannot_be_followed_is_not_staged() {
    let mut bench = Bench::on(several());
    bench.keys("e <tab>");
    for (text, words) in
        [("./here", "written whole"), ("a#b", "2 elements would become it"), ("a b", "Not staged")]
    {
        typed(&mut bench, text);
        if text == "a b" {
            bench.keys("<esc> e <ctrl-u>");
        }
        bench.keys("<enter>");
        let wanted = if text == "a b" { "missing" } else { words };
        assert!(bench.toast().contains(wanted), "{text}: {}", bench.toast());
        assert!(bench.staged().is_empty());
    }
}
