//! Options of Nix for this run, for elements, for flakes.

use super::*;
use crate::core::nix_options::{NixOptions, RememberedOptions};
use crate::system::machine::ProgressEvent;
use crate::tui::keymap::Scope;
use crate::tui::model::OptionsDeed;

fn options(line: &str) -> NixOptions {
    NixOptions::parse(line).unwrap()
}

fn moving() -> World {
    World::new()
        .installed("bat-0.24.0", 5, &["bin/bat"])
        .installed("tmux-3.5", 5, &["bin/tmux"])
        .of_nixpkgs("bat")
        .newer("bat", "bat-0.25.0", Some(&["bin/bat"]))
}

/// Runs what only the palette offers.
fn palette(bench: &mut Bench, words: &str) {
    bench.keys(":");
    for letter in words.chars() {
        bench.keys(&if letter == ' ' { "<space>".to_owned() } else { letter.to_string() });
    }
    bench.keys("<enter>");
}

fn asked(bench: &Bench) -> Vec<String> {
    let of = |effect: &Effect| match effect {
        Effect::LearnFacts(needs) => {
            needs.evaluations.iter().map(|question| question.options.line()).collect()
        }
        _ => Vec::new(),
    };
    bench.effects.iter().flat_map(of).collect()
}

#[test]
fn a_line_is_read_as_on_the_command_line_and_remembered() {
    let mut bench = Bench::on(moving());
    palette(&mut bench, "options remembered");
    bench.keys("--imp <enter>");
    assert_eq!(bench.toast(), "Not taken: '--imp' is no option of Nix.");
    bench.keys("ure <enter>");
    let remember = Effect::RememberOptions {
        base: Arc::clone(&bench.world.base),
        names: vec!["bat".to_owned()],
        options: options("--impure"),
    };
    assert_eq!(bench.ordered(), [remember]);
    let mut remembered = RememberedOptions::default();
    remembered.elements.insert("bat".to_owned(), options("--impure"));
    let deed = OptionsDeed::Elements(vec!["bat".to_owned()], options("--impure"));
    bench.tell(Msg::OptionsRead(deed, Ok(remembered)));
    assert!(bench.toast().contains("asked with --impure"), "{}", bench.toast());
    bench.keys("u");
    assert_eq!(asked(&bench), ["--impure"]);
}

#[test]
fn options_of_this_run_forget_what_was_learnt_without_them() {
    let mut bench = Bench::on(moving());
    bench.keys("u").learn();
    assert!(!bench.model.facts.evaluations.is_empty());
    palette(&mut bench, "options for this run");
    for letter in "--offline".chars() {
        bench.keys(&letter.to_string());
    }
    bench.keys("<enter>");
    assert_eq!(bench.ordered(), [Effect::SetRunOptions(options("--offline"))]);
    bench.tell(Msg::RunOptionsSet(options("--offline"), Err("no nix".to_owned())));
    assert!(bench.model.options.run.is_empty() && bench.toast() == "no nix");
    bench.keys("j");
    bench.tell(Msg::RunOptionsSet(options("--offline"), Ok(())));
    assert!(bench.model.facts.evaluations.is_empty());
    assert_eq!(asked(&bench).len(), 1, "it is asked again");
    assert!(bench.toast().starts_with("For this run: --offline."));
}

#[test]
fn what_a_flake_wants_to_set_becomes_a_question_when_nothing_else_has_the_keys() {
    let wanted = || {
        Msg::Progressed(ProgressEvent::SettingsIgnored {
            flake: "flake:nixpkgs".to_owned(),
            settings: vec!["extra-substituters".to_owned()],
        })
    };
    let mut bench = Bench::on(moving());
    bench.keys("u");
    bench.tell(wanted());
    assert_eq!(bench.model.scope(), Scope::Installed, "its answers are not in yet");
    bench.keys("p");
    bench.learn();
    assert_eq!(bench.model.scope(), Scope::Priority, "the field keeps the keys");
    bench.keys("<esc>");
    assert_eq!(bench.model.scope(), Scope::Settings);
    bench.keys("<enter>");
    assert_eq!(bench.model.scope(), Scope::Settings, "only an answer closes it");
    bench.keys("y");
    let accept = Effect::AnswerFlake {
        base: Arc::clone(&bench.world.base),
        flake: "flake:nixpkgs".to_owned(),
        accepted: true,
    };
    assert_eq!(bench.ordered().last(), Some(&accept));
    let trusted =
        RememberedOptions { trusted: ["flake:nixpkgs".to_owned()].into(), ..RememberedOptions::default() };
    bench.tell(Msg::OptionsRead(OptionsDeed::Flake("flake:nixpkgs".to_owned(), true), Ok(trusted)));
    assert_eq!(asked(&bench), ["--accept-flake-config"], "it is asked again, with its settings");
}

#[test]
fn a_question_that_was_put_off_or_answered_is_not_asked_again() {
    for (key, accepted_now) in [("<esc>", false), ("o", true)] {
        let mut bench = Bench::on(moving());
        for _ in 0..2 {
            bench.tell(Msg::Progressed(ProgressEvent::SettingsIgnored {
                flake: "path:/x".to_owned(),
                settings: vec!["max-jobs".to_owned()],
            }));
        }
        assert_eq!(bench.model.scope(), Scope::Settings);
        bench.keys(key);
        assert_eq!(bench.model.scope(), Scope::Installed, "{key}");
        assert_eq!(bench.model.facts.options.trusted.contains("path:/x"), accepted_now);
        bench.keys("j");
        assert_eq!(bench.model.scope(), Scope::Installed);
    }
}
