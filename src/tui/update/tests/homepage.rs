//! `o`: asked once, only on the key, and honest where no page or no desktop is.

use super::*;
use crate::core::manifest::{ElementSource, ExtendedOutputsSpec};
use crate::system::opener::Opened;
use crate::tui::model::JobKind;

const PAGE: &str = "https://jj.example/";

/// hello and jj come from a flake, the others from nowhere.
fn bench() -> Bench {
    let mut world = world();
    let mut manifest = world.base.manifest.clone();
    for name in ["hello", "jj"] {
        let source = ElementSource {
            original_url: "flake:nixpkgs".to_owned(),
            url: "github:NixOS/nixpkgs/9f2c1de".to_owned(),
            attr_path: format!("legacyPackages.x86_64-linux.{name}"),
            outputs: ExtendedOutputsSpec::Default,
        };
        manifest.elements.get_mut(name).unwrap().source = Some(source);
    }
    for name in ["jujutsu", "tmux"] {
        manifest.elements.get_mut(name).unwrap().source = None;
    }
    Arc::make_mut(&mut world.base).manifest = manifest;
    Bench::on(world)
}

fn asked(bench: &mut Bench) -> Option<String> {
    match &bench.ordered()[..] {
        [Effect::FindHomepage(source, _)] => Some(source.attr_path.clone()),
        _ => None,
    }
}

#[test]
fn the_page_is_asked_for_once_and_opened() {
    let mut bench = bench();
    bench.keys("j o");
    assert_eq!(asked(&mut bench).as_deref(), Some("legacyPackages.x86_64-linux.jj"));
    assert_eq!(bench.model.job.as_ref().map(|job| job.kind), Some(JobKind::Homepage));
    bench.keys("k o");
    assert_eq!(bench.toast(), "The homepage of jj is being looked up; ctrl-c stops it.");
    assert!(bench.ordered().is_empty());
    bench.tell(Msg::HomepageFound(Ok(Some(PAGE.to_owned()))));
    assert_eq!(bench.ordered(), [Effect::OpenPage(PAGE.to_owned())]);
    assert!(bench.model.job.is_none());
    bench.tell(Msg::PageOpened(PAGE.to_owned(), Ok(Opened::Yes)));
    assert_eq!(bench.toast(), "Opened https://jj.example/");
    bench.keys("j o");
    assert_eq!(bench.ordered(), [Effect::OpenPage(PAGE.to_owned())], "it is known now");
    bench.keys("Y");
    let Some(Overlay::Copy(menu)) = bench.overlay() else { panic!("no menu") };
    assert!(menu.rows.iter().any(|row| row.label == "homepage" && row.text.as_deref() == Ok(PAGE)));
}

#[test]
fn without_a_desktop_the_address_is_copied() {
    let mut bench = bench();
    bench.tell(Msg::PageOpened(PAGE.to_owned(), Ok(Opened::NoDesktop)));
    assert_eq!(bench.ordered(), [Effect::Copy(PAGE.to_owned())]);
    assert_eq!(bench.toast(), "No browser can be started here. To the clipboard: https://jj.example/");
}

#[test]
fn what_has_no_page_says_why() {
    let mut bench = bench();
    bench.keys("G o");
    assert!(bench.toast().starts_with("Nobody knows where tmux comes from"), "{}", bench.toast());
    bench.keys("3 o");
    assert!(bench.toast().starts_with("Only elements have a homepage"), "{}", bench.toast());
    bench.keys("1 g o");
    bench.tell(Msg::HomepageFound(Ok(None)));
    assert_eq!(bench.toast(), "hello names no homepage.");
    bench.keys("o");
    bench.tell(Msg::HomepageFound(Err("no network".to_owned())));
    assert_eq!(bench.toast(), "The homepage of hello could not be looked up: no network");
    assert!(bench.model.job.is_none());
}

#[test]
fn looking_up_can_be_stopped_and_does_not_hold_up_the_rest() {
    let mut bench = bench();
    bench.keys("o");
    bench.ordered();
    bench.keys("<ctrl-c>");
    assert_eq!(bench.ordered(), [Effect::Cancel]);
    bench.tell(Msg::HomepageFound(Err("cancelled".to_owned())));
    assert_eq!(bench.toast(), "Stopped.");
    bench.keys("o j d w y");
    assert!(bench.model.job.as_ref().is_some_and(|job| job.kind == JobKind::Apply));
    bench.tell(Msg::HomepageFound(Ok(None)));
    assert!(bench.model.job.as_ref().is_some_and(|job| job.kind == JobKind::Apply));
    let mut bench = super::homepage::bench();
    bench.keys("o q");
    assert!(bench.model.quit, "nothing is lost by quitting");
}

#[test]
fn in_the_tree_it_is_the_page_of_the_one_that_provides_the_line() {
    let mut bench = bench();
    bench.keys("0 . g");
    let line = bench.model.preview.lines.iter().position(|line| line.path == b"bin/hello");
    if line.is_none() {
        bench.keys("l");
    }
    let position = bench.model.preview.lines.iter().position(|line| line.path == b"bin/hello").unwrap();
    bench.model.preview.cursor.selected = position;
    bench.keys("o");
    assert_eq!(asked(&mut bench).as_deref(), Some("legacyPackages.x86_64-linux.hello"));
    bench.tell(Msg::HomepageFound(Ok(None)));
    bench.keys("g o");
    assert!(bench.toast().starts_with("A folder comes from several"), "{}", bench.toast());
}
