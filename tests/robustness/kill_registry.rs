//! Killed while a plan is applied that also edits the user's registry: each of the two is the old or the
//! new one, the registry new only if the profile is, and the next run does the rest.
//!
//! As often as [`super::kill`] kills (`FIRN_TEST_KILLS`), half of the times at any instant, half as soon
//! as the new generation is live.

use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

use serde_json::json;

use crate::arena::{Arena, ran};
use crate::kill::{Numbers, end_orphans, kills};
use crate::support::each_nix;

#[test]
fn a_kill_leaves_profile_and_registry_whole_on_the_playground() {
    kill_often(&Arena::playground());
}

#[test]
fn a_kill_leaves_profile_and_registry_of_nix_whole() {
    each_nix("a kill leaves profile and registry whole", |nix| kill_often(&Arena::nix(nix)));
}

/// A plan that makes another profile and another registry.
fn change(arena: &Arena, number: u64) -> Command {
    let changes = json!([
        { "change": "priority", "element": arena.element, "to": number },
        { "change": "registry-add", "from": "x", "to": format!("path:/{number}") },
    ]);
    let file = arena.root().join("plan.json");
    std::fs::write(&file, json!({ "version": 1, "changes": changes }).to_string()).unwrap();
    arena.command(&["apply", file.to_str().unwrap()])
}

fn registry(arena: &Arena) -> PathBuf {
    arena.root().join(match arena.title() {
        "nix" => "home/.config/nix/registry.json",
        _ => "playground/config/nix/registry.json",
    })
}

fn text(arena: &Arena) -> String {
    std::fs::read_to_string(registry(arena)).unwrap()
}

/// The profile and the registry that a plan would make.
fn planned(arena: &Arena, number: u64) -> (String, serde_json::Value) {
    let mut command = change(arena, number);
    command.args(["--dry-run", "--json"]);
    let mut plan = ran(command).expect(0).json();
    (plan["result"].as_str().unwrap().to_owned(), plan["registry"]["after"].take())
}

fn kill_often(arena: &Arena) {
    let mut random = Numbers(0xfeed);
    ran(change(arena, 1)).expect(0);
    let started = Instant::now();
    ran(change(arena, 2)).expect(0);
    let usual = started.elapsed();
    let (mut both, mut between, mut neither) = (0, 0, 0);
    for round in 0..kills() {
        let number = 2 * round + 10;
        let (old, old_text) = (arena.live(), text(arena));
        let (new, new_registry) = planned(arena, number);
        let mut child = change(arena, number).spawn().unwrap();
        let until = Instant::now() + usual.mul_f64(random.fraction());
        let reached = || if round % 2 == 0 { Instant::now() >= until } else { arena.live() != old };
        while !reached() && child.try_wait().unwrap().is_none() {
            std::hint::spin_loop();
        }
        // It may have ended just now.
        let _ = child.kill();
        child.wait().unwrap();
        end_orphans(arena.root(), true);
        let (live, text_now) = (arena.live(), text(arena));
        assert!(live == old || live == new, "round {round}: neither {old} nor {new} but {live}");
        if text_now == old_text {
            *(if live == old { &mut neither } else { &mut between }) += 1;
        } else {
            let now: serde_json::Value = serde_json::from_str(&text_now).unwrap();
            assert_eq!((now, &live), (new_registry, &new), "round {round}");
            both += 1;
        }
        let (new, _) = planned(arena, number + 1);
        ran(change(arena, number + 1)).expect(0);
        assert_eq!(arena.live(), new);
        assert!(text(arena).contains(&format!("\"/{}\"", number + 1)));
        let beside = std::fs::read_dir(registry(arena).parent().unwrap()).unwrap();
        let names: Vec<String> =
            beside.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        assert!(
            names.iter().all(|name| name == "registry.json" || name.starts_with(".registry-")),
            "{names:?}"
        );
    }
    println!("{}: both {both}, only the profile {between}, neither {neither}", arena.title());
}
