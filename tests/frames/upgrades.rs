//! Upgrades: while flakes are asked, when one of them has failed, and what a review says of costs.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use firn::core::evaluation::{Evaluated, EvaluationFailure, FailureKind, MetaFlags, Question};
use firn::core::facts::{Facts, Needs};
use firn::core::file_tree::{Basis, PathBytes};
use firn::core::link_tree::TreeNeeds;
use firn::core::manifest::ProfileElement;
use firn::core::plan::cost::Cost;
use firn::system::machine::Answer;
use firn::tui::msg::Msg;

use crate::session::Session;
use crate::{frame, world};

const NEXT: &str = "c0ffee1333333333333333333333333333333333";
const NEWER: [(&str, &str); 2] = [("difftastic", "difftastic-0.63.0"), ("jq", "jq-1.8.0")];

fn question(element: &ProfileElement) -> Option<Question> {
    let source = element.source.as_ref().filter(|source| !source.is_locked())?;
    Some(Question::exactly(&source.original_url, &source.attr_path))
}

/// What the flake of an element has today: git fails, two have something newer.
fn answer(name: &str, element: &ProfileElement) -> Answer {
    if name == "git" {
        let message = "undefined variable 'perlPackages' \u{1b}[31m\n       at pkgs/git/default.nix:12:3";
        return Err(EvaluationFailure { kind: FailureKind::Evaluation, message: Arc::from(message) });
    }
    let source = element.source.as_ref().unwrap();
    let newer = NEWER.iter().find(|(newer, _)| *newer == name);
    let path = newer.map_or(element.store_paths[0].clone(), |(_, package)| world::store_path(package));
    Ok(Arc::new(Evaluated {
        original_url: source.original_url.clone(),
        url: format!("github:NixOS/nixpkgs/{NEXT}"),
        attr_path: source.attr_path.clone(),
        name: path.name().to_owned(),
        drv_path: None,
        outputs: BTreeMap::from([("out".to_owned(), Some(path))]),
        default_outputs: vec!["out".to_owned()],
        priority: None,
        flags: MetaFlags::default(),
        description: None,
        homepage: None,
        licence: None,
        others: Vec::new(),
    }))
}

/// All answers, with the newer packages as a binary cache lists them.
fn answers() -> Facts {
    let elements = world::manifest().elements;
    let asked =
        elements.iter().filter_map(|(name, element)| Some((question(element)?, answer(name, element))));
    let packages: Vec<PathBytes> = NEWER
        .iter()
        .map(|(_, package)| PathBytes::from(world::store_path(package).as_str().as_bytes()))
        .collect();
    let tree = TreeNeeds { packages: packages.clone(), directories: Vec::new() };
    let mut facts = world::learn(&Needs { tree, ..Needs::default() });
    for package in packages {
        facts.trees.packages.get_mut(&package).unwrap().basis = Basis::Listing;
    }
    facts.evaluations = asked.collect();
    facts
}

fn checking(size: (u16, u16)) -> Session {
    let mut session = Session::new(size.0, size.1);
    session.send(Msg::HoldsRead(Ok(BTreeSet::from(["direnv".to_owned()]))));
    session = session.keys("U");
    let elements = world::manifest().elements;
    for name in ["bat", "difftastic", "git"] {
        let told = (question(&elements[name]).unwrap(), answer(name, &elements[name]));
        session.send(Msg::Evaluated(Box::new(told)));
    }
    session
}

fn checked(size: (u16, u16)) -> Session {
    let mut session = checking(size);
    session.send(Msg::FactsLearnt(Ok(Box::new(answers()))));
    session
}

/// The review once it is known what the plan costs.
fn reviewed(size: (u16, u16)) -> Session {
    let mut session = checked(size).keys("w");
    let cost = Cost {
        download: Some(6_396_313),
        unpacked: Some(19_293_798),
        closure_before: Some(2_040_109_465),
        closure_after: Some(2_061_584_302),
        fetch: NEWER.iter().map(|(_, package)| world::store_path(package)).collect(),
        build: Vec::new(),
    };
    let revision = session.model.revision;
    session.send(Msg::CostMeasured(revision, Ok(cost)));
    session
}

#[test]
fn a_check_tells_row_by_row() {
    frame!("upgrades_checking_120x36", checking((120, 36)));
    frame!("upgrades_checking_80x24", checking((80, 24)));
    frame!("upgrades_checked_120x36", checked((120, 36)));
    frame!("upgrades_checked_80x24", checked((80, 24)));
}

#[test]
fn a_failure_is_told_beside_its_row() {
    frame!("upgrades_failed_120x36", checked((120, 36)).keys("j j j j"));
    frame!("upgrades_failed_info_80x24", checked((80, 24)).keys("j j j j <enter>"));
}

#[test]
fn a_review_says_what_it_costs() {
    frame!("upgrades_measuring_120x36", checked((120, 36)).keys("w"));
    frame!("upgrades_review_120x36", reviewed((120, 36)));
    frame!("upgrades_review_80x24", reviewed((80, 24)));
}
