//! Two terminals on one profile of a real Nix: what happens in the other one while a plan is
//! staged is noticed by itself, said, and kept.

use portable_pty::CommandBuilder;

use crate::session::{PROGRAM, Session};
use crate::support::{PrivateNix, each_nix, write};

/// A profile with the packages `one` and `two`, and a third that is not in it; gives the third.
fn make_profile(nix: &PrivateNix) -> String {
    let package =
        |name: &str| nix.add_package(&format!("{name}-1.0"), |root| write(root, format!("bin/{name}"), name));
    let (one, two, extra) = (package("one"), package("two"), package("extra"));
    in_the_other_terminal(nix, &["install", &one, &two]);
    extra
}

/// `nix profile` on the profile, by hand.
fn in_the_other_terminal(nix: &PrivateNix, words: &[&str]) {
    let profile = nix.profile("p");
    let all = [&["profile", words[0], "--profile", profile.to_str().unwrap()], &words[1..]].concat();
    nix.run("nix", &all);
}

/// firn's interface on the profile.
fn open(nix: &PrivateNix) -> Session {
    let mut command = CommandBuilder::new(PROGRAM);
    command.env_clear();
    for (name, value) in nix.environment() {
        command.env(name, value);
    }
    command.env("TERM", "xterm-256color");
    command.env("TZ", "UTC");
    command.arg("--profile");
    command.arg(nix.profile("p"));
    command.cwd(nix.root().join("work"));
    Session::start_until("2 elements", command, tempfile::tempdir().unwrap())
}

/// The elements and the number of the live generation, as nix has them.
fn live(nix: &PrivateNix) -> (Vec<String>, String) {
    let manifest = std::fs::read(nix.profile("p").join("manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).unwrap();
    let names = manifest["elements"].as_object().unwrap().keys().cloned().collect();
    (names, std::fs::read_link(nix.profile("p")).unwrap().to_string_lossy().into_owned())
}

/// `nix profile add` in the other terminal, which firn tells.
fn nix_adds(nix: &PrivateNix, session: &mut Session, extra: &str) {
    in_the_other_terminal(nix, &["install", extra]);
    session.wait_for("Another program changed the profile: generation 2 is live now.");
}

#[test]
fn nix_adds_while_a_plan_is_staged_and_neither_is_lost() {
    each_nix("nix adds while a plan is staged", |nix| {
        let extra = make_profile(nix);
        let mut session = open(nix);
        session.press("d");
        session.wait_for("Staged: remove one");
        nix_adds(nix, &mut session, &extra);
        session.wait_for("Your plan stands on top of it");
        session.wait_until("what nix added", |screen| {
            screen.contents().contains("extra") && screen.contents().contains("staged 1")
        });
        assert_eq!(live(nix), (names(&["extra", "one", "two"]), "p-2-link".to_owned()));
        session.press("w");
        session.wait_for("nothing has changed yet");
        session.press("y");
        session.wait_for("Generation 3 is live.");
        assert_eq!(live(nix), (names(&["extra", "two"]), "p-3-link".to_owned()));
        session.press("q");
        assert!(session.end().success());
        session.assert_given_back();
    });
}

#[test]
fn a_review_that_is_open_meanwhile_is_not_applied_unseen() {
    each_nix("nix adds while a review is open", |nix| {
        let extra = make_profile(nix);
        let mut session = open(nix);
        session.press("dw");
        session.wait_for("nothing has changed yet");
        nix_adds(nix, &mut session, &extra);
        session.wait_for("the plan has changed: close this screen and open it again");
        // This `y` is for what was on screen before.
        session.press("yn");
        session
            .wait_until("the main screen", |screen| !screen.contents().contains("nothing has changed yet"));
        assert_eq!(live(nix), (names(&["extra", "one", "two"]), "p-2-link".to_owned()));
        session.press("w");
        session.wait_for("nothing has changed yet");
        session.press("y");
        session.wait_for("Generation 3 is live.");
        assert_eq!(live(nix), (names(&["extra", "two"]), "p-3-link".to_owned()));
        session.press("q");
        assert!(session.end().success());
    });
}

#[test]
fn nix_takes_away_what_a_plan_would_change() {
    each_nix("nix takes away what a plan would change", |nix| {
        make_profile(nix);
        let mut session = open(nix);
        session.press("p9\r");
        session.wait_for("Staged: priority 9");
        in_the_other_terminal(nix, &["remove", "one"]);
        session.wait_for("Another program changed the profile: generation 2 is live now.");
        session.wait_for("1 element");
        assert_eq!(live(nix), (names(&["two"]), "p-2-link".to_owned()));
        session.press("qy");
        assert!(session.end().success());
        assert_eq!(live(nix), (names(&["two"]), "p-2-link".to_owned()));
    });
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}
