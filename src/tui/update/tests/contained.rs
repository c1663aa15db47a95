//! `O` on an environment, and what an upgrade changes inside one.

use super::*;
use crate::core::contained_outputs::{ContainedOutput, ContainedPackage};
use crate::core::store_path::{StoreDir, StorePath};
use crate::tui::model::ContainedScreen;

fn path(name: &str) -> StorePath {
    let store = StoreDir::new("/nix/store");
    StorePath::parse(&store, &format!("/nix/store/{}-{name}", "b".repeat(32))).unwrap()
}

fn zlib() -> Vec<ContainedPackage> {
    let output = |(name, is_linked): (&str, bool)| ContainedOutput {
        name: name.to_owned(),
        path: Some(path(&format!("zlib-1.2.11-{name}"))),
        is_linked,
    };
    let outputs = [("dev", false), ("out", true)].map(output).into();
    vec![ContainedPackage { name: "zlib-1.2.11".to_owned(), outputs }]
}

/// The screen on `hello`, which came from no flake, once the store has answered.
fn opened(packages: Vec<ContainedPackage>) -> Bench {
    let mut bench = Bench::on(world());
    bench.keys("g O");
    let orders = bench.ordered();
    let [Effect::FindContained(paths)] = orders.as_slice() else { panic!("{orders:?}") };
    bench.tell(Msg::ContainedFound(paths.clone(), Ok(Arc::new(packages))));
    bench
}

fn screen(bench: &Bench) -> &ContainedScreen {
    let Some(Overlay::Contained(screen)) = bench.overlay() else { panic!("no screen") };
    screen
}

#[test]
fn outputs_of_an_environment_are_shown_and_their_line_copied() {
    let mut bench = opened(zlib());
    assert_eq!(screen(&bench).length(), 2);
    let needs = bench.ordered();
    assert!(matches!(needs.as_slice(), [Effect::LearnFacts(needs)] if needs.tree.packages.len() == 2));
    bench.keys("<enter>");
    assert_eq!(bench.ordered(), [Effect::Copy("zlib.dev".to_owned())]);
    bench.keys("j <enter>");
    assert!(bench.toast().contains("is in the environment already"), "{}", bench.toast());
    bench.keys("k Y 2");
    let line = "extraOutputsToInstall = [ \"dev\" ];".to_owned();
    assert!(bench.ordered().contains(&Effect::Copy(line)));
    bench.keys("<esc> <esc>");
    assert!(bench.overlay().is_none() && bench.staged().is_empty());
    bench.ordered();
    bench.keys("O");
    let again = bench.ordered();
    assert!(!again.iter().any(|effect| matches!(effect, Effect::FindContained(_))), "it is known");
}

#[test]
fn what_is_no_environment_says_so_and_is_asked_about_again() {
    let mut bench = opened(Vec::new());
    let reason = screen(&bench).rows.clone().unwrap().unwrap_err();
    assert!(reason.starts_with("It is no environment") && reason.contains("; e "), "{reason}");
    bench.keys("<enter>");
    assert_eq!(bench.toast(), "There is nothing here to copy.");
    bench.keys("<esc> O");
    assert!(matches!(bench.ordered().as_slice(), [Effect::FindContained(_)]));
    let paths = screen(&bench).store_paths.clone();
    bench.tell(Msg::ContainedFound(paths, Err("the store is closed".to_owned())));
    assert_eq!(screen(&bench).rows, Some(Err("the store is closed".to_owned())));
}
