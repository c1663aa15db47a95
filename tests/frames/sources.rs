//! The outputs of a package, and the form for where an element comes from.

use std::collections::BTreeMap;
use std::sync::Arc;

use firn::core::evaluation::{Evaluated, EvaluationFailure, FailureKind, MetaFlags, Question};
use firn::core::facts::{Facts, Needs};
use firn::core::link_tree::TreeNeeds;
use firn::core::store_path::StorePath;
use firn::tui::msg::Msg;

use crate::session::Session;
use crate::{frame, world};

/// What was asked for the element under the cursor.
fn asked(session: &Session) -> Question {
    match session.model.overlays.last() {
        Some(firn::tui::model::Overlay::Outputs(screen)) => match &screen.question {
            firn::tui::model::OutputsQuestion::Flake(question) => question.clone(),
            firn::tui::model::OutputsQuestion::Derivation(path) => panic!("{path}"),
        },
        other => panic!("{other:?}"),
    }
}

/// fltk-like outputs of git: two are here, one is nowhere, one has no path.
fn opened(size: (u16, u16)) -> Session {
    let mut session = Session::new(size.0, size.1).keys("j j j j O");
    let question = asked(&session);
    let manifest = world::manifest();
    let out = manifest.elements["git"].store_paths[0].clone();
    let doc = world::store_path("fltk-1.3.11-bin");
    let path = |path: &StorePath| Some(path.clone());
    let package = Evaluated {
        original_url: "flake:nixpkgs".to_owned(),
        url: question.reference.clone(),
        attr_path: question.attribute.clone(),
        name: "git-2.49.0".to_owned(),
        drv_path: None,
        outputs: BTreeMap::from([
            ("debug".to_owned(), None),
            ("doc".to_owned(), path(&doc)),
            ("out".to_owned(), path(&out)),
        ]),
        default_outputs: vec!["out".to_owned()],
        priority: None,
        flags: MetaFlags::default(),
        description: None,
        homepage: None,
        licence: None,
        others: Vec::new(),
    };
    let packages = vec![Arc::from(doc.as_str().as_bytes()), Arc::from(out.as_str().as_bytes())];
    let tree = TreeNeeds { packages, directories: Vec::new() };
    let mut facts = world::learn(&Needs { tree, ..Needs::default() });
    facts.evaluations.insert(question, Ok(Arc::new(package)));
    session.send(Msg::FactsLearnt(Ok(Box::new(facts))));
    session
}

#[test]
fn outputs_are_check_boxes_with_the_files_of_each() {
    frame!("outputs_asking_120x36", Session::new(120, 36).keys("j j j j O"));
    frame!("outputs_120x36", opened((120, 36)).keys("j j j <space>"));
    frame!("outputs_80x24", opened((80, 24)).keys("j j j <space>"));
    frame!("outputs_60x20", opened((60, 20)).keys("j j j"));
    frame!("outputs_200x60", opened((200, 60)).keys("j j j J J"));
    let mut session = opened((80, 24)).keys("j j j");
    session.model.ascii = true;
    frame!("outputs_ascii_80x24", session);
}

#[test]
fn outputs_that_cannot_be_told_say_what_to_do() {
    let mut session = Session::new(80, 24).keys("j j j j O");
    let message = "error: unable to download 'https://api.github.com/x'\u{1b}[31m: timeout";
    let failure = EvaluationFailure { kind: FailureKind::Flake, message: Arc::from(message) };
    let facts =
        Facts { evaluations: [(asked(&session), Err(failure))].into_iter().collect(), ..Facts::default() };
    session.send(Msg::FactsLearnt(Ok(Box::new(facts))));
    frame!("outputs_failed_80x24", session);
}

#[test]
fn a_source_can_be_followed_pinned_and_attached() {
    let sizes = [(120, 36), (80, 24), (60, 20), (200, 60)];
    for size in sizes {
        let name = format!("source_{}x{}", size.0, size.1);
        frame!(name.as_str(), Session::new(size.0, size.1).keys("j j j j e"));
    }
    frame!("source_all_120x36", Session::new(120, 36).keys("j j j j e <tab> <down>"));
    frame!(
        "source_elements_80x24",
        Session::new(80, 24).keys("j j j j e <down> <down> <down> <down> <shift-tab>")
    );
    frame!("source_wrong_80x24", Session::new(80, 24).keys("j j j j e <ctrl-u>").types("./x"));
    frame!("source_locked_80x24", Session::new(80, 24).keys("/").types("mytool").keys("<enter> e"));
}

#[test]
fn flakes_that_want_something_are_asked_about() {
    for (width, height) in [(120, 36), (80, 24), (60, 20), (200, 60)] {
        let mut session = Session::new(width, height);
        session.send(Msg::Progressed(firn::system::machine::ProgressEvent::SettingsIgnored {
            flake: "github:ada/tools\u{1b}[2J".to_owned(),
            settings: ["extra-substituters", "extra-trusted-public-keys"].map(str::to_owned).into(),
        }));
        frame!(format!("flake_settings_{width}x{height}"), session);
    }
}

#[test]
fn options_are_typed_and_told() {
    let mut session = Session::new(120, 36).keys("j j j j :").types("options remembered").keys("<enter>");
    session = session.types("--impure");
    frame!("options_element_120x36", session);
    let options = firn::core::nix_options::NixOptions::parse("--offline --max-jobs 4").unwrap();
    let mut session = Session::new(120, 36);
    session.send(Msg::RunOptionsSet(options, Ok(())));
    frame!("options_run_120x36", session);
}
